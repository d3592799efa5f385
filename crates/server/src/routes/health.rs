//! `/healthz`, `/readyz`, `/metrics`: for those who run the server.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::{Secret, bearer};
use crate::error::ApiError;
use crate::metrics::EXPOSITION_TYPE;

pub(crate) fn public() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_health)).routes(routes!(get_readiness)).routes(routes!(get_metrics))
}

/// That the process answers.
#[derive(Serialize, ToSchema)]
struct Health {
    /// ok.
    status: &'static str,
}

/// Whether the process can do its work.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Readiness {
    /// ready or notReady.
    status: &'static str,
    /// What somebody should mend, though the process works.
    warnings: Vec<String>,
    /// What keeps the process from working.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_ready: Vec<String>,
}

/// That the process answers; nothing else is looked at.
#[utoipa::path(get, path = "/healthz", operation_id = "get_health", tag = "operation", security(()),
    responses((status = 200, body = Health)))]
async fn get_health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether the database answers, and warnings about the set-up.
#[utoipa::path(get, path = "/readyz", operation_id = "get_readiness", tag = "operation", security(()),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
async fn get_readiness(State(state): State<AppState>) -> Response {
    let warnings = state.warnings();
    let not_ready: Vec<String> = state.refresh_flags().await.err().map(|error| error.to_string()).into_iter().collect();
    let (code, status) =
        if not_ready.is_empty() { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "notReady") };
    let mut response = (code, Json(Readiness { status, warnings, not_ready })).into_response();
    response.extensions_mut().insert(crate::context::Finished);
    response
}

/// Prometheus metrics, in the OpenMetrics format whatever the scraper accepts.
#[utoipa::path(get, path = "/metrics", operation_id = "get_metrics", tag = "operation", security(()),
    responses((status = 200, body = String, content_type = "application/openmetrics-text")))]
async fn get_metrics(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(token) = &state.config().metrics_token
        && !bearer(&headers).is_some_and(|presented| token.matches(&Secret::new(presented)))
    {
        return Err(ApiError::Unauthenticated("the metrics need their token: Authorization: Bearer …"));
    }
    Ok(([(CONTENT_TYPE, EXPOSITION_TYPE)], state.metrics().exposition()?).into_response())
}
