//! How often a key may ask.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::Clock;

/// Requests per second of each key, with as many at once. Keys are whatever settles who asks.
#[derive(Clone)]
pub(crate) struct Limiter<K: std::hash::Hash + Eq + Clone> {
    keys: Arc<RateLimiter<K, DashMapStateStore<K>, Monotonic, NoOpMiddleware<Duration>>>,
    clock: Monotonic,
}

/// A key has asked too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooOften {
    /// Seconds after which it may ask again, at least 1.
    pub(crate) retry_after: u64,
}

impl<K: std::hash::Hash + Eq + Clone> Limiter<K> {
    pub(crate) fn new(requests_per_second: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        Self::with_quota(Quota::per_second(requests_per_second), clock)
    }

    /// As many at once as a quota says, and no more over time.
    pub(crate) fn with_quota(quota: Quota, clock: Arc<dyn Clock>) -> Self {
        let clock = Monotonic(clock);
        let keys = RateLimiter::dashmap_with_clock(quota, clock.clone());
        Self { keys: Arc::new(keys), clock }
    }

    /// Forgets the keys that have not asked for so long that it makes no difference.
    pub(crate) fn forget_idle(&self) {
        self.keys.retain_recent();
        self.keys.shrink_to_fit();
    }

    /// Counts a request.
    ///
    /// # Errors
    /// [`TooOften`] for one too many.
    pub(crate) fn check(&self, key: &K) -> Result<(), TooOften> {
        self.keys.check_key(key).map_err(|refused| {
            let wait = refused.wait_time_from(self.clock.now());
            let rounded_up = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0));
            TooOften { retry_after: rounded_up.max(1) }
        })
    }
}

/// The server's clock, in governor's terms.
#[derive(Clone)]
struct Monotonic(Arc<dyn Clock>);

impl governor::clock::Clock for Monotonic {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.monotonic()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[derive(Default)]
    struct Seconds(AtomicU64);

    impl Clock for Seconds {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(self.0.load(Ordering::SeqCst))
        }
    }

    #[test]
    fn each_key_may_ask_so_often_and_is_told_when_again() {
        let clock = Arc::new(Seconds::default());
        let limiter = Limiter::new(NonZeroU32::new(2).unwrap(), clock.clone());
        assert_eq!([limiter.check(&"a"), limiter.check(&"a")], [Ok(()), Ok(())]);
        assert_eq!(limiter.check(&"a"), Err(TooOften { retry_after: 1 }));
        assert_eq!(limiter.check(&"b"), Ok(()), "another key has its own count");
        clock.0.store(1, Ordering::SeqCst);
        assert_eq!(limiter.check(&"a"), Ok(()));
    }
}
