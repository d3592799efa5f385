//! One step of a rollout, with everything that follows from it, in one transaction.

use std::sync::Arc;

use jiff::Timestamp;
use rollout::{Controller, Decision, Design, Effect, Event, Latencies, Policy, Refusal, Stage, State};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::audit::{self, NewEntry};
use store::rollouts::{self, Observes, RollbackTimes, Rollout};
use store::{RolloutId, StoreError, Transaction, flag_book};

use super::flag_config::{self, FlagConfig, Written};

/// What is told of a step that was taken.
#[derive(Debug, Clone)]
pub(crate) struct Taken {
    /// The rollout now.
    pub(crate) rollout: Rollout,
    /// What was decided.
    pub(crate) decision: Option<Decision>,
    /// Whom to call, and why.
    pub(crate) pages: Vec<String>,
    /// What to write down.
    pub(crate) notes: Vec<String>,
}

/// Why a step was not taken. Nothing of it is stored.
#[derive(Debug, Clone)]
pub(crate) enum NotTaken {
    /// The command means nothing where the rollout stands.
    Refused(Refusal),
    /// Somebody else has changed the flag: this is what the controller has to hear first.
    FlagMoved,
}

/// Who gives rise to a step, and when.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    /// Targeting key of a person, or the rollout itself.
    pub(crate) actor: String,
    /// When.
    pub(crate) now: Timestamp,
    /// End of the tick, or instant of the command, that it reacts to.
    pub(crate) triggered_at: Timestamp,
}

impl Cause {
    /// The controller's own.
    pub(crate) fn controller(id: RolloutId, now: Timestamp, triggered_at: Timestamp) -> Self {
        Self { actor: format!("rollout:{id}"), now, triggered_at }
    }

    /// A person's.
    pub(crate) fn person(actor: String, now: Timestamp) -> Self {
        Self { actor, now, triggered_at: now }
    }
}

/// What the audit log keeps of a step that decided something, went on to another stage, or was a person's: enough to make it
/// again.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StepRecord {
    /// Hash of the policy.
    pub(crate) policy_hash: String,
    /// What happened.
    pub(crate) event: Event,
    /// When, as the controller was told.
    pub(crate) now: Timestamp,
    /// Where the rollout stood.
    pub(crate) before: State,
    /// What was decided.
    pub(crate) decision: Option<Decision>,
    /// What had to be done.
    pub(crate) effects: Vec<Effect>,
    /// Where the rollout stands after it.
    pub(crate) result: String,
}

/// The controller of a stored rollout.
///
/// # Errors
/// `Internal` for a stored policy that is none, which no check lets pass.
pub(crate) fn controller_of(rollout: &Rollout) -> Result<Controller, StoreError> {
    controller(&rollout.policy, rollout.environment, rollout.latency_baseline.clone())
}

fn controller(
    policy: &str,
    environment: rollout::Environment,
    baseline: Option<Latencies>,
) -> Result<Controller, StoreError> {
    let policy = Policy::from_toml(policy)
        .map_err(|error| StoreError::Internal(format!("a stored policy is not acceptable: {error}")))?;
    Ok(Controller::new(Arc::new(policy), environment, baseline))
}

/// Takes an event: the controller's step, the flag, the audit log and the rollout's row.
///
/// # Errors
/// `VersionConflict` where somebody else was quicker; what the database answers.
pub(crate) fn take(
    tx: &mut Transaction<'_>,
    mut rollout: Rollout,
    event: &Event,
    cause: &Cause,
) -> Result<Result<Taken, NotTaken>, StoreError> {
    let controller = controller_of(&rollout)?;
    let before = rollout.state.clone();
    let step = match controller.step(before.clone(), event, cause.now) {
        Ok(step) => step,
        Err(refusal) => return Ok(Err(NotTaken::Refused(refusal))),
    };
    rollout.state = step.state;
    let is_commanded = matches!(event, Event::Command(_));
    let comment = comment_of(&step.decision, &rollout);
    let observed = (rollout.observes, rollout.entry, rollout.reads_back);
    let mut writing = Writing { tx, rollout: &mut rollout, controller: &controller, cause, comment: &comment };
    for effect in &step.effects {
        if !writing.carry_out(effect, is_commanded)? {
            return Ok(Err(NotTaken::FlagMoved));
        }
    }
    observe(&mut rollout, &controller);
    if observed != (rollout.observes, rollout.entry, rollout.reads_back) {
        flag_book::lock(tx)?;
        flag_book::raise(tx)?;
        rollout.written_revision = flag_book::revision(tx)?;
    }
    if rollout.state.stage.is_end() {
        rollout.ended_at = Some(cause.now);
    }
    let has_moved = before.stage != rollout.state.stage || before.entry != rollout.state.entry;
    let is_said = matches!(event, Event::Check(_) | Event::Command(_));
    let pages = step.effects.iter().any(|effect| matches!(effect, Effect::Page { .. }));
    if has_moved || is_said || pages || step.decision.is_some() {
        let record = StepRecord {
            policy_hash: rollout.policy_hash.clone(),
            event: event.clone(),
            now: cause.now,
            before,
            decision: step.decision.clone(),
            effects: step.effects.clone(),
            result: rollout.state.stage.to_string(),
        };
        write_record(tx, &rollout, &record, cause)?;
    }
    rollouts::save(tx, &rollout, cause.now)?;
    rollout.version += 1;
    let (mut pages, mut notes) = (Vec::new(), Vec::new());
    for effect in step.effects {
        match effect {
            Effect::Page { message } => pages.push(message),
            Effect::Note { message } => notes.push(message),
            Effect::Enter { .. } | Effect::Restore | Effect::Complete => {}
        }
    }
    Ok(Ok(Taken { rollout, decision: step.decision, pages, notes }))
}

fn comment_of(decision: &Option<Decision>, rollout: &Rollout) -> String {
    match decision {
        Some(decision) => format!("rollout {}: {} by {}", rollout.id, decision.verdict.as_str(), decision.rule),
        None => format!("rollout {}", rollout.id),
    }
}

fn write_record(
    tx: &mut Transaction<'_>,
    rollout: &Rollout,
    record: &StepRecord,
    cause: &Cause,
) -> Result<(), StoreError> {
    let action = match (&record.decision, &record.event) {
        (Some(decision), _) => format!("rollout.{}", decision.verdict.as_str()),
        (None, Event::Check(_)) => "rollout.check".to_owned(),
        (None, Event::Command(_)) => "rollout.command".to_owned(),
        (None, _) => "rollout.step".to_owned(),
    };
    let details = serde_json::to_string(record)
        .map_err(|error| StoreError::Internal(format!("a step of a rollout cannot be written: {error}")))?;
    append(tx, rollout, &action, &details, cause)
}

/// Adds an entry about a rollout to the audit log.
///
/// # Errors
/// What the database answers.
pub(crate) fn append(
    tx: &mut Transaction<'_>,
    rollout: &Rollout,
    action: &str,
    details: &str,
    cause: &Cause,
) -> Result<(), StoreError> {
    let subject = subject(rollout.id);
    let entry = NewEntry { actor: &cause.actor, action, subject: &subject, fund_id: None, details };
    audit::append(tx, &entry, cause.now).map(|_| ())
}

/// How the audit log names a rollout.
pub(crate) fn subject(id: RolloutId) -> String {
    format!("rollout:{id}")
}

/// Effects on their way into the database.
struct Writing<'w, 't, 'c> {
    tx: &'w mut Transaction<'t>,
    rollout: &'w mut Rollout,
    controller: &'w Controller,
    cause: &'c Cause,
    comment: &'c str,
}

impl Writing<'_, '_, '_> {
    /// Carries an effect out; false where somebody else has changed the flag.
    fn carry_out(&mut self, effect: &Effect, is_commanded: bool) -> Result<bool, StoreError> {
        match effect {
            Effect::Enter { phase } => {
                let phases = &self.controller.policy().phases;
                let unknown = || StoreError::Internal(format!("the policy has no phase {phase}"));
                let audience = phases.get(*phase).ok_or_else(unknown)?.audience;
                // An operator wins: the phase's audience is put on top of whatever somebody else has written.
                let expected = self.rollout.written_hash.clone().filter(|_| !is_commanded);
                self.swap(expected.as_deref(), |config| config.with_audience(audience))
            }
            Effect::Complete => {
                let expected = self.rollout.written_hash.clone();
                self.swap(expected.as_deref(), FlagConfig::completed)
            }
            Effect::Restore => self.restore(),
            Effect::Page { .. } | Effect::Note { .. } => Ok(true),
        }
    }

    fn swap(
        &mut self,
        expected: Option<&str>,
        change: impl FnOnce(FlagConfig) -> FlagConfig,
    ) -> Result<bool, StoreError> {
        flag_book::lock(self.tx)?;
        let written = Written { actor: &self.cause.actor, now: self.cause.now, comment: self.comment };
        let hash = flag_config::swap(self.tx, &self.rollout.flag_key, expected, change, &written)?;
        let is_written = hash.is_some();
        if is_written {
            self.rollout.written_hash = hash;
            self.note_flag_change()?;
        }
        Ok(is_written)
    }

    /// Puts back what was before, whatever was written since, and goes on to the proof.
    fn restore(&mut self) -> Result<bool, StoreError> {
        let missing = || StoreError::Internal(format!("rollout {} has nothing to go back to", self.rollout.id));
        let target = self.rollout.rollback_target.clone().ok_or_else(missing)?;
        let target: FlagConfig = serde_json::from_str(&target)
            .map_err(|error| StoreError::Internal(format!("what a rollout goes back to cannot be read: {error}")))?;
        self.swap(None, |_| target)?;
        let now = self.cause.now;
        let known = self.rollout.rollback_times.unwrap_or_default();
        self.rollout.rollback_times = Some(RollbackTimes {
            triggered_at: known.triggered_at.or(Some(self.cause.triggered_at)),
            decided_at: known.decided_at.or(Some(now)),
            ..RollbackTimes::default()
        });
        let restored = self.controller.step(self.rollout.state.clone(), &Event::Restored, now);
        if let Ok(step) = restored {
            self.rollout.state = step.state;
        }
        Ok(true)
    }

    /// The flag's own history tells of it, too.
    fn note_flag_change(&mut self) -> Result<(), StoreError> {
        let details = json!({ "comment": self.comment, "rollout": self.rollout.id.to_string() }).to_string();
        let subject = format!("flag:{}", self.rollout.flag_key);
        let entry = NewEntry {
            actor: &self.cause.actor,
            action: "flag.change",
            subject: &subject,
            fund_id: None,
            details: &details,
        };
        audit::append(self.tx, &entry, self.cause.now).map(|_| ())
    }
}

/// What requests are counted for from here on, and whether the replicas have to say what they have.
fn observe(rollout: &mut Rollout, controller: &Controller) {
    let entry = i64::from(rollout.state.entry);
    let of_phase = |design| match design {
        Design::Everyone => Observes::Everyone,
        Design::Hashed(_) => Observes::Hashed,
        Design::OptIn => Observes::OptIn,
    };
    let stage = rollout.state.stage.unheld().clone();
    (rollout.observes, rollout.entry) = match &stage {
        // Whoever still gets the treatment shows here.
        Stage::RollingBack | Stage::Verifying | Stage::RollbackStuck => (Observes::Everyone, entry + 1),
        // For the reports after the release.
        Stage::Completed => (Observes::Everyone, entry + 1),
        stage if stage.is_live() => {
            let design = controller.phase_of(&rollout.state).map(|phase| phase.audience.design());
            (design.map_or(Observes::Nothing, of_phase), entry)
        }
        _ => (Observes::Nothing, entry),
    };
    rollout.reads_back =
        stage.is_moving() || matches!(stage, Stage::RollingBack | Stage::Verifying | Stage::RollbackStuck);
}
