//! Policies on paper: plan, simulate, replay; no server.

use serde_json::Value;

use crate::service::lotwise;

fn rollout(arguments: &[&str]) -> crate::service::Ran {
    lotwise("rollout", arguments)
}

fn simulated(more: &[&str]) -> Value {
    let common = ["simulate", "--runs", "40", "--seed", "7", "--no-comparison", "--json"];
    rollout(&[&common, more].concat()).json()
}

fn number(line: &Value, name: &str) -> f64 {
    line[name].as_f64().unwrap_or_else(|| panic!("{name}: {line}"))
}

#[test]
fn b1_the_shipped_policies_are_plain_files_that_can_be_planned() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["default", "reference"] {
        let text = rollout(&["policy", name]).done();
        let file = folder.path().join("policy.toml");
        std::fs::write(&file, text).unwrap();
        let planned = rollout(&["plan", "--policy", file.to_str().unwrap()]).done();
        assert!(planned.contains("False rollback ≤ 2.00 %"), "{planned}");
        assert!(planned.lines().all(|line| line.chars().count() <= 120), "{planned}");
    }
    let plan = rollout(&["plan", "--json"]).json();
    assert_eq!((number(&plan, "falseRollback"), number(&plan, "falsePromotion")), (0.02, 0.05));
    assert_eq!(plan["forecast"].as_array().unwrap().len(), 3, "the phases of production");
}

#[test]
fn a_simulation_has_the_shape_of_the_specification_and_the_seed_decides() {
    let line = simulated(&["--scenario", "errors-20pct"]);
    let mut names: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let mut expected = [
        "scenario",
        "rps",
        "runs",
        "seed",
        "falseRollback",
        "rolledBack",
        "promoted",
        "held",
        "detected",
        "medianDetectionSeconds",
        "p95DetectionSeconds",
        "medianCompletionSeconds",
        "minimumSoakSeconds",
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!((number(&line, "rolledBack"), number(&line, "minimumSoakSeconds")), (1.0, 3_600.0));
    assert_eq!(simulated(&["--scenario", "errors-20pct"]), line);
    let mixed = simulated(&["--scenario", "errors-0.6pct"]);
    let outcomes = ["rolledBack", "promoted", "held"].map(|name| number(&mixed, name));
    assert!((outcomes.iter().sum::<f64>() - 1.0).abs() < 1e-9, "exclusive: {mixed}");
}

#[test]
fn the_usual_threshold_rules_are_simulated_beside_it() {
    let line = rollout(&["simulate", "--scenario", "healthy", "--rps", "5", "--runs", "40", "--json"]).json();
    let others = line["comparison"].as_array().unwrap();
    assert!(others.iter().any(|other| number(other, "falseRollback") > number(&line, "falseRollback")), "{line}");
    let table = rollout(&["simulate", "--scenario", "healthy", "--runs", "2"]).done();
    assert!(table.contains("lotwise") && table.contains("seed 1"), "{table}");
}

#[test]
fn recorded_evidence_is_replayed_with_a_line_a_tick() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("evidence.jsonl");
    let file = file.to_str().unwrap();
    simulated(&["--scenario", "errors-20pct", "--record", file]);
    let replayed = rollout(&["replay", "--evidence", file, "--json"]).done();
    let lines: Vec<Value> = replayed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let recorded = std::fs::read_to_string(file).unwrap();
    assert_eq!(lines.len(), recorded.lines().count());
    let decided: Vec<&Value> = lines.iter().filter(|line| !line["decision"].is_null()).collect();
    let verdicts: Vec<&str> = decided.iter().map(|line| line["decision"]["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["roll_back"]);
    for name in ["at", "state", "phase", "exposure", "logE", "logEPass", "estimates", "decision"] {
        assert!(decided[0].get(name).is_some(), "{name}: {}", decided[0]);
    }
    let told = rollout(&["replay", "--evidence", file]).done();
    assert!(told.contains("roll_back by worse-than-control"), "{told}");
}

#[test]
fn evidence_that_contradicts_itself_is_refused_with_line_and_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("evidence.jsonl");
    let arm = r#"{"requests":10,"failures":11,"users":5,"firstFailures":0}"#;
    let good = arm.replace("11", "1");
    let line = |arm: &str| {
        format!("{{\"at\":\"2026-01-01T00:00:15Z\",\"control\":{arm},\"treatment\":{good},\"source\":\"ok\"}}\n")
    };
    std::fs::write(&file, line(&good) + &line(arm) + "nonsense\n").unwrap();
    let refused = rollout(&["replay", "--evidence", file.to_str().unwrap()]).failed(2);
    assert!(refused.contains("line 2: control.failures") && refused.contains("line 3"), "{refused}");
    assert!(refused.contains("nothing was replayed"), "{refused}");
}
