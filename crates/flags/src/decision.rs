//! Who decides, highest first: kill, the caller's opt-out, the stored default.

use serde::Serialize;

use crate::{EnvironmentSwitch, Override};

/// What the database says about a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredState {
    /// An operator has pulled the kill switch.
    pub killed: bool,
    /// Value of the stored default variant.
    pub default_value: bool,
}

/// The answer, and what led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether the caller gets the feature.
    pub enabled: bool,
    /// What decided.
    pub reason: DecisionReason,
}

/// What decided about a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionReason {
    /// The environment variable is not set: the feature was never asked for in this process.
    NotConfigured,
    /// The environment variable is set to something other than `true`.
    KilledByEnvironment,
    /// An operator killed the flag.
    Killed,
    /// The caller opted out.
    OptedOut,
    /// Nothing above applied.
    Default,
}

impl DecisionReason {
    /// Name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::KilledByEnvironment => "killed_by_environment",
            Self::Killed => "killed",
            Self::OptedOut => "opted_out",
            Self::Default => "default",
        }
    }

    /// Whether this is a kill: the page then shows its "temporarily unavailable" banner.
    #[must_use]
    pub fn is_kill(self) -> bool {
        matches!(self, Self::KilledByEnvironment | Self::Killed)
    }
}

/// Decides about a boolean flag. A caller's wish to enter ([`Override::On`]) is not honoured yet and never beats a kill.
#[must_use]
pub fn decide(switch: &EnvironmentSwitch, stored: StoredState, wish: Override) -> Decision {
    let off = |reason| Decision { enabled: false, reason };
    match switch {
        EnvironmentSwitch::Unset => return off(DecisionReason::NotConfigured),
        EnvironmentSwitch::Off | EnvironmentSwitch::Invalid(_) => {
            return off(DecisionReason::KilledByEnvironment);
        }
        EnvironmentSwitch::On => {}
    }
    if stored.killed {
        return off(DecisionReason::Killed);
    }
    if wish == Override::Off {
        return off(DecisionReason::OptedOut);
    }
    Decision { enabled: stored.default_value, reason: DecisionReason::Default }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination of switch, kill, stored default and wish: 4 × 2 × 2 × 3.
    #[test]
    fn a1_a4_every_combination_is_decided_as_written() {
        let switches = [
            EnvironmentSwitch::Unset,
            EnvironmentSwitch::Off,
            EnvironmentSwitch::Invalid("1".to_owned()),
            EnvironmentSwitch::On,
        ];
        let mut seen = 0;
        for switch in &switches {
            for killed in [false, true] {
                for default_value in [false, true] {
                    for wish in [Override::None, Override::Off, Override::On] {
                        let expected = match (switch, killed, wish) {
                            (EnvironmentSwitch::Unset, _, _) => (false, DecisionReason::NotConfigured),
                            (EnvironmentSwitch::Off | EnvironmentSwitch::Invalid(_), _, _) => {
                                (false, DecisionReason::KilledByEnvironment)
                            }
                            (EnvironmentSwitch::On, true, _) => (false, DecisionReason::Killed),
                            (EnvironmentSwitch::On, false, Override::Off) => (false, DecisionReason::OptedOut),
                            (EnvironmentSwitch::On, false, _) => (default_value, DecisionReason::Default),
                        };
                        let decision = decide(switch, StoredState { killed, default_value }, wish);
                        assert_eq!(
                            (decision.enabled, decision.reason),
                            expected,
                            "{switch:?} killed={killed} default={default_value} {wish:?}"
                        );
                        seen += 1;
                    }
                }
            }
        }
        assert_eq!(seen, 48);
    }

    #[test]
    fn a5_nothing_overrides_a_kill() {
        let killed = StoredState { killed: true, default_value: true };
        assert!(!decide(&EnvironmentSwitch::On, killed, Override::On).enabled);
        let live = StoredState { killed: false, default_value: true };
        assert!(!decide(&EnvironmentSwitch::Off, live, Override::On).enabled);
    }

    #[test]
    fn names_on_the_wire_match_the_serialised_form() {
        for reason in [
            DecisionReason::NotConfigured,
            DecisionReason::KilledByEnvironment,
            DecisionReason::Killed,
            DecisionReason::OptedOut,
            DecisionReason::Default,
        ] {
            assert_eq!(serde_json::to_string(&reason).unwrap(), format!("{:?}", reason.as_str()));
        }
        assert!(DecisionReason::Killed.is_kill() && DecisionReason::KilledByEnvironment.is_kill());
        assert!(
            !DecisionReason::NotConfigured.is_kill()
                && !DecisionReason::OptedOut.is_kill()
                && !DecisionReason::Default.is_kill()
        );
    }
}
