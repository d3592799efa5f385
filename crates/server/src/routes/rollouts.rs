//! `/api/rollouts`: guarded rollouts, and what they are checked by before they start.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use moic::json::{Fields, Problems};
use rollout::{Latencies, Policy};
use serde::Serialize;
use store::{RolloutId, StoreError, Transaction, flag_book, rollouts};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::AppState;
use crate::answer::{self, Created, Pagination};
use crate::auth::Caller;
use crate::body::{Reading, Submission};
use crate::error::ApiError;
use crate::fields;
use crate::idempotency;
use crate::query::QueryFields;
use crate::rollouts::act;
use crate::rollouts::start::{self, Draft, Surroundings};
use crate::rollouts::step::Cause;
use crate::rollouts::view::{RolloutView, view};

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_rollouts)).routes(routes!(get_rollout)).routes(routes!(get_rollout_policy))
}

pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(start_rollout))
}

/// What a client sends to start a rollout.
#[derive(ToSchema)]
#[schema(as = NewRollout, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read_new` takes apart")]
struct NewRolloutBody {
    /// The policy, as TOML; without one the default policy of lot-level MOIC.
    policy: Option<String>,
    /// How long the same work took before, as `lotwise rollout baseline` prints it; for triggers that compare with it.
    #[schema(value_type = Option<Object>)]
    latency_baseline: Option<Latencies>,
    /// Whether a rollout of the flag that has not ended is to end with this one.
    supersede: Option<bool>,
}

/// A page of rollouts.
#[derive(Serialize, ToSchema)]
struct RolloutList {
    rollouts: Vec<RolloutView>,
    pagination: Pagination,
}

/// A policy.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PolicyText {
    /// The policy, as TOML.
    policy: String,
    /// SHA-256 of it.
    policy_hash: String,
}

pub(super) fn surroundings(state: &AppState) -> Surroundings {
    Surroundings::of(state.config(), state.live_flags().file())
}

/// Rollouts, the newest first; of one flag, or of all.
#[utoipa::path(get, path = "/api/rollouts", operation_id = "list_rollouts", tag = "rollouts",
    params(("flag" = Option<String>, Query), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = RolloutList)))]
async fn list_rollouts(State(state): State<AppState>, mut query: QueryFields) -> Result<Json<RolloutList>, ApiError> {
    let page = query.page();
    let flag = query.text("flag");
    query.finish()?;
    let (surroundings, now) = (surroundings(&state), state.shared_now());
    let read = move |tx: &mut Transaction<'_>| {
        let listing = rollouts::list(tx, flag.as_deref(), &page)?;
        let pagination = Pagination::of(&listing);
        let views = listing.items.into_iter().map(|rollout| view(tx, &rollout, &surroundings, now));
        Ok(RolloutList { rollouts: views.collect::<Result<_, _>>()?, pagination })
    };
    Ok(Json(state.store().read(read).await?))
}

/// A rollout: where it stands, what it waits for, how near everything is.
#[utoipa::path(get, path = "/api/rollouts/{rolloutId}", operation_id = "get_rollout", tag = "rollouts",
    params(("rolloutId" = Uuid, Path)), responses((status = 200, body = RolloutView)))]
async fn get_rollout(State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Response, ApiError> {
    shown(&state, RolloutId(id)).await
}

/// The answer with a rollout as it is now.
pub(super) async fn shown(state: &AppState, id: RolloutId) -> Result<Response, ApiError> {
    let (surroundings, now) = (surroundings(state), state.shared_now());
    let read = move |tx: &mut Transaction<'_>| {
        let rollout = rollouts::get(tx, id)?;
        view(tx, &rollout, &surroundings, now)
    };
    let view = state.store().read(read).await?;
    answer::record(view.version, &view)
}

/// The policy of a rollout.
#[utoipa::path(get, path = "/api/rollouts/{rolloutId}/policy", operation_id = "get_rollout_policy", tag = "rollouts",
    params(("rolloutId" = Uuid, Path)), responses((status = 200, body = PolicyText)))]
async fn get_rollout_policy(State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Json<PolicyText>, ApiError> {
    let rollout = state.store().read(move |tx| rollouts::get(tx, RolloutId(id))).await?;
    Ok(Json(PolicyText { policy: rollout.policy, policy_hash: rollout.policy_hash }))
}

/// Starts a rollout, or writes it down and starts it as soon as nothing is missing: the records of earlier environments,
/// a second person's word where four eyes are asked for.
#[utoipa::path(post, path = "/api/rollouts", operation_id = "start_rollout", tag = "rollouts",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewRolloutBody, responses((status = 201, body = RolloutView)))]
async fn start_rollout(
    State(state): State<AppState>,
    caller: Caller,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("start a rollout")?;
    let surroundings = surroundings(&state);
    let Reading { value, key } =
        submission.read_creation(|fields, problems| read_new(&submission, fields, problems))?;
    let value = match value {
        Ok(new) => checked(&state, new, &surroundings).await,
        Err(error) => Err(error),
    };
    let write = move |tx: &mut Transaction<'_>, act: &crate::act::Act, draft: &Draft| {
        let cause = Cause::person(act.actor.clone(), act.now);
        let taken = start::create(tx, draft, &surroundings, &cause)?;
        let location = format!("/api/rollouts/{}", taken.rollout.id);
        Created::record(location, &view(tx, &taken.rollout, &surroundings, act.now)?)
    };
    let response = idempotency::create_from(&state, &caller, None, &submission, Reading { value, key }, write).await?;
    // In force here before the answer.
    state.refresh_flags().await?;
    Ok(response)
}

/// Requests that a recorded baseline must have: as many as a control is calibrated with.
const BASELINE_REQUESTS_MIN: u64 = 1_000;

/// Policy text, baseline, and whether another rollout is to end.
struct New {
    policy: String,
    latency_baseline: Option<Latencies>,
    supersedes: bool,
}

fn read_new(submission: &Submission, fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<New> {
    let policy = fields.text("policy", problems).map(str::to_owned);
    let supersedes = fields.boolean("supersede", problems).unwrap_or(false);
    let latency_baseline = match fields::object(fields, "latencyBaseline", problems) {
        None => None,
        Some(_) => {
            let text = submission.raw_member("latencyBaseline")?;
            match serde_json::from_str(text.get()) {
                Ok(latencies) => latency_baseline(latencies, problems),
                Err(error) => {
                    let path = moic::json::Path::root();
                    let message = format!(
                        "must be what lotwise rollout baseline prints, {{\"counts\":[[BUCKET,REQUESTS],…]}}: {}",
                        without_place(&error)
                    );
                    problems.push(&path.field("latencyBaseline"), "an object", message);
                    None
                }
            }
        }
    };
    Some(New { policy: policy.unwrap_or_else(|| rollout::DEFAULT.to_owned()), latency_baseline, supersedes })
}

/// What a reader says, without a line and column that are not those of the request.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(said, _)| said).to_owned()
}

/// A baseline that a trigger can compare with: in this service's buckets, and with requests enough for its P99.
fn latency_baseline(latencies: Latencies, problems: &mut Problems) -> Option<Latencies> {
    let root = moic::json::Path::root();
    let path = root.field("latencyBaseline");
    if *latencies.bounds() != rollout::bounds() {
        let message = "must be this service's own bounds: leave them out, as lotwise rollout baseline does";
        problems.push(&path.field("bounds"), "other bounds", message.to_owned());
        return None;
    }
    let total = latencies.total();
    if total < BASELINE_REQUESTS_MIN {
        let message = format!("must be {BASELINE_REQUESTS_MIN} requests or more, for a P99 to compare with");
        problems.push(&path.field("counts"), total.to_string(), message);
        return None;
    }
    Some(latencies)
}

async fn checked(state: &AppState, new: New, surroundings: &Surroundings) -> Result<Draft, ApiError> {
    let policy: Policy = start::read_policy(&new.policy)?;
    let draft =
        Draft { policy_text: new.policy, policy, latency_baseline: new.latency_baseline, supersedes: new.supersedes };
    let book = state.store().read(flag_book::read).await?;
    start::check(&draft, &book, surroundings)?;
    Ok(draft)
}

/// Lets a rollout take an event that a person gives rise to, and answers the rollout.
///
/// # Errors
/// 409 for a command that means nothing where the rollout stands; what the database answers.
pub(super) async fn told(
    state: &AppState,
    caller: &Caller,
    id: RolloutId,
    event: rollout::Event,
) -> Result<Response, ApiError> {
    let cause = Cause::person(caller.key(), state.shared_now());
    match act::act(state, id, event, cause, act::Together::default()).await? {
        Ok(_) => shown(state, id).await,
        Err(refusal) => Err(ApiError::Conflict(refusal.to_string())),
    }
}

/// A rollout that is there.
///
/// # Errors
/// 404; what the database answers.
pub(super) async fn found(state: &AppState, id: Uuid) -> Result<rollouts::Rollout, StoreError> {
    state.store().read(move |tx| rollouts::get(tx, RolloutId(id))).await
}
