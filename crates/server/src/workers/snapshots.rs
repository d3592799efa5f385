//! Calculates snapshots: claims a job, keeps its lease while the engine works, stores the result. A worker that dies at
//! any point leaves a job whose lease runs out, which another worker, or this one after its restart, takes up again. Leases
//! go by the database's time: a machine whose clock is ahead must not take what others are working on.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use moic::{ENGINE_VERSION, Portfolio};
use store::jobs::{LEASE_MAX, Lease, Progress};
use store::snapshots::{self, Outcome, Snapshot};
use store::{StoreError, snapshot_results};

use crate::AppState;
use crate::error::ApiError;
use crate::evaluation::{portfolio_of, result_of};
use crate::metrics::{ErrorType, SnapshotOutcome};
use crate::random;
use crate::rollouts::integrity;

/// How often a worker that has nothing to do asks for work of other replicas.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How often a working worker renews its lease: three chances before it runs out.
const RENEW_INTERVAL: Duration = Duration::from_secs(3);
/// How often leases are checked for having run out.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(1);
/// Jobs taken from dead workers in one go.
const EXPIRED_PER_ROUND_MAX: i64 = 100;

/// One snapshot of so many, by chance, is calculated anew after its end.
const RECALCULATED_EVERY: u64 = 20;

/// Works off snapshots until the server stops.
pub(crate) async fn run(state: AppState, number: usize) {
    let name = format!("{}-{number}", random::hex(&random::bytes::<8>()));
    loop {
        if state.is_stopping() {
            return;
        }
        match claim(&state, &name).await {
            Ok(Some((lease, snapshot))) => {
                state.snapshots().announce_change();
                work(&state, Hold::of(lease), snapshot).await;
                state.snapshots().announce_change();
            }
            Ok(None) => wait(&state).await,
            Err(error) => {
                tracing::warn!(%error, "no snapshot can be claimed now");
                wait(&state).await;
            }
        }
    }
}

async fn wait(state: &AppState) {
    tokio::select! {
        () = state.stopping() => {}
        () = state.snapshots().work() => {}
        () = tokio::time::sleep(POLL_INTERVAL) => {}
    }
}

async fn claim(state: &AppState, name: &str) -> Result<Option<(Lease, Snapshot)>, StoreError> {
    let (now, name) = (state.shared_now(), name.to_owned());
    state.store().write(move |tx| snapshots::claim(tx, &name, LEASE_MAX, now)).await
}

/// A claimed job, and how many companies it is known to have.
struct Hold {
    lease: Lease,
    total: AtomicI64,
}

impl Hold {
    fn of(lease: Lease) -> Self {
        Self { total: AtomicI64::new(lease.progress.total), lease }
    }

    /// # Errors
    /// `LeaseLost` when another worker has the job.
    async fn renew(&self, state: &AppState) -> Result<(), StoreError> {
        let (now, lease) = (state.shared_now(), self.lease.clone());
        let progress = Progress { current: 0, total: self.total.load(Ordering::Relaxed) };
        state.store().write(move |tx| snapshots::progress(tx, &lease, progress, LEASE_MAX, now)).await
    }

    /// Renews the lease again and again; returns once it is lost.
    async fn keep(&self, state: &AppState) -> StoreError {
        loop {
            tokio::time::sleep(RENEW_INTERVAL).await;
            match self.renew(state).await {
                Err(lost @ StoreError::LeaseLost { .. }) => return lost,
                Err(error) => tracing::warn!(%error, "a lease cannot be renewed now"),
                Ok(()) => {}
            }
        }
    }
}

/// Brings one claimed snapshot to its end, and says in log and metrics how it ended.
async fn work(state: &AppState, hold: Hold, snapshot: Snapshot) {
    let started = state.clock().monotonic();
    let attempted = |outcome| {
        let elapsed = state.clock().monotonic().saturating_sub(started);
        state.metrics().lot_level.snapshot_attempted(outcome, elapsed);
    };
    let outcome = tokio::select! {
        outcome = calculate(state, &hold, &snapshot) => outcome,
        // The lease is lost: another worker has the snapshot, and nothing of this one's may be stored.
        lost = hold.keep(state) => {
            tracing::warn!(snapshot = %snapshot.id, %lost, "another worker goes on with this snapshot");
            return;
        }
    };
    let error = match outcome {
        Ok(outcome) => match store_outcome(state, &hold.lease, outcome).await {
            Ok(complete) => {
                attempted(SnapshotOutcome::Complete);
                ended(state, &complete, SnapshotOutcome::Complete);
                return check(state, &complete).await;
            }
            // Somebody deleted the snapshot, or another worker has it: nothing is wrong with the calculation.
            Err(lost @ StoreError::LeaseLost { .. }) => {
                tracing::warn!(snapshot = %snapshot.id, %lost, "this snapshot is no longer ours to complete");
                return;
            }
            Err(error) => ApiError::from(error),
        },
        Err(error) => error,
    };
    attempted(SnapshotOutcome::Error);
    give_back(state, &hold.lease, &snapshot, &error).await;
}

/// Loads, checks, and evaluates unless the same inputs were evaluated before.
async fn calculate(state: &AppState, hold: &Hold, snapshot: &Snapshot) -> Result<Outcome, ApiError> {
    let portfolio = portfolio_of(state, snapshot.fund_id, snapshot.as_of, Some(snapshot.known_at)).await?;
    let inputs_hash = portfolio.inputs_hash();
    let total = i64::try_from(portfolio.company_count()).unwrap_or(i64::MAX);
    hold.total.store(total, Ordering::Relaxed);
    let hash = inputs_hash.clone();
    let known = state.store().read(move |tx| snapshot_results::exists(tx, &hash, ENGINE_VERSION)).await?;
    state.metrics().lot_level.snapshot_looked_up(known);
    let result = if known { None } else { Some(evaluate(state, hold, portfolio).await?) };
    Ok(Outcome { inputs_hash, engine_version: ENGINE_VERSION.to_owned(), result, total })
}

/// Evaluates, and meanwhile tells whoever watches how much there is to do.
async fn evaluate(state: &AppState, hold: &Hold, portfolio: Portfolio) -> Result<String, ApiError> {
    let announced = async {
        // Losing the lease shows at the next renewal or at the end; the announcement is for people only.
        if hold.renew(state).await.is_ok() {
            state.snapshots().announce_change();
        }
    };
    let ((), result) = tokio::join!(announced, result_of(state, portfolio));
    String::from_utf8(result?).map_err(|error| ApiError::Internal(format!("the engine's result is not UTF-8: {error}")))
}

async fn store_outcome(state: &AppState, lease: &Lease, outcome: Outcome) -> Result<Snapshot, StoreError> {
    let (now, lease) = (state.shared_now(), lease.clone());
    state.store().write(move |tx| snapshots::complete(tx, &lease, &outcome, now)).await
}

fn ended(state: &AppState, snapshot: &Snapshot, outcome: SnapshotOutcome) {
    let elapsed = snapshot.created_at.duration_until(state.shared_now());
    let elapsed = elapsed.try_into().unwrap_or(Duration::ZERO);
    state.metrics().lot_level.snapshot_ended(outcome, elapsed);
    state.evidence().note_snapshot(elapsed);
}

/// Checks what was stored: every snapshot against itself, some against a calculation anew. What does not agree is told to
/// the rollouts, which go back.
async fn check(state: &AppState, snapshot: &Snapshot) {
    match disagreement(state, snapshot).await {
        Ok(None) => {}
        Ok(Some(what)) => {
            tracing::error!(snapshot = %snapshot.id, what, "a completed snapshot breaks an identity");
            state.metrics().lot_level.failed(ErrorType::Calculation);
            state.evidence().note_integrity_violation();
        }
        Err(error) => tracing::warn!(snapshot = %snapshot.id, %error, "a completed snapshot cannot be checked now"),
    }
}

async fn disagreement(state: &AppState, snapshot: &Snapshot) -> Result<Option<String>, ApiError> {
    let read = snapshot.clone();
    let stored = state.store().read(move |tx| snapshots::result(tx, &read)).await?;
    let Some(stored) = stored else { return Ok(None) };
    if let Some(what) = integrity::violation(&stored) {
        return Ok(Some(what));
    }
    if !u64::from_be_bytes(random::bytes()).is_multiple_of(RECALCULATED_EVERY) {
        return Ok(None);
    }
    let portfolio = portfolio_of(state, snapshot.fund_id, snapshot.as_of, Some(snapshot.known_at)).await?;
    let again = result_of(state, portfolio).await?;
    Ok((again != stored.as_bytes()).then(|| "calculated anew it is another".to_owned()))
}

/// A failed attempt is tried again, unless the engine refuses the stored portfolio: that stays so.
async fn give_back(state: &AppState, lease: &Lease, snapshot: &Snapshot, error: &ApiError) {
    let cause = error.cause().map_or_else(|| error.to_string(), str::to_owned);
    tracing::error!(snapshot = %snapshot.id, attempt = lease.attempt, cause, "a snapshot's calculation failed");
    if let Some(kind) = ErrorType::of(error) {
        state.metrics().lot_level.failed(kind);
    }
    // What the snapshot shows to its readers; the cause of our own mistakes stays in the log.
    let shown = error.to_string();
    let again = !matches!(error, ApiError::Internal(_));
    let (now, held) = (state.shared_now(), lease.clone());
    let fate = state.store().write(move |tx| snapshots::fail(tx, &held, &shown, again, now)).await;
    match fate {
        Ok(store::jobs::Fate::Dead) => ended(state, snapshot, SnapshotOutcome::Error),
        Ok(store::jobs::Fate::Requeued(_)) => {}
        // The lease runs out and the job goes on elsewhere.
        Err(error) => tracing::warn!(%error, "a failed snapshot cannot be given back now"),
    }
}

/// Takes jobs from workers whose lease has run out, until the server stops.
pub(crate) async fn requeue_expired(state: AppState) {
    loop {
        tokio::select! {
            () = state.stopping() => return,
            () = tokio::time::sleep(EXPIRY_INTERVAL) => {}
        }
        let now = state.shared_now();
        match state.store().write(move |tx| snapshots::requeue_expired(tx, EXPIRED_PER_ROUND_MAX, now)).await {
            Ok(0) => {}
            Ok(count) => {
                tracing::warn!(count, "snapshots go on whose worker stopped answering");
                state.snapshots().announce_work();
            }
            Err(error) => tracing::warn!(%error, "leases cannot be checked now"),
        }
    }
}
