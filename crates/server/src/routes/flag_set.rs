//! `/api/flag-set`: what all definitions share, and the whole set as a flagd document, out and in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use flags::Bucketing;
use jiff::Timestamp;
use moic::json::{Fields, Path as JsonPath, Problems};
use serde::Serialize;
use serde_json::value::RawValue;
use store::flag_set::{self, FlagSet};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::flag_changes::{self, FlagChangeView};
use super::flags::comment;
use crate::AppState;
use crate::act::Act;
use crate::answer;
use crate::auth::Caller;
use crate::body::{Change, FlagDocument, Submission};
use crate::error::{ApiError, is_passing, of_flags};
use crate::fields;
use crate::flag_edit::{self, Edit, ImportReport, Outcome, Shared, Way, What};
use crate::flag_view::raw;
use crate::live_flags::{Document, FileFlags, Members, unique_names};
use crate::query::QueryFields;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_flag_set)).routes(routes!(export_flags))
}

pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(change_flag_set)).routes(routes!(import_flags))
}

/// What a client sends to change what all definitions share.
#[derive(ToSchema)]
#[schema(as = NewFlagSet)]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct FlagSetBody {
    /// `$evaluators`: rules by name, which definitions refer to. Left out: none.
    #[schema(value_type = Option<Object>)]
    evaluators: Option<serde_json::Value>,
    /// Metadata of every flag, overlaid by its own. Left out: none.
    #[schema(value_type = Option<Object>)]
    metadata: Option<serde_json::Value>,
    /// What `fractional` hashes: v2 or v3. Left out: v3.
    bucketing: Option<String>,
    /// Why; kept in the history.
    comment: Option<String>,
}

/// What all definitions share.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FlagSet)]
struct FlagSetView {
    /// `$evaluators`: rules by name, which definitions refer to.
    #[schema(value_type = Object)]
    evaluators: Box<RawValue>,
    /// Metadata of every flag, overlaid by its own.
    #[schema(value_type = Object)]
    metadata: Box<RawValue>,
    /// What `fractional` hashes: v2 or v3.
    bucketing: &'static str,
    /// Raised by every change, 0 before the first; send it with a PUT.
    version: i64,
    /// RFC 3339; null before the first change.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
    /// Who changed it last.
    updated_by: Option<String>,
}

fn view(set: &FlagSet) -> Result<FlagSetView, ApiError> {
    Ok(FlagSetView {
        evaluators: raw(set.evaluators.as_deref().unwrap_or("{}"))?,
        metadata: raw(set.metadata.as_deref().unwrap_or("{}"))?,
        bucketing: set.bucketing.as_str(),
        version: set.version,
        updated_at: set.updated_at,
        updated_by: set.updated_by.clone(),
    })
}

async fn current(state: &AppState) -> Result<Response, ApiError> {
    let set = state.store().read(flag_set::get).await?;
    answer::record(set.version, &view(&set)?)
}

/// What all stored definitions share.
#[utoipa::path(get, path = "/api/flag-set", operation_id = "get_flag_set", tag = "flags",
    responses((status = 200, body = FlagSetView)))]
async fn get_flag_set(State(state): State<AppState>) -> Result<Response, ApiError> {
    current(&state).await
}

/// Changes what all definitions share. The whole set is checked with it.
#[utoipa::path(put, path = "/api/flag-set", operation_id = "change_flag_set", tag = "flags",
    params(("If-Match" = Option<String>, Header)), request_body = Change<FlagSetBody>,
    responses((status = 200, body = FlagSetView), (status = 202, body = FlagChangeView, description = "Waits for a second person")))]
async fn change_flag_set(
    State(state): State<AppState>,
    caller: Caller,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("change the flags")?;
    let (version, (shared, comment)) =
        submission.read_change(|fields, problems| read(&submission, fields, problems))?;
    let edit = Edit { comment, what: What::ChangeSet { version, shared } };
    match flag_edit::submit(&state, &edit, Way::of(&state), Act::new(&state, &caller, None)).await? {
        Outcome::Done => current(&state).await,
        Outcome::Waits(change) => flag_changes::waits(*change),
    }
}

fn read(
    submission: &Submission,
    fields: &mut Fields<'_, '_>,
    problems: &mut Problems,
) -> Option<(Shared, Option<String>)> {
    let evaluators = object(submission, "evaluators", fields, problems);
    let metadata = object(submission, "metadata", fields, problems);
    let bucketing = fields.parsed("bucketing", problems, str::parse::<Bucketing>).unwrap_or_default();
    let comment = comment(fields, problems);
    Some((Shared { evaluators, metadata, bucketing }, comment))
}

fn object(
    submission: &Submission,
    name: &'static str,
    fields: &mut Fields<'_, '_>,
    problems: &mut Problems,
) -> Members {
    let text = fields::object(fields, name, problems).and_then(|_| submission.raw_member(name));
    let read = text.as_deref().map(|text| unique_names(&mut serde_json::Deserializer::from_str(text.get())));
    match read.transpose() {
        Ok(members) => members.unwrap_or_default(),
        Err(error) => {
            problems.push(&JsonPath::root().field(name), "", error.to_string());
            Members::new()
        }
    }
}

/// Every flag in force as a flagd document: the seeded, the stored and those of the watched file.
#[utoipa::path(get, path = "/api/flag-set/export", operation_id = "export_flags", tag = "flags",
    responses((status = 200, body = Object, description = "A flagd document")))]
async fn export_flags(State(state): State<AppState>) -> Result<Response, ApiError> {
    match state.refresh_flags().await {
        // What is in force while the database is away is what was last known of it.
        Err(error) if is_passing(&error) => {}
        outcome => outcome?,
    }
    let (book, file) = state.live_flags().sources();
    Ok(answer::json(StatusCode::OK, Document::new(book.as_ref(), file.as_deref())?.text()))
}

/// Takes the flags and shared parts of a flagd document, beside those that are there or in their place: all of it or
/// nothing. With `dryRun=true` says what would come of it, and writes nothing.
#[utoipa::path(post, path = "/api/flag-set/import", operation_id = "import_flags", tag = "flags",
    params(("dryRun" = Option<bool>, Query), ("comment" = Option<String>, Query)), request_body = Object,
    responses((status = 200, body = ImportReport), (status = 202, body = FlagChangeView, description = "Waits for a second person")))]
async fn import_flags(
    State(state): State<AppState>,
    caller: Caller,
    mut query: QueryFields,
    FlagDocument(document): FlagDocument,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("import flags")?;
    let is_dry_run = query.parsed("dryRun", str::parse::<bool>).unwrap_or(false);
    let comment = query.parsed("comment", fields::reason);
    query.finish()?;
    let what = What::Import { document: checked(&document)?, versions: None };
    let edit = Edit { comment, what };
    let report = flag_edit::report(&state, &edit).await?;
    if is_dry_run {
        return Ok(Json(report).into_response());
    }
    match flag_edit::submit(&state, &edit, Way::of(&state), Act::new(&state, &caller, None)).await? {
        Outcome::Done => Ok(Json(report).into_response()),
        Outcome::Waits(change) => flag_changes::waits(*change),
    }
}

/// The document taken apart, once the engine has found nothing wrong with its form. What its flags refer to may stand in
/// the set, so the rest is checked there.
fn checked(document: &[u8]) -> Result<FileFlags, ApiError> {
    let malformed =
        |error: &flags::LoadError| ApiError::Malformed { message: format!("the body is {error}"), details: Vec::new() };
    flags::FlagSet::load(document, Bucketing::default()).map_err(|error| match error {
        flags::LoadError::Invalid(problems) => ApiError::Invalid(problems.into_iter().map(of_flags).collect()),
        other => malformed(&other),
    })?;
    FileFlags::parse_strictly(document).map_err(|error| malformed(&error))
}
