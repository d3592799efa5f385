//! `record export`, `record import`: what one environment has done counts in the next.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::Value;
use ureq::http::Method;

use super::which::Which;
use crate::failure::{Failure, output_failure};
use crate::place::Place;
use crate::terminal::shown;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand)]
enum Command {
    /// Sign and print what this environment has done of a completed rollout
    Export(Which),
    /// Take over what another environment has done
    Import {
        /// The record, as `lotwise rollout record export` printed it there
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        match &self.command {
            Command::Export(which) => {
                let record = api.get(&which.path(&api, "/record")?)?.json()?;
                // Always as JSON: it is a file for the next environment.
                writeln!(io::stdout().lock(), "{record:#}").map_err(output_failure)
            }
            Command::Import { file } => {
                let text = std::fs::read_to_string(file).map_err(|error| {
                    let hint = "lotwise rollout record export > FILE writes one in the earlier environment".to_owned();
                    Failure::bad_input(format!("cannot read the record {}: {error}", file.display()), hint)
                })?;
                let answer = api.send(&Method::POST, "/api/rollout-records", Some(&text))?.successful()?.json()?;
                self.place.print(&answer, |record, out| {
                    let field = |name: &str| shown(record.get(name));
                    let phases = record.get("phases").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
                    let phases: Vec<String> = phases.iter().map(|phase| shown(Some(phase))).collect();
                    writeln!(out, "{}: {} of {} count here now", field("flag"), phases.join(", "), field("environment"))
                })
            }
        }
    }
}
