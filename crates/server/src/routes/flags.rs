//! `/api/flags`: the flags, their kill switches, and what was done to them.

use axum::Json;
use axum::extract::{Path, State};
use flags::{Flag, OwnFlag};
use jiff::Timestamp;
use moic::json::{Fields, Problems};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use store::audit::{self, Entry, Filter};
use store::flag_state::{self, Change, FlagState};
use store::{StoreError, Transaction};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::act::Act;
use crate::answer::Pagination;
use crate::auth::Caller;
use crate::body::Submission;
use crate::error::ApiError;
use crate::fields;
use crate::query::QueryFields;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_flags)).routes(routes!(get_flag)).routes(routes!(list_flag_audit))
}

pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(kill_flag)).routes(routes!(restore_flag))
}

/// Why a flag is killed or restored.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct ReasonBody {
    /// Up to 1000 characters; kept in the audit log.
    #[schema(example = "wrong marks in production")]
    reason: String,
}

/// A flag.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Flag)]
struct FlagView {
    /// Key.
    key: &'static str,
    /// Whether a caller who wishes nothing gets the feature from this process.
    enabled: bool,
    /// What decided: `not_configured`, `killed_by_environment`, `killed` or `default`.
    reason_code: &'static str,
    /// Whether the stored kill switch is pulled.
    killed: bool,
    /// Why it was last killed or restored.
    reason: Option<String>,
    /// Who last changed it.
    changed_by: Option<String>,
    /// RFC 3339.
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Timestamp>,
    /// The environment variable of this process: unset, on, off or invalid.
    environment_switch: &'static str,
    /// What to know about the state, such as a kill that a restore does not lift.
    notes: Vec<String>,
    /// Variant that applies when nothing above decides.
    default_variant: String,
    /// Raised by every change.
    version: i64,
    /// The seeded definition.
    #[schema(value_type = Object)]
    definition: &'static OwnFlag,
}

/// A page of flags.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FlagList {
    flags: Vec<FlagView>,
    pagination: Pagination,
}

/// An entry of the audit log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuditEntry {
    /// Number of the entry.
    sequence: i64,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who.
    actor: String,
    /// Did what.
    action: String,
    /// To what.
    subject: String,
    /// What else there is to say.
    #[schema(value_type = Object)]
    details: Box<RawValue>,
}

/// A page of the audit log.
#[derive(Serialize, ToSchema)]
struct AuditList {
    audit: Vec<AuditEntry>,
    pagination: Pagination,
}

fn view(state: &AppState, flag: Flag<bool>, stored: FlagState) -> FlagView {
    let definition = flag.definition();
    let decision = state.flags().decide(flag, flags::Override::None);
    let switch = state.flags().switch(flag);
    let mut notes: Vec<String> = switch.warning(definition.environment_variable).into_iter().collect();
    if decision.reason == flags::DecisionReason::KilledByEnvironment {
        notes.push(format!(
            "{} keeps the flag off in this process; restoring does not lift it: set it to true and restart",
            definition.environment_variable
        ));
    }
    if decision.reason == flags::DecisionReason::NotConfigured {
        notes.push(format!("{} is not set, so the flag is off in this process", definition.environment_variable));
    }
    FlagView {
        key: definition.key,
        enabled: decision.enabled,
        reason_code: decision.reason.as_str(),
        killed: stored.killed,
        reason: stored.reason,
        changed_by: stored.changed_by,
        changed_at: stored.changed_at,
        environment_switch: switch.as_str(),
        notes,
        default_variant: stored.default_variant.unwrap_or_else(|| definition.default_variant.to_owned()),
        version: stored.version,
        definition,
    }
}

/// The flag a path names; admission has refused keys that are none.
fn named(key: &str) -> Result<Flag<bool>, ApiError> {
    let flag = flags::ENABLE_LOT_LEVEL_MOIC;
    if flag.key() == key { Ok(flag) } else { Err(ApiError::NotFound { what: "flag", id: key.to_owned() }) }
}

/// Every flag.
#[utoipa::path(get, path = "/api/flags", operation_id = "list_flags", tag = "flags", responses((status = 200, body = FlagList)))]
async fn list_flags(State(state): State<AppState>, query: QueryFields) -> Result<Json<FlagList>, ApiError> {
    let mut query = query;
    query.page();
    query.finish()?;
    let flag = flags::ENABLE_LOT_LEVEL_MOIC;
    let stored = state.store().read(move |tx| flag_state::get(tx, flag.key())).await?;
    Ok(Json(FlagList { flags: vec![view(&state, flag, stored)], pagination: Pagination::end() }))
}

/// One flag.
#[utoipa::path(get, path = "/api/flags/{key}", operation_id = "get_flag", tag = "flags",
    params(("key" = String, Path)), responses((status = 200, body = FlagView)))]
async fn get_flag(State(state): State<AppState>, Path(key): Path<String>) -> Result<Json<FlagView>, ApiError> {
    let flag = named(&key)?;
    let stored = state.store().read(move |tx| flag_state::get(tx, flag.key())).await?;
    Ok(Json(view(&state, flag, stored)))
}

/// Kills a flag: off for everyone from the next request on, whatever else says otherwise. Again is no error.
#[utoipa::path(post, path = "/api/flags/{key}/kill", operation_id = "kill_flag", tag = "flags",
    params(("key" = String, Path)), request_body = ReasonBody, responses((status = 200, body = FlagView)))]
async fn kill_flag(
    State(state): State<AppState>,
    caller: Caller,
    Path(key): Path<String>,
    submission: Submission,
) -> Result<Json<FlagView>, ApiError> {
    let flag = named(&key)?;
    let reason = submission.read(read)?;
    state.flags().kill_here();
    tracing::warn!(flag = flag.key(), actor = caller.key(), reason, "flag killed");
    let stored = switch(&state, &caller, flag, reason, "flag.kill", flag_state::kill).await;
    if let Err(error) = &stored {
        tracing::error!(flag = flag.key(), %error, "the kill holds in this process only: it could not be stored; repeat it");
    }
    stored
}

/// Takes a kill back. A kill by environment variable stays, and the answer says so. Again is no error.
#[utoipa::path(post, path = "/api/flags/{key}/restore", operation_id = "restore_flag", tag = "flags",
    params(("key" = String, Path)), request_body = ReasonBody, responses((status = 200, body = FlagView)))]
async fn restore_flag(
    State(state): State<AppState>,
    caller: Caller,
    Path(key): Path<String>,
    submission: Submission,
) -> Result<Json<FlagView>, ApiError> {
    // Whoever is limited to some funds may stop the flag for all, which is safe, but not start it for all.
    caller.must_see_all_funds("restore a flag")?;
    let flag = named(&key)?;
    let reason = submission.read(read)?;
    tracing::warn!(flag = flag.key(), actor = caller.key(), reason, "flag restored");
    switch(&state, &caller, flag, reason, "flag.restore", flag_state::restore).await
}

type Switch = fn(&mut Transaction<'_>, &str, &str, &str, Timestamp) -> Result<Change, StoreError>;

async fn switch(
    state: &AppState,
    caller: &Caller,
    flag: Flag<bool>,
    reason: String,
    action: &'static str,
    change: Switch,
) -> Result<Json<FlagView>, ApiError> {
    let act = Act::new(state, caller, None);
    let stored = state
        .store()
        .write(move |tx| {
            let Change { state, changed } = change(tx, flag.key(), &act.actor, &reason, act.now)?;
            let details = json!({ "reason": reason, "changed": changed });
            act.record(tx, action, &format!("flag:{}", flag.key()), &details)?;
            Ok(state)
        })
        .await?;
    state.learn_written_flag(flag, &stored);
    Ok(Json(view(state, flag, stored)))
}

fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<String> {
    fields.required("reason", problems, fields::reason)
}

/// What was done to a flag, the oldest first.
#[utoipa::path(get, path = "/api/flags/{key}/audit", operation_id = "list_flag_audit", tag = "flags",
    params(("key" = String, Path), ("limit" = Option<i64>, Query), ("cursor" = Option<i64>, Query, description = "The last sequence seen")),
    responses((status = 200, body = AuditList)))]
async fn list_flag_audit(
    State(state): State<AppState>,
    Path(key): Path<String>,
    mut query: QueryFields,
) -> Result<Json<AuditList>, ApiError> {
    let limit = query.page_limit();
    let after = query.id("cursor").unwrap_or(0);
    query.finish()?;
    let subject = format!("flag:{}", named(&key)?.key());
    let mut entries = state
        .store()
        .read(move |tx| {
            let filter = Filter { subject: Some(&subject), fund_id: None };
            audit::list(tx, &filter, after, limit.get() + 1)
        })
        .await?;
    let fits = usize::try_from(limit.get()).unwrap_or(usize::MAX);
    let has_more = entries.len() > fits;
    entries.truncate(fits);
    let next = entries.last().filter(|_| has_more).map(|entry| entry.sequence.to_string());
    let audit = entries.into_iter().map(entry_view).collect::<Result<_, _>>()?;
    Ok(Json(AuditList { audit, pagination: Pagination::after(next) }))
}

fn entry_view(entry: Entry) -> Result<AuditEntry, ApiError> {
    let details = RawValue::from_string(entry.details).map_err(|error| {
        ApiError::Internal(format!("details of audit entry {} are not JSON: {error}", entry.sequence))
    })?;
    Ok(AuditEntry {
        sequence: entry.sequence,
        at: entry.at,
        actor: entry.actor,
        action: entry.action,
        subject: entry.subject,
        details,
    })
}
