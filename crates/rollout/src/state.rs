//! Where a rollout stands. Everything the controller knows, so that a restart or another replica goes on from here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::scores::Scores;

/// The state of a rollout (`rollouts.md` §2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Where it stands.
    pub stage: Stage,
    /// Since when.
    pub since: Timestamp,
    /// Until when it stands there at most, by the clock. Phases that soak have their limit in soak time instead.
    pub deadline: Option<Timestamp>,
    /// Position in the policy of the present phase; none before the first.
    pub phase: Option<usize>,
    /// Counts entries of phases, from 1. Evidence belongs to one entry.
    pub entry: u32,
    /// Every entry, in order.
    pub entered: Vec<Entered>,
    /// What the present phase has shown; none before the first, and after the end.
    pub run: Option<Run>,
    /// How often the controller has stepped back by itself.
    pub steps_back: u32,
    /// A step back that is watched: does it help?
    pub experiment: Option<Experiment>,
    /// Statements of people.
    pub checks: Vec<Check>,
    /// End of the last tick that was taken.
    pub last_tick: Option<Timestamp>,
}

/// When a phase was entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entered {
    /// The number of the entry.
    pub entry: u32,
    /// The phase's name.
    pub phase: String,
    /// When.
    pub at: Timestamp,
}

/// One run of a phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The scores of its tests.
    pub scores: Scores,
    /// Time it has soaked: time that was seen, and not held.
    pub soak: SignedDuration,
    /// Time that operators have added to the longest soak.
    pub extension: SignedDuration,
    /// How long nothing was seen of the treatment.
    pub quiet: SignedDuration,
    /// How long the source of evidence has failed.
    pub failing: SignedDuration,
    /// By trigger of a shared resource: how long it has been above its level.
    pub over: BTreeMap<String, SignedDuration>,
    /// Rules that have held the rollout, or told somebody, and that an operator has seen: they do so once a run.
    pub acknowledged: BTreeSet<String>,
}

impl Run {
    pub(crate) fn new(scores: Scores) -> Self {
        Self {
            scores,
            soak: SignedDuration::ZERO,
            extension: SignedDuration::ZERO,
            quiet: SignedDuration::ZERO,
            failing: SignedDuration::ZERO,
            over: BTreeMap::new(),
            acknowledged: BTreeSet::new(),
        }
    }
}

/// Where a rollout stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Written down.
    Draft,
    /// Its policy is good.
    Validated,
    /// It waits for its start, or for the record of earlier environments.
    AwaitingStart,
    /// The flag of a phase is on its way to every replica.
    Entering,
    /// Evidence arrives; comparisons are not calibrated yet.
    WarmUp,
    /// Evidence is gathered.
    Soaking,
    /// The evidence is there; a check is missing.
    GateWait,
    /// Everyone but the holdback has the feature.
    GaBake,
    /// Nothing goes on until it is cleared.
    Held {
        /// Why.
        reason: Hold,
        /// Where it goes on.
        from: Box<Stage>,
        /// The rule that holds it.
        rule: String,
    },
    /// The flag of a lower phase is on its way to every replica.
    SteppingBack,
    /// The flag of before is being put back.
    RollingBack,
    /// It is back; every replica is asked whether it has it.
    Verifying,
    /// Putting it back could not be proven; somebody is called.
    RollbackStuck,
    /// It is proven to be back.
    RolledBack,
    /// Every phase is done.
    Completed,
    /// An operator stopped the controller; the flag is as it was then.
    Aborted,
    /// A new rollout of the flag was started.
    Superseded,
}

/// Why a rollout is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Hold {
    /// The longest soak is over and neither is shown.
    Inconclusive,
    /// Nothing is seen of the treatment.
    NoData,
    /// The source of evidence fails.
    MetricsError,
    /// The arms do not have the sizes they were drawn with.
    SampleRatioMismatch,
    /// Both arms suffer.
    SharedIncident,
    /// Somebody else has edited the flag.
    ExternalEdit,
    /// An operator, or a rule that only holds, said so.
    Manual,
    /// A check did not come in time.
    Approval,
}

impl Hold {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::Inconclusive,
        Self::NoData,
        Self::MetricsError,
        Self::SampleRatioMismatch,
        Self::SharedIncident,
        Self::ExternalEdit,
        Self::Manual,
        Self::Approval,
    ];

    /// Whether what was missing, or wrong, can end it without a person.
    #[must_use]
    pub const fn clears_itself(self) -> bool {
        matches!(self, Self::NoData | Self::MetricsError | Self::SharedIncident | Self::Approval)
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inconclusive => "Inconclusive",
            Self::NoData => "NoData",
            Self::MetricsError => "MetricsError",
            Self::SampleRatioMismatch => "SampleRatioMismatch",
            Self::SharedIncident => "SharedIncident",
            Self::ExternalEdit => "ExternalEdit",
            Self::Manual => "Manual",
            Self::Approval => "Approval",
        }
    }
}

impl Stage {
    /// Whether the controller acts: from Entering to GaBake, held and stepping back.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        matches!(
            self,
            Self::Entering
                | Self::WarmUp
                | Self::Soaking
                | Self::GateWait
                | Self::GaBake
                | Self::Held { .. }
                | Self::SteppingBack
        )
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub const fn is_end(&self) -> bool {
        matches!(self, Self::RolledBack | Self::Completed | Self::Aborted | Self::Superseded)
    }

    /// Whether it was not started yet.
    #[must_use]
    pub const fn is_before_start(&self) -> bool {
        matches!(self, Self::Draft | Self::Validated | Self::AwaitingStart)
    }

    /// Whether the flag's new state is on its way to the replicas.
    #[must_use]
    pub const fn is_moving(&self) -> bool {
        matches!(self, Self::Entering | Self::SteppingBack)
    }

    /// Where it stands, or goes on once it is no longer held.
    #[must_use]
    pub fn unheld(&self) -> &Self {
        match self {
            Self::Held { from, .. } => from,
            stage => stage,
        }
    }

    /// The hold and its rule, if it is held.
    #[must_use]
    pub fn hold(&self) -> Option<(Hold, &str)> {
        match self {
            Self::Held { reason, rule, .. } => Some((*reason, rule)),
            _ => None,
        }
    }

    /// The names, as [`Stage::as_str`] has them, of all stages but the ends.
    pub const UNENDED: [&'static str; 13] = [
        "Draft",
        "Validated",
        "AwaitingStart",
        "Entering",
        "WarmUp",
        "Soaking",
        "GateWait",
        "GaBake",
        "Held",
        "SteppingBack",
        "RollingBack",
        "Verifying",
        "RollbackStuck",
    ];

    /// Its name without the reason of a hold.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Validated => "Validated",
            Self::AwaitingStart => "AwaitingStart",
            Self::Entering => "Entering",
            Self::WarmUp => "WarmUp",
            Self::Soaking => "Soaking",
            Self::GateWait => "GateWait",
            Self::GaBake => "GaBake",
            Self::Held { .. } => "Held",
            Self::SteppingBack => "SteppingBack",
            Self::RollingBack => "RollingBack",
            Self::Verifying => "Verifying",
            Self::RollbackStuck => "RollbackStuck",
            Self::RolledBack => "RolledBack",
            Self::Completed => "Completed",
            Self::Aborted => "Aborted",
            Self::Superseded => "Superseded",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Held { reason, .. } => write!(out, "Held({})", reason.as_str()),
            other => out.write_str(other.as_str()),
        }
    }
}

/// A step back because of a shared resource, which is watched: if the resource recovers, the feature was to blame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Experiment {
    /// The trigger of the shared resource.
    pub trigger: String,
    /// When it must have recovered.
    pub until: Timestamp,
    /// How long the resource has been at or below its lower level since the lower phase is in force.
    #[serde(default)]
    pub calm: SignedDuration,
}

/// A statement of a person about a phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// Name of the check, as the policy has it.
    pub name: String,
    /// Name of the phase it is about.
    pub phase: String,
    /// Whether it is good.
    pub passed: bool,
    /// Who says so: the owner of the token, as in `person:7`.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What it rests on: a link or a sentence.
    pub evidence: String,
    /// Until when it counts; none for always.
    pub expires_at: Option<Timestamp>,
}

impl State {
    /// A rollout that was written down at `now`.
    #[must_use]
    pub const fn draft(now: Timestamp) -> Self {
        Self {
            stage: Stage::Draft,
            since: now,
            deadline: None,
            phase: None,
            entry: 0,
            entered: Vec::new(),
            run: None,
            steps_back: 0,
            experiment: None,
            checks: Vec::new(),
            last_tick: None,
        }
    }

    /// The last statement about a check of a phase that counts at `now`.
    #[must_use]
    pub fn check(&self, phase: &str, name: &str, now: Timestamp) -> Option<&Check> {
        let of_name = self.checks.iter().rev().find(|check| check.phase == phase && check.name == name);
        of_name.filter(|check| check.expires_at.is_none_or(|expires_at| expires_at > now))
    }
}
