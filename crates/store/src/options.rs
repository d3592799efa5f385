//! How the store is opened.

use std::time::Duration;

/// Sizes and time limits of the store's threads and connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// Threads, each with its own connection, that run reads.
    pub readers: usize,
    /// PostgreSQL: threads, each with its own connection, that run writes. SQLite has one writer.
    pub writers: usize,
    /// Requests that may wait for a thread before further ones are refused with `Overloaded`.
    pub queue_length_max: usize,
    /// SQLite: requests that share one commit at most.
    pub group_size_max: usize,
    /// PostgreSQL: how long a connection attempt may take.
    pub connect_timeout: Duration,
    /// PostgreSQL: how long one statement may take.
    pub statement_timeout: Duration,
    /// How long a statement waits for a lock that another transaction or process holds.
    pub lock_timeout: Duration,
    /// How long a caller waits for an answer before it gets `Unavailable`.
    pub answer_timeout: Duration,
    /// SQLite: the size in pages of 4 KiB above which the file may not grow; none for no limit but the disk's.
    pub sqlite_pages_max: Option<u32>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            readers: 4,
            writers: 8,
            queue_length_max: 4096,
            group_size_max: 256,
            connect_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
            answer_timeout: Duration::from_secs(30),
            sqlite_pages_max: None,
        }
    }
}
