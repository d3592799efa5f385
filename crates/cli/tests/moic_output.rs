//! `lotwise moic` into files and as a workbook.

#![expect(clippy::unwrap_used, reason = "a broken environment fails the test")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/alphatech.json");
/// The first bytes of every package that is a workbook.
const PACKAGE: &[u8] = b"PK\x03\x04";

fn moic(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lotwise"));
    command.arg("moic").args(arguments).stdin(Stdio::null()).output().unwrap()
}

fn done(arguments: &[&str]) -> Vec<u8> {
    let output = moic(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Exit code and standard error of a run that writes nothing to standard output.
fn failed(arguments: &[&str]) -> (Option<i32>, String) {
    let output = moic(arguments);
    assert!(output.stdout.is_empty());
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn names_in(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_workbook_goes_to_a_file_or_into_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fund.xlsx");
    let path = file.to_str().unwrap();
    assert!(done(&[EXAMPLE, "--format", "xlsx", "-o", path]).is_empty());
    let written = fs::read(&file).unwrap();
    assert!(written.starts_with(PACKAGE));
    assert_eq!(done(&[EXAMPLE, "--format", "xlsx"]), written, "the same inputs give the same bytes");
    assert_eq!(names_in(folder.path()), ["fund.xlsx"], "nothing else is left behind");
}

#[test]
fn every_format_can_go_to_a_file_and_replaces_it_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("result");
    let path = file.to_str().unwrap();
    fs::write(&file, "what was there before, and is longer than nothing").unwrap();
    for format in ["table", "json", "csv"] {
        assert!(done(&[EXAMPLE, "--format", format, "--output", path]).is_empty());
        assert_eq!(fs::read(&file).unwrap(), done(&[EXAMPLE, "--format", format]), "{format}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_can_be_read_by_others_and_a_link_stays_one() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let (plain, file, link) =
        (folder.path().join("plain"), folder.path().join("fund.json"), folder.path().join("link"));
    fs::write(&plain, "").unwrap();
    done(&[EXAMPLE, "--json", "-o", file.to_str().unwrap()]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&file), mode(&plain), "like any other file");
    symlink(&file, &link).unwrap();
    done(&[EXAMPLE, "--format", "csv", "-o", link.to_str().unwrap()]);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read(&file).unwrap(), done(&[EXAMPLE, "--format", "csv"]));
}

#[test]
fn a_refused_document_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (input, file) = (folder.path().join("broken.json"), folder.path().join("fund.xlsx"));
    fs::write(&input, "{").unwrap();
    fs::write(&file, "before").unwrap();
    let (code, _) = failed(&[input.to_str().unwrap(), "--format", "xlsx", "-o", file.to_str().unwrap()]);
    assert_eq!(code, Some(2));
    assert_eq!(fs::read(&file).unwrap(), b"before");
}

#[test]
fn what_no_spreadsheet_holds_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (input, file) = (folder.path().join("old.json"), folder.path().join("fund.xlsx"));
    let document = fs::read_to_string(EXAMPLE).unwrap().replacen("2022-01-31", "1822-01-31", 1);
    fs::write(&input, document).unwrap();
    let (code, message) = failed(&[input.to_str().unwrap(), "--format", "xlsx", "-o", file.to_str().unwrap()]);
    assert_eq!(code, Some(2), "{message}");
    assert!(message.contains("1822-01-31") && message.contains("hint: "), "{message}");
    assert!(!file.exists());
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for place in [folder.path().to_owned(), folder.path().join("no/such/folder/fund.xlsx")] {
        let (code, message) = failed(&[EXAMPLE, "--format", "xlsx", "-o", place.to_str().unwrap()]);
        assert_eq!(code, Some(1), "{message}");
        assert!(message.contains(place.to_str().unwrap()), "{message}");
    }
}

/// `script` runs a command on a terminal of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_no_workbook() {
    let command = format!("{} moic {EXAMPLE} --format xlsx", env!("CARGO_BIN_EXE_lotwise"));
    let output = Command::new("script").args(["-qec", &command, "/dev/null"]).stdin(Stdio::null()).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(2), "{shown}");
    assert!(shown.contains("terminal") && shown.contains("--output"), "{shown}");
}
