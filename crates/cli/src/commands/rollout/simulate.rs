//! `simulate`: the operating characteristics of a policy.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::Context;
use rollout::{Characteristics, Controller, RPS_MAX, RUNS_MAX, Scenario, Simulation, ThresholdRule, write_tick};
use serde_json::{Value, json};

use super::policy_file::{Choice, Shipped};
use crate::failure::{Failure, output_failure};
use crate::terminal;

/// Run a policy thousands of times on simulated traffic. Without --policy it is the reference policy.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    choice: Choice,
    /// What happens; every scenario if none is named
    #[arg(long, value_name = "NAME")]
    scenario: Option<Scenario>,
    /// Requests a second, both arms together
    #[arg(long, value_name = "N", default_value_t = 50.0, value_parser = rate)]
    rps: f64,
    /// Rollouts a scenario
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=i64::from(RUNS_MAX)))]
    runs: u32,
    /// The same seed gives the same runs
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Another alpha: of each trigger with a budget of its own, and of the others together
    #[arg(long, value_name = "A", value_parser = probability)]
    alpha: Option<f64>,
    /// Another beta, of each criterion
    #[arg(long, value_name = "B", value_parser = probability)]
    beta: Option<f64>,
    /// Write the evidence of the first run to this file, for `lotwise rollout replay`
    #[arg(long, value_name = "FILE", requires = "scenario")]
    record: Option<PathBuf>,
    /// Leave the usual threshold rules out
    #[arg(long)]
    no_comparison: bool,
    /// Print JSON: an object a scenario
    #[arg(long)]
    json: bool,
}

pub fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok().filter(|rate: &f64| *rate > 0.0 && *rate <= RPS_MAX);
    rate.ok_or_else(|| format!("must be a number of requests a second above 0 and up to {RPS_MAX}"))
}

pub fn probability(text: &str) -> Result<f64, String> {
    let probability = text.parse().ok().filter(|probability: &f64| *probability > 0.0 && *probability < 1.0);
    probability.ok_or_else(|| "must be a probability above 0 and below 1".to_owned())
}

impl Arguments {
    pub fn run(&self) -> Result<(), Failure> {
        let policy = self.choice.read(Shipped::Reference)?.with_budgets(self.alpha, self.beta);
        let controller = self.choice.controller(policy)?;
        let scenarios = self.scenario.map_or_else(|| Scenario::ALL.to_vec(), |scenario| vec![scenario]);
        let mut out = io::stdout().lock();
        let mut rows = Vec::new();
        let count = scenarios.len();
        for (place, scenario) in scenarios.into_iter().enumerate() {
            self.tell(place + 1, count, scenario);
            self.write_record(self.simulation(&controller, scenario))?;
            let (own, others) = self.simulate(&controller, scenario);
            if self.json {
                writeln!(out, "{}", line(&own, &others)).map_err(output_failure)?;
            } else {
                rows.push(row(scenario, "lotwise", &own));
                rows.extend(others.iter().map(|(rule, found)| row(scenario, rule.as_str(), found)));
            }
        }
        if self.json {
            return Ok(());
        }
        let heads = [
            "Scenario",
            "Decided by",
            "False rollback",
            "Rolled back",
            "Promoted",
            "Held",
            "Found in (median, 95 %)",
            "Completed in",
        ];
        terminal::write_table(&heads, rows, &mut out).map_err(output_failure)?;
        let shortest = controller.phases().map(|(_, phase)| phase.min_soak.as_secs()).sum::<i64>();
        writeln!(
            out,
            "{} runs a scenario at {} requests a second, seed {}; shortest possible completion {shortest} s",
            self.runs, self.rps, self.seed
        )
        .map_err(output_failure)
    }

    /// Tells who waits at a terminal how far it is: every scenario with a thousand runs takes minutes.
    fn tell(&self, place: usize, count: usize, scenario: Scenario) {
        let mut out = io::stderr().lock();
        if out.is_terminal() {
            // Whoever closed it does not want to be told.
            let _ = writeln!(out, "{place} of {count}: {scenario}, {} runs", self.runs);
        }
    }

    const fn simulation<'c>(&self, controller: &'c Controller, scenario: Scenario) -> Simulation<'c> {
        Simulation { controller, scenario, rps: self.rps, runs: self.runs, seed: self.seed }
    }

    fn write_record(&self, simulation: Simulation<'_>) -> Result<(), Failure> {
        let Some(file) = &self.record else { return Ok(()) };
        let lines: String = simulation.evidence(0).iter().map(|tick| write_tick(tick) + "\n").collect();
        std::fs::write(file, lines).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(())
    }

    fn simulate(
        &self,
        controller: &Controller,
        scenario: Scenario,
    ) -> (Characteristics, Vec<(ThresholdRule, Characteristics)>) {
        let simulation = self.simulation(controller, scenario);
        let rules = if self.no_comparison { &[][..] } else { &ThresholdRule::ALL };
        (simulation.run(), rules.iter().map(|rule| (*rule, simulation.run_rule(*rule))).collect())
    }
}

/// The characteristics, with those of the threshold rules beside them.
fn line(own: &Characteristics, others: &[(ThresholdRule, Characteristics)]) -> Value {
    let mut line = json!(own);
    if !others.is_empty() {
        let others = others.iter().map(|(rule, found)| {
            let mut found = json!(found);
            found["rule"] = rule.as_str().into();
            found
        });
        line["comparison"] = others.collect();
    }
    line
}

fn row(scenario: Scenario, decider: &str, found: &Characteristics) -> Vec<String> {
    let share = |share: f64| format!("{:.2} %", share * 100.0);
    let seconds = |seconds: Option<f64>| seconds.map_or_else(|| "–".to_owned(), |seconds| format!("{seconds} s"));
    let name = if decider == "lotwise" { scenario.as_str() } else { "" };
    let detection = match found.median_detection_seconds {
        Some(median) => format!("{median} s, {}", seconds(found.p95_detection_seconds)),
        None => "–".to_owned(),
    };
    vec![
        name.to_owned(),
        decider.to_owned(),
        share(found.false_rollback),
        share(found.rolled_back),
        share(found.promoted),
        share(found.held),
        detection,
        seconds(found.median_completion_seconds),
    ]
}
