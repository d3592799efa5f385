//! The last five minutes.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::evidence::ArmCounts;
use crate::latency::Latencies;
use crate::statistics::real;

/// Ticks of five minutes.
pub const RECENT_TICKS: usize = 20;

/// What was seen in the last 20 ticks, or in as many as there are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "VecDeque<Seen>", into = "VecDeque<Seen>")]
pub struct Recent {
    ticks: VecDeque<Seen>,
    treatment: RecentArm,
    control: RecentArm,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Seen {
    treatment: RecentArm,
    control: RecentArm,
}

/// Counts of one arm.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct RecentArm {
    requests: u64,
    failures: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    latency: Option<Latencies>,
}

/// Estimates of the last five minutes. What is none had no requests, or was not measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimates {
    /// Share of the treatment's requests that failed.
    pub treatment_error_rate: Option<f64>,
    /// Share of the control's.
    pub control_error_rate: Option<f64>,
    /// The first over the second.
    pub ratio: Option<f64>,
    /// 95 % of the treatment's requests took at most so many seconds.
    pub p95: Option<f64>,
    /// 99 % of them.
    pub p99: Option<f64>,
}

impl RecentArm {
    fn of(arm: &ArmCounts) -> Self {
        Self { requests: arm.requests, failures: arm.failures, latency: arm.latency.clone() }
    }

    fn add(&mut self, others: &Self) {
        self.requests = self.requests.saturating_add(others.requests);
        self.failures = self.failures.saturating_add(others.failures);
        match (&mut self.latency, &others.latency) {
            (Some(latency), Some(others)) => {
                latency.add(others);
            }
            (latency @ None, Some(others)) => *latency = Some(others.clone()),
            (_, None) => {}
        }
    }

    fn subtract(&mut self, others: &Self) {
        self.requests = self.requests.saturating_sub(others.requests);
        self.failures = self.failures.saturating_sub(others.failures);
        if let (Some(latency), Some(others)) = (&mut self.latency, &others.latency) {
            latency.subtract(others);
        }
    }

    /// Requests.
    #[must_use]
    pub const fn requests(&self) -> u64 {
        self.requests
    }

    /// Those that failed.
    #[must_use]
    pub const fn failures(&self) -> u64 {
        self.failures
    }

    /// Share of the requests that failed; none without requests.
    #[must_use]
    pub fn error_rate(&self) -> Option<f64> {
        (self.requests > 0).then(|| real(self.failures) / real(self.requests))
    }

    /// Share of the requests that took longer than a bound; none where none were measured.
    #[must_use]
    pub fn share_beyond(&self, seconds: f64) -> Option<f64> {
        let latency = self.latency.as_ref().filter(|latency| latency.total() > 0)?;
        Some(real(latency.beyond(seconds)?) / real(latency.total()))
    }

    /// The quantile `q`, in seconds.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        self.latency.as_ref()?.quantile(q)
    }
}

impl Recent {
    pub(super) fn push(&mut self, treatment: &ArmCounts, control: &ArmCounts) {
        self.take(Seen { treatment: RecentArm::of(treatment), control: RecentArm::of(control) });
    }

    fn take(&mut self, seen: Seen) {
        if self.ticks.len() >= RECENT_TICKS
            && let Some(oldest) = self.ticks.pop_front()
        {
            self.treatment.subtract(&oldest.treatment);
            self.control.subtract(&oldest.control);
        }
        self.treatment.add(&seen.treatment);
        self.control.add(&seen.control);
        self.ticks.push_back(seen);
    }

    /// The treatment's counts.
    #[must_use]
    pub const fn treatment(&self) -> &RecentArm {
        &self.treatment
    }

    /// The control's counts.
    #[must_use]
    pub const fn control(&self) -> &RecentArm {
        &self.control
    }

    /// Seconds that were seen.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        let ticks = u32::try_from(self.ticks.len()).unwrap_or(u32::MAX);
        f64::from(ticks) * crate::evidence::TICK.as_secs_f64()
    }

    /// What the last five minutes say.
    #[must_use]
    pub fn estimates(&self) -> Estimates {
        let (treatment, control) = (self.treatment.error_rate(), self.control.error_rate());
        let ratio = match (treatment, control) {
            (Some(treatment), Some(control)) if control > 0.0 => Some(treatment / control),
            _ => None,
        };
        Estimates {
            treatment_error_rate: treatment,
            control_error_rate: control,
            ratio,
            p95: self.treatment.quantile(0.95),
            p99: self.treatment.quantile(0.99),
        }
    }
}

impl From<VecDeque<Seen>> for Recent {
    fn from(ticks: VecDeque<Seen>) -> Self {
        let mut recent = Self::default();
        for seen in ticks {
            recent.take(seen);
        }
        recent
    }
}

impl From<Recent> for VecDeque<Seen> {
    fn from(recent: Recent) -> Self {
        recent.ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(requests: u64, failures: u64) -> ArmCounts {
        ArmCounts { requests, failures, ..ArmCounts::default() }
    }

    #[test]
    fn only_the_last_five_minutes_count_and_come_back_from_storage() {
        let mut recent = Recent::default();
        assert_eq!(recent.estimates(), Estimates::default());
        for failures in 0..30 {
            recent.push(&arm(100, failures), &arm(200, 1));
        }
        let expected: u64 = (10..30).sum();
        assert_eq!((recent.treatment.requests, recent.treatment.failures), (2_000, expected));
        assert_eq!(recent.estimates().control_error_rate, Some(0.005));
        let stored = serde_json::to_string(&recent).unwrap();
        assert_eq!(serde_json::from_str::<Recent>(&stored).unwrap(), recent);
    }
}
