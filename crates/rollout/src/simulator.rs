//! The operating characteristics of a policy: thousands of seeded rollouts on a virtual clock, with the controller that
//! runs on the service, beside models of the threshold rules that are usual in the field.

mod characteristics;
mod latency_draw;
mod scenario;
mod threshold_rules;
mod traffic;

use jiff::{SignedDuration, Timestamp};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use crate::controller::Controller;
use crate::decision::Verdict;
use crate::evidence::{TICK, Tick};
use crate::policy::Design;
use crate::replay::Replay;
use crate::state::Stage;

pub use characteristics::Characteristics;
pub use scenario::Scenario;
pub use threshold_rules::ThresholdRule;
use traffic::Traffic;

/// Requests a second that a simulation takes.
pub const RPS_MAX: f64 = 100_000.0;
/// Runs that a simulation takes.
pub const RUNS_MAX: u32 = 1_000_000;

/// Seconds since 1970 at which simulated rollouts start: 2026-01-01.
const START: Timestamp = Timestamp::constant(1_767_225_600, 0);
/// Keeps the random numbers of neighbouring runs apart: the golden ratio, as SplitMix64 has it.
const SEED_STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// What is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Simulation<'c> {
    /// The policy's controller.
    pub controller: &'c Controller,
    /// What happens.
    pub scenario: Scenario,
    /// Requests a second in both arms together.
    pub rps: f64,
    /// How many rollouts.
    pub runs: u32,
    /// The same seed gives the same runs, whatever the number of threads.
    pub seed: u64,
}

/// How one run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    end: End,
    /// Seconds since the start.
    at_s: i64,
}

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    RolledBack,
    Promoted,
    /// Neither at the horizon.
    Held,
}

/// Who decides in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decider {
    Controller,
    Rule(ThresholdRule),
}

impl Simulation<'_> {
    /// The controller's characteristics.
    #[must_use]
    pub fn run(&self) -> Characteristics {
        self.characteristics(Decider::Controller)
    }

    /// The characteristics of a threshold rule in the same scenario.
    #[must_use]
    pub fn run_rule(&self, rule: ThresholdRule) -> Characteristics {
        self.characteristics(Decider::Rule(rule))
    }

    /// The controller's characteristics from as many of the runs as are made, one after the other on this thread, while
    /// `go_on` says so. It is asked at each simulated tick; a run that it breaks off does not count.
    #[must_use]
    pub fn run_while(&self, go_on: &dyn Fn() -> bool) -> Characteristics {
        let outcomes: Vec<Outcome> =
            (0..self.runs).map_while(|run| self.controlled_while(self.traffic(run), |_| {}, go_on)).collect();
        let runs = u32::try_from(outcomes.len()).unwrap_or(self.runs);
        Characteristics::of(&Self { runs, ..*self }, &outcomes)
    }

    fn characteristics(&self, decider: Decider) -> Characteristics {
        let outcomes: Vec<Outcome> = (0..self.runs).into_par_iter().map(|run| self.outcome(run, decider)).collect();
        Characteristics::of(self, &outcomes)
    }

    /// The evidence that the controller sees in one run, to its end.
    #[must_use]
    pub fn evidence(&self, run: u32) -> Vec<Tick> {
        let mut ticks = Vec::new();
        self.controlled(self.traffic(run), |tick| ticks.push(tick.clone()));
        ticks
    }

    fn traffic(&self, run: u32) -> Traffic {
        let seed = self.seed.wrapping_add(SEED_STEP.wrapping_mul(u64::from(run) + 1));
        Traffic::new(self.scenario, self.rps, Pcg64Mcg::seed_from_u64(seed))
    }

    fn outcome(&self, run: u32, decider: Decider) -> Outcome {
        match decider {
            Decider::Controller => self.controlled(self.traffic(run), |_| {}),
            Decider::Rule(rule) => self.ruled(rule, self.traffic(run)),
        }
    }

    /// The longest that all phases together may soak.
    fn horizon_s(&self) -> i64 {
        self.controller.phases().map(|(_, phase)| phase.max_soak.as_secs()).sum()
    }

    /// The shortest that all phases together must soak.
    pub(crate) fn minimum_soak_s(&self) -> i64 {
        self.controller.phases().map(|(_, phase)| phase.min_soak.as_secs()).sum()
    }

    fn controlled(&self, traffic: Traffic, record: impl FnMut(&Tick)) -> Outcome {
        let held = Outcome { end: End::Held, at_s: self.horizon_s() };
        self.controlled_while(traffic, record, &|| true).unwrap_or(held)
    }

    /// How a run ends; none where it is broken off.
    fn controlled_while(
        &self,
        mut traffic: Traffic,
        mut record: impl FnMut(&Tick),
        go_on: &dyn Fn() -> bool,
    ) -> Option<Outcome> {
        let mut replay = Replay::starting(self.controller, at(TICK.as_secs())).with_checks_signed();
        let mut entry = 0;
        for end_s in ticks(self.horizon_s()) {
            if replay.state().entry != entry {
                entry = replay.state().entry;
                traffic.enter(self.share(replay.state().phase));
            }
            if !go_on() {
                return None;
            }
            let tick = traffic.tick(end_s, at(end_s));
            record(&tick);
            let replayed = replay.tick(tick);
            let verdict = replayed.decision.map(|decision| decision.verdict);
            if verdict == Some(Verdict::RollBack) {
                return Some(Outcome { end: End::RolledBack, at_s: end_s });
            }
            if replay.state().stage == Stage::Completed {
                return Some(Outcome { end: End::Promoted, at_s: end_s });
            }
        }
        Some(Outcome { end: End::Held, at_s: self.horizon_s() })
    }

    /// The treatment's share of the users in the phase at a position of the policy.
    fn share(&self, phase: Option<usize>) -> f64 {
        let phase = phase.and_then(|position| self.controller.policy().phases.get(position));
        match phase.map(|phase| phase.audience.design()) {
            Some(Design::Hashed(share)) => share,
            // Of those who are asked, as many as in a canary.
            Some(Design::OptIn) => 0.1,
            Some(Design::Everyone) | None => 1.0,
        }
    }

    /// A rollout that is rolled back by a rule, and promoted when the shortest soak of each phase is over.
    fn ruled(&self, rule: ThresholdRule, mut traffic: Traffic) -> Outcome {
        let mut start_s = 0;
        for (position, phase) in self.controller.phases() {
            traffic.enter(self.share(Some(position)));
            let mut judge = rule.judge();
            for end_s in ticks(phase.min_soak.as_secs()).map(|end_s| start_s + end_s) {
                let tick: Tick = traffic.tick(end_s, at(end_s));
                if judge.rolls_back(&tick) {
                    return Outcome { end: End::RolledBack, at_s: end_s };
                }
            }
            start_s += phase.min_soak.as_secs();
        }
        Outcome { end: End::Promoted, at_s: start_s }
    }
}

/// Ends of the ticks up to `horizon_s`, in seconds.
fn ticks(horizon_s: i64) -> impl Iterator<Item = i64> {
    let step = TICK.as_secs();
    (1..=horizon_s / step).map(move |number| number * step)
}

fn at(seconds: i64) -> Timestamp {
    START.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;

    use super::*;
    use crate::policy::{Environment, Policy, REFERENCE};

    #[test]
    fn runs_that_are_broken_off_do_not_count() {
        let policy = Arc::new(Policy::from_toml(REFERENCE).unwrap());
        let controller = Controller::new(policy, Environment::Production, None);
        let (scenario, rps) = (Scenario::Errors20Pct, 50.0);
        let simulation = Simulation { controller: &controller, scenario, rps, runs: 8, seed: 1 };
        let asked = Cell::new(0);
        let asked_less_than = |most: u32| {
            asked.set(asked.get() + 1);
            asked.get() < most
        };
        assert_eq!(simulation.run_while(&|| asked_less_than(u32::MAX)), simulation.run());
        let half = asked.replace(0) / 2;
        let found = simulation.run_while(&|| asked_less_than(half));
        assert!((1..8).contains(&found.runs), "{found:?}");
        let fewer = Simulation { runs: found.runs, ..simulation };
        assert_eq!(found, fewer.run());
        assert_eq!(simulation.run_while(&|| false).runs, 0);
    }
}
