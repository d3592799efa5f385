//! Any file that a fund hands in: recognised by its content, read by its format.

use jiff::civil::Date;

use crate::document;
use crate::draft::{Answers, Reading};
use crate::ocf::{self, Package};
use crate::place::{Place, Problem};
use crate::table::{self, FILE_BYTES_MAX, FileError, FileKind};
use crate::template::{self, Mapping, SheetReport};

/// What a file is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// A table as text.
    Csv,
    /// A workbook.
    Xlsx,
    /// A portfolio document.
    Portfolio,
    /// An Open Cap Table package.
    OpenCapTable,
}

impl FileFormat {
    /// The format that the content tells. Names are not looked at: people rename files.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
            return Self::Xlsx;
        }
        if bytes.starts_with(b"PK") {
            return if table::is_workbook(bytes) { Self::Xlsx } else { Self::OpenCapTable };
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(&b'{') { Self::Portfolio } else { Self::Csv }
    }

    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Portfolio => "portfolio",
            Self::OpenCapTable => "ocf",
        }
    }
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct FileReading {
    /// What it is.
    pub format: FileFormat,
    /// What it says, judged by the engine.
    pub reading: Reading,
    /// How the sheets of a spreadsheet were understood.
    pub sheets: Vec<SheetReport>,
}

/// Reads a file for a fund in `currency` (ISO 4217), where there is one; `today` is the date of what has none.
///
/// # Errors
/// [`FileError`] for what is too large, or no such file at all.
pub fn read(
    bytes: &[u8],
    mapping: &Mapping,
    answers: &Answers,
    currency: Option<&str>,
    today: Date,
) -> Result<FileReading, FileError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileError::too_large("bytes", FILE_BYTES_MAX));
    }
    // Answers that are kept hold for the reading of the bytes, too.
    let all = mapping.answers_with(answers);
    let format = FileFormat::of(bytes);
    let (mut reading, sheets) = match format {
        FileFormat::Portfolio => (document::read(bytes, today)?, Vec::new()),
        FileFormat::OpenCapTable => {
            let package = Package::from_zip(bytes).map_err(|error| FileError::Unreadable(error.to_string()))?;
            (ocf::read(&package, &all), Vec::new())
        }
        FileFormat::Csv | FileFormat::Xlsx => {
            let kind = if format == FileFormat::Csv { FileKind::Csv } else { FileKind::Xlsx };
            let tables = table::read(kind, bytes, &all)?;
            let has = |name: &str| tables.tables.iter().any(|table| table.name.as_deref() == Some(name));
            if has("Summary") && has("Checks") && has("Lots") {
                let message =
                    "it is the workbook of the lenses; export the facts instead (content=facts), which can be imported";
                return Err(FileError::Unreadable(message.to_owned()));
            }
            let spreadsheet = template::read(&tables, mapping, answers, currency);
            (spreadsheet.reading, spreadsheet.sheets)
        }
    };
    if let Some(own) = currency {
        refuse_other_currency(&mut reading, own);
    }
    if format != FileFormat::Portfolio {
        reading.judge(today);
    }
    reading.warn_of_future_purchases(today);
    Ok(FileReading { format, reading, sheets })
}

fn refuse_other_currency(reading: &mut Reading, own: &str) {
    if let Some(currency) = reading.draft.currency.clone().filter(|currency| currency != own) {
        let place = Place { column: Some("currency".to_owned()), ..Place::default() };
        let message = format!("is the file's currency, and the fund is in {own}; convert the file first");
        reading.problems.push(Problem::new(place, currency, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2024, 12, 31);

    #[test]
    fn files_are_recognised_by_their_content() {
        let template = template::write(&crate::draft::Draft::default()).unwrap();
        for (bytes, format) in [
            (&b"Company,Cost\n"[..], FileFormat::Csv),
            (b"\xef\xbb\xbf {\"companies\":[]}", FileFormat::Portfolio),
            (&template, FileFormat::Xlsx),
            (b"PK\x03\x04broken", FileFormat::OpenCapTable),
            (b"\xd0\xcf\x11\xe0old", FileFormat::Xlsx),
        ] {
            assert_eq!(FileFormat::of(bytes), format);
        }
    }

    #[test]
    fn a_file_in_another_currency_is_refused() {
        let document = include_bytes!("../../../examples/alphatech.json");
        let read =
            |currency| read(document, &Mapping::default(), &Answers::new(), currency, TODAY).unwrap().reading.problems;
        assert_eq!(read(Some("USD")), []);
        assert_eq!(read(None), []);
        assert!(read(Some("EUR"))[0].message.contains("the fund is in EUR"));
    }

    #[test]
    fn purchases_in_the_future_are_warned_of_and_read() {
        let table = b"Company,Lot type,Share class,Purchase date,Shares,Cost\nAlpha,initial,PS,2205-01-31,10,100\n";
        let reading = read(table, &Mapping::default(), &Answers::new(), Some("USD"), TODAY).unwrap().reading;
        assert_eq!(reading.problems, []);
        assert_eq!(reading.warnings[0].place.to_string(), "row 2, Purchase date");
        assert!(reading.warnings[0].message.starts_with("is in the future"));
    }

    #[test]
    fn a_file_of_a_hundred_megabytes_is_refused_before_it_is_read() {
        let large = vec![b'a'; FILE_BYTES_MAX + 1];
        let refused = read(&large, &Mapping::default(), &Answers::new(), None, TODAY);
        assert!(matches!(refused, Err(FileError::TooLarge { what: "bytes", .. })));
    }
}
