//! Flag definitions and documents from files.

use std::io::Read;
use std::path::Path;

use serde_json::value::RawValue;

use crate::failure::Failure;

/// The name of a file in messages.
pub fn name_of(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}

/// The bytes of `file`; `-` is standard input.
pub fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    read.map_err(|error| {
        let hint = "name a JSON file, or - for standard input; docs/reference/flags.md has the format".to_owned();
        Failure::bad_input(format!("cannot read {}: {error}", name_of(file)), hint)
    })
}

/// The JSON in `file` exactly as it was written, so that the server sees repeated keys and every digit.
pub fn json(file: &Path) -> Result<Box<RawValue>, Failure> {
    serde_json::from_slice(&bytes(file)?).map_err(|error| {
        let hint = "a definition is a JSON object in UTF-8; docs/reference/flags.md has the format".to_owned();
        Failure::bad_input(format!("{} is not JSON: {error}", name_of(file)), hint)
    })
}
