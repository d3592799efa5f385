//! Something goes wrong, and somebody is told.

use serde_json::json;

use crate::programs::Watch;
use crate::receiver::Receiver;
use crate::service::{Service, Setup, WATCHED_POLICY};
use crate::traffic::Traffic;

fn watched() -> Service {
    Setup::new().with(&["--environment", "staging", "--faults", "true"]).with_metrics_token().start()
}

/// Lets half of the users in.
fn begin_rollout(service: &Service) {
    let policy = service.file("policy.toml", WATCHED_POLICY);
    let started = service.rollout(&["start", "--policy", &policy, "--json"]).json();
    let id = started["id"].as_str().unwrap();
    for _ in 0..3_000 {
        if service.rollout(&["status", id, "--json"]).json()["stage"] == "WarmUp" {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the rollout never begins: {}", service.rollout(&["status", id]).done());
}

/// This share of the requests fails in both arms.
fn let_errors_in(service: &Service, error_rate: f64) {
    let arm = json!({ "errorRate": error_rate, "delayMs": 0, "delaySigma": 0 });
    let (status, answer) = service.ask("PUT", "/api/faults", Some(&json!({ "treatment": arm, "control": arm })));
    assert_eq!(status, 200, "{answer}");
}

#[test]
fn e2_errors_page_somebody_and_their_end_is_told_too() {
    let service = watched();
    let fund = service.fund();
    begin_rollout(&service);
    let _traffic = Traffic::on(&service, fund);
    let receiver = Receiver::start();
    let _watch = Watch::over(&service, &receiver);

    let_errors_in(&service, 0.5);
    let told = receiver.wait_for("LotwiseLotLevelErrors", "firing");
    assert_eq!((told.receiver.as_str(), &told.body["labels"]["severity"]), ("page", &json!("page")));
    assert_eq!(told.body["annotations"]["runbook_url"], "docs/runbooks/lot-level-errors.md");
    let description = told.body["annotations"]["description"].as_str().unwrap();
    assert!(description.contains("% of the requests"), "{description}");

    let_errors_in(&service, 0.0);
    assert_eq!(receiver.wait_for("LotwiseLotLevelErrors", "resolved").receiver, "page");
    // The service was there and its database, too, and while a rollout judges, the error budget does not.
    let others = receiver.others();
    assert!(
        others.iter().all(|(_, alert)| ["LotwiseLotLevelErrors", "LotwiseRolloutCalls", "LotwiseRolledBack"].contains(&&**alert)),
        "{others:?}"
    );
}

#[test]
fn a_kill_is_told_in_the_chat_and_a_crash_pages() {
    let service = watched();
    let receiver = Receiver::start();
    let _watch = Watch::over(&service, &receiver);

    service.flags(&["kill", "enableLotLevelMoic", "--reason", "wrong numbers"]).done();
    let told = receiver.wait_for("LotwiseFlagKilled", "firing");
    assert_eq!((told.receiver.as_str(), &told.body["labels"]["flag_name"]), ("chat", &json!("enableLotLevelMoic")));
    service.flags(&["restore", "enableLotLevelMoic", "--reason", "right again"]).done();
    assert_eq!(receiver.wait_for("LotwiseFlagKilled", "resolved").receiver, "chat");
    // The same news again is no other news.
    let others: Vec<_> = receiver.others().into_iter().filter(|(_, alert)| alert != "LotwiseFlagKilled").collect();
    assert_eq!(others, [], "nobody was woken");

    drop(service.crash());
    let told = receiver.wait_for("LotwiseNoReplicaReady", "firing");
    assert_eq!(told.receiver, "page");
}
