//! The portfolio document as a file: what the engine reads, and what the export writes.

use jiff::civil::Date;
use moic::{DocumentError, Portfolio};
use serde::Serialize;

use crate::draft::{Draft, Reading};
use crate::place::{Place, Problem};
use crate::problems::Problems;
use crate::table::FileError;

/// Reads a portfolio document. The engine judges it as of its own date, or `today` where it has none; its problems name the
/// path of the field as their column.
///
/// # Errors
/// [`FileError`] when it is no JSON.
pub fn read(bytes: &[u8], today: Date) -> Result<Reading, FileError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    within_limits(bytes)?;
    let mut reading = Reading::default();
    match Portfolio::from_json(bytes) {
        Ok(portfolio) => reading.warn(placed(portfolio.warnings().to_vec())),
        Err(DocumentError::Syntax(error)) => return Err(FileError::Unreadable(error.to_string())),
        Err(DocumentError::Invalid(problems)) => {
            // An import may leave the date out: only an evaluation needs it.
            let only_undated = matches!(problems.as_slice(), [only] if only.path == "asOf" && only.value == ABSENT);
            match only_undated.then(|| Portfolio::from_json_as_of(bytes, Some(today))) {
                Some(Ok(portfolio)) => reading.warn(placed(portfolio.warnings().to_vec())),
                _ => reading.refuse(placed(problems)),
            }
        }
    }
    if reading.problems.is_empty() {
        reading.draft = serde_json::from_slice(bytes)
            .map_err(|error| FileError::Unreadable(format!("its form is not known ({error})")))?;
    }
    Ok(reading)
}

/// Counts before anything is built: a file of zeros would take a thousand times its size.
fn within_limits(bytes: &[u8]) -> Result<(), FileError> {
    let (mut depth, mut in_text, mut is_escaped) = (0usize, false, false);
    let (mut values, mut companies) = (0usize, 0usize);
    for byte in bytes {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => {
                values = values.saturating_add(1);
                // Inside the list of companies, or another list beside it.
                companies = companies.saturating_add(usize::from(depth == 2));
            }
            _ => {}
        }
    }
    if values > VALUES_MAX {
        return Err(FileError::too_large("values", VALUES_MAX));
    }
    if companies > COMPANIES_MAX {
        return Err(FileError::too_large("companies", COMPANIES_MAX));
    }
    Ok(())
}

/// Companies of a document that is imported.
pub const COMPANIES_MAX: usize = 20_000;
/// Values of a document that is imported.
pub const VALUES_MAX: usize = 3_000_000;

/// How the engine shows a field that is not there.
const ABSENT: &str = "(absent)";

fn placed(found: Vec<moic::Problem>) -> Problems {
    let place = |path: String| Place { column: (!path.is_empty()).then_some(path), ..Place::default() };
    let mut problems = Problems::default();
    problems.extend(found.into_iter().map(|problem| Problem {
        place: place(problem.path),
        value: problem.value,
        message: problem.message,
    }));
    problems
}

fn written(value: &impl Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| format!("cannot be written as JSON: {error}"))
}

impl Draft {
    /// The document as of `as_of`, a company a line. The same draft gives the same bytes.
    ///
    /// # Errors
    /// A text when a value cannot be written as JSON.
    pub fn to_document(&self, as_of: Date) -> Result<Vec<u8>, String> {
        let mut out = format!("{{\"asOf\":\"{as_of}\"");
        if let Some(currency) = &self.currency {
            out.push_str(",\"currency\":");
            out.push_str(&written(currency)?);
        }
        if let Some(policy) = &self.policy {
            out.push_str(",\"policy\":");
            out.push_str(&written(policy)?);
        }
        out.push_str(",\"companies\":[");
        for (position, company) in self.companies.iter().enumerate() {
            out.push_str(if position > 0 { ",\n" } else { "\n" });
            out.push_str(&written(company)?);
        }
        out.push_str("\n]}\n");
        Ok(out.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2024, 12, 31);

    #[test]
    fn a_document_is_read_and_written_again_to_the_same_bytes() {
        for text in [include_str!("../../../examples/alphatech.json"), include_str!("../../../examples/demo-fund.json")]
        {
            let reading = read(text.as_bytes(), TODAY).unwrap();
            assert_eq!(reading.problems, []);
            let as_of = reading.draft.as_of.clone().unwrap().parse().unwrap();
            let written = reading.draft.to_document(as_of).unwrap();
            let again = read(&written, TODAY).unwrap();
            assert_eq!(again.draft, reading.draft);
            assert_eq!(again.draft.to_document(as_of).unwrap(), written);
            let inputs = |bytes: &[u8]| Portfolio::from_json(bytes).unwrap().inputs_hash();
            assert_eq!(inputs(&written), inputs(text.as_bytes()), "nothing of the document is lost");
        }
    }

    #[test]
    fn problems_name_their_path() {
        let reading = read(br#"{"asOf":"2024-01-01","companies":[{"id":"a","lots":[{"id":"x"}]}]}"#, TODAY).unwrap();
        assert!(reading.problems.iter().any(|problem| problem.place.to_string() == "companies[0].lots[0].lotType"));
        assert!(matches!(read(b"no json", TODAY), Err(FileError::Unreadable(_))));
        assert_eq!(read(br#"{"companies":[]}"#, TODAY).unwrap().problems, []);
        let zeros = format!("{{\"companies\":[{}0]}}", "0,".repeat(COMPANIES_MAX + 1));
        assert!(matches!(read(zeros.as_bytes(), TODAY), Err(FileError::TooLarge { what: "companies", .. })));
        let deep = format!("{{\"companies\":[{{\"lots\":[{}0]}}]}}", "0,".repeat(VALUES_MAX + 1));
        assert!(matches!(read(deep.as_bytes(), TODAY), Err(FileError::TooLarge { what: "values", .. })));
    }
}
