//! A rolling restart under load, behind whoever spreads requests over the replicas that say they are ready.

use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::load::{Answer, Fund, Replicas, agent, ask};
use crate::postgres_server::PostgresServer;
use crate::service::{Service, Setup};

const REPLICAS: usize = 3;
/// How often a proxy looks at `/readyz`.
const LOOK: Duration = Duration::from_millis(100);
/// Requests that have to succeed between two restarts.
const REQUESTS_BETWEEN: u64 = 30;

/// A proxy that follows `/readyz`, and tries another replica where one was never reached.
struct Proxy {
    replicas: Replicas,
    is_ready: [AtomicBool; REPLICAS],
    end: AtomicBool,
    answered: AtomicU64,
    turn: AtomicU64,
}

impl Proxy {
    fn look(&self) {
        let agent = agent();
        while !self.end.load(Ordering::SeqCst) {
            for (number, is_ready) in self.is_ready.iter().enumerate() {
                let answer = ask(&agent, &self.replicas.address(number), "/readyz", None);
                is_ready.store(matches!(answer, Answer::Said(200, _)), Ordering::SeqCst);
            }
            std::thread::sleep(LOOK);
        }
    }

    /// The answer of a replica that is ready.
    fn ask(&self, agent: &ureq::Agent, path: &str, body: Option<(&str, &Value)>) -> (u16, Value) {
        let limit = Instant::now() + Duration::from_secs(10);
        while Instant::now() < limit {
            let number = usize::try_from(self.turn.fetch_add(1, Ordering::SeqCst)).unwrap() % REPLICAS;
            if !self.is_ready[number].load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
                continue;
            }
            match ask(agent, &self.replicas.address(number), path, body) {
                Answer::Said(status, answer) => return (status, answer),
                Answer::NotReached => {}
                Answer::BrokenOff(error) => panic!("{path} broke off at replica {number}: {error}"),
            }
        }
        panic!("no replica is ready");
    }

    fn write_and_read(&self, client: usize, fund: &Fund) {
        let agent = agent();
        for number in 0.. {
            if self.end.load(Ordering::SeqCst) {
                return;
            }
            let key = format!("{client}-{number}");
            let (status, answer) = self.ask(&agent, &fund.path("/portfolio/lots"), Some((&key, &fund.lot(number))));
            assert_eq!(status, 201, "{answer}");
            let (status, answer) = self.ask(&agent, &fund.path("/portfolio/lots/moic"), None);
            assert_eq!(status, 200, "{answer}");
            self.answered.fetch_add(2, Ordering::SeqCst);
        }
    }

    fn after_further_requests(&self, count: u64) {
        let before = self.answered.load(Ordering::SeqCst);
        let limit = Instant::now() + Duration::from_secs(30);
        while self.answered.load(Ordering::SeqCst) < before + count {
            assert!(Instant::now() < limit, "the load stands still");
            std::thread::sleep(LOOK);
        }
    }
}

#[test]
fn a_rolling_restart_under_load_fails_not_one_request() {
    let server = PostgresServer::start();
    let url = server.database("postgres");
    let start = || Setup::new().on_database(&url).with(&["--drain-seconds", "1"]).start();
    let mut services: Vec<Option<Service>> = (0..REPLICAS).map(|_| Some(start())).collect();
    let fund = Fund::with_companies(services[0].as_ref().unwrap(), 12);
    let proxy = Proxy {
        replicas: Replicas::of(&services),
        is_ready: std::array::from_fn(|_| AtomicBool::new(false)),
        end: AtomicBool::new(false),
        answered: AtomicU64::new(0),
        turn: AtomicU64::new(0),
    };
    std::thread::scope(|scope| {
        scope.spawn(|| proxy.look());
        let clients: Vec<_> = (0..4)
            .map(|client| {
                let (proxy, fund) = (&proxy, &fund);
                scope.spawn(move || proxy.write_and_read(client, fund))
            })
            .collect();
        let restarted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for (number, service) in services.iter_mut().enumerate() {
                proxy.after_further_requests(REQUESTS_BETWEEN);
                assert!(clients.iter().all(|client| !client.is_finished()), "a request failed");
                // SIGTERM, and the wait for its end.
                drop(service.take().unwrap().stop());
                let next = start();
                proxy.replicas.moved(number, &next.address);
                *service = Some(next);
            }
            proxy.after_further_requests(REQUESTS_BETWEEN);
        }));
        proxy.end.store(true, Ordering::SeqCst);
        for client in clients {
            client.join().expect("not one request fails");
        }
        if let Err(fault) = restarted {
            std::panic::resume_unwind(fault);
        }
    });
    assert!(proxy.answered.load(Ordering::SeqCst) >= 4 * REQUESTS_BETWEEN);
}

fn tell(service: &Service, signal: &str) {
    let told = Command::new("kill").args(["-s", signal, &service.process().to_string()]).status().unwrap();
    assert!(told.success());
}

#[test]
fn a_replica_that_is_told_to_end_says_so_while_it_still_answers_and_a_second_signal_ends_it() {
    let service = Setup::new().with(&["--drain-seconds", "600"]).start();
    // Once it answers, it also listens to signals.
    assert_eq!(service.ask("GET", "/readyz", None).0, 200);
    tell(&service, "TERM");
    let mut answer = service.ask("GET", "/readyz", None);
    while answer.0 == 200 {
        std::thread::sleep(Duration::from_millis(5));
        answer = service.ask("GET", "/readyz", None);
    }
    assert_eq!((answer.0, answer.1["status"].as_str()), (503, Some("stopping")));
    assert_eq!(service.ask("GET", "/healthz", None).0, 200, "it is alive: nobody has to kill it");
    assert_eq!(service.ask("GET", "/api/funds", None).0, 200, "whoever still comes is answered");
    // Waits for its end, which is not ten minutes away.
    drop(service.stop());
}
