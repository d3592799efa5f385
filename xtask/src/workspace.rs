//! Where things are in the repository.

use std::path::{Path, PathBuf};

/// The folder of the workspace's `Cargo.toml`: the one that cargo runs us from, not the one we were built in, since
/// several checkouts may share a target folder.
pub fn root() -> PathBuf {
    let xtask = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    xtask.parent().map_or_else(|| xtask.clone(), Path::to_path_buf)
}

/// The web client.
pub fn web() -> PathBuf {
    root().join("web")
}

/// Where cargo builds; `CARGO_TARGET_DIR` counts when it is set.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// The `lotwise` binary as users get it.
pub fn released_binary() -> PathBuf {
    target().join("release").join("lotwise")
}

/// The one that `cargo test` builds anyway: a third build of every crate would take as long as all its tests.
pub fn tested_binary() -> PathBuf {
    target().join("debug").join("lotwise")
}
