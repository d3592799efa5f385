//! Signing in with a name and a password: who is let in, who has to wait, and what a person does about their sessions.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use server::Clock;
use store::audit::{self, Filter};
use tokio::task::JoinSet;

use crate::app::{Answer, Setup, TestApp};

pub const PASSWORD: &str = "tidal marmot grief ledger";
const OTHER_PASSWORD: &str = "quartz umbrella seventh canal";

/// A person with a sign-in name, a role and [`PASSWORD`].
pub async fn person(app: &TestApp, name: &str, role: &str, funds: Option<&[i64]>) -> i64 {
    let person = app.post("/api/people", &json!({ "name": name })).await.expect(201);
    let path = format!("/api/people/{}", person.id());
    let sign_in_name = format!("{}@example.com", name.to_lowercase());
    let change = json!({ "version": 1, "name": name, "signInName": sign_in_name, "role": role, "fundIds": funds });
    app.put(&path, &change).await.expect(200);
    app.put(&format!("{path}/password"), &json!({ "password": PASSWORD })).await.expect(204);
    person.id()
}

/// An attempt from an address, as the proxy of [`behind_a_proxy`] notes it.
async fn attempt(app: &TestApp, name: &str, password: &str, address: &str) -> Answer {
    let request = app.anonymous(Method::POST, "/api/session").header("sec-fetch-site", "same-origin");
    let body = json!({ "name": name, "password": password });
    request.header("x-forwarded-for", address).json(&body).send().await
}

pub async fn sign_in(app: &TestApp, name: &str, password: &str) -> Answer {
    attempt(app, name, password, "192.0.2.1").await
}

/// The cookie of an answer that begins a session.
pub fn cookie_of(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// A request of the browser that has this cookie, from our own page.
pub async fn ask(app: &TestApp, cookie: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let request = app.anonymous(method, path).header("cookie", cookie).header("sec-fetch-site", "same-origin");
    match body {
        Some(body) => request.json(&body).send().await,
        None => request.send().await,
    }
}

async fn behind_a_proxy() -> TestApp {
    Setup::new().with_config(|config| config.trusted_proxies = 1).start().await
}

/// What the audit log has, as action and subject.
async fn audited(app: &TestApp, action: &str) -> Vec<(String, String, Value)> {
    let entries = app.store.read(|tx| audit::list(tx, &Filter::default(), 0, 1_000)).await.unwrap();
    entries
        .into_iter()
        .filter(|entry| entry.action == action)
        .map(|entry| (entry.actor, entry.subject, serde_json::from_str(&entry.details).unwrap()))
        .collect()
}

#[tokio::test]
async fn a_name_and_its_password_give_a_session_with_the_persons_role_and_funds() {
    let app = TestApp::start().await;
    let (mine, other) = (app.fund("Mine").await.id, app.fund("Other").await.id);
    let ada = person(&app, "Ada", "analyst", Some(&[mine])).await;
    let session = sign_in(&app, " ADA@Example.com ", PASSWORD).await.expect(200);
    assert_eq!(session.body["key"], format!("person:{ada}"));
    assert_eq!((&session.body["role"], &session.body["fundIds"]), (&json!("analyst"), &json!([mine])));
    assert_eq!((&session.body["method"], &session.body["hasPassword"]), (&json!("password"), &json!(true)));
    let cookie = cookie_of(&session);
    ask(&app, &cookie, Method::GET, &format!("/api/funds/{mine}"), None).await.expect(200);
    ask(&app, &cookie, Method::GET, &format!("/api/funds/{other}"), None).await.expect_problem(404, "not_found");
    ask(&app, &cookie, Method::GET, "/api/people", None).await.expect_problem(403, "forbidden");
    let (actor, subject, details) = audited(&app, "sign_in.accept").await.remove(0);
    assert_eq!((actor, subject), (format!("person:{ada}"), format!("person:{ada}")));
    assert_eq!((&details["method"], &details["role"]), (&json!("password"), &json!("analyst")));
    assert_eq!(app.metric("sign_ins_total{method=\"password\",outcome=\"ok\"}").await, 1.0);
}

#[tokio::test]
async fn nobody_learns_which_of_name_and_password_was_wrong() {
    let app = TestApp::start().await;
    let ada = person(&app, "Ada", "analyst", None).await;
    let wrong = sign_in(&app, "ada@example.com", OTHER_PASSWORD).await.expect_problem(401, "unauthenticated");
    let unknown = sign_in(&app, "eve@example.com", PASSWORD).await.expect_problem(401, "unauthenticated");
    let long = sign_in(&app, "ada@example.com", &"x".repeat(300)).await.expect_problem(401, "unauthenticated");
    assert_eq!(wrong.body["message"], unknown.body["message"]);
    assert_eq!(wrong.body["message"], long.body["message"]);
    let refused = audited(&app, "sign_in.refuse").await;
    assert_eq!(refused[0].1, format!("person:{ada}"));
    assert_eq!(refused[1].1, "sign_in:password");
    assert!(!format!("{refused:?}").contains("eve"), "what was typed as a name is not kept");
    assert_eq!(app.metric("sign_ins_total{method=\"password\",outcome=\"refused\"}").await, 3.0);
    let body = json!({ "name": "ada@example.com" });
    app.anonymous(Method::POST, "/api/session").json(&body).send().await.expect(422).naming("password");
}

#[tokio::test]
async fn a_null_of_one_way_to_sign_in_is_nothing_beside_the_other() {
    let app = TestApp::start().await;
    for (body, status) in [
        (json!({ "name": "eve@example.com", "password": PASSWORD, "token": null }), 401),
        (json!({ "token": "unknown", "name": null, "password": null }), 401),
        (json!({ "token": null, "name": null, "password": null }), 422),
        (json!({ "token": "unknown", "name": "eve@example.com", "password": PASSWORD }), 422),
    ] {
        app.anonymous(Method::POST, "/api/session").json(&body).send().await.expect(status);
    }
}

#[tokio::test]
async fn whoever_guesses_waits_longer_and_longer_and_the_person_elsewhere_does_not() {
    let app = behind_a_proxy().await;
    let ada = person(&app, "Ada", "analyst", None).await;
    let guess = |address: &'static str| attempt(&app, "ada@example.com", OTHER_PASSWORD, address);
    for _ in 0..5 {
        guess("198.51.100.9").await.expect_problem(401, "unauthenticated");
    }
    let locked = guess("198.51.100.9").await.expect_problem(429, "too_many_attempts");
    assert_eq!(locked.header("retry-after"), "30");
    attempt(&app, "ada@example.com", PASSWORD, "198.51.100.9").await.expect(429);
    attempt(&app, "ada@example.com", PASSWORD, "203.0.113.5").await.expect(200);
    let (_, subject, details) = audited(&app, "sign_in.lock").await.remove(0);
    assert_eq!((subject, &details["failures"]), (format!("person:{ada}"), &json!(5)));
    assert_eq!(app.metric("sign_ins_total{method=\"password\",outcome=\"locked\"}").await, 2.0);

    app.clock.advance(Duration::from_secs(31));
    guess("198.51.100.9").await.expect(401);
    let longer = guess("198.51.100.9").await.expect(429);
    assert_eq!(longer.header("retry-after"), "60");
    app.clock.advance(Duration::from_secs(61));
    attempt(&app, "ada@example.com", PASSWORD, "198.51.100.9").await.expect(200);
    guess("198.51.100.9").await.expect(401);
}

#[tokio::test]
async fn one_address_may_not_try_name_after_name() {
    let app = behind_a_proxy().await;
    for number in 0..30 {
        attempt(&app, &format!("name{number}"), "x", "198.51.100.9").await.expect(401);
    }
    let refused = attempt(&app, "another", "x", "198.51.100.9").await.expect_problem(429, "too_many_attempts");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
    attempt(&app, "another", "x", "198.51.100.10").await.expect(401);
}

#[tokio::test]
async fn of_many_guesses_at_the_same_instant_no_more_are_compared_than_of_one_after_the_other() {
    let app = behind_a_proxy().await;
    person(&app, "Ada", "analyst", None).await;
    let mut guesses = JoinSet::new();
    for _ in 0..12 {
        let request = app.anonymous(Method::POST, "/api/session").header("x-forwarded-for", "198.51.100.9");
        guesses.spawn(request.json(&json!({ "name": "ada@example.com", "password": OTHER_PASSWORD })).send());
    }
    let statuses: Vec<u16> = guesses.join_all().await.iter().map(|answer| answer.status.as_u16()).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 5, "{statuses:?}");
}

#[tokio::test]
async fn a_password_is_changed_with_the_old_one_and_ends_the_other_sessions() {
    let app = TestApp::start().await;
    let ada = person(&app, "Ada", "viewer", None).await;
    let here = cookie_of(&sign_in(&app, "ada@example.com", PASSWORD).await.expect(200));
    let there = cookie_of(&sign_in(&app, "ada@example.com", PASSWORD).await.expect(200));
    let change = |body: Value| ask(&app, &here, Method::PUT, "/api/session/password", Some(body));
    change(json!({ "password": OTHER_PASSWORD })).await.expect(422).naming("oldPassword");
    let wrong = change(json!({ "oldPassword": "nope", "password": OTHER_PASSWORD })).await.expect(422);
    wrong.naming("oldPassword");
    for weak in ["short", "password1234", "ada@example.com", "lotwiselotwise", &"long ".repeat(60)] {
        let refused = change(json!({ "oldPassword": PASSWORD, "password": weak })).await.expect(422).naming("password");
        assert!(!refused.raw.contains(weak), "{}", refused.raw);
    }
    change(json!({ "oldPassword": PASSWORD, "password": OTHER_PASSWORD })).await.expect(204);
    ask(&app, &here, Method::GET, "/api/session", None).await.expect(200);
    ask(&app, &there, Method::GET, "/api/session", None).await.expect(401);
    sign_in(&app, "ada@example.com", PASSWORD).await.expect(401);
    sign_in(&app, "ada@example.com", OTHER_PASSWORD).await.expect(200);
    assert_eq!(audited(&app, "password.change").await[0].1, format!("person:{ada}"));
    assert_eq!(audited(&app, "password.refuse").await.len(), 1);
    for text in [PASSWORD, OTHER_PASSWORD] {
        let stored = app.store.read(|tx| audit::list(tx, &Filter::default(), 0, 1_000)).await.unwrap();
        assert!(!format!("{stored:?}").contains(text));
    }
}

#[tokio::test]
async fn a_link_brings_a_person_in_to_set_a_password_without_the_old_one() {
    let app = TestApp::start().await;
    let ada = app.post("/api/people", &json!({ "name": "Ada" })).await.expect(201).id();
    let links = format!("/api/people/{ada}/sign-in-links");
    app.post(&links, &json!({})).await.expect_problem(409, "conflict");
    let change = json!({ "version": 1, "name": "Ada", "signInName": "ada", "role": "operator" });
    app.put(&format!("/api/people/{ada}"), &change).await.expect(200);
    let link = app.post(&links, &json!({})).await.expect(201).text("path");
    let token = link.strip_prefix("/?token=").unwrap();
    let request = app.anonymous(Method::POST, "/api/session").header("sec-fetch-site", "same-origin");
    let session = request.json(&json!({ "token": token })).send().await.expect(200);
    assert_eq!((&session.body["role"], &session.body["method"]), (&json!("operator"), &json!("link")));
    let cookie = cookie_of(&session);
    let set = json!({ "password": PASSWORD });
    assert_eq!(session.body["needsOldPassword"], false);
    ask(&app, &cookie, Method::PUT, "/api/session/password", Some(set)).await.expect(204);
    let again = json!({ "password": OTHER_PASSWORD });
    let refused = ask(&app, &cookie, Method::PUT, "/api/session/password", Some(again)).await;
    refused.expect(422).naming("oldPassword");
    sign_in(&app, "ada", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_link_that_nobody_has_opened_ends_with_what_its_person_was_allowed() {
    let app = TestApp::start().await;
    let eve = person(&app, "Eve", "admin", None).await;
    let path = format!("/api/people/{eve}");
    let link = async || {
        let link = app.post(&format!("{path}/sign-in-links"), &json!({})).await.expect(201).text("path");
        link.strip_prefix("/?token=").unwrap().to_owned()
    };
    let open = async |token: String| {
        let request = app.anonymous(Method::POST, "/api/session").header("sec-fetch-site", "same-origin");
        request.json(&json!({ "token": token })).send().await
    };
    let signed_out = link().await;
    app.delete(&format!("{path}/sessions")).await;
    open(signed_out).await.expect_problem(401, "unauthenticated");
    let demoted = link().await;
    let version = app.get(&path).await.expect(200).body["version"].clone();
    let change = json!({ "version": version, "name": "Eve", "signInName": "eve", "role": "viewer" });
    app.put(&path, &change).await.expect(200);
    open(demoted).await.expect_problem(401, "unauthenticated");
    let as_viewer = open(link().await).await.expect(200);
    assert_eq!(as_viewer.body["role"], "viewer");
}

#[tokio::test]
async fn a_token_of_a_person_cannot_become_their_password() {
    let app = TestApp::start().await;
    let ada = person(&app, "Ada", "admin", None).await;
    let token = json!({ "name": "a script", "role": "viewer", "personId": ada });
    let token = app.post("/api/tokens", &token).await.expect(201).text("token");
    let body = json!({ "password": OTHER_PASSWORD });
    let request = app.anonymous(Method::PUT, "/api/session/password").bearer(&token);
    request.json(&body).send().await.expect_problem(403, "forbidden");
    app.anonymous(Method::GET, "/api/sessions").bearer(&token).send().await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_person_sees_their_sessions_and_ends_them_one_by_one_or_everywhere() {
    let app = TestApp::start().await;
    person(&app, "Ada", "viewer", None).await;
    person(&app, "Bob", "viewer", None).await;
    let begin = || async { cookie_of(&sign_in(&app, "ada@example.com", PASSWORD).await.expect(200)) };
    let (here, there, elsewhere) = (begin().await, begin().await, begin().await);
    let bobs = cookie_of(&sign_in(&app, "bob@example.com", PASSWORD).await.expect(200));
    let listed = ask(&app, &here, Method::GET, "/api/sessions", None).await.expect(200);
    let sessions = listed.body["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 3);
    assert_eq!(sessions.iter().filter(|session| session["isCurrent"] == true).count(), 1);
    assert!(!listed.raw.contains(here.split_once('=').unwrap().1));

    let current = ask(&app, &there, Method::GET, "/api/sessions", None).await.expect(200);
    let theirs = current.body["sessions"].as_array().unwrap().iter().find(|session| session["isCurrent"] == true);
    let path = format!("/api/sessions/{}", theirs.unwrap()["id"].as_str().unwrap());
    ask(&app, &bobs, Method::DELETE, &path, None).await.expect_problem(404, "not_found");
    ask(&app, &here, Method::DELETE, &path, None).await.expect(204);
    ask(&app, &there, Method::GET, "/api/session", None).await.expect(401);

    let out = ask(&app, &here, Method::DELETE, "/api/sessions", None).await.expect(204);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    ask(&app, &here, Method::GET, "/api/session", None).await.expect(401);
    ask(&app, &elsewhere, Method::GET, "/api/session", None).await.expect(401);
    ask(&app, &bobs, Method::GET, "/api/session", None).await.expect(200);
    assert_eq!(audited(&app, "session.end_all").await[0].2["sessionsEnded"], 2);
}

#[tokio::test]
async fn an_unused_session_ends_and_a_used_one_goes_on_to_its_end() {
    let app = TestApp::start().await;
    person(&app, "Ada", "viewer", None).await;
    let used = cookie_of(&sign_in(&app, "ada@example.com", PASSWORD).await.expect(200));
    let unused = cookie_of(&sign_in(&app, "ada@example.com", PASSWORD).await.expect(200));
    for _ in 0..6 {
        app.clock.advance(Duration::from_secs(115 * 60));
        ask(&app, &used, Method::GET, "/api/session", None).await.expect(200);
        let now = app.clock.now().to_string();
        let noted = async {
            loop {
                let listed = ask(&app, &used, Method::GET, "/api/sessions", None).await.expect(200);
                let sessions = listed.body["sessions"].as_array().unwrap().clone();
                if sessions.iter().any(|session| session["isCurrent"] == true && session["seenAt"] == now.as_str()) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), noted).await.expect("the use is noted");
    }
    ask(&app, &unused, Method::GET, "/api/session", None).await.expect(401);
    app.clock.advance(Duration::from_secs(31 * 60));
    ask(&app, &used, Method::GET, "/api/session", None).await.expect(401);
}

#[tokio::test]
async fn an_administrator_changes_what_somebody_may_do_and_their_sessions_end() {
    let app = TestApp::start().await;
    let ada = person(&app, "Ada", "operator", None).await;
    let cookie = cookie_of(&sign_in(&app, "ada@example.com", PASSWORD).await.expect(200));
    let path = format!("/api/people/{ada}");
    let read = app.get(&path).await.expect(200);
    assert!(read.body["passwordChangedAt"].is_string() && !read.raw.contains("argon2"), "{}", read.raw);
    let version = read.body["version"].clone();
    let change = json!({ "version": version, "name": "Ada", "signInName": "ada@example.com", "role": null });
    app.put(&path, &change).await.expect(200);
    app.put(&path, &change).await.expect_problem(409, "version_conflict");
    ask(&app, &cookie, Method::GET, "/api/session", None).await.expect(401);
    sign_in(&app, "ada@example.com", PASSWORD).await.expect_problem(403, "forbidden");

    person(&app, "Bob", "viewer", None).await;
    let taken = json!({ "version": version.as_i64().unwrap() + 1, "name": "Ada", "signInName": "BOB@example.com" });
    app.put(&path, &taken).await.expect(422).naming("signInName");
    let wrong = json!({ "version": 1, "name": "Ada", "signInName": "a b", "role": "ofrep", "fundIds": [99] });
    app.put(&path, &wrong).await.expect(422).naming("signInName").naming("role");
    let limited = app.token("admin", Some(&[app.fund("Fund I").await.id])).await;
    let request = app.anonymous(Method::PUT, &format!("{path}/password")).bearer(&limited);
    request.json(&json!({ "password": PASSWORD })).send().await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn the_first_administrator_gives_themselves_a_name_and_a_password() {
    let app = TestApp::start().await;
    let ada = person(&app, "Ada", "admin", None).await;
    let path = format!("/api/people/{ada}");
    let other = cookie_of(&sign_in(&app, "ada@example.com", PASSWORD).await.expect(200));
    let here = cookie_of(&sign_in(&app, "ada@example.com", PASSWORD).await.expect(200));
    let version = app.get(&path).await.expect(200).body["version"].clone();
    let change = json!({ "version": version, "name": "Ada", "signInName": "root", "role": "operator" });
    ask(&app, &here, Method::PUT, &path, Some(change)).await.expect(200);
    ask(&app, &here, Method::GET, "/api/session", None).await.expect(200);
    ask(&app, &other, Method::GET, "/api/session", None).await.expect(401);
    assert_eq!(sign_in(&app, "root", PASSWORD).await.expect(200).body["role"], "operator");
}

#[tokio::test]
async fn the_audit_log_is_read_by_administrators_who_see_all_funds() {
    let app = TestApp::start().await;
    let ada = person(&app, "Ada", "viewer", None).await;
    sign_in(&app, "ada@example.com", PASSWORD).await.expect(200);
    let log = app.get(&format!("/api/audit?subject=person:{ada}")).await.expect(200);
    let actions: Vec<_> = log.body["audit"].as_array().unwrap().iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["person.create", "person.change", "password.set", "sign_in.accept"]);
    let all = app.get("/api/audit?limit=1").await.expect(200);
    assert_eq!(all.body["pagination"]["hasMore"], true);
    let operator = app.token("operator", None).await;
    app.anonymous(Method::GET, "/api/audit").bearer(&operator).send().await.expect_problem(403, "forbidden");
    assert_eq!(app.get("/api/audit/verify").await.expect(200).body["isIntact"], true);
}

#[tokio::test]
async fn every_answer_keeps_browsers_from_what_they_need_not_do() {
    let app = Setup::new().with_config(|config| config.secure_cookies = true).start().await;
    for path in ["/", "/api/session", "/api/session/methods", "/api/nothing", "/healthz"] {
        let answer = app.anonymous(Method::GET, path).send().await;
        assert_eq!(answer.header("strict-transport-security"), "max-age=63072000; includeSubDomains", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    person(&app, "Ada", "viewer", None).await;
    let session = sign_in(&app, "ada@example.com", PASSWORD).await.expect(200);
    assert!(session.header("set-cookie").contains("; Secure"));
    let plain = TestApp::start().await.anonymous(Method::GET, "/healthz").send().await;
    assert_eq!(plain.header("strict-transport-security"), "", "only behind TLS");
}
