//! A rollout from its plan to its end, at a running service.

use serde_json::{Value, json};

use crate::service::{Service, Setup, lotwise};

/// Half of the users, then nearly all, in the environment of the services under test.
pub const POLICY: &str = r#"
name = "stories"
flag = "enableLotLevelMoic"
no_data = "10m"
[criteria.errors]
metric = "errors"
success = 0.005
limit = 0.01
[triggers.worse-than-control]
class = "causal"
metric = "errors"
success = 0.005
[triggers.critical-report]
class = "manual"
[[phases]]
name = "canary"
environment = "staging"
percent = 50
min_soak = "30m"
max_soak = "4h"
checks = ["approval", "feedback"]
criteria = ["errors"]
triggers = ["worse-than-control", "critical-report"]
[[phases]]
name = "expanded"
environment = "staging"
percent = 90
min_soak = "30m"
max_soak = "4h"
criteria = ["errors"]
triggers = ["worse-than-control", "critical-report"]
"#;

/// A service in staging.
pub fn staging() -> Setup {
    Setup::new().with(&["--environment", "staging", "--faults", "true"])
}

/// Starts the rollout of this story and waits until it is in force.
pub fn begin(service: &Service) -> String {
    let policy = service.file("policy.toml", POLICY);
    let started = service.rollout(&["start", "--policy", &policy, "--json"]).json();
    let id = started["id"].as_str().unwrap().to_owned();
    until_stage(service, &id, "WarmUp");
    id
}

/// The rollout, as soon as it stands there.
pub fn until_stage(service: &Service, id: &str, stage: &str) -> Value {
    for _ in 0..3_000 {
        let rollout = service.rollout(&["status", id, "--json"]).json();
        if rollout["stage"] == stage {
            return rollout;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the rollout never is {stage}: {}", service.rollout(&["status", id]).done());
}

#[test]
fn b5_a_rollout_is_started_looked_at_signed_held_and_rolled_back_with_proof() {
    let service = staging().start();
    service.fund();
    let id = begin(&service);
    let status = service.rollout(&["status"]).done();
    for part in
        ["enableLotLevelMoic in staging: WarmUp", "canary", "worse-than-control", "feedback: nobody has signed it"]
    {
        assert!(status.contains(part), "{part}: {status}");
    }
    assert!(status.lines().all(|line| line.chars().count() <= 120), "{status}");
    let signed = service.rollout(&["check", "--name", "feedback", "--evidence", "twelve interviews"]).done();
    assert!(signed.contains("good, says service:admin"), "{signed}");
    let failed = ["check", "--name", "feedback", "--failed", "--evidence", "nobody understands it"];
    assert!(service.rollout(&failed).done().contains("not good"));
    let expiring = ["approve", "--evidence", "board of May", "--expires", "2099-01-01T00:00:00Z"];
    assert!(service.rollout(&expiring).done().contains("until 2099-01-01T00:00:00Z"));

    assert!(service.rollout(&["hold", "--reason", "lunch"]).done().contains("Held(Manual)"));
    service.rollout(&["resume", "enableLotLevelMoic", "--reason", "back"]).done();
    let refused = service.rollout(&["step-back", "--to", "moon", "--reason", "?"]).failed(1);
    assert!(refused.contains("\"moon\" is no phase below the present one; there is none"), "{refused}");

    let rolled_back =
        service.rollout(&["rollback", &id, "--trigger", "critical-report", "--reason", "marks are doubled"]).done();
    assert!(rolled_back.contains("RolledBack") && rolled_back.contains("drain 0."), "{rolled_back}");
    assert_eq!(service.flag()["defaultVariant"], "off");
    let explained = service.rollout(&["explain", &id]).done();
    assert!(explained.contains("by the rule critical-report and service:admin"), "{explained}");
    assert!(explained.contains("marks are doubled"), "{explained}");
    let decisions = service.rollout(&["decisions", &id]).done();
    assert_eq!(decisions.lines().count(), 2, "{decisions}");
    let history = service.rollout(&["history", &id]).done();
    let steps = ["Entering", "WarmUp", "Held(Manual)", "Verifying", "RolledBack"];
    let places = steps.map(|step| history.find(&format!("→ {step}")).unwrap_or_else(|| panic!("{step}: {history}")));
    assert!(places.is_sorted(), "{history}");
    assert!(service.rollout(&["verify"]).done().contains("as it was written"));
    assert!(
        service.rollout(&["replay", &id]).done().contains("rehearsal")
            || service.rollout(&["replay", &id, "--json"]).json()["isSame"] == true
    );
}

#[test]
fn what_was_seen_can_be_printed_compared_reported_and_replayed() {
    let service = staging().start();
    let fund = service.fund();
    let id = begin(&service);
    for _ in 0..5 {
        assert_eq!(service.ask("GET", &format!("/api/funds/{fund}/moic"), None).0, 200);
    }
    // Until the tick is over and decided about.
    let seen = || {
        let rollout = service.rollout(&["status", &id, "--json"]).json();
        ["treatment", "control"].iter().map(|arm| rollout["numbers"][arm]["requests"].as_u64().unwrap()).sum::<u64>()
    };
    while seen() < 5 {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let evidence = service.rollout(&["evidence", &id]).done();
    let file = service.file("evidence.jsonl", &evidence);
    let policy = service.file("policy.toml", POLICY);
    let replayed =
        lotwise("rollout", &["replay", "--policy", &policy, "--environment", "staging", "--evidence", &file, "--json"]);
    assert_eq!(replayed.done().lines().count(), evidence.lines().count());
    let compared = service.rollout(&["compare", &id]).done();
    assert!(compared.contains("treatment") && compared.contains("95.00 %"), "{compared}");
    let baseline = service.rollout(&["baseline", &id]).done();
    let baseline: Value = serde_json::from_str(&baseline).unwrap();
    assert!(baseline["requests"].as_u64().unwrap() <= 5);
    for kind in ["daily", "weekly", "monthly", "quarterly"] {
        let report = service.rollout(&["report", &id, "--kind", kind]).done();
        assert!(report.starts_with("# ") && report.contains("enableLotLevelMoic"), "B6, {kind}: {report}");
    }
}

#[test]
fn b5_the_drill_rehearses_a_rollback_and_leaves_nothing() {
    let service = staging().start();
    let before = service.flags(&["list"]).done();
    let rehearsed = lotwise("rollout", &["drill", "--server", &service.address, "--json"]).json();
    assert_eq!(rehearsed["passed"], true, "{rehearsed}");
    let steps = rehearsed["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["seconds"].as_f64().is_some()), "{rehearsed}");
    assert!(steps.iter().any(|step| step["detail"].as_str().unwrap().starts_with("decide 0.")), "{rehearsed}");
    assert_eq!(service.flags(&["list"]).done(), before);
    let nobody = lotwise("rollout", &["drill"]).failed(2);
    assert!(nobody.contains("--server"), "{nobody}");
}

#[test]
fn a_live_view_follows_a_rollout_to_its_end() {
    let service = staging().start();
    let id = begin(&service);
    let watching = std::thread::scope(|scope| {
        let watching = scope.spawn(|| service.rollout(&["status", &id, "--watch"]).done());
        std::thread::sleep(std::time::Duration::from_millis(500));
        service.rollout(&["rollback", "--reason", "enough", "--no-wait"]).done();
        watching.join().unwrap()
    });
    let lines: Vec<&str> = watching.lines().collect();
    assert!(
        lines.first().unwrap().contains(" WarmUp ") && lines.last().unwrap().contains(" RolledBack: "),
        "{watching}"
    );
}

#[test]
fn the_same_commands_act_on_the_database_of_a_stopped_service() {
    let service = staging().start();
    let id = begin(&service);
    let (database, folder) = service.stop();
    let on_database = |arguments: &[&str]| lotwise("rollout", &[arguments, &["--database", &database]].concat());
    assert!(on_database(&["status"]).done().contains("WarmUp"));
    let told = on_database(&["rollback", "--reason", "found at night"]).done();
    assert!(told.contains("Verifying"), "{told}");
    let service = staging().on(folder.path()).start();
    until_stage(&service, &id, "RolledBack");
    assert_eq!(service.flag()["defaultVariant"], json!("off"));
}
