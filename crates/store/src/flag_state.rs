//! The stored state of flags: whether a flag is killed, by whom and why, and its default variant where an operator or a
//! rollout set one. A flag without a row is not killed and has its definition's default.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    StoreError, Transaction, flag_revision,
    row::{Row, params},
    statements::statements,
};

/// The stored state of a flag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlagState {
    /// The flag's key.
    pub key: String,
    /// True while the kill switch is on.
    pub killed: bool,
    /// Why it was last killed or restored.
    pub reason: Option<String>,
    /// Who last changed it, as in `person:1`.
    pub changed_by: Option<String>,
    /// When it was last changed.
    pub changed_at: Option<Timestamp>,
    /// The default variant that was set; none for the definition's.
    pub default_variant: Option<String>,
    /// Raised by every change; 0 when nothing was ever stored.
    pub version: i64,
}

impl FlagState {
    /// The state of a flag that nobody has changed.
    pub fn untouched(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            killed: false,
            reason: None,
            changed_by: None,
            changed_at: None,
            default_variant: None,
            version: 0,
        }
    }
}

/// A state after a change that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The state now.
    pub state: FlagState,
    /// False when it was so already and nothing was stored.
    pub changed: bool,
}

macro_rules! columns {
    () => {
        "key, killed, reason, changed_by, changed_at, default_variant, version"
    };
}

statements! { "flag_state";
    GET = concat!("SELECT ", columns!(), " FROM flag_states WHERE key = $1");
    LIST = concat!("SELECT ", columns!(), " FROM flag_states ORDER BY key");
    SWITCH = concat!("INSERT INTO flag_states (key, killed, reason, changed_by, changed_at, version) \
        VALUES ($1, $2, $3, $4, $5, 1) ON CONFLICT (key) DO UPDATE SET killed = excluded.killed, \
        reason = excluded.reason, changed_by = excluded.changed_by, changed_at = excluded.changed_at, \
        version = flag_states.version + 1 WHERE flag_states.killed <> excluded.killed RETURNING ", columns!());
    SET_DEFAULT = concat!("INSERT INTO flag_states (key, killed, changed_by, changed_at, default_variant, version) \
        VALUES ($1, 0, $2, $3, $4, 1) ON CONFLICT (key) DO UPDATE SET default_variant = excluded.default_variant, \
        changed_by = CASE WHEN flag_states.killed = 1 THEN flag_states.changed_by ELSE excluded.changed_by END, \
        changed_at = CASE WHEN flag_states.killed = 1 THEN flag_states.changed_at ELSE excluded.changed_at END, \
        version = flag_states.version + 1 RETURNING ", columns!());
}

/// The state of one flag; untouched when nothing is stored.
///
/// # Errors
/// What the database answers.
pub fn get(tx: &mut Transaction<'_>, key: &str) -> Result<FlagState, StoreError> {
    match tx.row(GET, params![key])? {
        Some(row) => state(&row),
        None => Ok(FlagState::untouched(key)),
    }
}

/// Every state that is stored, by key.
///
/// # Errors
/// What the database answers.
pub fn all(tx: &mut Transaction<'_>) -> Result<Vec<FlagState>, StoreError> {
    tx.list(LIST, params![], state)
}

/// Kills a flag. Killing it again changes nothing.
///
/// # Errors
/// What the database answers.
pub fn kill(
    tx: &mut Transaction<'_>,
    key: &str,
    actor: &str,
    reason: &str,
    now: Timestamp,
) -> Result<Change, StoreError> {
    switch(tx, key, true, actor, reason, now)
}

/// Takes a kill back. Restoring what is not killed changes nothing.
///
/// # Errors
/// What the database answers.
pub fn restore(
    tx: &mut Transaction<'_>,
    key: &str,
    actor: &str,
    reason: &str,
    now: Timestamp,
) -> Result<Change, StoreError> {
    let current = get(tx, key)?;
    if !current.killed {
        return Ok(Change { state: current, changed: false });
    }
    switch(tx, key, false, actor, reason, now)
}

/// Sets a flag's default variant; none goes back to its definition's. Who killed a killed flag stays known: a rollout that
/// goes back because of a kill changes the default after it.
///
/// # Errors
/// What the database answers.
pub fn set_default_variant(
    tx: &mut Transaction<'_>,
    key: &str,
    variant: Option<&str>,
    actor: &str,
    now: Timestamp,
) -> Result<FlagState, StoreError> {
    flag_revision::lock(tx)?;
    let state = state(&tx.one(SET_DEFAULT, params![key, actor, now, variant])?)?;
    flag_revision::raise(tx)?;
    Ok(state)
}

fn switch(
    tx: &mut Transaction<'_>,
    key: &str,
    killed: bool,
    actor: &str,
    reason: &str,
    now: Timestamp,
) -> Result<Change, StoreError> {
    flag_revision::lock(tx)?;
    match tx.row(SWITCH, params![key, killed, reason, actor, now])? {
        Some(row) => {
            flag_revision::raise(tx)?;
            Ok(Change { state: state(&row)?, changed: true })
        }
        None => Ok(Change { state: get(tx, key)?, changed: false }),
    }
}

fn state(row: &Row) -> Result<FlagState, StoreError> {
    Ok(FlagState {
        key: row.text(0)?,
        killed: row.boolean(1)?,
        reason: row.optional_text(2)?,
        changed_by: row.optional_text(3)?,
        changed_at: row.optional_timestamp(4)?,
        default_variant: row.optional_text(5)?,
        version: row.integer(6)?,
    })
}
