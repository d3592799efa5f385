//! `plan`: what a policy promises, and how long it will take.

use std::io::{self, Write};

use rollout::{Budget, Controller, Design, Phase, PhaseForecast, Policy, Traffic, forecast, lasting, percent, score};
use serde_json::{Value, json};

use super::policy_file::{Choice, Shipped};
use crate::failure::{Failure, output_failure};
use crate::terminal;

/// Check a policy, and say what it promises and how long it will take. Without --policy it is the default policy.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    choice: Choice,
    /// Requests a second, both arms together, that the forecast is made for
    #[arg(long, value_name = "N", default_value_t = 5.0, value_parser = super::simulate::rate)]
    rps: f64,
    /// Share of requests that fail when nothing is wrong
    #[arg(long, value_name = "P", default_value_t = 0.002, value_parser = super::simulate::probability)]
    error_rate: f64,
    /// Share of requests beyond a latency limit when nothing is wrong
    #[arg(long, value_name = "P", default_value_t = 0.005, value_parser = super::simulate::probability)]
    slow_rate: f64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        let policy = self.choice.read(Shipped::Default)?;
        let controller = self.choice.controller(policy.clone())?;
        let traffic = Traffic { requests_per_s: self.rps, error_rate: self.error_rate, slow_rate: self.slow_rate };
        let plan = Plan {
            environment: self.choice.environment(&policy).as_str(),
            forecasts: forecast(&controller, traffic),
            policy: &policy,
            controller: &controller,
        };
        let mut out = io::stdout().lock();
        if self.json { writeln!(out, "{:#}", plan.json()) } else { plan.write(self, &mut out) }.map_err(output_failure)
    }
}

struct Plan<'p> {
    policy: &'p Policy,
    controller: &'p Controller,
    environment: &'static str,
    forecasts: Vec<PhaseForecast>,
}

impl Plan<'_> {
    /// The probability that an innocent version is rolled back by a test.
    fn false_rollback(&self) -> f64 {
        Budget::of(self.policy).false_rollback(self.policy)
    }

    /// The largest share of failures that a criterion lets pass with probability beta at most.
    fn error_limit(&self) -> Option<f64> {
        let criteria = self.policy.phases.iter().flat_map(|phase| &phase.criteria);
        criteria.filter(|one| one.proof.test().as_deref() == Some("errors")).find_map(|one| Some(one.proof.limits()?.1))
    }

    fn write(&self, arguments: &Arguments, out: &mut impl Write) -> io::Result<()> {
        let Policy { name, flag, beta, .. } = self.policy;
        writeln!(out, "Policy {name} for the flag {flag} ({})", self.policy.hash())?;
        writeln!(out)?;
        let heads = ["Phase", "Environment", "Users", "Soak", "Must be shown", "Checks", "What stops it"];
        terminal::write_table(&heads, self.policy.phases.iter().map(row), out)?;
        writeln!(out)?;
        write!(out, "False rollback ≤ {}", percent(self.false_rollback()))?;
        match self.error_limit() {
            Some(limit) => writeln!(
                out,
                ", false promotion of a version at or above {} errors ≤ {}.",
                percent(limit),
                percent(*beta)
            )?,
            None => writeln!(out, ".")?,
        }
        writeln!(out, "Both hold however often it is looked at. A test acts at these scores:")?;
        for (position, phase) in self.controller.phases() {
            let Some(budget) = self.controller.budget().phase(position) else { continue };
            let act = budget.alphas().iter().map(|(name, alpha)| format!("{name} {} to 1", score(-alpha.ln())));
            let show = budget.betas().iter().map(|(name, beta)| format!("{name} shown at {} to 1", score(-beta.ln())));
            writeln!(out, "  {}: {}", phase.name, act.chain(show).collect::<Vec<_>>().join(", "))?;
        }
        writeln!(out)?;
        writeln!(
            out,
            "Forecast for {} at {} requests a second, {} of them failing and {} of them slow when nothing is wrong:",
            self.environment,
            arguments.rps,
            percent(arguments.error_rate),
            percent(arguments.slow_rate),
        )?;
        self.forecasts.iter().try_for_each(|found| write_forecast(found, out))
    }

    fn json(&self) -> Value {
        let forecasts = self.forecasts.iter().map(|found| {
            json!({
                "phase": found.phase,
                "soakSeconds": found.soak.map(|soak| soak.as_secs()),
                "requests": found.requests.iter().map(|(name, count)| json!({ "criterion": name, "requests": count })).collect::<Vec<_>>(),
                "detection": found.detection.iter().map(|(trigger, fault, time)| {
                    json!({ "trigger": trigger, "fault": fault, "seconds": time.map(|time| time.as_secs()) })
                }).collect::<Vec<_>>(),
            })
        });
        json!({
            "policy": self.policy.name,
            "policyHash": self.policy.hash(),
            "flag": self.policy.flag,
            "environment": self.environment,
            "falseRollback": self.false_rollback(),
            "falsePromotion": self.policy.beta,
            "errorLimit": self.error_limit(),
            "forecast": forecasts.collect::<Vec<_>>(),
        })
    }
}

fn row(phase: &Phase) -> Vec<String> {
    let names = |names: Vec<&str>| if names.is_empty() { "–".to_owned() } else { names.join(", ") };
    let opt_in = if phase.audience.opt_in { " + opt-in" } else { "" };
    let users = match phase.audience.design() {
        Design::OptIn => "opt-in".to_owned(),
        Design::Everyone | Design::Hashed(_) => format!("{} %{opt_in}", phase.audience.percent()),
    };
    vec![
        phase.name.clone(),
        phase.environment.to_string(),
        users,
        format!("{} to {}", lasting(phase.min_soak), lasting(phase.max_soak)),
        names(phase.criteria.iter().map(|one| one.name.as_str()).collect()),
        names(phase.checks.iter().map(String::as_str).collect()),
        names(phase.triggers.iter().map(|one| one.name.as_str()).collect()),
    ]
}

fn write_forecast(found: &PhaseForecast, out: &mut impl Write) -> io::Result<()> {
    match found.soak {
        Some(soak) => writeln!(out, "  {}: about {}", found.phase, lasting(soak))?,
        None => writeln!(out, "  {}: its criteria will not be shown within the longest soak", found.phase)?,
    }
    for (criterion, requests) in &found.requests {
        if let Some(requests) = requests {
            writeln!(out, "    {criterion}: about {requests} requests of the treatment")?;
        }
    }
    for (trigger, fault, time) in &found.detection {
        match time {
            Some(time) => writeln!(out, "    {fault} found by {trigger} in about {}", lasting(*time))?,
            None => writeln!(out, "    {fault} not found by {trigger}")?,
        }
    }
    Ok(())
}
