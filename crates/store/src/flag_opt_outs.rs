//! Who has turned a flag off for themselves. What counts is the change from on to off, however often it is repeated.

use jiff::Timestamp;

use crate::{StoreError, Transaction, row::params, statements::statements};

statements! { "flag_opt_outs";
    LEAVE = "INSERT INTO flag_opt_outs (flag_key, targeting_key, opted_out_at) VALUES ($1, $2, $3) \
        ON CONFLICT (flag_key, targeting_key) DO UPDATE SET opted_out_at = excluded.opted_out_at, returned_at = NULL \
        WHERE flag_opt_outs.returned_at IS NOT NULL";
    RETURN = "UPDATE flag_opt_outs SET returned_at = $1 WHERE flag_key = $2 AND targeting_key = $3 \
        AND returned_at IS NULL";
    CURRENT = "SELECT targeting_key FROM flag_opt_outs WHERE flag_key = $1 AND returned_at IS NULL \
        ORDER BY targeting_key";
    COUNT_SINCE = "SELECT COUNT(*) FROM flag_opt_outs WHERE flag_key = $1 AND opted_out_at >= $2";
}

/// Notes that somebody is, or is no longer, opted out of a flag; true when that is a change.
///
/// # Errors
/// What the database answers.
pub fn note(
    tx: &mut Transaction<'_>,
    flag_key: &str,
    targeting_key: &str,
    opted_out: bool,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = if opted_out {
        tx.execute(LEAVE, params![flag_key, targeting_key, now])?
    } else {
        tx.execute(RETURN, params![now, flag_key, targeting_key])?
    };
    Ok(changed > 0)
}

/// Who is opted out of a flag now, by targeting key.
///
/// # Errors
/// What the database answers.
pub fn current(tx: &mut Transaction<'_>, flag_key: &str) -> Result<Vec<String>, StoreError> {
    tx.list(CURRENT, params![flag_key], |row| row.text(0))
}

/// How many people have opted out of a flag at `since` or later, those included who have returned. Each counts once, at
/// the last time they opted out.
///
/// # Errors
/// What the database answers.
pub fn count_since(tx: &mut Transaction<'_>, flag_key: &str, since: Timestamp) -> Result<i64, StoreError> {
    tx.one(COUNT_SINCE, params![flag_key, since])?.integer(0)
}
