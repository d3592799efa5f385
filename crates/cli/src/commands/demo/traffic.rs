//! Simulated users: they ask at random moments and do not wait for each other, as real ones do.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Exp1};
use rand_pcg::Pcg64Mcg;

/// How long a user waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Requests that wait for a free connection; more are left out, as when a crowd gives up.
const WAITING_MAX: usize = 10_000;

/// What the users do.
pub struct Plan {
    /// The page's address, with its scheme.
    pub url: String,
    /// A token for each user.
    pub tokens: Vec<String>,
    /// Requests a second of all users together: Poisson arrivals.
    pub rps: f64,
    /// Requests at the same time, at most.
    pub connections: usize,
    /// The same seed has the same users ask in the same order.
    pub seed: u64,
}

/// What came of the requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Answered, whatever the status.
    pub answered: u64,
    /// No answer, or none in time.
    pub lost: u64,
}

/// Users that are asking.
pub struct Traffic {
    is_stopped: Arc<AtomicBool>,
    counts: Arc<Counts>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Counts {
    answered: AtomicU64,
    lost: AtomicU64,
}

impl Traffic {
    /// Lets the users ask until they are stopped.
    pub fn start(plan: Plan) -> Self {
        let (ask, asks) = sync_channel::<usize>(WAITING_MAX);
        let (is_stopped, counts) = (Arc::new(AtomicBool::new(false)), Arc::new(Counts::default()));
        let Plan { url, tokens, rps, connections, seed } = plan;
        let shared = Arc::new((url, tokens, Mutex::new(asks)));
        let users = shared.1.len();
        let mut threads: Vec<JoinHandle<()>> = (0..connections)
            .map(|_| {
                let (shared, counts) = (shared.clone(), counts.clone());
                thread::spawn(move || ask_away(&shared.0, &shared.1, &shared.2, &counts))
            })
            .collect();
        let (stopped, unsent) = (is_stopped.clone(), counts.clone());
        threads.push(thread::spawn(move || {
            let mut random = Pcg64Mcg::seed_from_u64(seed);
            while !stopped.load(Ordering::Relaxed) {
                let pause: f64 = Exp1.sample(&mut random);
                thread::sleep(Duration::from_secs_f64(pause / rps));
                match ask.try_send(random.random_range(0..users)) {
                    Ok(()) => {}
                    Err(TrySendError::Full(_)) => {
                        unsent.lost.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(TrySendError::Disconnected(_)) => return,
                }
            }
        }));
        Self { is_stopped, counts, threads }
    }

    /// Ends once the requests that are under way are answered.
    pub fn stop(self) -> Sent {
        self.is_stopped.store(true, Ordering::Relaxed);
        for thread in self.threads {
            // A thread that panicked has said so; what the others counted stays true.
            let _ = thread.join();
        }
        let Counts { answered, lost } = &*self.counts;
        Sent { answered: answered.load(Ordering::Relaxed), lost: lost.load(Ordering::Relaxed) }
    }
}

/// Carries requests out, one after the other, until there are no more.
fn ask_away(url: &str, tokens: &[String], asks: &Mutex<Receiver<usize>>, counts: &Counts) {
    let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE));
    let agent: ureq::Agent = config.build().into();
    loop {
        let next = asks.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Some(token) = next.ok().and_then(|user| tokens.get(user)) else { return };
        let answer = agent.get(url).header("Authorization", format!("Bearer {token}")).call();
        // Read to its end, so that the connection is used again.
        let read = answer.and_then(|mut answer| answer.body_mut().read_to_vec());
        let count = if read.is_ok() { &counts.answered } else { &counts.lost };
        count.fetch_add(1, Ordering::Relaxed);
    }
}
