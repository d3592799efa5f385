//! Flags while PostgreSQL is away: a start without it is safe, and kills hold.

use std::time::Duration;

use serde_json::Value;

use crate::postgres_server::PostgresServer;
use crate::service::{Service, Setup, doctor_with};

/// Asks until the service is ready.
fn ready(service: &Service) {
    for _ in 0..3_000 {
        if service.ask("GET", "/readyz", None).0 == 200 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the service never became ready");
}

fn flag_of_caller(service: &Service) -> Value {
    let (status, state) = service.ask("GET", "/api/client-state", None);
    assert_eq!(status, 200, "{state}");
    state["flags"]["enableLotLevelMoic"].clone()
}

#[test]
fn a_service_started_without_its_database_is_off_and_goes_on_when_the_database_is_there() {
    let server = PostgresServer::start();
    let url = server.database("postgres");
    server.crash();
    let service = Setup::new().on_database(&url).start();
    assert_eq!(service.ask("GET", "/healthz", None).0, 200);
    assert_eq!(service.ask("GET", "/readyz", None).0, 503);
    assert_eq!(flag_of_caller(&service)["enabled"], false);
    server.recover();
    ready(&service);
    service.fund();
    service.flags(&["drill", "--yes"]).done();
}

#[test]
fn a5_a_kill_made_while_the_database_is_away_acts_at_once_and_is_stored_when_it_is_back() {
    let server = PostgresServer::start();
    let url = server.database("postgres");
    let service = Setup::new().on_database(&url).start();
    server.crash();
    let killed = service.flags(&["kill", "enableLotLevelMoic", "--reason", "wrong numbers"]);
    assert!(killed.out.contains("is killed"), "{killed:?}");
    let refused = killed.failed(1);
    assert!(refused.contains("at this server only") && refused.contains("--server for every replica"), "{refused}");
    assert_eq!(flag_of_caller(&service)["killed"], true);
    server.recover();
    ready(&service);
    let stored = || service.flags(&["get", "enableLotLevelMoic", "--json"]).json();
    while stored()["killPending"] == true {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!((&stored()["killed"], stored()["reason"].as_str()), (&Value::Bool(true), Some("wrong numbers")));
}

#[test]
fn a5_a_kill_outlives_a_restart_without_the_database() {
    let server = PostgresServer::start();
    let url = server.database("postgres");
    let memory = tempfile::tempdir().unwrap();
    let setup = || Setup::new().on_database(&url).remembering_in(memory.path());
    let service = setup().start();
    assert_eq!(flag_of_caller(&service)["enabled"], true);
    service.flags(&["kill", "enableLotLevelMoic", "--reason", "wrong numbers"]).done();
    drop(service.stop());
    server.crash();
    let again = setup().start();
    let flag = flag_of_caller(&again);
    assert_eq!((&flag["enabled"], &flag["killed"]), (&Value::Bool(false), &Value::Bool(true)));
    server.recover();
    ready(&again);
    assert_eq!(again.flag()["reason"], "wrong numbers");
    again.flags(&["restore", "enableLotLevelMoic", "--reason", "right again"]).done();
    assert_eq!(flag_of_caller(&again)["enabled"], true);
}

#[test]
fn the_doctor_says_what_a_start_without_the_database_would_do_and_which_flags_are_killed_in_the_state_file() {
    let server = PostgresServer::start();
    let url = server.database("postgres");
    let memory = tempfile::tempdir().unwrap();
    let service = Setup::new().on_database(&url).remembering_in(memory.path()).start();
    service.flags(&["kill", "enableLotLevelMoic", "--reason", "wrong numbers"]).done();
    drop(service.stop());
    server.crash();
    let found = doctor_with(&url, &["--state-dir", memory.path().to_str().unwrap()]);
    assert!(found.out.contains("the service starts all the same, with the last known flags"), "{found:?}");
    assert!(found.out.contains("killed in it: enableLotLevelMoic"), "{found:?}");
    assert!(found.failed(1).contains("1 bad finding"));
}
