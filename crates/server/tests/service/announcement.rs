//! What everyone is told on every page.

use axum::http::Method;
use serde_json::{Value, json};
use store::audit;

use crate::app::TestApp;

const PATH: &str = "/api/announcement";

async fn announced(app: &TestApp) -> Value {
    app.get("/api/client-state").await.expect(200).body["announcement"].clone()
}

#[tokio::test]
async fn d3_an_announcement_reaches_every_page_until_it_is_taken_back() {
    let app = TestApp::start().await;
    let nothing = app.get(PATH).await.expect(200);
    assert_eq!((&nothing.body["text"], &nothing.body["version"]), (&json!(null), &json!(0)));
    assert_eq!(announced(&app).await, json!(null));

    let text = "The seven lenses are open to half of you";
    let first = json!({ "version": 0, "text": text, "link": "/flags", "linkLabel": "What is new" });
    let answer = app.put(PATH, &first).await.expect(200);
    assert_eq!((&answer.body["updatedBy"], answer.header("etag")), (&json!("service:admin"), "\"1\"".to_owned()));
    let told = json!({ "version": 1, "text": text, "link": "/flags", "linkLabel": "What is new" });
    assert_eq!(announced(&app).await, told);

    app.put(PATH, &first).await.expect_problem(409, "version_conflict");
    let second = json!({ "version": 1, "text": "Tomorrow at noon", "link": "https://lotwise.test/news" });
    app.put(PATH, &second).await.expect(200);
    assert_eq!(announced(&app).await["linkLabel"], "Read more");
    app.put(PATH, &json!({ "version": 2 })).await.expect(200);
    assert_eq!(announced(&app).await, json!(null));
    assert_eq!(app.get(PATH).await.expect(200).body["version"], 3);

    let audit = app.store.read(|tx| audit::latest(tx, "announcement", i64::MAX, 10)).await.unwrap();
    assert_eq!(audit.len(), 3);
    assert!(audit[2].details.contains(text), "{}", audit[2].details);
}

#[tokio::test]
async fn an_announcement_that_cannot_be_shown_is_refused_with_every_problem() {
    let app = TestApp::start().await;
    let body = json!({ "version": 0, "text": "", "link": "javascript:alert(1)", "kind": "info" });
    let refused = app.put(PATH, &body).await.expect_problem(422, "validation_failed");
    let refused = refused.naming("text").naming("link").naming("kind");
    assert_eq!(refused.body["details"].as_array().unwrap().len(), 3);
    for (body, path) in [
        (json!({ "version": 0, "link": "/flags" }), "link"),
        (json!({ "version": 0, "text": "News", "linkLabel": "More" }), "linkLabel"),
        (json!({ "version": 0, "text": "News", "link": "//evil.test" }), "link"),
    ] {
        app.put(PATH, &body).await.expect_problem(422, "validation_failed").naming(path);
    }
    assert_eq!(announced(&app).await, json!(null));
}

#[tokio::test]
async fn operators_announce_and_everybody_reads() {
    let app = TestApp::start().await;
    let approver = app.person("Ada", "approver").await;
    let operator = app.person("Bo", "operator").await;
    let put = |version: i64| json!({ "version": version, "text": "News" });
    app.by(&approver, Method::PUT, PATH).json(&put(0)).send().await.expect_problem(403, "forbidden");
    app.by(&operator, Method::PUT, PATH).json(&put(0)).send().await.expect(200);
    let read = app.by(&approver, Method::GET, PATH).send().await.expect(200);
    assert_eq!(read.body["updatedBy"], json!(operator.key()));
}
