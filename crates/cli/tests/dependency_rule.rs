//! The dependency rule of ARCHITECTURE.md: which crate may depend on which.

#![expect(clippy::expect_used, reason = "a broken environment fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Crate by crate: which of ours it may depend on, and what it must never depend on.
const RULE: [(&str, &[&str], &[&str]); 8] = [
    ("moic", &[], &["tokio", "sqlx", "rusqlite", "postgres", "axum", "tracing", "rand"]),
    ("flags", &[], &["tokio", "rusqlite", "postgres", "axum", "jiff", "tracing", "rand"]),
    ("formats", &["moic"], &["tokio", "rusqlite", "postgres", "axum", "tracing", "rand"]),
    ("rollout", &["flags"], &["tokio", "rusqlite", "postgres", "axum", "tracing", "getrandom"]),
    ("store", &["moic", "flags", "rollout"], &["axum", "tower", "utoipa"]),
    ("server", &["store", "moic", "flags", "formats", "rollout"], &["rusqlite", "postgres", "tokio-postgres", "clap"]),
    (
        "lotwise",
        &["server", "store", "moic", "flags", "formats", "rollout"],
        &["rusqlite", "postgres", "tokio-postgres", "axum"],
    ),
    ("xtask", &[], &["serde", "clap"]),
];

#[test]
fn crates_depend_only_on_those_below_them() {
    let packages = workspace_dependencies();
    let known: BTreeSet<&str> = RULE.iter().map(|(name, ..)| *name).collect();
    let found: BTreeSet<&str> = packages.keys().map(String::as_str).collect();
    assert_eq!(found, known, "a crate was added or renamed: say in RULE what it may depend on");
    for (name, allowed, never) in RULE {
        for dependency in &packages[name] {
            let dependency = dependency.as_str();
            let is_ours = known.contains(dependency);
            assert!(!is_ours || allowed.contains(&dependency), "{name} must not depend on {dependency}");
            assert!(!never.contains(&dependency), "{name} must never depend on {dependency}");
        }
    }
}

/// Names of the direct dependencies of every crate of the workspace, those for tests left out.
fn workspace_dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs, since it runs this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().expect("packages is an array");
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies is an array");
            let normal = dependencies.iter().filter(|dependency| dependency["kind"].is_null());
            let names = normal.map(|dependency| dependency["name"].as_str().expect("a name is text").to_owned());
            (package["name"].as_str().expect("a name is text").to_owned(), names.collect())
        })
        .collect()
}
