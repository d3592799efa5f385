//! Answers in memory that depend on a fund's numbers alone: the same fund at the same revision gives the same bytes.

use std::sync::Arc;

use axum::body::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use store::{FundId, funds};

use crate::AppState;
use crate::error::ApiError;

/// Bytes of results kept.
const CACHE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Results the cache expects; it makes room for more when they are small.
const CACHE_ITEMS_EXPECTED: usize = 256;

/// The revision that answers about a fund are kept under. What a newer one changed is then seen at once.
///
/// # Errors
/// What the database answers.
pub(crate) async fn revision_of(state: &AppState, fund_id: FundId) -> Result<i64, ApiError> {
    Ok(state.store().read(move |tx| funds::get(tx, fund_id)).await?.revision)
}

/// What an answer depends on. The engine is this binary's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ResultKey {
    pub(crate) fund_id: FundId,
    pub(crate) revision: i64,
    pub(crate) question: Question,
}

/// What was asked about a fund.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Question {
    /// The seven lenses as of a date, from what was known at an instant or is known now.
    Lenses { as_of: Date, known_at: Option<Timestamp> },
    /// The ranking of planned reserves, of the same.
    ReserveRanking { as_of: Date, known_at: Option<Timestamp> },
    /// The legacy MOIC.
    LegacyMoic,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<ResultKey, Bytes> for ByBytes {
    fn weight(&self, _: &ResultKey, result: &Bytes) -> u64 {
        // At least one: a weight of zero is never evicted.
        u64::try_from(result.len()).unwrap_or(u64::MAX).max(1)
    }
}

/// Results by what they depend on; simultaneous requests for one that is missing compute it once.
#[derive(Clone)]
pub(crate) struct ResultCache {
    results: Arc<Cache<ResultKey, Bytes, ByBytes>>,
}

impl ResultCache {
    pub(crate) fn new() -> Self {
        let results = Cache::with_weighter(CACHE_ITEMS_EXPECTED, CACHE_BYTES_MAX, ByBytes);
        Self { results: Arc::new(results) }
    }

    /// The kept result, or the one that `compute` brings.
    ///
    /// # Errors
    /// Those of `compute`; they are not kept.
    pub(crate) async fn get_or_compute(
        &self,
        key: &ResultKey,
        compute: impl Future<Output = Result<Bytes, ApiError>>,
    ) -> Result<Bytes, ApiError> {
        if let Some(result) = self.results.get(key) {
            return Ok(result);
        }
        self.results.get_or_insert_async(key, compute).await
    }
}
