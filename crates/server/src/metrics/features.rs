//! Flags and what people say about what they turn on: decisions, people who leave, kills, feedback, tickets.

use flags::Flag;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use store::support_tickets::Severity;

use crate::guard::OWN_FLAGS;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CheckLabels {
    flag_name: &'static str,
    enabled: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FlagNameLabels {
    flag_name: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SentimentLabels {
    sentiment: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SeverityLabels {
    severity: &'static str,
}

/// Metrics of the server's own flags and their features.
pub(crate) struct FeatureMetrics {
    checks: Family<CheckLabels, Counter>,
    self_disabled: Family<FlagNameLabels, Counter>,
    killed: Family<FlagNameLabels, Gauge>,
    feedback: Family<SentimentLabels, Counter>,
    tickets: Family<SeverityLabels, Counter>,
}

impl FeatureMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            checks: Family::default(),
            self_disabled: Family::default(),
            killed: Family::default(),
            feedback: Family::default(),
            tickets: Family::default(),
        };
        registry.register("feature_flag_checks", "Decisions about a flag", metrics.checks.clone());
        registry.register(
            "feature_flag_self_disabled",
            "People who turned a flag off for themselves, each at most once an hour",
            metrics.self_disabled.clone(),
        );
        registry.register(
            "feature_flag_killed",
            "Whether a flag is killed in this process, by an operator or by its environment variable",
            metrics.killed.clone(),
        );
        registry.register("user_feedback", "What users said of a feature to this process", metrics.feedback.clone());
        registry.register("support_tickets", "Tickets about a feature that this process took", metrics.tickets.clone());
        metrics.make_every_label_set_present();
        metrics
    }

    fn make_every_label_set_present(&self) {
        for flag in OWN_FLAGS {
            let flag_name = flag.key();
            for enabled in ["true", "false"] {
                let _ = self.checks.get_or_create(&CheckLabels { flag_name, enabled });
            }
            let _ = self.self_disabled.get_or_create(&FlagNameLabels { flag_name });
            let _ = self.killed.get_or_create(&FlagNameLabels { flag_name });
        }
        for is_useful in [true, false] {
            let _ = self.feedback.get_or_create(&SentimentLabels { sentiment: sentiment(is_useful) });
        }
        for severity in Severity::ALL {
            let _ = self.tickets.get_or_create(&SeverityLabels { severity: severity.as_str() });
        }
    }

    /// A flag was decided.
    pub(crate) fn flag_checked(&self, flag: Flag<bool>, enabled: bool) {
        let enabled = if enabled { "true" } else { "false" };
        self.checks.get_or_create(&CheckLabels { flag_name: flag.key(), enabled }).inc();
    }

    /// Somebody turned a flag off for themselves.
    pub(crate) fn self_disabled(&self, flag_name: &'static str) {
        self.self_disabled.get_or_create(&FlagNameLabels { flag_name }).inc();
    }

    /// Whether a flag is killed now.
    pub(crate) fn flag_killed(&self, flag_name: &'static str, is_killed: bool) {
        self.killed.get_or_create(&FlagNameLabels { flag_name }).set(i64::from(is_killed));
    }

    /// Somebody said whether a feature is useful.
    pub(crate) fn feedback_given(&self, is_useful: bool) {
        self.feedback.get_or_create(&SentimentLabels { sentiment: sentiment(is_useful) }).inc();
    }

    /// Somebody reported a ticket.
    pub(crate) fn ticket_reported(&self, severity: Severity) {
        self.tickets.get_or_create(&SeverityLabels { severity: severity.as_str() }).inc();
    }
}

fn sentiment(is_useful: bool) -> &'static str {
    if is_useful { "useful" } else { "not_useful" }
}
