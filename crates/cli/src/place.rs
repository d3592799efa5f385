//! Where a command acts, and how it answers.

use std::io::{self, Write};

use serde_json::Value;

use crate::api_client::ApiClient;
use crate::failure::{Failure, output_failure};
use crate::target::{Location, Target};

/// Where to act, and how to answer.
#[derive(clap::Args)]
pub struct Place {
    #[command(flatten)]
    target: Target,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

impl Place {
    /// The API there.
    pub fn api(&self) -> Result<ApiClient, Failure> {
        ApiClient::at(&self.target)
    }

    /// The place itself.
    pub fn location(&self) -> Result<Location, Failure> {
        self.target.location()
    }

    /// Whether that is the database of a stopped server.
    pub fn is_database(&self) -> Result<bool, Failure> {
        Ok(matches!(self.target.location()?, Location::Database(_)))
    }

    /// Whether JSON is asked for.
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// Prints an answer: as it is with `--json`, otherwise as `text` writes it.
    pub fn print(
        &self,
        answer: &Value,
        text: impl FnOnce(&Value, &mut io::StdoutLock<'static>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        print(self.json, answer, text)
    }
}

/// Prints an answer of JSON: as it is, or as `text` writes it.
pub fn print(
    json: bool,
    answer: &Value,
    text: impl FnOnce(&Value, &mut io::StdoutLock<'static>) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    if json { writeln!(out, "{answer:#}") } else { text(answer, &mut out) }.map_err(output_failure)
}
