//! The web client's packages and its build.

use crate::{failure::Failure, process, workspace};
use std::{fs, io, path::Path, process::Command, time::SystemTime};

/// What the build is made from, in `web/`.
const SOURCES: [&str; 6] = ["src", "public", "index.html", "vite.config.ts", "tsconfig.json", "package-lock.json"];

/// An npm command in `web/`.
pub fn npm(arguments: &[&str]) -> Command {
    let mut command = process::command_in(&workspace::web(), "npm", arguments);
    // The tests use Debian's Chromium, and the totals are read from text without colours.
    command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").env("NO_COLOR", "1").env_remove("FORCE_COLOR");
    command
}

/// Installs exactly what the lock file says.
///
/// # Errors
///
/// When npm fails.
pub fn install() -> Result<(), Failure> {
    process::run(npm(&["ci", "--no-audit", "--no-fund"]))
}

/// Builds `web/dist`.
///
/// # Errors
///
/// When the build fails.
pub fn build() -> Result<(), Failure> {
    process::run(npm(&["run", "--silent", "build"]))
}

/// Installs and builds what is older than what it is made from.
///
/// # Errors
///
/// When npm or the build fails.
pub fn bring_up_to_date() -> Result<(), Failure> {
    let web = workspace::web();
    let changed = |error: io::Error| Failure::file(&web, &error);
    let lock = newest(&web.join("package-lock.json")).map_err(changed)?;
    if newest(&web.join("node_modules/.package-lock.json")).ok() < Some(lock) {
        println!("Installing the web client's packages");
        install()?;
    }
    let mut sources = lock;
    for source in SOURCES {
        sources = sources.max(newest(&web.join(source)).map_err(changed)?);
    }
    if newest(&web.join("dist/index.html")).ok() < Some(sources) {
        println!("Building the web client");
        build()?;
    }
    Ok(())
}

/// When the file, or the newest file of the folder, was changed.
fn newest(path: &Path) -> io::Result<SystemTime> {
    let metadata = fs::metadata(path)?;
    let mut newest_so_far = metadata.modified()?;
    if metadata.is_dir() {
        for entry in fs::read_dir(path)? {
            newest_so_far = newest_so_far.max(newest(&entry?.path())?);
        }
    }
    Ok(newest_so_far)
}
