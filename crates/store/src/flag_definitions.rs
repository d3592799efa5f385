//! Definitions of flags, each as the JSON text of its flagd object. The caller has checked the text. Every version is
//! kept, in rows that nobody can change. A flag that the program is seeded with has no row until it is first edited.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Listing, Page, StoreError, Transaction, flag_revision, rollouts,
    row::{Row, params},
    statements::statements,
};

/// A stored definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Definition {
    /// The flag's key.
    pub key: String,
    /// The flagd object, as JSON.
    pub definition: String,
    /// Raised by every change; from 1.
    pub version: i64,
    /// When it was archived; none while it is in use.
    pub archived_at: Option<Timestamp>,
    /// When it was first stored.
    pub created_at: Timestamp,
    /// Who stored it first, as in `person:1`.
    pub created_by: String,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Who changed it last.
    pub updated_by: String,
}

/// What is needed to create a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewDefinition<'a> {
    /// The flag's key.
    pub key: &'a str,
    /// The flagd object, as JSON.
    pub definition: &'a str,
    /// Why, in the author's words.
    pub comment: Option<&'a str>,
}

/// One version of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionVersion {
    /// Its number, from 1.
    pub version: i64,
    /// The flagd object, as JSON.
    pub definition: String,
    /// The version before; none for the first.
    pub previous: Option<String>,
    /// True for the version that archived the flag.
    pub is_archived: bool,
    /// Why, in the author's words.
    pub comment: Option<String>,
    /// When it was stored.
    pub changed_at: Timestamp,
    /// Who stored it.
    pub changed_by: String,
}

macro_rules! columns {
    () => {
        "key, definition, version, archived_at, created_at, created_by, updated_at, updated_by"
    };
}

statements! { "flag_definitions";
    GET = concat!("SELECT ", columns!(), " FROM flag_definitions WHERE key = $1");
    ALL = concat!("SELECT ", columns!(), " FROM flag_definitions ORDER BY key");
    INSERT = concat!("INSERT INTO flag_definitions (key, definition, version, created_at, created_by, updated_at, \
        updated_by) VALUES ($1, $2, 1, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING ", columns!());
    UPDATE = concat!("UPDATE flag_definitions SET definition = $1, archived_at = $2, version = version + 1, \
        updated_at = $3, updated_by = $4 WHERE key = $5 AND version = $6 RETURNING ", columns!());
    INSERT_VERSION = "INSERT INTO flag_definition_versions (key, version, definition, archived, comment, changed_at, \
        changed_by) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    HISTORY = "SELECT v.version, v.definition, p.definition, v.archived, v.comment, v.changed_at, v.changed_by \
        FROM flag_definition_versions v \
        LEFT JOIN flag_definition_versions p ON p.key = v.key AND p.version = v.version - 1 \
        WHERE v.key = $1 AND v.version < $2 ORDER BY v.version DESC LIMIT $3";
}

/// Creates a definition. The key of an archived one can be taken again: the definition then goes on as its next version.
///
/// # Errors
/// `Conflict` by `flag_exists` when there is one with the key.
pub fn create(
    tx: &mut Transaction<'_>,
    new: &NewDefinition<'_>,
    actor: &str,
    now: Timestamp,
) -> Result<Definition, StoreError> {
    flag_revision::lock(tx)?;
    if let Some(row) = tx.row(INSERT, params![new.key, new.definition, now, actor, now, actor])? {
        return stored(tx, definition(&row)?, new.comment);
    }
    match get(tx, new.key)? {
        Some(Definition { archived_at: Some(_), version, .. }) => replace(tx, new, version, None, actor, now),
        _ => Err(StoreError::Conflict {
            constraint: "flag_exists".to_owned(),
            message: format!("there is a flag {:?}: change it, or choose another key", new.key),
        }),
    }
}

/// Changes a definition that still has `version`; 0 for a seeded flag that was never edited.
///
/// # Errors
/// `VersionConflict`, also where nothing is stored; `WrongState` when it is archived.
pub fn change(
    tx: &mut Transaction<'_>,
    key: &str,
    version: i64,
    definition: &str,
    comment: Option<&str>,
    actor: &str,
    now: Timestamp,
) -> Result<Definition, StoreError> {
    flag_revision::lock(tx)?;
    let new = NewDefinition { key, definition, comment };
    if version == 0 {
        return match tx.row(INSERT, params![key, definition, now, actor, now, actor])? {
            Some(row) => stored(tx, self::definition(&row)?, comment),
            None => Err(StoreError::VersionConflict { current: get(tx, key)?.map_or(0, |stored| stored.version) }),
        };
    }
    in_use(get(tx, key)?, key, version)?;
    replace(tx, &new, version, None, actor, now)
}

/// Archives a definition that still has `version`: the flag is unknown from then on, its history stays. Not while a rollout of
/// it goes on, which could not put it back: `Conflict` by `rollout_running`.
///
/// # Errors
/// `VersionConflict`, also where nothing is stored; `WrongState` when it is archived.
pub fn archive(
    tx: &mut Transaction<'_>,
    key: &str,
    version: i64,
    actor: &str,
    now: Timestamp,
) -> Result<Definition, StoreError> {
    flag_revision::lock(tx)?;
    let current = in_use(get(tx, key)?, key, version)?;
    if let Some(running) = rollouts::live_of_flag(tx, key)? {
        let message = format!(
            "the flag {key} has the rollout {}, which is {}: end it before you archive the flag",
            running.id, running.state.stage
        );
        return Err(StoreError::Conflict { constraint: "rollout_running".to_owned(), message });
    }
    let last = NewDefinition { key, definition: &current.definition, comment: None };
    replace(tx, &last, version, Some(now), actor, now)
}

/// Reads a definition, an archived one too; none where nothing is stored.
///
/// # Errors
/// What the database answers.
pub fn get(tx: &mut Transaction<'_>, key: &str) -> Result<Option<Definition>, StoreError> {
    tx.row(GET, params![key])?.as_ref().map(definition).transpose()
}

/// Every stored definition by key, archived ones too.
///
/// # Errors
/// What the database answers.
pub fn all(tx: &mut Transaction<'_>) -> Result<Vec<Definition>, StoreError> {
    tx.list(ALL, params![], definition)
}

/// The versions of a definition, the newest first; empty where nothing is stored.
///
/// # Errors
/// What the database answers.
pub fn history(tx: &mut Transaction<'_>, key: &str, page: &Page) -> Result<Listing<DefinitionVersion>, StoreError> {
    let versions = tx.list(HISTORY, params![key, page.before_number(), page.fetch()], version)?;
    Ok(Listing::cut(versions, page, |version| version.version.to_string()))
}

fn in_use(stored: Option<Definition>, key: &str, version: i64) -> Result<Definition, StoreError> {
    match stored {
        None => Err(StoreError::VersionConflict { current: 0 }),
        Some(stored) if stored.version != version => Err(StoreError::VersionConflict { current: stored.version }),
        Some(Definition { archived_at: Some(_), .. }) => Err(StoreError::WrongState {
            what: "flag",
            id: key.to_owned(),
            state: "archived".to_owned(),
            hint: "create it again to bring it back",
        }),
        Some(stored) => Ok(stored),
    }
}

fn replace(
    tx: &mut Transaction<'_>,
    new: &NewDefinition<'_>,
    version: i64,
    archived_at: Option<Timestamp>,
    actor: &str,
    now: Timestamp,
) -> Result<Definition, StoreError> {
    match tx.row(UPDATE, params![new.definition, archived_at, now, actor, new.key, version])? {
        Some(row) => stored(tx, definition(&row)?, new.comment),
        None => Err(StoreError::VersionConflict { current: get(tx, new.key)?.map_or(0, |stored| stored.version) }),
    }
}

/// Keeps what was stored in the history.
fn stored(tx: &mut Transaction<'_>, now: Definition, comment: Option<&str>) -> Result<Definition, StoreError> {
    let values = params![
        &now.key,
        now.version,
        &now.definition,
        now.archived_at.is_some(),
        comment,
        now.updated_at,
        &now.updated_by,
    ];
    tx.execute(INSERT_VERSION, values)?;
    flag_revision::raise(tx)?;
    Ok(now)
}

fn definition(row: &Row) -> Result<Definition, StoreError> {
    Ok(Definition {
        key: row.text(0)?,
        definition: row.text(1)?,
        version: row.integer(2)?,
        archived_at: row.optional_timestamp(3)?,
        created_at: row.timestamp(4)?,
        created_by: row.text(5)?,
        updated_at: row.timestamp(6)?,
        updated_by: row.text(7)?,
    })
}

fn version(row: &Row) -> Result<DefinitionVersion, StoreError> {
    Ok(DefinitionVersion {
        version: row.integer(0)?,
        definition: row.text(1)?,
        previous: row.optional_text(2)?,
        is_archived: row.boolean(3)?,
        comment: row.optional_text(4)?,
        changed_at: row.timestamp(5)?,
        changed_by: row.text(6)?,
    })
}
