//! What the tests need from the machine beyond Rust: found, or installed on Debian.

use crate::{failure::Failure, process};
use std::{fs, path::Path};

/// The oldest Node.js that the web client's tools run on.
const NODE_MIN: (u32, u32) = (20, 19);

/// Makes sure of Node.js, Chromium, PostgreSQL's server programs, Prometheus and Alertmanager with their tools, and LibreOffice,
/// which recalculates workbooks. Where Debian starts what it installs, as it does with the daemons among them, they have their
/// usual ports; no test uses those.
///
/// # Errors
///
/// When something is missing and cannot be installed; the message says what to install.
pub fn prepare_for_tests() -> Result<(), Failure> {
    node()?;
    let mut missing = Vec::new();
    if !Path::new("/usr/bin/chromium").exists() {
        missing.push("chromium");
    }
    if !has_postgresql() {
        missing.push("postgresql");
    }
    for (tool, package) in [("promtool", "prometheus"), ("amtool", "prometheus-alertmanager")] {
        if !process::succeeds(process::command(tool, &["--version"])) {
            missing.push(package);
        }
    }
    if !missing.is_empty() {
        install(&missing)?;
    }
    libreoffice()
}

/// LibreOffice's spreadsheet without windows; where a release of Debian has no such package, the one with windows.
fn libreoffice() -> Result<(), Failure> {
    if process::succeeds(process::command("soffice", &["--version"])) {
        return Ok(());
    }
    install(&["libreoffice-calc-nogui"]).or_else(|_| install(&["libreoffice-calc"]))
}

/// Makes sure of a Node.js that is new enough.
///
/// # Errors
///
/// When there is none, or one that is too old.
pub fn node() -> Result<(), Failure> {
    let (major_min, minor_min) = NODE_MIN;
    let found = process::output_of(process::command("node", &["--version"]))
        .map(|version| String::from_utf8_lossy(&version).trim().to_owned())
        .unwrap_or_else(|_| "none".to_owned());
    if node_version(&found).is_some_and(|version| version >= NODE_MIN) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "Node.js {major_min}.{minor_min} or newer is needed, found: {found}. Install it with npm"
    )))
}

fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix('v')?.split('.').map(str::parse);
    match (numbers.next()?, numbers.next()?) {
        (Ok(major), Ok(minor)) => Some((major, minor)),
        _ => None,
    }
}

/// Debian keeps `initdb` out of the search path, in a folder for each version.
fn has_postgresql() -> bool {
    fs::read_dir("/usr/lib/postgresql")
        .is_ok_and(|versions| versions.flatten().any(|version| version.path().join("bin/initdb").exists()))
}

fn install(packages: &[&str]) -> Result<(), Failure> {
    let list = packages.join(" ");
    let by_hand = format!("{list} is missing. Install it: sudo apt-get install {list}");
    let is_root = process::output_of(process::command("id", &["-u"])).is_ok_and(|id| id.trim_ascii() == b"0");
    let prefix: &[&str] = if is_root {
        &[]
    } else if process::succeeds(process::command("sudo", &["--non-interactive", "true"])) {
        &["sudo", "--non-interactive"]
    } else {
        return Err(Failure::new(by_hand));
    };
    println!("Installing {list}");
    apt_get(prefix, &["update", "--quiet=2"]).map_err(|failure| Failure::new(format!("{by_hand} ({failure})")))?;
    let arguments = [&["install", "--yes", "--quiet=2", "--no-install-recommends"], packages].concat();
    apt_get(prefix, &arguments).map_err(|failure| Failure::new(format!("{by_hand} ({failure})")))
}

fn apt_get(prefix: &[&str], arguments: &[&str]) -> Result<(), Failure> {
    // Through `env`, since sudo drops the variables of its caller.
    let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
    let Some((program, arguments)) = words.split_first() else { return Ok(()) };
    process::run(process::command(program, arguments))
}

#[cfg(test)]
mod tests {
    use super::node_version;

    #[test]
    fn node_tells_its_version_with_a_v() {
        assert_eq!(node_version("v20.20.2"), Some((20, 20)));
        assert_eq!(node_version("none"), None);
        assert_eq!(node_version("v20"), None);
    }
}
