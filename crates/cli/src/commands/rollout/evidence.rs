//! `evidence`, `baseline`, `compare`, `report`: what was seen.

use std::io::{self, Write};

use anyhow::Context;
use clap::ValueEnum;
use jiff::Timestamp;
use jiff::civil::Date;
use rollout::{ArmFigures, Comparison, Estimate, percent};
use serde::Deserialize;
use serde_json::Value;

use super::standing::thousands;
use super::which::Which;
use crate::api_client::{segment, unexpected};
use crate::failure::{Failure, output_failure};
use crate::place::Place;
use crate::terminal::{printable, second, write_table};

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    place: Place,
}

#[derive(clap::Args)]
pub struct Report {
    #[command(flatten)]
    which: Which,
    /// What about
    #[arg(long, value_enum, default_value_t = Kind::Daily)]
    kind: Kind,
    /// A day of the period [default: today]
    #[arg(long, value_name = "DAY")]
    date: Option<Date>,
    #[command(flatten)]
    place: Place,
}

/// A report after the release.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Errors of a day
    Daily,
    /// Performance of a week
    Weekly,
    /// What people said in a month
    Monthly,
    /// Who uses it, in a quarter
    Quarterly,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
        }
    }
}

/// The arms of one entry of a phase, as the API compares them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhaseComparison {
    phase: String,
    entered_at: Timestamp,
    opted_in: u64,
    opted_out: u64,
    #[serde(flatten)]
    comparison: Comparison,
}

impl Arguments {
    /// Every tick, a JSON object a line: what `replay` reads.
    pub fn evidence(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        let path = self.which.path(&api, "/evidence")?;
        let mut out = io::stdout().lock();
        let mut after = String::new();
        loop {
            let lines = api.get(&format!("{path}{after}"))?.text;
            // A server hands out so many ticks at a time; the next answer goes on after the last of this one.
            let Some(last) = lines.lines().last() else { return Ok(()) };
            out.write_all(lines.as_bytes()).map_err(output_failure)?;
            let last: Value = serde_json::from_str(last).context("the evidence cannot be read")?;
            let at = last.get("at").and_then(Value::as_str).ok_or_else(|| unexpected("at"))?;
            after = format!("?after={}", segment(at));
        }
    }

    /// How long the treatment's work took, for `start --baseline`.
    pub fn baseline(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        let answer = api.get(&self.which.path(&api, "/baseline")?)?.json()?;
        writeln!(io::stdout().lock(), "{answer:#}").map_err(output_failure)
    }

    /// The two arms of each phase, side by side.
    pub fn compare(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        let answer = api.get(&self.which.path(&api, "/comparison")?)?.json()?;
        let phases = answer.get("phases").ok_or_else(|| unexpected("phases"))?;
        let phases = Vec::<PhaseComparison>::deserialize(phases).context("the comparison cannot be read")?;
        self.place.print(&answer, |_, out| {
            if phases.is_empty() {
                return writeln!(out, "No phase was entered yet.");
            }
            phases.iter().try_for_each(|phase| write_phase(phase, out))
        })
    }
}

fn write_phase(phase: &PhaseComparison, out: &mut impl Write) -> io::Result<()> {
    let PhaseComparison { comparison, opted_in, opted_out, .. } = phase;
    writeln!(out, "{}, entered {}", printable(&phase.phase), second(phase.entered_at))?;
    let heads = ["", "Requests", "Failed", "Users", "Error rate", "P50", "P95", "P99"];
    let rows = [("treatment", &comparison.treatment), ("control", &comparison.control)];
    write_table(&heads, rows.map(|(name, figures)| row(name, figures)), out)?;
    if let Some(ratio) = comparison.error_ratio {
        writeln!(out, "The treatment fails {} times as often.", between(ratio, |value| format!("{value:.2}")))?;
    }
    if comparison.observational {
        writeln!(out, "Observational: people chose their arm, so this says nothing about cause and effect.")?;
    }
    writeln!(
        out,
        "Left out: {} requests of people who opted in, {} of people who opted out. Each interval holds at all times with probability {}.\n",
        thousands(*opted_in),
        thousands(*opted_out),
        percent(1.0 - comparison.alpha),
    )
}

fn row(name: &str, figures: &ArmFigures) -> Vec<String> {
    let seconds = |estimate: Option<Estimate>| {
        estimate.map_or_else(|| "–".to_owned(), |estimate| between(estimate, |value| format!("{value:.3} s")))
    };
    vec![
        name.to_owned(),
        thousands(figures.requests),
        thousands(figures.failures),
        thousands(figures.users),
        figures.error_rate.map_or_else(|| "–".to_owned(), |estimate| between(estimate, percent)),
        seconds(figures.p50),
        seconds(figures.p95),
        seconds(figures.p99),
    ]
}

/// `0.31 % (0.12 % to 0.70 %)`
fn between(estimate: Estimate, text: impl Fn(f64) -> String) -> String {
    let end = |end: Option<f64>, otherwise: &str| end.map_or_else(|| otherwise.to_owned(), &text);
    format!("{} ({} to {})", text(estimate.value), end(estimate.lower, "0"), end(estimate.upper, "∞"))
}

impl Report {
    pub fn run(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        let query = self.date.map_or_else(String::new, |date| format!("?date={date}"));
        let path = self.which.path(&api, &format!("/reports/{}{query}", self.kind.as_str()))?;
        let answer = api.get(&path)?.json()?;
        self.place.print(&answer, |answer, out| {
            let markdown = answer.get("markdown").and_then(Value::as_str).unwrap_or_default();
            markdown.lines().try_for_each(|line| writeln!(out, "{}", printable(line)))
        })
    }
}
