//! Several replicas on one PostgreSQL database, and what happens when it goes away: A5, C2, "Durability" of the service.

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::app::{Setup, TestApp};
use crate::postgres_server::PostgresServer;

/// Two replicas of a service; only the second has workers.
async fn two_replicas(server: &PostgresServer) -> (TestApp, TestApp) {
    let url = server.database("postgres");
    let first = Setup::new().without_workers().on_database(&url).start().await;
    let second = Setup::new().on_database(&url).start().await;
    (first, second)
}

/// Asks again until the answer has this status.
async fn eventually(app: &TestApp, path: &str, status: u16) {
    let asking = async {
        while app.get(path).await.status.as_u16() != status {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), asking)
        .await
        .unwrap_or_else(|_| panic!("{path} never answers {status}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a5_a_kill_at_one_replica_acts_at_the_other_without_a_restart() {
    let server = PostgresServer::start();
    let (first, second) = two_replicas(&server).await;
    let path = first.fund("Fund I").await.path("/portfolio/lots/moic");
    second.get(&path).await.expect(200);
    first.kill("drill").await.expect(200);
    first.get(&path).await.expect(503);
    eventually(&second, &path, 503).await;
    second.restore("drill over").await.expect(200);
    second.get(&path).await.expect(200);
    eventually(&first, &path, 200).await;
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
    eventually(&app, &fund.path("/moic"), 503).await;
    app.get(&fund.path("/moic")).await.expect_problem(503, "database_unavailable");
    let posted = app.post("/api/funds", &json!({ "name": "Fund II", "currency": "USD" })).await;
    assert_ne!(posted.expect_problem(503, "database_unavailable").header("retry-after"), "");
    let ready = app.anonymous(Method::GET, "/readyz").send().await.expect(503);
    assert_eq!(ready.body["status"], "notReady");
    assert!(!ready.body["notReady"].as_array().unwrap().is_empty());
    app.anonymous(Method::GET, "/healthz").send().await.expect(200);
    app.get(&fund.path("/portfolio/lots/moic")).await.expect_problem(503, "feature_disabled");

    server.recover();
    eventually(&app, &fund.path("/moic"), 200).await;
    app.get(&fund.path("/portfolio/lots/moic")).await.expect_problem(503, "feature_disabled");
    assert_eq!(app.get("/api/funds").await.expect(200).body["funds"].as_array().unwrap().len(), 1);
}
