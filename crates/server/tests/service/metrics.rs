//! B2, E1: what `/metrics` tells of requests, arms, the database, the queue, people and rollouts.

use axum::body::Body;
use axum::http::Method;
use serde_json::json;

use crate::app::{ADMIN_TOKEN, Setup, TestApp};

#[tokio::test]
async fn b2_requests_are_counted_by_their_route_and_status_and_never_by_what_was_asked() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    for _ in 0..2 {
        app.get(&fund.path("/moic")).await.expect(200);
    }
    app.get("/api/funds/99/moic").await.expect(404);
    app.anonymous(Method::GET, "/api/funds").send().await.expect(401);
    app.get("/api/nothing/at/all").await.expect(404);
    let route = r#"method="GET",route="/api/funds/{fundId}/moic""#;
    assert_eq!(app.metric(&format!(r#"http_requests_total{{{route},status="200"}}"#)).await, 2.0);
    assert_eq!(app.metric(&format!(r#"http_requests_total{{{route},status="404"}}"#)).await, 1.0);
    assert_eq!(app.metric(&format!("http_request_duration_seconds_count{{{route}}}")).await, 3.0);
    assert_eq!(app.metric(r#"http_requests_total{method="GET",route="/api/funds",status="401"}"#).await, 1.0);
    assert_eq!(app.metric(r#"http_requests_total{method="GET",route="unmatched",status="404"}"#).await, 1.0);
    let page = app.anonymous(Method::GET, "/metrics").send().await.expect(200).raw;
    assert!(!page.contains("/api/funds/99"), "{page}");
}

#[tokio::test]
async fn a9_the_arms_are_beside_each_other_without_a_rollout_too() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    app.get(&fund.path("/moic")).await.expect(200);
    app.get(&fund.path("/portfolio/lots/moic")).await.expect(200);
    app.request(Method::GET, &fund.path("/moic")).header("x-lotwise-flag-enableLotLevelMoic", "0").send().await;
    let count = |arm: &str| format!(r#"lot_level_requests_total{{arm="{arm}",outcome="ok"}}"#);
    let before = app.metric(&count("treatment")).await;
    assert!(before >= 2.0, "{before}");
    app.kill("on purpose").await.expect(200);
    app.get(&fund.path("/moic")).await.expect(200);
    // Not served at all: no request of either arm.
    app.get(&fund.path("/portfolio/lots/moic")).await.expect(503);
    assert_eq!(app.metric(&count("treatment")).await, before);
    assert_eq!(app.metric(&count("control")).await, 1.0);
    assert_eq!(app.metric(r#"lot_level_request_duration_seconds_count{arm="control"}"#).await, 1.0);
}

#[tokio::test]
async fn b2_the_database_tells_how_long_it_took_and_how_busy_it_is() {
    let app = TestApp::start().await;
    app.fund("Fund I").await;
    assert!(app.metric(r#"database_query_duration_seconds_count{access="write"}"#).await >= 1.0);
    assert!(app.metric(r#"database_wait_duration_seconds_count{access="read"}"#).await >= 1.0);
    assert_eq!(app.metric(r#"database_connections{access="read"}"#).await, 2.0);
    assert_eq!(app.metric(r#"database_connections{access="write"}"#).await, 1.0);
    assert_eq!(app.metric("database_up").await, 1.0);
    assert_eq!(app.metric("database_deadlocks_total").await, 0.0);
    assert_eq!(app.metric("database_pool_exhausted_total").await, 0.0);
}

#[tokio::test]
async fn b2_the_queue_and_the_cache_of_snapshots_are_measured() {
    let app = Setup::new().without_workers().start().await;
    app.fund("Fund I").await.snapshot("waits").await;
    assert_eq!(app.metric(r#"snapshot_queue_jobs{state="queued"}"#).await, 1.0);
    assert_eq!(app.metric(r#"snapshot_queue_jobs{state="dead"}"#).await, 0.0);
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    for name in ["the first", "the same again"] {
        let snapshot = fund.snapshot(name).await;
        app.finished(&snapshot).await;
    }
    assert_eq!(app.metric(r#"snapshot_cache_lookups_total{result="miss"}"#).await, 1.0);
    assert_eq!(app.metric(r#"snapshot_cache_lookups_total{result="hit"}"#).await, 1.0);
    assert_eq!(app.metric(r#"snapshot_job_duration_seconds_count{status="complete"}"#).await, 2.0);
    assert_eq!(app.metric("snapshot_queue_oldest_age_seconds").await, 0.0);
}

#[tokio::test]
async fn b2_what_people_say_is_counted_once() {
    let app = TestApp::start().await;
    for _ in 0..2 {
        let said = app.request(Method::POST, "/api/feedback").header("idempotency-key", "once");
        said.json(&json!({ "useful": false, "comment": "too slow" })).send().await.expect(201);
    }
    app.post("/api/support-tickets", &json!({ "summary": "wrong number", "severity": "high" })).await.expect(201);
    assert_eq!(app.metric(r#"user_feedback_total{sentiment="not_useful"}"#).await, 1.0);
    assert_eq!(app.metric(r#"user_feedback_total{sentiment="useful"}"#).await, 0.0);
    assert_eq!(app.metric(r#"support_tickets_total{severity="high"}"#).await, 1.0);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn b2_the_process_tells_its_memory() {
    let app = TestApp::start().await;
    assert!(app.metric("process_resident_memory_bytes").await > 1_000_000.0);
    assert!(app.metric("process_open_fds").await > 3.0);
    assert!(app.metric("process_start_time_seconds").await > 1_600_000_000.0);
}

#[tokio::test]
async fn more_than_can_be_served_is_refused_at_once_and_the_kill_switch_never() {
    let app = Setup::new().with_config(|config| config.requests_at_once_max = 0).start().await;
    let refused = app.get("/api/funds").await.expect_problem(503, "overloaded");
    assert_eq!(refused.header("retry-after"), "1");
    app.kill("in the middle of it").await.expect(200);
    for path in ["/healthz", "/readyz"] {
        app.anonymous(Method::GET, path).bearer(ADMIN_TOKEN).send().await.expect(200);
    }
    assert_eq!(app.metric("http_requests_shed_total").await, 1.0);
    assert_eq!(app.metric("http_requests_in_flight").await, 1.0, "this one");
}

#[tokio::test]
async fn whoever_signs_in_slowly_keeps_nobody_out_who_has() {
    let app = Setup::new().with_config(|config| config.requests_at_once_max = 8).start().await;
    let (sender, silence) = tokio::sync::mpsc::channel::<Result<axum::body::Bytes, std::io::Error>>(1);
    let slow = app
        .anonymous(Method::POST, "/api/session")
        .header("content-type", "application/json")
        .raw(Body::from_stream(tokio_stream::wrappers::ReceiverStream::new(silence)))
        .send();
    let slow = tokio::spawn(slow);
    let sign_in =
        || app.anonymous(Method::POST, "/api/session").json(&json!({ "name": "ann", "password": "x" })).send();
    // Its turn comes when this is polled again.
    while app.metric("http_requests_in_flight").await < 2.0 {
        tokio::task::yield_now().await;
    }
    sign_in().await.expect_problem(503, "overloaded");
    app.get("/api/funds").await.expect(200);
    drop(sender);
    slow.await.unwrap().expect(400);
    sign_in().await.expect(401);
}

#[tokio::test]
async fn what_no_route_has_is_one_series() {
    let app = TestApp::start().await;
    for method in ["PUT", "PATCH", "DELETE", "FOO"] {
        app.request(method.parse().unwrap(), "/healthz").send().await.expect(405);
    }
    assert_eq!(app.metric(r#"http_requests_total{method="other",route="/healthz",status="405"}"#).await, 4.0);
    let page = app.get("/metrics").await.expect(200).raw;
    assert!(!page.contains(r#"http_request_duration_seconds_count{method="other",route="/healthz"}"#));
}
