//! `sign_ins_total`: how often which way of signing in ended how.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// What was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignInWay {
    /// Name and password.
    Password,
    /// The word of a provider of OpenID Connect.
    Oidc,
    /// A bearer token, where it had to be looked up.
    Token,
    /// The token of a one-time link.
    Link,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignInOutcome {
    /// Accepted.
    Accepted,
    /// Unknown, wrong, expired, or without a role.
    Refused,
    /// Not even looked at, after too many attempts.
    Locked,
}

impl SignInWay {
    const ALL: [Self; 4] = [Self::Password, Self::Oidc, Self::Token, Self::Link];

    fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Oidc => "oidc",
            Self::Token => "token",
            Self::Link => "link",
        }
    }
}

impl SignInOutcome {
    const ALL: [Self; 3] = [Self::Accepted, Self::Refused, Self::Locked];

    fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "ok",
            Self::Refused => "refused",
            Self::Locked => "locked",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: &'static str,
    outcome: &'static str,
}

/// The family.
pub(crate) struct SignInCounts(Family<Labels, Counter>);

impl SignInCounts {
    /// Registers it, with every label set present.
    pub(crate) fn register(registry: &mut Registry) -> Self {
        let family = Family::default();
        registry.register("sign_ins", "Attempts to sign in, by what was presented and what came of it", family.clone());
        let counts = Self(family);
        for way in SignInWay::ALL {
            for outcome in SignInOutcome::ALL {
                let _ = counts.of(way, outcome);
            }
        }
        counts
    }

    /// Counts one.
    pub(crate) fn count(&self, way: SignInWay, outcome: SignInOutcome) {
        self.of(way, outcome).inc();
    }

    fn of(&self, way: SignInWay, outcome: SignInOutcome) -> Counter {
        let labels = Labels { method: way.as_str(), outcome: outcome.as_str() };
        self.0.get_or_create(&labels).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::encoding::text;

    #[test]
    fn every_label_set_is_present_from_the_start() {
        let mut registry = Registry::default();
        let counts = SignInCounts::register(&mut registry);
        counts.count(SignInWay::Oidc, SignInOutcome::Refused);
        let mut page = String::new();
        text::encode(&mut page, &registry).unwrap();
        let lines = page.lines().filter(|line| line.starts_with("sign_ins_total{")).count();
        assert_eq!(lines, 12, "{page}");
        assert!(page.contains("sign_ins_total{method=\"oidc\",outcome=\"refused\"} 1"), "{page}");
    }
}
