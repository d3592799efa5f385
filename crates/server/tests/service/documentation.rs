//! The OpenAPI document and its pages.

use axum::http::Method;
use serde_json::Value;

use crate::app::TestApp;

async fn document(app: &TestApp) -> Value {
    app.anonymous(Method::GET, "/api/openapi.json").send().await.expect(200).body
}

#[tokio::test]
async fn the_document_is_as_reviewed() {
    let app = TestApp::start().await;
    let mut document = document(&app).await;
    document["info"]["version"] = Value::from("[version]");
    insta::assert_json_snapshot!("openapi", document);
}

#[tokio::test]
async fn every_documented_route_answers() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let real = path
            .replace("{lotId}", "01980000-0000-7000-8000-000000000000")
            .replace("{snapshotId}", "01980000-0000-7000-8000-000000000000")
            .replace("{eventId}", "01980000-0000-7000-8000-000000000000")
            .replace("{a}", "01980000-0000-7000-8000-000000000000")
            .replace("{b}", "01980000-0000-7000-8000-000000000001")
            .replace("{invitationId}", "01980000-0000-7000-8000-000000000000")
            .replace("{changeId}", "01980000-0000-7000-8000-000000000000")
            .replace("{segmentKey}", "early-adopters")
            .replace("{targetingKey}", "person:1")
            .replace("{key}", "enableLotLevelMoic");
        let real = ["{fundId}", "{companyId}", "{investmentId}", "{tokenId}", "{personId}"]
            .iter()
            .fold(real, |path, name| path.replace(name, "1"));
        for (method, operation) in item.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let answer = app.request(method.clone(), &real).send_for_head().await;
            let is_route = answer.status != 405
                && (answer.status != 404
                    || answer.body["message"].as_str().is_some_and(|text| text.starts_with("there is no")));
            assert!(is_route, "{method} {path} is documented but not there: {}", answer.raw);
            assert_ne!(answer.status, 500, "{method} {path}");
            assert!(operation["operationId"].as_str().unwrap().contains('_'), "{method} {path}");
            let open = operation["security"]
                .as_array()
                .is_some_and(|security| security.iter().any(|one| one == &serde_json::json!({})));
            let anonymous = app.anonymous(method.clone(), &real).send_for_head().await;
            assert_eq!(anonymous.status == 401, !open, "{method} {path}: {}", anonymous.raw);
            seen += 1;
        }
    }
    assert!(seen > 40, "only {seen} operations are documented");
}

#[tokio::test]
async fn the_pages_are_offline() {
    let app = TestApp::start().await;
    let page = app.anonymous(Method::GET, "/docs/").send().await.expect(200);
    assert!(!page.raw.contains("https://") && !page.raw.contains("http://"), "{}", page.raw);
    let start = app.anonymous(Method::GET, "/docs/swagger-initializer.js").send().await.expect(200);
    assert!(start.raw.contains("/api/openapi.json"), "{}", start.raw);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self'; style-src 'self';") && !policy.contains("unsafe"), "{policy}");
}
