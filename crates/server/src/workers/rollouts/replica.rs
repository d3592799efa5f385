//! Says that this process is there, and what it has of flags that are on their way.

use std::time::Duration;

use jiff::Timestamp;
use store::{StoreError, Transaction, replicas};

use crate::AppState;
use crate::rollouts::reading;

/// How often a process says that it is there: three chances before it counts as silent.
const SEEN_INTERVAL: Duration = Duration::from_secs(5);
/// How often it says what it has, while somebody waits for that.
const READING_INTERVAL: Duration = Duration::from_millis(200);

/// Until the server stops; then it says that, too.
pub(in crate::workers) async fn run(state: AppState) {
    let started_at = state.clock().now();
    let mut seen: Option<Duration> = None;
    let mut changes = state.live_flags().changed();
    loop {
        let monotonic = state.clock().monotonic();
        if seen.is_none_or(|seen| monotonic.saturating_sub(seen) >= SEEN_INTERVAL) {
            log(see(&state, started_at).await);
            seen = Some(monotonic);
        }
        log(reading::read_back(&state).await);
        tokio::select! {
            () = state.stopping() => break,
            // Reading back begins with the change that asks for it. An error means that the flags are gone: the server ends.
            Ok(()) = changes.changed() => {}
            () = tokio::time::sleep(READING_INTERVAL) => {}
        }
    }
    let id = state.replica().to_owned();
    log(state.store().write(move |tx| replicas::remove(tx, &id)).await);
}

/// Says that this process is there, and learns what time it is.
async fn see(state: &AppState, started_at: Timestamp) -> Result<(), StoreError> {
    let own = state.clone();
    let write = move |tx: &mut Transaction<'_>| {
        let before = own.clock().now();
        let now = if own.config().keeps_own_time { before } else { tx.time(before)? };
        // The difference, and not the instant, is what the start is told by, too.
        let started_at = started_at.checked_add(now.duration_since(before)).unwrap_or(started_at);
        replicas::see(tx, own.replica(), started_at, now)?;
        Ok((before, now))
    };
    let (before, now) = state.store().write(write).await?;
    state.database_time().note(before, now);
    Ok(())
}

fn log(outcome: Result<(), StoreError>) {
    if let Err(error) = outcome {
        tracing::debug!(%error, "this process cannot say now that it is there");
    }
}
