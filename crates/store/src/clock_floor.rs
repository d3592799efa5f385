//! When a fact was recorded: strictly later than every fact before it, even when the clock stands still or goes back.

use jiff::Timestamp;

use crate::{StoreError, Transaction, row::params, statements::statements};

statements! { "clock_floor";
    NEXT = "UPDATE clock_floor SET recorded_at = CASE WHEN recorded_at >= $1 THEN recorded_at + 1 ELSE $1 END \
            WHERE singleton = 1 RETURNING recorded_at";
}

/// The instant to record the next fact at. Its row is locked until the commit, so facts become visible in the order of
/// their instants, and what was known at an instant never changes afterwards.
pub(crate) fn next(tx: &mut Transaction<'_>, now: Timestamp) -> Result<Timestamp, StoreError> {
    tx.one(NEXT, params![now])?.timestamp(0)
}
