//! What the sheets and columns of a spreadsheet mean, said on the command line.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use formats::template::Mapping;
use serde_json::{Value, json};
use ureq::http::Method;

use crate::api_client::ApiClient;
use crate::failure::Failure;

/// What spreadsheets mean.
#[derive(clap::Args)]
pub struct Columns {
    /// What the sheets and columns mean, as JSON with sheets, columns and answers; kept for the fund
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// A column by what it means, as in "shares=No. of shares"; of a workbook "Lots!shares=No. of shares"; kept for the fund
    #[arg(long = "column", value_name = "[SHEET!]FIELD=HEADER", value_parser = column)]
    columns: Vec<Column>,
}

/// A column of a sheet with its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    /// The sheet's name; of a CSV file nothing.
    sheet: String,
    field: String,
    header: String,
}

fn column(text: &str) -> Result<Column, String> {
    let (field, header) = text.split_once('=').ok_or("write FIELD=HEADER, as in \"shares=No. of shares\"")?;
    let (sheet, field) = field.rsplit_once('!').unwrap_or(("", field));
    let (sheet, field, header) = (sheet.to_owned(), field.trim().to_owned(), header.trim().to_owned());
    if field.is_empty() || header.is_empty() {
        return Err("write FIELD=HEADER, as in \"shares=No. of shares\"".to_owned());
    }
    Ok(Column { sheet, field, header })
}

impl Columns {
    /// What is said, on top of `kept`, which a file replaces.
    ///
    /// # Errors
    /// Bad input when the file is no mapping.
    pub fn over(&self, kept: Mapping) -> Result<Mapping, Failure> {
        let mut mapping = match &self.mapping {
            Some(file) => read(file)?,
            None => kept,
        };
        for Column { sheet, field, header } in &self.columns {
            mapping.columns.entry(sheet.clone()).or_default().insert(header.clone(), field.clone());
        }
        Ok(mapping)
    }

    /// Keeps what is said for the fund: for this and all later files, as the pages do.
    ///
    /// # Errors
    /// Those of the file and of the API, which names what it does not know.
    pub fn keep(&self, api: &ApiClient, fund: i64) -> Result<(), Failure> {
        if self.mapping.is_none() && self.columns.is_empty() {
            return Ok(());
        }
        let path = format!("/api/funds/{fund}/import-mapping");
        let mut stored = api.get(&path)?.successful()?.json()?;
        let version = stored.as_object_mut().and_then(|stored| stored.remove("version")).unwrap_or(json!(0));
        let kept: Mapping =
            serde_json::from_value(stored).context("the server's mapping is not known to this version")?;
        let said = self.over(kept.clone())?;
        if said == kept {
            return Ok(());
        }
        let mut body = serde_json::to_value(&said).context("cannot write the mapping")?;
        if let Value::Object(fields) = &mut body {
            fields.insert("version".to_owned(), version);
        }
        api.send(&Method::PUT, &path, Some(&body.to_string()))?.successful()?;
        let _ = writeln!(io::stderr().lock(), "The meaning of the columns is kept for fund {fund}.");
        Ok(())
    }
}

fn read(file: &Path) -> Result<Mapping, Failure> {
    let refused = |error: String| {
        let hint =
            "a mapping is an object with sheets, columns and answers; docs/reference/import.md shows one".to_owned();
        Failure::bad_input(format!("{}: {error}", file.display()), hint)
    };
    let bytes = std::fs::read(file).map_err(|error| refused(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| refused(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_said_with_or_without_its_sheet() {
        let said = |sheet: &str, field: &str, header: &str| Column {
            sheet: sheet.to_owned(),
            field: field.to_owned(),
            header: header.to_owned(),
        };
        assert_eq!(column("shares=No. of shares").unwrap(), said("", "shares", "No. of shares"));
        assert_eq!(column("Our lots!cost=Cost = paid").unwrap(), said("Our lots", "cost", "Cost = paid"));
        for wrong in ["shares", "=Shares", "shares=", "Lots!=x"] {
            assert!(column(wrong).is_err(), "{wrong}");
        }
    }
}
