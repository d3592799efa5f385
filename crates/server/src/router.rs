//! All routes and the layers before them: one page that shows who may do what, and what a flag guards.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use flags::{ENABLE_LOT_LEVEL_MOIC, Flag};
use store::tokens::Role;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::AppState;
use crate::auth::{Admission, WithoutDatabase, admit};
use crate::context;
use crate::error::ApiError;
use crate::error_count::count_errors;
use crate::guard::{Guarded, require};
use crate::in_flight;
use crate::ofrep;
use crate::openapi;
use crate::rollouts::observation::{Observed, observe};
use crate::routes::{
    analysis, announcement, audit, backup, client_state, companies, comparison, events, exit_cases, export, faults,
    feedback, flag_changes, flag_explanation, flag_history, flag_set, flags as flag_routes, funds, health, imports,
    investments, invitations, legacy_moic, lenses, lots, migrations, oidc, people, reserves, rollout_commands,
    rollout_evidence, rollout_history, rollout_plans, rollouts as rollout_routes, segments, session, sessions,
    snapshot_events, snapshots, support_tickets, tokens,
};
use crate::unread;
use crate::web_client;
use crate::wishes::name_ignored_wishes;

/// The service: API, documentation, web client. Workers are started by [`crate::serve`].
pub fn router(state: AppState) -> Router {
    let (routes, document) = documented(&state);
    let routes = Router::new()
        .merge(routes)
        .merge(openapi::routes(document))
        .fallback(web_client::serve)
        .method_not_allowed_fallback(method_not_allowed);
    dressed(&state, routes).with_state(state)
}

/// The layers around everything: nothing leaves the server without them.
fn dressed(state: &AppState, routes: Router<AppState>) -> Router<AppState> {
    routes.layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn_with_state(state.clone(), in_flight::count))
            .layer(middleware::from_fn_with_state(state.clone(), context::describe))
            .layer(middleware::from_fn_with_state(state.clone(), harden))
            .layer(middleware::from_fn_with_state(state.clone(), name_ignored_wishes))
            .layer(middleware::from_fn(unread::discard))
            .layer(middleware::from_fn_with_state(state.clone(), in_flight::limit))
            .layer(CatchPanicLayer::custom(context::panicked))
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, state.config().handler_timeout)),
    )
}

fn documented(state: &AppState) -> (Router<AppState>, OpenApi) {
    let viewer = |routes| admitted(state, Role::Viewer, WithoutDatabase::Nobody, routes);
    let analyst = |routes| admitted(state, Role::Analyst, WithoutDatabase::Nobody, routes);
    let approver = |routes| admitted(state, Role::Approver, WithoutDatabase::Nobody, routes);
    let operator = |routes| admitted(state, Role::Operator, WithoutDatabase::Nobody, routes);
    let admin = |routes| admitted(state, Role::Admin, WithoutDatabase::Nobody, routes);
    // Answered from memory: also while the database is away.
    let viewer_of_flags = |routes| admitted(state, Role::Viewer, WithoutDatabase::LastKnown, routes);
    let killer = |routes| admitted(state, Role::Operator, WithoutDatabase::LastKnown, routes);
    let guarded = |routes| guarded(state, ENABLE_LOT_LEVEL_MOIC, routes);
    let lot_level = |routes| lot_level(state, observed(state, ENABLE_LOT_LEVEL_MOIC, routes));
    let legacy = |routes| observed(state, ENABLE_LOT_LEVEL_MOIC, routes);

    OpenApiRouter::with_openapi(openapi::document())
        .merge(health::public())
        .merge(strangers(state, session::public().merge(oidc::public())))
        // With its own admission: keys that are good for nothing else are good here.
        .merge(ofrep::routes(state))
        // The portfolio as it always was.
        .merge(viewer(funds::reads().merge(companies::reads()).merge(investments::reads())))
        .merge(viewer(legacy(legacy_moic::reads())))
        .merge(analyst(funds::writes().merge(companies::writes()).merge(investments::writes())))
        // Lot level: reading facts and a snapshot's status needs no flag; lenses and writing do.
        .merge(viewer(lot_level(
            lots::reads()
                .merge(events::reads())
                .merge(exit_cases::reads())
                .merge(export::reads())
                .merge(imports::reads())
                .merge(snapshots::reads())
                .merge(snapshot_events::reads()),
        )))
        .merge(viewer(lot_level(guarded(
            lenses::guarded_reads()
                .merge(comparison::guarded_reads())
                .merge(reserves::guarded_reads())
                .merge(analysis::guarded_reads()),
        ))))
        .merge(analyst(lot_level(guarded(
            lots::guarded_writes()
                .merge(events::guarded_writes())
                .merge(exit_cases::guarded_writes())
                .merge(snapshots::guarded_writes())
                .merge(imports::guarded_writes())
                .merge(migrations::guarded_writes()),
        ))))
        .merge(analyst(lot_level(snapshots::writes().merge(imports::writes()))))
        // The product itself.
        .merge(viewer_of_flags(client_state::reads().merge(health::reads())))
        .merge(viewer(session::reads().merge(sessions::own()).merge(announcement::reads())))
        // Flags: who is invited is a person of any role; whoever agrees to a change need not be able to make one.
        .merge(viewer_of_flags(flag_routes::reads().merge(flag_explanation::reads())))
        .merge(killer(flag_routes::kills()))
        .merge(viewer(
            flag_history::reads()
                .merge(flag_set::reads())
                .merge(flag_changes::reads())
                .merge(segments::reads())
                .merge(invitations::redemptions()),
        ))
        // Rollouts: whoever is on call sees them; checks are signed by approvers, commands given by operators.
        .merge(viewer(
            rollout_routes::reads()
                .merge(rollout_history::reads())
                .merge(rollout_evidence::reads())
                .merge(feedback::reads())
                .merge(feedback::writes())
                .merge(support_tickets::reads())
                .merge(support_tickets::writes()),
        ))
        .merge(approver(flag_changes::decisions().merge(rollout_commands::approvals())))
        .merge(operator(
            flag_routes::operations()
                .merge(flag_set::operations())
                .merge(flag_changes::operations())
                .merge(segments::operations())
                .merge(invitations::operations())
                .merge(rollout_routes::operations())
                .merge(rollout_plans::operations())
                .merge(rollout_commands::operations())
                .merge(rollout_evidence::operations())
                .merge(faults::operations())
                .merge(announcement::operations()),
        ))
        .merge(admin(
            people::administration()
                .merge(tokens::administration())
                .merge(audit::administration())
                .merge(backup::administration()),
        ))
        .split_for_parts()
}

/// Token (401), visibility (404) and role (403).
fn admitted(
    state: &AppState,
    role: Role,
    without_database: WithoutDatabase,
    routes: OpenApiRouter<AppState>,
) -> OpenApiRouter<AppState> {
    let admission = Admission { state: state.clone(), role, without_database };
    routes.route_layer(middleware::from_fn_with_state(admission, admit))
}

/// Nobody in particular: only so many at once (503).
fn strangers(state: &AppState, routes: OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    routes.route_layer(middleware::from_fn_with_state(state.clone(), in_flight::limit_strangers))
}

/// The flag (503).
fn guarded(state: &AppState, flag: Flag<bool>, routes: OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    let guard = Guarded { state: state.clone(), flag };
    routes.route_layer(middleware::from_fn_with_state(guard, require))
}

/// Requests of these routes are counted for the rollout of a flag, by the arm they are served in.
fn observed(state: &AppState, flag: Flag<bool>, routes: OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    let observed = Observed { state: state.clone(), flag };
    routes.route_layer(middleware::from_fn_with_state(observed, observe))
}

/// Errors of these routes are counted in `lot_moic_errors_total`.
fn lot_level(state: &AppState, routes: OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    routes.route_layer(middleware::from_fn_with_state(state.clone(), count_errors))
}

/// Outside the layers of the route that does not have the method: nobody needs to be let in to be told so.
async fn method_not_allowed() -> ApiError {
    ApiError::MethodNotAllowed { allow: None }
}

/// Where a page of ours may be opened by, and what may embed what we answer: ourselves.
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// What of a browser a page of ours may use: nothing of what it asks people about, but the clipboard of a button.
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const PERMISSIONS: HeaderValue = HeaderValue::from_static(
    "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=(), clipboard-write=(self)",
);
/// Two years, as hstspreload.org wants it: for a server behind TLS.
const TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Headers that keep a browser from guessing types, leaking addresses, running what is not ours, and being framed.
async fn harden(State(state): State<AppState>, request: Request, next: Next) -> Response {
    // Flags are evaluated for pages of other origins on purpose.
    let is_for_others = request.uri().path().starts_with("/ofrep/");
    let mut response = next.run(request).await.into_response();
    let headers = response.headers_mut();
    headers.insert(PERMISSIONS_POLICY, PERMISSIONS);
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    let readers = if is_for_others { "cross-origin" } else { "same-origin" };
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static(readers));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if state.config().secure_cookies {
        headers.insert(STRICT_TRANSPORT_SECURITY, TLS_ONLY);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::StoppedClock;
    use axum::body::Body;
    use axum::routing::get;
    use http_body_util::BodyExt;
    use std::sync::Arc;
    use std::time::Duration;
    use store::{DatabaseUrl, Store, StoreOptions};
    use tower::ServiceExt;

    /// The status and code of what a handler answers through the outer layers.
    async fn answer_of(path: &str) -> (u16, serde_json::Value) {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("test.db"));
        let store = Store::open(&url, &StoreOptions::default()).unwrap();
        let config = crate::Config { handler_timeout: Duration::from_millis(5), ..crate::Config::default() };
        let state = AppState::new(config, store, Arc::new(StoppedClock(Duration::ZERO))).await.unwrap();
        let routes = Router::new()
            .route("/panics", get(async || -> Response { panic!("on purpose") }))
            .route("/hangs", get(async || std::future::pending::<Response>().await));
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = dressed(&state, routes).with_state(state.clone()).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_a_500_that_tells_nothing_but_its_correlation_id() {
        let (status, body) = answer_of("/panics").await;
        assert_eq!((status, &body["error"]), (500, &serde_json::json!("internal")));
        assert_eq!(body["correlationId"].as_str().unwrap().len(), 32);
        assert!(!body.to_string().contains("on purpose"));
    }

    #[tokio::test]
    async fn a_handler_that_takes_too_long_is_a_503() {
        let (status, body) = answer_of("/hangs").await;
        assert_eq!((status, &body["error"]), (503, &serde_json::json!("timed_out")));
    }
}
