//! What can be wrong with a document of flags, and how large one may be.

use std::fmt;

use serde::Serialize;

/// Bytes of a document of flags.
pub const DOCUMENT_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Flags of a document.
pub const FLAGS_MAX: usize = 10_000;
/// Characters of a flag's key and of a variant's name.
pub const KEY_LENGTH_MAX: usize = 200;
/// Variants of a flag.
pub const VARIANTS_MAX: usize = 1_000;
/// Operators and values of one flag's rule, references followed.
pub const RULE_NODES_MAX: usize = 10_000;
/// Operators and values of all rules of a document, references followed.
pub const DOCUMENT_NODES_MAX: usize = 1_000_000;
/// Operators within operators of a rule, references followed.
pub const RULE_DEPTH_MAX: usize = 64;
/// Problems kept of one document: enough to mend it by, few enough to print.
pub const PROBLEMS_KEPT_MAX: usize = 1_000;

const VALUE_LENGTH_MAX: usize = 120;

/// Something wrong with a document of flags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where, as in `flags.checkout.targeting.if[0]`.
    pub path: String,
    /// What stands there, shortened; empty where nothing does, or where it is not one value that is wrong.
    pub value: String,
    /// What is wrong with it and what to write instead.
    pub message: String,
    /// Whether the flag it is in answers `PARSE_ERROR`; otherwise it works in spite of it.
    #[serde(skip)]
    pub breaks_flag: bool,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.path, self.message)?;
        if self.value.is_empty() { Ok(()) } else { write!(out, " (is {})", self.value) }
    }
}

/// Why a document of flags was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// It is not JSON in UTF-8, or nested deeper than 128 levels.
    #[error("not valid JSON at line {line}, column {column}: {message}")]
    Syntax {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// It is larger than [`DOCUMENT_BYTES_MAX`].
    #[error("the document has {bytes} bytes; at most {DOCUMENT_BYTES_MAX} are read")]
    TooLarge {
        /// Its size, in bytes.
        bytes: usize,
    },
    /// It does not say what flags say; every problem found, up to [`PROBLEMS_KEPT_MAX`].
    #[error("{}", summary(.0))]
    Invalid(Vec<Problem>),
}

fn summary(problems: &[Problem]) -> String {
    match problems {
        [] => "the flags are not valid".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first}, and {} more problems", rest.len()),
    }
}

/// Where in a document something stands; rendered only when it is reported.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'p> {
    Field(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    pub(crate) const fn root(name: &'p str) -> Self {
        Self { parent: None, step: Step::Field(name) }
    }

    pub(crate) const fn field(&'p self, name: &'p str) -> Self {
        Self { parent: Some(self), step: Step::Field(name) }
    }

    pub(crate) const fn index(&'p self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Index(index) }
    }

    /// The steps from the root on, a place in a list as its number.
    pub(crate) fn steps(&self) -> Vec<String> {
        let mut steps = self.parent.map(Path::steps).unwrap_or_default();
        steps.push(match self.step {
            Step::Field(name) => name.to_owned(),
            Step::Index(index) => index.to_string(),
        });
        steps
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(out, "{parent}")?;
        }
        match (self.step, self.parent) {
            (Step::Index(index), _) => write!(out, "[{index}]"),
            (Step::Field(name), None) => write!(out, "{name}"),
            (Step::Field(name), Some(_)) => write!(out, ".{name}"),
        }
    }
}

/// The problems found so far: those that break a flag, and those that an edit must not have although a flag can be
/// evaluated with them.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<Problem>,
    breaking: usize,
    warnings: usize,
}

impl Problems {
    /// Notes a value that breaks the flag it is in.
    pub(crate) fn push(&mut self, path: &Path<'_>, value: &serde_json::Value, message: impl Into<String>) {
        self.breaking += 1;
        self.keep(path, value.to_string(), message.into(), true);
    }

    /// Notes a value that the flag it is in works with in spite of it.
    pub(crate) fn warn(&mut self, path: &Path<'_>, value: &serde_json::Value, message: impl Into<String>) {
        self.warnings += 1;
        self.keep(path, value.to_string(), message.into(), false);
    }

    /// Notes what breaks the flag it is in, where no one value is wrong.
    pub(crate) fn push_at(&mut self, path: &Path<'_>, message: impl Into<String>) {
        self.breaking += 1;
        self.keep(path, String::new(), message.into(), true);
    }

    /// The same where the flag works in spite of it.
    pub(crate) fn warn_at(&mut self, path: &Path<'_>, message: impl Into<String>) {
        self.warnings += 1;
        self.keep(path, String::new(), message.into(), false);
    }

    /// Notes that a name comes twice in one object.
    pub(crate) fn warn_of_repeated(&mut self, path: &str) {
        self.warnings += 1;
        let message = "is a name that comes twice in one object".to_owned();
        self.keep(path, String::new(), message, path.starts_with("flags."));
    }

    /// Takes over what was found elsewhere, unless it is known already.
    pub(crate) fn take_unknown(&mut self, others: Self) {
        self.warnings += others.warnings + others.breaking;
        for problem in others.found {
            if self.found.len() < PROBLEMS_KEPT_MAX && !self.found.contains(&problem) {
                self.found.push(problem);
            }
        }
    }

    fn keep(&mut self, path: impl fmt::Display, value: String, message: String, breaks_flag: bool) {
        if self.found.len() < PROBLEMS_KEPT_MAX {
            self.found.push(Problem { path: path.to_string(), value: shortened(value), message, breaks_flag });
        }
    }

    /// How many were found that break a flag.
    pub(crate) const fn breaking(&self) -> usize {
        self.breaking
    }

    /// How many were found that do not.
    pub(crate) const fn warnings(&self) -> usize {
        self.warnings
    }

    pub(crate) fn into_vec(self) -> Vec<Problem> {
        self.found
    }
}

fn shortened(value: String) -> String {
    match value.char_indices().nth(VALUE_LENGTH_MAX) {
        None => value,
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
    }
}
