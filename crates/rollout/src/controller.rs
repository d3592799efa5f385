//! The controller: `step(state, event, now) → (state, effects)`. Pure: the same inputs give the same decision, on the
//! running service, in a replay and in the simulator.

mod clock;
mod command;
mod promotion;
mod tick;
mod transition;

use std::sync::Arc;

use jiff::Timestamp;

use crate::decision::{Decision, Numbers};
use crate::event::{Effect, Event, Refusal};
use crate::latency::Latencies;
use crate::policy::{Budget, Environment, Phase, PhaseBudget, Policy};
use crate::state::{Run, Stage, State};

pub use promotion::ready;
pub use transition::rule;

/// The rules of one rollout in one environment.
#[derive(Debug, Clone)]
pub struct Controller {
    policy: Arc<Policy>,
    budget: Budget,
    /// Positions in the policy of the phases of this environment, rising.
    phases: Vec<usize>,
    baseline: Option<Latencies>,
}

/// What comes of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Where the rollout stands now.
    pub state: State,
    /// What was decided; none where it goes on as before.
    pub decision: Option<Decision>,
    /// What has to be done outside, in this order.
    pub effects: Vec<Effect>,
}

impl Controller {
    /// The controller of a policy's phases in an environment. `baseline` is how long the same work took before the
    /// rollout, for triggers that compare with it.
    #[must_use]
    pub fn new(policy: Arc<Policy>, environment: Environment, baseline: Option<Latencies>) -> Self {
        let (budget, phases) = (Budget::of(&policy), policy.phases_of(environment));
        Self { policy, budget, phases, baseline }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The budgets.
    #[must_use]
    pub const fn budget(&self) -> &Budget {
        &self.budget
    }

    /// The phases that this environment runs, with their positions in the policy.
    pub fn phases(&self) -> impl Iterator<Item = (usize, &Phase)> {
        self.phases.iter().filter_map(|position| Some((*position, self.policy.phases.get(*position)?)))
    }

    /// The present phase of a rollout.
    #[must_use]
    pub fn phase_of(&self, state: &State) -> Option<&Phase> {
        self.policy.phases.get(state.phase?)
    }

    /// The budgets of the present phase.
    #[must_use]
    pub fn budget_of(&self, state: &State) -> Option<&PhaseBudget> {
        self.budget.phase(state.phase?)
    }

    /// Takes an event.
    ///
    /// # Errors
    /// [`Refusal`] for an operator's command, or a check, that means nothing where the rollout stands. Nothing has
    /// happened then.
    pub fn step(&self, state: State, event: &Event, now: Timestamp) -> Result<Step, Refusal> {
        let (step, refusal) = self.advance(state, event, now);
        refusal.map_or(Ok(step), Err)
    }

    /// Takes an event as [`Controller::step`] does; after a refusal the state is as it was.
    pub(crate) fn advance(&self, state: State, event: &Event, now: Timestamp) -> (Step, Option<Refusal>) {
        // A clock that goes back stands still for the rollout until it has caught up.
        let now = now.max(state.since).max(state.last_tick.unwrap_or(Timestamp::MIN));
        let mut turn = Turn { controller: self, state, now, decision: None, effects: Vec::new() };
        let mut refusal = None;
        match event {
            Event::Validated => turn.go_if(&Stage::Draft, Stage::Validated),
            Event::Scheduled => turn.go_if(&Stage::Validated, Stage::AwaitingStart),
            Event::Started => turn.start(),
            Event::Tick(tick) => turn.tick(tick),
            Event::Clock => turn.clock(),
            Event::InForce => turn.in_force(),
            Event::Restored => turn.restored(),
            Event::Verified => turn.verified(),
            Event::NotVerified { why } => turn.not_verified(why),
            Event::Check(check) => refusal = turn.check(check).err(),
            Event::Command(command) => refusal = turn.command(command).err(),
            Event::Killed => turn.killed(),
            Event::EditedElsewhere => turn.edited_elsewhere(),
            Event::Superseded => turn.superseded(),
        }
        (Step { state: turn.state, decision: turn.decision, effects: turn.effects }, refusal)
    }

    /// The numbers of the present phase; empty before the first and after the end.
    #[must_use]
    pub fn numbers(&self, state: &State) -> Numbers {
        let (Some(phase), Some(run), Some(budget)) = (self.phase_of(state), &state.run, self.budget_of(state)) else {
            return Numbers::default();
        };
        let scores = &run.scores;
        let mut numbers = Numbers {
            log_e_sample_ratio: scores.ln_e_sample_ratio(),
            estimates: scores.recent().estimates(),
            treatment: scores.treatment(),
            control: scores.control(),
            soak_seconds: run.soak.as_secs(),
            ..Numbers::default()
        };
        for trigger in &phase.triggers {
            let Some(test) = trigger.condition.test() else { continue };
            if let Some(ln_e) = scores.ln_e(&trigger.name) {
                numbers.log_e.insert(test.clone(), ln_e);
            }
            if let Some(ln_threshold) = budget.ln_threshold(&trigger.name) {
                numbers.log_threshold.insert(test, ln_threshold);
            }
        }
        for criterion in &phase.criteria {
            let Some(test) = criterion.proof.test() else { continue };
            let scores = [
                (&mut numbers.log_e_pass, scores.ln_e_pass(&criterion.name)),
                (&mut numbers.log_e_fail, scores.ln_e_fail(&criterion.name)),
                (&mut numbers.log_pass, budget.ln_pass(&criterion.name)),
            ];
            for (map, score) in scores {
                map.extend(score.map(|score| (test.clone(), score)));
            }
        }
        numbers
    }
}

/// One step while it is made.
struct Turn<'c> {
    controller: &'c Controller,
    state: State,
    now: Timestamp,
    decision: Option<Decision>,
    effects: Vec<Effect>,
}

/// Whether a part of a turn has settled it: nothing further may be decided then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Settled {
    Yes,
    No,
}

impl<'c> Turn<'c> {
    fn phase(&self) -> Option<&'c Phase> {
        self.controller.phase_of(&self.state)
    }

    fn run(&self) -> Option<&Run> {
        self.state.run.as_ref()
    }

    fn run_mut(&mut self) -> Option<&mut Run> {
        self.state.run.as_mut()
    }

    /// The phase below, or above, the present one in this environment.
    fn neighbour(&self, step: isize) -> Option<usize> {
        let phases = &self.controller.phases;
        let here = phases.iter().position(|position| Some(*position) == self.state.phase)?;
        phases.get(here.checked_add_signed(step)?).copied()
    }
}
