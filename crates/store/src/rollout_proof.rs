//! What proves that a rollback is in force: who was asked about before the start, and what each replica has.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    RolloutId, StoreError, Transaction,
    rollouts::{json, parsed_json},
    row::params,
    statements::statements,
};

/// Somebody who was asked about, and what they are to get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampledContext {
    /// The context, as a JSON object.
    pub context: String,
    /// The variant; none where the flag gives none.
    pub variant: Option<String>,
}

/// What a replica has of a rollout's flag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// The replica.
    pub replica: String,
    /// The revision of the flags that it has.
    pub revision: i64,
    /// Hash of the flag as it is there.
    pub config_hash: String,
    /// Sampled contexts whose variant is the expected one.
    pub contexts_equal: u64,
    /// Sampled contexts.
    pub contexts: u64,
    /// Requests that were let in with the treatment before the flag was as it is, and are still being served.
    pub in_flight: u64,
    /// When somebody was first served well without the treatment since the flag is as it is.
    pub first_good_at: Option<Timestamp>,
    /// When it was read.
    pub read_at: Timestamp,
}

statements! { "rollout_proof";
    PUT_CONTEXT = "INSERT INTO rollout_contexts (rollout_id, context, variant) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    CONTEXTS = "SELECT context, variant FROM rollout_contexts WHERE rollout_id = $1 ORDER BY context";
    PUT_READING = "INSERT INTO rollout_readings (rollout_id, replica, reading, read_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (rollout_id, replica) DO UPDATE SET reading = excluded.reading, read_at = excluded.read_at";
    READINGS = "SELECT reading FROM rollout_readings WHERE rollout_id = $1 ORDER BY replica";
    FORGET_CONTEXTS = "DELETE FROM rollout_contexts WHERE rollout_id = $1";
    FORGET_READINGS = "DELETE FROM rollout_readings WHERE rollout_id = $1";
}

/// Forgets the sample and the readings of a rollout. That it was proven stays in the audit log.
///
/// # Errors
/// What the database answers.
pub fn forget(tx: &mut Transaction<'_>, id: RolloutId) -> Result<(), StoreError> {
    tx.execute(FORGET_CONTEXTS, params![id])?;
    tx.execute(FORGET_READINGS, params![id]).map(|_| ())
}

/// Keeps who was asked about before the start.
///
/// # Errors
/// What the database answers.
pub fn keep_context(tx: &mut Transaction<'_>, id: RolloutId, sampled: &SampledContext) -> Result<(), StoreError> {
    tx.execute(PUT_CONTEXT, params![id, &sampled.context, sampled.variant.as_deref()]).map(|_| ())
}

/// Who was asked about before the start.
///
/// # Errors
/// What the database answers.
pub fn contexts(tx: &mut Transaction<'_>, id: RolloutId) -> Result<Vec<SampledContext>, StoreError> {
    tx.list(CONTEXTS, params![id], |row| Ok(SampledContext { context: row.text(0)?, variant: row.optional_text(1)? }))
}

/// Keeps what a replica has now.
///
/// # Errors
/// What the database answers.
pub fn keep_reading(tx: &mut Transaction<'_>, id: RolloutId, reading: &Reading) -> Result<(), StoreError> {
    tx.execute(PUT_READING, params![id, &reading.replica, json(reading)?, reading.read_at]).map(|_| ())
}

/// What each replica had when it last read.
///
/// # Errors
/// What the database answers.
pub fn readings(tx: &mut Transaction<'_>, id: RolloutId) -> Result<Vec<Reading>, StoreError> {
    tx.list(READINGS, params![id], |row| parsed_json(row.str(0)?))
}
