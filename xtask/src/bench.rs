//! `cargo xtask bench`: the benchmarks, with the peers they are held to.

use crate::{failure::Failure, process, workspace};

/// Requests a second of the table in `docs/concepts/rollouts.md`, and the runs of each of its cells.
const SIMULATED_RPS: [&str; 3] = ["5", "50", "500"];
const SIMULATED_RUNS: &str = "4000";
/// How long a service is read from while its memory is watched.
const SOAK_MINUTES: &str = "15";

/// Runs every benchmark of the workspace, the table of simulated rollouts, then the flag engine beside its peers, which is
/// built by itself: the peers bring more crates than the product has.
///
/// # Errors
///
/// When one cannot be built or fails.
pub fn run() -> Result<(), Failure> {
    process::run(process::cargo(&["bench", "--workspace", "--benches"]))?;
    for rps in SIMULATED_RPS {
        let simulate = ["rollout", "simulate", "--seed", "1", "--runs", SIMULATED_RUNS, "--rps", rps];
        let mut lotwise = process::cargo(&["run", "--release", "--package", "lotwise", "--"]);
        lotwise.args(simulate);
        process::run(lotwise)?;
    }
    let mut peers = process::cargo(&["bench"]);
    peers.current_dir(workspace::root().join("bench-peers"));
    process::run(peers)
}

/// Runs rollouts on running services, with these further arguments: `--runs N` a case, `--rps N` a service. With `http` alone it
/// reads a fund for a quarter of an hour on each database, and shows the memory of the service.
///
/// # Errors
///
/// When it cannot be built, a regression is not rolled back, or an innocent version is.
pub fn soak(arguments: &[String]) -> Result<(), Failure> {
    if let ["http"] = arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        let http = ["bench", "--package", "lotwise", "--bench", "http", "--", "--minutes", SOAK_MINUTES];
        return process::run(process::cargo(&http));
    }
    let mut soak = process::cargo(&["bench", "--package", "lotwise", "--bench", "soak", "--"]);
    soak.args(arguments);
    process::run(soak)
}
