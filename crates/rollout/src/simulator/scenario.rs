//! What happens in a simulated rollout (`rollouts.md` §7).

use std::fmt;
use std::str::FromStr;

use crate::evidence::Source;

/// Share of requests that fail when nothing is wrong.
pub(super) const BASE_ERROR_RATE: f64 = 0.003;
/// Median latency in seconds, and the deviation of its logarithm.
pub(super) const LATENCY_MEDIAN_S: f64 = 0.4;
/// Deviation of the logarithm of the latency.
pub(super) const LATENCY_SIGMA: f64 = 0.8;
/// Users of the scenario with clustered failures.
pub(super) const USERS: u32 = 5_000;
/// Those of them that fail.
pub(super) const FAILING_USERS: u32 = 50;
/// How often these fail.
pub(super) const FAILING_USER_RATE: f64 = 0.3;

/// Seconds and share of failures of a shared incident, and the latest it begins.
const INCIDENT_S: f64 = 180.0;
const INCIDENT_ERROR_RATE: f64 = 0.08;
const INCIDENT_LATEST_START_S: f64 = 3_300.0;
/// Seconds after which late faults begin, and evidence ends where it does.
const LATE_S: i64 = 900;
const SILENCE_S: i64 = 600;

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// Nothing: 0.3 % failures in both arms.
    Healthy,
    /// 8 % failures in both arms for three minutes.
    SharedIncident,
    /// 1.3 % failures in the treatment.
    ErrorsPlus1Pt,
    /// The same from minute 15 on.
    ErrorsPlus1PtLate,
    /// 20 % failures in the treatment.
    Errors20Pct,
    /// 0.6 % failures in the treatment: between the limits.
    Errors06Pct,
    /// The treatment is 20 % slower: what is tolerated.
    LatencyPlus20Pct,
    /// The treatment is 50 % slower.
    LatencyPlus50Pct,
    /// Few users have all failures, in both arms.
    ClusteredUsers,
    /// No requests from minute 10 on.
    NoTraffic,
    /// No evidence from minute 10 on.
    MetricsOutage,
}

impl Scenario {
    /// Every scenario.
    pub const ALL: [Self; 11] = [
        Self::Healthy,
        Self::SharedIncident,
        Self::ErrorsPlus1Pt,
        Self::ErrorsPlus1PtLate,
        Self::Errors20Pct,
        Self::Errors06Pct,
        Self::LatencyPlus20Pct,
        Self::LatencyPlus50Pct,
        Self::ClusteredUsers,
        Self::NoTraffic,
        Self::MetricsOutage,
    ];

    /// Name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::SharedIncident => "shared-incident",
            Self::ErrorsPlus1Pt => "errors-plus-1pt",
            Self::ErrorsPlus1PtLate => "errors-plus-1pt-late",
            Self::Errors20Pct => "errors-20pct",
            Self::Errors06Pct => "errors-0.6pct",
            Self::LatencyPlus20Pct => "latency-plus-20pct",
            Self::LatencyPlus50Pct => "latency-plus-50pct",
            Self::ClusteredUsers => "clustered-users",
            Self::NoTraffic => "no-traffic",
            Self::MetricsOutage => "metrics-outage",
        }
    }

    /// Seconds after the start at which a fault of the treatment begins; none where it has none. 20 % slower is tolerated,
    /// so it is none.
    #[must_use]
    pub const fn onset_s(self) -> Option<i64> {
        match self {
            Self::ErrorsPlus1Pt | Self::Errors20Pct | Self::Errors06Pct | Self::LatencyPlus50Pct => Some(0),
            Self::ErrorsPlus1PtLate => Some(LATE_S),
            Self::Healthy
            | Self::SharedIncident
            | Self::LatencyPlus20Pct
            | Self::ClusteredUsers
            | Self::NoTraffic
            | Self::MetricsOutage => None,
        }
    }

    /// Share of the treatment's, or the control's, requests that fail in a tick.
    pub(super) fn error_rate(self, is_treatment: bool, tick: Span, incident_start_s: f64) -> f64 {
        let is_late = tick.start_s >= LATE_S;
        match self {
            Self::ErrorsPlus1Pt if is_treatment => BASE_ERROR_RATE + 0.01,
            Self::ErrorsPlus1PtLate if is_treatment && is_late => BASE_ERROR_RATE + 0.01,
            Self::Errors20Pct if is_treatment => 0.2,
            Self::Errors06Pct if is_treatment => 0.006,
            Self::SharedIncident => {
                let hit = tick.overlap(incident_start_s, incident_start_s + INCIDENT_S);
                INCIDENT_ERROR_RATE * hit + BASE_ERROR_RATE * (1.0 - hit)
            }
            _ => BASE_ERROR_RATE,
        }
    }

    /// How many times as long the treatment's requests take as the control's.
    pub(super) const fn slowdown(self) -> f64 {
        match self {
            Self::LatencyPlus20Pct => 1.2,
            Self::LatencyPlus50Pct => 1.5,
            _ => 1.0,
        }
    }

    /// Whether there are requests in a tick.
    pub(super) fn has_traffic(self, tick: Span) -> bool {
        self != Self::NoTraffic || tick.start_s < SILENCE_S
    }

    /// Whether the evidence of a tick can be read.
    pub(super) fn source(self, tick: Span) -> Source {
        if self == Self::MetricsOutage && tick.start_s >= SILENCE_S { Source::Error } else { Source::Ok }
    }

    /// Where a shared incident starts for a uniform number from 0 to 1, in seconds.
    pub(super) fn incident_start_s(uniform: f64) -> f64 {
        uniform * INCIDENT_LATEST_START_S
    }
}

/// The time of a tick, in seconds since the start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) start_s: i64,
    pub(super) end_s: i64,
}

impl Span {
    /// The share of the tick between two instants.
    fn overlap(self, from_s: f64, to_s: f64) -> f64 {
        let seconds = |whole: i64| i32::try_from(whole).map_or(f64::INFINITY, f64::from);
        let (start, end) = (seconds(self.start_s), seconds(self.end_s));
        ((end.min(to_s) - start.max(from_s)) / (end - start)).max(0.0)
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|scenario| scenario.as_str() == text)
            .ok_or_else(|| format!("must be one of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}
