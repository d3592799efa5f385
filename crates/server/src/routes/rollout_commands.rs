//! What people say to a rollout: checks they sign, and commands, which win over the controller.

use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use moic::json::{Fields, Problems};
use rollout::{APPROVAL, Check, Command, Event, NAME_LENGTH_MAX, Stage};
use serde_json::json;
use store::{RolloutId, StoreError, Transaction, rollouts};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::rollouts::{found, shown, told};
use crate::AppState;
use crate::auth::{Caller, Identity};
use crate::body::Submission;
use crate::error::ApiError;
use crate::fields;
use crate::rollouts::start;
use crate::rollouts::step::{self, Cause};

pub(crate) fn approvals() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(sign_rollout_check)).routes(routes!(approve_rollout))
}

pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(hold_rollout))
        .routes(routes!(resume_rollout))
        .routes(routes!(step_back_rollout))
        .routes(routes!(roll_back_rollout))
        .routes(routes!(abort_rollout))
}

/// A statement about a phase.
#[derive(ToSchema)]
#[schema(as = RolloutCheck, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read_check` takes apart")]
struct CheckBody {
    /// Name of the check, as the policy has it.
    #[schema(max_length = 60, pattern = "^[A-Za-z0-9_.:/@-]+$")]
    name: String,
    /// The phase it is about; without one the present one, or the first.
    phase: Option<String>,
    /// Whether it is good.
    passed: bool,
    /// What it rests on: a link or a sentence, up to 1000 characters.
    evidence: String,
    /// RFC 3339; until when it counts; without it, always.
    expires_at: Option<String>,
}

/// An approval.
#[derive(ToSchema)]
#[schema(as = RolloutApproval, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `approve_rollout` takes apart")]
struct ApprovalBody {
    /// The phase that is approved; refused where the rollout has left it meanwhile. Without it, the present one.
    phase: Option<String>,
    /// What it rests on: a link or a sentence, up to 1000 characters.
    evidence: String,
    /// RFC 3339; until when it counts; without it, always.
    expires_at: Option<String>,
}

/// Why.
#[derive(ToSchema)]
#[schema(as = RolloutReason)]
#[expect(dead_code, reason = "documents the body that the handlers take apart")]
struct ReasonBody {
    /// Up to 1000 characters; kept in the audit log.
    reason: String,
}

/// Why, and how far.
#[derive(ToSchema)]
#[schema(as = RolloutStepBack)]
#[expect(dead_code, reason = "documents the body that `step_back_rollout` takes apart")]
struct StepBackBody {
    /// Up to 1000 characters; kept in the audit log.
    reason: String,
    /// The phase to go to; without one, the one below.
    to: Option<String>,
}

/// Why, and which manual trigger has come true.
#[derive(ToSchema)]
#[schema(as = RolloutRollback)]
#[expect(dead_code, reason = "documents the body that `roll_back_rollout` takes apart")]
struct RollbackBody {
    /// Up to 1000 characters; kept in the audit log.
    reason: String,
    /// A manual trigger of the present phase, whose action is taken; without one everything is put back.
    trigger: Option<String>,
}

fn name(text: &str) -> Result<String, String> {
    fields::key(text, NAME_LENGTH_MAX)
}

fn expiry(fields: &mut Fields<'_, '_>, problems: &mut Problems, now: Timestamp) -> Option<Timestamp> {
    fields.parsed("expiresAt", problems, |text| {
        let instant: Timestamp =
            text.parse().map_err(|_| "must be an RFC 3339 instant, such as 2026-01-31T12:00:00Z".to_owned())?;
        if instant > now { Ok(instant) } else { Err("must be in the future".to_owned()) }
    })
}

/// Signs a check of a phase: who, when, whether it is good, what it rests on, until when it counts.
#[utoipa::path(post, path = "/api/rollouts/{rolloutId}/checks", operation_id = "sign_rollout_check", tag = "rollouts",
    params(("rolloutId" = Uuid, Path)), request_body = CheckBody,
    responses((status = 200, body = crate::rollouts::view::RolloutView)))]
async fn sign_rollout_check(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("sign a check of a rollout")?;
    let rollout = found(&state, id).await?;
    let now = state.shared_now();
    let (name, phase, passed, evidence, expires_at) = submission.read(|fields, problems| {
        let checked = fields.required("name", problems, name);
        let phase = fields.parsed("phase", problems, name);
        if !fields.has("passed") {
            fields.missing("passed", problems);
        }
        let passed = fields.boolean("passed", problems);
        let evidence = fields.required("evidence", problems, fields::reason);
        let expires_at = expiry(fields, problems, now);
        Some((checked?, phase, passed?, evidence?, expires_at))
    })?;
    let phase = match phase {
        Some(phase) => phase,
        None => phase_of(&rollout)?,
    };
    let check = Check { name, phase, passed, by: caller.key(), at: now, evidence, expires_at };
    told(&state, &caller, rollout.id, Event::Check(check)).await
}

/// The present phase of a rollout, or its first.
fn phase_of(rollout: &rollouts::Rollout) -> Result<String, ApiError> {
    let controller = step::controller_of(rollout)?;
    let present = controller.phase_of(&rollout.state).or_else(|| controller.phases().next().map(|(_, phase)| phase));
    present
        .map(|phase| phase.name.clone())
        .ok_or_else(|| ApiError::Internal(format!("the rollout {} has no phase", rollout.id)))
}

/// Approves the present phase: signs its check `approval`. Of a rollout that waits for a second person (four eyes) it is
/// the word that starts it, by another person than who asked for it.
#[utoipa::path(post, path = "/api/rollouts/{rolloutId}/approve", operation_id = "approve_rollout", tag = "rollouts",
    params(("rolloutId" = Uuid, Path)), request_body = ApprovalBody,
    responses((status = 200, body = crate::rollouts::view::RolloutView)))]
async fn approve_rollout(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("approve a rollout")?;
    let rollout = found(&state, id).await?;
    let now = state.shared_now();
    let (asked, evidence, expires_at) = submission.read(|fields, problems| {
        let asked = fields.parsed("phase", problems, name);
        let evidence = fields.required("evidence", problems, fields::reason);
        let expires_at = expiry(fields, problems, now);
        Some((asked, evidence?, expires_at))
    })?;
    if rollout.state.stage == Stage::AwaitingStart {
        if let Some(asked) = asked {
            return Err(ApiError::invalid("phase", &asked, "must be left out: what is agreed to is the start"));
        }
        if let Some(expires_at) = expires_at {
            let message = "must be left out: a start that was agreed to does not run out";
            return Err(ApiError::invalid("expiresAt", expires_at.to_string(), message));
        }
        if let Some(by) = &rollout.approved_by {
            return Err(ApiError::Conflict(format!("{by} has agreed to the start already")));
        }
        if !matches!(caller.identity, Identity::Person(_)) {
            let message = "a start waits for the word of a person, and this token belongs to none: sign in, or use a token that \
                was made for a person (POST /api/tokens with personId)";
            return Err(ApiError::SecondPerson(message.to_owned()));
        }
        if caller.key() == rollout.created_by {
            let message = "a start waits for the word of another person than who asked for it".to_owned();
            return Err(ApiError::SecondPerson(message));
        }
        let cause = Cause::person(caller.key(), now);
        state.store().write(move |tx| agree(tx, RolloutId(id), &evidence, &cause)).await?;
        return shown(&state, RolloutId(id)).await;
    }
    let phase = phase_of(&rollout)?;
    if let Some(asked) = asked.filter(|asked| *asked != phase) {
        let message =
            format!("the rollout is in the phase {phase}, and not in {asked} any more: look at what it shows now");
        return Err(ApiError::Conflict(message));
    }
    let check =
        Check { name: APPROVAL.to_owned(), phase, passed: true, by: caller.key(), at: now, evidence, expires_at };
    told(&state, &caller, rollout.id, Event::Check(check)).await
}

/// Keeps the second person's word; the controller starts the rollout if nothing else is missing.
fn agree(tx: &mut Transaction<'_>, id: RolloutId, evidence: &str, cause: &Cause) -> Result<(), StoreError> {
    let mut rollout = rollouts::get(tx, id)?;
    if !start::is_waiting(&rollout) {
        return Err(StoreError::VersionConflict { current: rollout.version });
    }
    rollout.approved_by = Some(cause.actor.clone());
    step::append(tx, &rollout, "rollout.approve", &json!({ "evidence": evidence }).to_string(), cause)?;
    rollouts::save(tx, &rollout, cause.now)
}

/// Reads a command's reason.
fn reason(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<String> {
    fields.required("reason", problems, fields::reason)
}

async fn commanded(
    state: &AppState,
    caller: &Caller,
    id: Uuid,
    submission: &Submission,
    command: impl FnOnce(String) -> Command,
) -> Result<Response, ApiError> {
    let rollout = found(state, id).await?;
    let reason = submission.read(reason)?;
    told(state, caller, rollout.id, Event::Command(command(reason))).await
}

/// Holds a rollout until somebody resumes it. Evidence goes on to be counted, and triggers still roll back.
#[utoipa::path(post, path = "/api/rollouts/{rolloutId}/hold", operation_id = "hold_rollout", tag = "rollouts",
    params(("rolloutId" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, body = crate::rollouts::view::RolloutView)))]
async fn hold_rollout(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    submission: Submission,
) -> Result<Response, ApiError> {
    commanded(&state, &caller, id, &submission, |reason| Command::Hold { reason }).await
}

/// Goes on where a rollout was held.
#[utoipa::path(post, path = "/api/rollouts/{rolloutId}/resume", operation_id = "resume_rollout", tag = "rollouts",
    params(("rolloutId" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, body = crate::rollouts::view::RolloutView)))]
async fn resume_rollout(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("resume a rollout")?;
    commanded(&state, &caller, id, &submission, |reason| Command::Resume { reason }).await
}

/// Goes to a lower phase; from the first one that is a rollback.
#[utoipa::path(post, path = "/api/rollouts/{rolloutId}/step-back", operation_id = "step_back_rollout", tag = "rollouts",
    params(("rolloutId" = Uuid, Path)), request_body = StepBackBody,
    responses((status = 200, body = crate::rollouts::view::RolloutView)))]
async fn step_back_rollout(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    submission: Submission,
) -> Result<Response, ApiError> {
    let rollout = found(&state, id).await?;
    let (reason, to) = submission.read(|fields, problems| {
        let said = reason(fields, problems);
        let to = fields.parsed("to", problems, name);
        Some((said?, to))
    })?;
    told(&state, &caller, rollout.id, Event::Command(Command::StepBack { to, reason })).await
}

/// Puts everything back, from whatever stage, at once; or, with a manual trigger, does what the policy says of it.
#[utoipa::path(post, path = "/api/rollouts/{rolloutId}/rollback", operation_id = "roll_back_rollout", tag = "rollouts",
    params(("rolloutId" = Uuid, Path)), request_body = RollbackBody,
    responses((status = 200, body = crate::rollouts::view::RolloutView)))]
async fn roll_back_rollout(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    submission: Submission,
) -> Result<Response, ApiError> {
    let rollout = found(&state, id).await?;
    let (reason, trigger) = submission.read(|fields, problems| {
        let said = reason(fields, problems);
        let trigger = fields.parsed("trigger", problems, name);
        Some((said?, trigger))
    })?;
    let command = match trigger {
        Some(trigger) => Command::Trip { trigger, reason },
        None => Command::RollBack { reason },
    };
    told(&state, &caller, rollout.id, Event::Command(command)).await
}

/// Stops the controller and leaves the flag as it is.
#[utoipa::path(post, path = "/api/rollouts/{rolloutId}/abort", operation_id = "abort_rollout", tag = "rollouts",
    params(("rolloutId" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, body = crate::rollouts::view::RolloutView)))]
async fn abort_rollout(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("abort a rollout")?;
    commanded(&state, &caller, id, &submission, |reason| Command::Abort { reason }).await
}
