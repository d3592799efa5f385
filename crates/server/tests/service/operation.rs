//! What operators and tools rely on: health, metrics, request ids, problem documents for everything.

use axum::http::Method;
use serde_json::json;

use crate::app::{ADMIN_TOKEN, Setup, TestApp};

#[tokio::test]
async fn health_and_readiness_need_no_token() {
    let app = TestApp::start().await;
    app.anonymous(Method::GET, "/healthz").send().await.expect(200);
    let ready = app.anonymous(Method::GET, "/readyz").send().await.expect(200);
    assert_eq!(ready.body, json!({ "status": "ready", "warnings": [] }));
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems_too() {
    let app = TestApp::start().await;
    for path in ["/api", "/api/nothing", "/api/funds/1/nothing", "/ofrep/v1/x", "/metrics/x"] {
        app.get(path).await.expect_problem(404, "not_found");
    }
    for (method, path) in [
        (Method::PATCH, "/api/funds"),
        (Method::DELETE, "/api/funds/1"),
        (Method::POST, "/healthz"),
        (Method::PUT, "/"),
    ] {
        let answer = app.request(method, path).send().await.expect_problem(405, "method_not_allowed");
        assert_ne!(answer.header("allow"), "", "{path}");
    }
}

#[tokio::test]
async fn answers_that_the_framework_makes_have_our_headers_too() {
    let app = TestApp::start().await;
    for (path, status) in [("/api/funds/%ff", 400), ("/docs/nothing", 404), ("/api/nothing", 404)] {
        let answer = app.get(path).await.expect(status);
        for header in ["content-security-policy", "x-content-type-options", "x-frame-options", "x-request-id"] {
            assert_ne!(answer.header(header), "", "{path}: {header}");
        }
    }
}

#[tokio::test]
async fn every_response_has_its_request_id_and_continues_the_trace() {
    let app = TestApp::start().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    for path in ["/healthz", "/api/funds", "/api/nothing", "/"] {
        let answer = app
            .request(Method::GET, path)
            .header("x-request-id", "mine-1")
            .header("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01"))
            .send()
            .await;
        assert_eq!(answer.header("x-request-id"), "mine-1", "{path}");
        assert!(answer.header("traceparent").starts_with(&format!("00-{trace}-")), "{path}");
        assert!(!answer.header("traceparent").contains("00f067aa0ba902b7"));
        let fresh = app.get(path).await;
        assert_eq!(fresh.header("x-request-id").len(), 32, "{path}");
    }
}

#[tokio::test]
async fn e1_metrics_ignore_accept_and_need_their_token_only_if_one_is_configured() {
    let app = TestApp::start().await;
    for accept in ["text/html", "application/json"] {
        let page = app.anonymous(Method::GET, "/metrics").header("accept", accept).send().await.expect(200);
        assert!(page.raw.contains("lot_moic_errors_total{error_type=\"database\"} 0"), "{}", page.raw);
        assert!(page.raw.ends_with("# EOF\n"));
    }
    let app =
        Setup::new().with_config(|config| config.metrics_token = Some(server::Secret::new("scrape"))).start().await;
    app.anonymous(Method::GET, "/metrics").send().await.expect_problem(401, "unauthenticated");
    app.anonymous(Method::GET, "/metrics").bearer("scrape").send().await.expect(200);
}

#[tokio::test]
async fn e1_errors_of_the_lot_level_are_counted_by_type() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    app.post(&fund.path("/portfolio/lots"), &json!({})).await.expect(422);
    app.post(&fund.path("/companies"), &json!({})).await.expect(422);
    assert_eq!(app.metric(r#"lot_moic_errors_total{error_type="validation"}"#).await, 1.0);
    assert_eq!(app.metric(r#"lot_moic_errors_total{error_type="calculation"}"#).await, 0.0);
}

#[tokio::test]
async fn the_page_is_served_at_its_own_addresses_and_never_at_the_apis() {
    let app = TestApp::start().await;
    for path in ["/", "/funds/1", "/login?token=x"] {
        let page = app.anonymous(Method::GET, path).send().await.expect(200);
        assert!(page.header("content-type").starts_with("text/"), "{path}");
        assert!(page.header("content-security-policy").contains("script-src 'self'; style-src 'self';"), "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
    }
    app.anonymous(Method::GET, "/assets/gone-123.js").send().await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn answers_of_the_api_are_never_cached_by_anyone() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/api/funds").await.expect(200).header("cache-control"), "no-store");
    assert_eq!(app.get("/api/funds/99").await.expect(404).header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_real_connection_is_served() {
    let app = TestApp::start().await;
    let url = format!("http://{}/healthz", app.address);
    let body = tokio::task::spawn_blocking(move || ureq::get(url).call().unwrap().body_mut().read_to_string().unwrap());
    assert_eq!(body.await.unwrap(), r#"{"status":"ok"}"#);
}

#[tokio::test]
async fn a_client_that_sends_too_much_gets_its_answer_and_not_a_reset() {
    let app = TestApp::start().await;
    for (token, status) in [(ADMIN_TOKEN, 413), ("nobody's", 401)] {
        let url = format!("http://{}/api/funds", app.address);
        let sent = tokio::task::spawn_blocking(move || {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let request = agent.post(url).header("authorization", &format!("Bearer {token}"));
            request.content_type("application/json").send(vec![b' '; 8 * 1024 * 1024]).unwrap().status().as_u16()
        });
        assert_eq!(sent.await.unwrap(), status);
    }
}

#[tokio::test]
async fn the_pages_are_told_how_the_service_is_doing() {
    let app = Setup::new().without_workers().start().await;
    app.fund("Fund I").await.snapshot("waits").await;
    let health = app.get("/api/health").await.expect(200);
    assert_eq!(health.body["snapshotQueue"], json!({ "queued": 1, "running": 0, "dead": 0 }));
    assert_eq!(health.body["environment"], "staging");
}
