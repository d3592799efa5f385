//! What a rollout has decided, and why: decisions, one of them in plain words, the audit log, and every decision made again.

use axum::Json;
use axum::extract::{Path, State};
use rollout::{Decision, Verdict};
use serde::Serialize;
use store::audit;
use store::{RolloutId, rollouts};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::rollouts::found;
use crate::AppState;
use crate::answer::Pagination;
use crate::audit_trail::{self, AuditList};
use crate::error::ApiError;
use crate::query::QueryFields;
use crate::rollouts::replayed::{self, Replayed};
use crate::rollouts::step::subject;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_rollout_decisions))
        .routes(routes!(explain_rollout))
        .routes(routes!(list_rollout_audit))
        .routes(routes!(replay_rollout))
        .routes(routes!(verify_audit))
}

/// A decision of a rollout.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RolloutDecision)]
struct DecisionView {
    /// Number of its entry in the audit log.
    sequence: i64,
    /// Who gave rise to it: the rollout itself, or a person.
    actor: String,
    /// Where the rollout stood after it.
    stage: String,
    /// When, verdict, rule, action, explanation and the numbers it was made by.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    decision: Decision,
}

/// The decisions of a rollout.
#[derive(Serialize, ToSchema)]
struct DecisionList {
    decisions: Vec<DecisionView>,
    pagination: Pagination,
}

/// A decision in plain words.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RolloutExplanation)]
struct Explanation {
    /// The decision it is about; null where none was made yet.
    sequence: Option<i64>,
    /// What was decided, why, by which numbers, and what it led to.
    text: String,
}

/// Whether decisions come out the same when they are made again.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RolloutReplay)]
struct ReplayView {
    /// Whether every one does.
    is_same: bool,
    /// One by one.
    records: Vec<Replayed>,
}

/// Whether the audit log is as it was written.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditVerification)]
struct Verification {
    /// Whether every entry has its hash and the hash of the one before.
    is_intact: bool,
    /// Number of the first entry that has not; null where all have.
    first_broken: Option<i64>,
}

/// At most `wanted` decisions before an entry of the audit log, the newest first.
async fn decisions(state: &AppState, id: Uuid, before: i64, wanted: usize) -> Result<Vec<DecisionView>, ApiError> {
    let read = move |tx: &mut store::Transaction<'_>| {
        let rollout = rollouts::get(tx, RolloutId(id))?;
        replayed::decisions(tx, &rollout, before, wanted)
    };
    let found = state.store().read(read).await?.into_iter().map(|(entry, record, decision)| DecisionView {
        sequence: entry.sequence,
        actor: entry.actor,
        stage: settled(record.result),
        decision,
    });
    Ok(found.collect())
}

/// A rollback is written in the step that decides it: what it led to is the rollback, not the proof that is asked for next.
fn settled(result: String) -> String {
    if result == "Verifying" { "RollingBack".to_owned() } else { result }
}

/// What a rollout has decided, the newest first.
#[utoipa::path(get, path = "/api/rollouts/{rolloutId}/decisions", operation_id = "list_rollout_decisions", tag = "rollouts",
    params(("rolloutId" = Uuid, Path), ("limit" = Option<i64>, Query), ("cursor" = Option<i64>, Query, description = "The last sequence seen")),
    responses((status = 200, body = DecisionList)))]
async fn list_rollout_decisions(
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    mut query: QueryFields,
) -> Result<Json<DecisionList>, ApiError> {
    let limit = query.page_limit();
    let before = query.id("cursor").unwrap_or(i64::MAX);
    query.finish()?;
    let fits = usize::try_from(limit.get()).unwrap_or(usize::MAX);
    let mut decisions = decisions(&state, id, before, fits.saturating_add(1)).await?;
    let has_more = decisions.len() > fits;
    decisions.truncate(fits);
    let next = decisions.last().filter(|_| has_more).map(|last| last.sequence.to_string());
    Ok(Json(DecisionList { decisions, pagination: Pagination::after(next) }))
}

/// One decision in plain words; the last one unless another is asked for.
#[utoipa::path(get, path = "/api/rollouts/{rolloutId}/explain", operation_id = "explain_rollout", tag = "rollouts",
    params(("rolloutId" = Uuid, Path), ("sequence" = Option<i64>, Query, description = "Number of the decision's entry")),
    responses((status = 200, body = Explanation)))]
async fn explain_rollout(
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    mut query: QueryFields,
) -> Result<Json<Explanation>, ApiError> {
    let sequence = query.id("sequence");
    query.finish()?;
    let before = sequence.map_or(i64::MAX, |sequence| sequence.saturating_add(1));
    let found = decisions(&state, id, before, 1).await?.pop();
    let decision = found.filter(|decision| sequence.is_none_or(|sequence| decision.sequence == sequence));
    match (decision, sequence) {
        (Some(decision), _) => Ok(Json(Explanation { sequence: Some(decision.sequence), text: in_words(&decision) })),
        (None, Some(sequence)) => Err(ApiError::NotFound { what: "decision", id: sequence.to_string() }),
        (None, None) => Ok(Json(Explanation { sequence: None, text: "Nothing was decided yet.".to_owned() })),
    }
}

fn in_words(view: &DecisionView) -> String {
    let DecisionView { actor, stage, decision, .. } = view;
    let at = decision.at;
    let done = match decision.verdict {
        Verdict::Promote => "went on to the next phase",
        Verdict::Hold => "was held",
        Verdict::StepBack => "went back to a lower phase",
        Verdict::RollBack => "was rolled back",
    };
    let phase = decision.phase.as_deref().unwrap_or("no phase");
    let (treatment, control) = (decision.numbers.treatment, decision.numbers.control);
    format!(
        "{at}: in the phase {phase} the rollout {done}, by the rule {} and {actor}. {}\n\
         Seen since the phase was entered: {} requests of the treatment, {} failed, {} users of whom {} had a failure; \
         {} of the control, {} failed, {} users of whom {} had a failure. The phase had soaked {}.\n\
         Then the rollout was {stage}.",
        decision.rule,
        decision.explanation,
        treatment.requests,
        treatment.failures,
        treatment.users,
        treatment.failed_users,
        control.requests,
        control.failures,
        control.users,
        control.failed_users,
        rollout::lasting(jiff::SignedDuration::from_secs(decision.numbers.soak_seconds)),
    )
}

/// What was done to a rollout, the oldest first: each entry with the hash of the one before.
#[utoipa::path(get, path = "/api/rollouts/{rolloutId}/audit", operation_id = "list_rollout_audit", tag = "rollouts",
    params(("rolloutId" = Uuid, Path), ("limit" = Option<i64>, Query), ("cursor" = Option<i64>, Query, description = "The last sequence seen")),
    responses((status = 200, body = AuditList)))]
async fn list_rollout_audit(
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    query: QueryFields,
) -> Result<Json<AuditList>, ApiError> {
    let rollout = found(&state, id).await?;
    audit_trail::of_subject(&state, subject(rollout.id), query).await
}

/// Makes every decision again from what the audit log has of it.
#[utoipa::path(get, path = "/api/rollouts/{rolloutId}/replay", operation_id = "replay_rollout", tag = "rollouts",
    params(("rolloutId" = Uuid, Path)), responses((status = 200, body = ReplayView)))]
async fn replay_rollout(State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Json<ReplayView>, ApiError> {
    let read = move |tx: &mut store::Transaction<'_>| {
        let rollout = rollouts::get(tx, RolloutId(id))?;
        replayed::replay(tx, &rollout)
    };
    let records = state.store().read(read).await?;
    Ok(Json(ReplayView { is_same: records.iter().all(|record| record.is_same), records }))
}

/// Checks the whole audit log: every entry's hash, and its link to the one before.
#[utoipa::path(get, path = "/api/audit/verify", operation_id = "verify_audit", tag = "rollouts",
    responses((status = 200, body = Verification)))]
async fn verify_audit(State(state): State<AppState>) -> Result<Json<Verification>, ApiError> {
    let first_broken = state.store().read(audit::verify).await?;
    Ok(Json(Verification { is_intact: first_broken.is_none(), first_broken }))
}
