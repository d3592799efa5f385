//! Running other programs: without a standard input, as in continuous integration, and with their output in view.

use crate::{failure::Failure, workspace};
use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

/// A command in the workspace's folder, without a standard input.
pub fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    command_in(&workspace::root(), program, arguments)
}

/// A command in a folder, without a standard input.
pub fn command_in(folder: &Path, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command
}

/// Cargo itself, the one that runs us.
pub fn cargo(arguments: &[&str]) -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), arguments)
}

/// Runs to the end, output straight to the terminal.
///
/// # Errors
///
/// When it cannot be started or does not succeed.
pub fn run(mut command: Command) -> Result<(), Failure> {
    let line = command_line(&command);
    let status = command.status().map_err(|error| Failure::start(&line, &error))?;
    if status.success() { Ok(()) } else { Err(Failure::exit(&line, status)) }
}

/// Runs to the end, showing its standard output and handing each line to `see` as well.
///
/// # Errors
///
/// When it cannot be started or does not succeed.
pub fn run_watched(mut command: Command, mut see: impl FnMut(&str)) -> Result<(), Failure> {
    let line = command_line(&command);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| Failure::start(&line, &error))?;
    if let Some(output) = child.stdout.take() {
        for bytes in BufReader::new(output).split(b'\n') {
            let bytes = bytes.map_err(|error| Failure::new(format!("the output of `{line}` broke off: {error}")))?;
            let text = String::from_utf8_lossy(&bytes);
            println!("{text}");
            see(&text);
        }
    }
    let status = child.wait().map_err(|error| Failure::start(&line, &error))?;
    if status.success() { Ok(()) } else { Err(Failure::exit(&line, status)) }
}

/// Runs to the end and returns its standard output.
///
/// # Errors
///
/// When it cannot be started or does not succeed.
pub fn output_of(mut command: Command) -> Result<Vec<u8>, Failure> {
    let line = command_line(&command);
    let output = command.stderr(Stdio::inherit()).output().map_err(|error| Failure::start(&line, &error))?;
    if output.status.success() { Ok(output.stdout) } else { Err(Failure::exit(&line, output.status)) }
}

/// Whether a program runs and succeeds, in silence.
pub fn succeeds(mut command: Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn command_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
