//! The asynchronous face of the store: closures in, answers out.

use std::{fmt, sync::Arc, thread::JoinHandle, time::Duration};

use flume::Sender;

use crate::{
    DatabaseUrl, StoreError, StoreOptions, Transaction,
    connection::{
        postgres,
        postgres_session::{Connector, Reachability},
        request::{self, Request},
        sqlite,
    },
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
        // On a thread of its own: it waits for the database, which a thread that runs asynchronous tasks must not.
        std::thread::scope(|scope| scope.spawn(|| Threads::start(url, options)).join())
            .unwrap_or_else(|_| Err(StoreError::Internal("opening the database panicked".to_owned())))
            .map(|threads| Self { threads: Arc::new(threads) })
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
        self.ask(|queues| &queues.reads, work).await
    }

    /// Runs `work` in one transaction and answers when it is durably committed; on an error nothing of it is stored.
    /// `work` can run more than once: PostgreSQL may break a deadlock by undoing it. Once begun it is not stopped by
    /// dropping the future.
    ///
    /// # Errors
    /// What `work` returns; `Full`, `Overloaded`, `Unavailable` and `Conflict` from the database. After `Unavailable`
    /// because no answer came in time, the transaction may still be committed: repeat it with its idempotency key.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.ask(|queues| &queues.writes, work).await
    }

    async fn ask<T, F>(&self, queue: impl Fn(&Queues) -> &Sender<Box<dyn Request>>, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.threads.reachability.check()?;
        let closed = || StoreError::Unavailable("the store is closed".to_owned());
        let (request, answer) = request::new(work);
        let queues = self.threads.queues.as_ref().ok_or_else(closed)?;
        queue(queues).try_send(request).map_err(|error| match error {
            flume::TrySendError::Full(_) => StoreError::Overloaded("too many requests are waiting".to_owned()),
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

impl Threads {
    fn start(url: &DatabaseUrl, options: &StoreOptions) -> Result<Self, StoreError> {
        let (reads, read_queue) = flume::bounded(options.queue_length_max);
        let (writes, write_queue) = flume::bounded(options.queue_length_max);
        let mut threads = Self {
            url: url.clone(),
            answer_timeout: options.answer_timeout,
            queues: Some(Queues { reads, writes }),
            reachability: Reachability::default(),
            handles: Vec::new(),
            lock: None,
        };
        match url {
            DatabaseUrl::Sqlite(path) => {
                threads.lock = Some(sqlite::lock(path)?);
                let writer = sqlite::open_writer(path, options)?;
                migrations::on_sqlite(&writer, migrations::LATEST_VERSION)?;
                threads.handles.push(sqlite::spawn_writer(writer, write_queue, options.group_size_max)?);
                for _ in 0..options.readers.max(1) {
                    let reader = sqlite::open_reader(path, options)?;
                    threads.handles.push(sqlite::spawn_reader(reader, read_queue.clone())?);
                }
            }
            DatabaseUrl::Postgres(url) => {
                let connector = Connector::new(url, options, threads.reachability.clone())?;
                migrations::on_postgres(&mut connector.connect()?, migrations::LATEST_VERSION)?;
                for _ in 0..options.readers.max(1) {
                    postgres::spawn(connector.clone(), postgres::Access::Read, read_queue.clone())?;
                }
                for _ in 0..options.writers.max(1) {
                    postgres::spawn(connector.clone(), postgres::Access::Write, write_queue.clone())?;
                }
            }
        }
        Ok(threads)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        drop(self.queues.take());
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
