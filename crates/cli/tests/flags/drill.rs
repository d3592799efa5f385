//! Requirement B5 and F3: the rollback drill against running replicas.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::postgres_server::PostgresServer;
use crate::service::{Service, Setup, binary, flags};

fn two_replicas(server: &PostgresServer) -> (Service, Service) {
    let url = server.database("postgres");
    (Setup::new().on_database(&url).start(), Setup::new().on_database(&url).start())
}

/// The drill at these services, with its report.
fn drill(services: &[&Service], more: &[&str]) -> (Option<i32>, Value, String) {
    let mut arguments = vec!["drill", "--yes", "--json"];
    for service in services {
        arguments.extend(["--server", service.address.as_str()]);
    }
    arguments.extend(more);
    let ran = flags(&arguments);
    let report = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("no report: {ran:#?}"));
    (ran.code, report, ran.err)
}

/// The steps that did not pass, as `server: step`.
fn failed(report: &Value) -> Vec<String> {
    let steps = report["steps"].as_array().unwrap().iter().filter(|step| step["passed"] == false);
    steps.map(|step| format!("{}: {}", step["server"].as_str().unwrap(), step["step"].as_str().unwrap())).collect()
}

#[test]
fn b5_f3_two_replicas_on_postgresql_pass_the_drill() {
    let server = PostgresServer::start();
    let (first, second) = two_replicas(&server);
    first.fund();
    let (code, report, err) = drill(&[&first, &second], &[]);
    assert_eq!(code, Some(0), "{report:#}\n{err}");
    assert_eq!(report["passed"], true);
    assert_eq!(failed(&report), Vec::<String>::new());
    let steps = report["steps"].as_array().unwrap();
    for service in [&first, &second] {
        for what in ["503 feature_disabled", "the legacy route answers", "with the banner", "OFREP answers false"] {
            let found = steps.iter().any(|step| {
                step["server"] == service.address.as_str()
                    && step["phase"] == "killed"
                    && step["step"].as_str().unwrap().contains(what)
            });
            assert!(found, "{what} was not looked at: {report:#}");
        }
    }
    assert!(steps.iter().all(|step| step["milliseconds"].is_number()), "{report:#}");
    assert!(report["totalMilliseconds"].as_f64().unwrap() > 0.0);
    assert!(report["killedEverywhereAfterMilliseconds"].is_number(), "{report:#}");
    assert_eq!(first.flag()["killed"], false);
    assert_eq!(second.flag()["enabled"], true);
}

#[test]
fn b5_the_drill_prints_each_step_with_its_time() {
    let service = Service::start();
    service.fund();
    let out = service.flags(&["drill", "--yes"]).done();
    for line in out.lines().filter(|line| line.starts_with("ok")) {
        assert!(line.contains(" ms  http://"), "{line}");
    }
    assert!(out.contains("no data was lost: 1 companies, 1 investments, 1 lots, 0 snapshots"), "{out}");
    assert!(out.lines().last().unwrap().contains("ms in all"), "{out}");
}

#[test]
fn b5_a_server_that_does_not_obey_fails_the_drill_and_the_kill_is_lifted() {
    let (first, stranger) = (Service::start(), Service::start());
    let fund = first.fund().to_string();
    stranger.fund();
    let (code, report, err) = drill(&[&first, &stranger], &["--fund", &fund, "--within", "200"]);
    assert_eq!(code, Some(1), "{report:#}");
    assert!(err.contains("did not pass") && err.contains("hint: "), "{err}");
    let failed = failed(&report);
    assert!(!failed.is_empty() && failed.iter().all(|step| step.starts_with(&stranger.address)), "{report:#}");
    assert_eq!((&first.flag()["killed"], &first.flag()["enabled"]), (&Value::Bool(false), &Value::Bool(true)));
}

#[test]
fn b5_a_replica_switched_off_by_its_environment_keeps_the_drill_from_beginning() {
    let server = PostgresServer::start();
    let url = server.database("postgres");
    let first = Setup::new().on_database(&url).start();
    let off = Setup::new().on_database(&url).with_variable(Some("false")).start();
    first.fund();
    let (code, report, err) = drill(&[&first, &off], &[]);
    assert_eq!(code, Some(1), "{report:#}");
    assert!(err.contains("does not begin") && err.contains("killed_by_environment"), "{err}");
    assert_eq!(failed(&report), [format!("{}: the flag is on and not killed", off.address)]);
    assert_eq!(first.flag()["changedAt"], Value::Null, "nothing was killed");
}

#[test]
fn b5_a_kill_that_was_there_before_is_never_lifted() {
    let service = Service::start();
    service.fund();
    service.flags(&["kill", "enableLotLevelMoic", "--reason", "wrong numbers"]).done();
    let (code, _, err) = drill(&[&service], &[]);
    assert_eq!(code, Some(1));
    assert!(err.contains("killed already, reason: wrong numbers"), "{err}");
    let flag = service.flag();
    assert_eq!((&flag["killed"], flag["reason"].as_str()), (&Value::Bool(true), Some("wrong numbers")));
}

/// A drill that waits for a server which will never obey; told to stop once `meanwhile` is done. What it said.
fn interrupted_drill(first: &Service, meanwhile: impl FnOnce()) -> String {
    let stranger = Service::start();
    let fund = first.fund().to_string();
    stranger.fund();
    let mut command = binary();
    command.args(["flags", "drill", "--yes", "--fund", &fund, "--within", "60000"]);
    command.args(["--server", &first.address, "--server", &stranger.address]);
    let drill = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    while first.flag()["killed"] == false {
        std::thread::sleep(Duration::from_millis(2));
    }
    meanwhile();
    assert!(Command::new("kill").args(["-INT", &drill.id().to_string()]).status().unwrap().success());
    let output = drill.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{err}");
    err
}

#[test]
fn b5_an_interrupted_drill_restores_what_it_killed() {
    let service = Service::start();
    let err = interrupted_drill(&service, || ());
    assert!(err.contains("interrupted; it has restored"), "{err}");
    assert_eq!(service.flag()["killed"], false);
}

#[test]
fn b5_a_kill_that_somebody_means_during_the_drill_is_never_lifted() {
    let service = Service::start();
    let kill = || drop(service.flags(&["kill", "enableLotLevelMoic", "--reason", "wrong numbers"]).done());
    let err = interrupted_drill(&service, kill);
    assert!(err.contains("STILL KILLED") && err.contains("service:admin") && err.contains("wrong numbers"), "{err}");
    assert_eq!(service.flag()["killed"], true);
}

#[test]
fn b5_whoever_could_kill_but_not_restore_does_not_begin() {
    let service = Service::start();
    let fund = service.fund();
    let create = |role: &str, funds: Value| {
        let body = serde_json::json!({ "name": "drill", "role": role, "fundIds": funds });
        let (status, token) = service.ask("POST", "/api/tokens", Some(&body));
        assert_eq!(status, 201, "{token}");
        token["token"].as_str().unwrap().to_owned()
    };
    let limited = create("operator", serde_json::json!([fund]));
    let err = service.flags_as(&limited, &["drill", "--yes"]).failed(1);
    assert!(err.contains("could kill but not restore"), "{err}");
    let viewer = create("viewer", Value::Null);
    let err = service.flags_as(&viewer, &["drill", "--yes"]).failed(1);
    assert!(err.contains("its role is viewer"), "{err}");
    let operator = create("operator", Value::Null);
    service.flags_as(&operator, &["drill", "--yes"]).done();
}

#[test]
fn b5_the_drill_needs_a_fund_and_asks_nobody_when_nobody_is_there() {
    let service = Service::start();
    assert!(service.flags(&["drill", "--yes"]).failed(1).contains("there is no fund"));
    service.fund();
    assert!(service.flags(&["drill", "--yes", "--fund", "99"]).failed(1).contains("404"));
    assert_eq!(service.flag()["changedAt"], Value::Null, "nothing was killed");
    service.flags(&["drill"]).done();
}
