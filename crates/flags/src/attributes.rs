//! Lotwise's own attributes of a flag: scalars in its `metadata`, so that flagd's files and tools take them as they are.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::problem::{Path, Problems};

/// Days a flag may be expected to live, at most.
const LIFETIME_DAYS_MAX: u64 = 36_500;
/// Characters of a text among the attributes.
const TEXT_LENGTH_MAX: usize = 1_000;

/// Lotwise's own attributes of a flag.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// What the flag stands for.
    pub kind: Option<Kind>,
    /// Team that answers for it.
    pub owner: Option<Box<str>>,
    /// Days after which it should be gone.
    pub expected_lifetime_days: Option<u32>,
    /// Sentence shown to a caller who is refused.
    pub disabled_message: Option<Box<str>>,
    /// Path where a refused caller can go instead; `{fundId}` stands for the fund's id.
    pub fallback_endpoint: Option<Box<str>>,
    /// What the fallback does.
    pub fallback_description: Option<Box<str>>,
    /// What a caller may decide about themselves.
    pub client_override: ClientOverride,
    /// Variants other flags must have, all of them: flag and variant.
    pub prerequisites: Box<[(Box<str>, Box<str>)]>,
    /// Share of the users who get the variant of value `true`, drawn by targeting key.
    pub exposure: Option<Exposure>,
}

/// What a flag stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Hides an unfinished or freshly delivered feature; goes away.
    Release,
    /// Compares variants; goes away.
    Experiment,
    /// Lets operators change how the service works.
    Ops,
    /// Gives a feature to those who have a right to it.
    Permission,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Release, Self::Experiment, Self::Ops, Self::Permission];

    /// Name in a definition.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Experiment => "experiment",
            Self::Ops => "ops",
            Self::Permission => "permission",
        }
    }
}

/// What a caller may decide about themselves. Leaving is always honoured, whatever this says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientOverride {
    /// Nothing is offered.
    #[default]
    None,
    /// A caller may leave the feature.
    OptOut,
    /// A caller may also enter it.
    OptIn,
}

impl ClientOverride {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::None, Self::OptOut, Self::OptIn];

    /// Name in a definition.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::OptOut => "opt-out",
            Self::OptIn => "opt-in",
        }
    }
}

/// A share of the users, in hundredths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exposure(u32);

impl Exposure {
    /// Everyone, in hundredths of a percent.
    pub const EVERYONE: u32 = 10_000;

    /// So many hundredths of a percent; none beyond everyone.
    #[must_use]
    pub const fn from_hundredths_of_percent(share: u32) -> Option<Self> {
        if share <= Self::EVERYONE { Some(Self(share)) } else { None }
    }

    /// Reads a percentage with at most two decimals, such as `10` or `0.25`.
    #[must_use]
    pub fn from_percent(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || !is_digits(part) || part.len() > 2 {
            return None;
        }
        let part: u32 = format!("{part:0<2}").parse().ok()?;
        let share = whole.parse::<u32>().ok()?.checked_mul(100)?.checked_add(part)?;
        Self::from_hundredths_of_percent(share)
    }

    /// The share, in hundredths of a percent.
    #[must_use]
    pub const fn hundredths_of_percent(self) -> u32 {
        self.0
    }
}

/// Reads the attributes out of a flag's metadata; what is wrong with one is noted, and it counts as not given.
pub(crate) fn read(metadata: &Map<String, Value>, path: &Path<'_>, problems: &mut Problems) -> Attributes {
    let mut reader = Reader { metadata, path, problems };
    Attributes {
        kind: reader.word("kind", &Kind::ALL, Kind::as_str),
        owner: reader.text("owner"),
        expected_lifetime_days: reader.days("expectedLifetimeDays"),
        disabled_message: reader.text("disabledMessage"),
        fallback_endpoint: reader.text("fallbackEndpoint"),
        fallback_description: reader.text("fallbackDescription"),
        client_override: reader
            .word("clientOverride", &ClientOverride::ALL, ClientOverride::as_str)
            .unwrap_or_default(),
        prerequisites: reader.prerequisites("prerequisites"),
        exposure: reader.exposure("exposure"),
    }
}

struct Reader<'r> {
    metadata: &'r Map<String, Value>,
    path: &'r Path<'r>,
    problems: &'r mut Problems,
}

impl Reader<'_> {
    fn parsed<T>(&mut self, name: &str, expected: &str, parse: impl FnOnce(&Value) -> Option<T>) -> Option<T> {
        let value = self.metadata.get(name)?;
        let parsed = parse(value);
        if parsed.is_none() {
            self.problems.push(&self.path.field(name), value, format!("must be {expected}"));
        }
        parsed
    }

    fn word<T: Copy>(&mut self, name: &str, all: &[T], as_str: fn(T) -> &'static str) -> Option<T> {
        let listed: Vec<&str> = all.iter().map(|word| as_str(*word)).collect();
        let expected = format!("one of {}", listed.join(", "));
        self.parsed(name, &expected, |value| all.iter().copied().find(|word| Some(as_str(*word)) == value.as_str()))
    }

    fn text(&mut self, name: &str) -> Option<Box<str>> {
        let expected = format!("text of 1 to {TEXT_LENGTH_MAX} characters");
        self.parsed(name, &expected, |value| {
            let text = value.as_str().filter(|text| (1..=TEXT_LENGTH_MAX).contains(&text.chars().count()))?;
            Some(text.into())
        })
    }

    fn days(&mut self, name: &str) -> Option<u32> {
        let expected = format!("a whole number of days from 1 to {LIFETIME_DAYS_MAX}");
        self.parsed(name, &expected, |value| {
            let days = value.as_u64().filter(|days| (1..=LIFETIME_DAYS_MAX).contains(days))?;
            u32::try_from(days).ok()
        })
    }

    fn exposure(&mut self, name: &str) -> Option<Exposure> {
        self.parsed(name, "a percentage from 0 to 100 with at most two decimals", |value| match value {
            Value::Number(number) => Exposure::from_percent(&number.to_string()),
            _ => None,
        })
    }

    fn prerequisites(&mut self, name: &str) -> Box<[(Box<str>, Box<str>)]> {
        let expected = "flag=variant, several separated by commas";
        let pairs = self.parsed(name, expected, |value| {
            let pair = |entry: &str| {
                let (flag, variant) = entry.split_once('=')?;
                let (flag, variant) = (flag.trim(), variant.trim());
                (!flag.is_empty() && !variant.is_empty()).then(|| (flag.into(), variant.into()))
            };
            match value.as_str()?.trim() {
                "" => Some(Box::default()),
                text => text.split(',').map(pair).collect::<Option<Box<[_]>>>(),
            }
        });
        pairs.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_have_two_decimals() {
        for (text, share) in
            [("0", 0), ("10", 1_000), ("0.01", 1), ("99.9", 9_990), ("100", 10_000), ("100.00", 10_000)]
        {
            assert_eq!(Exposure::from_percent(text).map(Exposure::hundredths_of_percent), Some(share), "{text}");
        }
        for text in ["100.01", "101", "-1", "0.001", "1e1", "", ".", "1.", "x", "99999999999"] {
            assert_eq!(Exposure::from_percent(text), None, "{text}");
        }
    }

    #[test]
    fn every_wrong_attribute_is_named_and_does_not_count() {
        let metadata = serde_json::json!({
            "kind": "feature", "owner": "", "expectedLifetimeDays": 0, "clientOverride": "yes",
            "prerequisites": "a=b,c", "exposure": "10", "disabledMessage": 5,
        });
        let mut problems = Problems::default();
        let attributes = read(metadata.as_object().unwrap(), &Path::root("metadata"), &mut problems);
        assert_eq!(attributes, Attributes::default());
        let paths: Vec<String> = problems.into_vec().into_iter().map(|problem| problem.path).collect();
        assert_eq!(
            paths,
            [
                "metadata.kind",
                "metadata.owner",
                "metadata.expectedLifetimeDays",
                "metadata.disabledMessage",
                "metadata.clientOverride",
                "metadata.prerequisites",
                "metadata.exposure",
            ]
        );
    }
}
