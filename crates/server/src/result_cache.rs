//! Answers in memory that depend on a fund's numbers alone: the same fund at the same revision gives the same bytes.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use flate2::Compression;
use jiff::Timestamp;
use jiff::civil::Date;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use store::FundId;

use crate::AppState;
use crate::answer;
use crate::encoded::Encoded;
use crate::error::ApiError;
use crate::evaluation::off_thread;
use crate::revisions::Revisions;

/// Bytes of results kept.
const CACHE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Results the cache expects; it makes room for more when they are small.
const CACHE_ITEMS_EXPECTED: usize = 256;

/// What an answer depends on. The engine is this binary's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ResultKey {
    fund_id: FundId,
    revision: i64,
    question: Question,
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

impl Weighter<ResultKey, Encoded> for ByBytes {
    fn weight(&self, _: &ResultKey, result: &Encoded) -> u64 {
        // At least one: a weight of zero is never evicted.
        u64::try_from(result.bytes_kept()).unwrap_or(u64::MAX).max(1)
    }
}

/// Results by what they depend on; simultaneous requests for one that is missing compute it once.
#[derive(Clone)]
pub(crate) struct ResultCache {
    results: Arc<Cache<ResultKey, Encoded, ByBytes>>,
    revisions: Revisions,
}

impl ResultCache {
    pub(crate) fn new() -> Self {
        let results = Cache::with_weighter(CACHE_ITEMS_EXPECTED, CACHE_BYTES_MAX, ByBytes);
        Self { results: Arc::new(results), revisions: Revisions::new() }
    }

    /// Answers with the kept JSON, or with that which `compute` brings, in an encoding that the request's `headers` accept.
    ///
    /// # Errors
    /// What the database answers, and those of `compute`; they are not kept.
    pub(crate) async fn answer(
        &self,
        state: &AppState,
        fund_id: FundId,
        question: Question,
        headers: &HeaderMap,
        compute: impl Future<Output = Result<Vec<u8>, ApiError>>,
    ) -> Result<Response, ApiError> {
        let key = ResultKey { fund_id, revision: self.revisions.of(state.store(), fund_id).await?, question };
        let result = match self.results.get(&key) {
            Some(result) => result,
            None => self.results.get_or_insert_async(&key, encoded(compute)).await?,
        };
        Ok(answer::encoded_json(&result, headers))
    }
}

async fn encoded(compute: impl Future<Output = Result<Vec<u8>, ApiError>>) -> Result<Encoded, ApiError> {
    let json = compute.await?;
    // Fast rather than tightly: somebody waits.
    off_thread(move || Encoded::new(Bytes::from(json), Compression::fast())).await
}
