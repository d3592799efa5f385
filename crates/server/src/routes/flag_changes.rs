//! `/api/flag-changes`: edits of flags that wait for a second person.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use store::flag_changes::{self, FlagChange, FlagChangeStatus};
use store::{FlagChangeId, StoreError};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::AppState;
use crate::act::Act;
use crate::answer::Pagination;
use crate::auth::{Caller, Identity};
use crate::body::Submission;
use crate::error::ApiError;
use crate::fields;
use crate::flag_edit::{self, Approval, Refusal, Way};
use crate::query::QueryFields;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_flag_changes)).routes(routes!(get_flag_change))
}

/// What the second person does.
pub(crate) fn decisions() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(approve_flag_change)).routes(routes!(reject_flag_change))
}

/// What the first person does.
pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(withdraw_flag_change))
}

/// An edit of flags, and what has become of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FlagChange)]
pub(crate) struct FlagChangeView {
    /// Id.
    id: Uuid,
    /// The flag; null for a change of the whole set.
    flag_key: Option<String>,
    /// create, change, archive, restore, change_set or import.
    action: &'static str,
    /// The version it was made for.
    base_version: i64,
    /// What was asked for.
    #[schema(value_type = Object)]
    body: Box<RawValue>,
    /// Why, in the author's words.
    comment: Option<String>,
    /// pending, approved, rejected, withdrawn or outdated.
    status: &'static str,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    requested_at: Timestamp,
    /// Who asked for it.
    requested_by: String,
    /// RFC 3339; null while it waits.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
    /// Who decided it.
    decided_by: Option<String>,
    /// Why it was decided so.
    reason: Option<String>,
}

/// A page of changes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FlagChangeList {
    flag_changes: Vec<FlagChangeView>,
    pagination: Pagination,
}

/// Why a change is rejected.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body that the handler takes apart")]
struct RejectionBody {
    /// Up to 1000 characters.
    reason: String,
}

impl FlagChangeView {
    /// # Errors
    /// `Internal` for a kept body that is not JSON.
    pub(crate) fn of(change: FlagChange) -> Result<Self, StoreError> {
        let body = RawValue::from_string(change.body)
            .map_err(|error| StoreError::Internal(format!("a kept change is not JSON: {error}")))?;
        Ok(Self {
            id: change.id.0,
            flag_key: change.flag_key,
            action: change.action.as_str(),
            base_version: change.base_version,
            body,
            comment: change.comment,
            status: change.status.as_str(),
            requested_at: change.requested_at,
            requested_by: change.requested_by,
            decided_at: change.decided_at,
            decided_by: change.decided_by,
            reason: change.reason,
        })
    }
}

/// 202 with a change that waits, and where to look after it.
///
/// # Errors
/// `Internal` for a kept body that is not JSON.
pub(crate) fn waits(change: FlagChange) -> Result<Response, ApiError> {
    let location = HeaderValue::from_str(&format!("/api/flag-changes/{}", change.id));
    let mut response = (StatusCode::ACCEPTED, Json(FlagChangeView::of(change)?)).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// Changes in the order they were asked for.
#[utoipa::path(get, path = "/api/flag-changes", operation_id = "list_flag_changes", tag = "flags",
    params(("status" = Option<String>, Query, description = "pending, approved, rejected, withdrawn or outdated"),
        ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = FlagChangeList)))]
async fn list_flag_changes(
    State(state): State<AppState>,
    mut query: QueryFields,
) -> Result<Json<FlagChangeList>, ApiError> {
    let status = query.parsed("status", str::parse::<FlagChangeStatus>);
    let page = query.page();
    query.finish()?;
    let listing = state.store().read(move |tx| flag_changes::list(tx, status, &page)).await?;
    let pagination = Pagination::of(&listing);
    let flag_changes = listing.items.into_iter().map(FlagChangeView::of).collect::<Result<_, _>>()?;
    Ok(Json(FlagChangeList { flag_changes, pagination }))
}

/// One change.
#[utoipa::path(get, path = "/api/flag-changes/{changeId}", operation_id = "get_flag_change", tag = "flags",
    params(("changeId" = Uuid, Path)), responses((status = 200, body = FlagChangeView)))]
async fn get_flag_change(
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
) -> Result<Json<FlagChangeView>, ApiError> {
    Ok(Json(FlagChangeView::of(change(&state, id).await?)?))
}

async fn change(state: &AppState, id: Uuid) -> Result<FlagChange, ApiError> {
    Ok(state.store().read(move |tx| flag_changes::get(tx, FlagChangeId(id))).await?)
}

/// Agrees to a change, which is carried out at once. Takes another person than the one who asked for it. A change that
/// the flags do not take any more, because they have changed since, is outdated and has to be asked for again.
#[utoipa::path(post, path = "/api/flag-changes/{changeId}/approve", operation_id = "approve_flag_change", tag = "flags",
    params(("changeId" = Uuid, Path)), responses((status = 200, body = FlagChangeView)))]
async fn approve_flag_change(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<FlagChangeView>, ApiError> {
    let change = decidable(&state, &caller, id).await?;
    let edit = flag_edit::reopen(&change)?;
    // The author of the change is who wanted it; who agreed stands in the audit log beside them.
    let now = state.clock().now();
    let author = Act { actor: change.requested_by.clone(), now, fund_id: None };
    let approval = Approval { change: change.clone(), act: Act::new(&state, &caller, None) };
    match flag_edit::submit(&state, &edit, Way::Approved(Box::new(approval)), author).await {
        // It was fit when it was asked for, so flags have changed since.
        Err(Refusal::Unfit(error)) => {
            let reason = Some(error.to_string());
            return decided(&state, &caller, change, FlagChangeStatus::Outdated, reason).await.and(Err(error));
        }
        other => other?,
    };
    Ok(Json(FlagChangeView::of(self::change(&state, id).await?)?))
}

/// Refuses a change. Takes another person than the one who asked for it.
#[utoipa::path(post, path = "/api/flag-changes/{changeId}/reject", operation_id = "reject_flag_change", tag = "flags",
    params(("changeId" = Uuid, Path)), request_body = RejectionBody, responses((status = 200, body = FlagChangeView)))]
async fn reject_flag_change(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    submission: Submission,
) -> Result<Json<FlagChangeView>, ApiError> {
    let change = decidable(&state, &caller, id).await?;
    let reason = submission.read(|fields, problems| fields.required("reason", problems, fields::reason))?;
    decided(&state, &caller, change, FlagChangeStatus::Rejected, Some(reason)).await
}

/// Takes a change back. Only who asked for it can.
#[utoipa::path(post, path = "/api/flag-changes/{changeId}/withdraw", operation_id = "withdraw_flag_change", tag = "flags",
    params(("changeId" = Uuid, Path)), responses((status = 200, body = FlagChangeView)))]
async fn withdraw_flag_change(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<FlagChangeView>, ApiError> {
    let change = change(&state, id).await?;
    decided(&state, &caller, change, FlagChangeStatus::Withdrawn, None).await
}

/// The change, if the caller can be its second person: a person, and not its author. What a service or the admin token
/// says proves no second pair of eyes.
async fn decidable(state: &AppState, caller: &Caller, id: Uuid) -> Result<FlagChange, ApiError> {
    caller.must_see_all_funds("decide about a change of flags")?;
    let change = change(state, id).await?;
    if !matches!(caller.identity, Identity::Person(_)) {
        let message = format!("{} is no person: a change of flags takes a second person", caller.key());
        return Err(ApiError::SecondPerson(message));
    }
    if caller.key() == change.requested_by {
        let message = "you asked for this change: it takes a second person to decide it".to_owned();
        return Err(ApiError::SecondPerson(message));
    }
    Ok(change)
}

async fn decided(
    state: &AppState,
    caller: &Caller,
    change: FlagChange,
    status: FlagChangeStatus,
    reason: Option<String>,
) -> Result<Json<FlagChangeView>, ApiError> {
    let act = Act::new(state, caller, None);
    let decided =
        state.store().write(move |tx| flag_edit::decide(tx, &change, status, reason.as_deref(), &act)).await?;
    Ok(Json(FlagChangeView::of(decided)?))
}
