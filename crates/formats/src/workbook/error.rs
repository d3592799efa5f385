//! Why a portfolio cannot be a workbook.

use jiff::civil::Date;

use super::sheet::ROWS_MAX;

/// What a spreadsheet cannot hold.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// More rows than a sheet has.
    #[error(
        "the sheet {sheet} would need more than {ROWS_MAX} rows, which is all a spreadsheet has; evaluate fewer companies at once, or use JSON or CSV"
    )]
    TooManyRows {
        /// The sheet.
        sheet: &'static str,
    },
    /// A date before the first that spreadsheets know.
    #[error(
        "the sheet {sheet} would need the date {date}, but dates of spreadsheets begin on 1900-03-01; correct the date"
    )]
    DateTooEarly {
        /// The sheet.
        sheet: &'static str,
        /// The date.
        date: Date,
    },
    /// A number that a double cannot hold.
    #[error("the sheet {sheet}, row {row}, {column} would need a number above 9.99e307, which no cell can hold")]
    NumberTooLarge {
        /// The sheet.
        sheet: &'static str,
        /// The row as spreadsheets count it, from 1.
        row: u32,
        /// The column by its header.
        column: String,
    },
    /// The writer refused for another reason.
    #[error("the workbook could not be written: {0}")]
    Writer(#[from] rust_xlsxwriter::XlsxError),
}
