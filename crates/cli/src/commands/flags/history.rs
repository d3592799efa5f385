//! `history`: every version of a flag with what changed, and its kills and restores.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::flag_path;
use crate::failure::Failure;
use crate::place::Place;
use crate::terminal::{printable, shown};

#[derive(clap::Args)]
pub struct Arguments {
    /// Key of the flag
    key: String,
    #[command(flatten)]
    place: Place,
}

/// Something that happened to a flag.
enum Event<'h> {
    Version(&'h Value),
    /// An entry of the audit log.
    Switch(&'h Value),
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        let versions = api.list(&flag_path(&self.key, "/history"), "versions")?;
        let mut switches = api.list(&flag_path(&self.key, "/audit"), "audit")?;
        switches.retain(|entry| verb(entry).is_some());
        switches.reverse();
        self.place.print(&json!({ "versions": versions, "switches": switches }), |_, out| {
            let versions = versions.iter().map(Event::Version);
            let mut events: Vec<Event<'_>> = switches.iter().map(Event::Switch).chain(versions).collect();
            events.sort_by_key(|event| std::cmp::Reverse(event.at()));
            events.iter().try_for_each(|event| match event {
                Event::Version(version) => write_version(version, out),
                Event::Switch(entry) => write_switch(entry, out),
            })
        })
    }
}

impl Event<'_> {
    /// When it happened; a kill that waited for the database, when it was made.
    fn at(&self) -> Option<Timestamp> {
        let at = match self {
            Self::Version(version) => version.get("at"),
            Self::Switch(entry) => entry.pointer("/details/killedAt").or_else(|| entry.get("at")),
        };
        at.and_then(Value::as_str).and_then(|text| text.parse().ok())
    }
}

/// What an entry of the audit log did to the kill switch, if anything.
fn verb(entry: &Value) -> Option<&'static str> {
    match entry.get("action").and_then(Value::as_str) {
        Some("flag.kill") => Some("killed"),
        Some("flag.restore") => Some("restored"),
        _ => None,
    }
}

/// `killed  2026-11-22T21:30:00Z by person:1  marks look wrong`
fn write_switch(entry: &Value, out: &mut impl Write) -> io::Result<()> {
    let at = entry.pointer("/details/killedAt").or_else(|| entry.get("at"));
    let unchanged = match entry.pointer("/details/changed") {
        Some(Value::Bool(false)) => " (it was already)",
        _ => "",
    };
    let (verb, reason) = (verb(entry).unwrap_or_default(), shown(entry.pointer("/details/reason")));
    writeln!(out, "{verb}{unchanged}  {} by {}  {reason}", shown(at), shown(entry.get("actor")))
}

fn write_version(version: &Value, out: &mut impl Write) -> io::Result<()> {
    let field = |name: &str| shown(version.get(name));
    write!(out, "version {}  {} by {}", field("version"), field("at"), field("by"))?;
    match version.get("comment").and_then(Value::as_str) {
        Some(comment) => writeln!(out, "  {}", printable(comment))?,
        None => writeln!(out)?,
    }
    for change in version.get("changes").and_then(Value::as_array).map_or(&[][..], Vec::as_slice) {
        write_change(change, out)?;
    }
    Ok(())
}

/// `defaultVariant: "off" → "on"`
fn write_change(change: &Value, out: &mut impl Write) -> io::Result<()> {
    let side = |name: &str| match change.get(name) {
        None | Some(Value::Null) => "(absent)".to_owned(),
        Some(value) => printable(&value.to_string()),
    };
    writeln!(out, "  {}: {} → {}", shown(change.get("path")), side("before"), side("after"))
}
