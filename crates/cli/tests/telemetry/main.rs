//! Logs and traces of `lotwise serve`, as those who run it read them: JSON lines, and spans at a local collector.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../service/mod.rs"]
#[expect(dead_code, reason = "other commands are tested with the same services")]
mod service;

use std::process::{Command, Stdio};

use serde_json::Value;
use service::{ADMIN_TOKEN, Service, binary};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PERSON: &str = "Ada Lovelace of Analytical Engines";

fn serve(folder: &tempfile::TempDir) -> Command {
    let mut command = binary();
    let database = format!("sqlite:{}", folder.path().join("lotwise.db").display());
    command.args(["serve", "--listen", "127.0.0.1:0", "--database", &database, "--environment", "staging"]);
    command.env("LOTWISE_ADMIN_TOKEN", ADMIN_TOKEN).env("ENABLE_LOT_LEVEL_MOIC", "true").stdout(Stdio::piped());
    command
}

/// Asks as a client whose trace goes on here; the status.
fn ask(service: &Service, path: &str, body: Option<&str>) -> u16 {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let url = format!("{}{path}", service.address);
    let bearer = format!("Bearer {ADMIN_TOKEN}");
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let answer = match body {
        Some(body) => {
            let request = agent.post(url).header("authorization", bearer).header("traceparent", parent);
            request.header("x-request-id", "asked-1").content_type("application/json").send(body)
        }
        None => agent.get(url).header("authorization", bearer).header("traceparent", parent).call(),
    };
    answer.unwrap().status().as_u16()
}

#[test]
fn logs_are_json_lines_with_the_requests_id_and_without_secrets_or_people() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut command = serve(&folder);
    command.env("LOTWISE_LOG", "debug").env("LOTWISE_LOG_FORMAT", "json");
    let child = command.stderr(std::fs::File::create(&log).unwrap()).spawn().unwrap();
    let service = Service::listening(child, folder);
    assert_eq!(ask(&service, "/api/funds", Some(r#"{"name": 1}"#)), 422);
    let person = format!(r#"{{"name": "{PERSON}"}}"#);
    assert_eq!(ask(&service, "/api/people", Some(&person)), 201);
    let (_, folder) = service.stop();
    let text = std::fs::read_to_string(folder.path().join("log")).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{line} is no JSON: {error}")))
        .collect();
    let refused = lines.iter().find(|line| line["fields"]["message"] == "refused").unwrap();
    assert_eq!(refused["span"]["request_id"], "asked-1");
    assert_eq!(refused["span"]["trace_id"], TRACE);
    assert_eq!(refused["fields"]["status"], 422);
    assert!(!text.contains(ADMIN_TOKEN) && !text.contains(PERSON), "{text}");
}

#[cfg(feature = "otlp")]
#[test]
fn spans_of_requests_go_on_in_their_callers_traces_at_the_collector() {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc;

    let collector = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let (received, spans) = mpsc::channel();
    std::thread::spawn(move || {
        for connection in collector.incoming() {
            let mut connection = connection.unwrap();
            let mut reader = BufReader::new(connection.try_clone().unwrap());
            let (mut path, mut length) = (String::new(), 0);
            reader.read_line(&mut path).unwrap();
            loop {
                let mut header = String::new();
                reader.read_line(&mut header).unwrap();
                if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if header.trim().is_empty() {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
            // The test may be over.
            let _ = received.send((path, body));
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let child = serve(&folder).env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint).spawn().unwrap();
    let service = Service::listening(child, folder);
    assert_eq!(ask(&service, "/api/funds", None), 200);
    // What is left is sent at the end.
    let _stopped = service.stop();
    let trace: Vec<u8> =
        (0..TRACE.len()).step_by(2).map(|at| u8::from_str_radix(&TRACE[at..at + 2], 16).unwrap()).collect();
    let holds = |body: &[u8], wanted: &[u8]| body.windows(wanted.len()).any(|window| window == wanted);
    let batches: Vec<(String, Vec<u8>)> = spans.try_iter().collect();
    assert!(batches.iter().all(|(path, _)| path.starts_with("POST /v1/traces ")));
    assert!(batches.iter().any(|(_, body)| holds(body, &trace) && holds(body, b"/api/funds")), "{batches:?}");
    assert!(!batches.iter().any(|(_, body)| holds(body, ADMIN_TOKEN.as_bytes())));
}
