//! `changes`: what waits for a second person.

use std::io::{self, Write};

use clap::Subcommand;
use serde_json::{Value, json};

use crate::api_client::segment;
use crate::failure::Failure;
use crate::place::Place;
use crate::terminal::{shown, write_table};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    place: Place,
}

#[derive(Subcommand)]
enum Command {
    /// List the changes
    List {
        /// pending, approved, rejected, withdrawn or outdated; all when left out
        #[arg(long)]
        status: Option<String>,
    },
    /// Carry a change out, as the second person
    Approve {
        /// Id of the change
        id: String,
    },
    /// Turn a change down
    Reject {
        /// Id of the change
        id: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Take back a change of one's own
    Withdraw {
        /// Id of the change
        id: String,
    },
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        let decide = |id: &str, how: &str, body: &Value| -> Result<(), Failure> {
            let answer = api.post(&format!("/api/flag-changes/{}/{how}", segment(id)), body)?.json()?;
            self.place.print(&answer, |change, out| {
                writeln!(
                    out,
                    "change {} of {} is {}",
                    shown(change.get("id")),
                    shown(change.get("flagKey")),
                    shown(change.get("status"))
                )
            })
        };
        match &self.command {
            Command::List { status } => {
                let query = status.as_ref().map(|status| format!("?status={}", segment(status))).unwrap_or_default();
                let changes = api.list(&format!("/api/flag-changes{query}"), "flagChanges")?;
                self.place.print(&json!({ "flagChanges": changes }), |_, out| {
                    write_table(
                        &["change", "flag", "action", "status", "by", "at", "comment"],
                        changes.iter().map(row),
                        out,
                    )
                })
            }
            Command::Approve { id } => decide(id, "approve", &json!({})),
            Command::Reject { id, reason } => decide(id, "reject", &json!({ "reason": reason })),
            Command::Withdraw { id } => decide(id, "withdraw", &json!({})),
        }
    }
}

fn row(change: &Value) -> Vec<String> {
    ["id", "flagKey", "action", "status", "requestedBy", "requestedAt", "comment"]
        .map(|name| shown(change.get(name)))
        .into()
}

/// What to say when a change waits for a second person.
pub fn write_waiting(change: &Value, out: &mut io::StdoutLock<'_>) -> io::Result<()> {
    let id = shown(change.get("id"));
    writeln!(out, "change {id} waits for a second person; nothing has changed yet")?;
    writeln!(out, "  another operator's approval carries it out: lotwise flags changes approve {id}")
}
