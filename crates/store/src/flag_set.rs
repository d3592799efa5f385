//! What all definitions share: `$evaluators`, metadata and what `fractional` hashes. The caller has checked the texts.
//! Every version is kept, in rows that nobody can change.

use flags::Bucketing;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    StoreError, Transaction, flag_revision,
    row::{Row, params},
    statements::statements,
};

/// What all definitions share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlagSet {
    /// The `$evaluators` object, as JSON; none for no evaluators.
    pub evaluators: Option<String>,
    /// The metadata object, as JSON; none for no metadata.
    pub metadata: Option<String>,
    /// What `fractional` hashes.
    pub bucketing: Bucketing,
    /// Raised by every change; 0 when nothing was ever stored.
    pub version: i64,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
    /// Who changed it last, as in `person:1`.
    pub updated_by: Option<String>,
}

impl FlagSet {
    /// What holds until somebody changes it.
    pub fn untouched() -> Self {
        Self {
            evaluators: None,
            metadata: None,
            bucketing: Bucketing::V3,
            version: 0,
            updated_at: None,
            updated_by: None,
        }
    }
}

/// What is needed to change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewFlagSet<'a> {
    /// The `$evaluators` object, as JSON; none for no evaluators.
    pub evaluators: Option<&'a str>,
    /// The metadata object, as JSON; none for no metadata.
    pub metadata: Option<&'a str>,
    /// What `fractional` hashes.
    pub bucketing: Bucketing,
    /// Why, in the author's words.
    pub comment: Option<&'a str>,
}

statements! { "flag_set";
    GET = "SELECT evaluators, metadata, bucketing, version, updated_at, updated_by FROM flag_set WHERE singleton = 1";
    INSERT = "INSERT INTO flag_set (singleton, evaluators, metadata, bucketing, version, updated_at, updated_by) \
        VALUES (1, $1, $2, $3, 1, $4, $5) ON CONFLICT DO NOTHING";
    UPDATE = "UPDATE flag_set SET evaluators = $1, metadata = $2, bucketing = $3, version = version + 1, \
        updated_at = $4, updated_by = $5 WHERE singleton = 1 AND version = $6";
    INSERT_VERSION = "INSERT INTO flag_set_versions (evaluators, metadata, bucketing, version, changed_at, changed_by, \
        comment) VALUES ($1, $2, $3, $4, $5, $6, $7)";
}

/// Reads it.
///
/// # Errors
/// What the database answers.
pub fn get(tx: &mut Transaction<'_>) -> Result<FlagSet, StoreError> {
    match tx.row(GET, params![])? {
        Some(row) => set(&row),
        None => Ok(FlagSet::untouched()),
    }
}

/// Changes it while it still has `version`, 0 where it was never changed.
///
/// # Errors
/// `VersionConflict`.
pub fn change(
    tx: &mut Transaction<'_>,
    version: i64,
    new: &NewFlagSet<'_>,
    actor: &str,
    now: Timestamp,
) -> Result<FlagSet, StoreError> {
    flag_revision::lock(tx)?;
    let bucketing = new.bucketing.as_str();
    let changed = match version {
        0 => tx.execute(INSERT, params![new.evaluators, new.metadata, bucketing, now, actor])?,
        _ => tx.execute(UPDATE, params![new.evaluators, new.metadata, bucketing, now, actor, version])?,
    };
    let current = get(tx)?;
    if changed == 0 {
        return Err(StoreError::VersionConflict { current: current.version });
    }
    let values = params![new.evaluators, new.metadata, bucketing, current.version, now, actor, new.comment];
    tx.execute(INSERT_VERSION, values)?;
    flag_revision::raise(tx)?;
    Ok(current)
}

fn set(row: &Row) -> Result<FlagSet, StoreError> {
    Ok(FlagSet {
        evaluators: row.optional_text(0)?,
        metadata: row.optional_text(1)?,
        bucketing: row.parsed(2)?,
        version: row.integer(3)?,
        updated_at: row.optional_timestamp(4)?,
        updated_by: row.optional_text(5)?,
    })
}
