//! What watches the service: the alert rules and the example configurations, checked by Prometheus' and Alertmanager's own tools.

use crate::{failure::Failure, process, tally::Tally, workspace};
use std::{fs, path::Path, process::Command};

/// The rules' tests: what lasts minutes, and what lasts days.
const RULE_TESTS: [&str; 2] = ["lotwise.rules.test.yml", "lotwise.days.test.yml"];

/// Checks rules and configurations, and runs the rules' tests.
///
/// # Errors
///
/// When a tool is missing or finds something wrong.
pub fn check(tally: &mut Tally) -> Result<(), Failure> {
    let deploy = workspace::root().join("deploy");
    let (prometheus, alertmanager) = (deploy.join("prometheus"), deploy.join("alertmanager"));
    counted(1, tool(&prometheus, "promtool", &["check", "rules", "lotwise.rules.yml"]), tally)?;
    // The syntax alone: the file with the token is on the machine that scrapes.
    counted(1, tool(&prometheus, "promtool", &["check", "config", "--syntax-only", "prometheus.yml"]), tally)?;
    counted(1, tool(&alertmanager, "amtool", &["check-config", "alertmanager.yml"]), tally)?;
    for test in RULE_TESTS {
        let path = prometheus.join(test);
        let text = fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
        counted(expectations(&text), tool(&prometheus, "promtool", &["test", "rules", test]), tally)?;
    }
    Ok(())
}

fn tool(folder: &Path, program: &str, arguments: &[&str]) -> Command {
    process::command_in(folder, program, arguments)
}

/// Runs what makes so many checks. The tools say only whether all of them held.
fn counted(checks: u64, command: Command, tally: &mut Tally) -> Result<(), Failure> {
    let outcome = process::run(command);
    *tally += if outcome.is_ok() { Tally { passed: checks, failed: 0 } } else { Tally { passed: 0, failed: 1 } };
    outcome
}

/// What a test file expects: each at a time.
fn expectations(text: &str) -> u64 {
    text.lines().filter(|line| line.trim_start_matches([' ', '-']).starts_with("eval_time:")).fold(0, |sum, _| sum + 1)
}

#[cfg(test)]
mod tests {
    use super::expectations;

    #[test]
    fn an_expectation_has_a_time() {
        let text = "- expr: up\n  eval_time: 5m\n- eval_time: 10m\n  alertname: A\n# eval_time: 1m\n";
        assert_eq!(expectations(text), 2);
    }
}
