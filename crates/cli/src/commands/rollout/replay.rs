//! `replay`: a policy on recorded evidence, or the decisions of a rollout made again.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use moic::Problem;
use rollout::{EvidenceError, Replay, Tick, read_evidence};
use serde_json::json;

use super::history;
use super::policy_file::{Choice, Shipped};
use super::which::Which;
use crate::failure::{Failure, output_failure};
use crate::place::Place;

/// Run a policy on recorded evidence; without --policy it is the reference policy. Without --evidence, make every decision
/// of a rollout again from what the audit log has of it.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    choice: Choice,
    /// The evidence: a JSON object a line and tick; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["server", "database", "rollout"])]
    evidence: Option<PathBuf>,
    /// Take every check of the policy as signed
    #[arg(long, requires = "evidence")]
    checks_signed: bool,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    place: Place,
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        match &self.evidence {
            Some(file) => self.on_evidence(file),
            None if self.choice.policy.is_some() => Err(Failure::bad_input(
                "a policy is replayed on evidence, and none is named",
                "add --evidence FILE; lotwise rollout evidence prints that of a rollout".to_owned(),
            )),
            None => history::replay(&self.which, &self.place),
        }
    }

    fn on_evidence(&self, file: &Path) -> Result<(), Failure> {
        let controller = self.choice.controller(self.choice.read(Shipped::Reference)?)?;
        let ticks = read(file)?;
        let Some(first) = ticks.first() else {
            let hint = "write a JSON object a line and tick; docs/concepts/rollouts.md shows one".to_owned();
            return Err(Failure::bad_input("the evidence has no tick", hint));
        };
        let mut replay = Replay::starting(&controller, first.at);
        if self.checks_signed {
            replay = replay.with_checks_signed();
        }
        let mut out = io::stdout().lock();
        let mut decisions = 0;
        let count = ticks.len();
        let mut ticks = ticks.into_iter().peekable();
        while let Some(tick) = ticks.next() {
            let at = tick.at;
            let replayed = replay.tick_before(tick, ticks.peek().map(|next| next.at));
            for note in &replayed.notes {
                // Nobody can be told that standard error is closed.
                let _ = writeln!(io::stderr().lock(), "{at}: {note}");
            }
            let line = replay.line(at, &replayed);
            if self.place.is_json() {
                writeln!(out, "{}", json!(line)).map_err(output_failure)?;
            } else if let Some(decision) = &line.decision {
                decisions += 1;
                writeln!(out, "{at} {} by {}: {}", decision.verdict.as_str(), decision.rule, decision.explanation)
                    .map_err(output_failure)?;
            }
        }
        if !self.place.is_json() {
            let stage = &replay.state().stage;
            writeln!(out, "Ticks: {count}, decisions: {decisions}; the rollout is {stage}").map_err(output_failure)?;
        }
        Ok(())
    }
}

fn read(file: &Path) -> Result<Vec<Tick>, Failure> {
    let (name, text) = if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text).context("cannot read standard input")?;
        ("standard input".to_owned(), text)
    } else {
        let text = std::fs::read_to_string(file).map_err(|error| {
            let hint = "name a file with a JSON object a line and tick".to_owned();
            Failure::bad_input(format!("cannot read {}: {error}", file.display()), hint)
        })?;
        (file.display().to_string(), text)
    };
    read_evidence(&text).map_err(|error| match error {
        EvidenceError::Invalid(found) => {
            let count = found.len();
            let noun = if count == 1 { "problem" } else { "problems" };
            let problems = found.into_iter().map(|found| {
                let rollout::Problem { path, value, message } = found.problem;
                let separator = if path.is_empty() { "" } else { ": " };
                Problem::new(format!("line {}{separator}{path}", found.line), value, message)
            });
            Failure::BadInput {
                message: format!("{name} has {count} {noun}; nothing was replayed"),
                problems: problems.collect(),
                hint: Some("each line names the field, what is wrong and what was found".to_owned()),
            }
        }
        error @ EvidenceError::TooLong => Failure::bad_input(format!("{name}: {error}"), None),
    })
}
