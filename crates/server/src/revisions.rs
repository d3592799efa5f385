//! Revisions of funds, which the database is asked for as seldom as answers that are up to date allow.

use std::sync::Arc;

use quick_cache::sync::Cache;
use store::{FundId, Store, StoreError, funds};

use crate::shared_reading::SharedReading;

/// Funds whose revision is remembered.
const FUNDS_MAX: usize = 10_000;

/// A fund's revision, and the store's count of commits before it was read.
#[derive(Clone, Copy)]
struct Remembered {
    commits: u64,
    revision: i64,
}

/// The revision that answers about a fund are kept under: what a newer one changed is seen at once.
#[derive(Clone)]
pub(crate) struct Revisions {
    /// Where this process alone writes, and knows when it did.
    remembered: Arc<Cache<FundId, Remembered>>,
    /// Where others write, too.
    readings: Arc<Cache<FundId, Arc<SharedReading<i64>>>>,
}

impl Revisions {
    pub(crate) fn new() -> Self {
        Self { remembered: Arc::new(Cache::new(FUNDS_MAX)), readings: Arc::new(Cache::new(FUNDS_MAX)) }
    }

    /// The revision of a fund that includes every write which was acknowledged before this call, by whichever process.
    ///
    /// # Errors
    /// What the database answers; `NotFound` for a fund that is not there.
    pub(crate) async fn of(&self, store: &Store, fund_id: FundId) -> Result<i64, StoreError> {
        let read = async { Ok(store.read(move |tx| funds::get(tx, fund_id)).await?.revision) };
        let Some(commits) = store.commits() else {
            let reading = self.readings.get_or_insert_with(&fund_id, || Ok::<_, StoreError>(Arc::default()))?;
            return reading.get(read).await;
        };
        if let Some(known) = self.remembered.get(&fund_id).filter(|known| known.commits == commits) {
            return Ok(known.revision);
        }
        let revision = read.await?;
        self.remembered.insert(fund_id, Remembered { commits, revision });
        Ok(revision)
    }
}
