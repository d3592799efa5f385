//! The time of the database, which all processes on it share: clocks of machines differ, and who is silent, or too late, must
//! not depend on whose clock is asked.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Beyond this the machine's own clock needs mending.
const DIFFERENCE_MAX: SignedDuration = SignedDuration::from_secs(5);

/// How far the database's clock is ahead of this process's own, as it was measured last.
#[derive(Debug, Default)]
pub(crate) struct DatabaseTime {
    ahead_us: AtomicI64,
}

impl DatabaseTime {
    /// Notes what both clocks showed at one moment.
    pub(crate) fn note(&self, own: Timestamp, database: Timestamp) {
        let ahead = database.duration_since(own);
        let ahead_us = i64::try_from(ahead.as_micros()).unwrap_or(0);
        let before = SignedDuration::from_micros(self.ahead_us.swap(ahead_us, Ordering::Relaxed));
        if ahead.abs() > DIFFERENCE_MAX && before.abs() <= DIFFERENCE_MAX {
            tracing::warn!(
                seconds = ahead.as_secs(),
                "this machine's clock differs from the database's, which counts for rollouts: let it be set by NTP"
            );
        }
    }

    /// What the database's clock shows when our own shows this.
    pub(crate) fn of(&self, own: Timestamp) -> Timestamp {
        own.checked_add(SignedDuration::from_micros(self.ahead_us.load(Ordering::Relaxed))).unwrap_or(own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_behind_is_put_right() {
        let (own, database) = (Timestamp::constant(1_000, 0), Timestamp::constant(1_090, 5_000));
        let time = DatabaseTime::default();
        assert_eq!(time.of(own), own, "before it was measured");
        time.note(own, database);
        assert_eq!(time.of(own), database);
        time.note(database, database);
        assert_eq!(time.of(own), own);
    }
}
