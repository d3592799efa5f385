//! What a policy promises, before anybody starts it.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Setup, TestApp};

const PLAN: &str = "/api/rollouts/plan";
const SIMULATE: &str = "/api/rollouts/simulate";

async fn reference() -> (TestApp, Value) {
    // The virtual clock stands still here, so that the time for a simulation never ends.
    (Setup::new().start().await, json!(rollout::REFERENCE))
}

#[tokio::test]
async fn a_policy_is_planned_without_being_started() {
    let (app, policy) = reference().await;
    let plan = app.post(PLAN, &json!({ "policy": policy, "requestsPerSecond": 50 })).await.expect(200).body;
    assert_eq!(plan["environment"], "production");
    assert!(plan["falseRollback"].as_f64().unwrap() < 0.05, "{plan}");
    let phases = plan["forecast"].as_array().unwrap();
    assert_eq!(phases.len(), 2);
    assert!(phases[0]["soakSeconds"].as_i64().unwrap() >= 1_800, "{plan}");
    assert!(phases[0]["requests"][0]["requests"].as_u64().unwrap() > 0);
    assert!(phases[0]["detection"].as_array().unwrap().iter().any(|found| found["seconds"].as_i64().is_some()));
    let slower = app.post(PLAN, &json!({ "policy": policy, "requestsPerSecond": 0.1 })).await.expect(200).body;
    assert_ne!(slower["forecast"], plan["forecast"], "with fewer requests it takes longer, or never ends");
    assert_eq!(app.get("/api/rollouts").await.expect(200).body["rollouts"], json!([]));
}

#[tokio::test]
async fn a_policy_is_simulated_within_bounds() {
    let (app, policy) = reference().await;
    let body = json!({ "policy": policy, "scenario": "errors-20pct", "runs": 20 });
    let simulated = app.post(SIMULATE, &body).await.expect(200).body;
    let found = &simulated["scenarios"][0];
    assert_eq!((&found["scenario"], &found["runs"]), (&json!("errors-20pct"), &json!(20)));
    assert!(found["detected"].as_f64().unwrap() > 0.9, "{simulated}");
    assert_eq!(simulated["unfinished"], json!([]));
    assert_eq!(app.post(SIMULATE, &body).await.expect(200).body, simulated, "the same seed gives the same runs");
    for (change, path) in [
        (json!({ "runs": 501 }), "runs"),
        (json!({ "runs": 19 }), "runs"),
        (json!({ "scenario": "calm" }), "scenario"),
        (json!({ "requestsPerSecond": 0 }), "requestsPerSecond"),
        (json!({ "requestsPerSecond": "5" }), "requestsPerSecond"),
        (json!({ "policy": "name = 3" }), "policy.name"),
        (json!({ "speed": 1 }), "speed"),
    ] {
        app.post(SIMULATE, &change).await.expect_problem(422, "validation_failed").naming(path);
    }
}

#[tokio::test]
async fn simulations_are_for_operators() {
    let (app, _) = reference().await;
    let approver = app.person("Ada", "approver").await;
    for path in [PLAN, SIMULATE] {
        app.by(&approver, Method::POST, path).json(&json!({})).send().await.expect_problem(403, "forbidden");
    }
}
