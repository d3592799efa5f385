//! Reads objects strictly: every member is asked for by name, and what nobody asked for is a problem.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::problem::Problems;

/// An object that is being read.
pub(crate) struct Object<'v> {
    path: String,
    members: &'v Map<String, Value>,
    asked: BTreeSet<&'static str>,
}

impl<'v> Object<'v> {
    /// The value as an object; none, and a problem, where it is something else. The root's path is empty.
    pub(crate) fn of(value: &'v Value, path: impl Into<String>, problems: &mut Problems) -> Option<Self> {
        let path = path.into();
        match value {
            Value::Object(members) => Some(Self { path, members, asked: BTreeSet::new() }),
            other => {
                problems.wrong(path, other, "must be an object of named values");
                None
            }
        }
    }

    /// The path of a member.
    pub(crate) fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A member as it stands; none where it is absent or null.
    pub(crate) fn get(&mut self, name: &'static str) -> Option<&'v Value> {
        self.asked.insert(name);
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A member that may be absent. `parse` says what it must be where it is not.
    pub(crate) fn optional<T>(
        &mut self,
        name: &'static str,
        problems: &mut Problems,
        parse: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.get(name)?;
        match parse(value) {
            Ok(parsed) => Some(parsed),
            Err(message) => {
                problems.wrong(self.path(name), value, message);
                None
            }
        }
    }

    /// A member that must be there.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        problems: &mut Problems,
        parse: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        if self.get(name).is_none() {
            problems.at(self.path(name), "is missing");
            return None;
        }
        self.optional(name, problems, parse)
    }

    /// The members of a list; empty, and a problem, where it is something else.
    pub(crate) fn list(&mut self, name: &'static str, problems: &mut Problems) -> &'v [Value] {
        match self.get(name) {
            None => &[],
            Some(Value::Array(values)) => values,
            Some(other) => {
                problems.wrong(self.path(name), other, "must be a list");
                &[]
            }
        }
    }

    /// The members of an object of objects, by name; empty, and a problem, where it is something else.
    pub(crate) fn table(&mut self, name: &'static str, problems: &mut Problems) -> Vec<(&'v str, &'v Value)> {
        match self.get(name) {
            None => Vec::new(),
            Some(Value::Object(members)) => members.iter().map(|(name, value)| (name.as_str(), value)).collect(),
            Some(other) => {
                problems.wrong(self.path(name), other, "must be a table of named entries");
                Vec::new()
            }
        }
    }

    /// Notes every member that nobody asked for.
    pub(crate) fn finish(self, problems: &mut Problems) {
        for (name, value) in self.members.iter().filter(|(name, _)| !self.asked.contains(name.as_str())) {
            let known: Vec<&str> = self.asked.iter().copied().collect();
            problems.wrong(self.path(name), value, format!("is not a field here; there are {}", known.join(", ")));
        }
    }
}

/// A text of 1 to `length_max` characters.
pub(crate) fn text(length_max: usize) -> impl FnOnce(&Value) -> Result<String, String> {
    move |value| {
        let text = value.as_str().filter(|text| (1..=length_max).contains(&text.chars().count()));
        let text = text.filter(|text| !text.chars().any(char::is_control));
        text.map(str::to_owned)
            .ok_or_else(|| format!("must be a text of 1 to {length_max} characters, none of them a control character"))
    }
}

/// One of these words.
pub(crate) fn word<T: Copy>(all: &[(&'static str, T)]) -> impl FnOnce(&Value) -> Result<T, String> {
    move |value| {
        let found = all.iter().find(|(name, _)| Some(*name) == value.as_str());
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        found.map(|(_, word)| *word).ok_or_else(|| format!("must be one of {}", names.join(", ")))
    }
}

/// A number within a range, its ends excluded.
pub(crate) fn between(low: f64, high: f64) -> impl FnOnce(&Value) -> Result<f64, String> {
    move |value| {
        let number = value.as_f64().filter(|number| *number > low && *number < high);
        number.ok_or_else(|| format!("must be a number above {low} and below {high}"))
    }
}

/// A finite number that is not negative.
pub(crate) fn level(value: &Value) -> Result<f64, String> {
    value
        .as_f64()
        .filter(|number| number.is_finite() && *number >= 0.0)
        .ok_or_else(|| "must be a number from 0".to_owned())
}

/// A whole number from 0.
pub(crate) fn count(value: &Value) -> Result<u64, String> {
    value.as_u64().ok_or_else(|| "must be a whole number from 0".to_owned())
}

/// Yes or no.
pub(crate) fn boolean(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "must be true or false".to_owned())
}
