//! `/api/segments`: lists of targeting keys, such as the early adopters.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use moic::json::{Fields, Problems};
use serde::Serialize;
use serde_json::json;
use store::segments::{self, Member, MemberSource, Segment};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::act::Act;
use crate::answer::{self, Created, Pagination};
use crate::auth::Caller;
use crate::body::{Change, Submission};
use crate::error::ApiError;
use crate::fields;
use crate::idempotency;
use crate::query::QueryFields;

/// Characters of a segment's key.
const SEGMENT_KEY_LENGTH_MAX: usize = 100;
/// Characters of a targeting key.
const TARGETING_KEY_LENGTH_MAX: usize = 200;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_segments))
        .routes(routes!(get_segment))
        .routes(routes!(list_segment_members))
}

pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_segment))
        .routes(routes!(rename_segment))
        .routes(routes!(add_segment_member, remove_segment_member))
}

/// What a client sends to create a segment.
#[derive(ToSchema)]
#[schema(as = NewSegment)]
#[expect(dead_code, reason = "documents the body that `read_new` takes apart")]
struct NewSegmentBody {
    /// Letters, digits and `-_.:/@`, up to 100.
    #[schema(max_length = 100, pattern = "^[A-Za-z0-9_.:/@-]+$")]
    key: String,
    /// Name, up to 200 characters.
    name: String,
}

/// What a client sends to rename a segment.
#[derive(ToSchema)]
#[schema(as = SegmentName)]
#[expect(dead_code, reason = "documents the body that `rename_segment` takes apart")]
struct SegmentBody {
    /// Name, up to 200 characters.
    name: String,
}

/// A list of targeting keys.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Segment)]
struct SegmentView {
    /// Key.
    key: String,
    /// Name.
    name: String,
    /// Raised when it is renamed; send it with a PUT.
    version: i64,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Who created it.
    created_by: String,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Who renamed it last.
    updated_by: String,
}

/// Somebody in a segment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SegmentMember)]
struct MemberView {
    /// Whose targeting key it is, as in person:1.
    targeting_key: String,
    /// operator or invitation.
    source: &'static str,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    added_at: Timestamp,
    /// Who added them.
    added_by: String,
}

/// A page of segments.
#[derive(Serialize, ToSchema)]
struct SegmentList {
    segments: Vec<SegmentView>,
    pagination: Pagination,
}

/// A page of a segment's members.
#[derive(Serialize, ToSchema)]
struct MemberList {
    members: Vec<MemberView>,
    pagination: Pagination,
}

fn view(segment: Segment) -> SegmentView {
    SegmentView {
        key: segment.key,
        name: segment.name,
        version: segment.version,
        created_at: segment.created_at,
        created_by: segment.created_by,
        updated_at: segment.updated_at,
        updated_by: segment.updated_by,
    }
}

fn member_view(member: Member) -> MemberView {
    MemberView {
        targeting_key: member.targeting_key,
        source: member.source.as_str(),
        added_at: member.added_at,
        added_by: member.added_by,
    }
}

fn read_new(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<(String, String)> {
    let key = fields.required("key", problems, |text| fields::key(text, SEGMENT_KEY_LENGTH_MAX));
    let name = fields.required("name", problems, fields::name);
    Some((key?, name?))
}

/// Every segment, by key.
#[utoipa::path(get, path = "/api/segments", operation_id = "list_segments", tag = "segments",
    params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, body = SegmentList)))]
async fn list_segments(State(state): State<AppState>, mut query: QueryFields) -> Result<Json<SegmentList>, ApiError> {
    let page = query.page();
    query.finish()?;
    let listing = state.store().read(move |tx| segments::list(tx, &page)).await?;
    let pagination = Pagination::of(&listing);
    Ok(Json(SegmentList { segments: listing.items.into_iter().map(view).collect(), pagination }))
}

/// One segment.
#[utoipa::path(get, path = "/api/segments/{segmentKey}", operation_id = "get_segment", tag = "segments",
    params(("segmentKey" = String, Path)), responses((status = 200, body = SegmentView)))]
async fn get_segment(State(state): State<AppState>, Path(key): Path<String>) -> Result<Response, ApiError> {
    let segment = state.store().read(move |tx| segments::get(tx, &key)).await?;
    answer::record(segment.version, &view(segment))
}

/// Creates an empty segment.
#[utoipa::path(post, path = "/api/segments", operation_id = "create_segment", tag = "segments",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewSegmentBody, responses((status = 201, body = SegmentView)))]
async fn create_segment(
    State(state): State<AppState>,
    caller: Caller,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("edit segments")?;
    idempotency::create(&state, &caller, None, &submission, read_new, |tx, act, (key, name)| {
        let segment = segments::create(tx, key, name, &act.actor, act.now)?;
        act.record(tx, "segment.create", &format!("segment:{key}"), &json!({ "name": name }))?;
        Created::record(format!("/api/segments/{}", answer::segment(key)), &view(segment))
    })
    .await
}

/// Renames a segment.
#[utoipa::path(put, path = "/api/segments/{segmentKey}", operation_id = "rename_segment", tag = "segments",
    params(("segmentKey" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = Change<SegmentBody>, responses((status = 200, body = SegmentView)))]
async fn rename_segment(
    State(state): State<AppState>,
    caller: Caller,
    Path(key): Path<String>,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("edit segments")?;
    let (version, name) = submission.read_change(|fields, problems| fields.required("name", problems, fields::name))?;
    let act = Act::new(&state, &caller, None);
    let segment = state
        .store()
        .write(move |tx| {
            let segment = segments::rename(tx, &key, version, &name, &act.actor, act.now)?;
            act.record(tx, "segment.rename", &format!("segment:{key}"), &json!({ "name": name }))?;
            Ok(segment)
        })
        .await?;
    answer::record(segment.version, &view(segment))
}

/// A segment's members, by targeting key.
#[utoipa::path(get, path = "/api/segments/{segmentKey}/members", operation_id = "list_segment_members", tag = "segments",
    params(("segmentKey" = String, Path), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = MemberList)))]
async fn list_segment_members(
    State(state): State<AppState>,
    Path(key): Path<String>,
    mut query: QueryFields,
) -> Result<Json<MemberList>, ApiError> {
    let page = query.page();
    query.finish()?;
    let listing = state.store().read(move |tx| segments::members(tx, &key, &page)).await?;
    let pagination = Pagination::of(&listing);
    Ok(Json(MemberList { members: listing.items.into_iter().map(member_view).collect(), pagination }))
}

/// Puts somebody into a segment. Again is no error.
#[utoipa::path(put, path = "/api/segments/{segmentKey}/members/{targetingKey}", operation_id = "add_segment_member",
    tag = "segments", params(("segmentKey" = String, Path), ("targetingKey" = String, Path)), responses((status = 204)))]
async fn add_segment_member(
    State(state): State<AppState>,
    caller: Caller,
    Path((key, member)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let member = fields::key(&member, TARGETING_KEY_LENGTH_MAX)
        .map_err(|message| ApiError::malformed("targetingKey", &member, message))?;
    set_membership(&state, &caller, key, member, true).await
}

/// Takes somebody out of a segment. Again is no error.
#[utoipa::path(delete, path = "/api/segments/{segmentKey}/members/{targetingKey}",
    operation_id = "remove_segment_member", tag = "segments",
    params(("segmentKey" = String, Path), ("targetingKey" = String, Path)), responses((status = 204)))]
async fn remove_segment_member(
    State(state): State<AppState>,
    caller: Caller,
    Path((key, member)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    // Its characters are not looked at: whoever got in before they were restricted must get out.
    if member.len() > TARGETING_KEY_LENGTH_MAX {
        let message = format!("must have at most {TARGETING_KEY_LENGTH_MAX} characters");
        return Err(ApiError::malformed("targetingKey", &member, message));
    }
    set_membership(&state, &caller, key, member, false).await
}

async fn set_membership(
    state: &AppState,
    caller: &Caller,
    key: String,
    member: String,
    is_member: bool,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("edit segments")?;
    let act = Act::new(state, caller, None);
    state
        .store()
        .write(move |tx| {
            let (changed, action) = if is_member {
                let source = MemberSource::Operator;
                (segments::add_member(tx, &key, &member, source, &act.actor, act.now)?, "segment.add_member")
            } else {
                (segments::remove_member(tx, &key, &member)?, "segment.remove_member")
            };
            let details = json!({ "targetingKey": member, "changed": changed });
            act.record(tx, action, &format!("segment:{key}"), &details)
        })
        .await?;
    state.refresh_flags().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
