//! `history`: every version of a flag, with what changed.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Place, flag_path};
use crate::failure::Failure;
use crate::terminal::{printable, shown};

#[derive(clap::Args)]
pub struct Arguments {
    /// Key of the flag
    key: String,
    #[command(flatten)]
    place: Place,
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        let versions = self.place.api()?.list(&flag_path(&self.key, "/history"), "versions")?;
        self.place.print(&json!({ "versions": versions }), |_, out| {
            versions.iter().try_for_each(|version| write(version, out))
        })
    }
}

fn write(version: &Value, out: &mut impl Write) -> io::Result<()> {
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
