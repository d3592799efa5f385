//! `/api/funds/{fundId}/moic`: the legacy MOIC, which no flag guards.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::FundScope;
use crate::error::ApiError;
use crate::legacy_moic::{self, FundView};
use crate::result_cache::Question;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_legacy_moic))
}

/// Σ(ownership × latest valuation + realised) / Σ amount, per company and fund. Never guarded by a flag.
#[utoipa::path(get, path = "/api/funds/{fundId}/moic", operation_id = "get_legacy_moic", tag = "moic",
    params(("fundId" = i64, Path)), responses((status = 200, body = FundView)))]
async fn get_legacy_moic(
    State(state): State<AppState>,
    scope: FundScope,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let compute = async {
        let inputs = state.store().read(move |tx| store::legacy_moic::inputs(tx, scope.fund_id)).await?;
        serde_json::to_vec(&legacy_moic::of(inputs))
            .map_err(|error| ApiError::Internal(format!("the legacy MOIC cannot be written: {error}")))
    };
    state.results().answer(&state, scope.fund_id, Question::LegacyMoic, &headers, compute).await
}
