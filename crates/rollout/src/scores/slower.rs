//! Whether requests take longer than they should: counts beyond cuts, so that no shape of the distribution is assumed.

use serde::{Deserialize, Serialize};

use super::recent::{Recent, RecentArm};
use super::{beyond, observed_share};
use crate::evidence::ArmCounts;
use crate::latency::Latencies;
use crate::statistics::{self, Above, Pair, TreatmentControl};

/// Requests of the control that cuts are frozen from.
const CUT_REQUESTS_MIN: u64 = 1_000;
/// Where the distributions are compared.
const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];
/// Probability with which a baseline's share is larger than its bound.
const BASELINE_ALPHA: f64 = 0.01;

/// A cut: what the one arm counts beyond, and the other beyond the tolerance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Cut {
    control: f64,
    treatment: f64,
}

/// The cuts of a distribution, one a quantile; none where there is no bound to cut at.
fn cuts(latencies: &Latencies, by: f64) -> [Option<Cut>; 3] {
    let bounds = latencies.bounds();
    QUANTILES.map(|quantile| {
        let control = statistics::cut(bounds, latencies.counts(), quantile)?;
        let treatment = *bounds.get(statistics::at_or_above(bounds, control * (1.0 + by))?)?;
        Some(Cut { control, treatment })
    })
}

/// Treatment against control (`rollouts.md` §3, "20 % slower"): cuts are the largest bounds at or below the control's P50,
/// P95 and P99 while the phase warms up; then the treatment's requests beyond the smallest bound at or above 1.2 times
/// the cut are tested against the control's beyond the cut. E is the mean of the three.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SlowerThanControl {
    by: f64,
    warm_up: Option<Latencies>,
    cuts: Option<[Option<Cut>; 3]>,
    tests: [TreatmentControl; 3],
}

impl SlowerThanControl {
    pub(super) fn new(by: f64, minutes_max: u32) -> Self {
        let test = || TreatmentControl::new(1.0, minutes_max);
        Self { by, warm_up: None, cuts: None, tests: [test(), test(), test()] }
    }

    pub(super) const fn is_warm(&self) -> bool {
        self.cuts.is_some()
    }

    pub(super) fn observe(&mut self, treatment: &ArmCounts, control: &ArmCounts) {
        let share = observed_share(treatment.requests, control.requests);
        let cuts = self.cuts.unwrap_or_default();
        for (test, cut) in self.tests.iter_mut().zip(cuts) {
            let pair = cut.and_then(|cut| {
                let (treatment, control) = (beyond(treatment, cut.treatment)?, beyond(control, cut.control)?);
                Some(Pair { treatment, control })
            });
            test.observe(pair.unwrap_or(Pair { treatment: 0, control: 0 }), share.filter(|_| pair.is_some()));
        }
        if self.cuts.is_none() {
            self.warm(control);
        }
    }

    /// Adds to what the cuts are frozen from, and freezes them once it is enough.
    fn warm(&mut self, control: &ArmCounts) {
        let Some(latency) = &control.latency else { return };
        match &mut self.warm_up {
            Some(warm_up) => {
                warm_up.add(latency);
            }
            None => self.warm_up = Some(latency.clone()),
        }
        if let Some(warm_up) = self.warm_up.take_if(|warm_up| warm_up.total() >= CUT_REQUESTS_MIN) {
            self.cuts = Some(cuts(&warm_up, self.by));
        }
    }

    pub(super) fn ln_e(&self) -> f64 {
        statistics::ln_mean(self.tests.iter().map(TreatmentControl::ln_e))
    }

    /// Whether the treatment was slower in the last five minutes, over all cuts.
    pub(super) fn is_recent(&self, recent: &Recent) -> bool {
        let cuts = self.cuts.unwrap_or_default();
        let beyond = |arm: &RecentArm, bound: fn(Cut) -> f64| -> f64 {
            cuts.into_iter().flatten().filter_map(|cut| arm.share_beyond(bound(cut))).sum()
        };
        beyond(recent.treatment(), |cut| cut.treatment) > beyond(recent.control(), |cut| cut.control)
    }
}

/// Treatment against a recorded baseline of the same work, for phases without a control arm: the share beyond 1.2 times a
/// cut is tested against the upper bound (Clopper and Pearson, 99 %) of the baseline's share beyond the cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SlowerThanBaseline {
    tests: Vec<BaselineTest>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BaselineTest {
    beyond: f64,
    limit: f64,
    score: Above,
}

impl SlowerThanBaseline {
    pub(super) fn new(by: f64, minutes_max: u32, baseline: Option<&Latencies>) -> Self {
        let Some(baseline) = baseline else { return Self { tests: Vec::new() } };
        let test = |cut: Cut| {
            let limit = statistics::upper_bound(baseline.total(), baseline.beyond(cut.control)?, BASELINE_ALPHA);
            let score = (limit < 1.0).then(|| Above::new(limit, minutes_max))?;
            Some(BaselineTest { beyond: cut.treatment, limit, score })
        };
        Self { tests: cuts(baseline, by).into_iter().flatten().filter_map(test).collect() }
    }

    pub(super) fn observe(&mut self, treatment: &ArmCounts) {
        for test in &mut self.tests {
            let slower = beyond(treatment, test.beyond);
            test.score.observe(slower.map_or(0, |_| treatment.requests), slower.unwrap_or(0));
        }
    }

    /// None without a baseline.
    pub(super) fn ln_e(&self) -> Option<f64> {
        let is_known = !self.tests.is_empty();
        is_known.then(|| statistics::ln_mean(self.tests.iter().map(|test| test.score.ln_e())))
    }

    pub(super) fn is_recent(&self, recent: &Recent) -> bool {
        let excess = |test: &BaselineTest| Some(recent.treatment().share_beyond(test.beyond)? - test.limit);
        self.tests.iter().filter_map(excess).sum::<f64>() > 0.0
    }
}
