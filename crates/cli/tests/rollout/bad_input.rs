//! What users do wrong.

use crate::service::{Service, Setup, lotwise};

fn rollout(arguments: &[&str]) -> crate::service::Ran {
    lotwise("rollout", arguments)
}

#[test]
fn a_policy_is_refused_with_every_problem_before_a_server_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.toml");
    let text = rollout(&["policy", "reference"]).done().replace("percent = 10", "percent = 0");
    std::fs::write(&file, text.replace("limit = 0.01", "limit = 0.001")).unwrap();
    let file = file.to_str().unwrap();
    for command in [&["plan"][..], &["simulate"], &["start", "--server", "http://127.0.0.1:1"]] {
        let refused = rollout(&[command, &["--policy", file]].concat()).failed(2);
        assert!(refused.contains("phases[0].percent") && refused.contains("criteria.errors"), "{refused}");
    }
    let missing = rollout(&["plan", "--policy", "nowhere.toml"]).failed(2);
    assert!(missing.contains("nowhere.toml") && missing.contains("lotwise rollout policy"), "{missing}");
}

#[test]
fn numbers_out_of_range_are_named() {
    for (option, value) in
        [("--rps", "0"), ("--rps", "many"), ("--runs", "0"), ("--alpha", "1"), ("--scenario", "rain")]
    {
        let refused = rollout(&["simulate", option, value]).failed(2);
        assert!(refused.contains(option), "{refused}");
    }
}

#[test]
fn what_is_not_there_is_said_with_what_to_do() {
    let service = Service::start();
    let none = service.rollout(&["status"]).failed(1);
    assert!(none.contains("there is no rollout") && none.contains("lotwise rollout start"), "{none}");
    let of_flag = service.rollout(&["hold", "useFundStore", "--reason", "?"]).failed(1);
    assert!(of_flag.contains("has no rollout"), "{of_flag}");
    let unknown = service.rollout(&["explain", "0198c3a0-0000-7000-8000-000000000000"]).failed(1);
    assert!(unknown.contains("404"), "{unknown}");
    let nowhere = rollout(&["status", "--server", "http://127.0.0.1:1"]).failed(1);
    assert!(nowhere.contains("cannot ask"), "{nowhere}");
    let unnamed = rollout(&["status"]).failed(2);
    assert!(unnamed.contains("--server"), "{unnamed}");
    let evidence = rollout(&["replay", "--policy", "policy.toml"]).failed(2);
    assert!(evidence.contains("--evidence"), "{evidence}");
}

#[test]
fn faults_on_purpose_are_refused_in_production() {
    let refused =
        lotwise("serve", &["--environment", "production", "--faults", "true", "--listen", "127.0.0.1:0"]).failed(2);
    assert!(refused.contains("faults") && refused.contains("staging"), "{refused}");
    let service = Setup::new().with(&["--environment", "staging", "--faults", "true"]).start();
    assert_eq!(service.ask("GET", "/api/faults", None).0, 200);
}
