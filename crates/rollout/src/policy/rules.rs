//! What a phase asks for, and what it acts on.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::evidence::Measure;

/// What must be shown before a phase is left for the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion {
    /// Its name in the policy.
    pub name: String,
    /// How it is shown.
    pub proof: Proof,
}

/// How a criterion is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Proof {
    /// The share of failed requests is below `limit`, and meets the criterion below `success`.
    Errors {
        /// p0.
        success: f64,
        /// p1.
        limit: f64,
    },
    /// The share of requests that take longer than `seconds`, a bound of the buckets, is below 1 − `quantile`.
    Latency {
        /// The limit of the quantile, in seconds.
        seconds: f64,
        /// Which quantile, above 0 and below 1.
        quantile: f64,
        /// p0.
        success: f64,
        /// p1 = 1 − quantile.
        limit: f64,
    },
    /// A level that was measured, and never above `at_most`, since the phase was entered.
    Level {
        /// Of what.
        measure: Measure,
        /// The highest level that is good.
        at_most: f64,
    },
}

impl Proof {
    /// Name of its test in evidence: `errors`, `p95`; none for a level, which needs no test.
    #[must_use]
    pub fn test(self) -> Option<String> {
        match self {
            Self::Errors { .. } => Some("errors".to_owned()),
            Self::Latency { quantile, .. } => Some(quantile_name(quantile)),
            Self::Level { .. } => None,
        }
    }

    /// Whether it is about how long requests take.
    pub(super) const fn is_of_latency(self) -> bool {
        matches!(self, Self::Latency { .. })
    }

    /// Success and rollback limit of a share of requests; none for a level.
    #[must_use]
    pub const fn limits(self) -> Option<(f64, f64)> {
        match self {
            Self::Errors { success, limit } | Self::Latency { success, limit, .. } => Some((success, limit)),
            Self::Level { .. } => None,
        }
    }
}

/// What stops, or slows, a rollout.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// Its name in the policy.
    pub name: String,
    /// What trips it.
    pub condition: Condition,
    /// What is done then.
    pub action: Action,
    /// A share of the phase's alpha, from the policy; none for the usual share.
    pub weight: Option<f64>,
    /// An alpha of its own over the whole rollout, beside the policy's.
    pub alpha: Option<f64>,
}

/// What trips a trigger.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    /// The treatment fails more than `tolerance` times as often as the control, and now above `success`.
    WorseThanControl {
        /// L0, at least 1.
        tolerance: f64,
        /// The success limit, which the recent share must exceed.
        success: f64,
    },
    /// Failures are more than `limit`, and now above `success`.
    Errors {
        /// The success limit, which the recent share must exceed.
        success: f64,
        /// The rollback limit.
        limit: f64,
    },
    /// A quantile is above `seconds`.
    Latency {
        /// The limit of the quantile, in seconds.
        seconds: f64,
        /// Which quantile.
        quantile: f64,
        /// The success limit, which the recent share of slower requests must exceed.
        success: f64,
        /// 1 − quantile.
        limit: f64,
    },
    /// The treatment is slower than the control by more than this share (0.2 for 20 %).
    SlowerThanControl {
        /// The tolerated share.
        by: f64,
    },
    /// The treatment is slower than the recorded baseline by more than this share.
    SlowerThanBaseline {
        /// The tolerated share.
        by: f64,
    },
    /// A shared resource is above a level for some time.
    Shared {
        /// Which.
        measure: Measure,
        /// The level that trips it.
        above: f64,
        /// The lower level at which it has recovered.
        clear: f64,
        /// How long it must be above.
        lasting: SignedDuration,
        /// How long a step back is given to help.
        recover_within: SignedDuration,
    },
    /// A completed snapshot breaks an identity of its own numbers.
    Integrity,
    /// Somebody says so.
    Manual,
}

/// Which kind of reasoning a trigger rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Comparison of the arms.
    Causal,
    /// A limit, whatever the control does.
    Absolute,
    /// What both arms share.
    SharedResource,
    /// Proof.
    Integrity,
    /// A person's word.
    Manual,
}

/// What is done when a trigger trips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Put everything back.
    Rollback,
    /// One phase down.
    StepBack,
    /// Stay until somebody decides.
    Hold,
    /// Tell somebody.
    Notify,
    /// Go on: what a promotion does.
    Promote,
}

impl Action {
    /// Name in policies and evidence.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::StepBack => "step_back",
            Self::Hold => "hold",
            Self::Notify => "notify",
            Self::Promote => "promote",
        }
    }
}

impl Condition {
    /// The kind of reasoning.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::WorseThanControl { .. } | Self::SlowerThanControl { .. } => Class::Causal,
            Self::Errors { .. } | Self::Latency { .. } | Self::SlowerThanBaseline { .. } => Class::Absolute,
            Self::Shared { .. } => Class::SharedResource,
            Self::Integrity => Class::Integrity,
            Self::Manual => Class::Manual,
        }
    }

    /// Name of its test in evidence: `errors` for the comparison of the arms, `errorRate` for the limit, `p99`, `slower`;
    /// none where it is no test.
    #[must_use]
    pub fn test(&self) -> Option<String> {
        match self {
            Self::WorseThanControl { .. } => Some("errors".to_owned()),
            Self::Errors { .. } => Some("errorRate".to_owned()),
            Self::Latency { quantile, .. } => Some(quantile_name(*quantile)),
            Self::SlowerThanControl { .. } => Some("slower".to_owned()),
            Self::SlowerThanBaseline { .. } => Some("slowerThanBaseline".to_owned()),
            Self::Shared { .. } | Self::Integrity | Self::Manual => None,
        }
    }

    /// Whether it is about how long requests take.
    pub(super) const fn is_of_latency(&self) -> bool {
        matches!(self, Self::Latency { .. } | Self::SlowerThanControl { .. } | Self::SlowerThanBaseline { .. })
    }

    /// Whether it is about failed requests.
    pub(super) const fn is_about_errors(&self) -> bool {
        matches!(self, Self::WorseThanControl { .. } | Self::Errors { .. })
    }
}

/// `p95` for 0.95, `p99.9` for 0.999.
fn quantile_name(quantile: f64) -> String {
    // Rounded to what a person would write: 100·0.999 is 99.9 and a bit.
    format!("p{}", (quantile * 100_000.0).round() / 1_000.0)
}
