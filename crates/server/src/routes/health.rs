//! `/healthz`, `/readyz`, `/metrics` and `/api/health`: for those who run the server.

use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use flags::Asker;
use serde::Serialize;
use store::{jobs, snapshots};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::{Secret, bearer};
use crate::config::Environment;
use crate::error::ApiError;
use crate::guard::OWN_FLAGS;
use crate::metrics::EXPOSITION_TYPE;

pub(crate) fn public() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_health)).routes(routes!(get_readiness)).routes(routes!(get_metrics))
}

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_service_health))
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
    /// ready, notReady or stopping.
    status: &'static str,
    /// What somebody should mend, though the process works.
    warnings: Vec<String>,
    /// What keeps the process from working.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_ready: Vec<String>,
}

/// How the service is doing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ServiceHealth {
    /// development, staging or production.
    environment: Environment,
    /// Version of the engine.
    engine_version: &'static str,
    /// What somebody should mend in the set-up.
    warnings: Vec<String>,
    /// Snapshots that wait, are calculated, or were given up.
    snapshot_queue: QueueDepth,
}

/// Jobs by state.
#[derive(Serialize, ToSchema)]
struct QueueDepth {
    /// Waiting for a worker.
    queued: i64,
    /// Held by a worker.
    running: i64,
    /// Given up.
    dead: i64,
}

/// How the service is doing, for the pages.
#[utoipa::path(get, path = "/api/health", operation_id = "get_service_health", tag = "operation",
    responses((status = 200, body = ServiceHealth)))]
async fn get_service_health(State(state): State<AppState>) -> Result<Json<ServiceHealth>, ApiError> {
    let depth = state.store().read(|tx| jobs::depth(tx, snapshots::JOB_KIND)).await?;
    Ok(Json(ServiceHealth {
        environment: state.config().environment,
        engine_version: moic::ENGINE_VERSION,
        warnings: state.warnings(),
        snapshot_queue: QueueDepth { queued: depth.queued, running: depth.running, dead: depth.dead },
    }))
}

/// That the process answers; nothing else is looked at.
#[utoipa::path(get, path = "/healthz", operation_id = "get_health", tag = "operation", security(()),
    responses((status = 200, body = Health)))]
async fn get_health() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether the database answers, and warnings about the set-up. `stopping` for as long as a process that was told to end
/// still answers: whoever spreads requests over the replicas sends it no more of them.
#[utoipa::path(get, path = "/readyz", operation_id = "get_readiness", tag = "operation", security(()),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness)))]
async fn get_readiness(State(state): State<AppState>) -> Response {
    let warnings = state.warnings();
    let is_leaving = state.is_leaving().then(|| "the process was told to end".to_owned());
    let unreadable = state.refresh_flags().await.err().map(|error| error.to_string());
    let not_ready: Vec<String> = is_leaving.into_iter().chain(unreadable).collect();
    let (code, status) = match (not_ready.is_empty(), state.is_leaving()) {
        (true, _) => (StatusCode::OK, "ready"),
        (false, true) => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        (false, false) => (StatusCode::SERVICE_UNAVAILABLE, "notReady"),
    };
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
    let board = state.live_flags().switchboard();
    for flag in OWN_FLAGS {
        let asker = Asker::default();
        let is_killed = board.decide(flag, asker, state.clock().now().as_second()).reason.is_kill();
        state.metrics().features.flag_killed(flag.key(), is_killed);
    }
    let levels = state.levels().read(&state).await;
    if let Err(error) = &levels {
        tracing::debug!(%error, "the database cannot be asked for its levels now");
    }
    let page = state.metrics().exposition(&state.store().load(), levels.as_ref())?;
    Ok(([(CONTENT_TYPE, EXPOSITION_TYPE)], page).into_response())
}
