//! What only one process does at a time. The token is the fencing token: raised with every change of hands, and checked in
//! the transaction of every write that is made under the lease.

use std::time::Duration;

use jiff::Timestamp;

use crate::{StoreError, Transaction, row::params, statements::statements};

/// Constraint of the `Conflict` where a lease is held by another process.
pub const LOST: &str = "lease";

/// A lease that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What for.
    pub name: &'static str,
    /// By which process.
    pub holder: String,
    /// The fencing token.
    pub token: i64,
}

statements! { "leases";
    INSERT = "INSERT INTO leases (name, holder, token, held_until) VALUES ($1, $2, 1, $3) ON CONFLICT DO NOTHING \
        RETURNING token";
    TAKE = "UPDATE leases SET token = CASE WHEN holder = $1 THEN token ELSE token + 1 END, holder = $2, held_until = $3 \
        WHERE name = $4 AND (holder = $5 OR held_until <= $6) RETURNING token";
    CHECK = "UPDATE leases SET token = token WHERE name = $1 AND holder = $2 AND token = $3";
    HOLDER = "SELECT holder FROM leases WHERE name = $1 AND held_until > $2";
    RELEASE = "UPDATE leases SET held_until = 0 WHERE name = $1 AND holder = $2 AND token = $3";
}

/// Takes a lease that nobody else holds at `now`, or holds it longer. None when another process has it.
///
/// # Errors
/// What the database answers.
pub fn take(
    tx: &mut Transaction<'_>,
    name: &'static str,
    holder: &str,
    length: Duration,
    now: Timestamp,
) -> Result<Option<Held>, StoreError> {
    let until = now.checked_add(length).unwrap_or(Timestamp::MAX);
    let held = |token| Held { name, holder: holder.to_owned(), token };
    if let Some(row) = tx.row(TAKE, params![holder, holder, until, name, holder, now])? {
        return row.integer(0).map(held).map(Some);
    }
    let first = tx.row(INSERT, params![name, holder, until])?;
    first.map(|row| row.integer(0).map(held)).transpose()
}

/// Makes sure that a lease is still held, until the commit: whoever takes it over waits for that.
///
/// # Errors
/// `Conflict` by [`LOST`] when another process has it: nothing of the transaction may be stored.
pub fn check(tx: &mut Transaction<'_>, held: &Held) -> Result<(), StoreError> {
    if tx.execute(CHECK, params![held.name, &held.holder, held.token])? == 0 {
        let message = format!("another process holds {} now", held.name);
        return Err(StoreError::Conflict { constraint: LOST.to_owned(), message });
    }
    Ok(())
}

/// Who holds a lease at `now`; none where nobody does.
///
/// # Errors
/// What the database answers.
pub fn holder(tx: &mut Transaction<'_>, name: &str, now: Timestamp) -> Result<Option<String>, StoreError> {
    tx.row(HOLDER, params![name, now])?.map(|row| row.text(0)).transpose()
}

/// Gives a lease back, so that another process need not wait for its end.
///
/// # Errors
/// What the database answers.
pub fn release(tx: &mut Transaction<'_>, held: &Held) -> Result<(), StoreError> {
    tx.execute(RELEASE, params![held.name, &held.holder, held.token]).map(|_| ())
}
