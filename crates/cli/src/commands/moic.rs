//! `lotwise moic FILE`: the seven lenses of a portfolio document, without a server.

mod csv;
mod table;

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::ValueEnum;
use formats::draft::Reading;
use formats::file::{self, FileFormat};
use formats::template::Mapping;
use formats::workbook::{self, WorkbookError};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use moic::quantity::parse_date;
use moic::{DocumentError, Portfolio, Problem};

use super::import::Columns;
use crate::failure::Failure;
use crate::output;
use crate::system_clock::now;

/// Compute the seven lenses of a portfolio document (JSON) or of a spreadsheet in the import template (CSV, XLSX).
#[derive(clap::Args)]
pub struct Arguments {
    /// The portfolio document or spreadsheet; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Evaluate as of this date instead of the document's own asOf
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    as_of: Option<Date>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Answer a question about a spreadsheet, as in dateOrder=day_first
    #[arg(long = "answer", value_name = "QUESTION=ANSWER", value_parser = super::import::answer)]
    answers: Vec<(String, String)>,
    #[command(flatten)]
    columns: Columns,
    /// Write the result to this file, as a whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A company a row, the lenses as columns, for reading
    Table,
    /// The result document, with numerators, denominators, lots and reasons
    Json,
    /// A company a row, for spreadsheets
    Csv,
    /// A workbook whose figures are formulas; with --output, or into a pipe or file
    Xlsx,
}

/// Reads, evaluates and writes.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let format = if arguments.json { Format::Json } else { arguments.format };
    if format == Format::Xlsx && arguments.output.is_none() && io::stdout().is_terminal() {
        let hint = "name a file: --output moic.xlsx".to_owned();
        return Err(Failure::bad_input("a workbook cannot be shown on a terminal", hint));
    }
    let document = document(arguments)?;
    let portfolio =
        Portfolio::from_json_as_of(&document, arguments.as_of).map_err(|error| refused(&arguments.file, error))?;
    warn(&portfolio);
    let evaluation = portfolio.evaluate();
    // What can be refused is refused before anything is written.
    let workbook = match format {
        Format::Xlsx => workbook::write(&portfolio, &evaluation).map_err(not_a_workbook)?,
        _ => Vec::new(),
    };
    output::write(arguments.output.as_deref(), |mut out| match format {
        Format::Json => evaluation.write_json(|part| out.write_all(part)).and_then(|()| out.write_all(b"\n")),
        Format::Csv => csv::write(&evaluation, &mut out),
        Format::Table => table::write(&portfolio, &evaluation, &mut out),
        Format::Xlsx => out.write_all(&workbook),
    })
}

fn not_a_workbook(error: WorkbookError) -> Failure {
    match error {
        WorkbookError::Writer(_) => Failure::Failed(error.into()),
        _ => Failure::bad_input(error.to_string(), "--format json has no such limits".to_owned()),
    }
}

/// The portfolio document of the file: what it holds, or what its spreadsheet says.
fn document(arguments: &Arguments) -> Result<Vec<u8>, Failure> {
    let bytes = read(&arguments.file)?;
    match FileFormat::of(&bytes) {
        FileFormat::Csv | FileFormat::Xlsx => spreadsheet(arguments, &bytes),
        FileFormat::Portfolio | FileFormat::OpenCapTable => Ok(bytes),
    }
}

fn spreadsheet(arguments: &Arguments, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let answers = arguments.answers.iter().cloned().collect();
    let today = now().to_zoned(TimeZone::UTC).date();
    let mapping = arguments.columns.over(Mapping::default())?;
    let read = file::read(bytes, &mapping, &answers, None, arguments.as_of.unwrap_or(today));
    let Reading { draft, problems, questions, warnings, .. } = read
        .map_err(|error| {
            let hint = "docs/reference/import.md has the columns that are read".to_owned();
            Failure::bad_input(format!("{}: {error}", arguments.file.display()), hint)
        })?
        .reading;
    let of_file =
        problems.into_iter().map(|problem| Problem::new(problem.place.to_string(), problem.value, problem.message));
    let asked = questions.into_iter().filter(|question| !question.optional).map(|question| {
        let choices: Vec<String> = question.choices.into_iter().map(|choice| choice.value).collect();
        super::import::asked(&question.id, &question.text, question.example.unwrap_or_default(), &choices)
    });
    let problems: Vec<Problem> = of_file.chain(asked).collect();
    if !problems.is_empty() {
        return Err(Failure::BadInput {
            message: format!("{} cannot be read as a portfolio; nothing was computed", arguments.file.display()),
            problems,
            hint: Some("correct the file or answer the questions, then run the command again".to_owned()),
        });
    }
    for warning in warnings {
        let mut out = io::stderr().lock();
        let _ = writeln!(out, "warning: {}: {:?} {}", warning.place, warning.value, warning.message);
    }
    let as_of = draft.as_of.as_deref().and_then(|date| date.parse().ok()).unwrap_or(today);
    draft.to_document(as_of).map_err(|error| Failure::Failed(anyhow!(error)))
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
        return Ok(bytes);
    }
    std::fs::read(file).map_err(|error| {
        Failure::bad_input(
            format!("cannot read {}: {error}", file.display()),
            "name a portfolio document in JSON; examples/ has some".to_owned(),
        )
    })
}

fn refused(file: &Path, error: DocumentError) -> Failure {
    let file = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
    match error {
        DocumentError::Syntax(error) => Failure::bad_input(
            format!("{file} is {error}"),
            "a portfolio document is a JSON object in UTF-8; see docs/reference/portfolio-document.md".to_owned(),
        ),
        DocumentError::Invalid(problems) => {
            let count = problems.len();
            let noun = if count == 1 { "problem" } else { "problems" };
            Failure::BadInput {
                message: format!("{file} has {count} {noun}; nothing was computed"),
                problems,
                hint: Some("each line names the field, what is wrong and what was found".to_owned()),
            }
        }
    }
}

/// Warnings go to standard error, so that the data on standard output stays clean.
fn warn(portfolio: &Portfolio) {
    let mut out = io::stderr().lock();
    for warning in portfolio.warnings() {
        let _ = writeln!(out, "warning: {}: {}", warning.path, warning.message);
    }
}
