//! Browser sessions, and the one-time login tokens they begin with. Of both only the SHA-256 is stored.

use jiff::{SignedDuration, Timestamp};

use crate::{
    PersonId, Secret, StoreError, Transaction, people,
    row::{Row, params},
    secret,
    statements::statements,
    tokens::{self, Grant},
    words::words,
};

/// How long a session may go unused before it ends.
pub const IDLE_LENGTH: SignedDuration = SignedDuration::from_hours(2);

words! {
    /// How a session began.
    SignInMethod {
        /// With name and password.
        Password = "password",
        /// At a provider of OpenID Connect.
        Oidc = "oidc",
        /// With a one-time link.
        Link = "link",
    }
}

/// A session of a person's browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What it is called where its secret must not be shown.
    pub id: String,
    /// Who is signed in.
    pub person_id: PersonId,
    /// What they may do.
    pub grant: Grant,
    /// How it began.
    pub method: SignInMethod,
    /// When it began.
    pub created_at: Timestamp,
    /// From when on it is refused, however it is used.
    pub expires_at: Timestamp,
    /// When it was last noted to be used.
    pub seen_at: Timestamp,
}

macro_rules! columns {
    () => {
        "substr(secret_hash, 1, 16), person_id, role, funds, COALESCE(method, 'link'), created_at, expires_at, \
        COALESCE(seen_at, created_at)"
    };
}

statements! { "sessions";
    INSERT_LOGIN = "INSERT INTO login_tokens (secret_hash, person_id, role, funds, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    USE_LOGIN = "UPDATE login_tokens SET used_at = $1 WHERE secret_hash = $2 AND used_at IS NULL AND expires_at > $3 \
        RETURNING person_id, role, funds";
    INSERT = concat!("INSERT INTO sessions (secret_hash, person_id, role, funds, method, created_at, expires_at, seen_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ", columns!());
    BY_SECRET = concat!("SELECT ", columns!(), " FROM sessions \
        WHERE secret_hash = $1 AND expires_at > $2 AND COALESCE(seen_at, created_at) > $3");
    LIST = concat!("SELECT ", columns!(), " FROM sessions \
        WHERE person_id = $1 AND expires_at > $2 AND COALESCE(seen_at, created_at) > $3 ORDER BY created_at");
    GOOD = concat!("SELECT ", columns!(), ", secret_hash FROM sessions \
        WHERE expires_at > $1 AND COALESCE(seen_at, created_at) > $2 ORDER BY expires_at DESC LIMIT $3");
    SEE = "UPDATE sessions SET seen_at = $1 WHERE secret_hash = $2 AND COALESCE(seen_at, created_at) < $3";
    DELETE = "DELETE FROM sessions WHERE secret_hash = $1";
    DELETE_ONE = "DELETE FROM sessions WHERE person_id = $1 AND substr(secret_hash, 1, 16) = $2";
    DELETE_OTHERS = "DELETE FROM sessions WHERE person_id = $1 AND substr(secret_hash, 1, 16) <> $2";
    DELETE_LOGINS = "DELETE FROM login_tokens WHERE person_id = $1 AND used_at IS NULL";
    DELETE_EXPIRED = "DELETE FROM sessions WHERE expires_at <= $1";
    DELETE_EXPIRED_LOGINS = "DELETE FROM login_tokens WHERE expires_at <= $1";
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
    let (person_id, grant) = (PersonId(row.integer(0)?), tokens::grant(&row, 1)?);
    create(tx, person_id, &grant, SignInMethod::Link, expires_at, now).map(Some)
}

/// Begins a session until `expires_at` for somebody who has proved who they are.
///
/// # Errors
/// What the database answers.
pub fn create(
    tx: &mut Transaction<'_>,
    person_id: PersonId,
    grant: &Grant,
    method: SignInMethod,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<(Session, Secret), StoreError> {
    let secret = Secret::generate("")?;
    let (role, funds) = (grant.role.as_str(), tokens::fund_list(grant));
    let values = params![secret.hash(), person_id, role, funds, method.as_str(), now, expires_at, now];
    Ok((session(&tx.one(INSERT, values)?)?, secret))
}

/// The session of a presented cookie, unless it is unknown, expired, or was left unused for [`IDLE_LENGTH`] by `now`.
///
/// # Errors
/// What the database answers.
pub fn authenticate(tx: &mut Transaction<'_>, presented: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
    match tx.row(BY_SECRET, params![secret::hash(presented), now, idle_since(now)])? {
        Some(row) => session(&row).map(Some),
        None => Ok(None),
    }
}

/// The sessions of a person that are good at `now`, the oldest first.
///
/// # Errors
/// What the database answers.
pub fn list(tx: &mut Transaction<'_>, person_id: PersonId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
    tx.list(LIST, params![person_id, now, idle_since(now)], session)
}

/// The sessions that are good at `now`, each with the SHA-256 of its secret in hexadecimal, those that end last first and at most `most`.
///
/// # Errors
/// What the database answers.
pub fn good(tx: &mut Transaction<'_>, now: Timestamp, most: u32) -> Result<Vec<(String, Session)>, StoreError> {
    let values = params![now, idle_since(now), i64::from(most)];
    tx.list(GOOD, values, |row| Ok((row.text(8)?, session(row)?)))
}

/// Notes that a session is used.
///
/// # Errors
/// What the database answers.
pub fn see(tx: &mut Transaction<'_>, presented: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(SEE, params![now, secret::hash(presented), now]).map(|_| ())
}

/// Ends a session; one that is unknown is ended already.
///
/// # Errors
/// What the database answers.
pub fn end(tx: &mut Transaction<'_>, presented: &str) -> Result<(), StoreError> {
    tx.execute(DELETE, params![secret::hash(presented)]).map(|_| ())
}

/// Ends one session of a person, by its id.
///
/// # Errors
/// `NotFound` where this person has no such session.
pub fn end_one(tx: &mut Transaction<'_>, person_id: PersonId, id: &str) -> Result<(), StoreError> {
    match tx.execute(DELETE_ONE, params![person_id, id])? {
        0 => Err(StoreError::not_found("session", &id)),
        _ => Ok(()),
    }
}

/// Ends the sessions of a person, but for the one with the id `kept`, and takes back the links that nobody has opened, which
/// would begin others with what the person was allowed when they were made; returns how many sessions there were.
///
/// # Errors
/// What the database answers.
pub fn end_all(tx: &mut Transaction<'_>, person_id: PersonId, kept: Option<&str>) -> Result<u64, StoreError> {
    tx.execute(DELETE_LOGINS, params![person_id])?;
    tx.execute(DELETE_OTHERS, params![person_id, kept.unwrap_or_default()])
}

/// Forgets the sessions and the login tokens that have expired by `now`; returns how many sessions.
///
/// # Errors
/// What the database answers.
pub fn prune(tx: &mut Transaction<'_>, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(DELETE_EXPIRED_LOGINS, params![now])?;
    tx.execute(DELETE_EXPIRED, params![now])
}

fn idle_since(now: Timestamp) -> Timestamp {
    now.checked_sub(IDLE_LENGTH).unwrap_or(Timestamp::MIN)
}

fn session(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.text(0)?,
        person_id: PersonId(row.integer(1)?),
        grant: tokens::grant(row, 2)?,
        method: row.parsed(4)?,
        created_at: row.timestamp(5)?,
        expires_at: row.timestamp(6)?,
        seen_at: row.timestamp(7)?,
    })
}
