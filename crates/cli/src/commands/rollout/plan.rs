//! `plan`: what a policy promises, and how long it will take.

use std::io::{self, Write};

use rollout::{Controller, Design, Phase, PhaseForecast, Plan, Policy, Traffic, forecast, lasting, percent, score};
use serde_json::json;

use super::policy_file::{Choice, Shipped};
use super::standing::thousands;
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
        let plan = Plan::of(&controller, self.choice.environment(&policy), traffic);
        let mut out = io::stdout().lock();
        if self.json {
            return writeln!(out, "{:#}", json!(plan)).map_err(output_failure);
        }
        let forecasts = forecast(&controller, traffic);
        Written { policy: &policy, controller: &controller, plan, forecasts }
            .write(self, &mut out)
            .map_err(output_failure)
    }
}

/// A plan as text.
struct Written<'p> {
    policy: &'p Policy,
    controller: &'p Controller,
    plan: Plan,
    forecasts: Vec<PhaseForecast>,
}

impl Written<'_> {
    fn write(&self, arguments: &Arguments, out: &mut impl Write) -> io::Result<()> {
        let Policy { name, flag, beta, phases, .. } = self.policy;
        writeln!(out, "Policy {} for the flag {}", terminal::printable(name), terminal::printable(flag))?;
        writeln!(out, "{}\n", self.policy.hash())?;
        terminal::write_table(&["Phase", "Environment", "Users", "Soak"], phases.iter().map(row), out)?;
        write!(out, "\nFalse rollback ≤ {}", percent(self.plan.false_rollback))?;
        if let Some(limit) = self.plan.error_limit {
            let (limit, beta) = (percent(limit), percent(*beta));
            write!(out, ", false promotion of a version at or above {limit} errors ≤ {beta}")?;
        }
        writeln!(
            out,
            ".\nBoth hold however often it is looked at; a phase that is entered again has its share again."
        )?;
        writeln!(out, "After the last phase of an environment the flag is on there for everyone.")?;
        writeln!(
            out,
            "Times are for {} at {} requests a second, {} of them failing and {} of them slow when nothing is wrong.",
            self.plan.environment,
            arguments.rps,
            percent(arguments.error_rate),
            percent(arguments.slow_rate),
        )?;
        phases.iter().try_for_each(|phase| self.write_phase(phase, out))
    }

    /// What the phase asks for and what stops it, each with the score it takes and how long that will take.
    fn write_phase(&self, phase: &Phase, out: &mut impl Write) -> io::Result<()> {
        let found = self.forecasts.iter().find(|found| found.phase == phase.name);
        let position = self.controller.phases().find(|(_, own)| own.name == phase.name).map(|(position, _)| position);
        let budget = position.and_then(|position| self.controller.budget().phase(position));
        match found.map(|found| found.soak) {
            Some(Some(soak)) => writeln!(out, "\n{}: about {}", phase.name, lasting(soak))?,
            Some(None) => writeln!(out, "\n{}: its criteria will not be shown within the longest soak", phase.name)?,
            None => writeln!(out, "\n{}: runs in {}", phase.name, phase.environment)?,
        }
        let mut label = "To be shown";
        for criterion in &phase.criteria {
            let needed = budget.and_then(|budget| budget.betas().iter().find(|(name, _)| *name == criterion.name));
            let needed = needed.map_or_else(String::new, |(_, beta)| format!(" at {} to 1", score(-beta.ln())));
            let requests = found.and_then(|found| found.requests.iter().find(|(name, _)| *name == criterion.name));
            let requests = requests.and_then(|(_, requests)| *requests);
            let requests =
                requests.map_or_else(String::new, |requests| format!(": about {} requests", thousands(requests)));
            writeln!(out, "  {label:<13} {}{needed}{requests}", criterion.name)?;
            label = "";
        }
        let mut label = "To be signed";
        for check in &phase.checks {
            writeln!(out, "  {label:<13} {check}")?;
            label = "";
        }
        let mut label = "What stops it";
        for trigger in &phase.triggers {
            let acts = budget.and_then(|budget| budget.alphas().iter().find(|(name, _)| *name == trigger.name));
            let acts = acts.map_or_else(String::new, |(_, alpha)| format!(" at {} to 1", score(-alpha.ln())));
            let faults = found.into_iter().flat_map(|found| &found.detection);
            let times = faults.filter(|(name, ..)| *name == trigger.name).map(|(_, fault, time)| match time {
                Some(time) => format!("{fault} in about {}", lasting(*time)),
                None => format!("{fault} not"),
            });
            let times = times.collect::<Vec<_>>().join(", ");
            let separator = if times.is_empty() { "" } else { ": " };
            writeln!(out, "  {label:<13} {}{acts}{separator}{times}", trigger.name)?;
            label = "";
        }
        Ok(())
    }
}

fn row(phase: &Phase) -> Vec<String> {
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
    ]
}
