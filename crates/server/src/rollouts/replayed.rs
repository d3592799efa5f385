//! Decisions made again: each record of the audit log has what its decision was made of.

use rollout::Controller;
use serde::Serialize;
use store::audit::{self, Entry, Filter};
use store::rollouts::Rollout;
use store::{StoreError, Transaction};
use utoipa::ToSchema;

use super::step::{StepRecord, controller_of, subject};

/// Records of a rollout that are read: enough for years of one.
const ENTRIES_MAX: i64 = 100_000;

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
