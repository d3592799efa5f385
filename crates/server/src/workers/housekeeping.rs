//! Forgets what has run out: sessions, and idempotency keys that no retry will bring again.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use store::{idempotency, sessions};

use crate::AppState;

const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// Hours for which a key's first answer is kept.
const IDEMPOTENCY_KEYS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Cleans up every hour until the server stops.
pub(crate) async fn run(state: AppState) {
    loop {
        tokio::select! {
            () = state.stopping() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
        let now = state.clock().now();
        let oldest = now.checked_sub(IDEMPOTENCY_KEYS_KEPT).unwrap_or(Timestamp::MIN);
        let cleaned = state
            .store()
            .write(move |tx| {
                sessions::prune(tx, now)?;
                idempotency::prune(tx, oldest)
            })
            .await;
        if let Err(error) = cleaned {
            tracing::warn!(%error, "what has run out cannot be forgotten now; the next hour tries again");
        }
    }
}
