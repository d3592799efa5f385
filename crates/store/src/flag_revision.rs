//! One number for everything that decides what flags answer: raised in the transaction of each write that changes it, so
//! that a process sees by one small read whether what it knows is still right.

use crate::{StoreError, Transaction, row::params, statements::statements};

statements! { "flag_revision";
    RAISE = "UPDATE flag_revision SET revision = revision + 1 WHERE singleton = 1";
    LOCK = "UPDATE flag_revision SET revision = revision WHERE singleton = 1 RETURNING revision";
    GET = "SELECT revision FROM flag_revision WHERE singleton = 1";
}

/// Locks the revision until the commit and reads it. Every write that changes what flags answer begins with it, so that
/// such writes come one after the other and never wait for each other crosswise.
pub(crate) fn lock(tx: &mut Transaction<'_>) -> Result<i64, StoreError> {
    tx.one(LOCK, params![])?.integer(0)
}

/// Raises the revision, which the transaction has locked. On PostgreSQL a trigger tells the other processes.
pub(crate) fn raise(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    tx.execute(RAISE, params![])?;
    tx.note_flags_changed();
    Ok(())
}

pub(crate) fn get(tx: &mut Transaction<'_>) -> Result<i64, StoreError> {
    tx.one(GET, params![])?.integer(0)
}
