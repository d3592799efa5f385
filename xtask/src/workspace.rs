//! Where things are in the repository.

use std::path::{Path, PathBuf};

/// The folder of the workspace's `Cargo.toml`.
pub fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
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
pub fn binary() -> PathBuf {
    target().join("release").join("lotwise")
}
