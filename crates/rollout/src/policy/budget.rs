//! How the probabilities of a wrong decision are shared out.

use super::{Criterion, Phase, Policy, Trigger};

/// The share that tests of errors get of a phase's alpha where the policy has no weights.
const ERRORS_SHARE: f64 = 0.5;

/// The budgets of every phase of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    phases: Vec<PhaseBudget>,
}

/// The budgets of a phase.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PhaseBudget {
    /// By trigger that is a test: its alpha in this phase.
    alphas: Vec<(String, f64)>,
    /// By criterion that is a test: its beta in this phase.
    betas: Vec<(String, f64)>,
}

impl Budget {
    /// Shares the budgets of a policy out (`rollouts.md` §3, Budgets): alpha by the number of phases with a control arm;
    /// within a phase errors get half, or the policy's weights, and the rest is shared equally. Beta is per criterion,
    /// divided by the phases that ask for it. Phases without a control arm come before anybody depends on the feature:
    /// their triggers have the alpha of one more phase, which is not part of the bound.
    #[must_use]
    pub fn of(policy: &Policy) -> Self {
        let controlled = policy.phases.iter().filter(|phase| phase.audience.design().is_controlled()).count();
        let controlled = number(controlled.max(1));
        let alpha_of = |phase: &Phase| {
            let tests: Vec<&Trigger> = phase.triggers.iter().filter(|one| one.condition.test().is_some()).collect();
            let shared: Vec<&Trigger> = tests.iter().copied().filter(|one| one.alpha.is_none()).collect();
            let of_trigger = |trigger: &Trigger| match trigger.alpha {
                Some(own) => own / controlled,
                None => policy.alpha / controlled * share(trigger, &shared),
            };
            tests.into_iter().map(|trigger| (trigger.name.clone(), of_trigger(trigger))).collect()
        };
        let asking = |criterion: &Criterion| {
            let asks = |phase: &&Phase| phase.criteria.iter().any(|one| one.name == criterion.name);
            number(policy.phases.iter().filter(asks).count())
        };
        let beta_of = |phase: &Phase| {
            let tests = phase.criteria.iter().filter(|criterion| criterion.proof.test().is_some());
            tests.map(|criterion| (criterion.name.clone(), policy.beta / asking(criterion))).collect()
        };
        let phases = policy.phases.iter().map(|phase| PhaseBudget { alphas: alpha_of(phase), betas: beta_of(phase) });
        Self { phases: phases.collect() }
    }

    /// The budgets of the phase at a position of the policy.
    #[must_use]
    pub fn phase(&self, position: usize) -> Option<&PhaseBudget> {
        self.phases.get(position)
    }

    /// The probability that an innocent version is rolled back by a test in a phase with a control arm.
    #[must_use]
    pub fn false_rollback(&self, policy: &Policy) -> f64 {
        let controlled = policy.phases.iter().zip(&self.phases);
        let controlled = controlled.filter(|(phase, _)| phase.audience.design().is_controlled());
        controlled.flat_map(|(_, budget)| &budget.alphas).map(|(_, alpha)| alpha).sum()
    }
}

/// The share of the phase's alpha that a trigger gets among those that share it.
fn share(trigger: &Trigger, among: &[&Trigger]) -> f64 {
    if let Some(weight) = trigger.weight {
        return weight;
    }
    let (errors, others): (Vec<&Trigger>, Vec<&Trigger>) =
        among.iter().copied().partition(|one| one.condition.is_about_errors());
    let group = if trigger.condition.is_about_errors() { &errors } else { &others };
    let of_group = match (errors.is_empty(), others.is_empty()) {
        (false, false) if trigger.condition.is_about_errors() => ERRORS_SHARE,
        (false, false) => 1.0 - ERRORS_SHARE,
        _ => 1.0,
    };
    of_group / number(group.len())
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

impl PhaseBudget {
    /// ln of the score at which a trigger trips: 1/α. None where it is no test.
    #[must_use]
    pub fn ln_threshold(&self, trigger: &str) -> Option<f64> {
        self.alphas.iter().find(|(name, _)| name == trigger).map(|(_, alpha)| -alpha.ln())
    }

    /// ln of the score at which a criterion is shown: 1/β. None where it is no test.
    #[must_use]
    pub fn ln_pass(&self, criterion: &str) -> Option<f64> {
        self.betas.iter().find(|(name, _)| name == criterion).map(|(_, beta)| -beta.ln())
    }

    /// Alpha by trigger.
    #[must_use]
    pub fn alphas(&self) -> &[(String, f64)] {
        &self.alphas
    }

    /// Beta by criterion.
    #[must_use]
    pub fn betas(&self) -> &[(String, f64)] {
        &self.betas
    }
}
