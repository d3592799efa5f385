//! Files on their way into a fund: recognised, read, compared with what is stored.

mod incoming;
mod mapping;
mod report;

use std::collections::BTreeMap;

use formats::document;
use formats::draft::{Answers, Reading};
use formats::table::{self, FileError, FileKind};
use formats::template::{self, Mapping, SheetReport};
use jiff::civil::Date;
use moic::Problem;
use store::FundId;
use store::imports::{self, Incoming, Plan};

use crate::AppState;
use crate::error::ApiError;

pub(crate) use self::incoming::{draft_of, incoming};
pub(crate) use self::mapping::read_mapping;
pub(crate) use self::report::{Counts, ImportReport, report};

/// Files that are read at once; each can take some hundred megabytes.
pub(crate) const READ_AT_ONCE_MAX: usize = 2;

/// What a file is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A table as text.
    Csv,
    /// A workbook.
    Xlsx,
    /// A portfolio document.
    Portfolio,
}

impl Format {
    /// The format that the first bytes tell.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
        if bytes.starts_with(b"PK") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            return Self::Xlsx;
        }
        if first == Some(&b'{') { Self::Portfolio } else { Self::Csv }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Portfolio => "portfolio",
        }
    }
}

/// A file that was read.
#[derive(Debug)]
pub(crate) struct ReadFile {
    pub(crate) format: Format,
    pub(crate) reading: Reading,
    pub(crate) sheets: Vec<SheetReport>,
}

/// What a fund says about its files.
#[derive(Clone, Debug, Default)]
pub(crate) struct FundFiles {
    pub(crate) currency: String,
    pub(crate) mapping: Mapping,
}

/// Reads what a fund says about its files.
///
/// # Errors
/// Those of the store.
pub(crate) async fn files_of(state: &AppState, fund_id: FundId) -> Result<FundFiles, ApiError> {
    let (currency, mapping) = state
        .store()
        .read(move |tx| Ok((store::funds::get(tx, fund_id)?.currency, imports::mapping(tx, fund_id)?.0)))
        .await?;
    let mapping = mapping.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default();
    Ok(FundFiles { currency, mapping })
}

/// Reads a file. CPU-bound: run it off the async threads.
///
/// # Errors
/// [`FileError`] for what cannot be read at all.
pub(crate) fn read(bytes: &[u8], files: &FundFiles, answers: &Answers, today: Date) -> Result<ReadFile, FileError> {
    let format = Format::of(bytes);
    let kind = match format {
        Format::Portfolio => {
            let mut reading = document::read(bytes, today)?;
            refuse_other_currency(&mut reading, &files.currency);
            return Ok(ReadFile { format, reading, sheets: Vec::new() });
        }
        Format::Csv => FileKind::Csv,
        Format::Xlsx => FileKind::Xlsx,
    };
    // An answer that is kept holds for the reading of the bytes, too.
    let kept: Answers =
        files.mapping.answers.iter().chain(answers).map(|(id, answer)| (id.clone(), answer.clone())).collect();
    let tables = table::read(kind, bytes, &kept)?;
    let mut spreadsheet = template::read(&tables, &files.mapping, answers, &files.currency);
    refuse_other_currency(&mut spreadsheet.reading, &files.currency);
    spreadsheet.reading.judge(today);
    Ok(ReadFile { format, reading: spreadsheet.reading, sheets: spreadsheet.sheets })
}

fn refuse_other_currency(reading: &mut Reading, own: &str) {
    if let Some(currency) = reading.draft.currency.clone().filter(|currency| currency != own) {
        let place = formats::Place { column: Some("currency".to_owned()), ..formats::Place::default() };
        let message = format!("is the file's currency, and the fund is in {own}; convert the file first");
        reading.problems.push(formats::Problem::new(place, currency, message));
    }
}

/// A file compared with what a fund has.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) file: ReadFile,
    pub(crate) incoming: Incoming,
    pub(crate) plan: Plan,
}

/// Everything that keeps a file from being written, as the fields of the request.
pub(crate) fn obstacles(compared: &Compared) -> Vec<Problem> {
    let Reading { problems, questions, .. } = &compared.file.reading;
    let of_file =
        problems.iter().map(|problem| Problem::new(problem.place.to_string(), &problem.value, &problem.message));
    let open = questions.iter().filter(|question| !question.optional);
    let of_questions =
        open.map(|question| Problem::new(format!("answers.{}", question.id), "(absent)", &question.text));
    of_file.chain(of_questions).chain(compared.plan.problems.iter().cloned()).collect()
}

/// Reads `answers`, a JSON object of texts.
pub(crate) fn answers(text: &str) -> Result<Answers, String> {
    serde_json::from_str::<BTreeMap<String, String>>(text)
        .map_err(|_| "must be a JSON object of texts, as in {\"dateOrder\":\"day_first\"}".to_owned())
}
