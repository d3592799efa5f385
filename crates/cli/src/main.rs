//! The binary `lotwise`: the command line over the engine and the service.

mod api_client;
mod commands;
mod failure;
mod local_act;
mod logging;
mod output;
mod place;
mod settings;
mod system_clock;
mod target;
mod terminal;
mod tracing_export;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Documents of a million companies are millions of small allocations on every core.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Lot-level MOIC for venture funds, released behind flags and guarded rollouts.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Moic(commands::moic::Arguments),
    Demo(commands::demo::Arguments),
    Serve(commands::serve::Arguments),
    Doctor(commands::doctor::Arguments),
    Config(commands::config::Arguments),
    Token(commands::token::Arguments),
    Import(commands::import::Arguments),
    Export(commands::export::Arguments),
    Migrate(commands::migrate::Arguments),
    Backup(commands::backup::Arguments),
    Restore(commands::restore::Arguments),
    Flags(commands::flags::Arguments),
    Rollout(commands::rollout::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // What is left of it is sent when it is dropped.
    let _export = logging::start();
    let outcome = match arguments.command {
        Command::Moic(arguments) => commands::moic::run(&arguments),
        Command::Demo(arguments) => commands::demo::run(&arguments),
        Command::Serve(arguments) => commands::serve::run(&arguments),
        Command::Doctor(arguments) => commands::doctor::run(&arguments),
        Command::Config(arguments) => commands::config::run(&arguments),
        Command::Token(arguments) => commands::token::run(&arguments),
        Command::Import(arguments) => arguments.run(),
        Command::Export(arguments) => arguments.run(),
        Command::Migrate(arguments) => arguments.run(),
        Command::Backup(arguments) => arguments.run(),
        Command::Restore(arguments) => arguments.run(),
        Command::Flags(arguments) => commands::flags::run(&arguments),
        Command::Rollout(arguments) => commands::rollout::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
