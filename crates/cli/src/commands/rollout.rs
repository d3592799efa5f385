//! `lotwise rollout`: guarded rollouts, on a running server or on paper.

mod plan;
mod policy_file;
mod replay;
mod simulate;

use clap::Subcommand;

use crate::failure::Failure;

/// Roll a flag out in phases, guarded by evidence.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print a policy to start from
    Policy(policy_file::Print),
    /// Check a policy, and say what it promises and how long it will take
    Plan(plan::Arguments),
    /// Run a policy thousands of times on simulated traffic, beside the usual threshold rules
    Simulate(simulate::Arguments),
    /// Run a policy on recorded evidence, a line a tick
    Replay(replay::Arguments),
}

/// Carries the command out and prints its answer.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Policy(arguments) => arguments.run(),
        Command::Plan(arguments) => arguments.run(),
        Command::Simulate(arguments) => arguments.run(),
        Command::Replay(arguments) => arguments.run(),
    }
}
