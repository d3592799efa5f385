//! The layer that counts errors of lot-level routes by their kind, in `lot_moic_errors_total`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::AppState;
use crate::error::ApiError;
use crate::metrics::ErrorType;

/// Serves a request and counts its error, if there is one.
pub(crate) async fn count_errors(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut unanswered = Unanswered { started: state.clock().monotonic(), state: &state, is_answered: false };
    let response = next.run(request).await;
    unanswered.is_answered = true;
    if let Some(kind) = response.extensions().get::<Arc<ApiError>>().and_then(|error| ErrorType::of(error)) {
        state.metrics().lot_level.failed(kind);
    }
    response
}

/// A request that is not answered yet. Where it never is, because its handler panicked or took longer than it may, the layers
/// outside answer for it, and this counts.
struct Unanswered<'a> {
    started: Duration,
    state: &'a AppState,
    is_answered: bool,
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        let elapsed = self.state.clock().monotonic().saturating_sub(self.started);
        if std::thread::panicking() {
            self.state.metrics().lot_level.failed(ErrorType::Calculation);
        } else if elapsed >= self.state.config().handler_timeout {
            self.state.metrics().lot_level.failed(ErrorType::Database);
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::middleware;
    use axum::routing::get;
    use jiff::Timestamp;
    use store::{DatabaseUrl, Load, Store, StoreOptions};
    use tower::ServiceExt;
    use tower_http::catch_panic::CatchPanicLayer;
    use tower_http::timeout::TimeoutLayer;

    use super::*;
    use crate::Config;
    use crate::metrics::Levels;

    /// Shows a minute more each time it is looked at: by then everything has taken too long.
    #[derive(Default)]
    struct HurriedClock(std::sync::atomic::AtomicU64);

    impl crate::Clock for HurriedClock {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(60 * self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
        }
    }

    async fn counted(path: &str) -> Vec<(&'static str, f64)> {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("test.db"));
        let store = Store::open(&url, &StoreOptions::default()).unwrap();
        let handler_timeout = Duration::from_millis(5);
        let config = Config { handler_timeout, ..Config::default() };
        let state = AppState::new(config, store, Arc::new(HurriedClock::default())).await.unwrap();
        let routes = axum::Router::new()
            .route("/panics", get(async || -> Response { panic!("on purpose") }))
            .route("/hangs", get(async || std::future::pending::<Response>().await))
            .route("/answers", get(async || "an answer"))
            .route_layer(middleware::from_fn_with_state(state.clone(), count_errors))
            .layer(CatchPanicLayer::new())
            .layer(TimeoutLayer::with_status_code(axum::http::StatusCode::SERVICE_UNAVAILABLE, handler_timeout))
            .with_state(state.clone());
        let _ = routes.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let page = state.metrics().exposition(&Load::default(), Ok(&Levels::default())).unwrap();
        ["validation", "calculation", "database"]
            .map(|kind| {
                let start = format!("lot_moic_errors_total{{error_type=\"{kind}\"}} ");
                (kind, page.lines().find_map(|line| line.strip_prefix(&start)).unwrap().parse().unwrap())
            })
            .to_vec()
    }

    #[tokio::test]
    async fn what_never_answers_is_counted_by_why() {
        assert_eq!(counted("/panics").await, [("validation", 0.0), ("calculation", 1.0), ("database", 0.0)]);
        assert_eq!(counted("/hangs").await, [("validation", 0.0), ("calculation", 0.0), ("database", 1.0)]);
        assert_eq!(counted("/answers").await, [("validation", 0.0), ("calculation", 0.0), ("database", 0.0)]);
    }
}
