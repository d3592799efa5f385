//! Policies as files, and those that come with the program.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;
use moic::Problem;
use rollout::{Controller, DEFAULT, Environment, POLICY_BYTES_MAX, Policy, PolicyError, REFERENCE};

use crate::failure::{Failure, output_failure};

/// Print a policy to start from.
#[derive(clap::Args)]
pub struct Print {
    /// Which
    #[arg(value_enum, default_value_t = Shipped::Default)]
    name: Shipped,
}

/// A policy that comes with the program.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shipped {
    /// The five phases of lot-level MOIC
    Default,
    /// Two phases of half an hour, which the table of operating characteristics is measured with
    Reference,
}

impl Shipped {
    const fn text(self) -> &'static str {
        match self {
            Self::Default => DEFAULT,
            Self::Reference => REFERENCE,
        }
    }
}

impl Print {
    pub fn run(&self) -> Result<(), Failure> {
        io::stdout().lock().write_all(self.name.text().as_bytes()).map_err(output_failure)
    }
}

/// Which policy a command is about, and where it runs.
#[derive(clap::Args)]
pub struct Choice {
    /// The policy, in TOML
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Whose phases to run [default: production, or the policy's last one]
    #[arg(long, value_enum)]
    environment: Option<EnvironmentName>,
}

/// An environment, as the command line has it.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EnvironmentName {
    Development,
    Staging,
    Production,
}

impl Choice {
    /// A policy in a file, or one that is shipped.
    pub const fn of_file(policy: Option<PathBuf>) -> Self {
        Self { policy, environment: None }
    }

    /// The policy's text, or that of one that is shipped.
    pub fn text(&self, otherwise: Shipped) -> Result<String, Failure> {
        match &self.policy {
            None => Ok(otherwise.text().to_owned()),
            Some(file) => read_up_to(file, POLICY_BYTES_MAX).map_err(|error| {
                let hint = "lotwise rollout policy > policy.toml writes one to start from".to_owned();
                Failure::bad_input(format!("cannot read the policy {}: {error}", file.display()), hint)
            }),
        }
    }

    /// The policy, checked.
    pub fn read(&self, otherwise: Shipped) -> Result<Policy, Failure> {
        Policy::from_toml(&self.text(otherwise)?).map_err(|error| refused(self.policy.as_deref(), error))
    }

    /// The environment whose phases to run.
    pub fn environment(&self, policy: &Policy) -> Environment {
        match self.environment {
            Some(EnvironmentName::Development) => Environment::Development,
            Some(EnvironmentName::Staging) => Environment::Staging,
            Some(EnvironmentName::Production) => Environment::Production,
            None => policy.last_environment(),
        }
    }

    /// The controller of the policy.
    pub fn controller(&self, policy: Policy) -> Result<Controller, Failure> {
        let environment = self.environment(&policy);
        if policy.phases_of(environment).is_empty() {
            let hint = "choose the environment of one of its phases".to_owned();
            return Err(Failure::bad_input(format!("the policy has no phase for {environment}"), hint));
        }
        Ok(Controller::new(Arc::new(policy), environment, None))
    }
}

/// The text of a file, and no more of it than shows that it is too long.
fn read_up_to(file: &Path, bytes_max: usize) -> io::Result<String> {
    let most = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let mut text = String::new();
    File::open(file)?.take(most).read_to_string(&mut text)?;
    Ok(text)
}

fn refused(file: Option<&Path>, error: PolicyError) -> Failure {
    let name = file.map_or_else(|| "the policy".to_owned(), |file| file.display().to_string());
    match error {
        PolicyError::Invalid(problems) => {
            let count = problems.len();
            let noun = if count == 1 { "problem" } else { "problems" };
            Failure::BadInput {
                message: format!("{name} has {count} {noun}"),
                problems: problems.into_iter().map(of_rollout).collect(),
                hint: Some("docs/reference/rollout-policy.md has every field".to_owned()),
            }
        }
        error @ (PolicyError::Syntax(_) | PolicyError::TooLarge(_)) => {
            Failure::bad_input(format!("{name}: {error}"), "docs/reference/rollout-policy.md has an example".to_owned())
        }
    }
}

/// A problem of a policy as the command line shows it.
pub fn of_rollout(problem: rollout::Problem) -> Problem {
    Problem::new(problem.path, problem.value, problem.message)
}
