//! `cargo xtask demo`: from a fresh clone to a running product.

use crate::{debian, failure::Failure, process, web, workspace};
use std::process::Stdio;

/// Builds what is needed and runs `lotwise demo` with these further arguments, until it is stopped.
///
/// # Errors
///
/// When something cannot be built, or the demo fails.
pub fn run(arguments: &[String]) -> Result<(), Failure> {
    debian::node()?;
    web::bring_up_to_date()?;
    process::run(process::cargo(&["build", "--release", "--package", "lotwise"]))?;
    let mut demo = process::command(workspace::released_binary(), &["demo"]);
    demo.args(arguments).stdin(Stdio::inherit());
    process::run(demo)
}
