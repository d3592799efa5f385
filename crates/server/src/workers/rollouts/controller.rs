//! The controller: one process at a time, by a lease with a fencing token. It looks at every rollout that has not ended,
//! tells it what has happened, and writes what follows; killed at any instruction, the next one goes on from there.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use store::leases::{self, Held};
use store::{RolloutId, StoreError, Transaction, rollouts};

use crate::AppState;
use crate::error::is_passing;
use crate::rollouts::LEASE;
use crate::rollouts::act::{self, Together};
use crate::rollouts::due::{self, Due};
use crate::rollouts::start::{self, Surroundings};
use crate::rollouts::step::Cause;

/// How long the lease of a controller that was killed lasts on.
const LEASE_LENGTH: Duration = Duration::from_secs(10);
/// How often the lease is renewed: three chances before it runs out.
const RENEW_INTERVAL: Duration = Duration::from_secs(3);
/// How often rollouts are looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// Events that one rollout takes in one go: after an outage there are several.
const EVENTS_PER_ROUND_MAX: usize = 50;

/// Until the server stops; then the lease is given back.
pub(in crate::workers) async fn run(state: AppState) {
    let mut lease: Option<(Held, Duration)> = None;
    let mut changes = state.store().flag_changes();
    let mut failing = HashSet::new();
    loop {
        tokio::select! {
            () = state.stopping() => break,
            // A kill is told at once. An error means that the store is closing; the poll sees what is left to see.
            Ok(()) = changes.changed() => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
        let now = state.clock().monotonic();
        let is_fresh = lease.as_ref().is_some_and(|(_, taken)| now.saturating_sub(*taken) < RENEW_INTERVAL);
        if !is_fresh {
            lease = match take(&state).await {
                Ok(held) => held.map(|held| (held, now)),
                Err(error) => {
                    tracing::debug!(%error, "nobody knows now who controls the rollouts");
                    None
                }
            };
        }
        let Some((held, _)) = &lease else { continue };
        if let Err(error) = round(&state, held, &mut failing).await {
            // Another process may have taken over: the lease says.
            tracing::warn!(%error, "rollouts cannot be looked at now");
            lease = None;
        }
    }
    if let Some((held, _)) = lease {
        // Otherwise another process waits for the end of the lease.
        let _ = state.store().write(move |tx| leases::release(tx, &held)).await;
    }
}

async fn take(state: &AppState) -> Result<Option<Held>, StoreError> {
    let (holder, now) = (state.replica().to_owned(), state.shared_now());
    state.store().write(move |tx| leases::take(tx, LEASE, &holder, LEASE_LENGTH, now)).await
}

/// Looks at every rollout. What keeps one of them from going on, which is told once, does not keep the others.
async fn round(state: &AppState, lease: &Held, failing: &mut HashSet<RolloutId>) -> Result<(), StoreError> {
    for id in state.store().read(rollouts::running).await? {
        match catch_up(state, lease, id).await {
            Ok(()) => {
                failing.remove(&id);
            }
            // The database will take it in a moment, or another process controls: nothing is wrong with the rollout.
            Err(error) if is_passing(&error) || is_anothers(&error) => return Err(error),
            Err(error) => {
                if failing.insert(id) {
                    tracing::error!(%error, rollout = %id, "a rollout cannot go on: somebody has to look");
                    state.metrics().rollouts.paged();
                }
            }
        }
    }
    Ok(())
}

/// Whether another process was in the way: it has the lease, or the database put its write first.
fn is_anothers(error: &StoreError) -> bool {
    let by = |constraint: &str| constraint == leases::LOST || constraint == store::CONCURRENCY;
    matches!(error, StoreError::Conflict { constraint, .. } if by(constraint))
}

/// Tells a rollout everything it has to hear.
async fn catch_up(state: &AppState, lease: &Held, id: RolloutId) -> Result<(), StoreError> {
    for _ in 0..EVENTS_PER_ROUND_MAX {
        if !advance(state, lease, id).await? {
            break;
        }
    }
    Ok(())
}

/// Tells a rollout what it has to hear next; false when there is nothing.
async fn advance(state: &AppState, lease: &Held, id: RolloutId) -> Result<bool, StoreError> {
    let now = state.shared_now();
    let surroundings = Surroundings::of(state.config(), state.live_flags().file());
    let known = surroundings.clone();
    let view = state.store().read(move |tx| due::look(tx, id, &known, now)).await?;
    let Some(due) = view.due() else { return Ok(false) };
    let version = Some(view.rollout.version);
    let told = |triggered_at: Timestamp| Cause::controller(id, now, triggered_at);
    let together = Together { lease: Some(lease.clone()), version, ..Together::default() };
    let (event, cause, together) = match due {
        Due::Start => {
            begin(state, lease, id, surroundings, told(now)).await?;
            return Ok(true);
        }
        Due::Tick { event, closes } => (event, told(closes.at), Together { closes: Some(*closes), ..together }),
        Due::Verified { drained_at, recovered_at } => {
            (rollout::Event::Verified, told(now), Together { drained: Some((drained_at, recovered_at)), ..together })
        }
        Due::Event(event) => (event, told(now), together),
    };
    match act::act(state, id, event, cause, together).await {
        Ok(_) => Ok(true),
        // An operator was quicker, and goes before.
        Err(StoreError::VersionConflict { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

async fn begin(
    state: &AppState,
    lease: &Held,
    id: RolloutId,
    surroundings: Surroundings,
    cause: Cause,
) -> Result<(), StoreError> {
    let lease = lease.clone();
    let write = move |tx: &mut Transaction<'_>| {
        leases::check(tx, &lease)?;
        let rollout = rollouts::get(tx, id)?;
        if !start::is_waiting(&rollout) || !start::missing(tx, &rollout, &surroundings)?.is_empty() {
            return Ok(None);
        }
        start::begin(tx, rollout, &surroundings, &cause).map(Some)
    };
    if let Some(taken) = state.store().write(write).await? {
        act::follow_up(state, taken).await?;
    }
    Ok(())
}
