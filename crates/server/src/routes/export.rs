//! `/api/funds/{fundId}/export.json`: a fund's portfolio document, which holds no lens and is therefore never guarded.

use axum::extract::State;
use axum::http::header::CONTENT_DISPOSITION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use moic::quantity::parse_date;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer;
use crate::auth::FundScope;
use crate::clock::today;
use crate::error::ApiError;
use crate::evaluation::document_of;
use crate::fields;
use crate::query::QueryFields;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(export_portfolio))
}

/// The portfolio document, as `lotwise moic` reads it.
#[utoipa::path(get, path = "/api/funds/{fundId}/export.json", operation_id = "export_portfolio", tag = "portfolio",
    params(("fundId" = i64, Path), ("asOf" = Option<String>, Query), ("knownAt" = Option<String>, Query)),
    responses((status = 200, body = serde_json::Value, content_type = "application/json")))]
async fn export_portfolio(
    State(state): State<AppState>,
    scope: FundScope,
    mut query: QueryFields,
) -> Result<Response, ApiError> {
    let as_of = query.parsed("asOf", parse_date);
    let known_at = query.parsed("knownAt", fields::instant);
    query.finish()?;
    let as_of = as_of.unwrap_or_else(|| today(state.clock()));
    let document = document_of(&state, scope.fund_id, as_of, known_at).await?;
    let mut response = answer::json(StatusCode::OK, document);
    let name = format!("attachment; filename=\"fund-{}-{as_of}.json\"", scope.fund_id);
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
