//! A workbook as it is read back: sheets of cells, columns by their headers.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};

/// The sheets in the order of their tabs.
pub const SHEETS: [&str; 6] = ["Summary", "Companies", "Lots", "Events", "Cases", "Checks"];
/// The row of the headers, counted from 0.
const HEADER_ROW: usize = 2;

/// A workbook that was read.
pub struct Grid {
    sheets: BTreeMap<&'static str, Range<Data>>,
}

/// What a cell shows, as far as it can be compared.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    Nothing,
    Text(String),
    Number(f64),
    Error(String),
}

impl Grid {
    pub fn read(bytes: &[u8]) -> Self {
        let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
        assert_eq!(workbook.sheet_names(), SHEETS);
        let sheets = SHEETS.map(|name| (name, workbook.worksheet_range(name).expect("a sheet")));
        Self { sheets: sheets.into() }
    }

    /// The cell at a row and column, counted from 0.
    pub fn at(&self, sheet: &str, row: usize, column: usize) -> Shown {
        let position = (u32::try_from(row).expect("a row"), u32::try_from(column).expect("a column"));
        match self.sheets[sheet].get_value(position) {
            None | Some(Data::Empty) => Shown::Nothing,
            Some(Data::String(text)) if text.is_empty() => Shown::Nothing,
            Some(Data::String(text)) => Shown::Text(text.clone()),
            Some(Data::Float(number)) => Shown::Number(*number),
            Some(Data::Int(number)) => Shown::Number(f64::from(i32::try_from(*number).expect("a small number"))),
            Some(Data::DateTime(date)) => Shown::Number(date.as_f64()),
            Some(other) => Shown::Error(format!("{other:?}")),
        }
    }

    /// Rows and columns of a sheet.
    pub fn size(&self, sheet: &str) -> (usize, usize) {
        let (row, column) = self.sheets[sheet].end().expect("no sheet is empty");
        (usize::try_from(row).expect("a row") + 1, usize::try_from(column).expect("a column") + 1)
    }

    /// The first column under the header `head`.
    pub fn column(&self, sheet: &str, head: &str) -> usize {
        let heads =
            (0..self.size(sheet).1).find(|column| self.at(sheet, HEADER_ROW, *column) == Shown::Text(head.to_owned()));
        heads.unwrap_or_else(|| panic!("{sheet} has no column {head}"))
    }

    /// The rows of the table.
    pub fn rows(&self, sheet: &str) -> std::ops::Range<usize> {
        HEADER_ROW + 1..self.size(sheet).0
    }

    /// The figure to the right of `label` in Summary's list of choices.
    pub fn choice(&self, label: &str) -> Shown {
        let (rows, columns) = self.size("Summary");
        let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let (row, column) = cells
            .into_iter()
            .find(|(row, column)| self.at("Summary", *row, *column) == Shown::Text(label.to_owned()))
            .unwrap_or_else(|| panic!("Summary has no {label}"));
        self.at("Summary", row, column + 1)
    }
}
