//! `sem_ver`: versions compared as semver.org says, with what people write beside: a leading `v`, missing parts,
//! numbers.

use std::cmp::Ordering;

use semver::{BuildMetadata, Prerelease, Version};

use super::Node;
use super::evaluate::{Evaluator, Scope, Stop};
use crate::value::Value;

/// A comparison of two versions.
#[derive(Debug)]
pub(crate) struct SemVer {
    pub(super) left: Side,
    pub(super) comparison: Comparison,
    pub(super) right: Side,
}

/// A version that stands in the rule, or what gives one.
#[derive(Debug)]
pub(super) enum Side {
    Fixed(Version),
    Reckoned(Node),
}

#[derive(Debug)]
pub(super) enum Comparison {
    Fixed(Range),
    Reckoned(Node),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    SameMinor,
    SameMajor,
}

impl Range {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "=" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "~" => Self::SameMinor,
            "^" => Self::SameMajor,
            _ => return None,
        })
    }

    fn holds(self, left: &Version, right: &Version) -> bool {
        let ordering = || left.cmp_precedence(right);
        match self {
            Self::Equal => ordering() == Ordering::Equal,
            Self::NotEqual => ordering() != Ordering::Equal,
            Self::Less => ordering().is_lt(),
            Self::LessOrEqual => ordering().is_le(),
            Self::Greater => ordering().is_gt(),
            Self::GreaterOrEqual => ordering().is_ge(),
            Self::SameMinor => left.major == right.major && left.minor == right.minor,
            Self::SameMajor => left.major == right.major,
        }
    }
}

/// Reads a version: `1.2.3-rc.1+build`, `v1.2.3`, `1.2`, `1`. Build metadata is left out.
pub(super) fn version(text: &str) -> Option<Version> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    if build.is_some_and(|build| build.is_empty() || BuildMetadata::new(build).is_err()) {
        return None;
    }
    let (core, prerelease) = text.split_once('-').map_or((text, None), |(core, prerelease)| (core, Some(prerelease)));
    let mut parts = core.split('.').map(number);
    let major = parts.next()??;
    let minor = parts.next().unwrap_or(Some(0))?;
    let patch = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() {
        return None;
    }
    let prerelease = match prerelease {
        None => Prerelease::EMPTY,
        Some("") => return None,
        Some(text) => Prerelease::new(text).ok()?,
    };
    Some(Version { pre: prerelease, ..Version::new(major, minor, patch) })
}

/// A part of a version: digits without leading zeros.
fn number(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if is_number { text.parse().ok() } else { None }
}

impl<'a> Evaluator<'a> {
    pub(super) fn sem_ver(&mut self, rule: &'a SemVer, scope: Scope<'a>) -> Result<bool, Stop> {
        let range = match &rule.comparison {
            Comparison::Fixed(range) => *range,
            Comparison::Reckoned(node) => match self.value(node, scope)? {
                Value::Text(text) => Range::parse(text).ok_or(Stop::OperatorFailed)?,
                _ => return Err(Stop::OperatorFailed),
            },
        };
        let (left_version, right_version);
        let left = match &rule.left {
            Side::Fixed(version) => version,
            Side::Reckoned(node) => {
                left_version = version_of(self.value(node, scope)?)?;
                &left_version
            }
        };
        let right = match &rule.right {
            Side::Fixed(version) => version,
            Side::Reckoned(node) => {
                right_version = version_of(self.value(node, scope)?)?;
                &right_version
            }
        };
        Ok(range.holds(left, right))
    }
}

fn version_of(value: Value<'_>) -> Result<Version, Stop> {
    let version = match value {
        Value::Text(text) => version(text),
        Value::Number(number) => version(ryu_js::Buffer::new().format(number)),
        _ => None,
    };
    version.ok_or(Stop::OperatorFailed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_people_write_them() {
        for (text, expected) in [
            ("1.2.3", "1.2.3"),
            ("v1.2.3", "1.2.3"),
            ("1.2", "1.2.0"),
            ("1", "1.0.0"),
            ("1.0.0+build.7", "1.0.0"),
            ("1.0.0-alpha-x.1+b", "1.0.0-alpha-x.1"),
            ("1-rc", "1.0.0-rc"),
        ] {
            assert_eq!(version(text).map(|version| version.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "v", "1.2.3.4", "01.2.3", "1..2", "1.2.3-", "1.2.3+", "x", "1.2.x", "-1", "1.2.3-01", " 1"] {
            assert_eq!(version(text), None, "{text:?}");
        }
    }

    #[test]
    fn ranges_hold_as_flagd_has_them() {
        let holds = |left: &str, range: &str, right: &str| {
            Range::parse(range).unwrap().holds(&version(left).unwrap(), &version(right).unwrap())
        };
        for (left, range, right) in [
            ("2.0.0", "=", "2.0.0"),
            ("1.0.0+other", "=", "1.0.0+build"),
            ("2.0.0-alpha", "<", "2.0.0"),
            ("1.0.0-alpha.2", "<", "1.0.0-alpha.10"),
            ("2.1.0", ">", "2.0.0"),
            ("2.0.0", ">=", "2.0.0"),
            ("2.0.0", "!=", "2.0.1"),
            ("3.0.1", "~", "3.0.0"),
            ("3.1.0", "^", "3.0.0"),
            ("1.5.0", "^", "1"),
        ] {
            assert!(holds(left, range, right), "{left} {range} {right}");
        }
        for (left, range, right) in [("3.1.0", "~", "3.0.0"), ("4.0.0", "^", "3.0.0"), ("2.0.0", "<", "2.0.0")] {
            assert!(!holds(left, range, right), "{left} {range} {right}");
        }
    }
}
