//! Controllers that are killed in the middle of a transition.

use serde_json::json;
use tempfile::TempDir;

use crate::service::Service;
use crate::story::{POLICY, begin, staging, until_stage};

/// Kills the service and starts another on what it left behind.
fn killed(service: Service) -> (Service, TempDir) {
    let folder = service.crash();
    (staging().on(folder.path()).start(), folder)
}

#[test]
fn a_controller_killed_while_a_phase_is_entered_goes_on_after_its_restart() {
    let service = staging().start();
    let policy = service.file("policy.toml", POLICY);
    // Between the write of the flag and the proof that it is in force.
    let started = service.rollout(&["start", "--policy", &policy, "--json"]).json();
    let id = started["id"].as_str().unwrap();
    let (service, _folder) = killed(service);
    let rollout = until_stage(&service, id, "WarmUp");
    assert_eq!((&rollout["phase"], &rollout["exposure"]), (&json!("canary"), &json!(50.0)));
    assert!(service.rollout(&["verify"]).done().contains("as it was written"));
}

#[test]
fn a_controller_killed_while_a_rollback_is_proved_proves_it_after_its_restart() {
    let service = staging().start();
    let id = begin(&service);
    let told = service.rollout(&["rollback", &id, "--reason", "marks are doubled", "--no-wait", "--json"]).json();
    assert_eq!(told["stage"], "Verifying", "the flag is back before the answer");
    let (service, _folder) = killed(service);
    assert_eq!(service.flag()["defaultVariant"], "off");
    until_stage(&service, &id, "RolledBack");
    let replayed = service.rollout(&["replay", &id, "--json"]).json();
    assert_eq!(replayed["isSame"], true, "{replayed}");
}

#[test]
fn a_service_that_is_killed_again_and_again_never_takes_a_wrong_step() {
    let service = staging().start();
    let id = begin(&service);
    let (mut service, folder) = killed(service);
    for round in 0..4_u64 {
        let reason = format!("round {round}");
        service.rollout(&["hold", &id, "--reason", &reason]).done();
        // At another moment of the controller's quarter of a second each time.
        std::thread::sleep(std::time::Duration::from_millis(70 * round));
        service.crash();
        service = staging().on(folder.path()).start();
        let rollout = service.rollout(&["status", &id, "--json"]).json();
        assert_eq!((&rollout["stage"], &rollout["phase"]), (&json!("Held(Manual)"), &json!("canary")));
        service.rollout(&["resume", &id, "--reason", &reason]).done();
    }
    let decisions = service.rollout(&["decisions", &id, "--json"]).json();
    let verdicts = decisions["decisions"].as_array().unwrap();
    assert!(verdicts.len() == 4 && verdicts.iter().all(|one| one["verdict"] == "hold"), "{decisions}");
    assert!(service.rollout(&["verify"]).done().contains("as it was written"));
    let replayed = service.rollout(&["replay", &id, "--json"]).json();
    assert_eq!(replayed["isSame"], true, "{replayed}");
}
