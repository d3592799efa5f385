//! `lotwise rollout`: guarded rollouts, on a running server or on paper.

mod drill;
mod evidence;
mod history;
mod orders;
mod plan;
mod policy_file;
mod records;
mod replay;
mod signatures;
mod simulate;
mod standing;
mod start;
mod status;
mod which;

use clap::Subcommand;
use serde_json::Value;

use self::orders::Order;
use self::standing::Standing;
use self::which::Which;
use crate::failure::Failure;
use crate::place::Place;
use crate::system_clock;

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
    /// Run a policy on recorded evidence, or make every decision of a rollout again
    Replay(replay::Arguments),
    /// Start a rollout, or write it down until nothing is missing for its start
    Start(start::Start),
    /// List the rollouts, the newest first
    List(start::List),
    /// Show how a rollout stands and what it waits for; --watch goes on until it ends
    Status(status::Arguments),
    /// Approve the present phase, or the start of a rollout that waits for a second person
    Approve(signatures::Approve),
    /// Sign a check of a phase: that it is good, or that it is not
    Check(signatures::Check),
    /// Keep a rollout where it is until it is resumed
    Hold(orders::Arguments),
    /// Let a held rollout go on
    Resume(orders::Arguments),
    /// Go back to a lower phase
    StepBack(orders::StepBack),
    /// Put everything back as it was before the rollout, at once
    Rollback(orders::RollBack),
    /// Stop the controller and leave the flag as it is
    Abort(orders::Arguments),
    /// List what a rollout has decided, and why
    Decisions(history::Arguments),
    /// Say in plain words what was decided last, or what a decision was
    Explain(history::Explain),
    /// Show everything that was done to a rollout
    History(history::Arguments),
    /// Check that the audit log is as it was written
    Verify(history::Verify),
    /// Print a rollout's evidence, a JSON object a line and tick, as replay reads it
    Evidence(evidence::Arguments),
    /// Print how long a rollout's work took, for the start of another
    Baseline(evidence::Arguments),
    /// Compare the two arms of each phase: errors and latency
    Compare(evidence::Arguments),
    /// Print a report after the release, as Markdown
    Report(evidence::Report),
    /// Carry what one environment has done over to the next, signed
    Record(records::Arguments),
    /// Rehearse a rollback on a live service, with the time of each step
    Drill(drill::Arguments),
}

/// Carries the command out and prints its answer.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Policy(arguments) => arguments.run(),
        Command::Plan(arguments) => arguments.run(),
        Command::Simulate(arguments) => arguments.run(),
        Command::Replay(arguments) => arguments.run(),
        Command::Start(arguments) => arguments.run(),
        Command::List(arguments) => arguments.run(),
        Command::Status(arguments) => arguments.run(),
        Command::Approve(arguments) => arguments.run(),
        Command::Check(arguments) => arguments.run(),
        Command::Hold(arguments) => arguments.run(Order::Hold),
        Command::Resume(arguments) => arguments.run(Order::Resume),
        Command::StepBack(arguments) => arguments.run(),
        Command::Rollback(arguments) => arguments.run(),
        Command::Abort(arguments) => arguments.run(Order::Abort),
        Command::Decisions(arguments) => arguments.decisions(),
        Command::Explain(arguments) => arguments.run(),
        Command::History(arguments) => arguments.history(),
        Command::Verify(arguments) => arguments.run(),
        Command::Evidence(arguments) => arguments.evidence(),
        Command::Baseline(arguments) => arguments.baseline(),
        Command::Compare(arguments) => arguments.compare(),
        Command::Report(arguments) => arguments.run(),
        Command::Record(arguments) => arguments.run(),
        Command::Drill(arguments) => arguments.run(),
    }
}

/// Tells a rollout something, and prints how it stands then.
fn tell(place: &Place, which: &Which, route: &str, body: &Value) -> Result<(), Failure> {
    let api = place.api()?;
    let rollout = api.post(&which.path(&api, route)?, body)?.json()?;
    let standing = Standing::of(&rollout)?;
    place.print(&rollout, |_, out| standing.write(system_clock::now(), out))
}
