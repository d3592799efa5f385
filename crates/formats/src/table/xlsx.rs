//! XLSX: cells streamed one by one, so that a sheet whose corners are far apart costs what it holds and not what it spans.

use std::io::Cursor;

use calamine::{DataRef, Dimensions, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};
use jiff::civil::Date;

use super::{
    CELL_BYTES_MAX, CELLS_MAX, COLUMNS_MAX, Cell, FileError, ROWS_MAX, SHEETS_MAX, Table, Tables, column_letters,
    unpacked,
};
use crate::place::{Place, Problem};
use crate::problems::Problems;

/// Significant digits of a double that a spreadsheet shows.
const DIGITS_AFTER_THE_FIRST: usize = 14;
/// Merged cells of a sheet that are named one by one.
const MERGED_NAMED_MAX: usize = 20;

/// Characters of a value that is not read.
const VALUE_CHARACTERS_SHOWN: usize = 120;

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;

pub(super) fn read(bytes: &[u8]) -> Result<Tables, FileError> {
    refuse_other_workbooks(bytes)?;
    let names = unpacked::checked_names(bytes)?;
    let mut book: Book<'_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let mut tables = Tables::default();
    note_what_is_not_read(&names, &mut tables.warnings);
    let sheets = book.sheets_metadata().to_vec();
    if sheets.len() > SHEETS_MAX {
        return Err(FileError::too_large("sheets", SHEETS_MAX));
    }
    let mut cells = 0;
    for sheet in sheets {
        let place = Place { sheet: Some(sheet.name.clone()), ..Place::default() };
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        if sheet.visible != SheetVisible::Visible {
            let message = "the sheet is hidden, so it is not read; unhide it if it belongs to the import";
            tables.warnings.push(Problem::new(place, "", message));
            continue;
        }
        let table = sheet_cells(&mut book, &sheet.name, &mut cells, &mut tables.problems)?;
        note_merged_cells(&mut book, &table, &mut tables.problems)?;
        tables.tables.push(table);
    }
    Ok(tables)
}

fn unreadable(error: calamine::XlsxError) -> FileError {
    match error {
        calamine::XlsxError::Password => {
            FileError::Unreadable("the workbook is protected by a password; save it without one".to_owned())
        }
        other => FileError::Unreadable(format!("the workbook is broken ({other})")),
    }
}

fn refuse_other_workbooks(bytes: &[u8]) -> Result<(), FileError> {
    const OLE: &[u8] = b"\xd0\xcf\x11\xe0";
    if bytes.starts_with(OLE) {
        let message = "it is an old .xls workbook, or one with a password; save it as .xlsx without a password";
        return Err(FileError::Unreadable(message.to_owned()));
    }
    if !bytes.starts_with(b"PK") {
        return Err(FileError::Unreadable("it is no .xlsx workbook; save it as .xlsx or as CSV".to_owned()));
    }
    Ok(())
}

fn note_what_is_not_read(names: &[String], warnings: &mut Vec<Problem>) {
    let has = |part: &str| names.iter().any(|name| name.contains(part));
    for (part, message) in [
        ("vbaProject", "the workbook has macros: they are neither run nor kept, only the values of cells are read"),
        (
            "externalLinks/",
            "the workbook refers to other files: the values that it showed when it was saved are read, and nothing is fetched",
        ),
    ] {
        if has(part) {
            warnings.push(Problem::new(Place::default(), "", message));
        }
    }
}

fn sheet_cells(
    book: &mut Book<'_>,
    name: &str,
    cells: &mut usize,
    problems: &mut Problems,
) -> Result<Table, FileError> {
    let mut table = Table { name: Some(name.to_owned()), rows: Vec::new() };
    let mut reader = book.worksheet_cells_reader(name).map_err(unreadable)?;
    while let Some(found) = reader.next_cell().map_err(unreadable)? {
        let (row, column) = found.get_position();
        let (Ok(row), Ok(column)) = (usize::try_from(row), usize::try_from(column)) else { continue };
        let cell = match cell(found.get_value()) {
            Ok(Cell::Empty) => continue,
            Ok(cell) => cell,
            Err(message) => {
                problems.push(Problem::new(table.place(row), shown(found.get_value()), message));
                continue;
            }
        };
        if row >= ROWS_MAX {
            return Err(FileError::too_large("rows", ROWS_MAX));
        }
        if column >= COLUMNS_MAX {
            return Err(FileError::too_large("columns", COLUMNS_MAX));
        }
        // Empty cells before it are kept, too, and cost as much.
        let width = table.rows.get(row).map_or(0, Vec::len);
        *cells = cells.saturating_add(column.saturating_add(1).saturating_sub(width).max(1));
        if *cells > CELLS_MAX {
            return Err(FileError::too_large("cells, empty ones before full ones included", CELLS_MAX));
        }
        put(&mut table.rows, row, column, cell);
    }
    Ok(table)
}

/// The beginning of a value that is not read, for whoever looks for it.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => beginning(text),
        DataRef::SharedString(text) => beginning(text),
        DataRef::Float(value) => value.to_string(),
        DataRef::DateTime(value) => value.as_f64().to_string(),
        DataRef::Int(_) | DataRef::Bool(_) | DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn beginning(text: &str) -> String {
    text.chars().take(VALUE_CHARACTERS_SHOWN).collect()
}

fn put(rows: &mut Vec<Vec<Cell>>, row: usize, column: usize, cell: Cell) {
    if rows.len() <= row {
        rows.resize_with(row.saturating_add(1), Vec::new);
    }
    let Some(cells) = rows.get_mut(row) else { return };
    if cells.len() <= column {
        cells.resize_with(column.saturating_add(1), Cell::default);
    }
    if let Some(place) = cells.get_mut(column) {
        *place = cell;
    }
}

fn cell(value: &DataRef<'_>) -> Result<Cell, String> {
    let text = |text: &str| {
        if text.len() > CELL_BYTES_MAX {
            return Err(format!("the cell has more than {CELL_BYTES_MAX} bytes of text"));
        }
        Ok(if text.trim().is_empty() { Cell::Empty } else { Cell::Text(text.into()) })
    };
    match value {
        DataRef::Empty => Ok(Cell::Empty),
        DataRef::String(value) => text(value),
        DataRef::SharedString(value) => text(value),
        DataRef::Int(value) => Ok(Cell::Number(value.to_string().into())),
        DataRef::Float(value) => decimal(*value).map(|text| Cell::Number(text.into())),
        DataRef::Bool(value) => Ok(Cell::Text(if *value { "TRUE" } else { "FALSE" }.into())),
        DataRef::DateTime(value) => date(value).map(Cell::Date),
        DataRef::DateTimeIso(value) | DataRef::DurationIso(value) => text(value),
        DataRef::Error(error) => Ok(Cell::Error(error.to_string().into())),
    }
}

fn date(value: &ExcelDateTime) -> Result<Date, String> {
    let refused = || format!("{} is formatted as a date and is none; format the cell as a number", value.as_f64());
    if !value.is_datetime() {
        return Err(refused());
    }
    let (year, month, day, ..) = value.to_ymd_hms_milli();
    let narrow = |part: u8| i8::try_from(part).ok();
    let parts = i16::try_from(year).ok().zip(narrow(month)).zip(narrow(day));
    parts.and_then(|((year, month), day)| Date::new(year, month, day).ok()).ok_or_else(refused)
}

/// The decimal of 15 significant digits that a spreadsheet shows for a double: `0.1 + 0.2` is 0.3 there. Only its text is
/// used from here on, so nothing is computed in binary floating point.
fn decimal(value: f64) -> Result<String, String> {
    let unusable = || format!("{value} is no number that can be read");
    let scientific = format!("{value:.DIGITS_AFTER_THE_FIRST$e}");
    let (mantissa, exponent) = scientific.split_once('e').ok_or_else(unusable)?;
    let exponent: i32 = exponent.parse().map_err(|_| unusable())?;
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return Ok("0".to_owned());
    }
    // Beyond these no amount, share count or price is left.
    if !(-30..=30).contains(&exponent) {
        return Err(unusable());
    }
    let whole_length = usize::try_from(exponent.saturating_add(1)).unwrap_or(0);
    if whole_length == 0 {
        let zeros = usize::try_from(exponent.saturating_add(1).unsigned_abs()).unwrap_or(0);
        return Ok(format!("{sign}0.{}{digits}", "0".repeat(zeros)));
    }
    if digits.len() <= whole_length {
        return Ok(format!("{sign}{digits}{}", "0".repeat(whole_length.saturating_sub(digits.len()))));
    }
    let (whole, decimals) = digits.split_at(whole_length);
    Ok(format!("{sign}{whole}.{decimals}"))
}

/// A merged cell has its value in its first cell alone: every other row of it would be read as empty.
fn note_merged_cells(book: &mut Book<'_>, table: &Table, problems: &mut Problems) -> Result<(), FileError> {
    let Some(name) = &table.name else { return Ok(()) };
    let merged = book.merge_cells_by_sheet_name(name).map_err(unreadable)?;
    let down = merged.iter().filter(|region| region.end.0 > region.start.0);
    for region in down.take(MERGED_NAMED_MAX) {
        let Ok(row) = usize::try_from(region.start.0) else { continue };
        let message = "cells are merged over several rows, so that all but the first are empty; unmerge them and repeat the \
            value in every row";
        problems.push(Problem::new(table.place(row), range(region), message));
    }
    Ok(())
}

/// `A2:B5`.
fn range(region: &Dimensions) -> String {
    let corner = |(row, column): (u32, u32)| format!("{}{}", column_letters(column), row.saturating_add(1));
    format!("{}:{}", corner(region.start), corner(region.end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_xlsxwriter::{Format, Workbook};

    #[test]
    fn doubles_are_read_as_the_decimals_that_spreadsheets_show() {
        for (value, text) in [
            (650.407, "650.407"),
            (0.1 + 0.2, "0.3"),
            (2_500_000.76, "2500000.76"),
            (-1.5, "-1.5"),
            (0.0, "0"),
            (-0.0, "0"),
            (1e15, "1000000000000000"),
            (0.000_012_5, "0.0000125"),
            (518_138.294_565, "518138.294565"),
            (123_456_789_012_345_680.0, "123456789012346000"),
        ] {
            assert_eq!(decimal(value).unwrap(), text);
        }
        assert!(decimal(f64::NAN).is_err());
        assert!(decimal(1e300).is_err());
    }

    #[test]
    fn columns_are_named_by_letters() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(column_letters(column), name);
        }
    }

    fn workbook(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
        let mut book = Workbook::new();
        fill(&mut book);
        book.save_to_buffer().unwrap()
    }

    #[test]
    fn cells_keep_their_rows_and_kinds() {
        let bytes = workbook(|book| {
            let sheet = book.add_worksheet().set_name("Lots").unwrap();
            sheet.write(0, 0, "Company").unwrap();
            sheet.write(3, 1, 6.50407).unwrap();
            let format = Format::new().set_num_format("yyyy-mm-dd");
            let date = rust_xlsxwriter::ExcelDateTime::from_ymd(2022, 1, 31).unwrap();
            sheet.write_with_format(3, 2, &date, &format).unwrap();
        });
        let tables = read(&bytes).unwrap();
        let table = &tables.tables[0];
        assert_eq!(table.name.as_deref(), Some("Lots"));
        assert_eq!(table.rows.len(), 4);
        assert_eq!(table.rows[3][1], Cell::Number("6.50407".into()));
        assert_eq!(table.rows[3][2], Cell::Date(Date::constant(2022, 1, 31)));
    }

    #[test]
    fn a_cell_in_the_far_corner_costs_nothing_and_is_refused() {
        let bytes = workbook(|book| {
            let sheet = book.add_worksheet();
            sheet.write(0, 0, "Company").unwrap();
            sheet.write(1_048_575, 16_383, "far").unwrap();
        });
        assert!(matches!(read(&bytes), Err(FileError::TooLarge { what: "rows", .. })));
    }

    #[test]
    fn hidden_sheets_and_merged_rows_are_named() {
        let bytes = workbook(|book| {
            let sheet = book.add_worksheet();
            sheet.merge_range(1, 0, 4, 0, "Alpha", &Format::new()).unwrap();
            sheet.merge_range(0, 0, 0, 3, "Title", &Format::new()).unwrap();
            let hidden = book.add_worksheet().set_name("Old").unwrap();
            hidden.write(0, 0, "secret").unwrap();
            hidden.set_hidden(true);
        });
        let tables = read(&bytes).unwrap();
        assert_eq!(tables.tables.len(), 1);
        assert_eq!(tables.problems.count(), 1);
        assert_eq!(tables.problems.into_listed().0[0].value, "A2:A5");
        assert_eq!(tables.warnings[0].place.sheet.as_deref(), Some("Old"));
    }

    #[test]
    fn what_is_no_workbook_is_refused_with_what_to_do() {
        for bytes in [&b"\xd0\xcf\x11\xe0rest"[..], b"a,b\n1,2", b"PK\x03\x04broken"] {
            assert!(matches!(read(bytes), Err(FileError::Unreadable(_))));
        }
    }
}
