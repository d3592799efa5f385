//! Time as the server sees it. Only the binary reads the machine's clock; everything here is handed one.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A source of time.
pub trait Clock: Send + Sync {
    /// The present instant, for records and for what a person sees.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment, never going back: for measuring how long something took.
    fn monotonic(&self) -> Duration;
}

/// Today's date in UTC: what `asOf` is when a request names none.
pub(crate) fn today(clock: &dyn Clock) -> Date {
    clock.now().to_zoned(TimeZone::UTC).date()
}

/// A clock that stands still so long after the epoch, for tests.
#[cfg(test)]
#[derive(Clone, Copy)]
pub(crate) struct StoppedClock(pub(crate) Duration);

#[cfg(test)]
impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH + self.0
    }

    fn monotonic(&self) -> Duration {
        self.0
    }
}
