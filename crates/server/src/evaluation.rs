//! From stored facts to lenses: the document is read from the store, checked and evaluated off the async threads.

use jiff::Timestamp;
use jiff::civil::Date;
use moic::{DocumentError, Evaluation, Portfolio};
use store::FundId;
use store::portfolio::{self, Scope};

use crate::AppState;
use crate::error::ApiError;

/// The checked portfolio of a fund as of `as_of`, from the facts recorded up to `known_at`, or up to now.
///
/// # Errors
/// Those of the store; [`ApiError::Internal`] when the engine refuses what is stored, which every write checks.
pub(crate) async fn portfolio_of(
    state: &AppState,
    fund_id: FundId,
    as_of: Date,
    known_at: Option<Timestamp>,
) -> Result<Portfolio, ApiError> {
    let document = document_of(state, fund_id, as_of, known_at).await?;
    off_thread(move || checked(fund_id, &document)).await?
}

/// The portfolio of a document that was put together from what is stored.
///
/// # Errors
/// [`ApiError::Internal`] when the engine refuses it, which every write checks.
pub(crate) fn checked(fund_id: FundId, document: &[u8]) -> Result<Portfolio, ApiError> {
    Portfolio::from_json(document).map_err(|error| refused(fund_id, &error))
}

/// The portfolio document itself, as it is exported.
///
/// # Errors
/// Those of the store.
pub(crate) async fn document_of(
    state: &AppState,
    fund_id: FundId,
    as_of: Date,
    known_at: Option<Timestamp>,
) -> Result<Vec<u8>, ApiError> {
    let known_at = known_at.unwrap_or(Timestamp::MAX);
    Ok(state.store().read(move |tx| portfolio::document(tx, fund_id, Scope::Fund, as_of, known_at)).await?)
}

/// Evaluates all lenses and writes them.
///
/// # Errors
/// [`ApiError::Internal`] if the engine panics.
pub(crate) async fn result_of(state: &AppState, portfolio: Portfolio) -> Result<Vec<u8>, ApiError> {
    evaluated(state, portfolio, |_, evaluation| evaluation.to_json()).await.map(|(result, _)| result)
}

/// Evaluates all lenses, notes how long the pass took, and hands them to `use_of`; the portfolio comes back with what that
/// makes of them.
///
/// # Errors
/// [`ApiError::Internal`] if the engine panics.
pub(crate) async fn evaluated<T: Send + 'static>(
    state: &AppState,
    portfolio: Portfolio,
    use_of: impl FnOnce(&Portfolio, &Evaluation<'_>) -> T + Send + 'static,
) -> Result<(T, Portfolio), ApiError> {
    let measured = state.clone();
    off_thread(move || {
        let started = measured.clock().monotonic();
        let evaluation = portfolio.evaluate();
        measured.metrics().lot_level.lenses_calculated(measured.clock().monotonic().saturating_sub(started));
        let used = use_of(&portfolio, &evaluation);
        drop(evaluation);
        (used, portfolio)
    })
    .await
}

pub(crate) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ApiError::Internal(format!("the engine stopped: {error}")))
}

fn refused(fund_id: FundId, error: &DocumentError) -> ApiError {
    ApiError::Internal(format!("the stored portfolio of fund {fund_id} is not acceptable to the engine: {error}"))
}
