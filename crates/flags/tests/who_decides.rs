//! Every combination of what decides about one of the server's own flags: requirements A1, A4, A5 and flags.md §2.

#![expect(clippy::unwrap_used, reason = "a broken fixture fails the test")]

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use flags::{
    Asker, Bucketing, Context, DecisionReason, EARLY_ADOPTERS, ENABLE_LOT_LEVEL_MOIC, EnvironmentSwitch, FlagSet,
    Override, Reason, Switchboard, document,
};
use serde_json::{Value, json};

const NOW_S: i64 = 1_790_000_000;
const KEY: &str = "enableLotLevelMoic";
const MEMBER: &str = "person:1";
const STRANGER: &str = "person:2";

/// What decides, level by level.
#[derive(Debug, Clone)]
struct Case {
    switch: EnvironmentSwitch,
    killed: bool,
    wish: Override,
    client_override: &'static str,
    unsigned_opt_in: bool,
    targeting_key: Option<&'static str>,
    state: &'static str,
    /// What the rule says: a variant, null, or no rule at all.
    rule: Option<Value>,
    /// 0, 100, or none: the draw for somebody is tested with the exposure itself.
    exposure: Option<u32>,
    default: &'static str,
}

impl Case {
    fn switchboard(&self) -> Switchboard {
        let mut definition = json!({
            "state": self.state,
            "variants": { "on": true, "off": false },
            "defaultVariant": self.default,
            "metadata": { "clientOverride": self.client_override },
        });
        if let Some(rule) = &self.rule {
            definition["targeting"] = json!({ "if": [true, rule] });
        }
        if let Some(exposure) = self.exposure {
            definition["metadata"]["exposure"] = exposure.into();
        }
        let text = document([(KEY, &*definition.to_string())], None, None);
        let members = HashSet::from([MEMBER.to_owned()]);
        Switchboard {
            set: Arc::new(FlagSet::check(text.as_bytes(), Bucketing::V3).unwrap()),
            switches: HashMap::from([(KEY, self.switch.clone())]),
            killed: if self.killed { BTreeSet::from([KEY.to_owned()]) } else { BTreeSet::new() },
            segments: Arc::new(BTreeMap::from([(EARLY_ADOPTERS.to_owned(), members)])),
            unsigned_opt_in: self.unsigned_opt_in,
        }
    }

    /// The table of flags.md §2, read from the top.
    fn expected(&self) -> (bool, DecisionReason) {
        match self.switch {
            EnvironmentSwitch::Unset => return (false, DecisionReason::NotConfigured),
            EnvironmentSwitch::Off | EnvironmentSwitch::Invalid(_) => {
                return (false, DecisionReason::KilledByEnvironment);
            }
            EnvironmentSwitch::On => {}
        }
        if self.killed {
            return (false, DecisionReason::Killed);
        }
        if self.wish == Override::Off {
            return (false, DecisionReason::OptedOut);
        }
        let may_opt_in =
            self.client_override == "opt-in" && (self.unsigned_opt_in || self.targeting_key == Some(MEMBER));
        if self.state == "DISABLED" {
            return (false, DecisionReason::Disabled);
        }
        if self.wish == Override::On && may_opt_in {
            return (true, DecisionReason::OptedIn);
        }
        if let Some(Value::String(variant)) = &self.rule {
            return (variant == "on", DecisionReason::Targeted);
        }
        match self.exposure {
            Some(100) => (true, DecisionReason::Exposed),
            Some(_) => (self.default == "on", DecisionReason::NotExposed),
            None => (self.default == "on", DecisionReason::Default),
        }
    }
}

/// Calls `check` with every case.
fn every_case(mut check: impl FnMut(&Case)) -> usize {
    let switches = [
        EnvironmentSwitch::Unset,
        EnvironmentSwitch::Off,
        EnvironmentSwitch::Invalid(String::new()),
        EnvironmentSwitch::On,
    ];
    let rules = [None, Some(Value::Null), Some(json!("on")), Some(json!("off"))];
    let mut seen = 0;
    for switch in &switches {
        for bits in 0..16_u8 {
            let bit = |place: u8| bits & (1 << place) != 0;
            for wish in [Override::None, Override::Off, Override::On] {
                for client_override in ["none", "opt-out", "opt-in"] {
                    for targeting_key in [None, Some(MEMBER), Some(STRANGER)] {
                        for rule in &rules {
                            for exposure in [None, Some(0), Some(100)] {
                                check(&Case {
                                    switch: switch.clone(),
                                    killed: bit(0),
                                    wish,
                                    client_override,
                                    unsigned_opt_in: bit(1),
                                    targeting_key,
                                    state: if bit(2) { "ENABLED" } else { "DISABLED" },
                                    rule: rule.clone(),
                                    exposure,
                                    default: if bit(3) { "on" } else { "off" },
                                });
                                seen += 1;
                            }
                        }
                    }
                }
            }
        }
    }
    seen
}

#[test]
fn a1_a4_a5_every_combination_is_decided_from_the_top() {
    let seen = every_case(|case| {
        let asker = Asker { targeting_key: case.targeting_key, wish: case.wish };
        let decision = case.switchboard().decide(ENABLE_LOT_LEVEL_MOIC, asker, NOW_S);
        assert_eq!((decision.enabled, decision.reason), case.expected(), "{case:?}");
    });
    assert_eq!(seen, 4 * 16 * 3 * 3 * 3 * 4 * 3);
}

#[test]
fn ofrep_answers_the_decision_and_marks_kills_only() {
    every_case(|case| {
        let switchboard = case.switchboard();
        let context = Context::of(case.targeting_key);
        let evaluation = switchboard.evaluate(KEY, &context, case.wish, NOW_S);
        let resolution = evaluation.result.unwrap();
        let (enabled, reason) = case.expected();
        if reason == DecisionReason::Disabled {
            assert_eq!((resolution.value, resolution.reason), (None, Reason::Disabled), "{case:?}");
            return;
        }
        let (variant, value) = if enabled { ("on", "true") } else { ("off", "false") };
        assert_eq!((resolution.variant, resolution.value), (Some(variant), Some(value)), "{case:?}");
        assert_eq!(resolution.killed, reason.is_kill(), "{case:?}");
        let metadata: Value = serde_json::from_str(evaluation.metadata).unwrap();
        assert_eq!(metadata.get("killed"), reason.is_kill().then_some(&Value::Bool(true)), "{case:?}");
        if reason.is_kill() || reason == DecisionReason::NotConfigured {
            assert_eq!(resolution.reason, Reason::Static, "{case:?}");
        }
    });
}

#[test]
fn exactly_one_step_of_an_explanation_decided_and_it_says_what_the_decision_is() {
    every_case(|case| {
        let switchboard = case.switchboard();
        let context = Context::of(case.targeting_key);
        let explanation = switchboard.explain(KEY, &context, case.wish, NOW_S).unwrap();
        let decided: Vec<&str> = explanation.steps.iter().filter(|step| step.decided).map(|step| step.step).collect();
        let (enabled, reason) = case.expected();
        let step = match reason {
            DecisionReason::NotConfigured | DecisionReason::KilledByEnvironment => "environment",
            DecisionReason::Killed => "kill",
            DecisionReason::OptedOut => "opt-out",
            DecisionReason::OptedIn => "opt-in",
            DecisionReason::Targeted => "targeting",
            DecisionReason::Exposed => "exposure",
            DecisionReason::Disabled => "definition",
            _ => "default",
        };
        assert_eq!(decided, [step], "{case:?}");
        if reason != DecisionReason::Disabled {
            assert_eq!(explanation.value, Value::Bool(enabled), "{case:?}");
        }
    });
}

#[test]
fn whoever_chose_their_side_says_nothing_about_cause_and_effect() {
    every_case(|case| {
        let asker = |wish| Asker { targeting_key: case.targeting_key, wish };
        let switchboard = case.switchboard();
        let decision = switchboard.decide(ENABLE_LOT_LEVEL_MOIC, asker(case.wish), NOW_S);
        let drawn = switchboard.decide(ENABLE_LOT_LEVEL_MOIC, asker(Override::None), NOW_S);
        let expected = match decision.reason {
            DecisionReason::OptedOut => true,
            DecisionReason::OptedIn => !drawn.enabled,
            _ => false,
        };
        assert_eq!(decision.self_selected, expected, "{case:?}");
    });
}

#[test]
fn who_is_asked_about_must_be_known_where_the_exposure_is_by_user() {
    let case = Case {
        switch: EnvironmentSwitch::On,
        killed: false,
        wish: Override::None,
        client_override: "opt-in",
        unsigned_opt_in: false,
        targeting_key: None,
        state: "ENABLED",
        rule: None,
        exposure: Some(50),
        default: "off",
    };
    let switchboard = case.switchboard();
    let decision = switchboard.decide(ENABLE_LOT_LEVEL_MOIC, Asker::default(), NOW_S);
    assert_eq!((decision.enabled, decision.reason), (false, DecisionReason::TargetingKeyMissing));
    let sides: HashSet<DecisionReason> = (0..100)
        .map(|user| {
            let key = format!("person:{user}");
            let asker = Asker { targeting_key: Some(&key), wish: Override::None };
            let decision = switchboard.decide(ENABLE_LOT_LEVEL_MOIC, asker, NOW_S);
            assert_eq!(decision, switchboard.decide(ENABLE_LOT_LEVEL_MOIC, asker, NOW_S + 1), "sticky");
            decision.reason
        })
        .collect();
    assert_eq!(sides, HashSet::from([DecisionReason::Exposed, DecisionReason::NotExposed]));
}
