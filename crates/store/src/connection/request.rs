//! A closure on its way to a database thread, and its answer on the way back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::{oneshot, watch};

use super::postgres_listener::count_up;
use crate::{StoreError, Transaction, meter::Timing};

/// One transaction to be run. It answers its caller exactly once: by [`Request::succeed`] after the commit, or by
/// [`Request::fail`].
pub(crate) trait Request: Send {
    /// Runs the closure; on success the value is kept until the commit is durable.
    fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), StoreError>;
    /// Answers with the kept value.
    fn succeed(self: Box<Self>);
    /// Answers with an error.
    fn fail(self: Box<Self>, error: StoreError);
    /// True when nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
}

struct Pending<T, F> {
    work: F,
    value: Option<T>,
    answer: oneshot::Sender<Result<T, StoreError>>,
    /// Counted up after a commit that changed what flags answer.
    flag_changes: watch::Sender<u64>,
    changes_flags: bool,
    timing: Timing,
}

/// A request for `work` and the place where its answer arrives.
pub(crate) fn new<T, F>(
    work: F,
    flag_changes: watch::Sender<u64>,
    timing: Timing,
) -> (Box<dyn Request>, oneshot::Receiver<Result<T, StoreError>>)
where
    T: Send + 'static,
    F: Fn(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
{
    let (answer, receiver) = oneshot::channel();
    let changes_flags = false;
    (Box::new(Pending { work, value: None, answer, flag_changes, changes_flags, timing }), receiver)
}

impl<T, F> Request for Pending<T, F>
where
    T: Send + 'static,
    F: Fn(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
{
    fn run(&mut self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        self.value = None;
        self.timing.begin();
        // A panic in one closure must not take the thread, and with it everybody else's requests, down.
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.work)(tx)))
            .unwrap_or_else(|_| Err(StoreError::Internal("a transaction panicked and was rolled back".to_owned())));
        self.changes_flags = tx.flags_changed();
        match (outcome, tx.failure()) {
            (Ok(_), Some(failure)) => Err(failure.clone()),
            (Ok(value), None) => {
                self.value = Some(value);
                Ok(())
            }
            (Err(error), _) => Err(error),
        }
    }

    fn succeed(self: Box<Self>) {
        self.timing.end();
        let Self { value, answer, flag_changes, changes_flags, .. } = *self;
        if changes_flags {
            count_up(&flag_changes);
        }
        let value = value.ok_or_else(|| StoreError::Internal("a request was answered before it ran".to_owned()));
        // The caller may have gone; then nobody is there to be told.
        let _ = answer.send(value);
    }

    fn fail(self: Box<Self>, error: StoreError) {
        self.timing.end();
        let _ = self.answer.send(Err(error));
    }

    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }
}
