//! `lotwise export`: a fund's facts as a file.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::ValueEnum;
use jiff::civil::Date;
use moic::quantity::parse_date;

use crate::failure::Failure;
use crate::output;
use crate::place::Place;

/// Write a fund as a portfolio document (JSON), its lots as CSV, or a workbook (XLSX)
#[derive(clap::Args)]
pub struct Arguments {
    /// Number of the fund
    #[arg(long, value_name = "ID")]
    fund: i64,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// As of this date instead of today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    as_of: Option<Date>,
    /// The file to write; standard output without it
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The portfolio document, which the import takes again
    Json,
    /// The lots, in the columns of the import template
    Csv,
    /// A workbook: with live formulas where the feature is on, otherwise the facts in the import template
    Xlsx,
}

impl Format {
    const fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

impl Arguments {
    /// Asks for the file and writes it.
    pub fn run(&self) -> Result<(), Failure> {
        if self.format == Format::Xlsx && self.output.is_none() && io::stdout().is_terminal() {
            return Err(Failure::bad_input("a workbook is no text", "add --output FILE.xlsx".to_owned()));
        }
        let api = self.place.api()?;
        let as_of = self.as_of.map(|date| format!("?asOf={date}")).unwrap_or_default();
        let path = format!("/api/funds/{}/export.{}{as_of}", self.fund, self.format.extension());
        let bytes = api.download(&path)?;
        output::write(self.output.as_deref(), |out| out.write_all(&bytes))
    }
}
