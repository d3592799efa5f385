//! Rollouts on running services, end to end: users ask at 50 requests a second, a fault begins, and the controller rolls
//! back by itself, or, where the fault is in both arms, does not. Each case on services of its own, all at once; ends by
//! itself. `cargo xtask soak`, or `cargo bench -p lotwise --bench soak -- [--runs N] [--rps N]`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot run ends")]

#[path = "../tests/service/mod.rs"]
#[expect(dead_code, reason = "made for tests of the command line")]
mod service;
#[path = "../src/commands/demo/traffic.rs"]
mod traffic;

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use service::{Service, Setup};
use traffic::{Plan, Sent, Traffic};

/// Users of a service, each with a token of their own.
const USERS: usize = 6_000;
/// Requests that a service's users wait for at once, at most.
const CONNECTIONS: usize = 120;
/// How long all is well before the fault begins: long enough for 1,000 requests of the control and their tick.
const HEALTHY: Duration = Duration::from_secs(75);
/// How long is waited for a rollback, and a fault in both arms is watched.
const WATCHED: Duration = Duration::from_secs(600);
/// How long a fault of both arms lasts.
const INCIDENT: Duration = Duration::from_secs(180);
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// What rollouts.md §7 has users see while nothing is wrong: 0.3 % errors, a median of 0.4 s.
const HEALTHY_ARM: Fault = Fault { error_rate: 0.003, delay_ms: 400.0 };
const DELAY_SIGMA: f64 = 0.8;

#[derive(Clone, Copy)]
struct Fault {
    error_rate: f64,
    delay_ms: f64,
}

struct Case {
    name: &'static str,
    treatment: Fault,
    control: Fault,
    /// Seconds within which half of all rollbacks are to be decided; none where nothing may be rolled back.
    to_reach: Option<f64>,
}

const CASES: [Case; 4] = [
    Case {
        name: "treatment: errors +1 point",
        treatment: Fault { error_rate: 0.013, ..HEALTHY_ARM },
        control: HEALTHY_ARM,
        to_reach: Some(200.0),
    },
    Case {
        name: "treatment: 20 % errors",
        treatment: Fault { error_rate: 0.2, ..HEALTHY_ARM },
        control: HEALTHY_ARM,
        // One tick of 15 s, after the one that the fault begins in.
        to_reach: Some(30.0),
    },
    Case {
        name: "treatment: latency +50 %",
        treatment: Fault { delay_ms: 600.0, ..HEALTHY_ARM },
        control: HEALTHY_ARM,
        to_reach: Some(150.0),
    },
    Case {
        name: "both arms: 8 % errors for 180 s",
        treatment: Fault { error_rate: 0.08, ..HEALTHY_ARM },
        control: Fault { error_rate: 0.08, ..HEALTHY_ARM },
        to_reach: None,
    },
];

fn main() {
    let (runs, rps) = (argument("--runs", 3), argument("--rps", 50));
    println!("{runs} runs of {} cases, {rps} requests a second each, {USERS} users each", CASES.len());
    let rows: Vec<Vec<Outcome>> = thread::scope(|scope| {
        let start = |case| (0..runs).map(|run| scope.spawn(move || soak(case, rps, run))).collect::<Vec<_>>();
        let started: Vec<_> = CASES.iter().map(start).collect();
        started.into_iter().map(|runs| runs.into_iter().map(|run| run.join().unwrap()).collect()).collect()
    });
    let mut is_good = true;
    for (case, outcomes) in CASES.iter().zip(rows) {
        is_good &= report(case, &outcomes);
    }
    if !is_good {
        std::process::exit(1);
    }
}

fn argument(name: &str, otherwise: u64) -> u64 {
    let arguments: Vec<String> = std::env::args().collect();
    let value = arguments.iter().position(|argument| argument == name).map(|at| arguments[at + 1].parse().unwrap());
    value.unwrap_or(otherwise)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn now() -> Instant {
    Instant::now()
}

/// What became of one run.
struct Outcome {
    /// Seconds from the fault to the decision as an operator sees it; none where nothing was rolled back.
    decided: Option<f64>,
    /// Seconds from the fault to the proof that everything is as before.
    proved: Option<f64>,
    /// The rollout at the end.
    rollout: Value,
    requests: u64,
    /// Kilobytes of the service's process before the fault and at the end.
    memory: [u64; 2],
}

fn report(case: &Case, outcomes: &[Outcome]) -> bool {
    println!("\n{}", case.name);
    for outcome in outcomes {
        let Outcome { decided, proved, rollout, requests, memory } = outcome;
        let seconds =
            |seconds: &Option<f64>| seconds.map_or_else(|| "never".to_owned(), |seconds| format!("{seconds:.1} s"));
        println!(
            "  {} requests; decided {}, proved {}; now {}; stages {}; {} → {} MB",
            requests,
            seconds(decided),
            seconds(proved),
            rollout["stage"],
            rollout["rollback"],
            memory[0] / 1_024,
            memory[1] / 1_024,
        );
    }
    let mut decided: Vec<f64> = outcomes.iter().filter_map(|outcome| outcome.decided).collect();
    decided.sort_by(f64::total_cmp);
    match case.to_reach {
        Some(to_reach) => {
            let all = decided.len() == outcomes.len();
            let median = decided.get(decided.len() / 2).copied().unwrap_or(f64::INFINITY);
            let verdict = if median <= to_reach { "reached" } else { "NOT reached" };
            println!("  median {median:.0} s, to reach {to_reach} s: {verdict}; all rolled back: {all}");
            all
        }
        None => {
            println!("  rolled back: {} of {}", decided.len(), outcomes.len());
            decided.is_empty()
        }
    }
}

fn soak(case: &Case, rps: u64, run: u64) -> Outcome {
    let service = Setup::new().with(&["--environment", "staging", "--faults", "true"]).start();
    let url = format!("{}/api/funds/{}/moic", service.address, service.fund());
    let tokens = tokens(&service);
    set_faults(&service, HEALTHY_ARM, HEALTHY_ARM);
    let policy = service::lotwise("rollout", &["policy", "reference"]).done();
    let policy = policy.replace("environment = \"production\"", "environment = \"staging\"");
    let file = service.file("policy.toml", &policy);
    let id = service.rollout(&["start", "--policy", &file, "--json"]).json()["id"].as_str().unwrap().to_owned();
    let traffic = Traffic::start(Plan { url, tokens, rps: rps as f64, connections: CONNECTIONS, seed: run });
    // Each run begins its fault at another moment of a tick.
    thread::sleep(HEALTHY + Duration::from_millis(run * 5_300 % 15_000));
    let before = memory_of(service.process());
    set_faults(&service, case.treatment, case.control);
    let began = now();
    let (mut decided, mut proved) = (None, None);
    let mut is_over = case.to_reach.is_some();
    while began.elapsed() < WATCHED && proved.is_none() {
        if !is_over && began.elapsed() >= INCIDENT {
            set_faults(&service, HEALTHY_ARM, HEALTHY_ARM);
            is_over = true;
        }
        let rollout = read(&service, &id);
        let elapsed = began.elapsed().as_secs_f64();
        match rollout["stage"].as_str().unwrap() {
            "RolledBack" => {
                decided.get_or_insert(elapsed);
                proved = Some(elapsed);
            }
            "RollingBack" | "Verifying" | "RollbackStuck" => {
                decided.get_or_insert(elapsed);
            }
            _ => {}
        }
        thread::sleep(POLL_INTERVAL);
    }
    let Sent { answered: requests, lost } = traffic.stop();
    assert_eq!(lost, 0, "every request is answered");
    let memory = [before, memory_of(service.process())];
    Outcome { decided, proved, rollout: read(&service, &id), requests, memory }
}

fn read(service: &Service, id: &str) -> Value {
    let (status, rollout) = service.ask("GET", &format!("/api/rollouts/{id}"), None);
    assert_eq!(status, 200, "{rollout}");
    rollout
}

fn tokens(service: &Service) -> Vec<String> {
    let token = |user: usize| {
        let (_, person) = service.ask("POST", "/api/people", Some(&json!({ "name": format!("User {user}") })));
        let body = json!({ "name": format!("user {user}"), "role": "viewer", "personId": person["id"] });
        let (status, created) = service.ask("POST", "/api/tokens", Some(&body));
        assert_eq!(status, 201, "{created}");
        created["token"].as_str().unwrap().to_owned()
    };
    (0..USERS).map(token).collect()
}

fn set_faults(service: &Service, treatment: Fault, control: Fault) {
    let arm =
        |fault: Fault| json!({ "errorRate": fault.error_rate, "delayMs": fault.delay_ms, "delaySigma": DELAY_SIGMA });
    let body = json!({ "treatment": arm(treatment), "control": arm(control) });
    let (status, answer) = service.ask("PUT", "/api/faults", Some(&body));
    assert_eq!(status, 200, "{answer}");
}

/// Resident memory of a process, in kilobytes.
fn memory_of(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
