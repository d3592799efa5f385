//! People: who tokens and sessions belong to.

use jiff::Timestamp;

use crate::{
    Listing, Page, PersonId, StoreError, Transaction,
    row::{Row, params},
    statements::statements,
};

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their id; their targeting key is `person:<id>`.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Raised by every change; from 1.
    pub version: i64,
    /// When they were entered.
    pub created_at: Timestamp,
    /// When they were last changed.
    pub updated_at: Timestamp,
}

macro_rules! columns {
    () => {
        "id, name, version, created_at, updated_at"
    };
}

statements! { "people";
    INSERT = concat!("INSERT INTO people (name, version, created_at, updated_at) VALUES ($1, 1, $2, $3) RETURNING ",
        columns!());
    GET = concat!("SELECT ", columns!(), " FROM people WHERE id = $1");
    LIST = concat!("SELECT ", columns!(), " FROM people WHERE id > $1 ORDER BY id LIMIT $2");
}

/// Enters a person.
///
/// # Errors
/// What the database answers.
pub fn create(tx: &mut Transaction<'_>, name: &str, now: Timestamp) -> Result<Person, StoreError> {
    person(&tx.one(INSERT, params![name, now, now])?)
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

fn person(row: &Row) -> Result<Person, StoreError> {
    Ok(Person {
        id: PersonId(row.integer(0)?),
        name: row.text(1)?,
        version: row.integer(2)?,
        created_at: row.timestamp(3)?,
        updated_at: row.timestamp(4)?,
    })
}
