//! What people say: it wins over the controller, at once and in every stage that can take it.

use jiff::SignedDuration;

use super::Turn;
use super::transition::rule;
use crate::event::{Command, Effect, Refusal};
use crate::policy::{Action, Condition};
use crate::state::{Check, Hold, Stage};

impl Turn<'_> {
    pub(super) fn command(&mut self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Hold { reason } => {
                self.must_be_live()?;
                self.hold_by_hand(rule::OPERATOR, said(reason))
            }
            Command::Resume { reason } => self.resume(reason),
            Command::StepBack { to, reason } => self.step_back(to.as_deref(), reason),
            Command::RollBack { reason } => {
                if self.state.stage == Stage::RollbackStuck {
                    self.retry_rollback();
                    return Ok(());
                }
                self.must_be_live()?;
                self.roll_back(rule::OPERATOR, said(reason));
                Ok(())
            }
            Command::Trip { trigger, reason } => self.trip(trigger, reason),
            Command::Abort { reason } => self.abort(reason),
        }
    }

    fn hold_by_hand(&mut self, rule: &str, why: String) -> Result<(), Refusal> {
        if self.hold(Hold::Manual, rule, why) {
            Ok(())
        } else {
            Err(self.wrong_stage("it is held already; resume, step back, roll back or abort it"))
        }
    }

    fn resume(&mut self, reason: &str) -> Result<(), Refusal> {
        let Stage::Held { reason: hold, from, .. } = self.state.stage.clone() else {
            return Err(self.wrong_stage("only a rollout that is held can be resumed"));
        };
        let min_soak = self.phase().map(|phase| phase.min_soak).unwrap_or_default();
        if let Some(run) = self.run_mut() {
            // Silence that somebody has seen, or that went by while it was held, is over.
            (run.quiet, run.failing) = (SignedDuration::ZERO, SignedDuration::ZERO);
            if hold == Hold::Inconclusive {
                // Time for what is missing: the shortest soak once more.
                run.extension = run.extension.saturating_add(min_soak);
            }
        }
        self.effects.push(Effect::Note { message: format!("resumed: {reason}") });
        match (hold, self.state.phase) {
            // The phase's audience is put back on top of the edit, every replica has to take it, and what was shown was shown
            // by another flag.
            (Hold::ExternalEdit, Some(phase)) => self.enter(phase, Stage::Entering),
            _ => self.go(*from),
        }
        Ok(())
    }

    fn step_back(&mut self, to: Option<&str>, reason: &str) -> Result<(), Refusal> {
        self.must_be_live()?;
        let here = self.state.phase;
        let lower: Vec<_> = self.controller.phases().filter(|(position, _)| Some(*position) < here).collect();
        let found = match to {
            None => lower.last(),
            Some(name) => {
                Some(lower.iter().find(|(_, phase)| phase.name == name).ok_or_else(|| Refusal::NoSuchPhase {
                    phase: name.to_owned(),
                    known: lower.iter().map(|(_, phase)| phase.name.as_str()).collect::<Vec<_>>().join(", "),
                })?)
            }
        };
        match found.map(|(position, _)| *position) {
            Some(position) => self.step_back_to(position, rule::OPERATOR, said(reason)),
            None => {
                let why = format!("{} From the first phase a step back is a rollback.", said(reason));
                self.roll_back(rule::OPERATOR, why);
            }
        }
        Ok(())
    }

    fn trip(&mut self, name: &str, reason: &str) -> Result<(), Refusal> {
        self.must_be_live()?;
        let triggers = self.phase().map_or(&[][..], |phase| &phase.triggers);
        let manual: Vec<_> = triggers.iter().filter(|trigger| trigger.condition == Condition::Manual).collect();
        let Some(trigger) = manual.iter().find(|trigger| trigger.name == name) else {
            let known = manual.iter().map(|trigger| trigger.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Refusal::NoSuchTrigger { trigger: name.to_owned(), known });
        };
        let why = said(reason);
        match trigger.action {
            Action::Rollback | Action::Promote => self.roll_back(name, why),
            Action::StepBack => self.step_back_by(name, None, &why),
            Action::Hold => self.hold_by_hand(name, why)?,
            Action::Notify => self.page(&why),
        }
        Ok(())
    }

    fn abort(&mut self, reason: &str) -> Result<(), Refusal> {
        let stage = &self.state.stage;
        if !(stage.is_before_start() || stage.is_live() || *stage == Stage::RollbackStuck) {
            return Err(self.wrong_stage("there is nothing to abort"));
        }
        self.effects.push(Effect::Note { message: format!("aborted: {reason}") });
        self.state.experiment = None;
        self.go(Stage::Aborted);
        Ok(())
    }

    pub(super) fn check(&mut self, check: &Check) -> Result<(), Refusal> {
        if !(self.state.stage.is_live() || self.state.stage.is_before_start()) {
            return Err(self.wrong_stage("a rollout that is over, or being rolled back, needs no checks"));
        }
        let mut phases = self.controller.phases().map(|(_, phase)| phase);
        let phase = phases.find(|phase| phase.name == check.phase);
        let checks = phase.map_or(&[][..], |phase| &phase.checks);
        if !checks.contains(&check.name) {
            return Err(Refusal::NoSuchCheck {
                check: check.name.clone(),
                phase: check.phase.clone(),
                known: checks.join(", "),
            });
        }
        // The last word counts; the ones before are in the audit log.
        self.state.checks.retain(|known| (&known.phase, &known.name) != (&check.phase, &check.name));
        self.state.checks.push(check.clone());
        if matches!(self.state.stage.hold(), Some((Hold::Approval, _))) && self.missing_checks().is_empty() {
            self.release("every check is there");
        }
        Ok(())
    }

    fn must_be_live(&self) -> Result<(), Refusal> {
        match &self.state.stage {
            stage if stage.is_live() => Ok(()),
            Stage::RollingBack | Stage::Verifying | Stage::RollbackStuck => {
                Err(self.wrong_stage("it is being rolled back already; `rollout status` shows how far it is"))
            }
            stage if stage.is_before_start() => {
                Err(self.wrong_stage("it has not started, so the flag is as it was; only an abort ends it now"))
            }
            _ => Err(self.wrong_stage("it has ended; change the flag itself, or start another rollout")),
        }
    }

    fn wrong_stage(&self, hint: &'static str) -> Refusal {
        Refusal::WrongStage { stage: self.state.stage.to_string(), hint }
    }
}

fn said(reason: &str) -> String {
    format!("An operator said so: {}.", reason.trim_end_matches('.'))
}
