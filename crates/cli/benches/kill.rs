//! The kill switch as clients meet it: from the operator's request to the first refused request, on one replica with
//! SQLite and on two replicas with PostgreSQL, while clients keep asking. `cargo bench -p lotwise --bench kill`.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that cannot run ends")]

#[path = "../../store/tests/store/postgres_server.rs"]
#[expect(dead_code, reason = "made for tests that stop their server")]
mod postgres_server;
#[path = "../tests/service/mod.rs"]
#[expect(dead_code, reason = "made for tests of the command line")]
mod service;

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use postgres_server::PostgresServer;
use serde_json::json;
use service::{ADMIN_TOKEN, Service, Setup};

const ROUNDS: usize = 100;
/// Clients that ask each replica without a pause.
const CLIENTS_PER_REPLICA: usize = 2;
/// A kill that takes longer than this has failed.
const DEADLINE: Duration = Duration::from_secs(10);

fn main() {
    measure("one replica, SQLite", &[Service::start()]);
    let server = PostgresServer::start();
    let url = server.database("postgres");
    let replicas = [Setup::new().on_database(&url).start(), Setup::new().on_database(&url).start()];
    measure("two replicas, PostgreSQL", &replicas);
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn now() -> Instant {
    Instant::now()
}

/// Kills at the first replica and waits until every client of every replica was refused; prints the times.
fn measure(name: &str, replicas: &[Service]) {
    let fund = replicas[0].fund();
    let path = format!("/api/funds/{fund}/portfolio/lots/moic");
    let (mut acts, mut answers) = (Vec::new(), vec![Vec::new(); replicas.len()]);
    for _ in 0..ROUNDS {
        for replica in replicas {
            wait_for(replica, &path, 200);
        }
        let clients: Vec<Vec<Client>> = replicas
            .iter()
            .map(|replica| (0..CLIENTS_PER_REPLICA).map(|_| Client::start(&replica.address, &path)).collect())
            .collect();
        thread::sleep(Duration::from_millis(20));
        let start = now();
        let (status, _) =
            replicas[0].ask("POST", "/api/flags/enableLotLevelMoic/kill", Some(&json!({ "reason": "bench" })));
        acts.push(start.elapsed());
        assert_eq!(status, 200);
        for (clients, times) in clients.into_iter().zip(&mut answers) {
            // The first client to be refused shows that the replica has heard of it; the slowest that all do.
            times.extend(clients.into_iter().map(|client| client.refused().saturating_duration_since(start)));
        }
        let body = json!({ "reason": "bench over" });
        replicas[0].ask("POST", "/api/flags/enableLotLevelMoic/restore", Some(&body));
    }
    println!("kill, {name}: answered after {}", percentiles(&mut acts));
    for (number, times) in answers.iter_mut().enumerate() {
        println!("kill, {name}: refused at replica {} after {}", number + 1, percentiles(times));
    }
}

fn wait_for(replica: &Service, path: &str, status: u16) {
    let start = now();
    while replica.ask("GET", path, None).0 != status {
        assert!(start.elapsed() < DEADLINE, "{path} never answers {status}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A client that asks until it is refused.
struct Client(JoinHandle<Instant>);

impl Client {
    fn start(address: &str, path: &str) -> Self {
        let url = format!("{address}{path}");
        Self(thread::spawn(move || {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let start = now();
            while start.elapsed() < DEADLINE {
                let answer = agent.get(&url).header("Authorization", format!("Bearer {ADMIN_TOKEN}")).call();
                let mut answer = answer.expect("the service answers");
                if answer.status().as_u16() == 503 {
                    return now();
                }
                // Read to its end, so that the connection is used again.
                answer.body_mut().read_to_vec().expect("a body");
            }
            panic!("the kill never came to {url}")
        }))
    }

    /// When it was refused.
    fn refused(self) -> Instant {
        self.0.join().expect("the client ran to its end")
    }
}

fn percentiles(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    format!("{:?} median, {:?} p99, {:?} at most, of {}", at(50), at(99), at(100), times.len())
}
