//! The arrows between the stages.

use jiff::{SignedDuration, Timestamp};

use super::Turn;
use crate::decision::{Decision, Verdict};
use crate::event::Effect;
use crate::policy::Action;
use crate::scores::Scores;
use crate::state::{Entered, Experiment, Hold, Run, Stage};

/// Names of the rules that are not a trigger's.
pub mod rule {
    /// Every criterion is shown and every check is there.
    pub const CRITERIA: &str = "criteria";
    /// Nothing was seen of the treatment.
    pub const NO_DATA: &str = "no-data";
    /// The source of evidence failed.
    pub const METRICS_ERROR: &str = "metrics-error";
    /// The arms' sizes do not fit the draw.
    pub const SAMPLE_RATIO: &str = "sample-ratio";
    /// The longest soak is over.
    pub const MAX_SOAK: &str = "max-soak";
    /// A check did not come in time.
    pub const GATE_DEADLINE: &str = "gate-deadline";
    /// Not every replica took the flag in time.
    pub const ENTER_DEADLINE: &str = "enter-deadline";
    /// The flag was edited by somebody else.
    pub const EXTERNAL_EDIT: &str = "external-edit";
    /// An operator said so.
    pub const OPERATOR: &str = "operator";
    /// The flag was killed.
    pub const KILL: &str = "kill";
}

/// How often the controller steps back by itself in a rollout.
const STEPS_BACK_MAX: u32 = 2;

impl Turn<'_> {
    pub(super) fn go(&mut self, stage: Stage) {
        let deadlines = self.controller.policy.deadlines;
        let lasting = match &stage {
            Stage::Entering | Stage::SteppingBack => Some(deadlines.enter),
            Stage::GateWait => Some(deadlines.gate),
            Stage::Held { .. } => Some(deadlines.held),
            Stage::RollingBack | Stage::Verifying | Stage::RollbackStuck => Some(deadlines.verify),
            _ => None,
        };
        self.state.stage = stage;
        self.state.since = self.now;
        self.state.deadline = lasting.map(|lasting| later(self.now, lasting));
    }

    pub(super) fn go_if(&mut self, from: &Stage, to: Stage) {
        if self.state.stage == *from {
            self.go(to);
        }
    }

    pub(super) fn start(&mut self) {
        if self.state.stage != Stage::AwaitingStart {
            return;
        }
        match self.controller.phases.first() {
            Some(first) => self.enter(*first, Stage::Entering),
            None => self.go(Stage::Completed),
        }
    }

    /// Gives the flag the audience of a phase; everything that was shown before counts no more.
    pub(super) fn enter(&mut self, position: usize, stage: Stage) {
        let Some(phase) = self.controller.policy.phases.get(position) else { return };
        self.state.phase = Some(position);
        self.state.entry = self.state.entry.saturating_add(1);
        let entered = Entered { entry: self.state.entry, phase: phase.name.clone(), at: self.now };
        self.state.entered.push(entered);
        self.state.run = Some(Run::new(Scores::of(phase, self.controller.baseline.as_ref())));
        self.effects.push(Effect::Enter { phase: position });
        self.go(stage);
    }

    /// The flag of the phase is in force everywhere.
    pub(super) fn in_force(&mut self) {
        let is_general_availability = self.phase().is_some_and(|phase| phase.is_general_availability);
        let landed = if is_general_availability { Stage::GaBake } else { Stage::WarmUp };
        match self.state.stage.clone() {
            stage if stage.is_moving() => self.go(landed),
            Stage::Held { from, rule, .. } if from.is_moving() && rule == rule::ENTER_DEADLINE => self.go(landed),
            Stage::Held { reason, from, rule } if from.is_moving() => {
                self.state.stage = Stage::Held { reason, from: Box::new(landed), rule };
            }
            _ => {}
        }
    }

    /// Holds the rollout; false where it is held already by something that is not weaker. An edit from outside is told
    /// whatever holds it, and a hold that only a person ends takes the place of one that ends by itself.
    pub(super) fn hold(&mut self, reason: Hold, rule: &str, explanation: String) -> bool {
        let is_stronger = |held: Hold| {
            held != Hold::ExternalEdit
                && (reason == Hold::ExternalEdit || (held.clears_itself() && !reason.clears_itself()))
        };
        let from = match self.state.stage.clone() {
            Stage::Held { reason: held, .. } if !is_stronger(held) => return false,
            Stage::Held { from, .. } => from,
            stage => Box::new(stage),
        };
        self.decide(Verdict::Hold, rule, Action::Hold, explanation);
        self.go(Stage::Held { reason, from, rule: rule.to_owned() });
        true
    }

    /// Goes on where the rollout was held.
    pub(super) fn release(&mut self, why: &str) {
        if let Stage::Held { reason, from, .. } = self.state.stage.clone() {
            self.effects.push(Effect::Note { message: format!("Held({}) is over: {why}", reason.as_str()) });
            self.go(*from);
        }
    }

    pub(super) fn roll_back(&mut self, rule: &str, explanation: String) {
        self.decide(Verdict::RollBack, rule, Action::Rollback, explanation);
        self.effects.push(Effect::Restore);
        self.end_run();
        self.go(Stage::RollingBack);
    }

    /// Steps back to a lower phase because an operator says so.
    pub(super) fn step_back_to(&mut self, position: usize, rule: &str, explanation: String) {
        self.decide(Verdict::StepBack, rule, Action::StepBack, explanation);
        self.state.experiment = None;
        self.enter(position, Stage::SteppingBack);
    }

    /// Steps back one phase because a trigger says so. From the first phase that is a rollback; so is the third time in a
    /// rollout, but for shared resources, which then hold and call somebody.
    pub(super) fn step_back_by(&mut self, trigger: &str, recover_within: Option<SignedDuration>, explanation: &str) {
        let below = self.neighbour(-1);
        match below {
            None => self.roll_back(trigger, format!("{explanation} From the first phase a step back is a rollback.")),
            Some(below) if self.state.steps_back < STEPS_BACK_MAX => {
                let until = recover_within.map(|within| later(self.now, within));
                self.step_back_to(below, trigger, explanation.to_owned());
                self.state.steps_back = self.state.steps_back.saturating_add(1);
                self.state.experiment =
                    until.map(|until| Experiment { trigger: trigger.to_owned(), until, calm: SignedDuration::ZERO });
            }
            Some(_) if recover_within.is_some() => {
                let explanation = format!(
                    "{explanation} The rollout has stepped back {STEPS_BACK_MAX} times already, so somebody has to look."
                );
                self.page(&explanation);
                self.hold(Hold::SharedIncident, trigger, explanation);
            }
            Some(_) => {
                let explanation = format!(
                    "{explanation} The rollout has stepped back {STEPS_BACK_MAX} times already; the third time is a rollback."
                );
                self.roll_back(trigger, explanation);
            }
        }
    }

    pub(super) fn promote(&mut self, explanation: String) {
        self.decide(Verdict::Promote, rule::CRITERIA, Action::Promote, explanation);
        match self.neighbour(1) {
            Some(next) => self.enter(next, Stage::Entering),
            None => {
                self.effects.push(Effect::Complete);
                self.end_run();
                self.go(Stage::Completed);
            }
        }
    }

    /// No phase goes on: what it has shown stands in the decision that ended it.
    fn end_run(&mut self) {
        self.state.run = None;
        self.state.experiment = None;
    }

    pub(super) fn restored(&mut self) {
        self.go_if(&Stage::RollingBack, Stage::Verifying);
    }

    pub(super) fn verified(&mut self) {
        self.go_if(&Stage::Verifying, Stage::RolledBack);
    }

    pub(super) fn not_verified(&mut self, why: &str) {
        if matches!(self.state.stage, Stage::Verifying | Stage::RollingBack) {
            self.page(&format!("The rollback cannot be proven: {why}"));
            self.go(Stage::RollbackStuck);
        }
    }

    /// Puts the flag back once more.
    pub(super) fn retry_rollback(&mut self) {
        if self.state.stage == Stage::RollbackStuck {
            self.effects.push(Effect::Restore);
            self.go(Stage::RollingBack);
        }
    }

    pub(super) fn killed(&mut self) {
        if self.state.stage.is_live() {
            self.roll_back(
                rule::KILL,
                "The flag was killed, and a kill wins over everything: what was before the rollout is put back."
                    .to_owned(),
            );
        }
    }

    pub(super) fn edited_elsewhere(&mut self) {
        if self.state.stage.is_live() {
            let explanation = "Somebody else has changed the flag since the rollout did. Evidence is not counted until an \
                operator resumes the rollout, which puts the phase's audience back, or rolls it back.";
            self.hold(Hold::ExternalEdit, rule::EXTERNAL_EDIT, explanation.to_owned());
        }
    }

    /// A rollback that is under way comes to its end first.
    pub(super) fn superseded(&mut self) {
        if self.state.stage.is_live() || self.state.stage.is_before_start() {
            self.go(Stage::Superseded);
        }
    }

    pub(super) fn page(&mut self, message: &str) {
        self.effects.push(Effect::Page { message: message.to_owned() });
    }

    pub(super) fn decide(&mut self, verdict: Verdict, rule: &str, action: Action, explanation: String) {
        self.decision = Some(Decision {
            at: self.now,
            verdict,
            rule: rule.to_owned(),
            action,
            explanation,
            phase: self.phase().map(|phase| phase.name.clone()),
            numbers: self.controller.numbers(&self.state),
        });
    }
}

/// The instant `lasting` after `now`; the end of time where there is none.
pub(super) fn later(now: Timestamp, lasting: SignedDuration) -> Timestamp {
    now.checked_add(lasting).unwrap_or(Timestamp::MAX)
}
