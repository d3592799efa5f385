//! The repository's own commands, run as `cargo xtask COMMAND`. Standard library only, so that the first command on a
//! fresh clone starts at once.

mod bench;
mod codegen;
mod debian;
mod demo;
mod examples;
mod failure;
mod fuzz;
mod interop;
mod monitoring;
mod process;
mod progress;
mod server;
mod service;
mod tally;
mod test;
mod web;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  demo [ARGUMENTS]   build what is needed and start `lotwise demo ARGUMENTS`
  test               every check there is, in one run; ends with `N passed, N failed`
  bench              the benchmarks, beside the peers they are held to
  fuzz [--seconds N] random input, N seconds (600) each: flags' loader and evaluator, rollouts, cap tables
  soak [ARGUMENTS]   rollouts on running services under load and faults, for a quarter of an hour; `soak http`: memory
                     of a service that is read from for as long, on each database
  codegen            refresh web/openapi.json and the TypeScript types from the server";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let outcome = match (command.as_str(), rest.as_slice()) {
        ("demo", rest) => demo::run(rest),
        // It has said everything itself, and its last line is the totals.
        ("test", []) => return test::run(),
        ("bench", []) => bench::run(),
        ("fuzz", rest) => fuzz::run(rest),
        ("soak", rest) => bench::soak(rest),
        ("codegen", []) => codegen::run(),
        ("help" | "--help" | "-h", []) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
