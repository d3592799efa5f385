//! The binary `lotwise`: the command line over the engine and the service.

mod commands;
mod failure;

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
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Moic(arguments) => commands::moic::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
