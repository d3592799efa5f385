//! The Prometheus metrics of requirements E1 and B2, with every label set present from the start where they are known.

mod buckets;
mod database;
mod features;
mod http;
mod levels;
mod lot_level;
mod process;
mod rollouts;
mod sign_ins;

use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::text;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use store::{Load, StoreError};

use crate::error::ApiError;

pub(crate) use database::DatabaseMetrics;
pub(crate) use features::FeatureMetrics;
pub(crate) use http::{HttpMetrics, Route};
pub(crate) use levels::{LevelReader, Levels};
pub(crate) use lot_level::{ErrorType, LotLevelMetrics, SnapshotOutcome};
pub(crate) use process::usage;
pub(crate) use rollouts::RolloutMetrics;
pub(crate) use sign_ins::{SignInCounts, SignInOutcome, SignInWay};

/// Content type of the exposition, whatever the scraper accepts.
pub(crate) const EXPOSITION_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The registry and its families.
pub(crate) struct Metrics {
    registry: Registry,
    scraping: Mutex<()>,
    pub(crate) lot_level: LotLevelMetrics,
    pub(crate) features: FeatureMetrics,
    pub(crate) rollouts: RolloutMetrics,
    pub(crate) http: HttpMetrics,
    pub(crate) database: DatabaseMetrics,
    pub(crate) sign_ins: SignInCounts,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::default();
        registry.register(
            "lotwise_build",
            "Versions of the product and of its engine",
            Info::new([("version", env!("CARGO_PKG_VERSION")), ("engine_version", moic::ENGINE_VERSION)]),
        );
        registry.register_collector(Box::new(process::ProcessCollector));
        Self {
            lot_level: LotLevelMetrics::register(&mut registry),
            features: FeatureMetrics::register(&mut registry),
            rollouts: RolloutMetrics::register(&mut registry),
            http: HttpMetrics::register(&mut registry),
            database: DatabaseMetrics::register(&mut registry),
            sign_ins: SignInCounts::register(&mut registry),
            registry,
            scraping: Mutex::default(),
        }
    }

    /// The exposition, with how busy the store is and what only the database knows, or why it does not tell.
    ///
    /// # Errors
    /// [`ApiError::Internal`] if a value cannot be written, which a String's writer never reports.
    pub(crate) fn exposition(&self, load: &Load, levels: Result<&Levels, &StoreError>) -> Result<String, ApiError> {
        // What is shown is cleared and set anew: another scrape must not come between.
        let _alone = self.scraping.lock().unwrap_or_else(PoisonError::into_inner);
        self.database.show(load, levels);
        self.rollouts.show(levels.unwrap_or(&Levels::default()));
        let mut page = String::new();
        text::encode(&mut page, &self.registry).map_err(|error| ApiError::Internal(format!("metrics: {error}")))?;
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::lot_level::LENS_TYPES;
    use super::*;

    #[test]
    fn e1_every_label_set_is_present_from_the_start_with_value_0() {
        let page = Metrics::new().exposition(&Load::default(), Ok(&Levels::default())).unwrap();
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
        metrics.lot_level.snapshot_ended(SnapshotOutcome::Complete, Duration::from_millis(2_500));
        let page = metrics.exposition(&Load::default(), Ok(&Levels::default())).unwrap();
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
        metrics.lot_level.lenses_calculated(Duration::from_micros(80));
        let page = metrics.exposition(&Load::default(), Ok(&Levels::default())).unwrap();
        for lens in LENS_TYPES {
            assert!(page.contains(&format!("lot_moic_calculation_duration_seconds_count{{lens_type=\"{lens}\"}} 1")));
        }
    }
}
