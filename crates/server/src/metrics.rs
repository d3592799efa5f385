//! The Prometheus metrics of requirement E1, with every label set present from the start.

use std::time::Duration;

use flags::Flag;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use rollout::Verdict;
use store::rollouts::RollbackTimes;

use crate::error::ApiError;
use crate::guard::OWN_FLAGS;
use crate::sign_in::SignInCounts;

/// Content type of the exposition, whatever the scraper accepts.
pub(crate) const EXPOSITION_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds. 0.1 is our own target, 3 and 10 the rollout's P95 and P99 limits, 300 the plan's limit for a queued snapshot.
const SNAPSHOT_BUCKETS: [f64; 15] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0];

/// Seconds. From one company (microseconds) to a portfolio of a million.
const CALCULATION_BUCKETS: [f64; 12] = [0.00001, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 3.0, 10.0];

/// Seconds. The stages of a rollback: ours take milliseconds, the plan allows five minutes.
const ROLLBACK_BUCKETS: [f64; 12] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 150.0, 300.0];

/// The stages of a rollback, as label values.
const ROLLBACK_STAGES: [&str; 4] = ["decide", "commit", "drain", "recover"];

/// What a rollout can decide.
const VERDICTS: [Verdict; 4] = [Verdict::Promote, Verdict::Hold, Verdict::StepBack, Verdict::RollBack];

/// The seven lenses and the one beside them, as label values.
const LENS_TYPES: [&str; 8] = [
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
struct FlagLabels {
    flag_name: &'static str,
    enabled: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FlagNameLabels {
    flag_name: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ErrorLabels {
    error_type: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StageLabels {
    stage: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VerdictLabels {
    verdict: &'static str,
}

/// The registry and its families.
pub(crate) struct Metrics {
    registry: Registry,
    snapshot_creation: Family<StatusLabels, Histogram, fn() -> Histogram>,
    calculation: Family<LensLabels, Histogram, fn() -> Histogram>,
    flag_checks: Family<FlagLabels, Counter>,
    self_disabled: Family<FlagNameLabels, Counter>,
    killed: Family<FlagNameLabels, Gauge>,
    errors: Family<ErrorLabels, Counter>,
    rollback: Family<StageLabels, Histogram, fn() -> Histogram>,
    decisions: Family<VerdictLabels, Counter>,
    pages: Counter,
    pub(crate) sign_ins: SignInCounts,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let snapshot_creation =
            Family::new_with_constructor((|| Histogram::new(SNAPSHOT_BUCKETS)) as fn() -> Histogram);
        let calculation = Family::new_with_constructor((|| Histogram::new(CALCULATION_BUCKETS)) as fn() -> Histogram);
        let flag_checks = Family::default();
        let self_disabled = Family::default();
        let killed = Family::<FlagNameLabels, Gauge>::default();
        let errors = Family::default();
        let mut registry = Registry::default();
        registry.register(
            "portfolio_snapshot_creation_duration_seconds",
            "Time from accepting a snapshot to its end, by how it ended",
            snapshot_creation.clone(),
        );
        registry.register(
            "lot_moic_calculation_duration_seconds",
            "Time of the pass that computed a lens; one pass computes them all",
            calculation.clone(),
        );
        registry.register("feature_flag_checks", "Decisions about a flag", flag_checks.clone());
        registry.register(
            "feature_flag_self_disabled",
            "People who turned a flag off for themselves, each at most once an hour",
            self_disabled.clone(),
        );
        registry.register(
            "feature_flag_killed",
            "Whether a flag is killed in this process, by an operator or by its environment variable",
            killed.clone(),
        );
        registry.register("lot_moic_errors", "Errors of the lot-level routes and workers, by type", errors.clone());
        let rollback = Family::new_with_constructor((|| Histogram::new(ROLLBACK_BUCKETS)) as fn() -> Histogram);
        let (decisions, pages) = (Family::default(), Counter::default());
        registry.register(
            "rollout_rollback_duration_seconds",
            "Stages of a rollback: from its cause to the decision, to the commit, until nobody has the treatment, until \
             somebody is served well without it",
            rollback.clone(),
        );
        registry.register("rollout_decisions", "Decisions of rollouts that this process controlled", decisions.clone());
        registry.register("rollout_pages", "Times a rollout called somebody", pages.clone());
        let sign_ins = SignInCounts::register(&mut registry);
        let metrics = Self {
            sign_ins,
            registry,
            snapshot_creation,
            calculation,
            flag_checks,
            self_disabled,
            killed,
            errors,
            rollback,
            decisions,
            pages,
        };
        metrics.make_every_label_set_present();
        metrics
    }

    fn make_every_label_set_present(&self) {
        for outcome in [SnapshotOutcome::Complete, SnapshotOutcome::Error] {
            let _ = self.snapshot_creation.get_or_create(&StatusLabels { status: outcome.as_str() });
        }
        for lens_type in LENS_TYPES {
            let _ = self.calculation.get_or_create(&LensLabels { lens_type });
        }
        for flag in OWN_FLAGS {
            let flag_name = flag.key();
            for enabled in ["true", "false"] {
                let _ = self.flag_checks.get_or_create(&FlagLabels { flag_name, enabled });
            }
            let _ = self.self_disabled.get_or_create(&FlagNameLabels { flag_name });
            let _ = self.killed.get_or_create(&FlagNameLabels { flag_name });
        }
        for stage in ROLLBACK_STAGES {
            let _ = self.rollback.get_or_create(&StageLabels { stage });
        }
        for verdict in VERDICTS {
            let _ = self.decisions.get_or_create(&VerdictLabels { verdict: verdict.as_str() });
        }
        for error_type in ErrorType::ALL {
            let _ = self.errors.get_or_create(&ErrorLabels { error_type: error_type.as_str() });
        }
    }

    /// A snapshot came to its end `elapsed` after it was accepted.
    pub(crate) fn snapshot_ended(&self, outcome: SnapshotOutcome, elapsed: Duration) {
        self.snapshot_creation.get_or_create(&StatusLabels { status: outcome.as_str() }).observe(elapsed.as_secs_f64());
    }

    /// One pass over a portfolio took `elapsed` and gave every lens.
    pub(crate) fn lenses_calculated(&self, elapsed: Duration) {
        for lens_type in LENS_TYPES {
            self.calculation.get_or_create(&LensLabels { lens_type }).observe(elapsed.as_secs_f64());
        }
    }

    /// A flag was decided.
    pub(crate) fn flag_checked(&self, flag: Flag<bool>, enabled: bool) {
        let enabled = if enabled { "true" } else { "false" };
        self.flag_checks.get_or_create(&FlagLabels { flag_name: flag.key(), enabled }).inc();
    }

    /// Somebody turned a flag off for themselves.
    pub(crate) fn self_disabled(&self, flag_name: &'static str) {
        self.self_disabled.get_or_create(&FlagNameLabels { flag_name }).inc();
    }

    /// Whether a flag is killed now.
    pub(crate) fn flag_killed(&self, flag_name: &'static str, is_killed: bool) {
        self.killed.get_or_create(&FlagNameLabels { flag_name }).set(i64::from(is_killed));
    }

    /// A rollout has decided.
    pub(crate) fn rollout_decided(&self, verdict: Verdict) {
        self.decisions.get_or_create(&VerdictLabels { verdict: verdict.as_str() }).inc();
    }

    /// A rollout has called somebody.
    pub(crate) fn rollout_paged(&self) {
        self.pages.inc();
    }

    /// A rollback is proven; what took how long.
    pub(crate) fn rolled_back(&self, times: &RollbackTimes) {
        let instants = [times.triggered_at, times.decided_at, times.committed_at, times.drained_at, times.recovered_at];
        for (stage, pair) in ROLLBACK_STAGES.into_iter().zip(instants.windows(2)) {
            if let [Some(from), Some(to)] = pair {
                let seconds = to.duration_since(*from).as_secs_f64().max(0.0);
                self.rollback.get_or_create(&StageLabels { stage }).observe(seconds);
            }
        }
    }

    /// Something went wrong at the lot level.
    pub(crate) fn failed(&self, error_type: ErrorType) {
        self.errors.get_or_create(&ErrorLabels { error_type: error_type.as_str() }).inc();
    }

    /// The exposition.
    ///
    /// # Errors
    /// [`ApiError::Internal`] if a value cannot be written, which a String's writer never reports.
    pub(crate) fn exposition(&self) -> Result<String, ApiError> {
        let mut page = String::new();
        text::encode(&mut page, &self.registry).map_err(|error| ApiError::Internal(format!("metrics: {error}")))?;
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e1_every_label_set_is_present_from_the_start_with_value_0() {
        let page = Metrics::new().exposition().unwrap();
        for line in [
            "portfolio_snapshot_creation_duration_seconds_count{status=\"complete\"} 0",
            "portfolio_snapshot_creation_duration_seconds_count{status=\"error\"} 0",
            "lot_moic_calculation_duration_seconds_count{lens_type=\"current_moic\"} 0",
            "lot_moic_calculation_duration_seconds_count{lens_type=\"exit_moic_planned_reserves\"} 0",
            "feature_flag_checks_total{flag_name=\"enableLotLevelMoic\",enabled=\"true\"} 0",
            "feature_flag_checks_total{flag_name=\"enableLotLevelMoic\",enabled=\"false\"} 0",
            "feature_flag_checks_total{flag_name=\"useFundStore\",enabled=\"false\"} 0",
            "feature_flag_self_disabled_total{flag_name=\"enableLotLevelMoic\"} 0",
            "lot_moic_errors_total{error_type=\"validation\"} 0",
            "lot_moic_errors_total{error_type=\"calculation\"} 0",
            "lot_moic_errors_total{error_type=\"database\"} 0",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} is missing from\n{page}");
        }
    }

    #[test]
    fn the_rollouts_limits_are_bucket_bounds() {
        let metrics = Metrics::new();
        metrics.snapshot_ended(SnapshotOutcome::Complete, Duration::from_millis(2_500));
        let page = metrics.exposition().unwrap();
        for (bound, count) in [("2.0", 0), ("3.0", 1), ("10.0", 1)] {
            let line = format!(
                "portfolio_snapshot_creation_duration_seconds_bucket{{le=\"{bound}\",status=\"complete\"}} {count}"
            );
            assert!(page.contains(&line), "{line} is missing from\n{page}");
        }
    }

    #[test]
    fn every_calculation_is_seen_under_every_lens() {
        let metrics = Metrics::new();
        metrics.lenses_calculated(Duration::from_micros(80));
        let page = metrics.exposition().unwrap();
        for lens in LENS_TYPES {
            assert!(page.contains(&format!("lot_moic_calculation_duration_seconds_count{{lens_type=\"{lens}\"}} 1")));
        }
    }
}
