use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use server::Clock;

/// 2026-01-05T00:00:00Z.
const START_SECONDS: i64 = 1_767_571_200;

/// A clock that only moves when a test moves it.
pub struct ManualClock {
    microseconds: AtomicI64,
}

impl ManualClock {
    pub fn new() -> Self {
        Self { microseconds: AtomicI64::new(START_SECONDS * 1_000_000) }
    }

    pub fn advance(&self, by: Duration) {
        self.microseconds.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.microseconds.load(Ordering::SeqCst)).unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.microseconds.load(Ordering::SeqCst)).unwrap())
    }
}
