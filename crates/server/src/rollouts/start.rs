//! How a rollout begins: written down with its policy, then started as soon as nothing is missing.

use std::sync::Arc;

use jiff::Timestamp;
use moic::Problem;
use rollout::{Condition, Event, Latencies, Phase, Policy, PolicyError, Stage, State, TICK};
use serde_json::json;
use store::flag_book::{self, FlagBook};
use store::rollout_proof::{self, SampledContext};
use store::rollouts::{self, NewRollout, Rollout};
use store::{Page, RolloutId, StoreError, Transaction, ids, people, rollout_records, tokens};

use super::flag_config::{FlagConfig, Unfit};
use super::reading::{context_of, variant_of};
use super::record::Record;
use super::step::{self, Cause, NotTaken, Taken};
use crate::config::{Config, SigningSecret};
use crate::error::ApiError;
use crate::live_flags::{Document, FileFlags};

/// Invented callers in the sample, beside the people and tokens there are: a draw shows only among many.
const INVENTED_CONTEXTS: usize = 200;

/// A rollout that somebody asks for.
pub(crate) struct Draft {
    pub(crate) policy_text: String,
    pub(crate) policy: Policy,
    pub(crate) latency_baseline: Option<Latencies>,
    /// Whether a rollout of the flag that has not ended is to end with this one.
    pub(crate) supersedes: bool,
}

/// What a process knows that a start depends on.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub(crate) environment: rollout::Environment,
    pub(crate) four_eyes: bool,
    /// Whether the environment lets the server's own flag be on.
    lot_level_moic: bool,
    pub(crate) secret: Option<SigningSecret>,
    pub(crate) file: Option<Arc<FileFlags>>,
    /// Whether there is a Prometheus server to ask.
    asks_prometheus: bool,
}

impl Surroundings {
    pub(crate) fn of(config: &Config, file: Option<Arc<FileFlags>>) -> Self {
        Self {
            environment: config.environment.into(),
            four_eyes: config.four_eyes,
            lot_level_moic: config.lot_level_moic == flags::EnvironmentSwitch::On,
            secret: config.rollout_secret.clone(),
            file,
            asks_prometheus: config.prometheus.is_some(),
        }
    }

    fn is_off_here(&self, flag: &str) -> bool {
        flag == flags::ENABLE_LOT_LEVEL_MOIC.key() && !self.lot_level_moic
    }
}

/// Reads a policy that somebody hands in.
///
/// # Errors
/// [`ApiError::Invalid`] with every problem, under the path `policy`.
pub(crate) fn read_policy(text: &str) -> Result<Policy, ApiError> {
    Policy::from_toml(text).map_err(|error| match error {
        PolicyError::Invalid(problems) => ApiError::Invalid(
            problems
                .into_iter()
                .map(|problem| Problem::new(format!("policy.{}", problem.path), problem.value, problem.message))
                .collect(),
        ),
        other => ApiError::invalid("policy", "", other.to_string()),
    })
}

/// Checks that a policy's flag can be rolled out here.
///
/// # Errors
/// [`ApiError::Invalid`]; [`ApiError::ManagedByFile`] for a flag of the watched file.
pub(crate) fn check(draft: &Draft, book: &FlagBook, surroundings: &Surroundings) -> Result<(), ApiError> {
    let Policy { flag, .. } = &draft.policy;
    if surroundings.file.as_ref().is_some_and(|file| file.flags.contains_key(flag)) {
        return Err(ApiError::ManagedByFile { key: flag.clone() });
    }
    let unfit = |message: String| ApiError::invalid("policy.flag", flag, message);
    let config = FlagConfig::of(book, flag)?;
    config.ok_or(Unfit::Unknown).and_then(|config| config.check()).map_err(|error| unfit(error.to_string()))?;
    let environment = surroundings.environment;
    let phases = draft.policy.phases_of(environment);
    if phases.is_empty() {
        let message = format!("must have a phase for {environment}, the environment of this service");
        return Err(ApiError::invalid("policy.phases", "", message));
    }
    if surroundings.is_off_here(flag) {
        return Err(ApiError::Conflict(format!(
            "ENABLE_LOT_LEVEL_MOIC is not true for this service, so that nobody would get {flag}: set it and start the service again"
        )));
    }
    let has_queries = draft.policy.queries.is_some();
    if has_queries && !surroundings.asks_prometheus {
        let message = "needs a server to ask: set LOTWISE_PROMETHEUS_URL and start the service again";
        return Err(ApiError::invalid("policy.evidence.source", "prometheus", message));
    }
    let is_counted = has_queries || *flag == flags::ENABLE_LOT_LEVEL_MOIC.key();
    let measured = |position: &usize| draft.policy.phases.get(*position).is_some_and(compares_requests);
    if !is_counted && phases.iter().any(measured) {
        return Err(unfit(format!(
            "decides about no requests that this service counts, so that errors and latency of its users cannot be shown; \
             those of {} are counted",
            flags::ENABLE_LOT_LEVEL_MOIC.key()
        )));
    }
    let compares = |position: &usize| {
        let triggers = draft.policy.phases.get(*position).map_or(&[][..], |phase| &phase.triggers);
        triggers.iter().any(|trigger| matches!(trigger.condition, Condition::SlowerThanBaseline { .. }))
    };
    if draft.latency_baseline.is_none() && phases.iter().any(compares) {
        let message = "is missing: a trigger compares with how long the same work took before; \
            lotwise rollout baseline prints it from recorded evidence, and lotwise rollout start takes it with --baseline";
        return Err(ApiError::invalid("latencyBaseline", "", message));
    }
    Ok(())
}

/// Whether a phase asks for the errors or the latency of requests.
fn compares_requests(phase: &Phase) -> bool {
    phase.criteria.iter().any(|criterion| criterion.proof.test().is_some())
        || phase.triggers.iter().any(|trigger| trigger.condition.test().is_some())
}

/// Writes a rollout down and starts it if nothing is missing.
///
/// # Errors
/// `Conflict` by `rollout_running` for a flag that has one; what the database answers.
pub(crate) fn create(
    tx: &mut Transaction<'_>,
    draft: &Draft,
    surroundings: &Surroundings,
    cause: &Cause,
) -> Result<Taken, StoreError> {
    // First of all locks, since flags will change.
    flag_book::lock(tx)?;
    if store::flag_state::get(tx, &draft.policy.flag)?.killed {
        // Whoever restores it later means the flag, and not a rollout.
        let message = format!("the flag {} is killed: restore it first, and start the rollout then", draft.policy.flag);
        return Err(StoreError::Conflict { constraint: "rollout_running".to_owned(), message });
    }
    let mut guarding = None;
    let inherited = match rollouts::live_of_flag(tx, &draft.policy.flag)? {
        None => None,
        Some(running) if draft.supersedes => {
            guarding = running.state.stage.is_live().then_some(running.id);
            Some(supersede(tx, running, cause)?)
        }
        Some(running) => return Err(running_already(&running)),
    };
    let state = State::draft(cause.now);
    let new = NewRollout {
        id: RolloutId(ids::uuid_v7(cause.now)?),
        flag_key: &draft.policy.flag,
        environment: surroundings.environment,
        policy: &draft.policy_text,
        policy_hash: draft.policy.hash(),
        latency_baseline: draft.latency_baseline.as_ref(),
        state: &state,
    };
    let mut rollout = rollouts::create(tx, &new, &cause.actor, cause.now)?;
    // What was before the rollout that this one takes the place of is what was before.
    if let Some(before) = inherited {
        (rollout.baseline, rollout.rollback_target) = (before.baseline, before.rollback_target);
    }
    let details =
        json!({ "policyHash": rollout.policy_hash, "flag": rollout.flag_key, "environment": rollout.environment });
    step::append(tx, &rollout, "rollout.create", &details.to_string(), cause)?;
    let mut taken = None;
    for event in [Event::Validated, Event::Scheduled] {
        let step = must_be_taken(step::take(tx, rollout, &event, cause)?)?;
        rollout = step.rollout.clone();
        taken = Some(step);
    }
    let scheduled = taken.ok_or_else(|| StoreError::Internal("a rollout was not scheduled".to_owned()))?;
    let missing = missing(tx, &rollout, surroundings)?;
    match guarding {
        _ if missing.is_empty() => begin(tx, rollout, surroundings, cause),
        None => Ok(scheduled),
        // Between its end and the new one's start nobody would watch the flag.
        Some(guarding) => {
            let message = format!(
                "the rollout {guarding} guards the flag, and the new one cannot start yet, for want of: {}. Roll back or \
                 abort that one first",
                missing.join("; ")
            );
            Err(StoreError::Conflict { constraint: "rollout_running".to_owned(), message })
        }
    }
}

fn supersede(tx: &mut Transaction<'_>, running: Rollout, cause: &Cause) -> Result<Rollout, StoreError> {
    if !(running.state.stage.is_live() || running.state.stage.is_before_start()) {
        let message = format!(
            "the rollout {} of the flag {} is {}: wait until what was before is proven to be back",
            running.id, running.flag_key, running.state.stage
        );
        return Err(StoreError::Conflict { constraint: "rollout_running".to_owned(), message });
    }
    must_be_taken(step::take(tx, running, &Event::Superseded, cause)?).map(|taken| taken.rollout)
}

fn running_already(running: &Rollout) -> StoreError {
    let message = format!(
        "the flag {} has the rollout {}, which is {}: end it (rollback, abort), or put the new one in its place (\"supersede\": true, --supersede)",
        running.flag_key, running.id, running.state.stage
    );
    StoreError::Conflict { constraint: "rollout_running".to_owned(), message }
}

fn must_be_taken(step: Result<Taken, NotTaken>) -> Result<Taken, StoreError> {
    step.map_err(|refused| StoreError::Internal(format!("a rollout cannot begin: {refused:?}")))
}

/// What is missing before a rollout can start, in sentences.
///
/// # Errors
/// What the database answers.
pub(crate) fn missing(
    tx: &mut Transaction<'_>,
    rollout: &Rollout,
    surroundings: &Surroundings,
) -> Result<Vec<String>, StoreError> {
    let mut missing = Vec::new();
    if surroundings.four_eyes && rollout.approved_by.is_none() {
        missing.push("a second person must agree to the start (four eyes)".to_owned());
    }
    let controller = step::controller_of(rollout)?;
    let earlier = controller.policy().phases.iter().filter(|phase| phase.environment < rollout.environment);
    let records = rollout_records::of_flag(tx, &rollout.flag_key)?;
    for phase in earlier {
        let is_done =
            records.iter().filter_map(|record| serde_json::from_str::<Record>(&record.record).ok()).any(|record| {
                record.policy_hash == rollout.policy_hash
                    && record.environment == phase.environment.as_str()
                    && record.phases.contains(&phase.name)
                    && surroundings.secret.as_ref().is_some_and(|secret| record.is_signed_by(secret))
            });
        if !is_done {
            missing.push(format!("the signed record of the phase {} from {}", phase.name, phase.environment));
        }
    }
    let config = FlagConfig::stored(tx, &rollout.flag_key)?.map(|(config, _)| config);
    if let Err(unfit) = config.ok_or(Unfit::Unknown).and_then(|config| config.check()) {
        missing.push(format!("a flag that can be rolled out: {unfit}"));
    }
    Ok(missing)
}

/// Starts a rollout for which nothing is missing: keeps what the flag was, and enters the first phase.
///
/// # Errors
/// What the database answers.
pub(crate) fn begin(
    tx: &mut Transaction<'_>,
    mut rollout: Rollout,
    surroundings: &Surroundings,
    cause: &Cause,
) -> Result<Taken, StoreError> {
    flag_book::lock(tx)?;
    let book = flag_book::read(tx)?;
    let unknown = || StoreError::NotFound { what: "flag", id: rollout.flag_key.clone() };
    let config = FlagConfig::of(&book, &rollout.flag_key)?.ok_or_else(unknown)?;
    rollout.written_hash = Some(config.hash());
    rollouts::end_observation(tx, &rollout.flag_key, cause.now)?;
    if rollout.baseline.is_none() {
        rollout.baseline = Some(written(&config)?);
        rollout.rollback_target = Some(written(&config.rollback_target())?);
    }
    rollout.closed_tick = Some(tick_before(cause.now));
    keep_sample(tx, &rollout, &book, surroundings, cause.now)?;
    must_be_taken(step::take(tx, rollout, &Event::Started, cause)?)
}

fn written(config: &FlagConfig) -> Result<String, StoreError> {
    serde_json::to_string(config).map_err(|error| StoreError::Internal(format!("a flag cannot be written: {error}")))
}

/// The end of the last tick at or before an instant: ticks end at multiples of 15 seconds.
pub(crate) fn tick_before(now: Timestamp) -> Timestamp {
    let second = now.as_second();
    Timestamp::from_second(second - second.rem_euclid(TICK.as_secs())).unwrap_or(now)
}

/// Keeps what callers are to get after a rollback: the people and tokens there are, and invented ones.
fn keep_sample(
    tx: &mut Transaction<'_>,
    rollout: &Rollout,
    book: &FlagBook,
    surroundings: &Surroundings,
    now: Timestamp,
) -> Result<(), StoreError> {
    let page = Page { limit: store::Limit::new(store::Limit::MAX).unwrap_or_default(), after: None };
    let people = people::list(tx, &page)?.items.into_iter().map(|person| person.id.key());
    let mut keys: Vec<String> = people.collect();
    keys.extend(tokens::list(tx, &page)?.items.into_iter().map(|token| format!("token:{}", token.id)));
    keys.extend((0..INVENTED_CONTEXTS).map(|number| format!("invented:{number}")));
    let target: FlagConfig = match &rollout.rollback_target {
        Some(target) => serde_json::from_str(target)
            .map_err(|error| StoreError::Internal(format!("what a rollout goes back to cannot be read: {error}")))?,
        None => return Ok(()),
    };
    let mut document = Document::new(Some(book), surroundings.file.as_deref())?;
    document.put(&rollout.flag_key, &target.in_force());
    let loaded = document
        .load()
        .map_err(|error| StoreError::Internal(format!("the flags after a rollback cannot be loaded: {error}")))?;
    for key in keys {
        let context = context_of(&key)?;
        let variant = variant_of(&loaded.set, &rollout.flag_key, &context, now.as_second());
        rollout_proof::keep_context(tx, rollout.id, &SampledContext { context, variant })?;
    }
    Ok(())
}

/// Whether a rollout waits for its start.
pub(crate) fn is_waiting(rollout: &Rollout) -> bool {
    rollout.state.stage == Stage::AwaitingStart
}
