//! Decisions made again: each record of the audit log has what its decision was made of.

use rollout::{Controller, Decision};
use serde::Serialize;
use store::audit::{self, Entry, Filter};
use store::rollouts::Rollout;
use store::{StoreError, Transaction};
use utoipa::ToSchema;

use super::step::{StepRecord, controller_of, subject};

/// Records of a rollout that are read: enough for years of one.
const ENTRIES_MAX: i64 = 100_000;

/// Entries that are read at a time, on the way back to a decision.
const ENTRIES_AT_A_TIME: i64 = 50;

/// A record that was made again.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReplayedRecord)]
pub(crate) struct Replayed {
    /// Its number in the audit log.
    pub(crate) sequence: i64,
    /// What it says: the verdict and its rule, or the stage it led to.
    pub(crate) outcome: String,
    /// Whether the same inputs give the same decision, effects and stage now.
    pub(crate) is_same: bool,
}

/// The records of a rollout that have a step, with their entries.
///
/// # Errors
/// What the database answers.
pub(crate) fn records(tx: &mut Transaction<'_>, rollout: &Rollout) -> Result<Vec<(Entry, StepRecord)>, StoreError> {
    let subject = subject(rollout.id);
    let entries = audit::list(tx, &Filter { subject: Some(&subject), fund_id: None }, 0, ENTRIES_MAX)?;
    let with_step = entries.into_iter().filter_map(|entry| {
        let record = serde_json::from_str(&entry.details).ok()?;
        Some((entry, record))
    });
    Ok(with_step.collect())
}

/// At most `wanted` decisions before the entry numbered `before`, the newest first, with their entries.
///
/// # Errors
/// What the database answers.
pub(crate) fn decisions(
    tx: &mut Transaction<'_>,
    rollout: &Rollout,
    mut before: i64,
    wanted: usize,
) -> Result<Vec<(Entry, StepRecord, Decision)>, StoreError> {
    let subject = subject(rollout.id);
    let mut decisions = Vec::new();
    loop {
        let entries = audit::latest(tx, &subject, before, ENTRIES_AT_A_TIME)?;
        let Some(last) = entries.last() else { return Ok(decisions) };
        before = last.sequence;
        for entry in entries {
            let Ok(record) = serde_json::from_str::<StepRecord>(&entry.details) else { continue };
            if let Some(decision) = record.decision.clone() {
                decisions.push((entry, record, decision));
            }
            if decisions.len() >= wanted {
                return Ok(decisions);
            }
        }
    }
}

/// Makes every step again that the audit log has of a rollout.
///
/// # Errors
/// What the database answers.
pub(crate) fn replay(tx: &mut Transaction<'_>, rollout: &Rollout) -> Result<Vec<Replayed>, StoreError> {
    let controller = controller_of(rollout)?;
    let records = records(tx, rollout)?;
    Ok(records.into_iter().map(|(entry, record)| again(&controller, &entry, record)).collect())
}

fn again(controller: &Controller, entry: &Entry, record: StepRecord) -> Replayed {
    let outcome = match &record.decision {
        Some(decision) => format!("{} by {}", decision.verdict.as_str(), decision.rule),
        None => record.result.clone(),
    };
    let step = controller.step(record.before, &record.event, record.now);
    // After a rollback was decided, the flag was put back in the same transaction: the stage is one further.
    let is_same = step.is_ok_and(|step| {
        let stage = step.state.stage.to_string();
        let has_gone_on = stage == "RollingBack" && record.result == "Verifying";
        step.decision == record.decision && step.effects == record.effects && (stage == record.result || has_gone_on)
    });
    Replayed { sequence: entry.sequence, outcome, is_same }
}
