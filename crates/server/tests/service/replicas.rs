//! Several replicas on one PostgreSQL database, and what happens when it goes away: A5, C2, "Durability" of the service.

use axum::http::Method;
use serde_json::json;

use crate::app::{Setup, TestApp, boolean_flag};
use crate::postgres_server::PostgresServer;

/// Two replicas of a service; only the second has workers.
async fn two_replicas(server: &PostgresServer) -> (TestApp, TestApp) {
    let url = server.database("postgres");
    let first = Setup::new().without_workers().on_database(&url).start().await;
    let second = Setup::new().on_database(&url).start().await;
    (first, second)
}

#[tokio::test(flavor = "multi_thread")]
async fn a5_a_kill_at_one_replica_acts_at_the_other_without_a_restart() {
    let server = PostgresServer::start();
    let (first, second) = two_replicas(&server).await;
    let path = first.fund("Fund I").await.path("/portfolio/lots/moic");
    second.get(&path).await.expect(200);
    first.kill("drill").await.expect(200);
    first.get(&path).await.expect(503);
    second.eventually(&path, 503).await;
    second.restore("drill over").await.expect(200);
    second.get(&path).await.expect(200);
    first.eventually(&path, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_posts_under_one_key_at_both_replicas_create_one_lot() {
    let server = PostgresServer::start();
    let (first, second) = two_replicas(&server).await;
    let fund = first.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    let posts: Vec<_> = (0..12)
        .map(|number| {
            let app = if number % 2 == 0 { &first } else { &second };
            let request = app.request(Method::POST, &fund.path("/portfolio/lots")).key("one").json(&company.lot_body());
            tokio::spawn(request.send())
        })
        .collect();
    let mut answers = Vec::new();
    for post in posts {
        answers.push(post.await.unwrap().expect(201));
    }
    assert!(answers.iter().all(|answer| answer.raw == answers[0].raw), "every answer is the first one");
    assert_eq!(fund.count("/portfolio/lots", "lots").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_revoked_at_one_replica_is_refused_at_the_other_at_once() {
    let server = PostgresServer::start();
    let (first, second) = two_replicas(&server).await;
    let created = first.post("/api/tokens", &json!({ "name": "ci", "role": "viewer" })).await.expect(201);
    let get = || second.anonymous(Method::GET, "/api/funds").bearer(created.body["token"].as_str().unwrap()).send();
    get().await.expect(200);
    first.delete(&created.header("location")).await.expect(200);
    get().await.expect_problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn c2_a_snapshot_accepted_by_one_replica_is_calculated_by_another() {
    let server = PostgresServer::start();
    let (first, _second) = two_replicas(&server).await;
    let fund = first.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    company.lot().await;
    company.mark("650.407").await;
    company.exit_at("1300").await;
    let snapshot = fund.snapshot("elsewhere").await;
    let finished = first.finished(&snapshot).await;
    assert_eq!(finished["status"], "complete");
    let lenses = first.get(&fund.path("/portfolio/lots/moic?asOf=2022-12-31")).await.expect(200).body;
    assert_eq!(finished["result"], lenses);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_every_answer_says_so_and_a_kill_holds() {
    let server = PostgresServer::start();
    let (app, _other) = two_replicas(&server).await;
    let fund = app.fund("Fund I").await;
    app.kill("drill").await.expect(200);
    app.get(&fund.path("/portfolio/lots/moic")).await.expect_problem(503, "feature_disabled");
    server.crash();
    app.eventually(&fund.path("/moic"), 503).await;
    app.get(&fund.path("/moic")).await.expect_problem(503, "database_unavailable");
    let posted = app.post("/api/funds", &json!({ "name": "Fund II", "currency": "USD" })).await;
    assert_ne!(posted.expect_problem(503, "database_unavailable").header("retry-after"), "");
    let ready = app.anonymous(Method::GET, "/readyz").send().await.expect(503);
    assert_eq!(ready.body["status"], "notReady");
    assert!(!ready.body["notReady"].as_array().unwrap().is_empty());
    app.anonymous(Method::GET, "/healthz").send().await.expect(200);
    app.get(&fund.path("/portfolio/lots/moic")).await.expect_problem(503, "feature_disabled");

    server.recover();
    app.eventually(&fund.path("/moic"), 200).await;
    app.get(&fund.path("/portfolio/lots/moic")).await.expect_problem(503, "feature_disabled");
    assert_eq!(app.get("/api/funds").await.expect(200).body["funds"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a5_who_was_good_when_the_database_went_away_asks_for_flags_and_kills_without_it() {
    let server = PostgresServer::start();
    let app = Setup::new().without_workers().on_database(&server.database("postgres")).start().await;
    let token = async |role: &str| {
        let created = app.post("/api/tokens", &json!({ "name": role, "role": role })).await.expect(201);
        (created.body["token"].as_str().unwrap().to_owned(), created.header("location").to_owned())
    };
    let ((operator, _), (ofrep, _), (gone, gone_at)) =
        (token("operator").await, token("ofrep").await, token("operator").await);
    let flag = "/ofrep/v1/evaluate/flags/enableLotLevelMoic";
    let evaluate = |bearer: &str| {
        app.anonymous(Method::POST, flag)
            .bearer(bearer)
            .json(&json!({ "context": { "targetingKey": "person:1" } }))
            .send()
    };
    let kill = |bearer: &str| {
        let path = "/api/flags/enableLotLevelMoic/kill";
        app.anonymous(Method::POST, path).bearer(bearer).json(&json!({ "reason": "wrong marks" })).send()
    };
    let read = |bearer: &str, path: &str| app.anonymous(Method::GET, path).bearer(bearer).send();
    read(&gone, "/api/funds").await.expect(200);
    app.delete(&gone_at).await.expect(200);
    read(&operator, "/api/funds").await.expect(200);
    evaluate(&ofrep).await.expect(200);

    server.crash();
    app.eventually("/api/funds", 503).await;
    assert_eq!(evaluate(&ofrep).await.expect(200).body["value"], true);
    kill(&ofrep).await.expect(403);
    kill(&gone).await.expect_problem(503, "database_unavailable");
    evaluate("lotwise_never-seen").await.expect_problem(503, "database_unavailable");
    read(&operator, "/api/funds").await.expect_problem(503, "database_unavailable");
    read(&operator, "/api/tokens").await.expect_problem(503, "database_unavailable");
    let killed = kill(&operator).await.expect(202).body;
    assert_eq!((&killed["killed"], &killed["killPending"]), (&json!(true), &json!(true)));
    assert_eq!(evaluate(&ofrep).await.expect(200).body["value"], false);
    assert_eq!(read(&operator, "/api/flags/enableLotLevelMoic").await.expect(200).body["killed"], true);

    server.recover();
    app.eventually("/api/funds", 200).await;
    kill(&gone).await.expect_problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_and_a_kill_of_any_flag_at_one_replica_act_at_the_other() {
    let server = PostgresServer::start();
    let (first, second) = two_replicas(&server).await;
    let path = "/api/flags/checkout";
    first.post("/api/flags", &json!({ "key": "checkout", "definition": boolean_flag("off") })).await.expect(201);
    second.eventually(path, 200).await;
    first.define("checkout", &boolean_flag("on")).await.expect(200);
    second.until(path, |answer| answer.body["enabled"] == true).await;
    second.post("/api/flags/checkout/kill", &json!({ "reason": "drill" })).await.expect(200);
    let killed = first.until(path, |answer| answer.body["killed"] == true).await;
    assert_eq!((&killed.body["enabled"], &killed.body["reason"]), (&json!(false), &json!("drill")));
}

#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_edits_of_one_version_at_both_replicas_leave_one() {
    let server = PostgresServer::start();
    let (first, second) = two_replicas(&server).await;
    first.post("/api/flags", &json!({ "key": "checkout", "definition": boolean_flag("off") })).await.expect(201);
    let edit = |app: &TestApp| {
        let body = json!({ "version": 1, "definition": boolean_flag("on") });
        tokio::spawn(app.request(Method::PUT, "/api/flags/checkout").json(&body).send())
    };
    let edits: Vec<_> = (0..8).map(|number| edit(if number % 2 == 0 { &first } else { &second })).collect();
    let mut statuses = Vec::new();
    for edit in edits {
        statuses.push(edit.await.unwrap().status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
}
