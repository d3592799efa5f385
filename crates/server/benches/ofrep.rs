//! Responses per second of OFREP, from a file and from the service with a key, beside a bare JSON route of axum in the same
//! process, over the loopback: one worker thread, 32 connections, each with one request on its way. Asked by a client that
//! does little more than write and read, on a thread of its own.
//!
//! `cargo bench -p server --bench ofrep`

#![expect(clippy::expect_used, reason = "a benchmark that cannot be carried out has no result")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Json;
use axum::routing::get;
use flags::Bucketing;
use jiff::Timestamp;
use serde_json::{Value, json};
use server::{AdminToken, AppState, Clock, Config, FlagServer, FlagServerSettings};
use store::{DatabaseUrl, Store, StoreOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(1);
const BULK_FLAGS: usize = 350;
/// For the service; a file needs none.
const ADMIN_TOKEN: &str = "benchmark-token-with-at-least-32-characters";
/// What the issue asks for.
const BULK_RATE_WANTED: f64 = 5_500.0;
const SINGLE_RATIO_WANTED: f64 = 0.7;

struct MachineClock {
    start: Instant,
}

impl Clock for MachineClock {
    #[expect(clippy::disallowed_methods, reason = "a benchmark runs on the machine's time")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn now() -> Instant {
    Instant::now()
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let bare = serve(axum::Router::new().route("/bare", get(async || Json(json!({ "ok": true })))));
    let single = serve_file(flags_of(&folder, "one.json", 1));
    let bulk = serve_file(flags_of(&folder, "many.json", BULK_FLAGS));
    let context = json!({ "context": { "targetingKey": "person:4711", "email": "ada@lotwise.test", "tier": "gold" } });
    let bare_request = "GET /bare HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned();
    let single_request = post("/ofrep/v1/evaluate/flags/flag-0", &context);
    let bulk_request = post("/ofrep/v1/evaluate/flags", &context);

    let service = serve(service_of(&folder));
    let service_request = post("/ofrep/v1/evaluate/flags/flag-0", &context);

    let mut rates = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let requests =
            [(&bare, &bare_request), (&single, &single_request), (&bulk, &bulk_request), (&service, &service_request)];
        for (rates, (address, request)) in rates.iter_mut().zip(requests) {
            rates.push(rate(address, request));
        }
    }
    let [bare, single, bulk, service] = rates.map(median);
    println!("bare JSON route: {bare:.0}/s");
    println!("one flag: {single:.0}/s, {:.2} of the bare route (wanted {SINGLE_RATIO_WANTED})", single / bare);
    println!("{BULK_FLAGS} flags: {bulk:.0}/s, {:.3} of the bare route (wanted {BULK_RATE_WANTED}/s)", bulk / bare);
    println!("one flag from the service, with a key: {service:.0}/s, {:.2} of the bare route", service / bare);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The service on a database of its own, with the flags of one file.
fn service_of(folder: &tempfile::TempDir) -> axum::Router {
    let url = DatabaseUrl::Sqlite(folder.path().join("bench.db"));
    let store = Store::open(&url, &StoreOptions::default()).expect("a database");
    let config = Config {
        admin_token: Some(AdminToken::new(ADMIN_TOKEN).expect("a token")),
        flags_file: Some(folder.path().join("one.json")),
        ofrep_requests_per_second: 0,
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let state = AppState::new(config, store, Arc::new(MachineClock { start: now() }));
    server::router(runtime.block_on(state).expect("a service"))
}

/// Flags with a rule on an attribute and a four-way split, as the engine's benchmark has them.
fn flags_of(folder: &tempfile::TempDir, name: &str, count: usize) -> FlagServer {
    let flag = json!({ "state": "ENABLED", "defaultVariant": "a",
        "variants": { "a": "alpha", "b": "beta", "c": "gamma", "d": "delta" },
        "metadata": { "owner": "portfolio" },
        "targeting": { "if": [{ "in": [{ "var": "tier" }, ["gold", "platinum"]] },
            { "fractional": [["a", 25], ["b", 25], ["c", 25], ["d", 25]] }, null] } });
    let flags: serde_json::Map<String, Value> = (0..count).map(|n| (format!("flag-{n}"), flag.clone())).collect();
    let file = folder.path().join(name);
    std::fs::write(&file, json!({ "flags": flags }).to_string()).expect("a written file");
    let settings = FlagServerSettings { file, bucketing: Bucketing::V3, requests_per_second: None };
    FlagServer::open(&settings, Arc::new(MachineClock { start: now() })).expect("flags")
}

fn post(path: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {ADMIN_TOKEN}\r\n\
        Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn serve(router: axum::Router) -> String {
    in_the_background(async |listener| axum::serve(listener, router).await.expect("a server"))
}

fn serve_file(flags: FlagServer) -> String {
    in_the_background(async |listener| {
        server::serve_flags(flags, listener, std::future::pending()).await;
    })
}

/// Serves on a thread of its own until the process ends; its address.
fn in_the_background(server: impl AsyncFnOnce(TcpListener) + Send + 'static) -> String {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            sender.send(listener.local_addr().expect("an address").to_string()).expect("somebody to ask");
            server(listener).await;
        });
    });
    receiver.recv().expect("an address")
}

/// Responses per second.
fn rate(address: &str, request: &str) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (done, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let clients: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let (address, request) = (address.to_owned(), request.to_owned());
                tokio::spawn(ask(address, request, Arc::clone(&done), Arc::clone(&count)))
            })
            .collect();
        let start = now();
        tokio::time::sleep(ROUND).await;
        done.store(true, Ordering::Relaxed);
        for client in clients {
            client.await.expect("a client");
        }
        let count = u32::try_from(count.load(Ordering::Relaxed)).expect("a count");
        f64::from(count) / start.elapsed().as_secs_f64()
    })
}

async fn ask(address: String, request: String, done: Arc<AtomicBool>, count: Arc<AtomicU64>) {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let mut answer = vec![0; 256 * 1024];
    while !done.load(Ordering::Relaxed) {
        stream.write_all(request.as_bytes()).await.expect("a request");
        let mut received = 0;
        let mut wanted = None;
        while wanted.is_none_or(|wanted| received < wanted) {
            let read = stream.read(answer.get_mut(received..).expect("room")).await.expect("an answer");
            assert!(read > 0, "the server has closed the connection");
            received += read;
            wanted = wanted.or_else(|| length_of(answer.get(..received)?));
        }
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// Bytes of a whole answer, once its head is there.
fn length_of(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let text = std::str::from_utf8(answer.get(..head)?).expect("a head in ASCII");
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    Some(head + 4 + length.parse::<usize>().expect("a number"))
}
