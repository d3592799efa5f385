//! Deadlines: every state that waits has one, and an exit.

use super::Turn;
use super::transition::{later, rule};
use crate::explanation;
use crate::state::{Hold, Stage};

impl Turn<'_> {
    pub(super) fn clock(&mut self) {
        if self.state.deadline.is_none_or(|deadline| self.now < deadline) {
            return;
        }
        match self.state.stage.clone() {
            Stage::Entering | Stage::SteppingBack => {
                let why = "Not every replica has taken the flag of the phase in time: nothing goes on until they have.";
                self.page(why);
                self.hold(Hold::NoData, rule::ENTER_DEADLINE, why.to_owned());
            }
            // Between ticks the last check may have come: the next tick goes on.
            Stage::GateWait if self.missing_checks().is_empty() => {
                self.state.deadline = Some(later(self.now, self.controller.policy.deadlines.gate));
            }
            Stage::GateWait => {
                let why = explanation::missing_checks(&self.missing_checks());
                self.page(&why);
                self.hold(Hold::Approval, rule::GATE_DEADLINE, why);
            }
            Stage::Held { reason, .. } => {
                let since = self.state.since;
                self.page(&format!(
                    "The rollout is still Held({}), since {since}: resume it, step back, roll back or abort.",
                    reason.as_str()
                ));
                self.state.deadline = Some(later(self.now, self.controller.policy.deadlines.held));
            }
            Stage::RollingBack | Stage::Verifying => self.not_verified("it took longer than its deadline"),
            Stage::RollbackStuck => self.retry_rollback(),
            _ => {}
        }
    }
}
