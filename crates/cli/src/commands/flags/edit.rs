//! A change of a flag's definition: a new one, or single things about the one it has.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;
use clap::ValueEnum;
use serde_json::value::{RawValue, to_raw_value};

use super::definition_file;
use crate::failure::Failure;

/// What is to be changed.
#[derive(clap::Args)]
pub struct Edit {
    /// The whole definition, as JSON; `-` reads standard input
    #[arg(long, value_name = "FILE", required_unless_present_any = ["default", "exposure", "client_override", "state"],
        conflicts_with_all = ["default", "exposure", "client_override", "state"])]
    definition: Option<PathBuf>,
    /// The variant of those whom nothing else decides about
    #[arg(long, value_name = "VARIANT")]
    default: Option<String>,
    /// Percentage of users who get the feature whatever the default: 0 to 100, or `none` to leave it to the default
    #[arg(long, value_name = "PERCENT", value_parser = exposure)]
    exposure: Option<Exposure>,
    /// Whether users may leave or enter the feature by themselves
    #[arg(long, value_name = "WHAT", value_enum)]
    client_override: Option<ClientOverride>,
    /// Whether the flag is evaluated at all
    #[arg(long, value_enum, ignore_case = true)]
    state: Option<State>,
}

/// Percent of the users as a JSON number; none where the default decides.
#[derive(Clone)]
struct Exposure(Option<Box<RawValue>>);

/// What users may decide about themselves.
#[derive(Clone, Copy, ValueEnum)]
enum ClientOverride {
    /// Nothing
    None,
    /// They may leave the feature
    OptOut,
    /// They may leave and, where the environment or an invitation allows it, enter
    OptIn,
}

/// Whether a flag is evaluated.
#[derive(Clone, Copy, ValueEnum)]
enum State {
    /// It is
    Enabled,
    /// It is not: callers use their own default
    Disabled,
}

/// A JSON object whose values stay as they were written.
type Object = BTreeMap<String, Box<RawValue>>;

fn exposure(text: &str) -> Result<Exposure, String> {
    let number = text.strip_suffix('%').unwrap_or(text);
    if number == "none" {
        return Ok(Exposure(None));
    }
    let share = flags::Exposure::from_percent(number).and_then(|_| RawValue::from_string(number.to_owned()).ok());
    let share = share.ok_or("must be a percentage from 0 to 100 with at most two decimals, or none")?;
    Ok(Exposure(Some(share)))
}

impl Edit {
    /// The new definition of a flag that has the definition `current`.
    pub fn apply(&self, current: &RawValue) -> Result<Box<RawValue>, Failure> {
        if let Some(file) = &self.definition {
            return definition_file::json(file);
        }
        Ok(self.changed(current).context("the stored definition cannot be changed")?)
    }

    fn changed(&self, current: &RawValue) -> serde_json::Result<Box<RawValue>> {
        let mut definition: Object = serde_json::from_str(current.get())?;
        if let Some(variant) = &self.default {
            definition.insert("defaultVariant".to_owned(), to_raw_value(variant)?);
        }
        if let Some(state) = self.state {
            let state = match state {
                State::Enabled => "ENABLED",
                State::Disabled => "DISABLED",
            };
            definition.insert("state".to_owned(), to_raw_value(state)?);
        }
        let mut metadata: Object = match definition.get("metadata") {
            Some(metadata) => serde_json::from_str(metadata.get())?,
            None => Object::new(),
        };
        if let Some(Exposure(percent)) = &self.exposure {
            match percent {
                Some(percent) => metadata.insert("exposure".to_owned(), percent.clone()),
                None => metadata.remove("exposure"),
            };
        }
        if let Some(who) = self.client_override {
            let who = match who {
                ClientOverride::None => "none",
                ClientOverride::OptOut => "opt-out",
                ClientOverride::OptIn => "opt-in",
            };
            metadata.insert("clientOverride".to_owned(), to_raw_value(who)?);
        }
        if !metadata.is_empty() {
            definition.insert("metadata".to_owned(), to_raw_value(&metadata)?);
        } else {
            definition.remove("metadata");
        }
        to_raw_value(&definition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURRENT: &str = r#"{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off","targeting":{"if":[1.50,"on"]},"metadata":{"owner":"portfolio"}}"#;

    fn edit(change: impl FnOnce(&mut Edit)) -> String {
        let mut edit = Edit { definition: None, default: None, exposure: None, client_override: None, state: None };
        change(&mut edit);
        let current = RawValue::from_string(CURRENT.to_owned()).unwrap();
        edit.changed(&current).unwrap().get().to_owned()
    }

    #[test]
    fn one_thing_changes_and_everything_else_stays_as_it_was_written() {
        let changed = edit(|edit| edit.default = Some("on".to_owned()));
        assert!(changed.contains(r#""defaultVariant":"on""#), "{changed}");
        assert!(changed.contains(r#""targeting":{"if":[1.50,"on"]}"#), "{changed}");
        assert!(changed.contains(r#""variants":{"on":true,"off":false}"#), "{changed}");
        assert!(changed.contains(r#""metadata":{"owner":"portfolio"}"#), "{changed}");
    }

    #[test]
    fn attributes_go_into_the_metadata() {
        let changed = edit(|edit| {
            edit.exposure = Some(exposure("12.5%").unwrap());
            edit.client_override = Some(ClientOverride::OptIn);
            edit.state = Some(State::Disabled);
        });
        assert!(
            changed.contains(r#""metadata":{"clientOverride":"opt-in","exposure":12.5,"owner":"portfolio"}"#),
            "{changed}"
        );
        assert!(changed.contains(r#""state":"DISABLED""#), "{changed}");
    }

    #[test]
    fn an_exposure_is_a_number_or_none() {
        for text in ["10", "0", "100", "0.25", "12.5%"] {
            assert!(exposure(text).unwrap().0.is_some(), "{text}");
        }
        assert!(exposure("none").unwrap().0.is_none());
        for text in ["", "%", "ten", "-1", "1e1", "\"10\"", "10 %", ".5", "1.", "01", "101", "1.234"] {
            assert!(exposure(text).is_err(), "{text}");
        }
    }
}
