//! The binary as its users meet it: a document of 20,000 companies from file to file, and a service from its start to a
//! completed snapshot of 200 companies. `cargo bench -p lotwise` prints one line a figure.

#![expect(clippy::expect_used, reason = "a benchmark that cannot run ends")]

#[path = "../../moic/benches/portfolios/mod.rs"]
mod portfolios;

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use portfolios::{History, document};
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_lotwise");
const COMPANIES: u64 = 20_000;
const LOTS_PER_COMPANY: u64 = 5;
const ROUNDS: usize = 9;
const FUND_COMPANIES: u64 = 200;
const SNAPSHOTS: usize = 30;
const OLDER_SNAPSHOTS: usize = 500;
const ADMIN_TOKEN: &str = "an-admin-token-for-the-benchmark-only";

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    documents(folder.path());
    service(folder.path());
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn started() -> Instant {
    Instant::now()
}

fn documents(folder: &Path) {
    for (name, history) in [("marks and one case", History::Marks), ("full history and three cases", History::Full)] {
        let input = folder.join("portfolio.json");
        let text = document(COMPANIES, history);
        std::fs::write(&input, &text).expect("the document is written");
        let mut times = Vec::new();
        let mut peak_kib = 0;
        for _ in 0..ROUNDS {
            let output = File::create(folder.join("result.json")).expect("the result can be written");
            let start = started();
            let mut child = Command::new(BINARY)
                .arg("moic")
                .arg(&input)
                .arg("--json")
                .stdout(output)
                .spawn()
                .expect("the binary runs");
            while child.try_wait().expect("the child is ours").is_none() {
                peak_kib = peak_kib.max(status_kib(child.id(), "VmHWM:"));
                std::thread::sleep(Duration::from_micros(500));
            }
            times.push(start.elapsed());
        }
        println!(
            "document of {COMPANIES} companies, {name}: {:?} median of {ROUNDS} ({} MB in), peak {} MiB, {} bytes per lot",
            median(&mut times),
            text.len() / 1_000_000,
            peak_kib / 1024,
            peak_kib * 1024 / (COMPANIES * LOTS_PER_COMPANY),
        );
    }
}

fn service(folder: &Path) {
    let start = started();
    let mut server = Server::start(folder);
    println!("start to ready, new database: {:?}", start.elapsed());
    drop(server);
    let start = started();
    server = Server::start(folder);
    println!("start to ready, existing database: {:?}", start.elapsed());
    std::thread::sleep(Duration::from_secs(2));
    println!("resident when idle: {} KiB", status_kib(server.child.id(), "VmRSS:"));
    let fund = server.fill_fund();
    println!(
        "snapshot of {FUND_COMPANIES} companies, POST to complete: {:?} median of {SNAPSHOTS}",
        server.snapshots(fund, SNAPSHOTS)
    );
    server.snapshots(fund, OLDER_SNAPSHOTS);
    println!(
        "the same after {OLDER_SNAPSHOTS} older snapshots: {:?} median of {SNAPSHOTS}",
        server.snapshots(fund, SNAPSHOTS)
    );
}

struct Server {
    child: Child,
    origin: String,
    agent: ureq::Agent,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let database = format!("sqlite:{}", folder.join("bench.db").display());
        let mut child = Command::new(BINARY)
            .args(["serve", "--listen", "127.0.0.1:0", "--database", &database])
            .env("ENABLE_LOT_LEVEL_MOIC", "true")
            .env("LOTWISE_ADMIN_TOKEN", ADMIN_TOKEN)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout is piped"))
            .read_line(&mut line)
            .expect("the server says where");
        let origin = line.split_whitespace().find(|word| word.starts_with("http")).expect("an address").to_owned();
        let server = Self { child, origin, agent: ureq::Agent::new_with_defaults() };
        while server.agent.get(format!("{}/readyz", server.origin)).call().is_err() {
            std::thread::sleep(Duration::from_millis(1));
        }
        server
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.origin);
        let request = if method == "PUT" { self.agent.put(url) } else { self.agent.post(url) };
        let request = request.header("Authorization", format!("Bearer {ADMIN_TOKEN}"));
        request.send_json(body).expect("the request succeeds").body_mut().read_json().expect("JSON comes back")
    }

    fn get(&self, path: &str) -> Value {
        let request =
            self.agent.get(format!("{}{path}", self.origin)).header("Authorization", format!("Bearer {ADMIN_TOKEN}"));
        request.call().expect("the request succeeds").body_mut().read_json().expect("JSON comes back")
    }

    /// The benchmark's document written through the API.
    fn fill_fund(&self) -> i64 {
        let document: Value = serde_json::from_str(&document(FUND_COMPANIES, History::Marks)).expect("it is JSON");
        let fund = self.send("POST", "/api/funds", &json!({"name": "Bench", "currency": "USD"}));
        let fund = fund["id"].as_i64().expect("a fund has an id");
        for company in document["companies"].as_array().expect("companies") {
            let body = json!({"name": company["name"], "sector": company["sector"]});
            let id = self.send("POST", &format!("/api/funds/{fund}/companies"), &body)["id"].clone();
            for lot in company["lots"].as_array().expect("lots") {
                let body = json!({"companyId": id, "round": "Round", "investmentDate": lot["purchaseDate"], "amountCents": lot["costBasisCents"]});
                let investment = self.send("POST", &format!("/api/funds/{fund}/investments"), &body)["id"].clone();
                let mut body = lot.clone();
                body["investmentId"] = investment;
                body.as_object_mut().expect("a lot is an object").remove("id");
                self.send("POST", &format!("/api/funds/{fund}/portfolio/lots"), &body);
            }
            let company_path = format!("/api/funds/{fund}/companies/{id}");
            for event in company["events"].as_array().expect("events") {
                self.send("POST", &format!("{company_path}/events"), event);
            }
            let cases = json!({"version": 0, "exitCases": company["exitCases"]});
            self.send("PUT", &format!("{company_path}/exit-cases"), &cases);
        }
        fund
    }

    /// Median time from POST to complete of so many snapshots, each of other inputs.
    fn snapshots(&self, fund: i64, count: usize) -> Duration {
        let mut times = Vec::new();
        for index in 0..count {
            let as_of = format!("20{:02}-{:02}-{:02}", 24 + index / 336 % 10, index / 28 % 12 + 1, index % 28 + 1);
            let start = started();
            let answer = self.send(
                "POST",
                &format!("/api/funds/{fund}/portfolio/snapshots"),
                &json!({"name": "Bench", "asOf": as_of}),
            );
            let status_url = answer["statusUrl"].as_str().expect("a snapshot has a status");
            while self.get(status_url)["status"] != "complete" {
                std::thread::sleep(Duration::from_micros(500));
            }
            times.push(start.elapsed());
        }
        median(&mut times)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing can be done about a child that is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// A line of `/proc/<pid>/status` in KiB; 0 once the process is gone.
fn status_kib(pid: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
