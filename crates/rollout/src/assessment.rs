//! How a rollout stands, for people: what it waits for, what would stop it, what comes next.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::controller::Controller;
use crate::evidence::{Measure, TICK};
use crate::explanation::{grouped, lasting, percent, score};
use crate::forecast::{self, Need};
use crate::policy::{Action, Class, Criterion, Proof, Trigger};
use crate::state::{Check, Hold, Run, Stage, State};
use crate::statistics::real;

/// How a rollout stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assessment {
    /// Where it stands and what it waits for, in one sentence.
    pub waiting_for: String,
    /// What comes next, in one sentence.
    pub next: String,
    /// The criteria of the present phase.
    pub criteria: Vec<CriterionView>,
    /// The triggers of the present phase.
    pub triggers: Vec<TriggerView>,
    /// The checks of the present phase.
    pub checks: Vec<CheckView>,
}

/// How far a criterion is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CriterionView {
    /// Its name in the policy.
    pub name: String,
    /// Whether it is shown, and what was seen last agrees.
    pub is_shown: bool,
    /// ln E_pass; none for a level.
    pub log_e_pass: Option<f64>,
    /// ln of the score it takes.
    pub log_pass: Option<f64>,
    /// The share of the last five minutes, or the highest level.
    pub recent: Option<f64>,
    /// Below this share the criterion is met; a level must not exceed it.
    pub success: f64,
    /// At or above this share nothing is promoted.
    pub limit: f64,
    /// Further requests it takes at the present share; none where it is shown, or cannot be shown like this.
    pub requests_needed: Option<u64>,
    /// The same in seconds, at the present rate of requests.
    pub seconds_needed: Option<u64>,
    /// All of that in a sentence.
    pub text: String,
}

/// How near a trigger is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggerView {
    /// Its name in the policy.
    pub name: String,
    /// What it rests on.
    pub class: Class,
    /// What it does.
    pub action: Action,
    /// ln E of its test; none where it is no test.
    pub log_e: Option<f64>,
    /// ln of the score at which it acts.
    pub log_threshold: Option<f64>,
    /// Whether what was seen last agrees with it.
    pub is_recent: bool,
    /// Whether it says nothing about cause and effect, because people chose their arm.
    pub is_observational: bool,
    /// Seconds a shared resource has been above its level.
    pub over_seconds: Option<i64>,
}

/// Whether a check is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckView {
    /// Its name in the policy.
    pub name: String,
    /// Whether it is there, good and in time.
    pub is_good: bool,
    /// The last statement that counts.
    pub statement: Option<Check>,
}

/// How a rollout stands at `now`.
#[must_use]
pub fn assess(controller: &Controller, state: &State, now: Timestamp) -> Assessment {
    let criteria = criteria(controller, state);
    let checks = checks(controller, state, now);
    Assessment {
        waiting_for: waiting_for(controller, state, &criteria, &checks),
        next: next(controller, state),
        triggers: triggers(controller, state),
        criteria,
        checks,
    }
}

/// Whether a criterion is shown, and what was seen last agrees.
pub(crate) fn is_shown(criterion: &Criterion, run: &Run, ln_pass: Option<f64>) -> bool {
    match criterion.proof {
        Proof::Level { at_most, .. } => run.scores.highest_level(&criterion.name).is_some_and(|level| level <= at_most),
        Proof::Errors { limit, .. } | Proof::Latency { limit, .. } => {
            is_proven(criterion, run, ln_pass)
                && run.scores.recent_share(criterion.proof).is_some_and(|share| share < limit)
        }
    }
}

fn is_proven(criterion: &Criterion, run: &Run, ln_pass: Option<f64>) -> bool {
    let ln_e_pass = run.scores.ln_e_pass(&criterion.name);
    matches!((ln_e_pass, ln_pass), (Some(ln_e), Some(ln_pass)) if ln_e >= ln_pass)
}

/// A level as people write it.
fn level(measure: Measure, level: f64) -> String {
    match measure {
        Measure::PoolInUse => percent(level),
        Measure::SnapshotSeconds => format!("{level:.1} s"),
        Measure::QueueDepth | Measure::WorkerMemoryBytes | Measure::Deadlocks => grouped(level),
    }
}

/// The criteria of the present phase.
#[must_use]
pub fn criteria(controller: &Controller, state: &State) -> Vec<CriterionView> {
    let (Some(phase), Some(run), Some(budget)) = (controller.phase_of(state), &state.run, controller.budget_of(state))
    else {
        return Vec::new();
    };
    let view = |criterion: &Criterion| match criterion.proof {
        Proof::Level { measure, at_most } => {
            let highest = run.scores.highest_level(&criterion.name);
            let is_shown = is_shown(criterion, run, None);
            let text = match highest {
                None => format!("{}: {} was not measured yet.", criterion.name, measure.described()),
                Some(highest) => {
                    let (highest, at_most) = (level(measure, highest), level(measure, at_most));
                    let within = if is_shown { "within" } else { "above" };
                    format!("{}: at most {highest}, {within} {at_most}.", criterion.name)
                }
            };
            CriterionView {
                name: criterion.name.clone(),
                is_shown,
                log_e_pass: None,
                log_pass: None,
                recent: highest,
                success: at_most,
                limit: at_most,
                requests_needed: None,
                seconds_needed: None,
                text,
            }
        }
        Proof::Errors { success, limit } | Proof::Latency { success, limit, .. } => {
            share_view(criterion, run, (success, limit), budget.ln_pass(&criterion.name))
        }
    };
    phase.criteria.iter().map(view).collect()
}

fn share_view(criterion: &Criterion, run: &Run, (success, limit): (f64, f64), ln_pass: Option<f64>) -> CriterionView {
    let recent = run.scores.recent_share(criterion.proof);
    let ln_e_pass = run.scores.ln_e_pass(&criterion.name);
    let is_proven = is_proven(criterion, run, ln_pass);
    let is_shown = is_shown(criterion, run, ln_pass);
    let missing = match (ln_e_pass, ln_pass) {
        (Some(ln_e), Some(ln_pass)) => (ln_pass - ln_e).max(0.0),
        _ => f64::INFINITY,
    };
    let arm = run.scores.recent().treatment();
    let seconds = run.scores.recent().seconds();
    let per_second = if seconds > 0.0 { real(arm.requests()) / seconds } else { 0.0 };
    let need = recent.filter(|_| !is_proven).map(|share| forecast::need(missing, success, limit, share, per_second));
    let requests_needed = need.and_then(Need::requests);
    let seconds_needed = need.and_then(Need::seconds);
    let seen = share_seen(criterion, run, recent, success);
    let proof = ln_e_pass.map_or_else(|| "-".to_owned(), score);
    let asked = ln_pass.map_or_else(|| "-".to_owned(), score);
    let verdict = match (is_proven, is_shown, requests_needed) {
        (true, true, _) => format!("shown ({proof} to 1; {asked} asked for)"),
        (true, false, _) => format!("was shown, but the last 5 minutes are not below {}", percent(limit)),
        (false, _, Some(requests)) => {
            let time = seconds_needed.map_or_else(String::new, |seconds| {
                format!(
                    ", {} at the present rate",
                    lasting(SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)))
                )
            });
            format!("about {} more requests needed{time}", grouped(real(requests)))
        }
        (false, _, None) if recent.is_none() => "nothing was seen in the last 5 minutes".to_owned(),
        (false, _, None) => format!("more requests like these will not show that it is below {}", percent(limit)),
    };
    CriterionView {
        name: criterion.name.clone(),
        is_shown,
        log_e_pass: ln_e_pass,
        log_pass: ln_pass,
        recent,
        success,
        limit,
        requests_needed,
        seconds_needed,
        text: format!("{}: {seen}; {verdict}.", criterion.name),
    }
}

/// What the last five minutes say about a criterion.
fn share_seen(criterion: &Criterion, run: &Run, recent: Option<f64>, success: f64) -> String {
    let requests = grouped(real(run.scores.recent().treatment().requests()));
    let Some(share) = recent else { return "no request".to_owned() };
    let meets = if share < success { "meets the criterion" } else { "does not meet the criterion" };
    match criterion.proof {
        Proof::Latency { seconds, .. } => {
            format!("{} of {requests} requests took longer than {seconds} s ({meets})", percent(share))
        }
        _ => format!("{} of {requests} requests failed ({meets})", percent(share)),
    }
}

fn triggers(controller: &Controller, state: &State) -> Vec<TriggerView> {
    let (Some(phase), Some(run), Some(budget)) = (controller.phase_of(state), &state.run, controller.budget_of(state))
    else {
        return Vec::new();
    };
    let is_observational = phase.audience.percent.is_none();
    let view = |trigger: &Trigger| {
        let class = trigger.condition.class();
        TriggerView {
            name: trigger.name.clone(),
            class,
            action: trigger.action,
            log_e: run.scores.ln_e(&trigger.name),
            log_threshold: budget.ln_threshold(&trigger.name),
            is_recent: run.scores.is_recent(trigger),
            is_observational: is_observational && class == Class::Causal,
            over_seconds: run.over.get(&trigger.name).map(SignedDuration::as_secs),
        }
    };
    phase.triggers.iter().map(view).collect()
}

fn checks(controller: &Controller, state: &State, now: Timestamp) -> Vec<CheckView> {
    let Some(phase) = controller.phase_of(state) else { return Vec::new() };
    let view = |name: &String| {
        let statement = state.check(&phase.name, name, now).cloned();
        CheckView { name: name.clone(), is_good: statement.as_ref().is_some_and(|check| check.passed), statement }
    };
    phase.checks.iter().map(view).collect()
}

const NOTHING_SEEN: &str = "No request with the treatment was seen yet.";
const COLD: &str = "Evidence arrives; the comparison of latencies needs 1,000 requests of the control first.";

fn waiting_for(controller: &Controller, state: &State, criteria: &[CriterionView], checks: &[CheckView]) -> String {
    let missing = || {
        let criteria = criteria.iter().filter(|criterion| !criterion.is_shown).map(|criterion| criterion.text.clone());
        let checks =
            checks.iter().filter(|check| !check.is_good).map(|check| format!("The check {} is missing.", check.name));
        let is_cold = state.run.as_ref().is_some_and(|run| !run.scores.is_warm());
        let calibration = is_cold.then(|| COLD.to_owned());
        calibration.into_iter().chain(criteria).chain(checks).collect::<Vec<_>>().join(" ")
    };
    match &state.stage {
        Stage::Draft | Stage::Validated => "It was written down and not started.".to_owned(),
        Stage::AwaitingStart => "It waits for what is missing for its start.".to_owned(),
        Stage::Entering | Stage::SteppingBack => "The flag is on its way to every replica.".to_owned(),
        Stage::WarmUp => match &state.run {
            Some(run) if run.scores.treatment().requests == 0 => NOTHING_SEEN.to_owned(),
            Some(run) if !run.scores.is_warm() => {
                format!("{COLD} {} were seen.", grouped(real(run.scores.control().requests)))
            }
            _ => "The first evidence arrives.".to_owned(),
        },
        Stage::Soaking | Stage::GateWait | Stage::GaBake => match remaining(controller, state) {
            Some(rest) => {
                format!("{} of the shortest soak are left. {}", lasting(rest), missing()).trim_end().to_owned()
            }
            None => missing(),
        },
        Stage::Held { reason, .. } => format!("It is held: {}", held_because(*reason)),
        Stage::RollingBack => "The flag of before is being put back.".to_owned(),
        Stage::Verifying => "Every replica is asked whether it has the flag of before.".to_owned(),
        Stage::RollbackStuck => {
            "It could not be proven that the flag of before is back: look at the replicas.".to_owned()
        }
        Stage::RolledBack => "It was rolled back, and that is proven.".to_owned(),
        Stage::Completed => "Every phase is done.".to_owned(),
        Stage::Aborted => "An operator stopped it; the flag is as it was then.".to_owned(),
        Stage::Superseded => "A newer rollout of the flag was started.".to_owned(),
    }
}

const fn held_because(reason: Hold) -> &'static str {
    match reason {
        Hold::Inconclusive => {
            "the longest soak is over and nothing is shown. Resume to wait on, step back, or roll back."
        }
        Hold::NoData => "nothing is seen of the treatment. It goes on by itself when there are requests.",
        Hold::MetricsError => "the evidence cannot be read. It goes on by itself when it can.",
        Hold::SampleRatioMismatch => {
            "the arms do not have the sizes they were drawn with. Find out why before you resume."
        }
        Hold::SharedIncident => "both arms suffer. It goes on when the control has recovered, or when you resume it.",
        Hold::ExternalEdit => {
            "somebody else has edited the flag. Resume to put the phase's audience back, or roll back."
        }
        Hold::Manual => "an operator, or a rule that only holds, said so. Resume it when you are done.",
        Hold::Approval => "a check did not come in time. It goes on when it is signed.",
    }
}

/// What is left of the shortest soak; none when it is over.
fn remaining(controller: &Controller, state: &State) -> Option<SignedDuration> {
    let (phase, run) = (controller.phase_of(state)?, state.run.as_ref()?);
    let rest = phase.min_soak.saturating_sub(run.soak);
    (rest >= TICK).then_some(rest)
}

fn next(controller: &Controller, state: &State) -> String {
    if state.stage.is_end() {
        return "Nothing: it has ended.".to_owned();
    }
    let following = controller.phases().find(|(position, _)| state.phase.is_none_or(|here| *position > here));
    match (&state.stage, following) {
        (Stage::RollingBack | Stage::Verifying | Stage::RollbackStuck, _) => {
            "RolledBack, once it is proven.".to_owned()
        }
        (_, Some((_, phase))) => format!("The phase {}, at {} % of the users.", phase.name, phase.audience.percent()),
        (_, None) => "Completed: on for everyone.".to_owned(),
    }
}
