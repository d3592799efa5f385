//! Learns of kills and restores that another replica stored: well under a second after they happened.

use std::time::Duration;

use crate::AppState;

const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// Polls the stored state of the flags until the server stops. While the database is away the last known state holds.
pub(crate) async fn run(state: AppState) {
    loop {
        tokio::select! {
            () = state.stopping() => return,
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
        if let Err(error) = state.refresh_flags().await {
            tracing::warn!(error = %error, "the flags' stored state cannot be read; the last known one holds");
        }
    }
}
