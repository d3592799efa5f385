//! OFREP of the running service: keys, sessions, the kill switch.

use std::time::Duration;

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::Clock;
use store::tokens::{Grant, Role};
use store::{people, sessions};

use crate::app::{ADMIN_TOKEN, Answer, Request, Setup, TestApp};
use crate::file_server::{BULK, flag};

const OWN_FLAG: &str = "enableLotLevelMoic";

fn ask(app: &TestApp, path: &str, context: &Value) -> Request {
    app.anonymous(Method::POST, path).json(&json!({ "context": context }))
}

async fn own_flag(app: &TestApp) -> Value {
    ask(app, &flag(OWN_FLAG), &json!({ "targetingKey": "ada" })).bearer(ADMIN_TOKEN).send().await.expect(200).body
}

/// The cookie of a signed-in browser, and the targeting key of who uses it.
async fn browser(app: &TestApp) -> (String, String) {
    let now = app.clock.now();
    let expires = now + SignedDuration::from_mins(10);
    let grant = Grant { role: Role::Viewer, funds: None };
    let (person, secret) = app
        .store
        .write(move |tx| {
            let ada = people::create(tx, "Ada", now)?;
            Ok((ada.id, sessions::create_login(tx, ada.id, &grant, expires, now)?))
        })
        .await
        .unwrap();
    let login = app.anonymous(Method::POST, "/api/session").header("sec-fetch-site", "same-origin");
    let cookie = login.json(&json!({ "token": secret.reveal() })).send().await.expect(200).header("set-cookie");
    (cookie.split(';').next().unwrap().to_owned(), format!("person:{person}"))
}

fn context_of(answer: &Answer) -> &Value {
    &answer.body["metadata"]["contextId"]
}

#[tokio::test]
async fn a_key_is_taken_in_either_header_and_trusted_with_the_context() {
    let app = TestApp::start().await;
    let key = app.token("ofrep", None).await;
    let context = json!({ "targetingKey": "ada" });
    let bearer = ask(&app, BULK, &context).bearer(&key).send().await.expect(200);
    let header = ask(&app, BULK, &context).header("x-api-key", &key).send().await.expect(200);
    assert_eq!((context_of(&bearer), context_of(&header)), (&json!("ada"), &json!("ada")));
    assert_eq!(bearer.header("etag"), header.header("etag"));
    assert_eq!(bearer.header("access-control-allow-origin"), "*");
    assert!(!bearer.header("x-request-id").is_empty());
}

#[tokio::test]
async fn an_ofrep_key_is_good_for_nothing_else() {
    let app = TestApp::start().await;
    let key = app.token("ofrep", None).await;
    for path in ["/api/funds", "/api/flags", "/api/client-state", "/api/session"] {
        app.anonymous(Method::GET, path).bearer(&key).send().await.expect_problem(403, "forbidden");
    }
    app.anonymous(Method::GET, "/api/funds")
        .header("x-api-key", &key)
        .send()
        .await
        .expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn every_role_may_ask_and_nobody_else() {
    let app = TestApp::start().await;
    for role in ["viewer", "analyst", "operator"] {
        let token = app.token(role, None).await;
        ask(&app, BULK, &json!({})).bearer(&token).send().await.expect(200);
    }
    for path in [BULK, &flag(OWN_FLAG)] {
        let refused = ask(&app, path, &json!({})).send().await.expect_problem(401, "unauthenticated");
        assert_eq!(refused.header("access-control-allow-origin"), "*", "a page can read why");
        ask(&app, path, &json!({})).header("x-api-key", "nobody").send().await.expect_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn a_browser_asks_for_its_person_whatever_the_context_says() {
    let app = TestApp::start().await;
    let (cookie, person) = browser(&app).await;
    let request = |site: &'static str| {
        ask(&app, BULK, &json!({ "targetingKey": "somebody-else" }))
            .header("cookie", &cookie)
            .header("sec-fetch-site", site)
    };
    assert_eq!(context_of(&request("same-origin").send().await.expect(200)), &json!(person));
    request("cross-site").send().await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_killed_flag_is_off_and_says_so_until_it_is_restored() {
    let app = TestApp::start().await;
    let on = own_flag(&app).await;
    assert_eq!((&on["value"], &on["variant"]), (&json!(true), &json!("on")));
    assert!(on["metadata"].get("killed").is_none(), "{on}");
    app.kill("drill").await.expect(200);
    let off = own_flag(&app).await;
    assert_eq!((&off["value"], &off["variant"], &off["reason"]), (&json!(false), &json!("off"), &json!("STATIC")));
    assert_eq!(off["metadata"]["killed"], true);
    app.restore("over").await.expect(200);
    assert_eq!(own_flag(&app).await, on);
}

#[tokio::test]
async fn a_flag_that_the_environment_does_not_turn_on_is_off() {
    for (variable, killed) in [(None, Value::Null), (Some("false"), json!(true)), (Some(""), json!(true))] {
        let app = Setup::new().with_variable(variable).start().await;
        let off = own_flag(&app).await;
        assert_eq!((&off["value"], &off["variant"], &off["reason"]), (&json!(false), &json!("off"), &json!("STATIC")));
        assert_eq!(off["metadata"]["killed"], killed, "{variable:?}");
    }
}

#[tokio::test]
async fn a_callers_own_wish_counts_for_the_services_flags() {
    let app = TestApp::start().await;
    let wish = |wish: &'static str| {
        ask(&app, &flag(OWN_FLAG), &json!({})).bearer(ADMIN_TOKEN).header("x-feature-override", wish).send()
    };
    assert_eq!(wish("enableLotLevelMoic=0").await.expect(200).body["value"], false);
    let unknown = wish("enableLotlevelMoic=0").await.expect(200);
    assert_eq!(unknown.body["value"], true);
    assert_eq!(unknown.header("x-feature-override-ignored"), "enableLotlevelMoic");
}

#[tokio::test]
async fn a_key_that_asks_too_often_is_told_when_to_come_back() {
    let app = Setup::new().with_config(|config| config.ofrep_requests_per_second = 3).start().await;
    let (first, second) = (app.token("ofrep", None).await, app.token("ofrep", None).await);
    for _ in 0..3 {
        ask(&app, BULK, &json!({})).bearer(&first).send().await.expect(200);
    }
    let refused = ask(&app, BULK, &json!({})).bearer(&first).send().await.expect(429);
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(refused.body["errorCode"], "GENERAL");
    ask(&app, BULK, &json!({})).bearer(&second).send().await.expect(200);
    app.clock.advance(Duration::from_secs(1));
    ask(&app, BULK, &json!({})).bearer(&first).send().await.expect(200);
}

#[tokio::test]
async fn events_are_read_with_the_ticket_of_an_answer() {
    let app = TestApp::start().await;
    let answer = ask(&app, BULK, &json!({})).bearer(ADMIN_TOKEN).send().await.expect(200);
    let path = answer.body["eventStreams"][0]["endpoint"]["requestUri"].as_str().unwrap().to_owned();
    assert!(path.contains("ticket="), "{path}");
    let mut reader = crate::watching::Reader::open(&app.address, &path, None).await;
    assert!(!reader.heard.contains("data:"), "nothing has changed yet: {}", reader.heard);
    app.kill("drill").await.expect(200);
    reader.hear("\"type\":\"refetchEvaluation\"").await;

    let forged = path.replace("ticket=", "ticket=9");
    for path in ["/ofrep/v1/events", &forged] {
        app.anonymous(Method::GET, path).send().await.expect_problem(401, "unauthenticated");
    }
    app.clock.advance(Duration::from_secs(2 * 60 * 60));
    app.anonymous(Method::GET, &path).send().await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn who_was_told_of_a_change_elsewhere_is_answered_once_it_is_here() {
    let app = TestApp::start().await;
    let now = ask(&app, BULK, &json!({})).bearer(ADMIN_TOKEN).send().await.expect(200);
    let uri = now.body["eventStreams"][0]["endpoint"]["requestUri"].as_str().unwrap();
    let known: u64 = uri.split("since=").nth(1).unwrap().split('&').next().unwrap().parse().unwrap();
    let path = format!("{BULK}?flagConfigEtag={}", known + 1);
    let (answer, _) = tokio::join!(ask(&app, &path, &json!({})).bearer(ADMIN_TOKEN).send(), app.kill("drill"));
    assert!(answer.expect(200).raw.contains("\"killed\":true"));
}

#[tokio::test]
async fn an_old_ticket_is_replaced_before_it_runs_out() {
    let app = TestApp::start().await;
    let tag = ask(&app, BULK, &json!({})).bearer(ADMIN_TOKEN).send().await.expect(200).header("etag");
    let again = || ask(&app, BULK, &json!({})).bearer(ADMIN_TOKEN).header("if-none-match", &tag).send();
    again().await.expect(304);
    app.clock.advance(Duration::from_secs(60 * 60));
    again().await.expect(200);
}

#[tokio::test]
async fn streams_end_when_the_service_stops() {
    let app = TestApp::start().await;
    let answer = ask(&app, BULK, &json!({})).bearer(ADMIN_TOKEN).send().await.expect(200);
    let path = answer.body["eventStreams"][0]["endpoint"]["requestUri"].as_str().unwrap().to_owned();
    let mut reader = crate::watching::Reader::open(&app.address, &path, None).await;
    let ended = tokio::spawn(async move { while reader.read().await > 0 {} });
    app.stop().await;
    ended.await.unwrap();
}
