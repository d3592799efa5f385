//! How long it takes to store what a process counted in a tick, and how much that is: 50 and 500 requests a second of as many
//! users, on SQLite (`synchronous=FULL`) and PostgreSQL. `cargo bench -p store --bench tick_write`.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark that cannot run has no result"
)]

#[path = "../tests/store/postgres_server.rs"]
#[expect(dead_code, reason = "made for tests that stop their server")]
mod postgres_server;

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use postgres_server::PostgresServer;
use rollout::{ArmCounts, Environment, Latencies, Shared, State, TICK, bounds};
use store::rollout_evidence::{self, Counts, SeenUser};
use store::rollouts::{self, NewRollout, Observes};
use store::{DatabaseUrl, RolloutId, Store, StoreError, StoreOptions, Transaction, UserHash, ids};

const TICKS: i64 = 200;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("ticks.db");
    let server = PostgresServer::start();
    let postgres: DatabaseUrl = server.database("postgres").parse().expect("the server's URL");
    for requests in [750, 7_500] {
        let stored = serde_json::to_string(&counts(requests)).expect("counts are written");
        println!("the row of a tick of {requests} requests has {} bytes", stored.len());
    }
    for (name, url) in [("SQLite", DatabaseUrl::Sqlite(file.clone())), ("PostgreSQL", postgres)] {
        let store = Store::open(&url, &StoreOptions::default()).expect("an open database");
        for (requests, known) in [(750, false), (750, true), (7_500, false), (7_500, true)] {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            let id = runtime.block_on(store.write(observed)).expect("a rollout");
            let times = runtime.block_on(ticks(&store, id, requests, known));
            let users = if known { "all users known" } else { "all users new" };
            println!("{name}: a tick of {requests} requests, {users}: {}", percentiles(times));
            runtime.block_on(store.write(move |tx| end(tx, id))).expect("an end");
        }
    }
}

fn observed(tx: &mut Transaction<'_>) -> Result<RolloutId, StoreError> {
    let now = Timestamp::UNIX_EPOCH;
    let new = NewRollout {
        id: RolloutId(ids::uuid_v7(now)?),
        flag_key: "enableLotLevelMoic",
        environment: Environment::Production,
        policy: rollout::REFERENCE,
        policy_hash: "sha256:0",
        latency_baseline: None,
        state: &State::draft(now),
    };
    let mut rollout = rollouts::create(tx, &new, "person:1", now)?;
    (rollout.observes, rollout.entry) = (Observes::Hashed, 1);
    rollouts::save(tx, &rollout, now)?;
    Ok(rollout.id)
}

/// So that the next one of the flag can be written down.
fn end(tx: &mut Transaction<'_>, id: RolloutId) -> Result<(), StoreError> {
    let mut rollout = rollouts::get(tx, id)?;
    rollout.ended_at = Some(Timestamp::UNIX_EPOCH);
    rollouts::save(tx, &rollout, Timestamp::UNIX_EPOCH)
}

async fn ticks(store: &Store, id: RolloutId, requests: u64, known: bool) -> Vec<Duration> {
    let mut times = Vec::new();
    for number in 1..=TICKS {
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(TICK.as_secs() * number);
        let counts = counts(requests);
        // A process hands a user in again only with their first failure.
        let users: Vec<SeenUser> =
            if known { Vec::new() } else { (0..requests).map(|user| seen(number, user)).collect() };
        let start = now();
        let write = move |tx: &mut Transaction<'_>| rollout_evidence::record(tx, id, 1, at, "replica", &counts, &users);
        store.write(write).await.expect("a stored tick");
        times.push(start.elapsed());
    }
    times
}

fn counts(requests: u64) -> Counts {
    Counts {
        treatment: arm(requests / 10),
        control: arm(requests * 9 / 10),
        shared: Shared { pool_in_use: Some(0.4), queue_depth: Some(3.0), ..Shared::default() },
        ..Counts::default()
    }
}

fn arm(requests: u64) -> ArmCounts {
    let mut latency = Latencies::empty(bounds());
    for number in 0..requests {
        // Spread over most of the buckets, as 0.4 s with a deviation of 0.8 is.
        latency.note(0.05 * 1.2_f64.powi(i32::try_from(number % 24).unwrap()));
    }
    ArmCounts { requests, failures: requests / 300, latency: Some(latency), ..ArmCounts::default() }
}

fn seen(tick: i64, user: u64) -> SeenUser {
    let hash = UserHash(u128::from(tick.unsigned_abs()) << 64 | u128::from(user));
    SeenUser { hash, in_treatment: user.is_multiple_of(10), failed: user.is_multiple_of(300) }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn now() -> Instant {
    Instant::now()
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    format!("{:.1?} median, {:.1?} p99", at(50), at(99))
}
