//! Where in a file a value stands, and what is wrong with it there.

use std::fmt;

use serde::Serialize;

/// A place in a file: as far as the format has sheets, rows, columns or objects.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// The sheet of a workbook, or the file of a package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The row as spreadsheets count it, from 1 with the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// The id of an object of a package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The column by its header, or the field of an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

impl Place {
    /// The same place in another column.
    #[must_use]
    pub fn in_column(&self, column: &str) -> Self {
        Self { column: Some(column.to_owned()), ..self.clone() }
    }
}

/// `Lots, row 12, Shares` or `Transactions.ocf.json, object 7d1f, quantity`; `the file` where nothing is known.
impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.row.map(|row| format!("row {row}"));
        let object = self.object.as_ref().map(|object| format!("object {object}"));
        let parts: Vec<&str> =
            [&self.sheet, &row, &object, &self.column].into_iter().filter_map(|part| part.as_deref()).collect();
        if parts.is_empty() { out.write_str("the file") } else { out.write_str(&parts.join(", ")) }
    }
}

/// One thing that is wrong with a file, or worth knowing of it: where, what stands there, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Problem {
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
    /// The value as it was written, cut after [`moic::Problem::VALUE_LENGTH_MAX`] characters; `(absent)` where something
    /// is missing.
    pub value: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Problem {
    /// A problem at `place`; a long `value` is cut.
    pub fn new(place: Place, value: impl Into<String>, message: impl Into<String>) -> Self {
        let moic::Problem { value, message, .. } = moic::Problem::new("", value, message);
        Self { place, value, message }
    }
}
