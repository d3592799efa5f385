//! Browser sessions, and the one-time login tokens they begin with. Of both only the SHA-256 is stored.

use jiff::Timestamp;

use crate::{
    PersonId, Secret, StoreError, Transaction, people,
    row::{Row, params},
    secret,
    statements::statements,
    tokens::{self, Grant},
};

/// A session of a person's browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who is signed in.
    pub person_id: PersonId,
    /// What they may do.
    pub grant: Grant,
    /// When it began.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

statements! { "sessions";
    INSERT_LOGIN = "INSERT INTO login_tokens (secret_hash, person_id, role, funds, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    USE_LOGIN = "UPDATE login_tokens SET used_at = $1 WHERE secret_hash = $2 AND used_at IS NULL AND expires_at > $3 \
        RETURNING person_id, role, funds";
    INSERT = "INSERT INTO sessions (secret_hash, person_id, role, funds, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    BY_SECRET = "SELECT person_id, role, funds, created_at, expires_at FROM sessions \
        WHERE secret_hash = $1 AND expires_at > $2";
    DELETE = "DELETE FROM sessions WHERE secret_hash = $1";
    DELETE_EXPIRED = "DELETE FROM sessions WHERE expires_at <= $1";
}

/// Creates a login token, for a link that can be opened once before `expires_at`.
///
/// # Errors
/// `NotFound` without the person.
pub fn create_login(
    tx: &mut Transaction<'_>,
    person_id: PersonId,
    grant: &Grant,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<Secret, StoreError> {
    people::get(tx, person_id)?;
    let secret = Secret::generate("")?;
    let values = params![secret.hash(), person_id, grant.role.as_str(), tokens::fund_list(grant), now, expires_at];
    tx.execute(INSERT_LOGIN, values)?;
    Ok(secret)
}

/// Turns a login token into a session until `expires_at`, whose secret goes into the browser's cookie. None when the
/// token is unknown, used or expired.
///
/// # Errors
/// What the database answers.
pub fn redeem_login(
    tx: &mut Transaction<'_>,
    presented: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<Option<(Session, Secret)>, StoreError> {
    let Some(row) = tx.row(USE_LOGIN, params![now, secret::hash(presented), now])? else { return Ok(None) };
    create(tx, PersonId(row.integer(0)?), &tokens::grant(&row, 1)?, expires_at, now).map(Some)
}

/// Begins a session until `expires_at` for somebody who has proved who they are.
///
/// # Errors
/// What the database answers.
pub fn create(
    tx: &mut Transaction<'_>,
    person_id: PersonId,
    grant: &Grant,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<(Session, Secret), StoreError> {
    let secret = Secret::generate("")?;
    let values = params![secret.hash(), person_id, grant.role.as_str(), tokens::fund_list(grant), now, expires_at];
    tx.execute(INSERT, values)?;
    Ok((Session { person_id, grant: grant.clone(), created_at: now, expires_at }, secret))
}

/// The session of a presented cookie, unless it is unknown or expired by `now`.
///
/// # Errors
/// What the database answers.
pub fn authenticate(tx: &mut Transaction<'_>, presented: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
    match tx.row(BY_SECRET, params![secret::hash(presented), now])? {
        Some(row) => session(&row).map(Some),
        None => Ok(None),
    }
}

/// Ends a session; one that is unknown is ended already.
///
/// # Errors
/// What the database answers.
pub fn end(tx: &mut Transaction<'_>, presented: &str) -> Result<(), StoreError> {
    tx.execute(DELETE, params![secret::hash(presented)]).map(|_| ())
}

/// Forgets the sessions that have expired by `now`; returns how many.
///
/// # Errors
/// What the database answers.
pub fn prune(tx: &mut Transaction<'_>, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(DELETE_EXPIRED, params![now])
}

fn session(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        person_id: PersonId(row.integer(0)?),
        grant: tokens::grant(row, 1)?,
        created_at: row.timestamp(3)?,
        expires_at: row.timestamp(4)?,
    })
}
