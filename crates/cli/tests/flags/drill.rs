//! Requirement B5 and F3: the rollback drill against running replicas.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::gate::gate;
use crate::postgres_server::PostgresServer;
use crate::service::{Service, Setup, binary, flags};

fn two_replicas(server: &PostgresServer) -> (Service, Service) {
    let url = server.database("postgres");
    (Setup::new().on_database(&url).start(), Setup::new().on_database(&url).start())
}

/// A service with a fund, and one on a copy of its database: it looks the same and never obeys.
fn with_copy() -> (Service, Service, TempDir) {
    let original = Service::start();
    original.fund();
    let (database, folder) = original.stop();
    let copy = folder.path().join("copy.db");
    std::fs::copy(folder.path().join("lotwise.db"), &copy).unwrap();
    let log = folder.path().join("lotwise.db-wal");
    if log.exists() {
        std::fs::copy(log, folder.path().join("copy.db-wal")).unwrap();
    }
    let copy = format!("sqlite:{}", copy.display());
    (Setup::new().on_database(&database).start(), Setup::new().on_database(&copy).start(), folder)
}

/// The drill at these services, with its report.
fn drill(services: &[&Service], more: &[&str]) -> (Option<i32>, Value, String) {
    let addresses: Vec<&str> = services.iter().map(|service| service.address.as_str()).collect();
    drill_at(&addresses, more)
}

fn drill_at(addresses: &[&str], more: &[&str]) -> (Option<i32>, Value, String) {
    let mut arguments = vec!["drill", "--yes", "--json"];
    for address in addresses {
        arguments.extend(["--server", address]);
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

/// Where a step stands in the report: its server, and whether it passed (null: not asked).
fn steps<'r>(report: &'r Value, phase: &str, what: &str) -> Vec<(&'r str, &'r Value)> {
    let all = report["steps"].as_array().unwrap().iter();
    let found = all.filter(|step| step["phase"] == phase && step["step"].as_str().unwrap().contains(what));
    found.map(|step| (step["server"].as_str().unwrap(), &step["passed"])).collect()
}

#[test]
fn b5_servers_on_different_databases_keep_the_drill_from_beginning() {
    let (first, stranger) = (Service::start(), Service::start());
    first.fund();
    stranger.fund();
    let (code, report, err) = drill(&[&first, &stranger], &[]);
    assert_eq!(code, Some(1), "{report:#}");
    assert!(err.contains("does not begin") && err.contains("another database"), "{err}");
    assert_eq!(failed(&report), [format!("{}: it shares the first server's database", stranger.address)]);
    assert_eq!(first.flag()["changedAt"], Value::Null, "nothing was killed");
}

#[test]
fn b5_a_server_that_does_not_obey_fails_the_drill_and_the_kill_is_lifted() {
    let (first, copy, _folder) = with_copy();
    let (code, report, err) = drill(&[&first, &copy], &["--within", "200"]);
    assert_eq!(code, Some(1), "{report:#}");
    assert!(err.contains("did not pass") && err.contains("hint: "), "{err}");
    assert_eq!(
        failed(&report),
        [format!("{}: server side: the guarded route answers 503 feature_disabled", copy.address)]
    );
    assert_eq!(steps(&report, "restored", "restore"), [(first.address.as_str(), &Value::Bool(true))]);
    assert_eq!((&first.flag()["killed"], &first.flag()["enabled"]), (&Value::Bool(false), &Value::Bool(true)));
}

/// Stops a process, and waits until each of its threads stands still: one that runs at that moment may answer yet.
fn freeze(process: u32) {
    assert!(Command::new("kill").args(["-STOP", &process.to_string()]).status().unwrap().success());
    let is_stopped = |thread: std::io::Result<std::fs::DirEntry>| {
        let stat = std::fs::read_to_string(thread.unwrap().path().join("stat")).unwrap();
        // The name in brackets may hold anything; the state follows it.
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
    };
    while !std::fs::read_dir(format!("/proc/{process}/task")).unwrap().all(is_stopped) {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn b5_after_a_replica_that_hangs_nobody_else_is_asked_before_the_restore() {
    let server = PostgresServer::start();
    let (first, second) = two_replicas(&server);
    first.fund();
    let process = second.process();
    let freeze = move || freeze(process);
    let entrance = gate(&first, vec![("/kill", Box::new(freeze))]);
    let (code, report, err) = drill_at(&[&entrance, &second.address, &first.address], &["--within", "100"]);
    assert_eq!(code, Some(1), "{report:#}\n{err}");
    let (passed, not_passed) = (&Value::Bool(true), &Value::Bool(false));
    let guarded = steps(&report, "killed", "guarded route");
    let expected = [(&*entrance, passed), (&*second.address, not_passed), (&*first.address, &Value::Null)];
    assert_eq!(guarded, expected);
    assert!(steps(&report, "killed", "OFREP").iter().all(|(_, passed)| passed.is_null()), "{report:#}");
    assert_eq!(steps(&report, "restored", "restore"), [(&*entrance, passed)]);
    assert_eq!(first.flag()["killed"], false);
}

#[test]
fn b5_a_database_that_is_away_when_the_drill_restores_is_waited_for() {
    let server = Arc::new(PostgresServer::start());
    let (first, second) = two_replicas(&server);
    first.fund();
    let (away, back) = (Arc::clone(&server), Arc::clone(&server));
    let acts: Vec<(_, Box<dyn Fn() + Send + Sync>)> =
        vec![("/kill", Box::new(move || away.crash())), ("/audit", Box::new(move || back.recover()))];
    let entrance = gate(&first, acts);
    let (code, report, err) = drill_at(&[&entrance, &second.address], &[]);
    assert_eq!(code, Some(1), "{report:#}");
    assert!(err.contains("did not pass"), "{err}");
    let restores = steps(&report, "restored", "restore");
    assert_eq!(restores.len(), 1);
    assert_eq!(restores[0].1, &Value::Bool(true), "{report:#}");
    assert_eq!((&first.flag()["killed"], &second.flag()["killed"]), (&Value::Bool(false), &Value::Bool(false)));
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

/// A drill at this service that waits for one which will never obey; told to stop once `meanwhile` is done. What it said.
fn interrupted_drill(first: &Service, copy: &Service, meanwhile: impl FnOnce()) -> String {
    let mut command = binary();
    command.args(["flags", "drill", "--yes", "--within", "60000"]);
    command.args(["--server", &first.address, "--server", &copy.address]);
    let mut drill = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    while first.flag()["killed"] == false {
        assert!(drill.try_wait().unwrap().is_none(), "the drill did not begin");
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
    let (service, copy, _folder) = with_copy();
    let err = interrupted_drill(&service, &copy, || ());
    assert!(err.contains("interrupted; it has restored"), "{err}");
    assert_eq!(service.flag()["killed"], false);
}

#[test]
fn b5_a_kill_that_somebody_means_during_the_drill_is_never_lifted() {
    let (service, copy, _folder) = with_copy();
    let kill = || drop(service.flags(&["kill", "enableLotLevelMoic", "--reason", "wrong numbers"]).done());
    let err = interrupted_drill(&service, &copy, kill);
    assert!(
        err.contains("enableLotLevelMoic IS STILL KILLED")
            && err.contains("service:admin")
            && err.contains("wrong numbers"),
        "{err}"
    );
    assert!(err.contains(&format!("restore enableLotLevelMoic --reason TEXT --server {}", service.address)), "{err}");
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
