//! Everything that one phase has shown so far: the scores of its tests, and what was seen in the last five minutes.

mod recent;
mod slower;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::{ArmCounts, Source, Tick};
use crate::latency::Latencies;
use crate::policy::{Condition, Criterion, Design, Phase, Proof, Trigger, minutes};
use crate::statistics::{Above, Below, Pair, SampleRatio, TreatmentControl, real};

pub use recent::{Estimates, RECENT_TICKS, Recent};
use slower::{SlowerThanBaseline, SlowerThanControl};

/// ln of the score at which the arms' sizes do not fit the draw: 1000.
pub const LN_SAMPLE_RATIO_MISMATCH: f64 = 6.907_755_278_982_137;

/// The scores of a phase. Fresh at each entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scores {
    /// Ticks since the entry.
    ticks: u32,
    /// By trigger that is a test.
    triggers: BTreeMap<String, TriggerScore>,
    /// By criterion.
    criteria: BTreeMap<String, CriterionScore>,
    sample_ratio: Option<SampleRatio>,
    recent: Recent,
    treatment: Totals,
    control: Totals,
}

/// Sums of one arm since the phase was entered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Requests.
    pub requests: u64,
    /// Those that failed.
    pub failures: u64,
    /// Users.
    pub users: u64,
    /// Users with a failure.
    pub failed_users: u64,
}

impl Totals {
    fn add(&mut self, arm: &ArmCounts) {
        self.requests = self.requests.saturating_add(arm.requests);
        self.failures = self.failures.saturating_add(arm.failures);
        self.users = self.users.saturating_add(arm.users);
        self.failed_users = self.failed_users.saturating_add(arm.first_failures);
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum TriggerScore {
    WorseThanControl(TreatmentControl),
    Errors(Above),
    Latency(Above),
    SlowerThanControl(Box<SlowerThanControl>),
    SlowerThanBaseline(SlowerThanBaseline),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum CriterionScore {
    Share(Below),
    /// The highest level measured; none before the first.
    Level(Option<f64>),
}

impl Scores {
    /// The scores of a phase that is entered. `baseline` is how long the same work took before, for the triggers that
    /// compare with it; without one they say nothing.
    #[must_use]
    pub fn of(phase: &Phase, baseline: Option<&Latencies>) -> Self {
        let minutes_max = minutes(phase.max_soak);
        let score = |trigger: &Trigger| {
            let score = match trigger.condition {
                Condition::WorseThanControl { tolerance, .. } => {
                    TriggerScore::WorseThanControl(TreatmentControl::new(tolerance, minutes_max))
                }
                Condition::Errors { limit, .. } => TriggerScore::Errors(Above::new(limit, minutes_max)),
                Condition::Latency { limit, .. } => TriggerScore::Latency(Above::new(limit, minutes_max)),
                Condition::SlowerThanControl { by } => {
                    TriggerScore::SlowerThanControl(Box::new(SlowerThanControl::new(by, minutes_max)))
                }
                Condition::SlowerThanBaseline { by } => {
                    TriggerScore::SlowerThanBaseline(SlowerThanBaseline::new(by, minutes_max, baseline))
                }
                Condition::Shared { .. } | Condition::Integrity | Condition::Manual => return None,
            };
            Some((trigger.name.clone(), score))
        };
        let criterion = |criterion: &Criterion| {
            let score = match criterion.proof.limits() {
                Some((success, limit)) => CriterionScore::Share(Below::new(success, limit, minutes_max)),
                None => CriterionScore::Level(None),
            };
            (criterion.name.clone(), score)
        };
        let sample_ratio = match phase.audience.design() {
            Design::Hashed(share) => Some(SampleRatio::new(share)),
            Design::Everyone | Design::OptIn => None,
        };
        Self {
            ticks: 0,
            triggers: phase.triggers.iter().filter_map(score).collect(),
            criteria: phase.criteria.iter().map(criterion).collect(),
            sample_ratio,
            recent: Recent::default(),
            treatment: Totals::default(),
            control: Totals::default(),
        }
    }

    /// Takes a tick. One that could not be seen counts as a tick without requests.
    pub fn observe(&mut self, phase: &Phase, tick: &Tick) {
        let nothing = ArmCounts::default();
        let is_seen = tick.source == Source::Ok;
        let (treatment, control) = if is_seen { (&tick.treatment, &tick.control) } else { (&nothing, &nothing) };
        self.ticks = self.ticks.saturating_add(1);
        self.treatment.add(treatment);
        self.control.add(control);
        self.recent.push(treatment, control);
        if let Some(sample_ratio) = &mut self.sample_ratio {
            sample_ratio.observe(treatment.users, control.users);
        }
        let design = phase.audience.design();
        for trigger in &phase.triggers {
            if let Some(score) = self.triggers.get_mut(&trigger.name) {
                score.observe(&trigger.condition, design, treatment, control);
            }
        }
        for criterion in &phase.criteria {
            match (self.criteria.get_mut(&criterion.name), criterion.proof) {
                (Some(CriterionScore::Share(score)), Proof::Errors { .. }) => {
                    score.observe(treatment.requests, treatment.failures);
                }
                (Some(CriterionScore::Share(score)), Proof::Latency { seconds, .. }) => {
                    let slower = beyond(treatment, seconds);
                    score.observe(slower.map_or(0, |_| treatment.requests), slower.unwrap_or(0));
                }
                (Some(CriterionScore::Level(highest)), Proof::Level { measure, .. }) if is_seen => {
                    if let Some(level) = measure.of(&tick.shared) {
                        *highest = Some(highest.map_or(level, |highest| highest.max(level)));
                    }
                }
                _ => {}
            }
        }
    }

    /// Ticks since the entry.
    #[must_use]
    pub const fn ticks(&self) -> u32 {
        self.ticks
    }

    /// Whether every comparison of latencies knows where to cut: at least 1,000 requests of the control.
    #[must_use]
    pub fn is_warm(&self) -> bool {
        self.triggers.values().all(|score| match score {
            TriggerScore::SlowerThanControl(slower) => slower.is_warm(),
            _ => true,
        })
    }

    /// ln E of a trigger's test; none where it is no test.
    #[must_use]
    pub fn ln_e(&self, trigger: &str) -> Option<f64> {
        self.triggers.get(trigger)?.ln_e()
    }

    /// Whether what was seen in the last five minutes agrees with a trigger: old evidence alone does not act.
    #[must_use]
    pub fn is_recent(&self, trigger: &Trigger) -> bool {
        let above = |share: Option<f64>, success: f64| share.is_some_and(|share| share > success);
        match (trigger.condition, self.triggers.get(&trigger.name)) {
            (Condition::WorseThanControl { success, .. } | Condition::Errors { success, .. }, _) => {
                above(self.recent.treatment().error_rate(), success)
            }
            (Condition::Latency { seconds, success, .. }, _) => {
                above(self.recent.treatment().share_beyond(seconds), success)
            }
            (Condition::SlowerThanControl { .. }, Some(TriggerScore::SlowerThanControl(slower))) => {
                slower.is_recent(&self.recent)
            }
            (Condition::SlowerThanBaseline { .. }, Some(TriggerScore::SlowerThanBaseline(slower))) => {
                slower.is_recent(&self.recent)
            }
            _ => false,
        }
    }

    /// ln E_pass of a criterion; none where it is no test.
    #[must_use]
    pub fn ln_e_pass(&self, criterion: &str) -> Option<f64> {
        match self.criteria.get(criterion)? {
            CriterionScore::Share(score) => Some(score.ln_e_pass()),
            CriterionScore::Level(_) => None,
        }
    }

    /// ln E_fail of a criterion, which is shown and never acted on; none where it is no test.
    #[must_use]
    pub fn ln_e_fail(&self, criterion: &str) -> Option<f64> {
        match self.criteria.get(criterion)? {
            CriterionScore::Share(score) => Some(score.ln_e_fail()),
            CriterionScore::Level(_) => None,
        }
    }

    /// The highest level of a criterion that is about one; none where it was not measured yet.
    #[must_use]
    pub fn highest_level(&self, criterion: &str) -> Option<f64> {
        match self.criteria.get(criterion)? {
            CriterionScore::Share(_) => None,
            CriterionScore::Level(highest) => *highest,
        }
    }

    /// The share of the last five minutes that a criterion is about; none without requests, and for a level.
    #[must_use]
    pub fn recent_share(&self, proof: Proof) -> Option<f64> {
        match proof {
            Proof::Errors { .. } => self.recent.treatment().error_rate(),
            Proof::Latency { seconds, .. } => self.recent.treatment().share_beyond(seconds),
            Proof::Level { .. } => None,
        }
    }

    /// ln E of the sample-ratio test; none where users are not drawn.
    #[must_use]
    pub fn ln_e_sample_ratio(&self) -> Option<f64> {
        self.sample_ratio.as_ref().map(SampleRatio::ln_e)
    }

    /// What was seen in the last five minutes.
    #[must_use]
    pub const fn recent(&self) -> &Recent {
        &self.recent
    }

    /// Sums of the treatment since the phase was entered.
    #[must_use]
    pub const fn treatment(&self) -> Totals {
        self.treatment
    }

    /// Sums of the control since the phase was entered.
    #[must_use]
    pub const fn control(&self) -> Totals {
        self.control
    }
}

impl TriggerScore {
    fn observe(&mut self, condition: &Condition, design: Design, treatment: &ArmCounts, control: &ArmCounts) {
        match (self, condition) {
            (Self::WorseThanControl(score), _) => match design {
                // The unit of analysis is the unit of assignment: each user counts once.
                Design::Hashed(share) => {
                    score.observe(
                        Pair { treatment: treatment.first_failures, control: control.first_failures },
                        Some(share),
                    );
                }
                Design::OptIn | Design::Everyone => score.observe(
                    Pair { treatment: treatment.failures, control: control.failures },
                    observed_share(treatment.requests, control.requests),
                ),
            },
            (Self::Errors(score), _) => score.observe(treatment.requests, treatment.failures),
            (Self::Latency(score), Condition::Latency { seconds, .. }) => {
                let slower = beyond(treatment, *seconds);
                score.observe(slower.map_or(0, |_| treatment.requests), slower.unwrap_or(0));
            }
            (Self::SlowerThanControl(score), _) => score.observe(treatment, control),
            (Self::SlowerThanBaseline(score), _) => score.observe(treatment),
            (Self::Latency(_), _) => {}
        }
    }

    fn ln_e(&self) -> Option<f64> {
        match self {
            Self::WorseThanControl(score) => Some(score.ln_e()),
            Self::Errors(score) | Self::Latency(score) => Some(score.ln_e()),
            Self::SlowerThanControl(score) => Some(score.ln_e()),
            Self::SlowerThanBaseline(score) => score.ln_e(),
        }
    }
}

/// The treatment's share of a tick's requests; none where one of the arms had none.
pub(crate) fn observed_share(treatment: u64, control: u64) -> Option<f64> {
    let all = treatment.saturating_add(control);
    (treatment > 0 && control > 0).then(|| real(treatment) / real(all))
}

/// Requests that took longer than a bound; none where that was not measured.
fn beyond(arm: &ArmCounts, seconds: f64) -> Option<u64> {
    arm.latency.as_ref().and_then(|latency| latency.beyond(seconds))
}
