//! Processes that serve: who is there, so that what every one of them must have can be asked for.

use jiff::Timestamp;

use crate::{StoreError, Transaction, row::params, statements::statements};

/// A process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replica {
    /// Its id, of this run.
    pub id: String,
    /// When it started.
    pub started_at: Timestamp,
    /// When it was last seen.
    pub seen_at: Timestamp,
}

statements! { "replicas";
    SEE = "INSERT INTO replicas (id, started_at, seen_at) VALUES ($1, $2, $3) \
        ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at";
    SINCE = "SELECT id, started_at, seen_at FROM replicas WHERE seen_at > $1 ORDER BY seen_at";
    REMOVE = "DELETE FROM replicas WHERE id = $1";
    PRUNE = "DELETE FROM replicas WHERE seen_at < $1";
}

/// Notes that a process is there.
///
/// # Errors
/// What the database answers.
pub fn see(tx: &mut Transaction<'_>, id: &str, started_at: Timestamp, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(SEE, params![id, started_at, now]).map(|_| ())
}

/// The processes that were seen after an instant.
///
/// # Errors
/// What the database answers.
pub fn since(tx: &mut Transaction<'_>, instant: Timestamp) -> Result<Vec<Replica>, StoreError> {
    tx.list(SINCE, params![instant], |row| {
        Ok(Replica { id: row.text(0)?, started_at: row.timestamp(1)?, seen_at: row.timestamp(2)? })
    })
}

/// Notes that a process has stopped.
///
/// # Errors
/// What the database answers.
pub fn remove(tx: &mut Transaction<'_>, id: &str) -> Result<(), StoreError> {
    tx.execute(REMOVE, params![id]).map(|_| ())
}

/// Forgets processes that were last seen before an instant.
///
/// # Errors
/// What the database answers.
pub fn prune(tx: &mut Transaction<'_>, instant: Timestamp) -> Result<(), StoreError> {
    tx.execute(PRUNE, params![instant]).map(|_| ())
}
