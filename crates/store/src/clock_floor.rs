//! When a fact was recorded: strictly later than every fact before it, even when the clock stands still or goes back.

use jiff::Timestamp;

use crate::{StoreError, Transaction, row::params, statements::statements};

statements! { "clock_floor";
    RAISE = "UPDATE clock_floor SET recorded_at = CASE WHEN recorded_at >= $1 THEN recorded_at + 1 ELSE $1 END \
            WHERE singleton = 1";
    GET = "SELECT recorded_at FROM clock_floor WHERE singleton = 1";
}

/// The instant to record the next fact at. Its row is locked until the commit, so facts become visible in the order of
/// their instants, and what was known at an instant never changes afterwards.
pub(crate) fn next(tx: &mut Transaction<'_>, now: Timestamp) -> Result<Timestamp, StoreError> {
    // Two statements: `RETURNING` costs SQLite a temporary table, and every write comes through here.
    tx.execute(RAISE, params![now])?;
    let recorded_at = tx.one(GET, params![])?.timestamp(0)?;
    tx.note_recorded_at(recorded_at);
    Ok(recorded_at)
}

/// The instant of the last fact of this transaction, or of the next one where it has recorded none. Either way the clock's
/// row is locked afterwards.
pub(crate) fn last_or_next(tx: &mut Transaction<'_>, now: Timestamp) -> Result<Timestamp, StoreError> {
    match tx.recorded_at() {
        Some(recorded_at) => Ok(recorded_at),
        None => next(tx, now),
    }
}
