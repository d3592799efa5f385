//! Models of the rules that are usual in the field, for comparison. Each compares a point estimate with a constant.

use crate::evidence::{ArmCounts, Source, Tick};
use crate::latency::Latencies;
use crate::statistics::real;

/// Share of failed requests at which a check fails: the success limit of the policy.
const ERROR_RATE_MAX: f64 = 0.005;
/// How many times as slow the treatment's P95 may be as the control's.
const SLOWER_MAX: f64 = 1.2;
/// Ticks of a minute and of five.
const MINUTE: usize = 4;
const FIVE_MINUTES: usize = 20;
/// Failed checks, in all, that roll back.
const STRIKES_MAX: u32 = 5;
/// Failed measurements of a window that are let pass.
const WINDOW_FAILURES_MAX: u32 = 1;
/// One-sided 1 %, looked at every minute as if once.
const Z_MAX: f64 = 2.326;

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThresholdRule {
    /// A check a minute; five failed ones in all roll back.
    CumulativeStrikes,
    /// A measurement every five minutes over five minutes; the second failed one rolls back.
    FixedWindow,
    /// A z-test of two proportions on all that was seen, every minute, at 1 %.
    PeekedZTest,
}

impl ThresholdRule {
    /// Every rule.
    pub const ALL: [Self; 3] = [Self::CumulativeStrikes, Self::FixedWindow, Self::PeekedZTest];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CumulativeStrikes => "cumulative-strikes",
            Self::FixedWindow => "fixed-window",
            Self::PeekedZTest => "peeked-z-test",
        }
    }

    /// A fresh one for a phase.
    pub(super) fn judge(self) -> Judge {
        Judge { rule: self, ticks: 0, failed: 0, treatment: ArmCounts::default(), control: ArmCounts::default() }
    }
}

/// A rule in a phase.
pub(super) struct Judge {
    rule: ThresholdRule,
    ticks: usize,
    failed: u32,
    /// Since the last check, or since the start.
    treatment: ArmCounts,
    control: ArmCounts,
}

impl Judge {
    /// Takes a tick; true when the rule rolls back.
    pub(super) fn rolls_back(&mut self, tick: &Tick) -> bool {
        self.ticks += 1;
        if tick.source == Source::Ok {
            self.treatment.add(&tick.treatment);
            self.control.add(&tick.control);
        }
        let every = if self.rule == ThresholdRule::FixedWindow { FIVE_MINUTES } else { MINUTE };
        if !self.ticks.is_multiple_of(every) {
            return false;
        }
        match self.rule {
            ThresholdRule::CumulativeStrikes => self.strike(STRIKES_MAX),
            ThresholdRule::FixedWindow => self.strike(WINDOW_FAILURES_MAX + 1),
            ThresholdRule::PeekedZTest => z(&self.treatment, &self.control) > Z_MAX || self.is_slower(),
        }
    }

    /// Counts a failed check of what was seen since the last one.
    fn strike(&mut self, strikes_max: u32) -> bool {
        let is_failing = self.treatment.requests > 0
            && real(self.treatment.failures) / real(self.treatment.requests) > ERROR_RATE_MAX;
        self.failed += u32::from(is_failing || self.is_slower());
        (self.treatment, self.control) = (ArmCounts::default(), ArmCounts::default());
        self.failed >= strikes_max
    }

    fn is_slower(&self) -> bool {
        let p95 = |arm: &ArmCounts| arm.latency.as_ref().and_then(|latency: &Latencies| latency.quantile(0.95));
        matches!((p95(&self.treatment), p95(&self.control)), (Some(treatment), Some(control)) if treatment > SLOWER_MAX * control)
    }
}

/// The z of two proportions with a pooled variance; 0 where there is none.
fn z(treatment: &ArmCounts, control: &ArmCounts) -> f64 {
    let (n_treatment, n_control) = (real(treatment.requests), real(control.requests));
    let (x_treatment, x_control) = (real(treatment.failures), real(control.failures));
    let pooled = (x_treatment + x_control) / (n_treatment + n_control);
    let variance = pooled * (1.0 - pooled) * (1.0 / n_treatment + 1.0 / n_control);
    if variance > 0.0 { (x_treatment / n_treatment - x_control / n_control) / variance.sqrt() } else { 0.0 }
}
