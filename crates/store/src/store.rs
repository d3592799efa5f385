//! The asynchronous face of the store: closures in, answers out.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use flume::Sender;
use tokio::sync::{oneshot, watch};

use crate::{
    DatabaseUrl, StoreError, StoreOptions, Transaction,
    connection::{
        postgres,
        postgres_listener::{self, count_up},
        postgres_session::{Connector, PostgresSession, Reachability},
        request::{self, Request},
        sqlite,
    },
    meter::{Access, Load, Measures, Meter, ThreadLoad, Timing},
    migrations,
};

/// An open database. Cheap to clone; the last clone to go closes it.
#[derive(Clone)]
pub struct Store {
    threads: Arc<Threads>,
}

struct Threads {
    url: DatabaseUrl,
    answer_timeout: Duration,
    queues: Option<Queues>,
    reachability: Reachability,
    is_migrated: Arc<AtomicBool>,
    flag_changes: watch::Sender<u64>,
    /// Transactions that lost a deadlock; SQLite, with its one writer, has none.
    deadlocks: Arc<AtomicU64>,
    measures: Arc<Measures>,
    /// Groups of writes that SQLite's writer has committed.
    commits: Arc<AtomicU64>,
    /// Threads for reading and for writing.
    connections: (usize, usize),
    /// PostgreSQL's listener ends when this is dropped.
    listening: Option<oneshot::Sender<()>>,
    /// SQLite's threads are waited for, so that whoever opens the file next finds it closed.
    handles: Vec<JoinHandle<()>>,
    lock: Option<sqlite::ProcessLock>,
}

struct Queues {
    reads: Sender<Box<dyn Request>>,
    writes: Sender<Box<dyn Request>>,
}

impl Store {
    /// Opens the database, migrates its schema to this version and starts the threads. A missing SQLite file is created.
    /// Blocks until done: call it before serving, or through `spawn_blocking`.
    ///
    /// # Errors
    /// `Unusable` when the file is locked by another process or its schema is newer or was changed; `Unavailable` when
    /// the server cannot be reached; `Full` when the disk is.
    pub fn open(url: &DatabaseUrl, options: &StoreOptions) -> Result<Self, StoreError> {
        Self::start(url, options, Absence::Refused)
    }

    /// Opens the database as [`Store::open`] does, except that a PostgreSQL server that cannot be reached is waited for in
    /// the background: until it is there and its schema is of this version, every request is refused with `Unavailable`.
    /// Blocks for one connection attempt at most, and for the migration when that succeeds.
    ///
    /// # Errors
    /// As [`Store::open`], without `Unavailable` for PostgreSQL. A schema that turns out to be newer or changed only when
    /// the server is back is named in the refusals.
    pub fn open_unreachable_ok(url: &DatabaseUrl, options: &StoreOptions) -> Result<Self, StoreError> {
        Self::start(url, options, Absence::Awaited)
    }

    fn start(url: &DatabaseUrl, options: &StoreOptions, absence: Absence) -> Result<Self, StoreError> {
        // On a thread of its own: it waits for the database, which a thread that runs asynchronous tasks must not.
        std::thread::scope(|scope| scope.spawn(|| Threads::start(url, options, absence)).join())
            .unwrap_or_else(|_| Err(StoreError::Internal("opening the database panicked".to_owned())))
            .map(|threads| Self { threads: Arc::new(threads) })
    }

    /// True once the database was reached and its schema is of this version, even when it has gone away since.
    pub fn is_migrated(&self) -> bool {
        self.threads.is_migrated.load(Ordering::Acquire)
    }

    /// Changes whenever flags may answer differently than before: after each commit of this store that raised the
    /// revision of [`flag_book`](crate::flag_book); on PostgreSQL also after those of other processes, and after each new
    /// connection to the server, since what happened before it was not heard. The number itself means nothing.
    pub fn flag_changes(&self) -> watch::Receiver<u64> {
        self.threads.flag_changes.subscribe()
    }

    /// A number that every commit changes, before its writer is answered: what was read after this was taken is still so
    /// while it is the same. None on PostgreSQL, where other processes write too.
    pub fn commits(&self) -> Option<u64> {
        match self.threads.url {
            DatabaseUrl::Sqlite(_) => Some(self.threads.commits.load(Ordering::Acquire)),
            DatabaseUrl::Postgres(_) => None,
        }
    }

    /// How often a transaction of this process has lost a deadlock, since it started. Each was run again.
    pub fn deadlocks(&self) -> u64 {
        self.threads.deadlocks.load(Ordering::Relaxed)
    }

    /// How full the queues before the database's threads are, the fuller one, from 0 to 1: at 1 requests are refused.
    pub fn queue_in_use(&self) -> f64 {
        let Some(queues) = &self.threads.queues else { return 1.0 };
        let share = |queue: &Sender<Box<dyn Request>>| {
            let places = u32::try_from(queue.capacity().unwrap_or(1).max(1)).unwrap_or(u32::MAX);
            f64::from(u32::try_from(queue.len()).unwrap_or(u32::MAX)) / f64::from(places)
        };
        share(&queues.reads).max(share(&queues.writes))
    }

    /// Has `meter` take the times of transactions from now on. The first one stays.
    pub fn measure_with(&self, meter: Arc<dyn Meter>) {
        let _ = self.threads.measures.meter.set(meter);
    }

    /// How busy the store is now.
    pub fn load(&self) -> Load {
        let Threads { measures, connections, .. } = &*self.threads;
        let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let waiting = |queue: fn(&Queues) -> &Sender<Box<dyn Request>>| {
            self.threads.queues.as_ref().map_or(0, |queues| narrow(queue(queues).len()))
        };
        Load {
            reads: ThreadLoad {
                connections: narrow(connections.0),
                in_use: measures.reading.count(),
                waiting: waiting(|queues| &queues.reads),
            },
            writes: ThreadLoad {
                connections: narrow(connections.1),
                in_use: measures.writing.count(),
                waiting: waiting(|queues| &queues.writes),
            },
            refused: measures.refused.load(Ordering::Relaxed),
            deadlocks: self.deadlocks(),
            is_reachable: self.threads.reachability.check().is_ok(),
        }
    }

    /// Which database this is. Shows no password.
    pub fn url(&self) -> &DatabaseUrl {
        &self.threads.url
    }

    /// Runs `work` on one consistent view of the data. It must not write.
    ///
    /// # Errors
    /// What `work` returns; `Overloaded` when too many requests wait; `Unavailable` when the database cannot be reached.
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.ask(Access::Read, work).await
    }

    /// Runs `work` in one transaction and answers when it is durably committed; on an error nothing of it is stored.
    /// `work` can run more than once: PostgreSQL may break a deadlock by undoing it. Dropping the future
    /// does not stop work that has begun; on PostgreSQL what nobody waits for any more is rolled back instead of committed.
    ///
    /// # Errors
    /// What `work` returns; `Full`, `Overloaded`, `Unavailable` and `Conflict` from the database. After `Unavailable`
    /// because no answer came in time, the transaction may still be committed: repeat it with its idempotency key.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.ask(Access::Write, work).await
    }

    async fn ask<T, F>(&self, access: Access, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.threads.reachability.check()?;
        let closed = || StoreError::Unavailable("the store is closed".to_owned());
        let timing = Timing::start(&self.threads.measures, access);
        let (request, answer) = request::new(work, self.threads.flag_changes.clone(), timing);
        let queues = self.threads.queues.as_ref().ok_or_else(closed)?;
        let queue = match access {
            Access::Read => &queues.reads,
            Access::Write => &queues.writes,
        };
        queue.try_send(request).map_err(|error| match error {
            flume::TrySendError::Full(_) => {
                self.threads.measures.refused.fetch_add(1, Ordering::Relaxed);
                StoreError::Overloaded("too many requests are waiting".to_owned())
            }
            flume::TrySendError::Disconnected(_) => closed(),
        })?;
        match tokio::time::timeout(self.threads.answer_timeout, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(closed()),
            Err(_) => Err(StoreError::Unavailable(format!(
                "no answer within {} s; a write may still be carried out",
                self.threads.answer_timeout.as_secs_f32()
            ))),
        }
    }
}

/// What to do about a PostgreSQL server that cannot be reached at the start.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Absence {
    Refused,
    Awaited,
}

impl Threads {
    fn start(url: &DatabaseUrl, options: &StoreOptions, absence: Absence) -> Result<Self, StoreError> {
        let (reads, read_queue) = flume::bounded(options.queue_length_max);
        let (writes, write_queue) = flume::bounded(options.queue_length_max);
        let mut threads = Self {
            url: url.clone(),
            answer_timeout: options.answer_timeout,
            queues: Some(Queues { reads, writes }),
            reachability: Reachability::default(),
            is_migrated: Arc::default(),
            flag_changes: watch::Sender::new(0),
            deadlocks: Arc::default(),
            measures: Arc::default(),
            commits: Arc::default(),
            connections: (options.readers.max(1), options.writers.max(1)),
            listening: None,
            handles: Vec::new(),
            lock: None,
        };
        match url {
            DatabaseUrl::Sqlite(path) => {
                threads.lock = Some(sqlite::lock(path)?);
                let writer = sqlite::open_writer(path, options)?;
                migrations::on_sqlite(&writer, migrations::LATEST_VERSION)?;
                threads.is_migrated.store(true, Ordering::Release);
                threads.connections.1 = 1;
                let (reading, writing) = (&threads.measures.reading, threads.measures.writing.clone());
                let commits = Arc::clone(&threads.commits);
                threads.handles.push(sqlite::spawn_writer(
                    writer,
                    write_queue,
                    options.group_size_max,
                    writing,
                    commits,
                )?);
                for _ in 0..options.readers.max(1) {
                    let reader = sqlite::open_reader(path, options)?;
                    threads.handles.push(sqlite::spawn_reader(reader, read_queue.clone(), reading.clone())?);
                }
            }
            DatabaseUrl::Postgres(url) => {
                let connector = Connector::new(url, options, threads.reachability.clone())?;
                threads.deadlocks = connector.deadlocks();
                threads.migrate(&connector, absence)?;
                for _ in 0..options.readers.max(1) {
                    let busy = threads.measures.reading.clone();
                    postgres::spawn(connector.clone(), Access::Read, read_queue.clone(), busy)?;
                }
                for _ in 0..options.writers.max(1) {
                    let busy = threads.measures.writing.clone();
                    postgres::spawn(connector.clone(), Access::Write, write_queue.clone(), busy)?;
                }
                let (listening, end) = oneshot::channel();
                postgres_listener::spawn(connector, threads.flag_changes.clone(), end)?;
                threads.listening = Some(listening);
            }
        }
        Ok(threads)
    }

    /// Brings PostgreSQL's schema up to this version: now, or as soon as the server is there.
    fn migrate(&self, connector: &Connector, absence: Absence) -> Result<(), StoreError> {
        let (is_migrated, flag_changes) = (Arc::clone(&self.is_migrated), self.flag_changes.clone());
        let migrate = move |session: &mut PostgresSession| {
            migrations::on_postgres(session, migrations::LATEST_VERSION)?;
            is_migrated.store(true, Ordering::Release);
            count_up(&flag_changes);
            Ok(())
        };
        match connector.connect().and_then(|mut session| migrate(&mut session)) {
            Err(error @ StoreError::Unavailable(_)) if absence == Absence::Awaited => {
                connector.look_for_server(&error, migrate);
                Ok(())
            }
            outcome => outcome,
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        drop(self.queues.take());
        drop(self.listening.take());
        for handle in self.handles.drain(..) {
            let _ = handle.join();
        }
        drop(self.lock.take());
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Store({})", self.threads.url)
    }
}
