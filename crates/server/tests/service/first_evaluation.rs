//! What the page is served with: the flags for the person whose session asks for it.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, FLAG, TestApp};
use crate::session::browser;

/// What stands in a page's data element; none without one, or where the client is not built.
fn evaluation(page: &Answer) -> Option<Value> {
    let (_, rest) = page.raw.split_once(r#"<script type="application/json" id="first-evaluation">"#)?;
    let (data, rest) = rest.split_once("</script>").unwrap();
    assert!(rest.contains("</head>"), "it stands in the head");
    Some(serde_json::from_str(data).unwrap())
}

async fn page(app: &TestApp, cookie: &str) -> Answer {
    app.anonymous(Method::GET, "/funds/1").header("cookie", cookie).send().await.expect(200)
}

/// Whether this build has the client: without its files there is no page to put anything into.
fn is_built(page: &Answer) -> bool {
    page.header("content-type").starts_with("text/html")
}

#[tokio::test]
async fn a_page_carries_what_its_persons_flags_are() {
    let app = TestApp::start().await;
    let cookie = browser(&app).await;
    let served = page(&app, &cookie).await;
    if !is_built(&served) {
        return;
    }
    let first = evaluation(&served).unwrap();
    let state = app.anonymous(Method::GET, "/api/client-state").header("cookie", &cookie).send().await.expect(200);
    assert_eq!(first["clientState"], state.body, "as the page would be told if it asked");
    let asked = app.anonymous(Method::POST, "/ofrep/v1/evaluate/flags").header("cookie", &cookie);
    let asked = asked.header("sec-fetch-site", "same-origin").json(&json!({ "context": {} })).send().await.expect(200);
    let own =
        |key: &str| asked.body["flags"].as_array().unwrap().iter().find(|flag| flag["key"] == key).unwrap().clone();
    assert_eq!(first["flags"], json!([own(FLAG), own("useFundStore")]));
    assert_eq!(first["flags"][0]["value"], json!(true));

    app.post(&format!("/api/flags/{FLAG}/kill"), &json!({ "reason": "drill" })).await.expect(200);
    let first = evaluation(&page(&app, &cookie).await).unwrap();
    assert_eq!(first["clientState"]["banner"]["kind"], "unavailable");
    assert_eq!((&first["flags"][0]["value"], &first["flags"][0]["metadata"]["killed"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn a_page_that_carries_somebodys_flags_is_kept_by_nobody() {
    let app = TestApp::start().await;
    let cookie = browser(&app).await;
    let served = page(&app, &cookie).await;
    if !is_built(&served) {
        return;
    }
    assert_eq!(served.header("cache-control"), "no-store");
    assert!(served.headers.get("etag").is_none());
    let again = app.anonymous(Method::GET, "/").header("cookie", &cookie).header("if-none-match", "*").send().await;
    assert!(evaluation(&again.expect(200)).is_some(), "there is no answer that nothing has changed");
}

#[tokio::test]
async fn a_stranger_is_told_nothing_of_flags() {
    let app = TestApp::start().await;
    for cookie in ["", "lotwise_session=guessed"] {
        assert_eq!(evaluation(&page(&app, cookie).await), None);
    }
    let by_token = app.get("/funds/1").await.expect(200);
    assert_eq!(evaluation(&by_token), None, "a token is no session of a browser");
}
