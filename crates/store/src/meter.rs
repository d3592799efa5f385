//! What the store tells of its work: how long transactions waited and took, and how busy its threads are.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU32, AtomicU64, Ordering},
};
use std::time::Duration;

/// What a transaction may do, and so which threads run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// It reads.
    Read,
    /// It may write.
    Write,
}

/// Takes the times of transactions. The store itself knows no clock.
pub trait Meter: Send + Sync {
    /// Time since some fixed moment, never going back.
    fn monotonic(&self) -> Duration;

    /// A transaction has ended, committed or not. `waited` is from its request until a thread took it up, `took` from
    /// then until it was answered, the commit and further attempts after a deadlock included.
    fn transaction(&self, access: Access, waited: Duration, took: Duration);
}

/// The threads of one kind at an instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThreadLoad {
    /// Threads, each with a connection of its own.
    pub connections: u32,
    /// Those that run a transaction.
    pub in_use: u32,
    /// Transactions that wait for one.
    pub waiting: u32,
}

/// How busy the store is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Threads for reading.
    pub reads: ThreadLoad,
    /// Threads for writing.
    pub writes: ThreadLoad,
    /// Transactions refused since the start because too many waited.
    pub refused: u64,
    /// Transactions that lost a deadlock since the start; each was run again.
    pub deadlocks: u64,
    /// Whether the database answered when it was last needed.
    pub is_reachable: bool,
}

/// The meter, once somebody has brought one, and what is counted without.
#[derive(Default)]
pub(crate) struct Measures {
    pub(crate) meter: OnceLock<Arc<dyn Meter>>,
    pub(crate) refused: AtomicU64,
    pub(crate) reading: Busy,
    pub(crate) writing: Busy,
}

/// Threads that run a transaction.
#[derive(Clone, Default)]
pub(crate) struct Busy(Arc<AtomicU32>);

impl Busy {
    /// Counts the calling thread until the guard is dropped.
    pub(crate) fn enter(&self) -> BusyThread<'_> {
        self.0.fetch_add(1, Ordering::Relaxed);
        BusyThread(self)
    }

    pub(crate) fn count(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A thread that runs a transaction.
pub(crate) struct BusyThread<'b>(&'b Busy);

impl Drop for BusyThread<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The times of one request on its way.
pub(crate) struct Timing {
    measures: Arc<Measures>,
    access: Access,
    requested_at: Option<Duration>,
    begun_at: Option<Duration>,
}

impl Timing {
    pub(crate) fn start(measures: &Arc<Measures>, access: Access) -> Self {
        let requested_at = measures.meter.get().map(|meter| meter.monotonic());
        Self { measures: Arc::clone(measures), access, requested_at, begun_at: None }
    }

    /// A thread has taken the request up. Further attempts belong to the first.
    pub(crate) fn begin(&mut self) {
        if let (None, Some(meter)) = (self.begun_at, self.measures.meter.get()) {
            self.begun_at = Some(meter.monotonic());
        }
    }

    /// The request is answered. One that no thread took up is none.
    pub(crate) fn end(&self) {
        let (Some(meter), Some(requested_at), Some(begun_at)) =
            (self.measures.meter.get(), self.requested_at, self.begun_at)
        else {
            return;
        };
        let took = meter.monotonic().saturating_sub(begun_at);
        meter.transaction(self.access, begun_at.saturating_sub(requested_at), took);
    }
}
