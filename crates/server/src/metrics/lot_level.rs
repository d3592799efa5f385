//! The lot level: snapshots, lenses, errors, and the two arms beside each other (requirements E1, A9, B2).

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::buckets::{self, MakeHistogram};
use store::rollout_evidence::NewUsers;

use crate::error::ApiError;
use crate::rollouts::evidence::Arm;

/// The seven lenses and the one beside them, as label values.
pub(super) const LENS_TYPES: [&str; 8] = [
    "current_moic",
    "current_moic_initial",
    "current_moic_deployed_reserves",
    "exit_moic",
    "exit_moic_initial",
    "exit_moic_follow_ons",
    "exit_moic_planned_reserves",
    "exit_moic_deployed_reserves",
];

/// How a snapshot ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SnapshotOutcome {
    /// All lenses are there.
    Complete,
    /// It failed and says why.
    Error,
}

impl SnapshotOutcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Error => "error",
        }
    }
}

/// What went wrong on the lot-level routes and in their workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorType {
    /// The request was not acceptable.
    Validation,
    /// The engine refused what was stored, or the server made a mistake.
    Calculation,
    /// The database was full, busy or away.
    Database,
}

impl ErrorType {
    const ALL: [Self; 3] = [Self::Validation, Self::Calculation, Self::Database];

    fn as_str(self) -> &'static str {
        match self {
            Self::Validation => "validation",
            Self::Calculation => "calculation",
            Self::Database => "database",
        }
    }

    /// The type of an error, or none: refusals that are no fault of anybody (no token, flag off, stale version) are
    /// not counted.
    pub(crate) fn of(error: &ApiError) -> Option<Self> {
        match error {
            ApiError::Malformed { .. }
            | ApiError::Invalid(_)
            | ApiError::TooLarge { .. }
            | ApiError::UnsupportedMediaType { .. }
            | ApiError::IdempotencyKeyReused => Some(Self::Validation),
            ApiError::Internal(_) => Some(Self::Calculation),
            ApiError::Overloaded | ApiError::TimedOut | ApiError::DatabaseUnavailable(_) | ApiError::StorageFull(_) => {
                Some(Self::Database)
            }
            ApiError::Unauthenticated(_)
            | ApiError::Forbidden(_)
            | ApiError::NotFound { .. }
            | ApiError::RouteNotFound
            | ApiError::MethodNotAllowed { .. }
            | ApiError::VersionConflict { .. }
            | ApiError::IdempotencyInProgress
            | ApiError::Conflict(_)
            | ApiError::InvitationRefused { .. }
            | ApiError::FlagsMoved
            | ApiError::ManagedByFile { .. }
            | ApiError::SecondPerson(_)
            | ApiError::TooManyAttempts { .. }
            | ApiError::FeatureDisabled(_) => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusLabels {
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LensLabels {
    lens_type: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ErrorLabels {
    error_type: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ArmLabels {
    arm: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    arm: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LookupLabels {
    result: &'static str,
}

/// Metrics of the lot level.
pub(crate) struct LotLevelMetrics {
    snapshot_creation: Family<StatusLabels, Histogram, MakeHistogram>,
    snapshot_job: Family<StatusLabels, Histogram, MakeHistogram>,
    cache_lookups: Family<LookupLabels, Counter>,
    calculation: Family<LensLabels, Histogram, MakeHistogram>,
    errors: Family<ErrorLabels, Counter>,
    requests: Family<OutcomeLabels, Counter>,
    request_duration: Family<ArmLabels, Histogram, MakeHistogram>,
    users: Family<ArmLabels, Counter>,
    user_failures: Family<ArmLabels, Counter>,
}

impl LotLevelMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            snapshot_creation: Family::new_with_constructor(buckets::snapshot),
            snapshot_job: Family::new_with_constructor(buckets::snapshot),
            cache_lookups: Family::default(),
            calculation: Family::new_with_constructor(buckets::calculation),
            errors: Family::default(),
            requests: Family::default(),
            request_duration: Family::new_with_constructor(buckets::request),
            users: Family::default(),
            user_failures: Family::default(),
        };
        registry.register(
            "portfolio_snapshot_creation_duration_seconds",
            "Time from accepting a snapshot to its end, by how it ended",
            metrics.snapshot_creation.clone(),
        );
        registry.register(
            "snapshot_job_duration_seconds",
            "Time a worker spent on one attempt at a snapshot, by how the attempt ended",
            metrics.snapshot_job.clone(),
        );
        registry.register(
            "snapshot_cache_lookups",
            "Snapshots whose inputs were calculated before (hit) or not (miss)",
            metrics.cache_lookups.clone(),
        );
        registry.register(
            "lot_moic_calculation_duration_seconds",
            "Time of the pass that computed a lens; one pass computes them all",
            metrics.calculation.clone(),
        );
        registry.register(
            "lot_moic_errors",
            "Errors of the lot-level routes and workers, by type",
            metrics.errors.clone(),
        );
        registry.register(
            "lot_level_requests",
            "Requests of a fund's portfolio, legacy MOIC included, by the arm they were served in; failures are the server's",
            metrics.requests.clone(),
        );
        registry.register(
            "lot_level_request_duration_seconds",
            "Time to answer requests of a fund's portfolio, by the arm they were served in",
            metrics.request_duration.clone(),
        );
        registry.register(
            "lot_level_users",
            "Users of a rollout that this process was the first of all to see in the present phase, by arm",
            metrics.users.clone(),
        );
        registry.register(
            "lot_level_user_failures",
            "Users of a rollout whose first failure of the present phase this process was the first to tell, by arm",
            metrics.user_failures.clone(),
        );
        metrics.make_every_label_set_present();
        metrics
    }

    fn make_every_label_set_present(&self) {
        for outcome in [SnapshotOutcome::Complete, SnapshotOutcome::Error] {
            let status = outcome.as_str();
            let _ = self.snapshot_creation.get_or_create(&StatusLabels { status });
            let _ = self.snapshot_job.get_or_create(&StatusLabels { status });
        }
        for result in [HIT, MISS] {
            let _ = self.cache_lookups.get_or_create(&LookupLabels { result });
        }
        for lens_type in LENS_TYPES {
            let _ = self.calculation.get_or_create(&LensLabels { lens_type });
        }
        for error_type in ErrorType::ALL {
            let _ = self.errors.get_or_create(&ErrorLabels { error_type: error_type.as_str() });
        }
        self.users_seen(&NewUsers::default());
        for arm in Arm::ALL {
            let arm = arm.as_str();
            let _ = self.request_duration.get_or_create(&ArmLabels { arm });
            for outcome in [OK, FAILURE] {
                let _ = self.requests.get_or_create(&OutcomeLabels { arm, outcome });
            }
        }
    }

    /// A snapshot came to its end `elapsed` after it was accepted.
    pub(crate) fn snapshot_ended(&self, outcome: SnapshotOutcome, elapsed: Duration) {
        self.snapshot_creation.get_or_create(&StatusLabels { status: outcome.as_str() }).observe(elapsed.as_secs_f64());
    }

    /// A worker spent `elapsed` on an attempt at a snapshot.
    pub(crate) fn snapshot_attempted(&self, outcome: SnapshotOutcome, elapsed: Duration) {
        self.snapshot_job.get_or_create(&StatusLabels { status: outcome.as_str() }).observe(elapsed.as_secs_f64());
    }

    /// The inputs of a snapshot were calculated before, or were not.
    pub(crate) fn snapshot_looked_up(&self, is_known: bool) {
        self.cache_lookups.get_or_create(&LookupLabels { result: if is_known { HIT } else { MISS } }).inc();
    }

    /// One pass over a portfolio took `elapsed` and gave every lens.
    pub(crate) fn lenses_calculated(&self, elapsed: Duration) {
        for lens_type in LENS_TYPES {
            self.calculation.get_or_create(&LensLabels { lens_type }).observe(elapsed.as_secs_f64());
        }
    }

    /// Something went wrong at the lot level.
    pub(crate) fn failed(&self, error_type: ErrorType) {
        self.errors.get_or_create(&ErrorLabels { error_type: error_type.as_str() }).inc();
    }

    /// Users of a rollout were seen for the first time in a phase, or failed for the first time.
    pub(crate) fn users_seen(&self, new: &NewUsers) {
        for (arm, seen, failed) in
            [(Arm::Treatment, new.treatment, new.treatment_failed), (Arm::Control, new.control, new.control_failed)]
        {
            let labels = ArmLabels { arm: arm.as_str() };
            self.users.get_or_create(&labels).inc_by(seen);
            self.user_failures.get_or_create(&labels).inc_by(failed);
        }
    }

    /// A request of a fund's portfolio was answered, or given up.
    pub(crate) fn served(&self, arm: Arm, failed: bool, elapsed: Duration) {
        let (arm, outcome) = (arm.as_str(), if failed { FAILURE } else { OK });
        self.requests.get_or_create(&OutcomeLabels { arm, outcome }).inc();
        self.request_duration.get_or_create(&ArmLabels { arm }).observe(elapsed.as_secs_f64());
    }
}

const OK: &str = "ok";
const FAILURE: &str = "failure";
const HIT: &str = "hit";
const MISS: &str = "miss";
