//! Results of snapshots, stored once per inputs and engine: the same inputs are never calculated twice.

use jiff::Timestamp;

use crate::{StoreError, Transaction, row::params, statements::statements};

statements! { "snapshot_results";
    GET = "SELECT body FROM snapshot_results WHERE inputs_hash = $1 AND engine_version = $2";
    EXISTS = "SELECT CAST(1 AS BIGINT) FROM snapshot_results WHERE inputs_hash = $1 AND engine_version = $2";
    INSERT = "INSERT INTO snapshot_results (inputs_hash, engine_version, body, created_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT DO NOTHING";
}

/// The result document for these inputs and this engine, if it was calculated before.
///
/// # Errors
/// What the database answers.
pub fn get(tx: &mut Transaction<'_>, inputs_hash: &str, engine_version: &str) -> Result<Option<String>, StoreError> {
    match tx.row(GET, params![inputs_hash, engine_version])? {
        Some(row) => row.text(0).map(Some),
        None => Ok(None),
    }
}

/// True when the result is stored.
///
/// # Errors
/// What the database answers.
pub fn exists(tx: &mut Transaction<'_>, inputs_hash: &str, engine_version: &str) -> Result<bool, StoreError> {
    Ok(tx.row(EXISTS, params![inputs_hash, engine_version])?.is_some())
}

/// Stores a result document; one that is there already stays.
///
/// # Errors
/// What the database answers.
pub fn put(
    tx: &mut Transaction<'_>,
    inputs_hash: &str,
    engine_version: &str,
    body: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(INSERT, params![inputs_hash, engine_version, body, now]).map(|_| ())
}
