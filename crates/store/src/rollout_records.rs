//! Signed records of the phases that other environments have done. The caller has checked the signature.

use jiff::Timestamp;

use crate::{RolloutRecordId, StoreError, Transaction, row::params, statements::statements};

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolloutRecord {
    /// Its id.
    pub id: RolloutRecordId,
    /// The flag it is about.
    pub flag_key: String,
    /// The environment it is from.
    pub environment: String,
    /// The signed record, as JSON.
    pub record: String,
    /// When it was imported.
    pub imported_at: Timestamp,
    /// Who imported it.
    pub imported_by: String,
}

statements! { "rollout_records";
    INSERT = "INSERT INTO rollout_records (id, flag_key, environment, record, imported_at, imported_by) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    OF_FLAG = "SELECT id, flag_key, environment, record, imported_at, imported_by FROM rollout_records \
        WHERE flag_key = $1 ORDER BY id DESC";
}

/// Keeps a record.
///
/// # Errors
/// What the database answers.
pub fn keep(tx: &mut Transaction<'_>, record: &RolloutRecord) -> Result<(), StoreError> {
    let RolloutRecord { id, flag_key, environment, record, imported_at, imported_by } = record;
    tx.execute(INSERT, params![*id, flag_key, environment, record, *imported_at, imported_by]).map(|_| ())
}

/// The records about a flag, the newest first.
///
/// # Errors
/// What the database answers.
pub fn of_flag(tx: &mut Transaction<'_>, flag_key: &str) -> Result<Vec<RolloutRecord>, StoreError> {
    tx.list(OF_FLAG, params![flag_key], |row| {
        Ok(RolloutRecord {
            id: RolloutRecordId(row.parsed(0)?),
            flag_key: row.text(1)?,
            environment: row.text(2)?,
            record: row.text(3)?,
            imported_at: row.timestamp(4)?,
            imported_by: row.text(5)?,
        })
    })
}
