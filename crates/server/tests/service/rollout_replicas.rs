//! Rollouts with several replicas on one PostgreSQL database: rollouts.md §4 and §5, requirement C2.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{FLAG, POLICY, Setup, Story, TestApp};
use crate::postgres_server::PostgresServer;

const LOT_LEVEL: &str = "/portfolio/lots/moic";

/// Two replicas of a service, in one time.
async fn two_replicas(server: &PostgresServer) -> (TestApp, TestApp) {
    let url = server.database("postgres");
    let first = Setup::new().with_faults().on_database(&url).start().await;
    let second = Setup::new().with_faults().on_database(&url).in_time_of(&first).start().await;
    (first, second)
}

/// Everybody asks the replica for the legacy MOIC.
async fn everybody_asks(story: &Story<'_>, replica: &TestApp) {
    for person in &story.people {
        replica.by(person, Method::GET, &story.fund.path("/moic")).send().await;
    }
}

fn sum(numbers: &Value, field: &str) -> u64 {
    ["treatment", "control"].iter().map(|arm| numbers[arm][field].as_u64().unwrap()).sum()
}

async fn replicas_of_entry(app: &TestApp, id: &str) -> usize {
    app.rollout(id).await["replicas"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_every_replica_has_seen_counts_and_each_user_once() {
    let server = PostgresServer::start();
    let (first, second) = two_replicas(&server).await;
    let story = Story::begin(&first, &POLICY.replace("min_soak = \"30s\"", "min_soak = \"5m\"")).await;
    everybody_asks(&story, &second).await;
    story.tick().await;
    // What a replica hands in after its tick was closed counts in the next.
    let numbers = story.end_tick().await["numbers"].clone();
    assert_eq!((sum(&numbers, "requests"), sum(&numbers, "users")), (48, 24));
    second.faults(1.0, 0.0).await;
    everybody_asks(&story, &second).await;
    story.end_tick().await;
    story.end_tick().await;
    first.until_stage(&story.id, "RolledBack").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b5_a_rollback_is_proved_at_every_replica() {
    let server = PostgresServer::start();
    let (first, second) = two_replicas(&server).await;
    let story = Story::begin(&first, POLICY).await;
    story.tick().await;
    story.command("rollback", &json!({ "reason": "marks are doubled" })).await.expect(200);
    let read_back = first.until(&story.path(""), |answer| answer.body["stage"] == "RolledBack").await.body;
    assert!(read_back["rollback"]["drainSeconds"].is_number());
    for replica in [&first, &second] {
        for person in &story.people {
            let asked = replica.by(person, Method::GET, &story.fund.path(LOT_LEVEL)).send().await;
            asked.expect_problem(503, "feature_disabled");
        }
    }
    let audit = first.get(&story.path("/audit?limit=100")).await.expect(200).body["audit"].clone();
    assert!(audit.as_array().unwrap().iter().any(|entry| entry["details"]["result"] == "RolledBack"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phase_begins_when_every_replica_has_it() {
    let server = PostgresServer::start();
    let (first, second) = two_replicas(&server).await;
    let story = Story::begin(&first, POLICY).await;
    assert_eq!(replicas_of_entry(&first, &story.id).await, 0, "nobody is asked any more");
    let exposure = second.until(&format!("/api/flags/{FLAG}"), |answer| answer.body["exposure"] == "50").await;
    assert_eq!(exposure.body["defaultVariant"], "off");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_controller_stops_another_replica_goes_on() {
    let server = PostgresServer::start();
    let (first, second) = two_replicas(&server).await;
    let story = Story::begin(&second, POLICY).await;
    story.tick().await;
    first.stop().await;
    story.until_phase("expanded").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_takes_no_decision_with_it() {
    let server = PostgresServer::start();
    let (first, second) = two_replicas(&server).await;
    let story = Story::begin(&first, POLICY).await;
    let before = story.tick().await;
    server.crash();
    everybody_asks(&story, &second).await;
    for _ in 0..20 {
        first.clock.advance(std::time::Duration::from_secs(15));
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    first.get(&story.path("")).await.expect(503);
    server.recover();
    first.eventually(&story.path(""), 200).await;
    let held = first.until(&story.path(""), |answer| answer.body["stage"] == "Held(NoData)").await.body;
    assert_eq!((&held["phase"], &held["numbers"]["entry"]), (&json!("canary"), &before["numbers"]["entry"]));
    let decisions = first.get(&story.path("/decisions")).await.expect(200).body["decisions"].clone();
    let verdicts: Vec<&Value> = decisions.as_array().unwrap().iter().map(|one| &one["verdict"]).collect();
    assert_eq!(verdicts, ["hold"], "silence holds, and does nothing else");
    story.until_phase("expanded").await;
    let verified = first.get("/api/audit/verify").await.expect(200).body;
    assert_eq!(verified["isIntact"], true);
}
