//! One number for everything that decides what flags answer: raised in the transaction of each write that changes it, so
//! that a process sees by one small read whether what it knows is still right.

use crate::{StoreError, Transaction, row::params, statements::statements};

statements! { "flag_revision";
    RAISE = "UPDATE flag_revision SET revision = revision + 1 WHERE singleton = 1";
    GET = "SELECT revision FROM flag_revision WHERE singleton = 1";
}

/// Raises the revision. Its row is locked until the commit. On PostgreSQL a trigger tells the other processes.
pub(crate) fn raise(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    tx.execute(RAISE, params![])?;
    tx.note_flags_changed();
    Ok(())
}

pub(crate) fn get(tx: &mut Transaction<'_>) -> Result<i64, StoreError> {
    tx.one(GET, params![])?.integer(0)
}
