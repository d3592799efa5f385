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
