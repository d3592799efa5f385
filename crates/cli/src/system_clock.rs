//! The machine's clock: the one place of the product that reads it.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// The time of this machine.
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Starts the monotonic clock.
    #[expect(clippy::disallowed_methods, reason = "the binary hands the time to everything else")]
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
}

impl server::Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the binary hands the time to everything else")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The present instant.
#[expect(clippy::disallowed_methods, reason = "the binary hands the time to everything else")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The instant `hours` after `instant`; `instant` itself where there is none, so that what expires then has expired.
pub fn hours_after(instant: Timestamp, hours: i64) -> Timestamp {
    instant.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(instant)
}
