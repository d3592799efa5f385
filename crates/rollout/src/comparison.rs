//! The two arms side by side (`requirements.md` A9): errors and latency, with intervals that stay valid while more is seen.

use serde::{Deserialize, Serialize};

use crate::evidence::ArmCounts;
use crate::latency::Latencies;
use crate::policy::Design;
use crate::statistics::{Interval, Pair, RatioSequence, proportion, real};

/// A value and the interval that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Lower end of the interval; none where it is not bounded.
    pub lower: Option<f64>,
    /// Upper end of the interval; none where it is not bounded.
    pub upper: Option<f64>,
}

/// One arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArmFigures {
    /// Requests.
    pub requests: u64,
    /// Those that failed.
    pub failures: u64,
    /// Users.
    pub users: u64,
    /// Users with a failure.
    pub failed_users: u64,
    /// Share of the requests that failed; none without requests.
    pub error_rate: Option<Estimate>,
    /// Half of the requests took at most so many seconds; none where that was not measured.
    pub p50: Option<Estimate>,
    /// 95 % of them.
    pub p95: Option<Estimate>,
    /// 99 % of them.
    pub p99: Option<Estimate>,
}

/// Both arms over a phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// Those who got the feature by the draw.
    pub treatment: ArmFigures,
    /// Those who did not.
    pub control: ArmFigures,
    /// How many times as often the treatment fails: users with a failure where users are drawn, requests where people
    /// chose. None without a failure, or without a control.
    pub error_ratio: Option<Estimate>,
    /// Whether it says nothing about cause and effect, because people chose their arm.
    pub observational: bool,
    /// Probability with which an interval misses its value, at any time.
    pub alpha: f64,
}

impl ArmFigures {
    /// The figures of what was counted, each interval wrong with probability `alpha` at most.
    #[must_use]
    pub fn of(counts: &ArmCounts, alpha: f64) -> Self {
        let ArmCounts { requests, failures, users, first_failures, latency } = counts;
        let error_rate = (*requests > 0).then(|| {
            let Interval { lower, upper } = proportion(*requests, *failures, alpha);
            Estimate { value: real(*failures) / real(*requests), lower: Some(lower), upper: Some(upper) }
        });
        let quantile = |q: f64| latency.as_ref().and_then(|latency| quantile(latency, q, alpha));
        Self {
            requests: *requests,
            failures: *failures,
            users: *users,
            failed_users: *first_failures,
            error_rate,
            p50: quantile(0.5),
            p95: quantile(0.95),
            p99: quantile(0.99),
        }
    }
}

/// A quantile with its confidence sequence: the bounds at which the share of faster requests is not excluded from being q.
/// A bound whose share is surely below q lies below the quantile, one whose share is surely above q lies above it.
fn quantile(latency: &Latencies, q: f64, alpha: f64) -> Option<Estimate> {
    let total = latency.total();
    let value = latency.quantile(q)?;
    let (mut seen, mut lower, mut upper) = (0, None, None);
    for (bound, count) in latency.bounds().iter().zip(latency.counts()) {
        seen += count;
        let share = proportion(total, seen, alpha);
        if share.upper < q {
            lower = Some(*bound);
        }
        if upper.is_none() && share.lower > q {
            upper = Some(*bound);
        }
    }
    Some(Estimate { value, lower, upper })
}

impl Comparison {
    /// Compares what was counted, period after period.
    #[must_use]
    pub fn of<'p>(periods: impl Iterator<Item = (&'p ArmCounts, &'p ArmCounts)>, design: Design, alpha: f64) -> Self {
        let (mut treatment, mut control) = (ArmCounts::default(), ArmCounts::default());
        let mut sequence = RatioSequence::default();
        for (treated, controlled) in periods {
            treatment.add(treated);
            control.add(controlled);
            let observed = crate::scores::observed_share(treated.requests, controlled.requests);
            let (pair, share) = match design {
                Design::Hashed(share) => {
                    (Pair { treatment: treated.first_failures, control: controlled.first_failures }, Some(share))
                }
                Design::OptIn | Design::Everyone => {
                    (Pair { treatment: treated.failures, control: controlled.failures }, observed)
                }
            };
            sequence.observe(pair, share);
        }
        let ratio = ratio(&treatment, &control, design);
        let error_ratio = ratio.filter(|_| design.is_controlled()).map(|value| {
            let Interval { lower, upper } = sequence.interval(alpha);
            // The ends of the grid are no bounds.
            let (lowest, highest) = RatioSequence::range();
            Estimate {
                value,
                lower: Some(lower).filter(|lower| *lower > lowest),
                upper: Some(upper).filter(|upper| *upper < highest),
            }
        });
        Self {
            treatment: ArmFigures::of(&treatment, alpha),
            control: ArmFigures::of(&control, alpha),
            error_ratio,
            observational: design == Design::OptIn,
            alpha,
        }
    }
}

/// How many times as often the treatment fails; none without failures of the control.
fn ratio(treatment: &ArmCounts, control: &ArmCounts, design: Design) -> Option<f64> {
    let ratio = match design {
        Design::Hashed(share) => {
            real(treatment.first_failures) / share / (real(control.first_failures) / (1.0 - share))
        }
        Design::OptIn | Design::Everyone => {
            real(treatment.failures) / real(treatment.requests) / (real(control.failures) / real(control.requests))
        }
    };
    ratio.is_finite().then_some(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latency::bounds;

    fn arm(requests: u64, failures: u64) -> ArmCounts {
        let mut latency = Latencies::empty(bounds());
        (0..requests).for_each(|request| latency.note(0.1 + 0.001 * (request % 900) as f64));
        ArmCounts { requests, failures, users: requests / 2, first_failures: failures, latency: Some(latency) }
    }

    #[test]
    fn intervals_hold_what_they_are_about() {
        let periods = vec![(arm(1_000, 13), arm(9_000, 27)); 5];
        let found = Comparison::of(periods.iter().map(|(one, other)| (one, other)), Design::Hashed(0.1), 0.05);
        let holds = |estimate: Option<Estimate>, value: f64| {
            let Estimate { lower, upper, .. } = estimate.unwrap();
            assert!(
                lower.is_none_or(|lower| lower <= value) && upper.is_none_or(|upper| upper >= value),
                "{estimate:?}"
            );
        };
        holds(found.treatment.error_rate, 0.013);
        holds(found.control.error_rate, 0.003);
        holds(found.error_ratio, 13.0 / 0.1 / (27.0 / 0.9));
        holds(found.treatment.p50, 0.55);
        holds(found.control.p95, 0.955);
        assert!(found.error_ratio.unwrap().lower.unwrap() > 1.0, "{found:?}");
        assert!(!found.observational);
    }

    #[test]
    fn without_a_control_or_without_failures_there_is_no_ratio() {
        let (one, none) = (arm(100, 1), ArmCounts::default());
        let everyone = Comparison::of([(&one, &none)].into_iter(), Design::Everyone, 0.05);
        assert_eq!((everyone.error_ratio, everyone.control.error_rate), (None, None));
        let good = Comparison::of([(&arm(100, 0), &arm(100, 0))].into_iter(), Design::Hashed(0.5), 0.05);
        assert_eq!(good.error_ratio, None);
    }
}
