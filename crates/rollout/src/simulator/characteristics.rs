//! What thousands of runs come to.

use serde::Serialize;

use super::{End, Outcome, Simulation};

/// The operating characteristics in one scenario. Shares of runs are numbers from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Characteristics {
    /// What happened.
    pub scenario: &'static str,
    /// Requests a second.
    pub rps: f64,
    /// How many rollouts.
    pub runs: u32,
    /// What they were drawn from.
    pub seed: u64,
    /// Share of runs that were rolled back before the fault, or although there was none.
    pub false_rollback: f64,
    /// Share that were rolled back.
    pub rolled_back: f64,
    /// Share that completed every phase.
    pub promoted: f64,
    /// Share that did neither.
    pub held: f64,
    /// Share that were rolled back at or after the fault's onset.
    pub detected: f64,
    /// Seconds from the onset to the decision, of those; none without any.
    pub median_detection_seconds: Option<f64>,
    /// The same for 19 of 20.
    pub p95_detection_seconds: Option<f64>,
    /// Seconds from the start to the completion, of those that completed.
    pub median_completion_seconds: Option<f64>,
    /// The shortest possible.
    pub minimum_soak_seconds: i64,
}

impl Characteristics {
    pub(super) fn of(simulation: &Simulation<'_>, outcomes: &[Outcome]) -> Self {
        let onset = simulation.scenario.onset_s();
        let share = |is_in: &dyn Fn(&Outcome) -> bool| {
            let count = outcomes.iter().filter(|outcome| is_in(outcome)).count();
            ratio(count, outcomes.len())
        };
        let is_rolled_back = |outcome: &Outcome| outcome.end == End::RolledBack;
        let is_detected =
            |outcome: &Outcome| is_rolled_back(outcome) && onset.is_some_and(|onset| outcome.at_s >= onset);
        let detections = outcomes.iter().filter(|outcome| is_detected(outcome));
        let detections = sorted(detections.map(|outcome| outcome.at_s - onset.unwrap_or(0)));
        let completions =
            sorted(outcomes.iter().filter(|outcome| outcome.end == End::Promoted).map(|outcome| outcome.at_s));
        Self {
            scenario: simulation.scenario.as_str(),
            rps: simulation.rps,
            runs: simulation.runs,
            seed: simulation.seed,
            false_rollback: share(&|outcome| is_rolled_back(outcome) && !is_detected(outcome)),
            rolled_back: share(&is_rolled_back),
            promoted: share(&|outcome| outcome.end == End::Promoted),
            held: share(&|outcome| outcome.end == End::Held),
            detected: share(&is_detected),
            median_detection_seconds: quantile(&detections, 0.5),
            p95_detection_seconds: quantile(&detections, 0.95),
            median_completion_seconds: quantile(&completions, 0.5),
            minimum_soak_seconds: simulation.minimum_soak_s(),
        }
    }
}

fn sorted(seconds: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut seconds: Vec<i64> = seconds.collect();
    seconds.sort_unstable();
    seconds
}

#[expect(clippy::cast_precision_loss, reason = "there are at most a million runs")]
fn ratio(count: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { count as f64 / all as f64 }
}

/// The smallest value that is at least as large as a share `q` of all.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "there are at most a million runs of a few hours"
)]
fn quantile(sorted: &[i64], q: f64) -> Option<f64> {
    let rank = (q * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).map(|seconds| *seconds as f64)
}
