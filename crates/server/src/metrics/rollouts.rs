//! Rollouts: where the live ones are, what they decide, how long rollbacks take.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use rollout::{Stage, Verdict};
use store::rollouts::RollbackTimes;

use super::buckets::{self, MakeHistogram};
use super::levels::Levels;

/// The stages of a rollback, as label values.
const ROLLBACK_STAGES: [&str; 4] = ["decide", "commit", "drain", "recover"];

/// What a rollout can decide.
const VERDICTS: [Verdict; 4] = [Verdict::Promote, Verdict::Hold, Verdict::StepBack, Verdict::RollBack];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StageLabels {
    stage: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct VerdictLabels {
    verdict: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FlagLabels {
    flag_name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    flag_name: String,
    state: &'static str,
}

/// Metrics of rollouts.
pub(crate) struct RolloutMetrics {
    rollback: Family<StageLabels, Histogram, MakeHistogram>,
    decisions: Family<VerdictLabels, Counter>,
    pages: Counter,
    exposure: Family<FlagLabels, Gauge<f64, std::sync::atomic::AtomicU64>>,
    state: Family<StateLabels, Gauge>,
}

impl RolloutMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            rollback: Family::new_with_constructor(buckets::rollback),
            decisions: Family::default(),
            pages: Counter::default(),
            exposure: Family::default(),
            state: Family::default(),
        };
        registry.register(
            "rollout_rollback_duration_seconds",
            "Stages of a rollback: from its cause to the decision, to the commit, until nobody has the treatment, until \
             somebody is served well without it",
            metrics.rollback.clone(),
        );
        registry.register(
            "rollout_decisions",
            "Decisions of rollouts that this process controlled",
            metrics.decisions.clone(),
        );
        registry.register("rollout_pages", "Times a rollout called somebody", metrics.pages.clone());
        registry.register(
            "rollout_exposure_percent",
            "Share of users that the phase of a live rollout exposes; absent without a rollout",
            metrics.exposure.clone(),
        );
        registry.register(
            "rollout_state",
            "Whether a rollout that has not ended is in a state, for each of them; absent without a rollout",
            metrics.state.clone(),
        );
        for stage in ROLLBACK_STAGES {
            let _ = metrics.rollback.get_or_create(&StageLabels { stage });
        }
        for verdict in VERDICTS {
            let _ = metrics.decisions.get_or_create(&VerdictLabels { verdict: verdict.as_str() });
        }
        metrics
    }

    /// A rollout has decided.
    pub(crate) fn decided(&self, verdict: Verdict) {
        self.decisions.get_or_create(&VerdictLabels { verdict: verdict.as_str() }).inc();
    }

    /// A rollout has called somebody.
    pub(crate) fn paged(&self) {
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

    /// Where the live rollouts are.
    pub(super) fn show(&self, levels: &Levels) {
        self.exposure.clear();
        self.state.clear();
        for live in &levels.rollouts {
            let flag_name = live.flag_key.clone();
            if let Some(percent) = live.exposure_percent {
                self.exposure.get_or_create(&FlagLabels { flag_name: flag_name.clone() }).set(percent);
            }
            for state in Stage::UNENDED {
                let labels = StateLabels { flag_name: flag_name.clone(), state };
                self.state.get_or_create(&labels).set(i64::from(live.state == state));
            }
        }
    }
}
