//! One step of the controller: a tick at 50 requests a second in the default policy's canary, days after its entry.
//! `cargo bench -p rollout --bench controller`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot be carried out has no result")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use jiff::{SignedDuration, Timestamp};
use rollout::{
    ArmCounts, Controller, DEFAULT, Environment, Event, Latencies, Policy, Replay, Shared, Source, TICK, Tick, bounds,
};

/// Ticks before the measured one: a day.
const TICKS_BEFORE: i64 = 24 * 60 * 4;

fn arm(requests: u64) -> ArmCounts {
    let mut latency = Latencies::empty(bounds());
    for number in 0..requests {
        latency.note(0.05 * (number % 40 + 1) as f64);
    }
    let failures = requests / 300;
    ArmCounts { requests, failures, users: requests / 2, first_failures: failures, latency: Some(latency) }
}

fn tick(number: i64) -> Tick {
    let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(TICK.as_secs() * number);
    let shared = Shared { pool_in_use: Some(0.4), queue_depth: Some(3.0), ..Shared::default() };
    Tick { at, control: arm(675), treatment: arm(75), shared, source: Source::Ok }
}

fn step(criterion: &mut Criterion) {
    let policy = Policy::from_toml(DEFAULT).expect("the default policy is one");
    let controller = Controller::new(Arc::new(policy), Environment::Production, None);
    let mut replay = Replay::starting(&controller, tick(1).at);
    for number in 1..=TICKS_BEFORE {
        replay.tick(tick(number));
    }
    let (state, event) = (replay.state().clone(), Event::Tick(tick(TICKS_BEFORE + 1)));
    let now = tick(TICKS_BEFORE + 1).at;
    criterion.bench_function("a step of the controller", |bencher| {
        bencher.iter_batched(
            || state.clone(),
            |state| controller.step(black_box(state), &event, now).expect("a tick is taken"),
            BatchSize::SmallInput,
        );
    });
    let stored = serde_json::to_string(&state).expect("a state is written");
    println!("the state has {} bytes", stored.len());
}

criterion_group!(benches, step);
criterion_main!(benches);
