//! The layer that counts requests, and refuses them at once where too many are being served: a queue that nobody sees would
//! take memory, and answer people who have long gone.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::AppState;
use crate::error::ApiError;
use crate::metrics::Route;

/// What is served however much there is to do: whether this process lives, what it measures, and the kill switch.
const NEVER_SHED: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/api/flags/{key}/kill"];

/// Counts a request and how it was answered.
pub(crate) async fn count(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let started = state.clock().monotonic();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let elapsed = state.clock().monotonic().saturating_sub(started);
    state.metrics().http.answered(&method, Route::of(matched), response.status(), elapsed);
    response
}

/// Serves a request that anybody may send, without a key, if not too many of its kind are being served: whoever sends them
/// slowly keeps out others who sign in, and nobody who has.
pub(crate) async fn limit_strangers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Ok(_place) = state.strangers().try_acquire() else {
        state.metrics().http.shed();
        return ApiError::Overloaded.into_response();
    };
    next.run(request).await
}

/// Serves a request if not too many are being served, and says so otherwise.
pub(crate) async fn limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let in_flight = state.metrics().http.begin();
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if in_flight.count() > state.config().requests_at_once_max && !NEVER_SHED.contains(&path) {
        state.metrics().http.shed();
        return ApiError::Overloaded.into_response();
    }
    next.run(request).await
}
