//! Browser sessions: one-time login, cookie, no requests from other sites.

use std::time::Duration;

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::json;
use server::Clock;
use store::tokens::{Grant, Role};
use store::{people, sessions};

use crate::app::{Answer, TestApp};

/// The token of a login link for an analyst called Ada.
async fn login_link(app: &TestApp) -> String {
    let now = app.clock.now();
    let expires = now + SignedDuration::from_mins(10);
    let grant = Grant { role: Role::Analyst, funds: None };
    let secret = app
        .store
        .write(move |tx| {
            let ada = people::create(tx, "Ada", now)?;
            sessions::create_login(tx, ada.id, &grant, expires, now)
        })
        .await
        .unwrap();
    secret.reveal().to_owned()
}

async fn sign_in(app: &TestApp, token: &str) -> Answer {
    let request = app.anonymous(Method::POST, "/api/session").header("sec-fetch-site", "same-origin");
    request.json(&json!({ "token": token })).send().await
}

/// The cookie of a signed-in browser.
pub async fn browser(app: &TestApp) -> String {
    let token = login_link(app).await;
    let cookie = sign_in(app, &token).await.expect(200).header("set-cookie");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_login_token_works_once_and_gives_a_cookie_out_of_reach() {
    let app = TestApp::start().await;
    let token = login_link(&app).await;
    let session = sign_in(&app, &token).await.expect(200);
    assert_eq!((&session.body["name"], &session.body["role"]), (&json!("Ada"), &json!("analyst")));
    let cookie = session.header("set-cookie");
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!session.raw.contains(cookie.split(['=', ';']).nth(1).unwrap()), "the secret is in the cookie only");
    sign_in(&app, &token).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn an_expired_login_token_is_refused() {
    let app = TestApp::start().await;
    let token = login_link(&app).await;
    app.clock.advance(Duration::from_secs(601));
    sign_in(&app, &token).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_session_reads_and_writes_from_our_own_page_only() {
    let app = TestApp::start().await;
    let cookie = browser(&app).await;
    app.anonymous(Method::GET, "/api/funds").header("cookie", &cookie).send().await.expect(200);
    let post = |headers: &[(&str, &str)]| {
        let request = app.anonymous(Method::POST, "/api/funds").header("cookie", &cookie);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        request.json(&json!({ "name": "Fund", "currency": "USD" })).send()
    };
    post(&[("sec-fetch-site", "same-origin")]).await.expect(201);
    post(&[("origin", "http://lotwise.test"), ("host", "lotwise.test")]).await.expect(201);
    post(&[]).await.expect_problem(403, "forbidden");
    post(&[("sec-fetch-site", "cross-site")]).await.expect_problem(403, "forbidden");
    post(&[("sec-fetch-site", "same-site")]).await.expect_problem(403, "forbidden");
    post(&[("origin", "http://evil.test"), ("host", "lotwise.test")]).await.expect_problem(403, "forbidden");
    assert_eq!(app.get("/api/funds").await.expect(200).body["funds"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_session_ends_by_itself_and_by_signing_out() {
    let app = TestApp::start().await;
    let cookie = browser(&app).await;
    let request = |method: Method, path: &'static str| {
        app.anonymous(method, path).header("cookie", &cookie).header("sec-fetch-site", "same-origin").send()
    };
    let ended = request(Method::DELETE, "/api/session").await.expect(204);
    assert!(ended.header("set-cookie").contains("Max-Age=0"));
    request(Method::GET, "/api/session").await.expect_problem(401, "unauthenticated");

    let app = TestApp::start().await;
    let cookie = browser(&app).await;
    app.clock.advance(Duration::from_secs(12 * 3_600 + 1));
    app.anonymous(Method::GET, "/api/session")
        .header("cookie", &cookie)
        .send()
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn another_site_cannot_sign_a_browser_in() {
    let app = TestApp::start().await;
    let token = login_link(&app).await;
    let request = app.anonymous(Method::POST, "/api/session").header("sec-fetch-site", "cross-site");
    request.json(&json!({ "token": token })).send().await.expect_problem(403, "forbidden");
    sign_in(&app, &token).await.expect(200);
}
