//! rollouts.md §4: a rollout that a real Prometheus is asked for.

use std::time::Duration;

use serde_json::{Value, json};

use crate::programs::Program;
use crate::service::Setup;
use crate::traffic::Traffic;

const POLICY: &str = r#"
name = "by prometheus"
flag = "enableLotLevelMoic"
[criteria.errors]
metric = "errors"
success = 0.005
limit = 0.01
[triggers.worse-than-control]
class = "causal"
metric = "errors"
success = 0.005
[[phases]]
name = "half"
environment = "staging"
percent = 50
min_soak = "30m"
max_soak = "4h"
criteria = ["errors"]
triggers = ["worse-than-control"]
"#;

/// Ticks take 15 seconds: a few of them, on a busy machine.
const POLLS_MAX: u32 = 1_200;
const POLL: Duration = Duration::from_millis(100);

/// The section that the manual gives for Lotwise's own metrics.
fn section_of_the_manual() -> &'static str {
    const MANUAL: &str = include_str!("../../../../docs/reference/rollout-policy.md");
    let (_, from) = MANUAL.split_once("```toml\n[evidence]").unwrap();
    from.split_once("```").unwrap().0
}

#[test]
fn b4_a_rollout_that_reads_a_real_prometheus_rolls_back_by_what_was_scraped() {
    let folder = tempfile::tempdir().unwrap();
    let targets = folder.path().join("targets.json");
    // Nothing to scrape yet: the service wants to know its server's address, and the server the service's.
    std::fs::write(&targets, "[]").unwrap();
    let scrape = json!({ "job_name": "lotwise", "scrape_interval": "1s", "scrape_timeout": "1s",
        "file_sd_configs": [{ "files": [targets], "refresh_interval": "1s" }] });
    let prometheus = Program::prometheus(folder.path(), &json!({ "scrape_configs": [scrape] }));
    let url = format!("http://{}", prometheus.address);
    let service =
        Setup::new().with(&["--environment", "staging", "--faults", "true", "--prometheus-url", &url]).start();
    let target = service.address.trim_start_matches("http://");
    std::fs::write(&targets, json!([{ "targets": [target] }]).to_string()).unwrap();

    let fund = service.fund();
    let policy = service.file("policy.toml", &format!("{POLICY}\n[evidence]{}", section_of_the_manual()));
    let started = service.rollout(&["start", "--policy", &policy, "--json"]).json();
    let id = started["id"].as_str().unwrap();
    let _traffic = Traffic::on(&service, fund);
    let until = |wanted: &dyn Fn(&Value) -> bool| {
        for _ in 0..POLLS_MAX {
            let (_, rollout) = service.ask("GET", &format!("/api/rollouts/{id}"), None);
            if wanted(&rollout) {
                return rollout;
            }
            std::thread::sleep(POLL);
        }
        panic!("it never comes to that: {}", service.rollout(&["status", id]).done());
    };
    let seen = until(&|rollout| rollout["numbers"]["treatment"]["requests"].as_u64().is_some_and(|count| count > 0));
    assert_eq!((&seen["evidenceSource"], &seen["evidenceProblem"]), (&json!("prometheus"), &Value::Null), "{seen}");
    assert!(seen["numbers"]["control"]["requests"].as_u64().unwrap() > 0, "{seen}");

    let arm = |error_rate: f64| json!({ "errorRate": error_rate, "delayMs": 0, "delaySigma": 0 });
    let faults = json!({ "treatment": arm(1.0), "control": arm(0.0) });
    assert_eq!(service.ask("PUT", "/api/faults", Some(&faults)).0, 200);
    let back = until(&|rollout| rollout["stage"] == "RolledBack");
    assert_eq!(back["lastDecision"]["rule"], "worse-than-control", "{back}");
}
