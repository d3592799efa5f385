//! Lets a rollout take an event, whoever gives rise to it: written in one transaction, repeated where somebody else was
//! quicker, then in force in this process.

use jiff::Timestamp;
use rollout::{Event, Refusal, Stage};
use store::leases::{self, Held};
use store::rollout_evidence::{self, Counts};
use store::rollouts::{self, Rollout};
use store::{RolloutId, StoreError, Transaction};

use super::step::{self, Cause, NotTaken, Taken};
use crate::AppState;

/// How often an event is tried again because somebody else has changed the rollout meanwhile.
const ATTEMPTS_MAX: usize = 5;

/// What is written together with a step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Together {
    /// The controller's lease: without it nothing is written.
    pub(crate) lease: Option<Held>,
    /// The version that the event was made for; none for whatever there is.
    pub(crate) version: Option<i64>,
    /// The tick that is decided about.
    pub(crate) closes: Option<Closes>,
    /// When the treatment was gone everywhere, and when somebody was served well without it.
    pub(crate) drained: Option<(Timestamp, Option<Timestamp>)>,
}

/// A tick that is decided about.
#[derive(Debug, Clone)]
pub(crate) struct Closes {
    /// Its end.
    pub(crate) at: Timestamp,
    /// What all replicas counted in it.
    pub(crate) counts: Counts,
    /// How many of them had handed that in.
    pub(crate) handed_in: i64,
}

/// Takes an event.
///
/// # Errors
/// `VersionConflict` where the rollout is not at the version the event was made for; `Conflict` by `lease`; what the
/// database answers. Refusals of commands come as the inner error.
pub(crate) async fn act(
    state: &AppState,
    id: RolloutId,
    event: Event,
    cause: Cause,
    together: Together,
) -> Result<Result<Taken, Refusal>, StoreError> {
    let mut attempt = 1;
    let taken = loop {
        match write(state, id, event.clone(), cause.clone(), together.clone()).await {
            Ok(Err(NotTaken::FlagMoved)) => {
                // The controller has to hear of it before anything else; what was to be done waits.
                let moved = Together { closes: None, drained: None, version: None, ..together.clone() };
                match write(state, id, Event::EditedElsewhere, cause.clone(), moved).await? {
                    Ok(taken) => break taken,
                    Err(refused) => return Err(StoreError::Internal(format!("an edit cannot be told: {refused:?}"))),
                }
            }
            Ok(Err(NotTaken::Refused(refusal))) => return Ok(Err(refusal)),
            Ok(Ok(taken)) => break taken,
            Err(StoreError::VersionConflict { .. }) if together.version.is_none() && attempt < ATTEMPTS_MAX => {
                attempt += 1;
            }
            Err(error) => return Err(error),
        }
    };
    Ok(Ok(follow_up(state, taken).await?))
}

async fn write(
    state: &AppState,
    id: RolloutId,
    event: Event,
    cause: Cause,
    together: Together,
) -> Result<Result<Taken, NotTaken>, StoreError> {
    state.store().write(move |tx| take(tx, id, &event, &cause, &together)).await
}

fn take(
    tx: &mut Transaction<'_>,
    id: RolloutId,
    event: &Event,
    cause: &Cause,
    together: &Together,
) -> Result<Result<Taken, NotTaken>, StoreError> {
    let mut rollout = rollouts::get(tx, id)?;
    if together.version.is_some_and(|version| version != rollout.version) {
        return Err(StoreError::VersionConflict { current: rollout.version });
    }
    let entry = rollout.entry;
    if let Some(closes) = &together.closes {
        let closed = rollout.closed_tick.unwrap_or(Timestamp::MIN);
        if rollout_evidence::handed_in(tx, id, closed, closes.at)? != closes.handed_in {
            // A replica was late, and not too late: it is counted.
            return Err(StoreError::VersionConflict { current: rollout.version });
        }
        rollout.closed_tick = Some(closes.at);
    }
    if let (Some((drained_at, recovered_at)), Some(times)) = (together.drained, &mut rollout.rollback_times) {
        (times.drained_at, times.recovered_at) = (Some(drained_at), recovered_at);
    }
    let taken = step::take(tx, rollout, event, cause)?;
    if let (Ok(taken), Some(closes)) = (&taken, &together.closes) {
        rollout_evidence::close(tx, taken.rollout.id, entry, closes.at, &closes.counts)?;
    }
    // Last, so that whoever takes the lease over waits for the end of this transaction only.
    if let Some(lease) = &together.lease {
        leases::check(tx, lease)?;
    }
    Ok(taken)
}

/// Says what happened, and has it in force here.
///
/// # Errors
/// What the database answers when flags are read; what was written stays.
pub(crate) async fn follow_up(state: &AppState, mut taken: Taken) -> Result<Taken, StoreError> {
    let rollout = &taken.rollout;
    for page in &taken.pages {
        tracing::error!(rollout = %rollout.id, flag = rollout.flag_key, page, "somebody has to look at a rollout");
        state.metrics().rollouts.paged();
    }
    for note in &taken.notes {
        tracing::info!(rollout = %rollout.id, flag = rollout.flag_key, note, "a rollout says");
    }
    if let Some(decision) = &taken.decision {
        tracing::warn!(
            rollout = %rollout.id,
            flag = rollout.flag_key,
            verdict = decision.verdict.as_str(),
            rule = decision.rule,
            stage = %rollout.state.stage,
            explanation = decision.explanation,
            "a rollout decides"
        );
        state.metrics().rollouts.decided(decision.verdict);
    }
    state.refresh_flags().await?;
    let is_rolled_back = matches!(rollout.state.stage, Stage::Verifying);
    if is_rolled_back && rollout.rollback_times.is_some_and(|times| times.committed_at.is_none()) {
        let committed_at = state.shared_now();
        let id = rollout.id;
        taken.rollout = state.store().write(move |tx| note_committed(tx, id, committed_at)).await?;
    }
    if taken.rollout.state.stage == Stage::RolledBack
        && let Some(times) = taken.rollout.rollback_times
    {
        state.metrics().rollouts.rolled_back(&times);
    }
    Ok(taken)
}

/// Notes when the flag of before was durably written, which only shows afterwards.
fn note_committed(tx: &mut Transaction<'_>, id: RolloutId, committed_at: Timestamp) -> Result<Rollout, StoreError> {
    let mut rollout = rollouts::get(tx, id)?;
    if let Some(times) = rollout.rollback_times.as_mut().filter(|times| times.committed_at.is_none()) {
        times.committed_at = Some(committed_at);
        rollouts::save(tx, &rollout, committed_at)?;
        rollout.version += 1;
    }
    Ok(rollout)
}
