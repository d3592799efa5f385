//! `kill` and `restore`.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::definitions::ACCEPTED;
use super::{Place, changes, flag_path};
use crate::failure::Failure;
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
        match switch {
            Switch::Kill => self.place.print(&answer.json()?, write),
            Switch::Restore if answer.status == ACCEPTED => self.place.print(&answer.json()?, changes::write_waiting),
            Switch::Restore => self.place.print(&answer.json()?, write),
        }
    }
}

fn write(answer: &Value, out: &mut io::StdoutLock<'_>) -> io::Result<()> {
    let field = |name: &str| shown(answer.get(name));
    if answer.get("killed") == Some(&Value::Bool(true)) {
        writeln!(out, "{} is killed, by {}: {}", field("key"), field("changedBy"), field("reason"))?;
    } else {
        writeln!(out, "{} is not killed; on: {} ({})", field("key"), field("enabled"), field("reasonCode"))?;
    }
    if answer.get("killPending") == Some(&Value::Bool(true)) {
        writeln!(
            out,
            "the database is away: the kill acts in this process only, and everywhere once the database is back"
        )?;
    }
    for note in answer.get("notes").and_then(Value::as_array).map_or(&[][..], Vec::as_slice) {
        writeln!(out, "note: {}", shown(Some(note)))?;
    }
    Ok(())
}
