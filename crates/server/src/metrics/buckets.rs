//! Bounds of the histograms, in seconds. A bound that a limit needs is one of them: what lies between two bounds can only be
//! estimated.

use prometheus_client::metrics::histogram::Histogram;

/// Makes the histogram of a new label set.
pub(super) type MakeHistogram = fn() -> Histogram;

/// 0.1 is our own target, 3 and 10 the rollout's P95 and P99 limits, 300 the plan's limit for a queued snapshot.
const SNAPSHOT: [f64; 15] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0];

/// From one company (microseconds) to a portfolio of a million.
const CALCULATION: [f64; 12] = [0.00001, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 3.0, 10.0];

/// The stages of a rollback: ours take milliseconds, the plan allows five minutes.
const ROLLBACK: [f64; 12] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 150.0, 300.0];

/// 0.05 is our own target for reads, 3 and 10 the rollout's P95 and P99 limits, 5 the alert's, 30 the handlers' own limit.
const REQUEST: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0, 5.0, 10.0, 30.0];

/// From a read of one row on SQLite to the time limit of a statement on PostgreSQL.
const TRANSACTION: [f64; 13] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 3.0, 10.0];

pub(super) fn snapshot() -> Histogram {
    Histogram::new(SNAPSHOT)
}

pub(super) fn calculation() -> Histogram {
    Histogram::new(CALCULATION)
}

pub(super) fn rollback() -> Histogram {
    Histogram::new(ROLLBACK)
}

pub(super) fn request() -> Histogram {
    Histogram::new(REQUEST)
}

pub(super) fn transaction() -> Histogram {
    Histogram::new(TRANSACTION)
}
