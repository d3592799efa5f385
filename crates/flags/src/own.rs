//! The server's own flags: what they are seeded with, and the environment variable that switches each.

use serde_json::json;

use crate::EnvironmentSwitch;

/// One of the server's own flags, as it is before anybody edits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnFlag {
    /// Key on the wire, in metric labels and in the stored state.
    pub key: &'static str,
    /// Environment variable that switches the flag for one process.
    pub environment_variable: &'static str,
    /// Whether the flag is off until the variable says `true`; otherwise only `false` turns it off.
    pub asks_for_its_variable: bool,
    /// What it is, for people.
    pub description: &'static str,
    /// Team that answers for the flag.
    pub owner: &'static str,
    /// What the flag stands for, as in a definition.
    pub kind: &'static str,
    /// Days after which the flag should be gone.
    pub expected_lifetime_days: u16,
    /// Sentence shown to a caller who is refused.
    pub disabled_message: &'static str,
    /// The way out offered to a refused caller.
    pub fallback: Option<Fallback>,
}

/// The way out offered to a refused caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fallback {
    /// Path with `{fundId}` where the fund's id goes.
    pub endpoint: &'static str,
    /// What the fallback does.
    pub description: &'static str,
}

pub(crate) static ENABLE_LOT_LEVEL_MOIC: OwnFlag = OwnFlag {
    key: "enableLotLevelMoic",
    environment_variable: "ENABLE_LOT_LEVEL_MOIC",
    asks_for_its_variable: true,
    description: "Lot-level MOIC: lots, snapshots and the seven lenses",
    owner: "portfolio",
    kind: "release",
    expected_lifetime_days: 90,
    disabled_message: "The lot-level MOIC feature is currently disabled",
    fallback: Some(Fallback {
        endpoint: "/api/funds/{fundId}/moic",
        description: "Use legacy MOIC endpoint for basic calculations",
    }),
};

pub(crate) static USE_FUND_STORE: OwnFlag = OwnFlag {
    key: "useFundStore",
    environment_variable: "VITE_USE_FUND_STORE",
    asks_for_its_variable: false,
    description: "The page keeps funds in one shared store; off, each page fetches for itself",
    owner: "web",
    kind: "ops",
    expected_lifetime_days: 365,
    disabled_message: "The shared fund store is currently disabled",
    fallback: None,
};

/// Every flag the server asks for itself, by key.
pub static SEEDED: [&OwnFlag; 2] = [&ENABLE_LOT_LEVEL_MOIC, &USE_FUND_STORE];

impl OwnFlag {
    /// The server's own flag of this key.
    #[must_use]
    pub fn find(key: &str) -> Option<&'static OwnFlag> {
        SEEDED.into_iter().find(|flag| flag.key == key)
    }

    /// What the flag's environment variable says; `None` is "not set".
    #[must_use]
    pub fn switch(&self, value: Option<&str>) -> EnvironmentSwitch {
        match EnvironmentSwitch::from_variable(value) {
            EnvironmentSwitch::Unset | EnvironmentSwitch::Invalid(_) if !self.asks_for_its_variable => {
                EnvironmentSwitch::On
            }
            switch => switch,
        }
    }

    /// The definition the flag has until it is edited: JSON of flagd's format, on for everyone.
    #[must_use]
    pub fn definition(&self) -> String {
        let mut metadata = json!({
            "description": self.description,
            "kind": self.kind,
            "owner": self.owner,
            "expectedLifetimeDays": self.expected_lifetime_days,
            "disabledMessage": self.disabled_message,
            "clientOverride": "opt-out",
        });
        if let Some(fallback) = self.fallback {
            metadata["fallbackEndpoint"] = fallback.endpoint.into();
            metadata["fallbackDescription"] = fallback.description.into();
        }
        json!({
            "state": "ENABLED",
            "variants": { "on": true, "off": false },
            "defaultVariant": "on",
            "metadata": metadata,
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bucketing, FlagSet, document};

    #[test]
    fn a6_the_seeded_texts_are_the_plans() {
        let text = ENABLE_LOT_LEVEL_MOIC.definition();
        let set = FlagSet::check(document([(ENABLE_LOT_LEVEL_MOIC.key, &*text)], None, None).as_bytes(), Bucketing::V3);
        let set = set.unwrap();
        let flag = set.get("enableLotLevelMoic").unwrap();
        let attributes = flag.attributes();
        assert_eq!(attributes.disabled_message.as_deref(), Some("The lot-level MOIC feature is currently disabled"));
        assert_eq!(attributes.fallback_endpoint.as_deref(), Some("/api/funds/{fundId}/moic"));
        assert_eq!(attributes.fallback_description.as_deref(), Some("Use legacy MOIC endpoint for basic calculations"));
        assert_eq!(flag.default_variant(), Some("on"));
    }

    #[test]
    fn every_seeded_definition_passes_the_strict_check() {
        for flag in SEEDED {
            let text = flag.definition();
            FlagSet::check(document([(flag.key, &*text)], None, None).as_bytes(), Bucketing::V3).unwrap();
        }
    }

    #[test]
    fn a1_only_true_enables_lot_level_moic() {
        let switch = |value| ENABLE_LOT_LEVEL_MOIC.switch(value);
        assert_eq!(switch(Some("true")), EnvironmentSwitch::On);
        assert_eq!(switch(None), EnvironmentSwitch::Unset);
        assert_eq!(switch(Some("TRUE")), EnvironmentSwitch::Invalid("TRUE".to_owned()));
    }

    #[test]
    fn a3_only_false_turns_the_fund_store_off() {
        for (value, switch) in [
            (None, EnvironmentSwitch::On),
            (Some("true"), EnvironmentSwitch::On),
            (Some("maybe"), EnvironmentSwitch::On),
            (Some("false"), EnvironmentSwitch::Off),
        ] {
            assert_eq!(USE_FUND_STORE.switch(value), switch, "{value:?}");
        }
    }

    #[test]
    fn an_unknown_key_is_none_of_the_servers_own() {
        assert_eq!(OwnFlag::find("enableLotlevelMoic"), None);
    }
}
