//! How a rollout stands, as the API shows it and as a terminal does.

use std::io::{self, Write};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use rollout::{Assessment, Numbers, TriggerView, grouped, lasting, score};
use serde::Deserialize;
use serde_json::Value;

use super::which::has_ended;
use crate::failure::Failure;
use crate::terminal::{printable, second, write_table};

/// Letters of a bar.
const BAR_WIDTH: u32 = 16;

/// A rollout, as the API shows it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    id: String,
    flag: String,
    environment: String,
    policy: String,
    pub stage: String,
    since: Timestamp,
    deadline: Option<Timestamp>,
    phase: Option<String>,
    exposure: f64,
    phases: Vec<PhaseStanding>,
    missing: Vec<String>,
    assessment: Assessment,
    numbers: Numbers,
    rollback: Option<RollbackTimes>,
    last_decision: Option<LastDecision>,
    was_on_for_everyone: bool,
    controlled_by: Option<String>,
    replicas: Vec<ReplicaReading>,
    unheard_replicas: Vec<UnheardReplica>,
}

#[derive(Debug, Deserialize)]
struct LastDecision {
    at: Timestamp,
    actor: String,
    verdict: String,
    rule: String,
    explanation: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UnheardReplica {
    replica: String,
    seen_at: Timestamp,
    gone_at: Timestamp,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhaseStanding {
    name: String,
    percent: f64,
    opt_in: bool,
    min_soak_seconds: i64,
    max_soak_seconds: i64,
    entered_at: Option<Timestamp>,
    is_present: bool,
}

/// The stopwatch of a rollback, in seconds; none for what has not happened.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RollbackTimes {
    /// From the cause to the decision.
    pub decide_seconds: Option<f64>,
    /// To the durable write.
    pub commit_seconds: Option<f64>,
    /// Until every process has it and nobody is served with the treatment.
    pub drain_seconds: Option<f64>,
    /// Until somebody was served well without it.
    pub recover_seconds: Option<f64>,
}

impl RollbackTimes {
    /// `decide 0.00 s, commit 0.01 s, drain 0.41 s, recover –`
    pub fn text(&self) -> String {
        let stages = [
            ("decide", self.decide_seconds),
            ("commit", self.commit_seconds),
            ("drain", self.drain_seconds),
            ("recover", self.recover_seconds),
        ];
        let said = stages.map(|(name, seconds)| match seconds {
            Some(seconds) => format!("{name} {seconds:.3} s"),
            None => format!("{name} –"),
        });
        said.join(", ")
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReplicaReading {
    replica: String,
    contexts_equal: u64,
    contexts: u64,
    in_flight: u64,
}

impl Standing {
    /// Takes the API's answer apart.
    pub fn of(rollout: &Value) -> Result<Self, Failure> {
        let standing = Self::deserialize(rollout);
        Ok(standing
            .context("the server's rollout cannot be read; is the server of the same version as this command?")?)
    }

    /// The stopwatch of its rollback; none where there was none.
    pub const fn rollback(&self) -> Option<RollbackTimes> {
        self.rollback
    }

    /// Whether it has come to its end.
    pub fn has_ended(&self) -> bool {
        has_ended(&self.stage)
    }

    /// Whether the flag goes back, and that is not proved yet.
    pub fn is_rolling_back(&self) -> bool {
        matches!(self.stage.as_str(), "RollingBack" | "Verifying" | "RollbackStuck")
    }

    /// In one line.
    pub fn line(&self) -> String {
        let phase = self.phase.as_deref().unwrap_or("no phase");
        let exposure = if self.has_ended() { String::new() } else { format!(" at {} %", self.exposure) };
        format!("{} {phase} {}{exposure}: {}", second(self.since), self.stage, self.assessment.waiting_for)
    }

    /// In full.
    pub fn write(&self, now: Timestamp, out: &mut impl Write) -> io::Result<()> {
        let ago = lasting(now.duration_since(self.since));
        writeln!(
            out,
            "{} in {}: {}, since {} ({ago})",
            printable(&self.flag),
            self.environment,
            self.stage,
            self.since
        )?;
        writeln!(out, "Rollout {}, policy {}", self.id, printable(&self.policy))?;
        if let Some(deadline) = self.deadline.filter(|_| !self.has_ended()) {
            let left = deadline.duration_since(now);
            let when = if left.is_negative() { "over".to_owned() } else { format!("in {}", lasting(left)) };
            writeln!(out, "Somebody is called at {} ({when})", second(deadline))?;
        }
        writeln!(out)?;
        write_table(&["", "Phase", "Users", "Soak", "Entered"], self.phases.iter().map(|phase| self.row(phase)), out)?;
        writeln!(out)?;
        for missing in &self.missing {
            writeln!(out, "Missing: {}", printable(missing))?;
        }
        writeln!(out, "Now:  {}", printable(&self.assessment.waiting_for))?;
        if let Some(LastDecision { at, actor, verdict, rule, explanation }) = &self.last_decision {
            let verdict = verdict.replace('_', " ");
            writeln!(out, "Last: {verdict} by {rule}, {actor}, at {}: {}", second(*at), printable(explanation))?;
        }
        if !self.has_ended() {
            writeln!(out, "Next: {}", printable(&self.assessment.next))?;
        }
        if self.was_on_for_everyone && self.stage != "Completed" {
            writeln!(
                out,
                "It was on for everyone before; after a rollback it is off, until somebody changes the flag."
            )?;
        }
        if self.controlled_by.is_none() && !self.has_ended() {
            writeln!(
                out,
                "No process controls rollouts: nothing is decided. Start one without --rollout-controller false."
            )?;
        }
        self.write_assessment(out)?;
        self.write_arms(out)?;
        if let Some(times) = &self.rollback {
            writeln!(out, "\nRollback: {}", times.text())?;
        }
        for UnheardReplica { replica, seen_at, gone_at } in &self.unheard_replicas {
            let (silent, left) = (lasting(now.duration_since(*seen_at)), lasting(gone_at.duration_since(now)));
            writeln!(
                out,
                "Replica {}: has not said what it has; seen {silent} ago, counts as gone in {left}",
                printable(replica)
            )?;
        }
        for reading in &self.replicas {
            let ReplicaReading { replica, contexts_equal, contexts, in_flight } = reading;
            let replica = printable(replica);
            writeln!(
                out,
                "Replica {replica}: {contexts_equal} of {contexts} sampled callers as before, {in_flight} requests with the treatment still served",
            )?;
        }
        Ok(())
    }

    /// When the last phase of all was entered.
    fn last_entry(&self) -> Option<Timestamp> {
        self.phases.iter().filter_map(|phase| phase.entered_at).max()
    }

    fn row(&self, phase: &PhaseStanding) -> Vec<String> {
        let is_last = phase.entered_at.is_some() && phase.entered_at == self.last_entry();
        let mark = match (phase.is_present, phase.entered_at) {
            (true, _) => "▸",
            (false, Some(_)) if is_last && self.stage != "Completed" => "✗",
            (false, Some(_)) => "✓",
            (false, None) => "",
        };
        let soaked = SignedDuration::from_secs(self.numbers.soak_seconds);
        let bounds = format!(
            "{} to {}",
            lasting(SignedDuration::from_secs(phase.min_soak_seconds)),
            lasting(SignedDuration::from_secs(phase.max_soak_seconds))
        );
        vec![
            mark.to_owned(),
            printable(&phase.name),
            format!("{} %{}", phase.percent, if phase.opt_in { " + opt-in" } else { "" }),
            if phase.is_present { format!("{} of {bounds}", lasting(soaked)) } else { bounds },
            phase.entered_at.map_or_else(String::new, second),
        ]
    }

    fn write_assessment(&self, out: &mut impl Write) -> io::Result<()> {
        let Assessment { criteria, triggers, checks, .. } = &self.assessment;
        if !criteria.is_empty() {
            writeln!(out, "\nTo be shown")?;
        }
        for criterion in criteria {
            let mark = if criterion.is_shown { "✓" } else { " " };
            writeln!(out, "  {mark} {} {}", bar(criterion.log_e_pass, criterion.log_pass), printable(&criterion.text))?;
        }
        if !triggers.is_empty() {
            writeln!(out, "\nWhat stops it")?;
        }
        for trigger in triggers {
            writeln!(
                out,
                "    {} {}: {}",
                bar(trigger.log_e, trigger.log_threshold),
                printable(&trigger.name),
                nearness(trigger)
            )?;
        }
        if !checks.is_empty() {
            writeln!(out, "\nTo be signed")?;
        }
        for check in checks {
            let said = match &check.statement {
                None => "nobody has signed it".to_owned(),
                Some(statement) => {
                    let verdict = if statement.passed { "good" } else { "not good" };
                    let until = match statement.expires_at {
                        Some(expires_at) if check.is_good => format!(", until {}", second(expires_at)),
                        Some(expires_at) => format!(", expired at {}", second(expires_at)),
                        None => String::new(),
                    };
                    format!(
                        "{verdict}, says {} at {}{until}: {}",
                        statement.by,
                        second(statement.at),
                        statement.evidence
                    )
                }
            };
            let mark = if check.is_good { "✓" } else { " " };
            writeln!(out, "  {mark} {}: {}", printable(&check.name), printable(&said))?;
        }
        Ok(())
    }

    fn write_arms(&self, out: &mut impl Write) -> io::Result<()> {
        // After its end the numbers of each phase are in `lotwise rollout compare`.
        if self.phase.is_none() || self.has_ended() || self.is_rolling_back() {
            return Ok(());
        }
        writeln!(out)?;
        let percent = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), rollout::percent);
        let estimates = &self.numbers.estimates;
        let arms = [
            ("treatment", self.numbers.treatment, estimates.treatment_error_rate),
            ("control", self.numbers.control, estimates.control_error_rate),
        ];
        let rows = arms.map(|(name, totals, recent)| {
            vec![
                name.to_owned(),
                thousands(totals.requests),
                thousands(totals.failures),
                thousands(totals.users),
                thousands(totals.failed_users),
                percent(recent),
            ]
        });
        write_table(
            &["Seen in this phase", "Requests", "Failed", "Users", "With a failure", "Failing, last 5 min"],
            rows,
            out,
        )
    }
}

/// A count with its thousands apart.
pub fn thousands(count: u64) -> String {
    // Exact up to 2^53.
    grouped(count as f64)
}

/// How far a score is on its way to the one that decides, on a scale of logarithms.
fn bar(ln_e: Option<f64>, ln_needed: Option<f64>) -> String {
    let (Some(ln_e), Some(ln_needed)) = (ln_e, ln_needed) else { return " ".repeat(BAR_WIDTH as usize) };
    let full = (1..=BAR_WIDTH).filter(|step| ln_e >= ln_needed * f64::from(*step) / f64::from(BAR_WIDTH)).count();
    "█".repeat(full) + &"░".repeat((BAR_WIDTH as usize).saturating_sub(full))
}

/// `3.10 of 100 to 1`
fn nearness(trigger: &TriggerView) -> String {
    let mut said = match (trigger.log_e, trigger.log_threshold) {
        (Some(ln_e), Some(ln_needed)) => format!("{} to 1, acts at {} to 1", score(ln_e), score(ln_needed)),
        _ => format!("{:?}", trigger.class).to_lowercase(),
    };
    if let Some(seconds) = trigger.over_seconds {
        said += &format!(", above its level for {}", lasting(SignedDuration::from_secs(seconds)));
    }
    if trigger.is_observational {
        said += ", observational: people chose their arm";
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_full_where_the_score_decides() {
        assert_eq!(bar(Some(4.7), Some(4.6)), "█".repeat(16));
        assert_eq!(bar(Some(2.3), Some(4.6)), "█".repeat(8) + &"░".repeat(8));
        assert_eq!(bar(Some(-1.0), Some(4.6)), "░".repeat(16));
        assert_eq!(bar(None, Some(4.6)), " ".repeat(16));
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!((thousands(1_234_567), thousands(0)), ("1,234,567".to_owned(), "0".to_owned()));
    }
}
