//! `cargo xtask bench`: the benchmarks, with the peers they are held to.

use crate::{failure::Failure, process, workspace};

/// Runs every benchmark of the workspace, then the flag engine beside its peers, which is built by itself: the peers bring
/// more crates than the product has.
///
/// # Errors
///
/// When one cannot be built or fails.
pub fn run() -> Result<(), Failure> {
    process::run(process::cargo(&["bench", "--workspace", "--benches"]))?;
    let mut peers = process::cargo(&["bench"]);
    peers.current_dir(workspace::root().join("bench-peers"));
    process::run(peers)
}

/// Runs rollouts on running services, with these further arguments: `--runs N` a case, `--rps N` a service.
///
/// # Errors
///
/// When it cannot be built, a regression is not rolled back, or an innocent version is.
pub fn soak(arguments: &[String]) -> Result<(), Failure> {
    let mut soak = process::cargo(&["bench", "--package", "lotwise", "--bench", "soak", "--"]);
    soak.args(arguments);
    process::run(soak)
}
