//! `/api/flags`: the flags, their definitions and their kill switches.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use moic::json::{Fields, Problems};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{StoreError, Transaction, flag_definitions};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::flag_changes::{self, FlagChangeView};
use crate::AppState;
use crate::act::Act;
use crate::answer::{self, Created, Pagination};
use crate::auth::Caller;
use crate::body::{Change, Reading, Submission};
use crate::error::ApiError;
use crate::fields;
use crate::flag_edit::{self, Edit, Outcome, Plan, Refusal, Way, What};
use crate::flag_switch::{self, Killed};
use crate::flag_view::{FlagView, Overview, archived_view, new_view};
use crate::idempotency;
use crate::query::QueryFields;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_flags)).routes(routes!(get_flag))
}

pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_flag))
        .routes(routes!(change_flag, archive_flag))
        .routes(routes!(restore_flag))
}

/// What acts at once in this process, whether the database takes it or not.
pub(crate) fn kills() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(kill_flag))
}

/// Why a flag is killed or restored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct ReasonBody {
    /// Up to 1000 characters; kept in the audit log.
    #[schema(example = "wrong marks in production")]
    reason: String,
}

/// What a client sends to create a flag.
#[derive(ToSchema)]
#[schema(as = NewFlag)]
#[expect(dead_code, reason = "documents the body that `read_new` takes apart")]
struct NewFlagBody {
    /// Letters, digits and `-_.:/@`, up to 200.
    #[schema(example = "checkout-redesign", pattern = "^[A-Za-z0-9_.:/@-]+$")]
    key: String,
    /// flagd's object: state, variants, defaultVariant, targeting, metadata.
    #[schema(value_type = Object)]
    definition: Box<RawValue>,
    /// Why; kept in the history.
    comment: Option<String>,
}

/// What a client sends to change a flag.
#[derive(ToSchema)]
#[schema(as = FlagDefinition)]
#[expect(dead_code, reason = "documents the body that `read_definition` takes apart")]
struct DefinitionBody {
    /// flagd's object: state, variants, defaultVariant, targeting, metadata.
    #[schema(value_type = Object)]
    definition: Box<RawValue>,
    /// Why; kept in the history.
    comment: Option<String>,
}

/// A page of flags.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FlagList {
    flags: Vec<FlagView>,
    pagination: Pagination,
}

/// Every flag that is not archived, by key.
#[utoipa::path(get, path = "/api/flags", operation_id = "list_flags", tag = "flags",
    params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, body = FlagList)))]
async fn list_flags(State(state): State<AppState>, mut query: QueryFields) -> Result<Json<FlagList>, ApiError> {
    let page = query.page();
    query.finish()?;
    let overview = Overview::read(&state).await?;
    let listing = page.of(overview.keys());
    let views = listing.items.iter().map(|key| overview.view(key)).collect::<Result<Vec<_>, _>>()?;
    let pagination = Pagination::of(&listing);
    Ok(Json(FlagList { flags: views.into_iter().flatten().collect(), pagination }))
}

/// One flag, an archived one too.
#[utoipa::path(get, path = "/api/flags/{key}", operation_id = "get_flag", tag = "flags",
    params(("key" = String, Path)), responses((status = 200, body = FlagView)))]
async fn get_flag(State(state): State<AppState>, Path(key): Path<String>) -> Result<Response, ApiError> {
    let view = view(&state, &key).await?;
    answer::record(view.version, &view)
}

async fn view(state: &AppState, key: &str) -> Result<FlagView, ApiError> {
    if let Some(view) = Overview::read(state).await?.view(key)? {
        return Ok(view);
    }
    let asked = key.to_owned();
    let stored = state.store().read(move |tx| flag_definitions::get(tx, &asked)).await?;
    let unknown = || ApiError::NotFound { what: "flag", id: key.to_owned() };
    archived_view(&stored.ok_or_else(unknown)?)
}

/// Creates a flag. The whole set is checked with it: any problem refuses it, with its path.
#[utoipa::path(post, path = "/api/flags", operation_id = "create_flag", tag = "flags",
    params(("Idempotency-Key" = Option<String>, Header)), request_body = NewFlagBody,
    responses((status = 201, body = FlagView), (status = 202, body = FlagChangeView, description = "Waits for a second person")))]
async fn create_flag(
    State(state): State<AppState>,
    caller: Caller,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("create a flag")?;
    let Reading { value, key } =
        submission.read_creation(|fields, problems| read_new(&submission, fields, problems))?;
    let write = |plan: Result<Plan, Refusal>| {
        let reading = Reading { value: plan.map_err(ApiError::from), key: key.clone() };
        let answer = idempotency::create_from(&state, &caller, None, &submission, reading, write_new);
        async { Ok(answer.await?) }
    };
    let answer = match value {
        Ok(edit) => flag_edit::carry_out(&state, &edit, Way::of(&state), write).await,
        Err(error) => write(Err(error.into())).await,
    };
    Ok(answer?)
}

fn write_new(tx: &mut Transaction<'_>, act: &Act, plan: &Plan) -> Result<Created, StoreError> {
    if let Outcome::Waits(change) = plan.write(tx, act)? {
        return Created::accepted(format!("/api/flag-changes/{}", change.id), &FlagChangeView::of(*change)?);
    }
    let key = plan.key().ok_or_else(|| StoreError::Internal("a creation without a key".to_owned()))?;
    let stored = flag_definitions::get(tx, key)?.ok_or_else(|| StoreError::Internal(format!("no flag {key}")))?;
    Created::record(format!("/api/flags/{}", answer::segment(key)), &new_view(&stored, &plan.set, act.now)?)
}

fn read_new(submission: &Submission, fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Edit> {
    let key = fields.required("key", problems, fields::flag_key);
    let definition = definition(submission, fields, problems);
    let comment = comment(fields, problems);
    Some(Edit { comment, what: What::Create { key: key?, definition: definition? } })
}

/// The object, as it was written; what is in it is the engine's to check.
fn definition(submission: &Submission, fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Box<RawValue>> {
    if !fields.has("definition") {
        fields.missing("definition", problems);
    }
    fields::object(fields, "definition", problems).and_then(|_| submission.raw_member("definition"))
}

/// Why, in the author's words.
pub(crate) fn comment(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<String> {
    fields.parsed("comment", problems, fields::reason)
}

/// Changes a flag's definition. The whole set is checked with it: any problem refuses it, with its path.
#[utoipa::path(put, path = "/api/flags/{key}", operation_id = "change_flag", tag = "flags",
    params(("key" = String, Path), ("If-Match" = Option<String>, Header)), request_body = Change<DefinitionBody>,
    responses((status = 200, body = FlagView), (status = 202, body = FlagChangeView, description = "Waits for a second person")))]
async fn change_flag(
    State(state): State<AppState>,
    caller: Caller,
    Path(key): Path<String>,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("change a flag")?;
    let (version, (definition, comment)) = submission.read_change(|fields, problems| {
        let definition = definition(&submission, fields, problems);
        let comment = comment(fields, problems);
        Some((definition?, comment))
    })?;
    let what = What::Change { key: key.clone(), version, definition };
    edited(&state, &caller, &key, Edit { comment, what }).await
}

/// Archives a flag: unknown from then on, with its history kept. The server's own flags cannot be archived.
#[utoipa::path(delete, path = "/api/flags/{key}", operation_id = "archive_flag", tag = "flags",
    params(("key" = String, Path), ("If-Match" = Option<String>, Header, description = "The version, where no body has it")),
    responses((status = 200, body = FlagView), (status = 202, body = FlagChangeView, description = "Waits for a second person")))]
async fn archive_flag(
    State(state): State<AppState>,
    caller: Caller,
    Path(key): Path<String>,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("archive a flag")?;
    let version = submission.read_version()?;
    let what = What::Archive { key: key.clone(), version };
    edited(&state, &caller, &key, Edit { comment: None, what }).await
}

/// Carries an edit of one flag out and answers the flag, or the change that waits.
async fn edited(state: &AppState, caller: &Caller, key: &str, edit: Edit) -> Result<Response, ApiError> {
    match flag_edit::submit(state, &edit, Way::of(state), Act::new(state, caller, None)).await? {
        Outcome::Done => {
            let view = view(state, key).await?;
            answer::record(view.version, &view)
        }
        Outcome::Waits(change) => flag_changes::waits(*change),
    }
}

/// Kills a flag: off for everyone from the next request on, whatever else says otherwise. Again is no error. While the
/// database is away the kill acts in this process, is stored as soon as possible, and the answer is 202.
#[utoipa::path(post, path = "/api/flags/{key}/kill", operation_id = "kill_flag", tag = "flags",
    params(("key" = String, Path)), request_body = ReasonBody,
    responses((status = 200, body = FlagView), (status = 202, body = FlagView, description = "Acts in this process only, until the database is back")))]
async fn kill_flag(
    State(state): State<AppState>,
    caller: Caller,
    Path(key): Path<String>,
    submission: Submission,
) -> Result<Response, ApiError> {
    let is_known = || state.live_flags().switchboard().set.get(&key).is_some();
    if !is_known() {
        // Another replica may have created it a moment ago.
        state.refresh_flags().await?;
        if !is_known() {
            return Err(ApiError::NotFound { what: "flag", id: key });
        }
    }
    let reason = submission.read(reason)?;
    let status = match flag_switch::kill(&state, &key, Act::new(&state, &caller, None), &reason).await? {
        Killed::Stored => StatusCode::OK,
        Killed::Pending => StatusCode::ACCEPTED,
    };
    Ok((status, Json(view(&state, &key).await?)).into_response())
}

/// Takes a kill back. A kill by environment variable stays, and the answer says so. Again is no error.
#[utoipa::path(post, path = "/api/flags/{key}/restore", operation_id = "restore_flag", tag = "flags",
    params(("key" = String, Path)), request_body = ReasonBody,
    responses((status = 200, body = FlagView), (status = 202, body = FlagChangeView, description = "Waits for a second person")))]
async fn restore_flag(
    State(state): State<AppState>,
    caller: Caller,
    Path(key): Path<String>,
    submission: Submission,
) -> Result<Response, ApiError> {
    // Whoever is limited to some funds may stop the flag for all, which is safe, but not start it for all.
    caller.must_see_all_funds("restore a flag")?;
    let reason = submission.read(reason)?;
    let what = What::Restore { key: key.clone(), reason };
    edited(&state, &caller, &key, Edit { comment: None, what }).await
}

fn reason(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<String> {
    fields.required("reason", problems, fields::reason)
}
