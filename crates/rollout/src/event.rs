//! What can happen to a rollout, and what follows from it outside of it.

use serde::{Deserialize, Serialize};

use crate::evidence::Tick;
use crate::state::Check;

/// What happens to a rollout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Event {
    /// Its policy and flag were found to be good.
    Validated,
    /// It shall start as soon as it can.
    Scheduled,
    /// Nothing is missing for its start.
    Started,
    /// A tick of evidence.
    Tick(Tick),
    /// Time has passed.
    Clock,
    /// Every replica has the flag of the phase that is being entered.
    InForce,
    /// The flag of before is written.
    Restored,
    /// Every replica has the flag of before, and nobody gets the treatment.
    Verified,
    /// A replica has something else.
    NotVerified {
        /// Which, and what.
        why: String,
    },
    /// A person's statement.
    Check(Check),
    /// An operator's command.
    Command(Command),
    /// The flag was killed.
    Killed,
    /// Somebody else has edited the flag.
    EditedElsewhere,
    /// A new rollout of the flag was started.
    Superseded,
}

/// What an operator can say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Command {
    /// Stay.
    Hold {
        /// Why.
        reason: String,
    },
    /// Go on where it was held.
    Resume {
        /// Why.
        reason: String,
    },
    /// Go to a lower phase.
    StepBack {
        /// Which; none for the one below.
        to: Option<String>,
        /// Why.
        reason: String,
    },
    /// Put everything back.
    RollBack {
        /// Why.
        reason: String,
    },
    /// A manual trigger of the policy has come true.
    Trip {
        /// Which.
        trigger: String,
        /// What happened.
        reason: String,
    },
    /// Stop the controller and leave the flag as it is.
    Abort {
        /// Why.
        reason: String,
    },
}

/// What has to be done outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// Give the flag the audience of the phase at this position of the policy, compare-and-swap on its version.
    Enter {
        /// Position in the policy.
        phase: usize,
    },
    /// Put the flag back to what it was before the rollout, with the default off.
    Restore,
    /// Make the flag on for everyone.
    Complete,
    /// Call somebody.
    Page {
        /// What about.
        message: String,
    },
    /// Write something down that nobody has to act on.
    Note {
        /// What.
        message: String,
    },
}

/// Why an operator's command was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The rollout stands where the command means nothing.
    #[error("the rollout is {stage}: {hint}")]
    WrongStage {
        /// Where it stands.
        stage: String,
        /// What can be done there.
        hint: &'static str,
    },
    /// No such phase below the present one.
    #[error("{phase:?} is no phase below the present one; there {}", listed(known))]
    NoSuchPhase {
        /// What was asked for.
        phase: String,
        /// Lower phases.
        known: String,
    },
    /// No such manual trigger in the present phase.
    #[error("{trigger:?} is no manual trigger of the present phase; there {}", listed(known))]
    NoSuchTrigger {
        /// What was asked for.
        trigger: String,
        /// Manual triggers.
        known: String,
    },
    /// No such check in the policy.
    #[error("{check:?} is no check of the phase {phase:?}; there {}", listed(known))]
    NoSuchCheck {
        /// What was signed.
        check: String,
        /// For which phase.
        phase: String,
        /// Its checks.
        known: String,
    },
}

/// What there is instead: `are: canary, expanded`, or that there is none.
fn listed(known: &str) -> String {
    if known.is_empty() { "is none".to_owned() } else { format!("are: {known}") }
}
