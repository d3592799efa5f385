//! `/api/funds/{fundId}/moic`: the legacy MOIC, which no flag guards.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::FundScope;
use crate::error::ApiError;
use crate::legacy_moic::{self, FundView};

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_legacy_moic))
}

/// Σ(ownership × latest valuation + realised) / Σ amount, per company and fund. Never guarded by a flag.
#[utoipa::path(get, path = "/api/funds/{fundId}/moic", operation_id = "get_legacy_moic", tag = "moic",
    params(("fundId" = i64, Path)), responses((status = 200, body = FundView)))]
async fn get_legacy_moic(State(state): State<AppState>, scope: FundScope) -> Result<Json<FundView>, ApiError> {
    let inputs = state.store().read(move |tx| store::legacy_moic::inputs(tx, scope.fund_id)).await?;
    Ok(Json(legacy_moic::of(inputs)))
}
