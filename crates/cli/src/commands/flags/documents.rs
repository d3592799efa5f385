//! `import` and `export`: all flags as one flagd document.

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::Value;
use ureq::http::Method;

use super::definitions::ACCEPTED;
use super::{changes, definition_file};
use crate::api_client::segment;
use crate::failure::{Failure, output_failure};
use crate::place::Place;
use crate::terminal::shown;

#[derive(clap::Args)]
pub struct Import {
    /// The flagd file, as JSON; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only report what would change
    #[arg(long)]
    dry_run: bool,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub struct Export {
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

impl Import {
    pub fn run(&self) -> Result<(), Failure> {
        let document = definition_file::json(&self.file)?;
        let comment = self.comment.as_ref().map(|text| format!("&comment={}", segment(text))).unwrap_or_default();
        let path = format!("/api/flag-set/import?dryRun={}{comment}", self.dry_run);
        let answer = self.place.api()?.send(&Method::POST, &path, Some(document.get()))?.successful()?;
        let waits = answer.status == ACCEPTED;
        self.place.print(&answer.json()?, |answer, out| match waits {
            true => changes::write_waiting(answer, out),
            false => write(answer, self.dry_run, out),
        })
    }
}

fn write(report: &Value, dry_run: bool, out: &mut impl Write) -> io::Result<()> {
    let keys = |name: &str| report.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for (action, keys) in [("new", keys("created")), ("changed", keys("changed"))] {
        for key in keys {
            writeln!(out, "{action:<8} {}", shown(Some(key)))?;
        }
    }
    if report.get("setChanged") == Some(&Value::Bool(true)) {
        writeln!(out, "changed  what all flags share ($evaluators, metadata)")?;
    }
    let (new, changed, unchanged) = (keys("created").len(), keys("changed").len(), keys("unchanged").len());
    let nothing = if dry_run { "; nothing was changed (dry run)" } else { "" };
    writeln!(out, "{new} new, {changed} changed, {unchanged} as they were{nothing}")
}

impl Export {
    pub fn run(&self) -> Result<(), Failure> {
        let text = self.place.api()?.get("/api/flag-set/export")?.text;
        let text = text.trim_end();
        match &self.output {
            None => writeln!(io::stdout().lock(), "{text}").map_err(output_failure),
            Some(file) => std::fs::write(file, format!("{text}\n")).map_err(|error| {
                let hint = "name a file in a folder that exists and may be written".to_owned();
                Failure::refused(format!("cannot write {}: {error}", file.display()), hint)
            }),
        }
    }
}
