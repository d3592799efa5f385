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

/// A response, or the component that it refers to.
fn resolved<'d>(document: &'d Value, response: &'d Value) -> &'d Value {
    response["$ref"].as_str().map_or(response, |reference| document.pointer(&reference[1..]).unwrap())
}

/// Headers that a documented response has whatever comes of the request.
fn always_sent(document: &Value, response: &Value) -> Vec<String> {
    let sometimes = ["Idempotent-Replayed", "Retry-After", "Set-Cookie"];
    let headers = resolved(document, response)["headers"].as_object();
    headers
        .into_iter()
        .flatten()
        .map(|(name, _)| name.clone())
        .filter(|name| !sometimes.contains(&name.as_str()))
        .collect()
}

#[tokio::test]
async fn requests_are_documented_as_strictly_as_they_are_read() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let schemas = &document["components"]["schemas"];
    let parameter = |path: &str, method: &str, name: &str| {
        let parameters = document["paths"][path][method]["parameters"].as_array().unwrap();
        parameters.iter().find(|parameter| parameter["name"] == name).unwrap()["schema"].clone()
    };
    assert_eq!(parameter("/api/funds", "get", "limit")["maximum"], 100);
    assert_eq!(parameter("/api/funds/{fundId}", "get", "fundId")["minimum"], 1);
    let key = parameter("/api/funds", "post", "Idempotency-Key");
    assert_eq!((&key["type"], &key["maxLength"]), (&Value::from("string"), &Value::from(255)));
    let kinds = parameter("/api/rollouts/{rolloutId}/reports/{kind}", "get", "kind");
    assert_eq!(kinds["enum"].as_array().unwrap().len(), 4);
    for name in ["NewFund", "Change_NewFund"] {
        assert_eq!(schemas[name]["additionalProperties"], false, "{name}");
        assert_eq!(schemas[name]["properties"]["name"]["maxLength"], 200, "{name}");
    }
    assert!(schemas["NewFund"]["properties"]["idempotencyKey"].is_object());
    let required = schemas["Change_NewFund"]["required"].as_array().unwrap();
    assert!(!required.contains(&Value::from("version")), "{required:?}");
    assert!(schemas["Fund"]["additionalProperties"].is_null(), "an answer may get further fields");
    assert_eq!(schemas["LoginBody"]["oneOf"].as_array().unwrap().len(), 2);
    let file = &document["paths"]["/api/funds/{fundId}/import"]["post"]["requestBody"]["content"];
    assert_eq!(file["application/octet-stream"]["schema"]["format"], "binary");
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
            let status = answer.status.as_str();
            for header in always_sent(&document, &operation["responses"][status]) {
                assert!(answer.headers.contains_key(&header), "{method} {path}: {status} without {header}");
            }
            for (status, response) in operation["responses"].as_object().unwrap() {
                let description = &resolved(&document, response)["description"];
                assert!(description.as_str().is_some_and(|text| !text.is_empty()), "{method} {path}: {status}");
            }
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
