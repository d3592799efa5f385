//! `import` and `export`: all flags as one flagd document.

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::Value;
use ureq::http::Method;

use super::{Place, definition_file, history};
use crate::failure::{Failure, output_failure};
use crate::terminal::shown;

#[derive(clap::Args)]
pub struct Import {
    /// The flagd file, as JSON; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only report what would change
    #[arg(long)]
    dry_run: bool,
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
        let path = if self.dry_run { "/api/flag-set/import?dryRun=true" } else { "/api/flag-set/import" };
        let answer = self.place.api()?.send(&Method::POST, path, Some(document.get()))?.successful()?.json()?;
        self.place.print(&answer, |answer, out| write(answer, self.dry_run, out))
    }
}

fn write(answer: &Value, dry_run: bool, out: &mut impl Write) -> io::Result<()> {
    let flags = answer.get("flags").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for flag in flags {
        writeln!(out, "{}  {}", shown(flag.get("action")), shown(flag.get("key")))?;
        for change in flag.get("changes").and_then(Value::as_array).map_or(&[][..], Vec::as_slice) {
            history::write_change(change, out)?;
        }
    }
    match (dry_run, flags.len()) {
        (true, count) => writeln!(out, "{count} flag(s) in the file; nothing was changed (dry run)"),
        (false, count) => writeln!(out, "{count} flag(s) taken over"),
    }
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
