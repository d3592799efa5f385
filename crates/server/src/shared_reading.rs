//! One reading of a value for all who ask for it at the same time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;

/// How long somebody waits for another's reading before reading on their own: a reading takes a fraction of a millisecond, so
/// this one stands still, maybe because of its connection alone.
const PATIENCE: Duration = Duration::from_millis(50);

/// A value that others may change at any time. Whoever asks gets it from a reading that began after they asked, so that they
/// see everything that was stored before; those who ask while one is under way share the next.
#[derive(Debug, Default)]
pub(crate) struct SharedReading<T> {
    /// How many have asked.
    asked: AtomicU64,
    last: Mutex<Option<Reading<T>>>,
}

/// What was read for whom.
#[derive(Debug, Clone, Copy)]
struct Reading<T> {
    /// How many had asked when it began.
    asked: u64,
    value: T,
}

impl<T: Copy> SharedReading<T> {
    /// The value of a reading that began after this call, by `read` unless somebody else's serves.
    ///
    /// # Errors
    /// Those of `read`; whoever waited for it reads again.
    pub(crate) async fn get<E>(&self, read: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let before = self.asked.fetch_add(1, Ordering::SeqCst);
        let Ok(mut last) = tokio::time::timeout(PATIENCE, self.last.lock()).await else { return read.await };
        if let Some(reading) = last.as_ref().filter(|reading| before < reading.asked) {
            return Ok(reading.value);
        }
        let asked = self.asked.load(Ordering::SeqCst);
        let value = read.await?;
        *last = Some(Reading { asked, value });
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicI64;

    use tokio::sync::Semaphore;
    use tokio::task::JoinHandle;

    use super::*;

    /// A stored number whose readings end when they are let.
    struct Stored {
        shared: SharedReading<i64>,
        number: AtomicI64,
        readings: AtomicU64,
        may_end: Semaphore,
    }

    impl Stored {
        fn new() -> Arc<Self> {
            Arc::new(Self {
                shared: SharedReading::default(),
                number: AtomicI64::new(0),
                readings: AtomicU64::new(0),
                may_end: Semaphore::new(0),
            })
        }

        async fn read(&self) -> Result<i64, &'static str> {
            self.readings.fetch_add(1, Ordering::SeqCst);
            let number = self.number.load(Ordering::SeqCst);
            self.may_end.acquire().await.expect("it stays open").forget();
            if number < 0 { Err("it cannot be read") } else { Ok(number) }
        }

        /// Asks, and goes so far as it can.
        async fn ask(self: &Arc<Self>) -> JoinHandle<Result<i64, &'static str>> {
            let stored = Arc::clone(self);
            let asking = tokio::spawn(async move { stored.shared.get(stored.read()).await });
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
            asking
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_while_a_reading_is_under_way_shares_the_next_and_sees_what_was_stored_meanwhile() {
        let stored = Stored::new();
        let first = stored.ask().await;
        stored.number.store(7, Ordering::SeqCst);
        let later = [stored.ask().await, stored.ask().await, stored.ask().await];
        stored.may_end.add_permits(2);
        assert_eq!(first.await.expect("it ends"), Ok(0));
        for asking in later {
            assert_eq!(asking.await.expect("it ends"), Ok(7));
        }
        assert_eq!(stored.readings.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_read_before_somebody_asked_is_not_their_answer() {
        let stored = Stored::new();
        stored.may_end.add_permits(2);
        assert_eq!(stored.ask().await.await.expect("it ends"), Ok(0));
        stored.number.store(7, Ordering::SeqCst);
        assert_eq!(stored.ask().await.await.expect("it ends"), Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_reading_that_fails_or_is_given_up_is_nobody_elses_answer() {
        let stored = Stored::new();
        stored.number.store(-1, Ordering::SeqCst);
        let (given_up, failing) = (stored.ask().await, stored.ask().await);
        given_up.abort();
        assert!(given_up.await.expect_err("it was given up").is_cancelled());
        let later = stored.ask().await;
        stored.number.store(7, Ordering::SeqCst);
        stored.may_end.add_permits(2);
        assert_eq!(failing.await.expect("it ends"), Err("it cannot be read"));
        assert_eq!(later.await.expect("it ends"), Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_reading_that_stands_still_keeps_nobody_else_waiting() {
        let stored = Stored::new();
        let still = stored.ask().await;
        let other = stored.ask().await;
        // The clock moves on by itself once nobody has anything to do.
        tokio::time::sleep(PATIENCE * 2).await;
        assert_eq!(stored.readings.load(Ordering::SeqCst), 2, "it reads on its own");
        stored.may_end.add_permits(2);
        assert_eq!(other.await.expect("it ends"), Ok(0));
        assert_eq!(still.await.expect("it ends"), Ok(0));
    }
}
