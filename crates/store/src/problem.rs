//! One thing that is wrong with an input, said so that a person can mend it.

use serde::Serialize;

/// A fault in a document or a request body: where, what stands there, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Path of the field, as in `companies[3].lots[0].sharesAcquired`; empty for the whole document.
    pub path: String,
    /// The offending value as it was written, cut after [`Problem::VALUE_LENGTH_MAX`] characters; `(absent)` where
    /// something is missing.
    pub value: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Problem {
    /// Characters of a value that are repeated in a problem.
    pub const VALUE_LENGTH_MAX: usize = 120;

    /// A problem at `path`; a long `value` is cut.
    pub fn new(path: impl Into<String>, value: impl Into<String>, message: impl Into<String>) -> Self {
        let mut value: String = value.into();
        if let Some((end, _)) = value.char_indices().nth(Self::VALUE_LENGTH_MAX) {
            value.truncate(end);
            value.push('…');
        }
        Self { path: path.into(), value, message: message.into() }
    }
}
