//! What a policy promises, and how long it will take: the figures of `lotwise rollout plan` and of the page.

use serde::Serialize;

use crate::controller::Controller;
use crate::forecast::{PhaseForecast, Traffic, forecast};
use crate::policy::{Budget, Environment, Policy};

/// A plan. Shares and probabilities are numbers from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Name of the policy.
    pub policy: String,
    /// SHA-256 of it.
    pub policy_hash: String,
    /// The flag.
    pub flag: String,
    /// Whose phases the forecast is about.
    pub environment: &'static str,
    /// The most likely that an innocent version is rolled back by a test.
    pub false_rollback: f64,
    /// The most likely that a version at or above [`Plan::error_limit`] passes a criterion.
    pub false_promotion: f64,
    /// The largest share of failures that a criterion lets pass; none where none is about failures.
    pub error_limit: Option<f64>,
    /// The phases of the environment.
    pub forecast: Vec<PhasePlan>,
}

/// What a phase is expected to take.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PhasePlan {
    /// Its name.
    pub phase: String,
    /// Seconds; none where its criteria will not be shown within the longest soak.
    pub soak_seconds: Option<i64>,
    /// By criterion.
    pub requests: Vec<CriterionRequests>,
    /// By trigger and fault.
    pub detection: Vec<FaultDetection>,
}

/// Requests of the treatment that a criterion needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CriterionRequests {
    /// Name of the criterion.
    pub criterion: String,
    /// None where no number of them is enough.
    pub requests: Option<u64>,
}

/// How soon a trigger finds a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FaultDetection {
    /// Name of the trigger.
    pub trigger: String,
    /// The fault, in words.
    pub fault: &'static str,
    /// Seconds from its onset; none where it is not found.
    pub seconds: Option<i64>,
}

impl Plan {
    /// The plan of a policy with this traffic, in the environment that its controller runs.
    #[must_use]
    pub fn of(controller: &Controller, environment: Environment, traffic: Traffic) -> Self {
        let policy = controller.policy();
        Self {
            policy: policy.name.clone(),
            policy_hash: policy.hash().to_owned(),
            flag: policy.flag.clone(),
            environment: environment.as_str(),
            // A sum of nothing is -0.0.
            false_rollback: Budget::of(policy).false_rollback(policy).abs(),
            false_promotion: policy.beta,
            error_limit: error_limit(policy),
            forecast: forecast(controller, traffic).into_iter().map(PhasePlan::of).collect(),
        }
    }
}

impl PhasePlan {
    fn of(PhaseForecast { phase, soak, requests, detection }: PhaseForecast) -> Self {
        Self {
            phase,
            soak_seconds: soak.map(|soak| soak.as_secs()),
            requests: requests
                .into_iter()
                .map(|(criterion, requests)| CriterionRequests { criterion, requests })
                .collect(),
            detection: detection
                .into_iter()
                .map(|(trigger, fault, time)| FaultDetection {
                    trigger,
                    fault,
                    seconds: time.map(|time| time.as_secs()),
                })
                .collect(),
        }
    }
}

fn error_limit(policy: &Policy) -> Option<f64> {
    let criteria = policy.phases.iter().flat_map(|phase| &phase.criteria);
    criteria.filter(|one| one.proof.test().as_deref() == Some("errors")).find_map(|one| Some(one.proof.limits()?.1))
}
