//! The rules of a rollout: phases, what must be shown to go on, and what stops it. A TOML file, known by its hash.

mod budget;
mod queries;
mod reading;
mod rules;

use std::fmt;

use flags::Exposure;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Problem;

pub use budget::{Budget, PhaseBudget};
pub use queries::{ArmQueries, Queries};
pub use reading::APPROVAL;
pub use rules::{Action, Class, Condition, Criterion, Proof, Trigger};

/// Bytes of a policy.
pub const POLICY_BYTES_MAX: usize = 64 * 1024;
/// Phases of a policy.
pub const PHASES_MAX: usize = 20;
/// Criteria, and triggers, of a policy.
pub const RULES_MAX: usize = 50;
/// Characters of a name.
pub const NAME_LENGTH_MAX: usize = 60;

/// The plan's five phases for lot-level MOIC (`requirements.md`, part B), as it is shipped.
pub const DEFAULT: &str = include_str!("policy/default.toml");
/// What the simulator's table is measured with (`rollouts.md` §7).
pub const REFERENCE: &str = include_str!("policy/reference.toml");

/// A checked policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// What it is called.
    pub name: String,
    /// Key of the flag it moves.
    pub flag: String,
    /// Probability of rolling back an innocent version, over a whole rollout, for triggers without a budget of their own.
    pub alpha: f64,
    /// Probability of promoting a version at or above a criterion's limit, per criterion, over a whole rollout.
    pub beta: f64,
    /// How long nothing may be seen of the treatment before the rollout is held.
    pub no_data: SignedDuration,
    /// How long the source of evidence may fail before the rollout is held.
    pub metrics_error: SignedDuration,
    /// How long may be waited.
    pub deadlines: Deadlines,
    /// Where the evidence is asked for; none for the service's own counters.
    pub queries: Option<Queries>,
    /// The phases, in order. General availability, where there is one, is the last.
    pub phases: Vec<Phase>,
    hash: String,
}

/// How long a state may last before somebody is called, or the rollout is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// For every replica to have the flag of a phase.
    pub enter: SignedDuration,
    /// For checks, once the evidence is there.
    pub gate: SignedDuration,
    /// For an operator, while held; then it starts anew.
    pub held: SignedDuration,
    /// For every replica to have the flag of before, after a rollback.
    pub verify: SignedDuration,
}

/// One phase.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// The environment whose processes run it.
    pub environment: Environment,
    /// Who gets the feature.
    pub audience: Audience,
    /// The shortest time in it.
    pub min_soak: SignedDuration,
    /// The longest time in it without an operator's word.
    pub max_soak: SignedDuration,
    /// Statements of people that must be there to go on.
    pub checks: Vec<String>,
    /// What must be shown to go on.
    pub criteria: Vec<Criterion>,
    /// What acts.
    pub triggers: Vec<Trigger>,
    /// Whether this is general availability: everyone but the holdback.
    pub is_general_availability: bool,
}

/// Where a process and its database stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// On a developer's machine.
    Development,
    /// For acceptance.
    Staging,
    /// For everyone.
    Production,
}

impl Environment {
    /// Every environment, in the order of a rollout.
    pub const ALL: [Self; 3] = [Self::Development, Self::Staging, Self::Production];

    /// Name in policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// Who gets the feature in a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audience {
    /// Share of the users, drawn by targeting key; none where only those who ask get it.
    pub percent: Option<Exposure>,
    /// Whether those who ask, and may, get it, too.
    pub opt_in: bool,
}

/// How the arms of a phase come about, and with that what evidence can say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Design {
    /// Everyone is in the treatment: there is no control.
    Everyone,
    /// Users are drawn with this share, above 0 and below 1: cause and effect.
    Hashed(f64),
    /// People chose: observations only.
    OptIn,
}

impl Audience {
    /// How the arms come about.
    #[must_use]
    pub fn design(self) -> Design {
        match self.percent {
            Some(share) if share.hundredths_of_percent() == Exposure::EVERYONE => Design::Everyone,
            Some(share) => Design::Hashed(f64::from(share.hundredths_of_percent()) / f64::from(Exposure::EVERYONE)),
            None => Design::OptIn,
        }
    }

    /// The drawn share in percent; 0 where only those who ask get the feature.
    #[must_use]
    pub fn percent(self) -> f64 {
        self.percent.map_or(0.0, |share| f64::from(share.hundredths_of_percent()) / 100.0)
    }
}

impl Design {
    /// Whether there is a control arm.
    #[must_use]
    pub const fn is_controlled(self) -> bool {
        !matches!(self, Self::Everyone)
    }
}

/// Why a policy was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is not TOML.
    #[error("the policy is not TOML: {0}")]
    Syntax(String),
    /// It is larger than [`POLICY_BYTES_MAX`].
    #[error("the policy has {0} bytes; at most {POLICY_BYTES_MAX} are read")]
    TooLarge(usize),
    /// It does not say what a policy says; every problem found.
    #[error("the policy has {} problems, the first: {}", .0.len(), .0.first().map_or(String::new(), ToString::to_string))]
    Invalid(Vec<Problem>),
}

impl Policy {
    /// Reads a policy and checks it.
    ///
    /// # Errors
    /// [`PolicyError`], with every problem and its path.
    pub fn from_toml(text: &str) -> Result<Self, PolicyError> {
        if text.len() > POLICY_BYTES_MAX {
            return Err(PolicyError::TooLarge(text.len()));
        }
        reading::read(text, hash(text))
    }

    /// SHA-256 of the file's bytes, as `sha256:` and hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The policy as a process of `environment` runs it: the phases of that environment alone. Budgets stay those of the
    /// whole policy.
    #[must_use]
    pub fn phases_of(&self, environment: Environment) -> Vec<usize> {
        let phases = self.phases.iter().enumerate();
        phases.filter(|(_, phase)| phase.environment == environment).map(|(position, _)| position).collect()
    }

    /// The environment that the last phase belongs to.
    #[must_use]
    pub fn last_environment(&self) -> Environment {
        self.phases.last().map_or(Environment::Production, |phase| phase.environment)
    }

    /// The same policy with other budgets: `alpha` for every trigger with a budget of its own and for the others
    /// together, `beta` for every criterion. For simulations.
    #[must_use]
    pub fn with_budgets(mut self, alpha: Option<f64>, beta: Option<f64>) -> Self {
        self.alpha = alpha.unwrap_or(self.alpha);
        self.beta = beta.unwrap_or(self.beta);
        let triggers = self.phases.iter_mut().flat_map(|phase| &mut phase.triggers);
        for own in triggers.filter_map(|trigger| trigger.alpha.as_mut()) {
            *own = alpha.unwrap_or(*own);
        }
        self
    }
}

/// Whole minutes of a duration that the checks hold above 0, at least 1.
pub(crate) fn minutes(duration: SignedDuration) -> u32 {
    u32::try_from(duration.as_mins()).unwrap_or(u32::MAX).max(1)
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold("sha256:".to_owned(), |hex, byte| hex + &format!("{byte:02x}"))
}
