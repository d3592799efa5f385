//! A rollout on recorded, or simulated, evidence: the same controller, in a world where every flag is in force at once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::controller::Controller;
use crate::decision::{Decision, Numbers, Verdict};
use crate::event::{Effect, Event};
use crate::evidence::{TICK, Tick};
use crate::policy::Action;
use crate::scores::Estimates;
use crate::state::{Check, Stage, State};

/// Tests that every line names, in `logE`.
const TESTS: [&str; 4] = ["errors", "p95", "p99", "slower"];
/// Tests that every line names, in `logEPass`.
const PASS_TESTS: [&str; 3] = ["errors", "p95", "p99"];

/// A rollout that is fed with ticks.
#[derive(Debug, Clone)]
pub struct Replay<'c> {
    controller: &'c Controller,
    state: State,
}

/// What a tick gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// What was decided.
    pub decision: Option<Decision>,
    /// What somebody would have been told.
    pub notes: Vec<String>,
}

impl<'c> Replay<'c> {
    /// A rollout that starts one tick before the end of the first one, at `first`.
    #[must_use]
    pub fn starting(controller: &'c Controller, first: Timestamp) -> Self {
        let start = first.checked_sub(TICK).unwrap_or(Timestamp::MIN);
        let mut replay = Self { controller, state: State::draft(start) };
        for event in [Event::Validated, Event::Scheduled, Event::Started] {
            replay.step(&event, start);
        }
        replay
    }

    /// Signs every check of every phase, at the start, without expiry.
    #[must_use]
    pub fn with_checks_signed(mut self) -> Self {
        let at = self.state.since;
        for (_, phase) in self.controller.phases() {
            for name in &phase.checks {
                self.state.checks.push(Check {
                    name: name.clone(),
                    phase: phase.name.clone(),
                    passed: true,
                    by: "replay".to_owned(),
                    at,
                    evidence: "assumed by the replay".to_owned(),
                    expires_at: None,
                });
            }
        }
        self
    }

    /// Where the rollout stands.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Takes a tick at its end. Whatever the last one gave rise to has been carried out before.
    pub fn tick(&mut self, tick: Tick) -> Replayed {
        let now = tick.at;
        self.tick_at(tick, now)
    }

    /// Takes the first of these ticks, knowing which one follows: where that goes on from before this one, this one's clock was
    /// wrong, and it lies in the future of its own time.
    pub fn tick_before(&mut self, tick: Tick, next: Option<Timestamp>) -> Replayed {
        let last = self.state.last_tick.unwrap_or(self.state.since);
        let now = next.filter(|next| *next > last && *next < tick.at).unwrap_or(tick.at);
        self.tick_at(tick, now)
    }

    fn tick_at(&mut self, tick: Tick, now: Timestamp) -> Replayed {
        if self.state.stage.is_moving() {
            self.step(&Event::InForce, now);
        }
        if self.state.stage == Stage::RollingBack {
            self.step(&Event::Restored, now);
            self.step(&Event::Verified, now);
        }
        let (decision, effects) = self.step(&Event::Tick(tick), now);
        let told = |effect: Effect| match effect {
            Effect::Page { message } | Effect::Note { message } => Some(message),
            Effect::Enter { .. } | Effect::Restore | Effect::Complete => None,
        };
        Replayed { decision, notes: effects.into_iter().filter_map(told).collect() }
    }

    /// Only commands and checks are ever refused, and there are none in a replay.
    fn step(&mut self, event: &Event, now: Timestamp) -> (Option<Decision>, Vec<Effect>) {
        let state = std::mem::replace(&mut self.state, State::draft(now));
        let (step, _) = self.controller.advance(state, event, now);
        self.state = step.state;
        (step.decision, step.effects)
    }

    /// The rollout after a tick, as `lotwise rollout replay --json` prints it.
    #[must_use]
    pub fn line(&self, at: Timestamp, replayed: &Replayed) -> Line {
        let numbers = match &replayed.decision {
            // Of the phase that was left, if one was.
            Some(decision) => decision.numbers.clone(),
            None if self.state.stage.is_live() => self.controller.numbers(&self.state),
            None => Numbers::default(),
        };
        let named = |names: &[&str], scores: BTreeMap<String, f64>| {
            let absent = names.iter().map(|name| ((*name).to_owned(), None));
            absent.chain(scores.into_iter().map(|(name, score)| (name, Some(score)))).collect()
        };
        Line {
            at,
            state: self.state.stage.to_string(),
            phase: self.controller.phase_of(&self.state).map(|phase| phase.name.clone()),
            exposure: exposure(self.controller, &self.state),
            log_e: named(&TESTS, numbers.log_e),
            log_e_pass: named(&PASS_TESTS, numbers.log_e_pass),
            estimates: numbers.estimates,
            decision: replayed.decision.as_ref().map(|decision| LineDecision {
                verdict: decision.verdict,
                rule: decision.rule.clone(),
                action: decision.action,
                explanation: decision.explanation.clone(),
            }),
        }
    }
}

/// The percentage of the users that the flag's draw lets in.
#[must_use]
pub fn exposure(controller: &Controller, state: &State) -> f64 {
    match (&state.stage, &state.run) {
        (Stage::Completed, _) => 100.0,
        // Before the first phase, and once a rollback has begun.
        (_, None) => 0.0,
        (_, Some(_)) => controller.phase_of(state).map_or(0.0, |phase| phase.audience.percent()),
    }
}

/// One line of a replay (`rollouts.md` §7). Scores are natural logarithms; tests that do not apply are null.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// End of the tick.
    pub at: Timestamp,
    /// Where the rollout stands after it.
    pub state: String,
    /// The phase it is in then.
    pub phase: Option<String>,
    /// The percentage of the users that the flag's draw lets in then.
    pub exposure: f64,
    /// ln E by test.
    pub log_e: BTreeMap<String, Option<f64>>,
    /// ln E_pass by criterion's test.
    pub log_e_pass: BTreeMap<String, Option<f64>>,
    /// Of the last five minutes.
    pub estimates: Estimates,
    /// What was decided at this tick.
    pub decision: Option<LineDecision>,
}

/// A decision as a line shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineDecision {
    /// What.
    pub verdict: Verdict,
    /// The rule that said so.
    pub rule: String,
    /// What is done.
    pub action: Action,
    /// Why.
    pub explanation: String,
}
