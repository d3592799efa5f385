//! Single faults, one at a time, and what people see of them.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::fault_proxy::FaultProxy;
use crate::load::{Answer, Fund, agent, ask};
use crate::postgres_server::PostgresServer;
use crate::service::{Service, Setup};

/// Status and code of an answer, within the deadline of every request.
fn said(service: &Service, path: &str, body: Option<(&str, &Value)>) -> (u16, String) {
    match ask(&agent(), &service.address, path, body) {
        Answer::Said(status, answer) => (status, answer["error"].as_str().unwrap_or_default().to_owned()),
        Answer::NotReached => panic!("{path}: the service is not there"),
        Answer::BrokenOff(error) => panic!("{path}: {error}"),
    }
}

#[test]
fn a_lock_of_somebody_else_makes_writes_overloaded_and_what_was_refused_can_be_repeated() {
    let server = PostgresServer::start();
    let url = server.database("postgres");
    let service = Setup::new().on_database(&url).start();
    let fund = Fund::with_companies(&service, 1);
    let lot = fund.lot(0);
    let create = || said(&service, &fund.path("/portfolio/lots"), Some(("one", &lot)));
    let mut psql = Command::new("psql")
        .args([url.as_str(), "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut locker = psql.stdin.take().unwrap();
    writeln!(locker, "BEGIN; LOCK TABLE lots IN SHARE ROW EXCLUSIVE MODE; \\echo locked").unwrap();
    let mut line = String::new();
    BufReader::new(psql.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "locked");
    assert_eq!(create(), (503, "overloaded".to_owned()));
    assert_eq!(said(&service, &fund.path("/portfolio/lots"), None).0, 200, "it can be read");
    drop(locker);
    psql.wait().unwrap();
    assert_eq!(create().0, 201);
    assert_eq!(create().0, 201, "the same answer again");
    let (_, listed) = service.ask("GET", &fund.path("/portfolio/lots"), None);
    assert_eq!(listed["lots"].as_array().unwrap().len(), 1);
}

#[test]
fn a_database_that_says_nothing_any_more_is_given_up_in_time_and_answers_again_afterwards() {
    let server = PostgresServer::start();
    let proxy = FaultProxy::before(&server.database("postgres"));
    let service = Setup::new().on_database(&proxy.url()).start();
    let fund = Fund::with_companies(&service, 1);
    let lot = fund.lot(0);
    let create = || said(&service, &fund.path("/portfolio/lots"), Some(("one", &lot)));
    proxy.stall(true);
    assert_eq!(create(), (503, "database_unavailable".to_owned()));
    assert_eq!(said(&service, "/healthz", None).0, 200);
    assert_eq!(said(&service, "/readyz", None).0, 503);
    proxy.stall(false);
    let mut answer = create();
    while answer.0 == 503 || answer.0 == 409 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        answer = create();
    }
    assert_eq!(answer.0, 201);
    let (_, listed) = service.ask("GET", &fund.path("/portfolio/lots"), None);
    assert_eq!(listed["lots"].as_array().unwrap().len(), 1, "whatever became of the first attempt");
}

#[test]
fn a5_an_operator_kills_with_a_stored_token_while_the_database_says_nothing() {
    let server = PostgresServer::start();
    let proxy = FaultProxy::before(&server.database("postgres"));
    let service = Setup::new().on_database(&proxy.url()).start();
    let (status, token) = service.ask("POST", "/api/tokens", Some(&json!({ "name": "on call", "role": "operator" })));
    assert_eq!(status, 201, "{token}");
    let operator = token["token"].as_str().unwrap();
    let flag = "/api/flags/enableLotLevelMoic";
    assert_eq!(service.ask_as(operator, "GET", flag, None).0, 200);
    proxy.stall(true);
    let reason = json!({ "reason": "wrong numbers" });
    let (status, killed) = service.ask_as(operator, "POST", &format!("{flag}/kill"), Some(&reason));
    assert_eq!((status, &killed["killPending"]), (202, &Value::Bool(true)), "{killed}");
    let (status, seen) = service.ask_as(operator, "GET", flag, None);
    assert_eq!((status, &seen["killed"]), (200, &Value::Bool(true)), "{seen}");
    proxy.stall(false);
    let mut seen = seen;
    while seen["killPending"] == true {
        std::thread::sleep(std::time::Duration::from_millis(50));
        seen = service.ask("GET", flag, None).1;
    }
    let id = token["id"].as_i64().unwrap();
    assert_eq!(seen["changedBy"], format!("token:{id}"), "{seen}");
}
