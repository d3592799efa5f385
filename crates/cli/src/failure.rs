//! How a command fails: what is said on standard error, and the exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use moic::Problem;
use store::StoreError;

use crate::terminal::printable;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// The input or the usage is wrong: exit code 2.
    BadInput {
        /// What is wrong, in one line.
        message: String,
        /// Each fault, where there are several.
        problems: Vec<Problem>,
        /// What to do about it.
        hint: Option<String>,
    },
    /// Readable, but somebody who decides said no, or a check did not pass: exit code 1.
    Refused {
        /// What was refused, in one line.
        message: String,
        /// Each reason, where there are several.
        problems: Vec<Problem>,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The command could not be carried out: exit code 1.
    Failed(anyhow::Error),
    /// Whoever read our output has stopped reading: nothing to say, exit code 0.
    OutputClosed,
}

impl Failure {
    /// Bad input in one line.
    pub fn bad_input(message: impl Into<String>, hint: impl Into<Option<String>>) -> Self {
        Self::BadInput { message: message.into(), problems: Vec::new(), hint: hint.into() }
    }

    /// A refusal in one line.
    pub fn refused(message: impl Into<String>, hint: impl Into<Option<String>>) -> Self {
        Self::Refused { message: message.into(), problems: Vec::new(), hint: hint.into() }
    }

    /// What went wrong, in one line.
    pub fn message(&self) -> String {
        match self {
            Self::BadInput { message, .. } | Self::Refused { message, .. } => message.clone(),
            Self::Failed(error) => format!("{error:#}"),
            Self::OutputClosed => "nobody reads the output".to_owned(),
        }
    }

    /// Says what went wrong on standard error.
    pub fn report(self) -> ExitCode {
        match self {
            Self::OutputClosed => ExitCode::SUCCESS,
            Self::Failed(error) => {
                say(&format!("{error:#}"), &[], None);
                ExitCode::from(1)
            }
            Self::Refused { message, problems, hint } => {
                say(&message, &problems, hint.as_deref());
                ExitCode::from(1)
            }
            Self::BadInput { message, problems, hint } => {
                say(&message, &problems, hint.as_deref());
                ExitCode::from(2)
            }
        }
    }
}

fn say(message: &str, problems: &[Problem], hint: Option<&str>) {
    let mut out = io::stderr().lock();
    // Nobody can be told that standard error is closed.
    let _ = writeln!(out, "error: {}", lines(message));
    for Problem { path, value, message } in problems {
        let path = if path.is_empty() { "the document" } else { path };
        let (path, message) = (printable(path), printable(message));
        // What is missing has no value.
        let found = if value.is_empty() { String::new() } else { format!(" (found: {})", value.escape_debug()) };
        let _ = writeln!(out, "  {path}: {message}{found}");
    }
    if let Some(hint) = hint {
        let _ = writeln!(out, "hint: {}", lines(hint));
    }
}

/// A text of ours, which may have lines, with what it quotes.
fn lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Failed(anyhow::Error::new(error))
    }
}

/// An error while writing to standard output.
pub fn output_failure(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::OutputClosed,
        _ => Failure::Failed(anyhow::Error::new(error).context("cannot write to standard output")),
    }
}
