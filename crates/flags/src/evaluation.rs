//! What an evaluation answers, in OpenFeature's words.

use std::borrow::Cow;

/// The answer to one flag for one context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation<'s> {
    /// The value, or why there is none.
    pub result: Result<Resolution<'s>, Refusal>,
    /// The set's metadata overlaid by the flag's: the text of a JSON object. Empty (`{}`) for an unknown flag.
    pub metadata: &'s str,
}

/// A resolved flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution<'s> {
    /// Name of the variant; none means the caller's own default.
    pub variant: Option<&'s str>,
    /// Its value, as JSON text just as the definition has it; there exactly when there is a variant.
    pub value: Option<&'s str>,
    /// How it came about.
    pub reason: Reason,
    /// Whether a kill decided.
    pub killed: bool,
}

/// How a value came about, in OpenFeature's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The same for everyone.
    Static,
    /// No rule named a variant.
    Default,
    /// A rule named the variant.
    TargetingMatch,
    /// The exposure's draw named the variant.
    Split,
    /// The flag is disabled.
    Disabled,
}

impl Reason {
    /// OpenFeature's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Static => "STATIC",
            Self::Default => "DEFAULT",
            Self::TargetingMatch => "TARGETING_MATCH",
            Self::Split => "SPLIT",
            Self::Disabled => "DISABLED",
        }
    }
}

/// Why a flag has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {details}", code.as_str())]
pub struct Refusal {
    /// OpenFeature's code.
    pub code: ErrorCode,
    /// The sentence.
    pub details: Cow<'static, str>,
}

/// OpenFeature's error codes, as far as an evaluation has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorCode {
    /// No such flag.
    FlagNotFound,
    /// The flag's definition is broken.
    ParseError,
    /// The flag's exposure is by user and there is none.
    TargetingKeyMissing,
    /// The context is not one.
    InvalidContext,
    /// The rule named a variant that does not exist, or went beyond a limit.
    General,
}

impl ErrorCode {
    /// OpenFeature's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FlagNotFound => "FLAG_NOT_FOUND",
            Self::ParseError => "PARSE_ERROR",
            Self::TargetingKeyMissing => "TARGETING_KEY_MISSING",
            Self::InvalidContext => "INVALID_CONTEXT",
            Self::General => "GENERAL",
        }
    }
}
