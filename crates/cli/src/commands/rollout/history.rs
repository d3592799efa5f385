//! `decisions`, `explain`, `history`, `verify`: what was decided, by whom, why, and whether the log is as it was written.

use std::io::Write;

use serde_json::{Value, json};

use super::which::Which;
use crate::api_client::ApiClient;
use crate::failure::Failure;
use crate::place::Place;
use crate::terminal::{printable, shown, shown_second};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub struct Explain {
    #[command(flatten)]
    which: Which,
    /// Number of the decision, as `lotwise rollout decisions` shows it [default: the last one]
    #[arg(long, value_name = "NUMBER")]
    decision: Option<u64>,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub struct Verify {
    #[command(flatten)]
    place: Place,
}

impl Arguments {
    /// What was decided, the newest first.
    pub fn decisions(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        let decisions = api.list(&self.which.path(&api, "/decisions")?, "decisions")?;
        self.place.print(&json!({ "decisions": decisions }), |_, out| {
            if decisions.is_empty() {
                return writeln!(out, "Nothing was decided yet.");
            }
            for decision in &decisions {
                let field = |name: &str| shown(decision.get(name));
                writeln!(
                    out,
                    "{}  {}  {} by {} ({}) in {}: {}",
                    field("sequence"),
                    shown_second(decision.get("at")),
                    field("verdict"),
                    field("rule"),
                    field("actor"),
                    field("phase"),
                    field("explanation")
                )?;
            }
            Ok(())
        })
    }

    /// Everything that was done to it, the oldest first.
    pub fn history(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        let entries = api.list(&self.which.path(&api, "/audit")?, "audit")?;
        self.place.print(&json!({ "audit": entries }), |_, out| {
            for entry in &entries {
                let field = |name: &str| shown(entry.get(name));
                let detail = |name: &str| entry.get("details").and_then(|details| details.get(name));
                let result = detail("result").map_or_else(String::new, |result| format!(" → {}", shown(Some(result))));
                let why = entry
                    .pointer("/details/decision/explanation")
                    .or_else(|| detail("reason"))
                    .and_then(Value::as_str)
                    .map(str::to_owned)
                    .or_else(|| detail("event").and_then(said))
                    .map_or_else(String::new, |why| format!(": {}", printable(&why)));
                writeln!(
                    out,
                    "{}  {}  {} by {}{result}{why}",
                    field("sequence"),
                    shown_second(entry.get("at")),
                    field("action"),
                    field("actor")
                )?;
            }
            Ok(())
        })
    }
}

/// What somebody has commanded and why, or signed and on what grounds.
fn said(event: &Value) -> Option<String> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(check) = event.get("check") {
        let verdict = if is_true(check, "passed") { "good" } else { "not good" };
        return Some(format!("{} is {verdict}: {}", text(check, "name")?, text(check, "evidence")?));
    }
    let (command, details) = event.get("command")?.as_object()?.iter().next()?;
    Some(format!("{command}: {}", text(details, "reason")?))
}

/// Makes every decision again from what the log has of it.
pub fn replay(which: &Which, place: &Place) -> Result<(), Failure> {
    let api = place.api()?;
    let answer = api.get(&which.path(&api, "/replay")?)?.json()?;
    let records = answer.get("records").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    place.print(&answer, |_, out| {
        for record in records {
            let field = |name: &str| shown(record.get(name));
            let verdict = if is_true(record, "isSame") { "comes out the same" } else { "COMES OUT DIFFERENT" };
            writeln!(out, "{}  {}: {verdict}", field("sequence"), field("outcome"))?;
        }
        writeln!(out, "{} records", records.len())
    })?;
    if is_true(&answer, "isSame") {
        return Ok(());
    }
    let hint = "another version of the program may have made it: the log says when".to_owned();
    Err(Failure::refused("a decision does not come out as it was recorded", hint))
}

impl Explain {
    pub fn run(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        let query = self.decision.map_or_else(String::new, |number| format!("?sequence={number}"));
        let answer = api.get(&self.which.path(&api, &format!("/explain{query}"))?)?.json()?;
        self.place.print(&answer, |answer, out| {
            let text = answer.get("text").and_then(Value::as_str).unwrap_or_default();
            text.lines().try_for_each(|line| writeln!(out, "{}", printable(line)))
        })
    }
}

impl Verify {
    pub fn run(&self) -> Result<(), Failure> {
        let answer = self.place.api()?.get("/api/audit/verify")?.json()?;
        self.place.print(&answer, |answer, out| {
            let said = if is_true(answer, "isIntact") {
                "The audit log is as it was written."
            } else {
                "The audit log was changed."
            };
            writeln!(out, "{said}")
        })?;
        must_be_intact(&answer)
    }
}

/// Whether the audit log of a server is as it was written.
pub fn verify(api: &ApiClient) -> Result<(), Failure> {
    must_be_intact(&api.get("/api/audit/verify")?.json()?)
}

fn must_be_intact(answer: &Value) -> Result<(), Failure> {
    if is_true(answer, "isIntact") {
        return Ok(());
    }
    let number = shown(answer.get("firstBroken"));
    let hint = "compare with a backup from before: entries from that number on cannot be trusted".to_owned();
    Err(Failure::refused(format!("entry {number} of the audit log is not as it was written"), hint))
}

fn is_true(answer: &Value, name: &str) -> bool {
    answer.get(name) == Some(&Value::Bool(true))
}
