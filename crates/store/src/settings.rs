//! Settings: small JSON values by key, with a version.

use jiff::Timestamp;

use crate::{StoreError, Transaction, row::params, statements::statements};

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key.
    pub key: String,
    /// Its value, as JSON.
    pub value: String,
    /// Raised by every change; from 1.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

statements! { "settings";
    GET = "SELECT value, version, updated_at FROM settings WHERE key = $1";
    INSERT = "INSERT INTO settings (key, value, version, updated_at) VALUES ($1, $2, 1, $3) ON CONFLICT DO NOTHING";
    UPDATE = "UPDATE settings SET value = $1, version = version + 1, updated_at = $2 WHERE key = $3 AND version = $4";
}

/// Reads a setting; none when it was never set.
///
/// # Errors
/// What the database answers.
pub fn get(tx: &mut Transaction<'_>, key: &str) -> Result<Option<Setting>, StoreError> {
    let Some(row) = tx.row(GET, params![key])? else { return Ok(None) };
    let (value, version, updated_at) = (row.text(0)?, row.integer(1)?, row.timestamp(2)?);
    Ok(Some(Setting { key: key.to_owned(), value, version, updated_at }))
}

/// Sets a setting that still has `version`, 0 for one that was never set.
///
/// # Errors
/// `VersionConflict`.
pub fn put(
    tx: &mut Transaction<'_>,
    key: &str,
    version: i64,
    value: &str,
    now: Timestamp,
) -> Result<Setting, StoreError> {
    let changed = match version {
        0 => tx.execute(INSERT, params![key, value, now])?,
        _ => tx.execute(UPDATE, params![value, now, key, version])?,
    };
    if changed == 0 {
        let current = get(tx, key)?.map_or(0, |setting| setting.version);
        return Err(StoreError::VersionConflict { current });
    }
    Ok(Setting { key: key.to_owned(), value: value.to_owned(), version: version + 1, updated_at: now })
}
