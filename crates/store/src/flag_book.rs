//! Everything that decides what flags answer, read at once: what a process keeps in memory, and in a file for the time
//! when it starts without its database.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    StoreError, Transaction,
    announcement::{self, Announced},
    database_id,
    flag_definitions::{self, Definition},
    flag_revision,
    flag_set::{self, FlagSet},
    flag_state::{self, FlagState},
    rollouts::{self, ObservedRollout},
    segments::{self, Membership},
};

/// What a database says about flags at one revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlagBook {
    /// The database that says it.
    pub database_id: Uuid,
    /// Raised by every write that changes what flags answer.
    pub revision: i64,
    /// The stored definitions by key, without archived ones.
    pub definitions: Vec<Definition>,
    /// What all definitions share.
    pub set: FlagSet,
    /// Kills and stored default variants, by key.
    pub states: Vec<FlagState>,
    /// Every segment with its members, by key.
    pub segments: Vec<Membership>,
    /// The rollouts that requests are counted for: with what a request is decided by, it is known whom it counts for.
    #[serde(default)]
    pub rollouts: Vec<ObservedRollout>,
    /// What everyone is told beside their flags, if anything is.
    #[serde(default)]
    pub announcement: Option<Announced>,
}

/// Reads the book. In a transaction that has changed it already, or locked it, it includes those changes; otherwise read
/// it in a reading transaction, which sees one state of it throughout.
///
/// # Errors
/// What the database answers.
pub fn read(tx: &mut Transaction<'_>) -> Result<FlagBook, StoreError> {
    let mut definitions = flag_definitions::all(tx)?;
    definitions.retain(|definition| definition.archived_at.is_none());
    Ok(FlagBook {
        database_id: database_id(tx)?,
        revision: revision(tx)?,
        definitions,
        set: flag_set::get(tx)?,
        states: flag_state::all(tx)?,
        segments: segments::memberships(tx)?,
        rollouts: rollouts::observed(tx)?,
        announcement: announcement::announced(tx)?,
    })
}

/// Locks the book until the commit and answers its revision: nobody else can change what flags answer meanwhile, and
/// what [`read`] answers in this transaction stays true. For an edit that was checked against a book read before.
///
/// # Errors
/// What the database answers.
pub fn lock(tx: &mut Transaction<'_>) -> Result<i64, StoreError> {
    flag_revision::lock(tx)
}

/// Tells that the book reads differently, although no flag does: other rollouts are observed, or others of their entries.
/// The transaction has locked the book.
///
/// # Errors
/// What the database answers.
pub fn raise(tx: &mut Transaction<'_>) -> Result<(), StoreError> {
    flag_revision::raise(tx)
}

/// The revision of the book, to see whether it has to be read again.
///
/// # Errors
/// What the database answers.
pub fn revision(tx: &mut Transaction<'_>) -> Result<i64, StoreError> {
    flag_revision::get(tx)
}
