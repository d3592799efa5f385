//! The database as this process sees it, and the queue that lies in it (requirement B2).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use store::{Access, Load, Meter, StoreError};

use super::buckets::{self, MakeHistogram};
use super::levels::Levels;
use crate::clock::Clock;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct AccessLabels {
    access: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobLabels {
    state: &'static str,
}

/// Metrics of the database.
pub(crate) struct DatabaseMetrics {
    times: TransactionTimes,
    connections: Family<AccessLabels, Gauge>,
    in_use: Family<AccessLabels, Gauge>,
    waiting: Family<AccessLabels, Gauge>,
    exhausted: Counter,
    deadlocks: Counter,
    up: Gauge,
    jobs: Family<JobLabels, Gauge>,
    oldest_age: Gauge<f64, AtomicU64>,
}

/// How long transactions waited and took.
#[derive(Clone)]
struct TransactionTimes {
    waited: Family<AccessLabels, Histogram, MakeHistogram>,
    took: Family<AccessLabels, Histogram, MakeHistogram>,
}

impl DatabaseMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            times: TransactionTimes {
                waited: Family::new_with_constructor(buckets::transaction),
                took: Family::new_with_constructor(buckets::transaction),
            },
            connections: Family::default(),
            in_use: Family::default(),
            waiting: Family::default(),
            exhausted: Counter::default(),
            deadlocks: Counter::default(),
            up: Gauge::default(),
            jobs: Family::default(),
            oldest_age: Gauge::default(),
        };
        registry.register(
            "database_query_duration_seconds",
            "Time of transactions in the database, from a connection's taking them up to their answer",
            metrics.times.took.clone(),
        );
        registry.register(
            "database_wait_duration_seconds",
            "Time that transactions waited for a connection",
            metrics.times.waited.clone(),
        );
        registry.register("database_connections", "Connections of this process", metrics.connections.clone());
        registry.register("database_connections_in_use", "Connections that run a transaction", metrics.in_use.clone());
        registry.register(
            "database_requests_waiting",
            "Transactions that wait for a connection",
            metrics.waiting.clone(),
        );
        registry.register(
            "database_pool_exhausted",
            "Transactions refused because too many waited for a connection",
            metrics.exhausted.clone(),
        );
        registry.register(
            "database_deadlocks",
            "Transactions that lost a deadlock; each was run again",
            metrics.deadlocks.clone(),
        );
        registry.register("database_up", "Whether the database answered when it was last needed", metrics.up.clone());
        registry.register(
            "snapshot_queue_jobs",
            "Snapshots of this database by the state of their jobs, the same in every process",
            metrics.jobs.clone(),
        );
        registry.register(
            "snapshot_queue_oldest_age_seconds",
            "Time since the oldest snapshot that is not done was asked for, the same in every process",
            metrics.oldest_age.clone(),
        );
        for access in [Access::Read, Access::Write] {
            let _ = metrics.times.took.get_or_create(&labels(access));
            let _ = metrics.times.waited.get_or_create(&labels(access));
        }
        metrics
    }

    /// What the store tells the times of its transactions to.
    pub(crate) fn meter(&self, clock: Arc<dyn Clock>) -> Arc<dyn Meter> {
        Arc::new(ClockedMeter { times: self.times.clone(), clock })
    }

    /// How busy the store is.
    pub(super) fn show(&self, load: &Load, levels: Result<&Levels, &StoreError>) {
        for (access, threads) in [(Access::Read, load.reads), (Access::Write, load.writes)] {
            let labels = labels(access);
            self.connections.get_or_create(&labels).set(i64::from(threads.connections));
            self.in_use.get_or_create(&labels).set(i64::from(threads.in_use));
            self.waiting.get_or_create(&labels).set(i64::from(threads.waiting));
        }
        // The store's own counts are the truth; these are their copies.
        self.exhausted.inner().store(load.refused, Ordering::Relaxed);
        self.deadlocks.inner().store(load.deadlocks, Ordering::Relaxed);
        // One that is busy, or that holds something unreadable, is there.
        let is_away = matches!(levels, Err(StoreError::Unavailable(_)));
        self.up.set(i64::from(load.is_reachable && !is_away));
        let Ok(levels) = levels else {
            // What is not known is not shown: yesterday's queue is no queue.
            self.jobs.clear();
            self.oldest_age.set(f64::NAN);
            return;
        };
        let queue = levels.queue.depth;
        for (state, count) in [("queued", queue.queued), ("running", queue.running), ("dead", queue.dead)] {
            self.jobs.get_or_create(&JobLabels { state }).set(count);
        }
        self.oldest_age.set(levels.queue.oldest_age_seconds);
    }
}

fn labels(access: Access) -> AccessLabels {
    let access = match access {
        Access::Read => "read",
        Access::Write => "write",
    };
    AccessLabels { access }
}

struct ClockedMeter {
    times: TransactionTimes,
    clock: Arc<dyn Clock>,
}

impl Meter for ClockedMeter {
    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    fn transaction(&self, access: Access, waited: Duration, took: Duration) {
        let labels = labels(access);
        self.times.waited.get_or_create(&labels).observe(waited.as_secs_f64());
        self.times.took.get_or_create(&labels).observe(took.as_secs_f64());
    }
}
