//! People: who tokens and sessions belong to, how they sign in, and what they may do then.

use jiff::Timestamp;

use crate::{
    Listing, Page, PersonId, Problem, StoreError, Transaction,
    row::{Row, params},
    statements::statements,
    tokens::{self, Grant},
};

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their id; their targeting key is `person:<id>`.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// What they sign in as, in its normal form; none for somebody who has no password to go with it.
    pub sign_in_name: Option<String>,
    /// What their sessions may do that begin with a password or at a provider; without it none begins so.
    pub access: Option<Grant>,
    /// When their password was set; none without one.
    pub password_changed_at: Option<Timestamp>,
    /// Raised by every change; from 1.
    pub version: i64,
    /// When they were entered.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

/// What is to be so of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonChange {
    /// Their name.
    pub name: String,
    /// What they sign in as, in its normal form.
    pub sign_in_name: Option<String>,
    /// What their sessions may do.
    pub access: Option<Grant>,
}

macro_rules! columns {
    () => {
        "id, name, version, created_at, updated_at, sign_in_name, role, funds, password_changed_at"
    };
}

statements! { "people";
    INSERT = concat!("INSERT INTO people (name, version, created_at, updated_at) VALUES ($1, 1, $2, $3) RETURNING ",
        columns!());
    GET = concat!("SELECT ", columns!(), " FROM people WHERE id = $1");
    LIST = concat!("SELECT ", columns!(), " FROM people WHERE id > $1 ORDER BY id LIMIT $2");
    BY_SIGN_IN_NAME = concat!("SELECT ", columns!(), ", password_hash FROM people WHERE sign_in_name = $1");
    PASSWORD_HASH = "SELECT password_hash FROM people WHERE id = $1";
    CHANGE = concat!("UPDATE people SET name = $1, sign_in_name = $2, role = $3, funds = $4, version = version + 1, \
        updated_at = $5 WHERE id = $6 AND version = $7 RETURNING ", columns!());
    SET_PASSWORD = concat!("UPDATE people SET password_hash = $1, password_changed_at = $2, version = version + 1, \
        updated_at = $3 WHERE id = $4 RETURNING ", columns!());
    BY_IDENTITY = "SELECT person_id FROM person_identities WHERE issuer = $1 AND subject = $2";
    LINK_IDENTITY = "INSERT INTO person_identities (issuer, subject, person_id, created_at) VALUES ($1, $2, $3, $4)";
}

/// Enters a person.
///
/// # Errors
/// What the database answers.
pub fn create(tx: &mut Transaction<'_>, name: &str, now: Timestamp) -> Result<Person, StoreError> {
    person(&tx.one(INSERT, params![name, now, now])?)
}

/// Enters a person who may sign in, by a link until they have a name and a password.
///
/// # Errors
/// What the database answers.
pub fn create_with_access(
    tx: &mut Transaction<'_>,
    name: &str,
    access: &Grant,
    now: Timestamp,
) -> Result<Person, StoreError> {
    let person = create(tx, name, now)?;
    let change = PersonChange { name: person.name, sign_in_name: None, access: Some(access.clone()) };
    self::change(tx, person.id, person.version, &change, now)
}

/// Reads a person.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut Transaction<'_>, id: PersonId) -> Result<Person, StoreError> {
    match tx.row(GET, params![id])? {
        Some(row) => person(&row),
        None => Err(StoreError::not_found("person", &id)),
    }
}

/// Lists people by id.
///
/// # Errors
/// What the database answers.
pub fn list(tx: &mut Transaction<'_>, page: &Page) -> Result<Listing<Person>, StoreError> {
    let people = tx.list(LIST, params![page.after_number(), page.fetch()], person)?;
    Ok(Listing::cut(people, page, |person| person.id.to_string()))
}

/// Changes the person whose version is `version`. Sessions go on with what they began with: end them where that matters.
///
/// # Errors
/// `NotFound`, `VersionConflict`; `Invalid` for a sign-in name that somebody else has.
pub fn change(
    tx: &mut Transaction<'_>,
    id: PersonId,
    version: i64,
    new: &PersonChange,
    now: Timestamp,
) -> Result<Person, StoreError> {
    if let Some(name) = &new.sign_in_name
        && let Some((other, _)) = by_sign_in_name(tx, name)?
        && other.id != id
    {
        return Err(StoreError::Invalid(vec![Problem::new("signInName", name, "is somebody else's; choose another")]));
    }
    let role = new.access.as_ref().map(|grant| grant.role.as_str());
    let funds = new.access.as_ref().map_or(crate::row::Parameter::Null, tokens::fund_list);
    let values = params![&new.name, new.sign_in_name.as_ref(), role, funds, now, id, version];
    match tx.row(CHANGE, values)? {
        Some(row) => person(&row),
        None => Err(StoreError::VersionConflict { current: get(tx, id)?.version }),
    }
}

/// Somebody by what they sign in as, with the hash of their password.
///
/// # Errors
/// What the database answers.
pub fn by_sign_in_name(tx: &mut Transaction<'_>, name: &str) -> Result<Option<(Person, Option<String>)>, StoreError> {
    const AFTER_COLUMNS: usize = 9;
    match tx.row(BY_SIGN_IN_NAME, params![name])? {
        Some(row) => Ok(Some((person(&row)?, row.optional_text(AFTER_COLUMNS)?))),
        None => Ok(None),
    }
}

/// The hash of a person's password, if they have one.
///
/// # Errors
/// `NotFound`.
pub fn password_hash(tx: &mut Transaction<'_>, id: PersonId) -> Result<Option<String>, StoreError> {
    match tx.row(PASSWORD_HASH, params![id])? {
        Some(row) => row.optional_text(0),
        None => Err(StoreError::not_found("person", &id)),
    }
}

/// Sets a person's password, by its hash as a PHC string.
///
/// # Errors
/// `NotFound`.
pub fn set_password(tx: &mut Transaction<'_>, id: PersonId, hash: &str, now: Timestamp) -> Result<Person, StoreError> {
    match tx.row(SET_PASSWORD, params![hash, now, now, id])? {
        Some(row) => person(&row),
        None => Err(StoreError::not_found("person", &id)),
    }
}

/// Somebody by what a provider of identities calls them.
///
/// # Errors
/// What the database answers.
pub fn by_identity(tx: &mut Transaction<'_>, issuer: &str, subject: &str) -> Result<Option<Person>, StoreError> {
    match tx.row(BY_IDENTITY, params![issuer, subject])? {
        Some(row) => get(tx, PersonId(row.integer(0)?)).map(Some),
        None => Ok(None),
    }
}

/// Lets a person sign in as what a provider calls them.
///
/// # Errors
/// `Conflict` where that identity is somebody's already.
pub fn link_identity(
    tx: &mut Transaction<'_>,
    id: PersonId,
    issuer: &str,
    subject: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(LINK_IDENTITY, params![issuer, subject, id, now]).map(|_| ())
}

fn person(row: &Row) -> Result<Person, StoreError> {
    const ROLE: usize = 6;
    Ok(Person {
        id: PersonId(row.integer(0)?),
        name: row.text(1)?,
        version: row.integer(2)?,
        created_at: row.timestamp(3)?,
        updated_at: row.timestamp(4)?,
        sign_in_name: row.optional_text(5)?,
        access: row.optional_text(ROLE)?.map(|_| tokens::grant(row, ROLE)).transpose()?,
        password_changed_at: row.optional_timestamp(8)?,
    })
}
