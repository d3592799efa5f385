//! `lotwise import`: a file into a fund, looked at first.

mod columns;

use std::collections::BTreeMap;
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use formats::ocf::PACKAGE_FILES_MAX;
use moic::Problem;
use serde_json::Value;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::api_client::{ApiClient, segment};
use crate::failure::Failure;
use crate::place::Place;
use crate::terminal::shown;

pub use self::columns::Columns;

/// Import a spreadsheet (CSV, XLSX), a portfolio document or an Open Cap Table package; without --apply it only tells what
/// it would do
#[derive(clap::Args)]
pub struct Arguments {
    /// The file; of an Open Cap Table package also its folder
    #[arg(value_name = "FILE", required_unless_present = "undo")]
    file: Option<PathBuf>,
    /// Number of the fund
    #[arg(long, value_name = "ID")]
    fund: i64,
    /// Write it: everything in one transaction, or nothing
    #[arg(long, conflicts_with = "undo")]
    apply: bool,
    /// Answer a question that the import asks, as in dateOrder=day_first
    #[arg(long = "answer", value_name = "QUESTION=ANSWER", value_parser = answer)]
    answers: Vec<(String, String)>,
    #[command(flatten)]
    columns: Columns,
    /// Take an earlier import back
    #[arg(long, value_name = "IMPORT", conflicts_with = "file")]
    undo: Option<String>,
    #[command(flatten)]
    place: Place,
}

/// Reads `QUESTION=ANSWER`.
pub fn answer(text: &str) -> Result<(String, String), String> {
    let (question, answer) = text.split_once('=').ok_or("write QUESTION=ANSWER, as in dateOrder=day_first")?;
    Ok((question.to_owned(), answer.to_owned()))
}

impl Arguments {
    /// Looks at the file, or writes it, or takes an import back.
    pub fn run(&self) -> Result<(), Failure> {
        let api = self.place.api()?;
        if let Some(import) = &self.undo {
            let path = format!("/api/funds/{}/imports/{}/undo", self.fund, segment(import));
            let undone = api.post(&path, &Value::Object(serde_json::Map::new()))?.json()?;
            return self.place.print(&undone, |import, out| {
                writeln!(out, "{} is taken back: {}", shown(import.get("name")), counted(import, "taken back"))
            });
        }
        // Clap asks for one of both.
        let Some(file) = &self.file else { return Ok(()) };
        let bytes = read(file)?;
        self.columns.keep(&api, self.fund)?;
        let report = self.dry_run(&api, file, &bytes)?;
        let obstacles = obstacles(&report);
        if !self.apply || !obstacles.is_empty() {
            let can_be_written = obstacles.is_empty();
            self.place.print(&report, |report, out| {
                describe(report, out)?;
                if can_be_written { writeln!(out, "Nothing was written; --apply writes it.") } else { Ok(()) }
            })?;
            return if obstacles.is_empty() { Ok(()) } else { Err(refused(file, obstacles)) };
        }
        let applied = api.send_file(&self.path(file, false), &bytes)?.successful()?.json()?;
        self.place.print(&applied, |import, out| {
            writeln!(out, "{} is imported: {}", shown(import.get("name")), counted(import, "created"))?;
            describe_notes(&report, out)?;
            let id = shown(import.get("id"));
            writeln!(out, "lotwise import --fund {} --undo {id} takes it back", self.fund)
        })
    }

    fn dry_run(&self, api: &ApiClient, file: &Path, bytes: &[u8]) -> Result<Value, Failure> {
        api.send_file(&self.path(file, true), bytes)?.successful()?.json()
    }

    fn path(&self, file: &Path, is_dry_run: bool) -> String {
        let answers: BTreeMap<&str, &str> =
            self.answers.iter().map(|(question, answer)| (question.as_str(), answer.as_str())).collect();
        let answers = serde_json::to_string(&answers).unwrap_or_default();
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut path = format!("/api/funds/{}/import?dryRun={is_dry_run}&answers={}", self.fund, segment(&answers));
        if !name.is_empty() {
            path.push_str(&format!("&name={}", segment(&name)));
        }
        path
    }
}

fn unreadable(file: &Path, error: &io::Error) -> Failure {
    let hint = "name a .csv, .xlsx or .json file, or the .zip or folder of an Open Cap Table package".to_owned();
    Failure::bad_input(format!("cannot read {}: {error}", file.display()), hint)
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    if file.is_dir() {
        return packed(file);
    }
    std::fs::read(file).map_err(|error| unreadable(file, &error))
}

/// A folder as the archive that the service reads.
fn packed(folder: &Path) -> Result<Vec<u8>, Failure> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut waiting = vec![folder.to_owned()];
    let mut files = 0;
    while let Some(next) = waiting.pop() {
        let entries = std::fs::read_dir(&next).map_err(|error| unreadable(&next, &error))?;
        for entry in entries {
            let path = entry.map_err(|error| unreadable(&next, &error))?.path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            files += 1;
            if files > PACKAGE_FILES_MAX {
                let hint = "name the folder of one Open Cap Table package".to_owned();
                return Err(Failure::bad_input(
                    format!("{} has more than {PACKAGE_FILES_MAX} files", folder.display()),
                    hint,
                ));
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
            let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            archive.start_file(name, SimpleFileOptions::default()).context("cannot pack the folder")?;
            archive.write_all(&bytes).context("cannot pack the folder")?;
        }
    }
    Ok(archive.finish().context("cannot pack the folder")?.into_inner())
}

/// What keeps the file from being written.
fn obstacles(report: &Value) -> Vec<Problem> {
    let list = |name: &str| report.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let problem =
        |problem: &Value| Problem::new(place(problem), shown(problem.get("value")), shown(problem.get("message")));
    let question = |question: &Value| {
        let choices = question.get("choices").and_then(Value::as_array).cloned().unwrap_or_default();
        let choices: Vec<String> = choices.iter().map(|choice| shown(choice.get("value"))).collect();
        let field = |name: &str| shown(question.get(name));
        asked(&field("id"), &field("text"), field("example"), &choices)
    };
    let is_open = |question: &&Value| question.get("optional") != Some(&Value::Bool(true));
    let questions = list("questions");
    let asked = questions.iter().filter(is_open).map(question);
    list("problems").iter().map(problem).chain(asked).collect()
}

/// Where a problem stands, as far as the file has sheets, rows, columns or objects.
fn place(problem: &Value) -> String {
    let parts = ["sheet", "row", "object", "column"].map(|part| match problem.get(part) {
        Some(Value::Number(row)) => Some(format!("row {row}")),
        Some(Value::String(_)) => Some(shown(problem.get(part))),
        _ => None,
    });
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A question that has to be answered first, with how that is done.
pub fn asked(id: &str, text: &str, example: String, choices: &[String]) -> Problem {
    let words = if choices.is_empty() { "…".to_owned() } else { choices.join("|") };
    Problem::new(id, example, format!("{text}; --answer {id}={words}"))
}

fn refused(file: &Path, problems: Vec<Problem>) -> Failure {
    Failure::BadInput {
        message: format!("{} cannot be imported yet; nothing was written", file.display()),
        problems,
        hint: Some("correct the file or answer the questions, then run the command again".to_owned()),
    }
}

fn describe(report: &Value, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", counted(report, "to be created"))?;
    for change in report.get("changes").and_then(Value::as_array).into_iter().flatten() {
        let field = |name: &str| shown(change.get(name));
        let (company, name) = (field("company"), field("name"));
        let what = match change.get("kind").and_then(Value::as_str).unwrap_or_default() {
            "company" if company == name => format!("company {company}"),
            "company" => format!("company {company}, which the file calls {name}"),
            "exit_cases" => format!("exit cases of {company}"),
            kind => format!("{kind} of {company}: {name}"),
        };
        write!(out, "  {} {what}", field("change"))?;
        for difference in change.get("differences").and_then(Value::as_array).into_iter().flatten() {
            let part = |name: &str| shown(difference.get(name));
            write!(out, "; {}: {} becomes {}", part("field"), part("before"), part("after"))?;
        }
        writeln!(out)?;
    }
    describe_notes(report, out)?;
    for question in report.get("questions").and_then(Value::as_array).into_iter().flatten() {
        if question.get("optional") == Some(&Value::Bool(true)) {
            writeln!(
                out,
                "  can be answered: --answer {}=… {}",
                shown(question.get("id")),
                shown(question.get("text"))
            )?;
        }
    }
    Ok(())
}

/// What is worth a look, and hinders nothing.
fn describe_notes(report: &Value, out: &mut impl Write) -> io::Result<()> {
    for warning in report.get("warnings").and_then(Value::as_array).into_iter().flatten() {
        let field = |name: &str| shown(warning.get(name));
        writeln!(out, "  note: {}: {} {}", place(warning), field("value"), field("message"))?;
    }
    for lot in report.get("absentLots").and_then(Value::as_array).into_iter().flatten() {
        let field = |name: &str| shown(lot.get(name));
        let (name, company, date) = (field("name"), field("company"), field("purchaseDate"));
        writeln!(out, "  not in the file: lot of {company}: {name}, bought on {date}; it stays as it is")?;
    }
    Ok(())
}

/// One lot, and several.
pub const LOTS: [&str; 2] = ["lot", "lots"];

/// `1 lot`, `2 lots`.
pub fn count_of(count: u64, [one, many]: [&str; 2]) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// What happens, or happened, to the records, in words.
fn counted(record: &Value, created: &str) -> String {
    let count = |name: &str| record.pointer(&format!("/counts/{name}")).and_then(Value::as_u64).unwrap_or(0);
    let words = [
        ("companiesCreated", ["company", "companies"], created),
        ("companiesCorrected", ["company", "companies"], "corrected"),
        ("lotsCreated", LOTS, created),
        ("lotsCorrected", LOTS, "corrected"),
        ("eventsCreated", ["event", "events"], created),
        ("exitCasesReplaced", ["set of exit cases", "sets of exit cases"], "replaced"),
        ("lotsUnchanged", LOTS, "unchanged"),
    ];
    let told = words.map(|(name, what, verb)| (count(name), what, verb)).into_iter().filter(|(count, ..)| *count > 0);
    let told: Vec<String> = told.map(|(count, what, verb)| format!("{} {verb}", count_of(count, what))).collect();
    if told.is_empty() { "nothing changes".to_owned() } else { told.join(", ") }
}
