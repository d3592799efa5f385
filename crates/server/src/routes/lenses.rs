//! `/api/funds/{fundId}/portfolio/lots/moic`: the seven lenses now, or as of any date, from what was known at any time.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::FundScope;
use crate::error::ApiError;
use crate::evaluation::{portfolio_of, result_of};
use crate::query::QueryFields;
use crate::result_cache::Question;
use crate::wire::LensResult;

pub(crate) fn guarded_reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_lenses))
}

/// The seven lenses per lot, company, sector and fund.
#[utoipa::path(get, path = "/api/funds/{fundId}/portfolio/lots/moic", operation_id = "get_lenses", tag = "moic",
    params(("fundId" = i64, Path), ("asOf" = Option<String>, Query, description = "YYYY-MM-DD, today by default"),
        ("knownAt" = Option<String>, Query, description = "RFC 3339: only what was recorded until then")),
    responses((status = 200, body = LensResult)))]
async fn get_lenses(
    State(state): State<AppState>,
    scope: FundScope,
    headers: HeaderMap,
    mut query: QueryFields,
) -> Result<Response, ApiError> {
    let (as_of, known_at) = query.moment(state.clock());
    query.finish()?;
    let question = Question::Lenses { as_of, known_at };
    let compute = async {
        let portfolio = portfolio_of(&state, scope.fund_id, as_of, known_at).await?;
        result_of(&state, portfolio).await
    };
    state.results().answer(&state, scope.fund_id, question, &headers, compute).await
}
