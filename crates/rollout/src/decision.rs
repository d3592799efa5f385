//! What the controller decides, with the numbers it decided by.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::policy::Action;
use crate::scores::{Estimates, Totals};

/// A decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// When.
    pub at: Timestamp,
    /// What.
    pub verdict: Verdict,
    /// The rule that says so: the name of a trigger, `criteria`, or the name of a hold.
    pub rule: String,
    /// What is done.
    pub action: Action,
    /// Why, in plain words.
    pub explanation: String,
    /// The phase it was made in.
    pub phase: Option<String>,
    /// The numbers it was made by.
    pub numbers: Numbers,
}

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Enter the next phase, or complete.
    Promote,
    /// Stay until it is cleared.
    Hold,
    /// Enter a lower phase.
    StepBack,
    /// Put everything back.
    RollBack,
}

impl Verdict {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Hold => "hold",
            Self::StepBack => "step_back",
            Self::RollBack => "roll_back",
        }
    }
}

/// The numbers of a phase at one moment. Scores are natural logarithms.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Numbers {
    /// By test of a trigger: ln E.
    pub log_e: BTreeMap<String, f64>,
    /// By test of a trigger: ln of the score at which it acts.
    pub log_threshold: BTreeMap<String, f64>,
    /// By test of a criterion: ln E_pass.
    pub log_e_pass: BTreeMap<String, f64>,
    /// By test of a criterion: ln of the score at which it is shown.
    pub log_pass: BTreeMap<String, f64>,
    /// By test of a criterion: ln E_fail, which is never acted on.
    pub log_e_fail: BTreeMap<String, f64>,
    /// ln E of the arms' sizes; none where users are not drawn.
    pub log_e_sample_ratio: Option<f64>,
    /// Of the last five minutes.
    pub estimates: Estimates,
    /// Of the treatment since the phase was entered.
    pub treatment: Totals,
    /// Of the control since the phase was entered.
    pub control: Totals,
    /// Seconds that the phase has soaked.
    pub soak_seconds: i64,
}
