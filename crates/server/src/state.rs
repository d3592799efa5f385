//! What every request and worker shares.

use std::sync::Arc;

use axum::http::HeaderMap;
use flags::{ENABLE_LOT_LEVEL_MOIC, Flag};
use store::flag_state::{self, FlagState};
use store::{Store, StoreError};
use tokio::sync::watch;

use crate::auth::Memory;
use crate::clock::Clock;
use crate::config::Config;
use crate::flag_states::{FlagStates, Stored};
use crate::guard::wish;
use crate::metrics::Metrics;
use crate::result_cache::ResultCache;
use crate::snapshot_board::SnapshotBoard;

/// The server's state. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    clock: Arc<dyn Clock>,
    config: Config,
    metrics: Metrics,
    flags: FlagStates,
    memory: Memory,
    results: ResultCache,
    snapshots: SnapshotBoard,
    stopping: watch::Sender<bool>,
}

impl AppState {
    /// The state of a server over an open store. Reads the flags' stored state.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn new(config: Config, store: Store, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let stored = store.read(|tx| flag_state::get(tx, ENABLE_LOT_LEVEL_MOIC.key())).await?;
        let flags = FlagStates::new(config.lot_level_moic.clone(), known(ENABLE_LOT_LEVEL_MOIC, &stored));
        let shared = Shared {
            memory: Memory::new(store.url()),
            store,
            clock,
            metrics: Metrics::new(),
            flags,
            results: ResultCache::new(),
            snapshots: SnapshotBoard::new(),
            stopping: watch::Sender::new(false),
            config,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.shared.clock
    }

    pub(crate) fn config(&self) -> &Config {
        &self.shared.config
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    pub(crate) fn flags(&self) -> &FlagStates {
        &self.shared.flags
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.shared.memory
    }

    pub(crate) fn results(&self) -> &ResultCache {
        &self.shared.results
    }

    pub(crate) fn snapshots(&self) -> &SnapshotBoard {
        &self.shared.snapshots
    }

    /// Decides about a flag for a request, and counts the decision.
    pub(crate) fn is_enabled(&self, flag: Flag<bool>, headers: &HeaderMap) -> bool {
        let decision = self.flags().decide(flag, wish(flag, headers));
        self.metrics().flag_checked(flag.definition(), decision.enabled);
        decision.enabled
    }

    /// Takes over a stored state that this process has just written.
    pub(crate) fn learn_written_flag(&self, flag: Flag<bool>, stored: &FlagState) {
        self.flags().learn_written(known(flag, stored));
    }

    /// Reads the flags' stored state anew.
    ///
    /// # Errors
    /// What the database answers.
    pub(crate) async fn refresh_flags(&self) -> Result<(), StoreError> {
        let stored = self.store().read(|tx| flag_state::get(tx, ENABLE_LOT_LEVEL_MOIC.key())).await?;
        self.flags().learn(known(ENABLE_LOT_LEVEL_MOIC, &stored));
        Ok(())
    }

    /// What somebody should mend in the set-up.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let flag = ENABLE_LOT_LEVEL_MOIC;
        self.flags().switch(flag).warning(flag.definition().environment_variable).into_iter().collect()
    }

    /// Tells workers and streams to come to an end.
    pub(crate) fn stop(&self) {
        self.shared.stopping.send_replace(true);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.shared.stopping.borrow()
    }

    /// Waits until the server is told to stop.
    pub(crate) async fn stopping(&self) {
        // The sender lives as long as this state, so waiting cannot fail.
        let _ = self.shared.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }
}

/// What a stored state means for the decision.
fn known(flag: Flag<bool>, stored: &FlagState) -> Stored {
    let definition = flag.definition();
    let variant = stored.default_variant.as_deref().unwrap_or(definition.default_variant);
    // A variant that no definition has is off: nobody asked for it in a way we understand.
    let default_value = definition.value_of(variant).unwrap_or(false);
    Stored { state: flags::StoredState { killed: stored.killed, default_value }, version: stored.version }
}
