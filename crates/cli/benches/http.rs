//! What a reader of a fund of 200 companies waits for, on SQLite and on PostgreSQL: as many requests as `wrk` gets through, beside
//! a bare axum route in the same round, and 200 requests a second, as a fund's people never send. With `--minutes N` the mixture
//! for so long, and the memory of the service after the first minute and at the end.
//!
//! `cargo bench -p lotwise --bench http`, `cargo xtask soak http`. Asks 127.0.0.1 only.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that cannot run ends")]

#[path = "../../store/tests/store/postgres_server.rs"]
#[expect(dead_code, reason = "made for tests that stop their server")]
mod postgres_server;
#[path = "../tests/service/mod.rs"]
#[expect(dead_code, reason = "made for tests of the command line")]
mod service;

use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::Bytes;
use axum::extract::Path;
use axum::routing::get;
use postgres_server::PostgresServer;
use serde_json::{Value, json};
use service::{ADMIN_TOKEN, Service, Setup};

const COMPANIES: usize = 200;
const LOTS_PER_COMPANY: usize = 5;
const CONNECTIONS: usize = 32;
const ROUNDS: usize = 3;
const BARE_BYTES_MAX: usize = 4 * 1024 * 1024;
const ROUND_SECONDS: u64 = 4;
/// Readers of the fixed rate, each with a connection of its own.
const READERS: u64 = 8;
const REQUESTS_PER_SECOND: u64 = 200;
const FIXED_RATE_LASTS: Duration = Duration::from_secs(10);
const OFREP_BODY: &str = r#"{"context":{"targetingKey":"person:4711"}}"#;

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn now() -> Instant {
    Instant::now()
}

fn main() {
    let minutes = minutes();
    let bare = bare_route();
    let server = PostgresServer::start();
    for (name, setup) in
        [("SQLite", Setup::new()), ("PostgreSQL", Setup::new().on_database(&server.database("postgres")))]
    {
        let service = setup.with(&["--environment", "staging", "--ofrep-requests-per-second", "0"]).start();
        let idle = resident_mebibytes(&service);
        let routes = routes(fund(&service));
        println!("{name}: {idle:.0} MiB resident before the first request");
        match minutes {
            Some(minutes) => soak(name, &service, &routes, minutes),
            None => measure(name, &service, &bare, &routes),
        }
    }
}

/// N of `--minutes N`.
fn minutes() -> Option<u64> {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|argument| argument == "--minutes")?;
    Some(arguments.get(at + 1).expect("minutes").parse().expect("whole minutes"))
}

/// What is asked for, and how.
struct Route {
    name: &'static str,
    path: String,
    body: Option<&'static str>,
    /// Value of `Accept-Encoding`.
    accepts: &'static str,
}

fn routes(fund: i64) -> Vec<Route> {
    let read = |name, path: String| Route { name, path, body: None, accepts: "identity" };
    vec![
        read("legacy MOIC", format!("/api/funds/{fund}/moic")),
        read("lots, a page of 50", format!("/api/funds/{fund}/portfolio/lots")),
        read("seven lenses", format!("/api/funds/{fund}/portfolio/lots/moic")),
        Route {
            accepts: "gzip",
            ..read("seven lenses, as browsers take them", format!("/api/funds/{fund}/portfolio/lots/moic"))
        },
        Route {
            name: "one OFREP flag",
            path: "/ofrep/v1/evaluate/flags/enableLotLevelMoic".to_owned(),
            body: Some(OFREP_BODY),
            accepts: "identity",
        },
    ]
}

/// A fund of so many companies, imported as its people would.
fn fund(service: &Service) -> i64 {
    let body = json!({ "name": "Fund", "currency": "USD", "vintageYear": 2021, "committedCents": "100000000000" });
    let (status, fund) = service.ask("POST", "/api/funds", Some(&body));
    assert_eq!(status, 201, "{fund}");
    let id = fund["id"].as_i64().expect("an id");
    let (status, answer) = service.ask("POST", &format!("/api/funds/{id}/import"), Some(&document()));
    assert!((200..300).contains(&status), "{status}: {answer}");
    id
}

fn document() -> Value {
    let companies: Vec<Value> = (0..COMPANIES).map(company).collect();
    json!({ "asOf": "2026-01-01", "currency": "USD", "companies": companies })
}

fn company(number: usize) -> Value {
    let lots: Vec<Value> = (0..LOTS_PER_COMPANY)
        .map(|lot| {
            let lot_type = if lot == 0 { "initial" } else { "follow_on" };
            let shares = 1_000 + 37 * number + 11 * lot;
            json!({ "id": format!("c{number}-l{lot}"), "lotType": lot_type, "shareClass": "COMMON",
                "purchaseDate": format!("202{}-03-01", lot), "sharesAcquired": shares.to_string(),
                "costBasisCents": (shares * 150).to_string() })
        })
        .collect();
    let mark = json!({ "type": "mark", "date": "2025-06-30", "shareClass": "COMMON",
        "sharePriceCents": (200 + number).to_string() });
    let exit = json!({ "id": "base", "probability": "1", "exitPricesCents": { "COMMON": "900" },
        "plannedReserves": [{ "id": "r", "amountCents": "500000", "shareClass": "COMMON", "sharePriceCents": "400" }] });
    json!({ "id": format!("c{number}"), "name": format!("Company {number}"), "sector": "Software", "stage": "Seed",
        "lots": lots, "events": [mark], "exitCases": [exit] })
}

/// A route that does nothing, in this process: the address. Below it one that sends so many bytes.
fn bare_route() -> String {
    let (tell, told) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let bytes = Bytes::from(vec![b'x'; BARE_BYTES_MAX]);
            let as_many = move |Path(count): Path<usize>| async move { bytes.slice(..count) };
            let routes = axum::Router::new()
                .route("/bare", get(async || Json(json!({ "ok": true }))))
                .route("/bare/{bytes}", get(as_many));
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            tell.send(format!("http://{}/bare", listener.local_addr().expect("an address"))).expect("a listener");
            axum::serve(listener, routes).await.expect("it serves");
        });
    });
    told.recv().expect("an address")
}

fn measure(name: &str, service: &Service, bare: &str, routes: &[Route]) {
    for route in routes {
        let url = format!("{}{}", service.address, route.path);
        let length = length(&url, route);
        let (mut ratios, mut same_length, mut rates) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let rate = wrk(&url, route.body, route.accepts);
            ratios.push(rate / wrk(bare, None, route.accepts));
            same_length.push(rate / wrk(&format!("{bare}/{length}"), None, route.accepts));
            rates.push(rate);
        }
        let (ratio, same_length, rate) = (median(ratios), median(same_length), median(rates));
        let (fiftieth, last) = fixed_rate(&url, route.body, FIXED_RATE_LASTS);
        println!(
            "{name}, {}: {length} bytes, {rate:.0}/s, {ratio:.2} of the bare route, {same_length:.2} of one that sends as many \
             bytes; at {REQUESTS_PER_SECOND}/s p50 {fiftieth:?}, p99 {last:?}",
            route.name
        );
    }
    println!("{name}: {:.0} MiB resident afterwards", resident_mebibytes(service));
}

/// The mixture at the fixed rate; the memory after the first minute and at the end.
fn soak(name: &str, service: &Service, routes: &[Route], minutes: u64) {
    let mut first = None;
    for minute in 1..=minutes {
        let each = Duration::from_secs(60) / u32::try_from(routes.len()).expect("few routes");
        for route in routes {
            fixed_rate(&format!("{}{}", service.address, route.path), route.body, each);
        }
        let now = resident_mebibytes(service);
        let after_first = *first.get_or_insert(now);
        println!("{name}, minute {minute}: {now:.1} MiB, {:.3} of the first minute's", now / after_first);
    }
}

/// Bytes of a route's answer as they are sent.
fn length(url: &str, route: &Route) -> usize {
    let agent: ureq::Agent = ureq::Agent::config_builder().accept_encoding("").build().into();
    let bearer = format!("Bearer {ADMIN_TOKEN}");
    let answer = match route.body {
        Some(body) => agent.post(url).header("Authorization", bearer).content_type("application/json").send(body),
        None => agent.get(url).header("Authorization", bearer).header("Accept-Encoding", route.accepts).call(),
    };
    answer.expect("an answer").body_mut().read_to_vec().expect("a body").len()
}

/// Requests a second that `wrk` gets through.
fn wrk(url: &str, body: Option<&str>, accepts: &str) -> f64 {
    let mut command = Command::new("wrk");
    let (connections, seconds) = (CONNECTIONS.to_string(), format!("{ROUND_SECONDS}s"));
    command.args(["-t", "1", "-c", &connections, "-d", &seconds]);
    command.args(["-H", &format!("Authorization: Bearer {ADMIN_TOKEN}")]);
    command.args(["-H", &format!("Accept-Encoding: {accepts}")]);
    let folder = tempfile::tempdir().expect("a folder");
    if let Some(body) = body {
        let script = folder.path().join("post.lua");
        let lines =
            format!("wrk.method = 'POST'\nwrk.body = '{body}'\nwrk.headers['Content-Type'] = 'application/json'\n");
        std::fs::write(&script, lines).expect("a script");
        command.arg("-s").arg(script);
    }
    let output = command.arg(url).output().expect("wrk: sudo apt-get install wrk");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(!text.contains("Non-2xx"), "{url}: {text}");
    let rate = text.lines().find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    rate.unwrap_or_else(|| panic!("{url}: {text}")).trim().parse().expect("a number")
}

/// Median and p99 of the time from when a request was due to its answer, so that a stall counts for all who wait in it.
fn fixed_rate(url: &str, body: Option<&'static str>, lasts: Duration) -> (Duration, Duration) {
    let start = now();
    let due = Duration::from_micros(1_000_000 / REQUESTS_PER_SECOND);
    let next = AtomicU64::new(0);
    let mut times: Vec<Duration> = thread::scope(|scope| {
        let read = || {
            let agent = ureq::Agent::new_with_defaults();
            let mut times = Vec::new();
            loop {
                let number = u32::try_from(next.fetch_add(1, Ordering::Relaxed)).expect("few requests");
                let at = due * number;
                if at >= lasts {
                    return times;
                }
                thread::sleep(at.saturating_sub(start.elapsed()));
                let bearer = format!("Bearer {ADMIN_TOKEN}");
                let answer = match body {
                    Some(body) => {
                        agent.post(url).header("Authorization", bearer).content_type("application/json").send(body)
                    }
                    None => agent.get(url).header("Authorization", bearer).call(),
                };
                answer.expect("an answer").body_mut().read_to_vec().expect("a body");
                times.push(start.elapsed().saturating_sub(at));
            }
        };
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(read)).collect();
        readers.into_iter().flat_map(|reader| reader.join().expect("a reader")).collect()
    });
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    (at(50), at(99))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Resident memory of the service.
fn resident_mebibytes(service: &Service) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.process())).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    let kibibytes: u32 = line.trim().trim_end_matches("kB").trim().parse().expect("a number");
    f64::from(kibibytes) / 1024.0
}
