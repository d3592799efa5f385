//! Idempotency keys. The record is inserted in the transaction of the business write, so the uniqueness is the
//! database's and a request that failed leaves no trace: `begin`, then the write, then `finish`.
//!
//! Two requests with one key: on SQLite one comes after the other; on PostgreSQL the second waits for the first and then
//! finds its answer.

use jiff::Timestamp;

use crate::{StoreError, Transaction, row::params, statements::statements};

/// Whose key it is and what it was sent with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Caller and fund, as the server joins them.
    pub scope: String,
    /// The key that the caller chose.
    pub key: String,
    /// Hash of method, path and body.
    pub request_hash: String,
}

/// The first answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// The `Location` header.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

/// What to do with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is the first: carry it out and call [`finish`].
    First,
    /// It was carried out before: answer this again.
    Replay(StoredAnswer),
}

statements! { "idempotency";
    INSERT = "INSERT INTO idempotency_keys (scope, key, request_hash, created_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT DO NOTHING";
    GET = "SELECT request_hash, status, location, body FROM idempotency_keys WHERE scope = $1 AND key = $2";
    FINISH = "UPDATE idempotency_keys SET status = $1, location = $2, body = $3 WHERE scope = $4 AND key = $5";
    DELETE_OLD = "DELETE FROM idempotency_keys WHERE created_at < $1";
}

/// Takes the key for this transaction, or finds the first answer.
///
/// # Errors
/// `IdempotencyKeyReused` when the key was used for another request; `IdempotencyInProgress` when the first request did
/// not end within the lock timeout.
pub fn begin(tx: &mut Transaction<'_>, key: &IdempotencyKey, now: Timestamp) -> Result<Begun, StoreError> {
    let inserted = tx.execute(INSERT, params![&key.scope, &key.key, &key.request_hash, now]);
    match inserted {
        Ok(1) => return Ok(Begun::First),
        Ok(_) => {}
        Err(StoreError::Overloaded(_)) => return Err(StoreError::IdempotencyInProgress),
        Err(error) => return Err(error),
    }
    // The first request may have been pruned between the two statements.
    let row = tx.row(GET, params![&key.scope, &key.key])?.ok_or(StoreError::IdempotencyInProgress)?;
    if row.str(0)? != key.request_hash {
        return Err(StoreError::IdempotencyKeyReused);
    }
    let Some(status) = row.optional_integer(1)? else { return Err(StoreError::IdempotencyInProgress) };
    let status = u16::try_from(status).map_err(|_| StoreError::Internal(format!("stored status {status}")))?;
    Ok(Begun::Replay(StoredAnswer {
        status,
        location: row.optional_text(2)?,
        body: row.optional_text(3)?.unwrap_or_default(),
    }))
}

/// Stores the answer with the key that [`begin`] took in this transaction.
///
/// # Errors
/// `Internal` when [`begin`] did not take the key.
pub fn finish(tx: &mut Transaction<'_>, key: &IdempotencyKey, answer: &StoredAnswer) -> Result<(), StoreError> {
    let values = params![i64::from(answer.status), answer.location.as_ref(), &answer.body, &key.scope, &key.key];
    match tx.execute(FINISH, values)? {
        0 => Err(StoreError::Internal("an answer for an idempotency key that was not taken".to_owned())),
        _ => Ok(()),
    }
}

/// Forgets keys first used before `before`; returns how many.
///
/// # Errors
/// What the database answers.
pub fn prune(tx: &mut Transaction<'_>, before: Timestamp) -> Result<u64, StoreError> {
    tx.execute(DELETE_OLD, params![before])
}
