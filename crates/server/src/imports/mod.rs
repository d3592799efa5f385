//! Files on their way into a fund: recognised, read, compared with what is stored.

mod incoming;
mod mapping;
mod report;

use std::collections::BTreeMap;

use formats::draft::Answers;
use formats::file::FileReading;
use formats::template::Mapping;
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

/// A file compared with what a fund has.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) file: FileReading,
    pub(crate) incoming: Incoming,
    pub(crate) plan: Plan,
}

/// Everything that keeps a file from being written, as the fields of the request: the problems that the report lists, how many
/// there are beyond them, and the questions.
pub(crate) fn obstacles(compared: &Compared) -> Vec<Problem> {
    let (listed, count) = report::problems(compared);
    let more = count.saturating_sub(listed.len());
    let of_file =
        listed.into_iter().map(|problem| Problem::new(problem.place.to_string(), problem.value, problem.message));
    let of_more =
        (more > 0).then(|| Problem::new("file", format!("{more} more"), "are not listed; correct these first"));
    let open = compared.file.reading.questions.iter().filter(|question| !question.optional);
    let of_questions =
        open.map(|question| Problem::new(format!("answers.{}", question.id), "(absent)", &question.text));
    of_file.chain(of_more).chain(of_questions).collect()
}

/// Reads `answers`, a JSON object of texts.
pub(crate) fn answers(text: &str) -> Result<Answers, String> {
    serde_json::from_str::<BTreeMap<String, String>>(text)
        .map_err(|_| "must be a JSON object of texts, as in {\"dateOrder\":\"day_first\"}".to_owned())
}
