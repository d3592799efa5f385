//! What a rollout changes of a flag: exposure, what callers may decide for themselves, and the default variant. Everything
//! else of the definition stays as its owner wrote it.

use flags::{ClientOverride, Exposure, OwnFlag};
use rollout::Audience;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use store::flag_book::FlagBook;
use store::{StoreError, Transaction, flag_definitions, flag_state};

use jiff::Timestamp;

use crate::random;

/// A flag as it is stored: its definition, and the default variant that was set beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FlagConfig {
    /// flagd's object.
    definition: Map<String, Value>,
    /// The default variant that was set; none for the definition's.
    default_variant: Option<String>,
}

/// Why a flag cannot be rolled out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("must be a flag that is stored or seeded; there is none of this key")]
    Unknown,
    #[error("must be enabled first: its state is DISABLED")]
    Disabled,
    #[error(
        "must have one variant of value true and one of value false: a rollout moves people from the one to the other"
    )]
    NotBoolean,
}

impl FlagConfig {
    /// The flag of a book; none for an unknown one. A flag of a watched file is not looked for here.
    ///
    /// # Errors
    /// `Internal` for a stored definition that is none, which no check lets pass.
    pub(crate) fn of(book: &FlagBook, key: &str) -> Result<Option<Self>, StoreError> {
        let stored = book.definitions.iter().find(|stored| stored.key == key).map(|stored| stored.definition.clone());
        let Some(text) = stored.or_else(|| OwnFlag::find(key).map(OwnFlag::definition)) else { return Ok(None) };
        let default_variant = book.states.iter().find(|state| state.key == key);
        let default_variant = default_variant.and_then(|state| state.default_variant.clone());
        Self::parse(&text, default_variant).map(Some)
    }

    /// The flag as it is stored now, and the version of its definition.
    ///
    /// # Errors
    /// As [`FlagConfig::of`]; what the database answers.
    pub(crate) fn stored(tx: &mut Transaction<'_>, key: &str) -> Result<Option<(Self, i64)>, StoreError> {
        let stored = flag_definitions::get(tx, key)?.filter(|stored| stored.archived_at.is_none());
        let (text, version) = match stored {
            Some(stored) => (stored.definition, stored.version),
            None => match OwnFlag::find(key) {
                Some(own) => (own.definition(), 0),
                None => return Ok(None),
            },
        };
        let default_variant = flag_state::get(tx, key)?.default_variant;
        Ok(Some((Self::parse(&text, default_variant)?, version)))
    }

    fn parse(text: &str, default_variant: Option<String>) -> Result<Self, StoreError> {
        let definition = serde_json::from_str(text)
            .map_err(|error| StoreError::Internal(format!("a stored definition is no object: {error}")))?;
        Ok(Self { definition, default_variant })
    }

    /// SHA-256 of the canonical bytes: names in order, no spaces.
    pub(crate) fn hash(&self) -> String {
        // A map of JSON values keeps its names in order and is always written.
        let canonical = serde_json::to_vec(self).unwrap_or_default();
        format!("sha256:{}", random::hex(&Sha256::digest(canonical)))
    }

    /// Checks that a rollout can move the flag.
    ///
    /// # Errors
    /// [`Unfit`].
    pub(crate) fn check(&self) -> Result<(), Unfit> {
        if self.definition.get("state").and_then(Value::as_str) == Some("DISABLED") {
            return Err(Unfit::Disabled);
        }
        match (self.variant_of(true), self.variant_of(false)) {
            (Some(_), Some(_)) => Ok(()),
            _ => Err(Unfit::NotBoolean),
        }
    }

    /// The one variant of a value; none where there is none, or several.
    fn variant_of(&self, value: bool) -> Option<String> {
        let variants = self.definition.get("variants")?.as_object()?;
        let mut names = variants.iter().filter(|(_, found)| found.as_bool() == Some(value)).map(|(name, _)| name);
        let only = names.next()?;
        names.next().is_none().then(|| only.clone())
    }

    fn change_metadata(&mut self, change: impl FnOnce(&mut Map<String, Value>)) {
        let mut members = match self.definition.remove("metadata") {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        };
        change(&mut members);
        self.definition.insert("metadata".to_owned(), Value::Object(members));
    }

    /// The flag with the audience of a phase: off for whom nothing else decides, on for the drawn share.
    pub(crate) fn with_audience(mut self, audience: Audience) -> Self {
        self.default_variant = self.variant_of(false).or(self.default_variant);
        let client_override = if audience.opt_in { ClientOverride::OptIn } else { ClientOverride::OptOut };
        self.change_metadata(|metadata| {
            metadata.insert("clientOverride".to_owned(), client_override.as_str().into());
            match audience.percent {
                Some(share) => metadata.insert("exposure".to_owned(), percent(share)),
                None => metadata.remove("exposure"),
            };
        });
        self
    }

    /// The flag on for everyone.
    pub(crate) fn completed(mut self) -> Self {
        self.default_variant = self.variant_of(true).or(self.default_variant);
        self.change_metadata(|metadata| {
            metadata.insert("clientOverride".to_owned(), ClientOverride::OptOut.as_str().into());
            metadata.remove("exposure");
        });
        self
    }

    /// The flag that a rollback puts in place: this one, and where it is on for whom nothing else decides, with the default
    /// off (`flags.md` §2).
    pub(crate) fn rollback_target(mut self) -> Self {
        let default = self.default_variant.as_deref();
        let default = default.or_else(|| self.definition.get("defaultVariant").and_then(Value::as_str));
        if default.is_some() && default == self.variant_of(true).as_deref() {
            self.default_variant = self.variant_of(false);
        }
        self
    }

    /// The definition with the default variant in its place, as it is evaluated.
    pub(crate) fn in_force(&self) -> String {
        let mut definition = self.definition.clone();
        if let Some(variant) = &self.default_variant {
            definition.insert("defaultVariant".to_owned(), variant.as_str().into());
        }
        Value::Object(definition).to_string()
    }

    /// Writes the flag over whatever is stored. The transaction has locked the book.
    ///
    /// # Errors
    /// What the database answers.
    fn write(&self, tx: &mut Transaction<'_>, key: &str, version: i64, act: &Written<'_>) -> Result<(), StoreError> {
        let definition = Value::Object(self.definition.clone()).to_string();
        flag_definitions::change(tx, key, version, &definition, Some(act.comment), act.actor, act.now)?;
        flag_state::set_default_variant(tx, key, self.default_variant.as_deref(), act.actor, act.now).map(|_| ())
    }
}

/// Who writes a flag, when and why.
#[derive(Clone, Copy)]
pub(crate) struct Written<'a> {
    pub(crate) actor: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) comment: &'a str,
}

/// Changes a flag that is still as it was written last (compare-and-swap on its hash, which covers version, definition and
/// default); none is no condition. Answers the hash of what is there now, or nothing where somebody else has changed it.
/// The transaction has locked the book.
///
/// # Errors
/// `NotFound` for a flag that was archived; what the database answers.
pub(crate) fn swap(
    tx: &mut Transaction<'_>,
    key: &str,
    expected: Option<&str>,
    change: impl FnOnce(FlagConfig) -> FlagConfig,
    act: &Written<'_>,
) -> Result<Option<String>, StoreError> {
    let not_found = || StoreError::NotFound { what: "flag", id: key.to_owned() };
    let (known, version) = FlagConfig::stored(tx, key)?.ok_or_else(not_found)?;
    if expected.is_some_and(|expected| expected != known.hash()) {
        return Ok(None);
    }
    let changed = change(known.clone());
    if changed != known {
        changed.write(tx, key, version, act)?;
    }
    Ok(Some(changed.hash()))
}

/// A share as a JSON number of percent.
fn percent(share: Exposure) -> Value {
    let (whole, part) = (share.hundredths_of_percent() / 100, share.hundredths_of_percent() % 100);
    if part == 0 { whole.into() } else { (f64::from(share.hundredths_of_percent()) / 100.0).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeded() -> FlagConfig {
        FlagConfig::parse(&flags::ENABLE_LOT_LEVEL_MOIC.own().definition(), None).unwrap()
    }

    fn audience(percent: &str, opt_in: bool) -> Audience {
        Audience { percent: Exposure::from_percent(percent), opt_in }
    }

    #[test]
    fn a_phase_changes_exposure_override_and_default_and_nothing_else() {
        let config = seeded().with_audience(audience("10", true));
        assert_eq!(config.default_variant.as_deref(), Some("off"));
        let metadata = config.definition["metadata"].as_object().unwrap();
        assert_eq!((&metadata["exposure"], &metadata["clientOverride"]), (&10.into(), &"opt-in".into()));
        let mut expected = seeded().definition;
        expected["metadata"]["exposure"] = 10.into();
        expected["metadata"]["clientOverride"] = "opt-in".into();
        assert_eq!(config.definition, expected);
        assert_eq!(percent(Exposure::from_percent("99.5").unwrap()), Value::from(99.5));
    }

    #[test]
    fn what_was_on_for_everyone_goes_back_with_the_default_off() {
        let target = seeded().rollback_target();
        assert_eq!((target.default_variant.as_deref(), &target.definition), (Some("off"), &seeded().definition));
        let off = FlagConfig { default_variant: Some("off".to_owned()), ..seeded() };
        assert_eq!(off.clone().rollback_target(), off, "what was off goes back exactly");
    }

    #[test]
    fn the_hash_is_of_the_content_and_not_of_its_order() {
        let one = FlagConfig::parse(r#"{"state":"ENABLED","variants":{"on":true,"off":false}}"#, None).unwrap();
        let other = FlagConfig::parse(r#"{"variants":{"off":false,"on":true},"state":"ENABLED"}"#, None).unwrap();
        assert_eq!(one.hash(), other.hash());
        assert_ne!(one.hash(), FlagConfig { default_variant: Some("on".to_owned()), ..one }.hash());
    }

    #[test]
    fn only_a_flag_of_yes_and_no_can_be_rolled_out() {
        assert_eq!(seeded().check(), Ok(()));
        let parse = |text: &str| FlagConfig::parse(text, None).unwrap();
        assert_eq!(parse(r#"{"state":"DISABLED"}"#).check(), Err(Unfit::Disabled));
        for variants in [r#"{"a":true,"b":true,"c":false}"#, r#"{"a":"x"}"#, r#"{"a":true}"#] {
            let text = format!(r#"{{"state":"ENABLED","variants":{variants}}}"#);
            assert_eq!(parse(&text).check(), Err(Unfit::NotBoolean), "{text}");
        }
    }
}
