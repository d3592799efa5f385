//! People who write and read meanwhile, and remember what they were told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;

use crate::service::{ADMIN_TOKEN, Service};

/// What no request may take, whatever happens behind it: the service's own limit of 30 s, and what a busy machine adds.
pub const DEADLINE: Duration = Duration::from_secs(45);
/// How long somebody waits before the next attempt.
const PAUSE: Duration = Duration::from_millis(20);

/// Where the replicas are; who restarts one writes its new address here.
pub struct Replicas(RwLock<Vec<String>>);

impl Replicas {
    pub fn of(services: &[Option<Service>]) -> Self {
        Self(RwLock::new(services.iter().flatten().map(|service| service.address.clone()).collect()))
    }

    pub fn moved(&self, number: usize, address: &str) {
        address.clone_into(&mut self.0.write().unwrap()[number]);
    }

    pub fn address(&self, number: usize) -> String {
        let addresses = self.0.read().unwrap();
        addresses[number % addresses.len()].clone()
    }
}

/// How an attempt ended.
pub enum Answer {
    /// With a status and a body.
    Said(u16, Value),
    /// The replica was never reached.
    NotReached,
    /// The connection broke after it was reached: nobody knows what became of the request.
    BrokenOff(String),
}

pub fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).timeout_global(Some(DEADLINE)).build().into()
}

/// Asks once. A request that takes longer than its deadline fails the test.
pub fn ask(agent: &Agent, address: &str, path: &str, body: Option<(&str, &Value)>) -> Answer {
    let (url, bearer) = (format!("{address}{path}"), format!("Bearer {ADMIN_TOKEN}"));
    let answer = match body {
        None => agent.get(url).header("Authorization", bearer).call(),
        Some((key, body)) => {
            agent.post(url).header("Authorization", bearer).header("Idempotency-Key", key).send_json(body)
        }
    };
    let answer = answer.and_then(|mut answer| {
        let text = answer.body_mut().read_to_string()?;
        Ok((answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null)))
    });
    match answer {
        Ok((status, body)) => Answer::Said(status, body),
        Err(ureq::Error::Timeout(what)) => panic!("{path} took longer than its deadline: {what}"),
        Err(ureq::Error::ConnectionFailed) => Answer::NotReached,
        Err(ureq::Error::Io(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => Answer::NotReached,
        Err(error) => Answer::BrokenOff(error.to_string()),
    }
}

/// What the load has done so far.
#[derive(Default)]
pub struct Tally {
    end: AtomicBool,
    /// Ids of what was acknowledged, by the key of the request.
    pub lots: Mutex<BTreeMap<String, String>>,
    pub snapshots: Mutex<BTreeMap<String, String>>,
    pub reads: AtomicU64,
    pub refusals: AtomicU64,
}

impl Tally {
    pub fn end(&self) {
        self.end.store(true, Ordering::SeqCst);
    }

    pub fn has_ended(&self) -> bool {
        self.end.load(Ordering::SeqCst)
    }

    /// Waits until this many further lots were acknowledged: the load goes on.
    pub fn after_further_lots(&self, count: usize) {
        let before = self.lots.lock().unwrap().len();
        let limit = Instant::now() + DEADLINE;
        while self.lots.lock().unwrap().len() < before + count {
            assert!(Instant::now() < limit, "the load stands still: {} refusals", self.refusals.load(Ordering::SeqCst));
            std::thread::sleep(PAUSE);
        }
    }
}

/// A fund and its investments.
pub struct Fund {
    pub id: i64,
    pub investments: Vec<i64>,
}

impl Fund {
    pub fn with_companies(service: &Service, count: usize) -> Self {
        let post = |path: &str, body: Value| {
            let (status, answer) = service.ask("POST", path, Some(&body));
            assert_eq!(status, 201, "{path}: {answer}");
            answer["id"].as_i64().unwrap()
        };
        let id = post("/api/funds", json!({ "name": "Fund I", "currency": "USD" }));
        let investment = |number| {
            let company = post(&format!("/api/funds/{id}/companies"), json!({ "name": format!("Company {number}") }));
            post(
                &format!("/api/funds/{id}/investments"),
                json!({ "companyId": company, "round": "Seed", "investmentDate": "2022-01-31", "amountCents": "250000000" }),
            )
        };
        Self { id, investments: (0..count).map(investment).collect() }
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/api/funds/{}{rest}", self.id)
    }

    pub fn lot(&self, number: usize) -> Value {
        json!({ "investmentId": self.investments[number % self.investments.len()], "lotType": "initial",
                "purchaseDate": "2022-01-31", "sharesAcquired": "1000", "costBasisCents": "250000" })
    }
}

/// Creates lots, one after the other, each under a key of its own until it is acknowledged, at whichever replica.
pub fn write_lots(writer: usize, fund: &Fund, replicas: &Replicas, tally: &Tally) {
    let body = |number| fund.lot(number);
    let accepted = |answer: &Value| answer["id"].as_str().map(str::to_owned);
    write(&format!("lot-{writer}"), &fund.path("/portfolio/lots"), replicas, tally, &tally.lots, body, 201, accepted);
}

/// Asks for snapshots likewise.
pub fn write_snapshots(fund: &Fund, replicas: &Replicas, tally: &Tally) {
    let body = |number| json!({ "name": format!("Snapshot {number}") });
    let accepted = |answer: &Value| answer["snapshotId"].as_str().map(str::to_owned);
    let path = fund.path("/portfolio/snapshots");
    write("snapshot", &path, replicas, tally, &tally.snapshots, body, 202, accepted);
}

#[expect(clippy::too_many_arguments, reason = "two callers, which differ in all of these")]
fn write(
    name: &str,
    path: &str,
    replicas: &Replicas,
    tally: &Tally,
    acknowledged: &Mutex<BTreeMap<String, String>>,
    body: impl Fn(usize) -> Value,
    success: u16,
    id: impl Fn(&Value) -> Option<String>,
) {
    let agent = agent();
    let mut turn = name.len();
    for number in 0.. {
        if tally.has_ended() {
            return;
        }
        let (key, body) = (format!("{name}-{number}"), body(number));
        let limit = Instant::now() + 2 * DEADLINE;
        // What was begun is brought to its end also after the load has ended: only then is it known what must be there.
        loop {
            turn += 1;
            match ask(&agent, &replicas.address(turn), path, Some((&key, &body))) {
                Answer::Said(status, answer) if status == success => {
                    let id = id(&answer).unwrap_or_else(|| panic!("{answer}"));
                    acknowledged.lock().unwrap().insert(key, id);
                    break;
                }
                // Away, overloaded, killed by a flag, or still being done by the replica that was asked before.
                Answer::Said(503 | 409, _) | Answer::NotReached | Answer::BrokenOff(_) => {}
                Answer::Said(status, answer) => panic!("{path}: {status} {answer}"),
            }
            tally.refusals.fetch_add(1, Ordering::SeqCst);
            assert!(Instant::now() < limit, "{key} was refused for too long");
            std::thread::sleep(PAUSE);
        }
    }
}

/// Reads the lenses at every replica in turn: they answer, or say that they cannot.
pub fn read_lenses(reader: usize, fund: &Fund, replicas: &Replicas, tally: &Tally) {
    let agent = agent();
    let mut turn = reader;
    while !tally.has_ended() {
        turn += 1;
        match ask(&agent, &replicas.address(turn), &fund.path("/portfolio/lots/moic"), None) {
            Answer::Said(200, _) => {
                tally.reads.fetch_add(1, Ordering::SeqCst);
            }
            Answer::Said(503, _) | Answer::NotReached | Answer::BrokenOff(_) => {}
            Answer::Said(status, answer) => panic!("lenses: {status} {answer}"),
        }
        std::thread::sleep(PAUSE);
    }
}
