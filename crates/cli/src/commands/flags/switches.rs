//! `kill` and `restore`.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::definitions::ACCEPTED;
use super::{changes, flag_path};
use crate::failure::Failure;
use crate::place::Place;
use crate::terminal::shown;

#[derive(clap::Args)]
pub struct Arguments {
    /// Key of the flag
    key: String,
    /// Why; kept in the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    place: Place,
}

/// Which way.
#[derive(Clone, Copy)]
pub enum Switch {
    /// Off for everyone.
    Kill,
    /// A kill lifted.
    Restore,
}

impl Switch {
    /// The last segment of its route.
    pub fn route(self) -> &'static str {
        match self {
            Self::Kill => "/kill",
            Self::Restore => "/restore",
        }
    }
}

impl Arguments {
    pub fn run(&self, switch: Switch) -> Result<(), Failure> {
        let path = flag_path(&self.key, switch.route());
        let answer = self.place.api()?.post(&path, &json!({ "reason": self.reason }))?;
        if matches!(switch, Switch::Restore) && answer.status == ACCEPTED {
            return self.place.print(&answer.json()?, changes::write_waiting);
        }
        let flag = answer.json()?;
        self.place.print(&flag, |flag, out| self.write(flag, out))?;
        match switch {
            Switch::Kill => is_stored(&flag),
            // A stopped server's variables are not those of this command.
            Switch::Restore if self.place.is_database()? => Ok(()),
            Switch::Restore => is_let_on(&flag),
        }
    }

    fn write(&self, flag: &Value, out: &mut io::StdoutLock<'_>) -> io::Result<()> {
        let field = |name: &str| shown(flag.get(name));
        if flag.get("killed") == Some(&Value::Bool(true)) {
            let is_ours = flag.get("reason").and_then(Value::as_str) == Some(&self.reason);
            let stands = if is_ours { "is killed" } else { "was already killed" };
            writeln!(out, "{} {stands}, by {}: {}", field("key"), field("changedBy"), field("reason"))?;
        } else {
            writeln!(out, "{} is not killed; on: {} ({})", field("key"), field("enabled"), field("reasonCode"))?;
        }
        for note in flag.get("notes").and_then(Value::as_array).map_or(&[][..], Vec::as_slice) {
            writeln!(out, "note: {}", shown(Some(note)))?;
        }
        Ok(())
    }
}

/// Refuses to call a kill done that other replicas do not know of.
fn is_stored(flag: &Value) -> Result<(), Failure> {
    if flag.get("killPending") != Some(&Value::Bool(true)) {
        return Ok(());
    }
    let key = shown(flag.get("key"));
    Err(Failure::refused(
        format!("the database is away, so {key} is killed at this server only"),
        "repeat with --server for every replica; the kill is stored as soon as the database is back".to_owned(),
    ))
}

/// Refuses to call a restore done after which the environment still keeps the flag off.
fn is_let_on(flag: &Value) -> Result<(), Failure> {
    match flag.get("reasonCode").and_then(Value::as_str) {
        Some("killed_by_environment" | "not_configured") => {
            let key = shown(flag.get("key"));
            Err(Failure::refused(
                format!("{key} stays off at this server: its environment variable is not true"),
                "start the server with the variable that the note names set to true".to_owned(),
            ))
        }
        _ => Ok(()),
    }
}
