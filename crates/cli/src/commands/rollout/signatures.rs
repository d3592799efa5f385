//! `approve` and `check`: what people sign.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::tell;
use super::which::Which;
use crate::failure::Failure;
use crate::place::Place;

/// What a signature rests on, and until when it counts.
#[derive(clap::Args)]
struct Statement {
    /// What it rests on: a link or a sentence
    #[arg(long, value_name = "TEXT")]
    evidence: String,
    /// Until when it counts, such as 2026-12-31T00:00:00Z [default: always]
    #[arg(long, value_name = "INSTANT")]
    expires: Option<Timestamp>,
}

/// Approve the present phase; of a rollout that waits for a second person (four eyes), its start.
#[derive(clap::Args)]
pub struct Approve {
    #[command(flatten)]
    which: Which,
    /// The phase whose evidence you have looked at; refused where the rollout has left it [default: the present one]
    #[arg(long, value_name = "PHASE")]
    phase: Option<String>,
    #[command(flatten)]
    statement: Statement,
    #[command(flatten)]
    place: Place,
}

/// Sign a check of a phase, such as acceptance, security-review, feedback or support-tickets.
#[derive(clap::Args)]
pub struct Check {
    #[command(flatten)]
    which: Which,
    /// Name of the check, as the policy has it
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The phase it is about [default: the present one]
    #[arg(long, value_name = "PHASE")]
    phase: Option<String>,
    /// Say that it is not good, which holds the rollout at its gate
    #[arg(long)]
    failed: bool,
    #[command(flatten)]
    statement: Statement,
    #[command(flatten)]
    place: Place,
}

impl Statement {
    fn body(&self) -> Value {
        let mut body = json!({ "evidence": self.evidence });
        if let Some(instant) = self.expires {
            body["expiresAt"] = instant.to_string().into();
        }
        body
    }
}

impl Approve {
    pub fn run(&self) -> Result<(), Failure> {
        let mut body = self.statement.body();
        if let Some(phase) = &self.phase {
            body["phase"] = phase.as_str().into();
        }
        tell(&self.place, &self.which, "/approve", &body)
    }
}

impl Check {
    pub fn run(&self) -> Result<(), Failure> {
        let mut body = self.statement.body();
        body["name"] = self.name.as_str().into();
        body["passed"] = (!self.failed).into();
        if let Some(phase) = &self.phase {
            body["phase"] = phase.as_str().into();
        }
        tell(&self.place, &self.which, "/checks", &body)
    }
}
