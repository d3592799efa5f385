//! Snapshots: `/api/funds/{fundId}/portfolio/snapshots` and `/api/snapshots/{snapshotId}`.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use jiff::Timestamp;
use jiff::civil::Date;
use moic::json::{Fields, Problems};
use moic::quantity::parse_date;
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use store::SnapshotId;
use store::snapshots::{self, NewSnapshot, Snapshot, SnapshotStatus};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::AppState;
use crate::act::Act;
use crate::answer::{self, Created, Pagination, RETRY_AFTER_SECONDS};
use crate::auth::{Caller, FundScope};
use crate::body::{Change, Submission, wanted_version};
use crate::clock::today;
use crate::error::ApiError;
use crate::fields;
use crate::idempotency;
use crate::query::QueryFields;
use crate::rollouts::observation::Decided;
use crate::wire::LensResult;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_snapshots)).routes(routes!(get_snapshot))
}

pub(crate) fn writes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(rename_snapshot)).routes(routes!(delete_snapshot))
}

pub(crate) fn guarded_writes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_snapshot)).routes(routes!(retry_snapshot))
}

/// Why a result is not shown.
const WITHHELD: &str = "feature_disabled";

/// What a client sends to create a snapshot.
#[derive(ToSchema)]
#[schema(as = NewSnapshot, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct SnapshotBody {
    /// Name, up to 200 characters.
    #[schema(example = "Year end 2022")]
    name: String,
    /// The date it shows; today by default.
    #[schema(example = "2022-12-31")]
    as_of: Option<String>,
    /// Only what was recorded until then counts; now by default.
    known_at: Option<String>,
}

/// The new name of a snapshot.
#[derive(ToSchema)]
#[schema(as = RenamedSnapshot)]
#[expect(dead_code, reason = "documents the body that the handler takes apart")]
struct RenameBody {
    /// Name, up to 200 characters.
    name: String,
}

/// A snapshot that was accepted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AcceptedSnapshot {
    /// Its id.
    snapshot_id: Uuid,
    /// Where it stands.
    status: &'static str,
    /// Where to ask for it.
    status_url: String,
    /// Seconds after which to ask.
    retry_after: u32,
}

/// Steps of a calculation.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProgressView {
    /// Companies done.
    current: i64,
    /// Companies in all; 0 while unknown.
    total: i64,
}

/// A snapshot.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Snapshot)]
pub(crate) struct SnapshotView {
    /// UUID v7.
    id: Uuid,
    /// The fund.
    fund_id: i64,
    /// Its name.
    name: String,
    /// pending, calculating, complete or error.
    pub(crate) status: &'static str,
    /// How far its calculation has come.
    progress: ProgressView,
    /// The date it shows.
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    /// Only what was recorded until then counts.
    #[schema(value_type = String, format = DateTime)]
    known_at: Timestamp,
    /// Hash of its inputs.
    inputs_hash: Option<String>,
    /// The engine that computed it.
    engine_version: Option<String>,
    /// Why it failed.
    error: Option<String>,
    /// Whether the result was there already from the same inputs.
    cached: bool,
    /// Raised by every rename; send it with a PUT.
    version: i64,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// The lenses, once complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<LensResult>)]
    result: Option<Box<RawValue>>,
    /// Why a complete snapshot shows no result.
    #[serde(skip_serializing_if = "Option::is_none")]
    result_withheld: Option<&'static str>,
}

/// A page of snapshots, without their results.
#[derive(Serialize, ToSchema)]
struct SnapshotList {
    snapshots: Vec<SnapshotView>,
    pagination: Pagination,
}

/// A snapshot without its result.
pub(crate) fn view(snapshot: Snapshot) -> SnapshotView {
    SnapshotView {
        id: snapshot.id.0,
        fund_id: snapshot.fund_id.0,
        name: snapshot.name,
        status: snapshot.status.as_str(),
        progress: ProgressView { current: snapshot.progress.current, total: snapshot.progress.total },
        as_of: snapshot.as_of,
        known_at: snapshot.known_at,
        inputs_hash: snapshot.inputs_hash,
        engine_version: snapshot.engine_version,
        error: snapshot.error,
        cached: snapshot.cached,
        version: snapshot.version,
        created_at: snapshot.created_at,
        updated_at: snapshot.updated_at,
        result: None,
        result_withheld: None,
    }
}

/// A snapshot as a request describes it, before it has an id.
struct Order {
    name: String,
    as_of: Option<Date>,
    known_at: Option<Timestamp>,
}

fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems, now: Timestamp) -> Option<Order> {
    let name = fields.required("name", problems, fields::name);
    let as_of = fields.parsed("asOf", problems, parse_date);
    let known_at = fields.parsed("knownAt", problems, |text| match fields::instant(text) {
        Ok(instant) if instant > now => Err("must not be in the future: what will be recorded until then is not known"),
        other => other,
    });
    Some(Order { name: name?, as_of, known_at })
}

/// The snapshots of a fund, the newest first, without their results.
#[utoipa::path(get, path = "/api/funds/{fundId}/portfolio/snapshots", operation_id = "list_snapshots", tag = "snapshots",
    params(("fundId" = i64, Path), ("status" = Option<String>, Query), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = SnapshotList)))]
async fn list_snapshots(
    State(state): State<AppState>,
    scope: FundScope,
    mut query: QueryFields,
) -> Result<Json<SnapshotList>, ApiError> {
    let page = query.page();
    let status = query.parsed("status", |text| fields::one_of(SnapshotStatus::ALL, text));
    query.finish()?;
    let listing = state.store().read(move |tx| snapshots::list(tx, scope.fund_id, status, &page)).await?;
    let pagination = Pagination::of(&listing);
    Ok(Json(SnapshotList { snapshots: listing.items.into_iter().map(view).collect(), pagination }))
}

/// Accepts a snapshot; workers calculate it.
#[utoipa::path(post, path = "/api/funds/{fundId}/portfolio/snapshots", operation_id = "create_snapshot", tag = "snapshots",
    params(("fundId" = i64, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = SnapshotBody, responses((status = 202, body = AcceptedSnapshot)))]
async fn create_snapshot(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    submission: Submission,
) -> Result<Response, ApiError> {
    let fund_id = scope.fund_id;
    let today = today(state.clock());
    let now = state.clock().now();
    let read = |fields: &mut Fields<'_, '_>, problems: &mut Problems| read(fields, problems, now);
    let response = idempotency::create(&state, &caller, Some(fund_id), &submission, read, move |tx, act, order| {
        let new = NewSnapshot {
            id: SnapshotId(store::ids::uuid_v7(act.now)?),
            fund_id,
            name: order.name.clone(),
            as_of: order.as_of.unwrap_or(today),
            known_at: order.known_at,
        };
        let snapshot = snapshots::create(tx, &new, act.now)?;
        act.record(tx, "snapshot.create", &format!("snapshot:{}", snapshot.id), &json!({ "asOf": new.as_of }))?;
        Created::accepted(location(snapshot.id), &accepted(&snapshot))
    })
    .await?;
    state.snapshots().announce_work();
    Ok(response)
}

fn location(id: SnapshotId) -> String {
    format!("/api/snapshots/{id}")
}

fn accepted(snapshot: &Snapshot) -> AcceptedSnapshot {
    AcceptedSnapshot {
        snapshot_id: snapshot.id.0,
        status: snapshot.status.as_str(),
        status_url: location(snapshot.id),
        retry_after: RETRY_AFTER_SECONDS,
    }
}

/// A snapshot and, once complete, its result. While the feature is off for the caller the result is withheld.
#[utoipa::path(get, path = "/api/snapshots/{snapshotId}", operation_id = "get_snapshot", tag = "snapshots",
    params(("snapshotId" = Uuid, Path)), responses((status = 200, body = SnapshotView)))]
async fn get_snapshot(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    decided: Option<Extension<Decided>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let decided = decided.map(|Extension(decided)| decided.0);
    let shown = state.is_enabled(flags::ENABLE_LOT_LEVEL_MOIC, &caller, &headers, decided);
    let (snapshot, result) = state
        .store()
        .read(move |tx| {
            let snapshot = snapshots::get(tx, SnapshotId(id))?;
            let result = if shown { snapshots::result(tx, &snapshot)? } else { None };
            Ok((snapshot, result))
        })
        .await?;
    let (version, complete) = (snapshot.version, snapshot.status == SnapshotStatus::Complete);
    let mut view = view(snapshot);
    view.result_withheld = (complete && !shown).then_some(WITHHELD);
    view.result = result
        .map(RawValue::from_string)
        .transpose()
        .map_err(|error| ApiError::Internal(format!("the stored result of snapshot {id} is not JSON: {error}")))?;
    answer::record(version, &view)
}

/// Renames a snapshot.
#[utoipa::path(put, path = "/api/snapshots/{snapshotId}", operation_id = "rename_snapshot", tag = "snapshots",
    params(("snapshotId" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    request_body = Change<RenameBody>, responses((status = 200, body = SnapshotView)))]
async fn rename_snapshot(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    Path(id): Path<Uuid>,
    submission: Submission,
) -> Result<Response, ApiError> {
    let (version, name) = submission.read_change(|fields, problems| fields.required("name", problems, fields::name))?;
    let act = Act::new(&state, &caller, Some(scope.fund_id));
    let snapshot = state
        .store()
        .write(move |tx| {
            let snapshot = snapshots::rename(tx, SnapshotId(id), version, &name, act.now)?;
            act.record(tx, "snapshot.rename", &format!("snapshot:{id}"), &json!({ "name": name }))?;
            Ok(snapshot)
        })
        .await?;
    answer::record(snapshot.version, &view(snapshot))
}

/// Deletes a snapshot, with `If-Match` only if it is of that version; a calculation under way is dropped.
#[utoipa::path(delete, path = "/api/snapshots/{snapshotId}", operation_id = "delete_snapshot", tag = "snapshots",
    params(("snapshotId" = Uuid, Path), ("If-Match" = Option<String>, Header)), responses((status = 204)))]
async fn delete_snapshot(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    let wanted = wanted_version(&headers)?;
    let act = Act::new(&state, &caller, Some(scope.fund_id));
    state
        .store()
        .write(move |tx| {
            snapshots::delete(tx, SnapshotId(id), wanted)?;
            act.record(tx, "snapshot.delete", &format!("snapshot:{id}"), &json!({}))
        })
        .await?;
    state.snapshots().announce_change();
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a snapshot in error back in the queue.
#[utoipa::path(post, path = "/api/snapshots/{snapshotId}/retry", operation_id = "retry_snapshot", tag = "snapshots",
    params(("snapshotId" = Uuid, Path)), responses((status = 202, body = AcceptedSnapshot)))]
async fn retry_snapshot(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let act = Act::new(&state, &caller, Some(scope.fund_id));
    let created = state
        .store()
        .write(move |tx| {
            let snapshot = snapshots::retry(tx, SnapshotId(id), act.now)?;
            act.record(tx, "snapshot.retry", &format!("snapshot:{id}"), &json!({}))?;
            Created::accepted(location(snapshot.id), &accepted(&snapshot))
        })
        .await?;
    state.snapshots().announce_work();
    Ok(created.into_response(false))
}
