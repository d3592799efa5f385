//! The example documents: each is computed by the binary.

use crate::{failure::Failure, process, tally::Tally, workspace};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Computes every `examples/*.json`, as a table and as JSON.
///
/// # Errors
///
/// When there is no example, or one is refused.
pub fn check(tally: &mut Tally) -> Result<(), Failure> {
    let documents = documents()?;
    if documents.is_empty() {
        return Err(Failure::new("there is no document in examples/"));
    }
    for document in &documents {
        let computed = compute(document);
        let one = if computed.is_ok() { Tally { passed: 1, failed: 0 } } else { Tally { passed: 0, failed: 1 } };
        *tally += one;
        computed?;
        println!("{}", document.display());
    }
    Ok(())
}

fn documents() -> Result<Vec<PathBuf>, Failure> {
    let folder = workspace::root().join("examples");
    let entries = fs::read_dir(&folder).map_err(|error| Failure::file(&folder, &error))?;
    let mut documents: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    documents.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    documents.sort();
    Ok(documents)
}

fn compute(document: &Path) -> Result<(), Failure> {
    for format in ["table", "json"] {
        let path = document.to_string_lossy();
        let output =
            process::output_of(process::command(workspace::tested_binary(), &["moic", &path, "--format", format]))?;
        if output.trim_ascii().is_empty() {
            return Err(Failure::new(format!("`lotwise moic {path} --format {format}` printed nothing")));
        }
    }
    Ok(())
}
