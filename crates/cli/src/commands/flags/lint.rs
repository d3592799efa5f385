//! `lint`: what is no error and yet not right.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use flags::Bucketing;
use serde_json::{Value, json};

use super::flag_file;
use crate::failure::Failure;
use crate::place::Place;
use crate::system_clock;
use crate::terminal::shown;

#[derive(clap::Args)]
pub struct Arguments {
    /// A flagd file instead of a server; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["server", "database"])]
    file: Option<PathBuf>,
    /// With --file: what percentages are drawn by
    #[arg(long, value_name = "GENERATION", default_value_t, requires = "file")]
    bucketing: Bucketing,
    /// Fail (exit code 1) if there is anything to mend
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    place: Place,
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        let answer = match &self.file {
            Some(file) => {
                let set = flag_file::checked(file, self.bucketing)?;
                let findings = set.lint(&BTreeMap::new(), system_clock::now().as_second());
                let findings = serde_json::to_value(findings).context("the findings cannot be written")?;
                json!({ "findings": findings })
            }
            None => self.place.api()?.get("/api/flags/lint")?.json()?,
        };
        self.place.print(&answer, write)?;
        match findings(&answer).len() {
            0 => Ok(()),
            _ if !self.strict => Ok(()),
            count => {
                let noun = if count == 1 { "finding" } else { "findings" };
                Err(Failure::refused(format!("{count} {noun}"), "without --strict findings do not fail".to_owned()))
            }
        }
    }
}

fn findings(answer: &Value) -> &[Value] {
    answer.get("findings").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn write(answer: &Value, out: &mut io::StdoutLock<'_>) -> io::Result<()> {
    let findings = findings(answer);
    for finding in findings {
        let field = |name: &str| shown(finding.get(name));
        writeln!(out, "{}: {} {} ({})", field("flag"), field("path"), field("message"), field("code"))?;
    }
    if findings.is_empty() {
        writeln!(out, "nothing to mend")?;
    }
    Ok(())
}
