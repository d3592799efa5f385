//! `lotwise flags`: the flags of a running server, of a stopped server's database, or of a file.

mod changes;
mod definition_file;
mod definitions;
mod documents;
mod drill;
mod edit;
mod explain;
mod explanation;
mod flag_file;
mod history;
mod invitations;
mod lint;
mod segments;
mod serve;
mod switches;

use clap::Subcommand;

use crate::api_client::segment;
use crate::failure::Failure;

/// Read, change, kill, explain and serve flags.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the flags: who gets them now, and what should be looked at
    List(definitions::List),
    /// Show a flag with its definition, its state and its use
    Get(definitions::Get),
    /// Create a flag
    Create(definitions::Create),
    /// Change a flag: all of its definition, or one thing about it
    Set(definitions::Set),
    /// Take a flag out of use; its history stays
    Archive(definitions::Archive),
    /// Turn a flag off for everyone, on every replica, at once
    Kill(switches::Arguments),
    /// Lift a kill
    Restore(switches::Arguments),
    /// Say why somebody gets the value they get, rule by rule
    Explain(explain::Arguments),
    /// Look for rules and flags that should be mended or removed
    Lint(lint::Arguments),
    /// Show every version of a flag with what changed, and its kills and restores
    History(history::Arguments),
    /// Serve a flag file over OFREP, without a database
    Serve(serve::Arguments),
    /// Take over the flags of a flagd file, all or none
    Import(documents::Import),
    /// Write all flags as a flagd file
    Export(documents::Export),
    /// Lists of people, such as the early adopters
    Segments(segments::Arguments),
    /// Links that let their readers into a feature
    Invite(invitations::Arguments),
    /// Changes that wait for a second person
    Changes(changes::Arguments),
    /// Rehearse an emergency: kill, verify what users get, restore, with the time of each step
    Drill(drill::Arguments),
}

/// Carries the command out and prints its answer.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::List(arguments) => arguments.run(),
        Command::Get(arguments) => arguments.run(),
        Command::Create(arguments) => arguments.run(),
        Command::Set(arguments) => arguments.run(),
        Command::Archive(arguments) => arguments.run(),
        Command::Kill(arguments) => arguments.run(switches::Switch::Kill),
        Command::Restore(arguments) => arguments.run(switches::Switch::Restore),
        Command::Explain(arguments) => arguments.run(),
        Command::Lint(arguments) => arguments.run(),
        Command::History(arguments) => arguments.run(),
        Command::Serve(arguments) => arguments.run(),
        Command::Import(arguments) => arguments.run(),
        Command::Export(arguments) => arguments.run(),
        Command::Segments(arguments) => arguments.run(),
        Command::Invite(arguments) => arguments.run(),
        Command::Changes(arguments) => arguments.run(),
        Command::Drill(arguments) => arguments.run(),
    }
}

/// The path of a flag, or of what belongs to it.
fn flag_path(key: &str, rest: &str) -> String {
    format!("/api/flags/{}{rest}", segment(key))
}
