//! `list`, `get`, `create`, `set`, `archive`: the definitions and how they stand.

use std::io::{self, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use ureq::http::Method;

use super::edit::Edit;
use super::{changes, definition_file, flag_path};
use crate::api_client::{Answer, ApiClient};
use crate::failure::Failure;
use crate::place::Place;
use crate::terminal::{printable, shown, write_table};

/// Status of a change that waits for a second person.
pub const ACCEPTED: u16 = 202;
/// Whether a flag is on that another answer is drawn for with each user.
const BY_USER: &str = "by user";

#[derive(clap::Args)]
pub struct List {
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub struct Get {
    /// Key of the flag
    key: String,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub struct Create {
    /// Key of the new flag
    key: String,
    /// Its definition, as JSON; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    definition: PathBuf,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub struct Set {
    /// Key of the flag
    key: String,
    #[command(flatten)]
    edit: Edit,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// Refuse if the flag is not at this version [default: the version it has now]
    #[arg(long, value_name = "N")]
    version: Option<i64>,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub struct Archive {
    /// Key of the flag
    key: String,
    #[command(flatten)]
    place: Place,
}

/// A new flag or a new definition, as the API takes it.
#[derive(Serialize)]
struct Submitted<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    definition: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<&'a str>,
}

/// What a change needs to know about a flag as it stands.
#[derive(Deserialize)]
struct Standing {
    version: i64,
    definition: Box<RawValue>,
}

impl List {
    pub fn run(&self) -> Result<(), Failure> {
        let flags = self.place.api()?.list("/api/flags", "flags")?;
        self.place.print(&json!({ "flags": flags }), |_, out| {
            let heads = ["flag", "on", "why", "default", "exposure", "owner", "source", "version", "to look at"];
            write_table(&heads, flags.iter().map(row), out)
        })
    }
}

fn row(flag: &Value) -> Vec<String> {
    let field = |name: &str| shown(flag.get(name));
    let findings = flag.get("staleness").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let findings = findings.iter().map(|finding| shown(finding.get("code"))).collect::<Vec<_>>().join(", ");
    vec![
        field("key"),
        on(flag),
        field("reasonCode"),
        shown(flag.pointer("/definition/defaultVariant")),
        percent(flag),
        field("owner"),
        field("source"),
        field("version"),
        findings,
    ]
}

/// Whether people get the flag; with an exposure that is another answer for each of them.
fn on(flag: &Value) -> String {
    match flag.get("reasonCode").and_then(Value::as_str) {
        Some("targeting_key_missing") => BY_USER.to_owned(),
        _ => shown(flag.get("enabled")),
    }
}

fn percent(flag: &Value) -> String {
    match flag.get("exposure") {
        None | Some(Value::Null) => "-".to_owned(),
        exposure => format!("{} %", shown(exposure)),
    }
}

impl Get {
    pub fn run(&self) -> Result<(), Failure> {
        let flag = self.place.api()?.get(&flag_path(&self.key, ""))?.json()?;
        self.place.print(&flag, write_flag)
    }
}

/// Writes a flag for reading.
pub fn write_flag(flag: &Value, out: &mut io::StdoutLock<'_>) -> io::Result<()> {
    let field = |name: &str| shown(flag.get(name));
    writeln!(out, "{}  version {}, {}", field("key"), field("version"), field("source"))?;
    match on(flag) {
        by_user if by_user == BY_USER => writeln!(out, "  on         {by_user}: {}", percent(flag))?,
        on => writeln!(out, "  on         {on} ({})", field("reasonCode"))?,
    }
    if flag.get("killed") == Some(&Value::Bool(true)) {
        writeln!(out, "  killed     {} by {}: {}", field("changedAt"), field("changedBy"), field("reason"))?;
    }
    writeln!(out, "  exposure   {}", percent(flag))?;
    writeln!(out, "  owner      {} ({})", field("owner"), field("kind"))?;
    writeln!(out, "  changed    {} by {}", field("updatedAt"), field("updatedBy"))?;
    if let Some(usage) = flag.get("usage").filter(|usage| usage.is_object()) {
        let seen = |name: &str| shown(usage.get(name));
        writeln!(out, "  evaluated  first {}, last {}", seen("firstEvaluatedAt"), seen("lastEvaluatedAt"))?;
    }
    if let Some(left) = flag.get("optOuts").filter(|left| left.is_object()) {
        let count = |name: &str| shown(left.get(name));
        writeln!(out, "  opted out  {} now, {} in the last hour", count("current"), count("lastHour"))?;
    }
    let texts = |name: &str| flag.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    for finding in texts("staleness") {
        writeln!(out, "  look at    {}: {}", shown(finding.get("code")), shown(finding.get("message")))?;
    }
    for note in texts("notes") {
        writeln!(out, "  note       {}", shown(Some(&note)))?;
    }
    if let Some(definition) = flag.get("definition") {
        for line in format!("{definition:#}").lines() {
            writeln!(out, "  {}", printable(line))?;
        }
    }
    Ok(())
}

impl Create {
    pub fn run(&self) -> Result<(), Failure> {
        let definition = definition_file::json(&self.definition)?;
        let body = Submitted {
            key: Some(&self.key),
            version: None,
            definition: &definition,
            comment: self.comment.as_deref(),
        };
        let answer = submit(&self.place.api()?, &Method::POST, "/api/flags", &body)?;
        print_outcome(&self.place, &answer)
    }
}

impl Set {
    pub fn run(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        let path = flag_path(&self.key, "");
        let standing: Standing =
            serde_json::from_str(&api.get(&path)?.text).map_err(|_| crate::api_client::unexpected("definition"))?;
        let definition = self.edit.apply(&standing.definition)?;
        let body = Submitted {
            key: None,
            version: Some(self.version.unwrap_or(standing.version)),
            definition: &definition,
            comment: self.comment.as_deref(),
        };
        let answer = submit(&api, &Method::PUT, &path, &body)?;
        print_outcome(&self.place, &answer)
    }
}

impl Archive {
    pub fn run(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        let path = flag_path(&self.key, "");
        let version = api.get(&path)?.json()?.get("version").cloned();
        let answer = api.delete(&path, Some(&json!({ "version": version })))?;
        print_outcome(&self.place, &answer)
    }
}

fn submit(api: &ApiClient, method: &Method, path: &str, body: &Submitted<'_>) -> Result<Answer, Failure> {
    let body = serde_json::to_string(body).map_err(anyhow::Error::new)?;
    api.send(method, path, Some(&body))?.successful()
}

/// Prints the changed flag, or the change that waits for a second person.
pub fn print_outcome(place: &Place, answer: &Answer) -> Result<(), Failure> {
    let waits = answer.status == ACCEPTED;
    place.print(
        &answer.json()?,
        |answer, out| if waits { changes::write_waiting(answer, out) } else { write_flag(answer, out) },
    )
}
