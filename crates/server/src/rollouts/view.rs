//! A rollout as the API shows it.

use jiff::Timestamp;
use rollout::{Assessment, Audience, Numbers, Phase, assess, exposure};
use serde::Serialize;
use store::rollout_proof::{self, Reading};
use store::rollouts::{RollbackTimes, Rollout};
use store::{StoreError, Transaction, leases, replicas, rollout_evidence};
use utoipa::ToSchema;

use super::LEASE;
use super::due::{REPLICA_GONE, has_current};
use super::replayed;
use super::start::{self, Surroundings};
use super::step::controller_of;

/// A rollout.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Rollout)]
pub(crate) struct RolloutView {
    /// Id.
    id: String,
    /// Raised by every change.
    pub(crate) version: i64,
    /// The flag it moves.
    flag: String,
    /// development, staging or production.
    environment: &'static str,
    /// Name of the policy.
    policy: String,
    /// SHA-256 of the policy.
    policy_hash: String,
    /// Where it stands, such as Soaking or Held(NoData).
    stage: String,
    /// RFC 3339; since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// RFC 3339; until when at most, before somebody is called; null where soak time counts.
    #[schema(value_type = Option<String>, format = DateTime)]
    deadline: Option<Timestamp>,
    /// The present phase; null before the first.
    phase: Option<String>,
    /// Percentage of the users that the draw lets in.
    exposure: f64,
    /// The phases of this environment, in order.
    phases: Vec<PhaseView>,
    /// What is missing for its start, in sentences.
    missing: Vec<String>,
    /// What it waits for, how near every criterion and trigger is, which checks are missing.
    #[schema(value_type = Object)]
    assessment: Assessment,
    /// The numbers of the present phase; scores are natural logarithms.
    #[schema(value_type = Object)]
    numbers: Numbers,
    /// How often it has stepped back by itself.
    steps_back: u32,
    /// When a rollback did what, in seconds from one to the next; null without one.
    rollback: Option<RollbackView>,
    /// What was decided last; null before the first decision.
    last_decision: Option<LastDecision>,
    /// Whether the flag was on for everyone before the rollout: after a rollback it is off all the same, until somebody changes
    /// it.
    was_on_for_everyone: bool,
    /// Where the evidence comes from: service (its own counters) or prometheus.
    evidence_source: &'static str,
    /// What could not be read of the last tick, and why; null where everything was.
    evidence_problem: Option<String>,
    /// Id of the process that controls rollouts now; null while none does, so that nothing is decided.
    controlled_by: Option<String>,
    /// What each process says it has of the flag as it was written last, while that is asked.
    #[schema(value_type = Vec<Object>)]
    replicas: Vec<Reading>,
    /// Processes that have not said so yet, while that is asked.
    unheard_replicas: Vec<UnheardReplica>,
    /// Who agreed to the start, where a second person is asked for.
    approved_by: Option<String>,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Who wrote it down.
    created_by: String,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// RFC 3339; null while it goes on.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

/// What a rollout has decided last.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LastRolloutDecision)]
struct LastDecision {
    /// Number of its entry in the audit log.
    sequence: i64,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who gave rise to it: the rollout itself, or a person.
    actor: String,
    /// promote, hold, step_back or roll_back.
    verdict: &'static str,
    /// The rule, such as a trigger's name.
    rule: String,
    /// Why, in words.
    explanation: String,
}

/// A process that has not said what it has of a flag.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UnheardReplica)]
struct UnheardReplica {
    /// Its id.
    replica: String,
    /// RFC 3339; when it was last seen.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
    /// RFC 3339; when it counts as gone, unless it is seen again.
    #[schema(value_type = String, format = DateTime)]
    gone_at: Timestamp,
}

/// A phase of a rollout.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RolloutPhase)]
struct PhaseView {
    /// Name.
    name: String,
    /// Percentage of the users that the draw lets in.
    percent: f64,
    /// Whether those who ask, and may, get the feature, too.
    opt_in: bool,
    /// Seconds it soaks at least.
    min_soak_seconds: i64,
    /// Seconds it soaks at most.
    max_soak_seconds: i64,
    /// RFC 3339; when it was last entered; null if it was not.
    #[schema(value_type = Option<String>, format = DateTime)]
    entered_at: Option<Timestamp>,
    /// Whether the rollout is in it.
    is_present: bool,
}

/// The stopwatch of a rollback, in seconds; null for what has not happened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RollbackTimes)]
struct RollbackView {
    /// From the cause to the decision.
    decide_seconds: Option<f64>,
    /// To the durable write.
    commit_seconds: Option<f64>,
    /// Until every process has it and nobody is served with the treatment.
    drain_seconds: Option<f64>,
    /// Until somebody was served well without it.
    recover_seconds: Option<f64>,
}

impl From<RollbackTimes> for RollbackView {
    fn from(times: RollbackTimes) -> Self {
        let between =
            |from: Option<Timestamp>, to: Option<Timestamp>| Some(to?.duration_since(from?).as_secs_f64().max(0.0));
        Self {
            decide_seconds: between(times.triggered_at, times.decided_at),
            commit_seconds: between(times.decided_at, times.committed_at),
            drain_seconds: between(times.committed_at, times.drained_at),
            recover_seconds: between(times.drained_at, times.recovered_at),
        }
    }
}

/// The view of a rollout at `now`.
///
/// # Errors
/// What the database answers.
pub(crate) fn view(
    tx: &mut Transaction<'_>,
    rollout: &Rollout,
    surroundings: &Surroundings,
    now: Timestamp,
) -> Result<RolloutView, StoreError> {
    let controller = controller_of(rollout)?;
    let missing = if start::is_waiting(rollout) { start::missing(tx, rollout, surroundings)? } else { Vec::new() };
    let (readings, unheard_replicas) = if rollout.reads_back { said(tx, rollout, now)? } else { Default::default() };
    let last = replayed::decisions(tx, rollout, i64::MAX, 1)?.pop();
    let state = &rollout.state;
    let phase = |(position, phase): (usize, &Phase)| {
        let Audience { opt_in, .. } = phase.audience;
        PhaseView {
            name: phase.name.clone(),
            percent: phase.audience.percent(),
            opt_in,
            min_soak_seconds: phase.min_soak.as_secs(),
            max_soak_seconds: phase.max_soak.as_secs(),
            entered_at: state
                .entered
                .iter()
                .rev()
                .find(|entered| entered.phase == phase.name)
                .map(|entered| entered.at),
            is_present: state.phase == Some(position) && !state.stage.is_end(),
        }
    };
    // The service's own counters are always read.
    let asks_prometheus = controller.policy().queries.is_some();
    Ok(RolloutView {
        id: rollout.id.to_string(),
        version: rollout.version,
        flag: rollout.flag_key.clone(),
        environment: rollout.environment.as_str(),
        policy: controller.policy().name.clone(),
        policy_hash: rollout.policy_hash.clone(),
        stage: state.stage.to_string(),
        since: state.since,
        deadline: state.deadline,
        phase: controller.phase_of(state).map(|phase| phase.name.clone()),
        exposure: exposure(&controller, state),
        phases: controller.phases().map(phase).collect(),
        missing,
        assessment: assess(&controller, state, now),
        numbers: controller.numbers(state),
        steps_back: state.steps_back,
        rollback: rollout.rollback_times.map(RollbackView::from),
        last_decision: last.map(|(entry, _, decision)| LastDecision {
            sequence: entry.sequence,
            at: entry.at,
            actor: entry.actor,
            verdict: decision.verdict.as_str(),
            rule: decision.rule,
            explanation: decision.explanation,
        }),
        was_on_for_everyone: rollout.baseline != rollout.rollback_target,
        evidence_source: if asks_prometheus { "prometheus" } else { "service" },
        evidence_problem: if asks_prometheus { problem_of_last_tick(tx, rollout)? } else { None },
        controlled_by: leases::holder(tx, LEASE, now)?,
        replicas: readings,
        unheard_replicas,
        approved_by: rollout.approved_by.clone(),
        created_at: rollout.created_at,
        created_by: rollout.created_by.clone(),
        updated_at: rollout.updated_at,
        ended_at: rollout.ended_at,
    })
}

/// What processes have said of the flag as it was written last, and which of them have not said anything of it.
fn said(
    tx: &mut Transaction<'_>,
    rollout: &Rollout,
    now: Timestamp,
) -> Result<(Vec<Reading>, Vec<UnheardReplica>), StoreError> {
    let mut readings = rollout_proof::readings(tx, rollout.id)?;
    readings.retain(|reading| has_current(rollout, reading));
    let since = now.checked_sub(REPLICA_GONE).unwrap_or(Timestamp::MIN);
    let unheard = replicas::since(tx, since)?
        .into_iter()
        .filter(|replica| readings.iter().all(|reading| reading.replica != replica.id))
        .map(|replica| UnheardReplica {
            gone_at: replica.seen_at.checked_add(REPLICA_GONE).unwrap_or(Timestamp::MAX),
            seen_at: replica.seen_at,
            replica: replica.id,
        })
        .collect();
    Ok((readings, unheard))
}

/// What could not be read of the last tick that was decided about.
fn problem_of_last_tick(tx: &mut Transaction<'_>, rollout: &Rollout) -> Result<Option<String>, StoreError> {
    let Some(closed) = rollout.closed_tick else { return Ok(None) };
    let periods = rollout_evidence::of_tick(tx, rollout.id, closed)?;
    Ok(periods.into_iter().find_map(|period| period.counts.problem))
}
