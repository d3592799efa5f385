//! Whether a phase may be left for the next, and what is missing.

use jiff::{SignedDuration, Timestamp};

use super::transition::rule;
use super::{Controller, Turn};
use crate::assessment::{self, CriterionView};
use crate::explanation;
use crate::state::{Hold, Stage, State};

/// Whether every criterion of the present phase is shown now.
#[must_use]
pub fn ready(controller: &Controller, state: &State) -> bool {
    let (Some(phase), Some(run), Some(budget)) = (controller.phase_of(state), &state.run, controller.budget_of(state))
    else {
        return false;
    };
    phase.criteria.iter().all(|criterion| assessment::is_shown(criterion, run, budget.ln_pass(&criterion.name)))
}

/// Names of the checks of the present phase that are not there, or not good, at `now`.
pub(crate) fn missing_checks(controller: &Controller, state: &State, now: Timestamp) -> Vec<String> {
    let Some(phase) = controller.phase_of(state) else { return Vec::new() };
    let is_good = |name: &str| state.check(&phase.name, name, now).is_some_and(|check| check.passed);
    phase.checks.iter().filter(|name| !is_good(name)).cloned().collect()
}

impl Turn<'_> {
    pub(super) fn missing_checks(&self) -> Vec<String> {
        missing_checks(self.controller, &self.state, self.now)
    }

    /// Goes on where everything is there, and this tick has seen something; otherwise says what is missing once it is time.
    pub(super) fn progress(&mut self, is_seen: bool) {
        let (Some(phase), Some(run)) = (self.phase(), self.run()) else { return };
        let is_over = run.soak >= phase.min_soak;
        let is_long_over = run.soak >= phase.max_soak.saturating_add(run.extension);
        let is_warm = run.scores.is_warm() && run.scores.treatment().requests > 0;
        match self.state.stage {
            Stage::WarmUp if is_warm => self.go(Stage::Soaking),
            Stage::WarmUp if is_long_over => self.inconclusive(),
            Stage::Soaking | Stage::GateWait | Stage::GaBake if is_over => {
                self.past_soak(is_seen, is_long_over);
            }
            _ => {}
        }
    }

    fn past_soak(&mut self, is_seen: bool, is_long_over: bool) {
        // A bake begins without a warm-up: until its comparisons are calibrated it has not been watched.
        let is_warm = self.run().is_some_and(|run| run.scores.is_warm());
        let is_ready = is_warm && ready(self.controller, &self.state);
        let missing = self.missing_checks();
        match (is_ready, missing.is_empty(), self.state.stage.clone()) {
            (true, true, _) if self.is_strained() && is_long_over => {
                self.page(explanation::STRAINED);
                self.hold(Hold::Inconclusive, rule::MAX_SOAK, explanation::STRAINED.to_owned());
            }
            (true, true, _) if self.is_strained() => {}
            (true, true, _) if is_seen => self.promote(explanation::promoted(self.controller, &self.state)),
            (true, false, Stage::Soaking) => self.go(Stage::GateWait),
            (true, false, Stage::GaBake) if is_long_over => {
                self.hold(Hold::Approval, rule::GATE_DEADLINE, explanation::missing_checks(&missing));
            }
            (false, _, Stage::GateWait) => self.go(Stage::Soaking),
            (false, _, Stage::Soaking | Stage::GaBake) if is_long_over => self.inconclusive(),
            _ => {}
        }
    }

    /// Whether a shared resource is above its level, or a step back is being watched: no time to widen the exposure.
    fn is_strained(&self) -> bool {
        let is_over = self.run().is_some_and(|run| run.over.values().any(SignedDuration::is_positive));
        is_over || self.state.experiment.is_some()
    }

    fn inconclusive(&mut self) {
        let criteria = assessment::criteria(self.controller, &self.state);
        let missing: Vec<&CriterionView> = criteria.iter().filter(|criterion| !criterion.is_shown).collect();
        let is_warm = self.run().is_some_and(|run| run.scores.is_warm());
        let why = explanation::inconclusive(&missing, is_warm);
        self.page(&why);
        self.hold(Hold::Inconclusive, rule::MAX_SOAK, why);
    }
}
