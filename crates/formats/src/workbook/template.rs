//! Formulas with names for the cells of their own row: `IF([cost]=0,"n/a",[value]/[cost])`.

use rust_xlsxwriter::Formula;

/// A formula that is written once and used in many rows.
#[derive(Clone, Debug)]
pub(super) struct Template {
    /// Text, and the column whose cell follows it.
    pieces: Vec<(String, Option<String>)>,
    /// About how long a formula becomes.
    length: usize,
}

/// Characters that a cell's name takes at most, as in `BK1048576`.
const CELL_NAME_LENGTH: usize = 9;

impl Template {
    /// Reads `formula`; `column_of` gives the letters of a column by its key.
    pub(super) fn new(formula: &str, column_of: impl Fn(&str) -> Option<String>) -> Self {
        let mut pieces = Vec::new();
        let mut rest = formula;
        while let Some((text, after)) = rest.split_once('[') {
            let Some((key, after)) = after.split_once(']') else { break };
            let column = column_of(key);
            debug_assert!(column.is_some(), "the formula {formula} names a column that is not there: {key}");
            pieces.push((text.to_owned(), column));
            rest = after;
        }
        pieces.push((rest.to_owned(), None));
        let length = pieces.iter().map(|(text, _)| text.len().saturating_add(CELL_NAME_LENGTH)).sum();
        Self { pieces, length }
    }

    /// The formula in a row, counted from 1, with the result that was computed for it.
    pub(super) fn in_row(&self, row: u32, result: String) -> Formula {
        Formula::new(self.text("", row)).set_result(result)
    }

    /// The formula for a range whose first row is `row`, counted from 1: its columns stay, its rows follow.
    pub(super) fn in_column(&self, row: u32) -> String {
        self.text("$", row)
    }

    fn text(&self, before_column: &str, row: u32) -> String {
        let mut digits = String::new();
        let mut formula = String::with_capacity(self.length);
        for (text, column) in &self.pieces {
            formula.push_str(text);
            if let Some(column) = column {
                if digits.is_empty() {
                    digits = row.to_string();
                }
                formula.push_str(before_column);
                formula.push_str(column);
                formula.push_str(&digits);
            }
        }
        formula
    }
}

/// The letters of a column, counted from 0: A, B, … Z, AA.
pub(super) fn letters(column: u16) -> String {
    crate::table::column_letters(column.into())
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn columns_have_letters() {
        let known = [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")];
        for (column, expected) in known {
            assert_eq!(letters(column), expected);
        }
    }
}
