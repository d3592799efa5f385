//! What a flag is: its variants, its default and the attributes that travel with it.

use serde::Serialize;

use crate::{ClientOverride, Kind};

/// A flag's seeded definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnFlag {
    /// Key on the wire, in metric labels and in the stored state.
    pub key: &'static str,
    /// Environment variable that switches the flag for one process.
    pub environment_variable: &'static str,
    /// Named values the flag can take.
    pub variants: &'static [Variant],
    /// Name of the variant that applies when nothing else decides.
    pub default_variant: &'static str,
    /// What kind of decision the flag stands for.
    pub kind: Kind,
    /// Team that answers for the flag.
    pub owner: &'static str,
    /// Days after which the flag should be gone.
    pub expected_lifetime_days: u16,
    /// Sentence shown to a caller who is refused.
    pub disabled_message: &'static str,
    /// Where a refused caller can go instead.
    pub fallback: Fallback,
    /// What a caller may decide about themselves.
    pub client_override: ClientOverride,
}

/// A named value of a boolean flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Variant {
    /// Name of the variant.
    pub name: &'static str,
    /// Its value.
    pub value: bool,
}

/// The way out offered to a refused caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fallback {
    /// Path with `{fundId}` where the fund's id goes.
    pub endpoint: &'static str,
    /// What the fallback does.
    pub description: &'static str,
}

impl Fallback {
    /// The endpoint for a real fund.
    #[must_use]
    pub fn endpoint_for(self, fund_id: i64) -> String {
        self.endpoint.replace("{fundId}", &fund_id.to_string())
    }
}

pub(crate) static ENABLE_LOT_LEVEL_MOIC: OwnFlag = OwnFlag {
    key: "enableLotLevelMoic",
    environment_variable: "ENABLE_LOT_LEVEL_MOIC",
    variants: &[Variant { name: "on", value: true }, Variant { name: "off", value: false }],
    default_variant: "on",
    kind: Kind::Release,
    owner: "portfolio",
    expected_lifetime_days: 90,
    disabled_message: "The lot-level MOIC feature is currently disabled",
    fallback: Fallback {
        endpoint: "/api/funds/{fundId}/moic",
        description: "Use legacy MOIC endpoint for basic calculations",
    },
    client_override: ClientOverride::OptOut,
};

/// Every flag the server knows, in the order they are listed.
pub static SEEDED: &[&OwnFlag] = &[&ENABLE_LOT_LEVEL_MOIC];

impl OwnFlag {
    /// The seeded definition with this key, for keys that arrive over the wire.
    #[must_use]
    pub fn find(key: &str) -> Option<&'static OwnFlag> {
        SEEDED.iter().copied().find(|definition| definition.key == key)
    }

    /// Value of the variant with this name.
    #[must_use]
    pub fn value_of(&self, variant: &str) -> Option<bool> {
        self.variants.iter().find(|candidate| candidate.name == variant).map(|variant| variant.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a6_the_seeded_texts_are_the_plans() {
        let flag = OwnFlag::find("enableLotLevelMoic").unwrap();
        assert_eq!(flag.disabled_message, "The lot-level MOIC feature is currently disabled");
        assert_eq!(flag.fallback.endpoint_for(42), "/api/funds/42/moic");
        assert_eq!(flag.fallback.description, "Use legacy MOIC endpoint for basic calculations");
    }

    #[test]
    fn every_seeded_default_names_one_of_its_variants() {
        for flag in SEEDED {
            assert!(flag.value_of(flag.default_variant).is_some(), "{}", flag.key);
        }
    }

    #[test]
    fn an_unknown_key_has_no_definition() {
        assert_eq!(OwnFlag::find("enableLotlevelMoic"), None);
    }
}
