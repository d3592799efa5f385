//! `cargo xtask bench`: the benchmarks, with the peers they are held to.

use crate::{failure::Failure, process};

/// Runs every benchmark of the workspace.
///
/// # Errors
///
/// When one cannot be built or fails.
pub fn run() -> Result<(), Failure> {
    process::run(process::cargo(&["bench", "--workspace", "--benches"]))
}
