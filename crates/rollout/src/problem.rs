//! What can be wrong with a policy or with evidence.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// Characters kept of a value that is wrong.
const VALUE_LENGTH_MAX: usize = 120;
/// Problems kept of one document: enough to mend it by, few enough to print.
pub const PROBLEMS_KEPT_MAX: usize = 200;

/// Something wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where, as in `phases[2].percent`.
    pub path: String,
    /// What stands there, shortened; empty where nothing does.
    pub value: String,
    /// What is wrong with it and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.path.is_empty() { "" } else { " " };
        write!(out, "{}{separator}{}", self.path, self.message)?;
        if self.value.is_empty() { Ok(()) } else { write!(out, " (found: {})", self.value) }
    }
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a value that is wrong.
    pub(crate) fn wrong(&mut self, path: impl Into<String>, value: &Value, message: impl Into<String>) {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        self.keep(Problem { path: path.into(), value: shortened(text), message: message.into() });
    }

    /// Notes what is wrong where no one value is.
    pub(crate) fn at(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.keep(Problem { path: path.into(), value: String::new(), message: message.into() });
    }

    fn keep(&mut self, problem: Problem) {
        if self.0.len() < PROBLEMS_KEPT_MAX {
            self.0.push(problem);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_vec(self) -> Vec<Problem> {
        self.0
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(VALUE_LENGTH_MAX) {
        None => text,
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}
