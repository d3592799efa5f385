//! `cargo xtask fuzz`: the flag engine's loader and evaluator, rollouts on evidence, cap tables and spreadsheets, with inputs
//! that nobody would write. Needs a nightly toolchain and `cargo install cargo-fuzz`.

use crate::{failure::Failure, process, workspace};
use std::{fs, path::Path};

/// Targets, each with the dictionary of its inputs.
const TARGETS: [(&str, &str); 5] = [
    ("load", "json.dict"),
    ("evaluate", "json.dict"),
    ("rollout", "json.dict"),
    ("ocf", "json.dict"),
    ("table", "table.dict"),
];
/// How long each target runs unless told otherwise, in seconds.
const SECONDS: u32 = 600;
/// Bytes beyond which an input tells nothing new.
const INPUT_BYTES_MAX: usize = 16 * 1024;

/// Runs each target in turn.
///
/// # Errors
///
/// When the arguments are not `--seconds N`, a target cannot be built, or one finds an input that the engine does not
/// stand; cargo-fuzz then says where it is kept.
pub fn run(arguments: &[String]) -> Result<(), Failure> {
    let seconds = match arguments {
        [] => SECONDS,
        [name, seconds] if name == "--seconds" => seconds
            .parse()
            .map_err(|_| Failure::new(format!("--seconds is {seconds:?}: it must be a whole number of seconds")))?,
        _ => return Err(Failure::new("usage: cargo xtask fuzz [--seconds N]")),
    };
    let folder = workspace::root().join("fuzz");
    for (target, words) in TARGETS {
        println!("fuzzing {target} for {seconds} s");
        let corpus = folder.join("corpus").join(target);
        let seeds = folder.join("seeds").join(target);
        fs::create_dir_all(&corpus).map_err(|error| Failure::file(&corpus, &error))?;
        process::run(fuzz((&folder, target, words), &corpus, &seeds, seconds))?;
    }
    Ok(())
}

/// What is found goes into the first folder, which git ignores; the second is read only.
fn fuzz(
    (folder, target, words): (&Path, &str, &str),
    corpus: &Path,
    seeds: &Path,
    seconds: u32,
) -> std::process::Command {
    let mut command = process::command_in(folder, "rustup", &["run", "nightly", "cargo", "fuzz", "run", target]);
    command.args([corpus, seeds]);
    command.arg("--").arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={INPUT_BYTES_MAX}"));
    command.args(["-timeout=10", "-rss_limit_mb=2048"]).arg(format!("-dict={}", folder.join(words).display()));
    command
}
