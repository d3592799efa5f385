//! A drill that is told to stop skips what it would still look at, and restores all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use tokio::runtime::{Builder, Runtime};

use crate::commands::serve::signal;
use crate::failure::Failure;

/// Whether SIGINT or SIGTERM came.
pub struct Interruption {
    came: Arc<AtomicBool>,
    _signals: Runtime,
}

impl Interruption {
    /// Begins to watch; from now on these signals no longer end the process.
    pub fn watch() -> Result<Self, Failure> {
        let signals =
            Builder::new_multi_thread().worker_threads(1).enable_all().build().context("signals cannot be watched")?;
        let came = Arc::new(AtomicBool::new(false));
        let noticed = Arc::clone(&came);
        signals.spawn(async move {
            signal().await;
            noticed.store(true, Ordering::SeqCst);
        });
        Ok(Self { came, _signals: signals })
    }

    /// Whether a signal came.
    pub fn came(&self) -> bool {
        self.came.load(Ordering::SeqCst)
    }
}
