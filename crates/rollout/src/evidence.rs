//! What is seen of a rollout: one tick after the other, each with the counts of both arms.

mod file;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::latency::Latencies;

pub use file::{EvidenceError, LINE_BYTES_MAX, LineProblem, TICKS_MAX, read_evidence, write_tick};

/// Length of a tick.
pub const TICK: SignedDuration = SignedDuration::from_secs(15);

/// What was seen in one tick.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tick {
    /// Its end.
    pub at: Timestamp,
    /// Those who did not get the feature by the draw.
    pub control: ArmCounts,
    /// Those who did.
    pub treatment: ArmCounts,
    /// What both arms share.
    #[serde(default)]
    pub shared: Shared,
    /// Whether anything could be seen.
    pub source: Source,
}

impl Tick {
    /// A tick in which nothing could be seen.
    #[must_use]
    pub fn unseen(at: Timestamp, source: Source) -> Self {
        let (control, treatment) = (ArmCounts::default(), ArmCounts::default());
        Self { at, control, treatment, shared: Shared::default(), source }
    }
}

/// Counts of one arm in one tick.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ArmCounts {
    /// Requests.
    pub requests: u64,
    /// Those that failed.
    pub failures: u64,
    /// Users first seen in this arm in this phase.
    pub users: u64,
    /// Users whose first failure of the phase fell in this tick.
    pub first_failures: u64,
    /// Requests by how long they took; none where that was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latencies>,
}

impl ArmCounts {
    /// Adds what was counted elsewhere in the same tick. Latencies that do not fit together are given up.
    pub fn add(&mut self, others: &Self) {
        self.requests = self.requests.saturating_add(others.requests);
        self.failures = self.failures.saturating_add(others.failures);
        self.users = self.users.saturating_add(others.users);
        self.first_failures = self.first_failures.saturating_add(others.first_failures);
        self.latency = match (self.latency.take(), &others.latency) {
            (Some(mut latency), Some(others)) => latency.add(others).then_some(latency),
            (None, Some(latency)) if self.requests == others.requests => Some(latency.clone()),
            (latency, None) if others.requests == 0 => latency,
            _ => None,
        };
    }
}

/// What belongs to both arms. What is none was not measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Shared {
    /// Share of the database's connections (or of the places in its queue) in use, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_in_use: Option<f64>,
    /// Snapshots that wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_depth: Option<f64>,
    /// Seconds from accepting a snapshot to its end: the longest of those that ended in this tick or still wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot_seconds: Option<f64>,
    /// Resident memory of the process, in bytes; the largest of several replicas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker_memory_bytes: Option<f64>,
    /// Deadlocks in this tick.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadlocks: Option<f64>,
    /// Completed snapshots that break an identity, in this tick.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integrity_violations: Option<u64>,
}

/// A measure of [`Shared`] that a policy can watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Measure {
    /// Share of the database's connections in use.
    PoolInUse,
    /// Snapshots that wait.
    QueueDepth,
    /// Longest time from accepting a snapshot to its end, in seconds.
    SnapshotSeconds,
    /// Memory of the process, in bytes.
    WorkerMemoryBytes,
    /// Deadlocks a tick.
    Deadlocks,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 5] =
        [Self::PoolInUse, Self::QueueDepth, Self::SnapshotSeconds, Self::WorkerMemoryBytes, Self::Deadlocks];

    /// Name in evidence and in policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PoolInUse => "poolInUse",
            Self::QueueDepth => "queueDepth",
            Self::SnapshotSeconds => "snapshotSeconds",
            Self::WorkerMemoryBytes => "workerMemoryBytes",
            Self::Deadlocks => "deadlocks",
        }
    }

    /// Its level in a tick; none where it was not measured.
    #[must_use]
    pub const fn of(self, shared: &Shared) -> Option<f64> {
        match self {
            Self::PoolInUse => shared.pool_in_use,
            Self::QueueDepth => shared.queue_depth,
            Self::SnapshotSeconds => shared.snapshot_seconds,
            Self::WorkerMemoryBytes => shared.worker_memory_bytes,
            Self::Deadlocks => shared.deadlocks,
        }
    }

    /// Notes its level in a tick.
    pub const fn set(self, shared: &mut Shared, level: f64) {
        let place = match self {
            Self::PoolInUse => &mut shared.pool_in_use,
            Self::QueueDepth => &mut shared.queue_depth,
            Self::SnapshotSeconds => &mut shared.snapshot_seconds,
            Self::WorkerMemoryBytes => &mut shared.worker_memory_bytes,
            Self::Deadlocks => &mut shared.deadlocks,
        };
        *place = Some(level);
    }
}

impl Shared {
    /// Adds what another replica measured in the same tick: of levels the worse, of events the sum.
    pub fn add(&mut self, others: &Self) {
        let worse = |one: Option<f64>, other: Option<f64>| match (one, other) {
            (Some(one), Some(other)) => Some(one.max(other)),
            (one, other) => one.or(other),
        };
        self.pool_in_use = worse(self.pool_in_use, others.pool_in_use);
        self.queue_depth = worse(self.queue_depth, others.queue_depth);
        self.snapshot_seconds = worse(self.snapshot_seconds, others.snapshot_seconds);
        self.worker_memory_bytes = worse(self.worker_memory_bytes, others.worker_memory_bytes);
        self.deadlocks = match (self.deadlocks, others.deadlocks) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
        self.integrity_violations = match (self.integrity_violations, others.integrity_violations) {
            (Some(one), Some(other)) => Some(one.saturating_add(other)),
            (one, other) => one.or(other),
        };
    }
}

/// Whether the source of a tick could be read. Errors are neither success nor failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// It was read; no requests then means that there were none.
    Ok,
    /// It has nothing for this tick.
    Missing,
    /// It failed.
    Error,
}
