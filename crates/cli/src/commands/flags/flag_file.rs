//! Flags of a flagd file, without a server.

use std::path::Path;

use flags::{Bucketing, FlagSet, LoadError};
use moic::Problem;

use super::definition_file::{bytes, name_of};
use crate::failure::Failure;

/// The flags of a file in which nothing is wrong.
pub fn checked(file: &Path, bucketing: Bucketing) -> Result<FlagSet, Failure> {
    FlagSet::check(&bytes(file)?, bucketing).map_err(|error| refused(file, error))
}

/// The flags of a file of which single ones may be wrong, as a service loads it.
pub fn loaded(file: &Path, bucketing: Bucketing) -> Result<FlagSet, Failure> {
    FlagSet::load(&bytes(file)?, bucketing).map(|loaded| loaded.set).map_err(|error| refused(file, error))
}

fn refused(file: &Path, error: LoadError) -> Failure {
    let file = name_of(file);
    let hint =
        Some("docs/reference/flags.md has the format; each line names the place and what stands there".to_owned());
    match error {
        LoadError::Invalid(problems) => {
            let noun = if problems.len() == 1 { "problem" } else { "problems" };
            let message = format!("{file} has {} {noun}", problems.len());
            let problems = problems
                .into_iter()
                .map(|problem| Problem::new(problem.path, problem.value, problem.message))
                .collect();
            Failure::BadInput { message, problems, hint }
        }
        other => Failure::BadInput { message: format!("{file}: {other}"), problems: Vec::new(), hint },
    }
}
