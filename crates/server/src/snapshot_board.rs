//! Where snapshots' makers, workers and watchers in this process meet. The database is the truth; the board only saves
//! them the wait for their next poll.

use std::sync::Arc;

use tokio::sync::{Notify, watch};

/// Signals about snapshots. Cheap to clone.
#[derive(Clone)]
pub(crate) struct SnapshotBoard {
    work: Arc<Notify>,
    changes: watch::Sender<u64>,
}

impl SnapshotBoard {
    pub(crate) fn new() -> Self {
        Self { work: Arc::default(), changes: watch::Sender::new(0) }
    }

    /// A snapshot waits for a worker.
    pub(crate) fn announce_work(&self) {
        self.work.notify_one();
        self.announce_change();
    }

    /// Something about a snapshot changed.
    pub(crate) fn announce_change(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Waits for a snapshot to wait. One announced while nobody waited counts.
    pub(crate) async fn work(&self) {
        self.work.notified().await;
    }

    /// Changes from now on.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}
