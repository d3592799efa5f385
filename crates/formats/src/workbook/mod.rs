//! A portfolio as a workbook (XLSX) whose figures are live formulas.
//!
//! What happened to a lot over the years is replayed by the engine and written as values, with a text beside them that
//! says where they come from. Everything from there on — values, buckets, expectations, lenses, and the reasons why one
//! has no number — is a formula that reads like its definition, with the engine's result as the cached value.
//!
//! A cell holds a double and shows 15 digits. Each value is rounded once, from the exact fraction; nothing here computes
//! with doubles, which the lint below keeps so.
//!
//! The sheets are described in `docs/reference/workbook.md`, a module each; `sheet` knows how one is written.

#![deny(clippy::float_arithmetic)]

mod book;
mod cases;
mod checks;
mod column;
mod companies;
mod error;
mod events;
mod lenses;
mod lots;
mod number;
mod sheet;
mod summary;
mod template;
mod text;

use std::panic::resume_unwind;
use std::thread;

use moic::{Evaluation, Portfolio};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use self::book::Book;
pub use self::error::WorkbookError;
use self::sheet::Written;
pub use self::sheet::{FIRST_DATE, ROWS_MAX};
pub use self::text::TEXT_LENGTH_MAX;

/// Of 1 to 9. Formulas repeat themselves, so that little effort already makes a file a fifth of its size, and more effort
/// would take longer than all the rest.
const COMPRESSION_LEVEL: u8 = 1;

/// Writes `portfolio` and its `evaluation` as an XLSX file. The same inputs give the same bytes: the file's dates are the
/// day the portfolio is evaluated as of.
///
/// Texts of the portfolio are never formulas, whatever they begin with; one longer than [`TEXT_LENGTH_MAX`] is cut.
///
/// # Errors
/// [`WorkbookError`] where a spreadsheet cannot hold the portfolio.
pub fn write(portfolio: &Portfolio, evaluation: &Evaluation<'_>) -> Result<Vec<u8>, WorkbookError> {
    let book = Book::of(portfolio, evaluation);
    book.check_rows()?;
    let mut workbook = Workbook::new();
    workbook.set_zip_compression_level(COMPRESSION_LEVEL);
    let as_of = portfolio.as_of();
    let created = u16::try_from(as_of.year())
        .ok()
        .and_then(|year| ExcelDateTime::from_ymd(year, as_of.month().unsigned_abs(), as_of.day().unsigned_abs()).ok())
        .ok_or(WorkbookError::DateTooEarly { sheet: summary::SHEET, date: as_of })?;
    let properties = DocProperties::new()
        .set_title("Lot-level MOIC, gross")
        .set_comment("Multiples on invested capital, gross of fund fees and carry, as formulas.")
        .set_creation_datetime(&created);
    workbook.set_properties(&properties);
    for written in write_sheets(&book) {
        let written = written?;
        workbook.push_worksheet(written.worksheet);
        for (name, range) in written.names {
            workbook.define_name(name, &range)?;
        }
    }
    Ok(workbook.save_to_buffer()?)
}

/// The sheets in the order of their tabs. None needs another, so each is written by a thread of its own.
fn write_sheets(book: &Book<'_, '_>) -> Vec<Result<Written, WorkbookError>> {
    let writers = [summary::write, companies::write, lots::write, events::write, cases::write, checks::write];
    thread::scope(|scope| {
        let running = writers.map(|write_sheet| scope.spawn(move || write_sheet(book)));
        running.map(|sheet| sheet.join().unwrap_or_else(|panic| resume_unwind(panic))).into()
    })
}
