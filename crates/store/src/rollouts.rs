//! Rollouts: where each stands. Every change is a compare-and-swap on its version, so that a controller and an operator
//! never overwrite each other.

use jiff::Timestamp;
use rollout::{Environment, Latencies, State};
use serde::{Deserialize, Serialize};

use crate::{
    Listing, Page, RolloutId, StoreError, Transaction,
    row::{Row, params},
    statements::statements,
    words::words,
};

words! {
    /// How the arms of an entry come about.
    Observes {
        /// Nothing is counted.
        Nothing = "none",
        /// Everyone has the feature.
        Everyone = "everyone",
        /// Users are drawn.
        Hashed = "hashed",
        /// People choose.
        OptIn = "opt-in",
    }
}

/// A rollout.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    /// Its id.
    pub id: RolloutId,
    /// The flag it moves.
    pub flag_key: String,
    /// The environment whose phases it runs.
    pub environment: Environment,
    /// The policy, as TOML.
    pub policy: String,
    /// SHA-256 of the policy.
    pub policy_hash: String,
    /// How long the same work took before, for triggers that compare with it.
    pub latency_baseline: Option<Latencies>,
    /// What the controller knows.
    pub state: State,
    /// The entry that requests are counted for: that of the state, or one more while a rollback is proven.
    pub entry: i64,
    /// How its arms come about.
    pub observes: Observes,
    /// Whether every replica is to say what it has of the flag.
    pub reads_back: bool,
    /// What the flag was before the start, as JSON; none before it.
    pub baseline: Option<String>,
    /// What the flag is to be after a rollback, as JSON; none before the start.
    pub rollback_target: Option<String>,
    /// Hash of the flag as the rollout wrote it last.
    pub written_hash: Option<String>,
    /// The revision of the flags since which they are as the rollout stands.
    pub written_revision: i64,
    /// End of the last tick that was decided about.
    pub closed_tick: Option<Timestamp>,
    /// When a rollback did what.
    pub rollback_times: Option<RollbackTimes>,
    /// The second person who agreed to the start, where one is asked for.
    pub approved_by: Option<String>,
    /// Raised by every change; from 1.
    pub version: i64,
    /// When it was written down.
    pub created_at: Timestamp,
    /// Who wrote it down.
    pub created_by: String,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// The stopwatch of a rollback.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RollbackTimes {
    /// End of the tick, or instant of the command, that gave rise to it.
    pub triggered_at: Option<Timestamp>,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// When the flag of before was written.
    pub committed_at: Option<Timestamp>,
    /// When every replica had it, and nobody was still being served with the treatment.
    pub drained_at: Option<Timestamp>,
    /// When somebody was served well without the treatment; none without requests.
    pub recovered_at: Option<Timestamp>,
}

/// What is needed to write a rollout down.
#[derive(Clone, Debug)]
pub struct NewRollout<'a> {
    /// A new UUID v7, from [`crate::ids::uuid_v7`].
    pub id: RolloutId,
    /// The flag it moves.
    pub flag_key: &'a str,
    /// The environment whose phases it runs.
    pub environment: Environment,
    /// The policy, as TOML.
    pub policy: &'a str,
    /// SHA-256 of the policy.
    pub policy_hash: &'a str,
    /// How long the same work took before.
    pub latency_baseline: Option<&'a Latencies>,
    /// What the controller knows.
    pub state: &'a State,
}

/// A rollout that requests are counted for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ObservedRollout {
    /// Its id.
    pub id: uuid::Uuid,
    /// Its flag.
    pub flag_key: String,
    /// The entry that requests are counted for.
    pub entry: i64,
    /// How its arms come about.
    pub observes: Observes,
    /// Whether every replica is to say what it has of the flag.
    pub reads_back: bool,
}

macro_rules! columns {
    () => {
        "id, flag_key, environment, policy, policy_hash, latency_baseline, state, entry, observes, reads_back, baseline, \
         rollback_target, written_hash, written_revision, closed_tick, rollback_times, approved_by, version, created_at, created_by, \
         updated_at, ended_at"
    };
}

statements! { "rollouts";
    INSERT = concat!("INSERT INTO rollouts (id, flag_key, environment, policy, policy_hash, latency_baseline, state, \
        observes, entry, reads_back, written_revision, version, created_at, created_by, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 'none', 0, 0, 0, 1, $8, $9, $10) RETURNING ", columns!());
    GET = concat!("SELECT ", columns!(), " FROM rollouts WHERE id = $1");
    LIVE_OF_FLAG = concat!("SELECT ", columns!(), " FROM rollouts WHERE flag_key = $1 AND ended_at IS NULL");
    LAST_OF_FLAG = concat!("SELECT ", columns!(), " FROM rollouts WHERE flag_key = $1 ORDER BY id DESC LIMIT 1");
    LIST = concat!("SELECT ", columns!(), " FROM rollouts WHERE id < $1 ORDER BY id DESC LIMIT $2");
    LIST_OF_FLAG = concat!("SELECT ", columns!(), " FROM rollouts WHERE flag_key = $1 AND id < $2 ORDER BY id DESC \
        LIMIT $3");
    RUNNING = "SELECT id FROM rollouts WHERE ended_at IS NULL ORDER BY flag_key";
    END_OBSERVATION = "UPDATE rollouts SET observes = 'none', reads_back = 0, updated_at = $1, version = version + 1 \
        WHERE flag_key = $2 AND ended_at IS NOT NULL AND observes <> 'none'";
    OBSERVED = "SELECT id, flag_key, entry, observes, reads_back FROM rollouts \
        WHERE observes <> 'none' OR reads_back = 1 ORDER BY id";
    SAVE = "UPDATE rollouts SET state = $1, entry = $2, observes = $3, reads_back = $4, baseline = $5, \
        rollback_target = $6, written_hash = $7, written_revision = $8, closed_tick = $9, rollback_times = $10, \
        approved_by = $11, version = version + 1, updated_at = $12, ended_at = $13 WHERE id = $14 AND version = $15";
}

/// Writes a rollout down.
///
/// # Errors
/// `Conflict` when the flag has one that has not ended.
pub fn create(
    tx: &mut Transaction<'_>,
    new: &NewRollout<'_>,
    actor: &str,
    now: Timestamp,
) -> Result<Rollout, StoreError> {
    let values = params![
        new.id,
        new.flag_key,
        new.environment.as_str(),
        new.policy,
        new.policy_hash,
        new.latency_baseline.map(json).transpose()?,
        json(new.state)?,
        now,
        actor,
        now,
    ];
    rollout(&tx.one(INSERT, values)?)
}

/// Reads a rollout.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut Transaction<'_>, id: RolloutId) -> Result<Rollout, StoreError> {
    rollout(&tx.row(GET, params![id])?.ok_or_else(|| StoreError::not_found("rollout", &id))?)
}

/// The rollout of a flag that has not ended.
///
/// # Errors
/// What the database answers.
pub fn live_of_flag(tx: &mut Transaction<'_>, flag_key: &str) -> Result<Option<Rollout>, StoreError> {
    tx.row(LIVE_OF_FLAG, params![flag_key])?.as_ref().map(rollout).transpose()
}

/// The newest rollout of a flag.
///
/// # Errors
/// What the database answers.
pub fn last_of_flag(tx: &mut Transaction<'_>, flag_key: &str) -> Result<Option<Rollout>, StoreError> {
    tx.row(LAST_OF_FLAG, params![flag_key])?.as_ref().map(rollout).transpose()
}

/// Rollouts, the newest first; of one flag, or of all.
///
/// # Errors
/// What the database answers.
pub fn list(tx: &mut Transaction<'_>, flag_key: Option<&str>, page: &Page) -> Result<Listing<Rollout>, StoreError> {
    // Ids are hexadecimal, so every one comes before this.
    let before = page.after.as_ref().map_or("g", |_| page.after_text());
    let found = match flag_key {
        Some(flag_key) => tx.list(LIST_OF_FLAG, params![flag_key, before, page.fetch()], rollout)?,
        None => tx.list(LIST, params![before, page.fetch()], rollout)?,
    };
    Ok(Listing::cut(found, page, |rollout| rollout.id.to_string()))
}

/// The rollouts that have not ended.
///
/// # Errors
/// What the database answers.
pub fn running(tx: &mut Transaction<'_>) -> Result<Vec<RolloutId>, StoreError> {
    tx.list(RUNNING, params![], |row| row.parsed(0).map(RolloutId))
}

/// The rollouts that requests are counted for: a part of what [`crate::flag_book`] tells.
///
/// # Errors
/// What the database answers.
pub fn observed(tx: &mut Transaction<'_>) -> Result<Vec<ObservedRollout>, StoreError> {
    tx.list(OBSERVED, params![], |row| {
        Ok(ObservedRollout {
            id: row.parsed(0)?,
            flag_key: row.text(1)?,
            entry: row.integer(2)?,
            observes: row.parsed(3)?,
            reads_back: row.boolean(4)?,
        })
    })
}

/// Ends the counting of requests for rollouts of a flag that have ended: one that begins needs them.
///
/// # Errors
/// What the database answers.
pub fn end_observation(tx: &mut Transaction<'_>, flag_key: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(END_OBSERVATION, params![now, flag_key]).map(|_| ())
}

/// Stores what has become of a rollout that still has its `version`.
///
/// # Errors
/// `VersionConflict`.
pub fn save(tx: &mut Transaction<'_>, changed: &Rollout, now: Timestamp) -> Result<(), StoreError> {
    let values = params![
        json(&changed.state)?,
        changed.entry,
        changed.observes.as_str(),
        changed.reads_back,
        changed.baseline.as_deref(),
        changed.rollback_target.as_deref(),
        changed.written_hash.as_deref(),
        changed.written_revision,
        changed.closed_tick,
        changed.rollback_times.as_ref().map(json).transpose()?,
        changed.approved_by.as_deref(),
        now,
        changed.ended_at,
        changed.id,
        changed.version,
    ];
    if tx.execute(SAVE, values)? == 0 {
        return Err(StoreError::VersionConflict { current: get(tx, changed.id)?.version });
    }
    Ok(())
}

pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(format!("a rollout cannot be written: {error}")))
}

pub(crate) fn parsed_json<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text)
        .map_err(|error| StoreError::Internal(format!("a stored rollout cannot be read: {error}")))
}

fn rollout(row: &Row) -> Result<Rollout, StoreError> {
    let environment = row.str(2)?;
    let environment = Environment::ALL.into_iter().find(|known| known.as_str() == environment);
    Ok(Rollout {
        id: RolloutId(row.parsed(0)?),
        flag_key: row.text(1)?,
        environment: environment.ok_or_else(|| StoreError::Internal("a rollout of no environment".to_owned()))?,
        policy: row.text(3)?,
        policy_hash: row.text(4)?,
        latency_baseline: row.optional_text(5)?.as_deref().map(parsed_json).transpose()?,
        state: parsed_json(row.str(6)?)?,
        entry: row.integer(7)?,
        observes: row.parsed(8)?,
        reads_back: row.boolean(9)?,
        baseline: row.optional_text(10)?,
        rollback_target: row.optional_text(11)?,
        written_hash: row.optional_text(12)?,
        written_revision: row.integer(13)?,
        closed_tick: row.optional_timestamp(14)?,
        rollback_times: row.optional_text(15)?.as_deref().map(parsed_json).transpose()?,
        approved_by: row.optional_text(16)?,
        version: row.integer(17)?,
        created_at: row.timestamp(18)?,
        created_by: row.text(19)?,
        updated_at: row.timestamp(20)?,
        ended_at: row.optional_timestamp(21)?,
    })
}
