//! Copies of a whole database, made while it is written to, and checked before anybody relies on them.

mod postgres;
mod sqlite;

use std::collections::BTreeMap;

use crate::{StoreError, Transaction, audit, migrations};

pub(crate) use postgres::OCCUPIED;
pub use postgres::{Snapshot, check_postgres, of_postgres, postgres_server_version, refuse_occupied_postgres};
pub use sqlite::{SqliteLock, check_sqlite, copy_sqlite, lock_sqlite, sqlite_copy_beside};

/// The audit log came with this version of the schema.
const AUDIT_VERSION: i64 = 4;

/// What a database holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Version of its schema.
    pub schema_version: i64,
    /// The number of rows of every table.
    pub tables: BTreeMap<String, i64>,
    /// The first entry of the audit log that is not as it was written, if there is one.
    pub audit_fault: Option<i64>,
}

impl Contents {
    /// Rows of all tables.
    #[must_use]
    pub fn rows(&self) -> i64 {
        self.tables.values().sum()
    }
}

/// Schema and audit log of an open database, in the caller's transaction.
///
/// # Errors
/// `Unusable` for a schema that this program does not know; what the database answers.
fn schema_and_audit(tx: &mut Transaction<'_>) -> Result<(i64, Option<i64>), StoreError> {
    let version = migrations::known_version(tx)?;
    let fault = if version >= AUDIT_VERSION { audit::verify(tx)? } else { None };
    Ok((version, fault))
}

/// A table's name within a statement.
fn quoted(table: &str) -> String {
    format!("\"{}\"", table.replace('"', "\"\""))
}
