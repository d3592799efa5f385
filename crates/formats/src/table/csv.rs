//! CSV: the encoding and the delimiter are found out, or asked for.

use std::io::Read;

use ::csv::{ByteRecord, ReaderBuilder};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::{CELL_BYTES_MAX, CELLS_MAX, COLUMNS_MAX, Cell, FileError, ROWS_MAX, Table, Tables};
use crate::draft::{Answers, Choice, Question};
use crate::place::{Place, Problem};
use crate::problems::Problems;

/// Under which the encoding is answered.
const ENCODING: &str = "encoding";
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

pub(super) fn read(bytes: &[u8], answers: &Answers) -> Result<Tables, FileError> {
    if bytes.iter().take(1024).any(|byte| *byte == 0) && Encoding::for_bom(bytes).is_none() {
        let message =
            "it holds zero bytes, so it is no text; save the sheet as CSV, or import the workbook itself as .xlsx";
        return Err(FileError::Unreadable(message.to_owned()));
    }
    let text = match decoded(bytes, answers) {
        Ok(text) => text,
        Err(question) => return Ok(Tables { questions: vec![question], ..Tables::default() }),
    };
    let mut tables = Tables::default();
    let table = rows(&text, &mut tables.problems)?;
    tables.tables.push(table);
    Ok(tables)
}

/// The text of a file in UTF-8, UTF-16 with a byte order mark, or the encoding that was answered.
fn decoded(bytes: &[u8], answers: &Answers) -> Result<String, Question> {
    if let Some((encoding, mark_length)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(mark_length..).unwrap_or_default());
        return Ok(text.into_owned());
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    match answers.get(ENCODING).and_then(|label| Encoding::for_label(label.as_bytes())) {
        Some(encoding) => Ok(encoding.decode_without_bom_handling(bytes).0.into_owned()),
        None => Err(encoding_question(bytes)),
    }
}

fn encoding_question(bytes: &[u8]) -> Question {
    let is_foreign = |line: &&[u8]| std::str::from_utf8(line).is_err();
    let line = bytes.split(|byte| *byte == b'\n').find(is_foreign).unwrap_or_default();
    let western = WINDOWS_1252.decode_without_bom_handling(line).0;
    Question {
        id: ENCODING.to_owned(),
        text: "In which encoding was the file saved? It is not UTF-8; the example shows it as Western European"
            .to_owned(),
        example: Some(western.trim().chars().take(120).collect()),
        choices: [
            (WINDOWS_1252, "Western European (Windows-1252)"),
            (encoding_rs::WINDOWS_1250, "Central European (Windows-1250)"),
            (encoding_rs::WINDOWS_1251, "Cyrillic (Windows-1251)"),
            (encoding_rs::MACINTOSH, "Western European (Macintosh)"),
            (encoding_rs::SHIFT_JIS, "Japanese (Shift JIS)"),
            (UTF_8, "UTF-8, with the bytes that are none replaced"),
        ]
        .map(|(encoding, label)| Choice { value: encoding.name().to_ascii_lowercase(), label: label.to_owned() })
        .into(),
        optional: false,
    }
}

/// The delimiter that the first line names, as Excel writes it in front of a file, and the lines below it. What names
/// something else is a row like any other: a quotation mark or a letter between the cells would tear them apart.
fn named_delimiter(text: &str) -> Option<(u8, &str)> {
    let (named, below) = text.strip_prefix("sep=")?.split_once('\n')?;
    let delimiter = DELIMITERS.into_iter().find(|delimiter| named.trim_end_matches('\r').as_bytes() == [*delimiter])?;
    Some((delimiter, below))
}

/// The delimiter that splits the most of the first lines, and these into the most columns; the comma where none splits.
fn delimiter(text: &str) -> u8 {
    if let Some((named, _)) = named_delimiter(text) {
        return named;
    }
    let columns = |delimiter: &u8| {
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(*delimiter).from_reader(text.as_bytes());
        let mut record = ByteRecord::new();
        let (mut lines_split, mut most) = (0, 0);
        for _ in 0..10 {
            if !reader.read_byte_record(&mut record).unwrap_or(false) {
                break;
            }
            lines_split += usize::from(record.len() > 1);
            most = record.len().max(most);
        }
        (lines_split, most)
    };
    // The first of equals: `max_by_key` would take the last.
    DELIMITERS.iter().rev().max_by_key(|delimiter| columns(delimiter)).copied().unwrap_or(b',')
}

/// The end of a file, as a row that no file has: where it comes in the middle of a cell, a quotation mark was not closed, and
/// that cell would swallow all rows below it.
const END: &str = "\u{0}the end of the file";

fn never_closed(record: &ByteRecord, row: usize) -> FileError {
    let cell = String::from_utf8_lossy(record.iter().next_back().unwrap_or_default());
    let begins: String = cell.lines().next().unwrap_or_default().chars().take(60).collect();
    FileError::Unreadable(format!(
        "row {}: the quotation mark before {begins:?} is never closed, so the rows below it cannot be told apart; close it, or \
         take it out",
        row.saturating_add(1)
    ))
}

fn rows(text: &str, problems: &mut Problems) -> Result<Table, FileError> {
    let delimiter = delimiter(text);
    // With the delimiter named, the first line is no row of the table, and yet one that people see.
    let mut table = Table::default();
    let mut line_read = 0u64;
    let text = match named_delimiter(text) {
        Some((_, below)) => {
            table.rows.push(Vec::new());
            below
        }
        None => text,
    };
    let with_end = text.as_bytes().chain(&b"\n"[..]).chain(END.as_bytes());
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(with_end);
    let (mut record, mut cells) = (ByteRecord::new(), 0usize);
    while reader
        .read_byte_record(&mut record)
        .map_err(|error| FileError::Unreadable(format!("its lines are not CSV ({error})")))?
    {
        if record.as_slice().ends_with(END.as_bytes()) {
            if record.as_slice() == END.as_bytes() {
                break;
            }
            let skipped = empty_lines(&record, line_read, reader.position().line());
            return Err(never_closed(&record, table.rows.len().saturating_add(skipped)));
        }
        if record.len() > COLUMNS_MAX {
            return Err(FileError::too_large("columns", COLUMNS_MAX));
        }
        cells = cells.saturating_add(record.len());
        if cells > CELLS_MAX {
            return Err(FileError::too_large("cells", CELLS_MAX));
        }
        let line_after = reader.position().line().saturating_sub(1).max(line_read.saturating_add(1));
        for _ in 0..empty_lines(&record, line_read, line_after) {
            table.rows.push(Vec::new());
        }
        line_read = line_after;
        if table.rows.len() >= ROWS_MAX {
            return Err(FileError::too_large("rows", ROWS_MAX));
        }
        let row = cells_of(&record, table.rows.len(), problems);
        table.rows.push(row);
    }
    Ok(table)
}

/// Lines before a record that the reader skips since they are empty. A spreadsheet counts them as rows, and a record of
/// several lines as one.
fn empty_lines(record: &ByteRecord, line_before: u64, line_after: u64) -> usize {
    let inside = record.iter().flatten().filter(|byte| **byte == b'\n').count();
    let own = u64::try_from(inside).unwrap_or(u64::MAX).saturating_add(1);
    let skipped = line_after.saturating_sub(line_before).saturating_sub(own);
    usize::try_from(skipped).unwrap_or(usize::MAX).min(ROWS_MAX)
}

fn cells_of(record: &ByteRecord, row: usize, problems: &mut Problems) -> Vec<Cell> {
    let cell = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => Cell::Empty,
        Ok(text) if text.len() > CELL_BYTES_MAX => {
            let place = Place { row: u32::try_from(row).ok().map(|row| row.saturating_add(1)), ..Place::default() };
            let message =
                format!("the cell has more than {CELL_BYTES_MAX} bytes; a quotation mark is probably not closed");
            problems.push(Problem::new(place, text, message));
            Cell::Empty
        }
        Ok(text) => Cell::Text(text.into()),
        // Cut out of valid text at ASCII delimiters, so it is valid itself.
        Err(_) => Cell::Empty,
    };
    record.iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8], answers: &[(&str, &str)]) -> Vec<Vec<String>> {
        let answers = answers.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect();
        let tables = read(bytes, &answers).unwrap();
        tables.tables[0].rows.iter().map(|row| row.iter().map(Cell::shown).collect()).collect()
    }

    #[test]
    fn the_delimiter_is_found_out() {
        for text in ["a,b\n1,2", "a;b\n1;2", "a\tb\n1\t2", "a|b\n1|2", "sep=;\na;b\n1;2"] {
            let rows = shown(text.as_bytes(), &[]);
            assert_eq!(rows[rows.len() - 2..], [["a", "b"], ["1", "2"]], "{text}");
        }
        assert_eq!(shown(b"a;b\n\"1,5\";\"2,25\"", &[]), [["a", "b"], ["1,5", "2,25"]]);
        assert_eq!(shown(b"sep=\t\r\na\tb", &[])[1], ["a", "b"]);
        for (text, first) in [("sep=x\naxb", "sep=x"), ("sep=\"\na", "sep=\""), ("sep=;;\na", "sep=")] {
            assert_eq!(shown(text.as_bytes(), &[])[0][0], first, "{text}");
        }
    }

    #[test]
    fn rows_are_counted_as_people_count_them() {
        let rows = shown(b"a,b\n\n\n1,\"x\ny\"\n2,3", &[]);
        assert_eq!(rows[3], ["1", "x\ny"]);
        assert_eq!(rows[4], ["2", "3"]);
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_takes_no_rows_with_it() {
        let refused = |text: &str| read(text.as_bytes(), &Answers::new()).unwrap_err().to_string();
        let said = refused("Company,Cost\n\nAcme,5\n\"Beta,6\nGamma,7\nDelta,8\n");
        assert!(said.contains("row 4: the quotation mark before \"Beta,6\" is never closed"), "{said}");
        assert!(refused("a,b\n1,\"2").contains("row 2"));
        assert!(refused("sep=;\na;b\n\n\n1;\"2\n3;4").contains("row 5"));
        for text in ["a,b\n1,\"2\"", "a,b\n1,\"2\n3\"\n", "a,b\n1,5\" pipe\n", "a,b\r\n1,2\r\n", "a", "\"\""] {
            assert!(read(text.as_bytes(), &Answers::new()).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn an_encoding_that_is_not_unicode_is_asked_for() {
        let bytes = b"Company,Cost\nGr\xfcn,5";
        let tables = read(bytes, &Answers::new()).unwrap();
        assert_eq!(tables.questions[0].id, "encoding");
        assert_eq!(tables.questions[0].example.as_deref(), Some("Grün,5"));
        assert_eq!(shown(bytes, &[("encoding", "windows-1252")])[1], ["Grün", "5"]);
    }

    #[test]
    fn utf_16_with_a_mark_is_read() {
        let bytes: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("a;ü\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(shown(&bytes, &[]), [["a", "ü"]]);
    }

    #[test]
    fn a_workbook_that_is_called_csv_is_refused() {
        assert!(matches!(read(b"PK\x03\x04\0\0", &Answers::new()), Err(FileError::Unreadable(_))));
    }

    #[test]
    fn too_many_rows_are_refused() {
        let text = "1\n".repeat(ROWS_MAX + 1);
        assert!(matches!(read(text.as_bytes(), &Answers::new()), Err(FileError::TooLarge { what: "rows", .. })));
    }
}
