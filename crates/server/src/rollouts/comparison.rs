//! The two arms of each phase, compared (A9).

use jiff::Timestamp;
use rollout::{Comparison, Design};
use serde::Serialize;
use store::rollout_evidence::{self, Period};
use store::rollouts::Rollout;
use store::{StoreError, Transaction};
use utoipa::ToSchema;

use super::step::controller_of;

/// Probability with which an interval misses its value.
const ALPHA: f64 = 0.05;

/// The arms of one entry of a phase.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhaseComparison {
    /// The phase.
    phase: String,
    /// Which entry of it.
    entry: u32,
    /// RFC 3339; when it was entered.
    #[schema(value_type = String, format = DateTime)]
    entered_at: Timestamp,
    /// Requests of people who opted in, and are left out.
    opted_in: u64,
    /// Requests of people who opted out, and are left out.
    opted_out: u64,
    /// Errors and latency of both arms, with intervals.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    comparison: Comparison,
}

/// Compares the arms of every entry of a rollout.
///
/// # Errors
/// What the database answers.
pub(crate) fn compare(tx: &mut Transaction<'_>, rollout: &Rollout) -> Result<Vec<PhaseComparison>, StoreError> {
    let controller = controller_of(rollout)?;
    let periods = rollout_evidence::between(tx, rollout.id, Timestamp::UNIX_EPOCH, Timestamp::MAX)?;
    let of_entry = |entered: &rollout::Entered| {
        let design = controller.policy().phases.iter().find(|phase| phase.name == entered.phase);
        let design = design.map_or(Design::Everyone, |phase| phase.audience.design());
        let own: Vec<&Period> = periods.iter().filter(|period| period.entry == i64::from(entered.entry)).collect();
        let arms = own.iter().map(|period| (&period.counts.treatment, &period.counts.control));
        PhaseComparison {
            phase: entered.phase.clone(),
            entry: entered.entry,
            entered_at: entered.at,
            opted_in: own.iter().map(|period| period.counts.opted_in).sum(),
            opted_out: own.iter().map(|period| period.counts.opted_out).sum(),
            comparison: Comparison::of(arms, design, ALPHA),
        }
    };
    Ok(rollout.state.entered.iter().map(of_entry).collect())
}
