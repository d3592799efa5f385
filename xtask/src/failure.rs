//! Why a command did not do what it should.

use std::{fmt, io, path::Path, process::ExitStatus};

/// What went wrong, in words for the person at the terminal.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure with its whole explanation.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A program that could not be started.
    pub fn start(program: &str, error: &io::Error) -> Self {
        Self(format!("`{program}` could not be started: {error}"))
    }

    /// A program that ran and said no.
    pub fn exit(command_line: &str, status: ExitStatus) -> Self {
        Self(format!("`{command_line}` ended with {status}"))
    }

    /// A file or folder that could not be read or written.
    pub fn file(path: &Path, error: &io::Error) -> Self {
        Self(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
