//! Tables as files have them: sheets of rows of cells, read from CSV or XLSX within limits and with nothing interpreted.

mod csv;
mod unpacked;
mod xlsx;

use jiff::civil::Date;

use crate::archive;
use crate::draft::{Answers, Question};
use crate::place::{Place, Problem};
use crate::problems::Problems;

/// Bytes of a file that is read.
pub const FILE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Rows of a sheet, empty ones between full ones included.
pub const ROWS_MAX: usize = 200_000;
/// Columns of a sheet.
pub const COLUMNS_MAX: usize = 200;
/// Cells with something in them, of a whole file.
pub const CELLS_MAX: usize = 5_000_000;
/// Sheets of a workbook.
pub const SHEETS_MAX: usize = 50;
/// Bytes of the text of one cell; Excel allows 32,767 characters.
pub const CELL_BYTES_MAX: usize = 128 * 1024;

/// A sheet of a workbook, or the one table of a CSV file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The sheet's name; of a CSV file nothing.
    pub name: Option<String>,
    /// The rows from the first on, empty ones included, so that the position tells the row.
    pub rows: Vec<Vec<Cell>>,
}

/// What stands in a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text as it was typed.
    Text(Box<str>),
    /// A number of a workbook, as a decimal of at most 15 significant digits: what a spreadsheet shows of its doubles.
    Number(Box<str>),
    /// A cell that the workbook formats as a date.
    Date(Date),
    /// A formula that failed, as in `#REF!`.
    Error(Box<str>),
}

impl Cell {
    /// Whether nothing stands there, white space not counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Date(_) | Self::Error(_) => false,
        }
    }

    /// What a person sees in it, without white space around it.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Number(text) | Self::Error(text) => text.trim().to_owned(),
            Self::Date(date) => date.to_string(),
        }
    }
}

impl Table {
    /// The place of a row, counted from 0 here and from 1 in it.
    pub(crate) fn place(&self, row: usize) -> Place {
        Place {
            sheet: self.name.clone(),
            row: u32::try_from(row).ok().and_then(|row| row.checked_add(1)),
            ..Place::default()
        }
    }
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Comma-separated values, or with semicolons or tabulators.
    Csv,
    /// An Office Open XML workbook.
    Xlsx,
}

/// The tables of a file, with what is to be said of them before they are looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tables {
    /// The tables that people see, in order.
    pub tables: Vec<Table>,
    /// What is wrong with single cells or sheets.
    pub problems: Problems,
    /// What was left out.
    pub warnings: Vec<Problem>,
    /// What has to be answered before the file can be read.
    pub questions: Vec<Question>,
}

/// Why a file could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// More than a limit of this module.
    #[error("the file has more than {limit} {what}; split it into several and import them one after the other")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much is accepted.
        limit: u64,
    },
    /// Not what it should be.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
}

impl FileError {
    pub(crate) fn too_large(what: &'static str, limit: usize) -> Self {
        Self::TooLarge { what, limit: u64::try_from(limit).unwrap_or(u64::MAX) }
    }
}

/// The letters of a column, counted from 0: A, B, … Z, AA.
pub(crate) fn column_letters(mut column: u32) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A'.saturating_add(u8::try_from(column % 26).unwrap_or(0))));
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    letters.iter().rev().collect()
}

/// Whether an archive is a workbook: every one lists its content types. What cannot be opened is none.
pub(crate) fn is_workbook(bytes: &[u8]) -> bool {
    const CONTENT_TYPES: &str = "[Content_Types].xml";
    archive::open(bytes).is_ok_and(|mut archive| archive.by_name(CONTENT_TYPES).is_ok())
}

/// Reads the tables of a file.
///
/// # Errors
/// [`FileError`] when it is too large or not such a file.
pub fn read(kind: FileKind, bytes: &[u8], answers: &Answers) -> Result<Tables, FileError> {
    match kind {
        FileKind::Csv => csv::read(bytes, answers),
        // The reader of workbooks computes with the references it finds, and panics on impossible ones.
        FileKind::Xlsx => std::panic::catch_unwind(|| xlsx::read(bytes)).unwrap_or_else(|_| {
            Err(FileError::Unreadable("the workbook is broken: a cell has an impossible reference".to_owned()))
        }),
    }
}
