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
    /// What a workbook holds; without it the lenses, where the feature is on
    #[arg(long, value_enum)]
    content: Option<Content>,
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

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Content {
    /// Live formulas of all lenses
    Lenses,
    /// The facts in the import template, which the import takes again
    Facts,
}

impl Content {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Lenses => "lenses",
            Self::Facts => "facts",
        }
    }
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
        if self.content.is_some() && self.format != Format::Xlsx {
            let hint = "JSON and CSV always hold the facts; add --format xlsx, or leave --content out".to_owned();
            return Err(Failure::bad_input("--content is about workbooks", hint));
        }
        let api = self.place.api()?;
        let as_of = self.as_of.map(|date| format!("asOf={date}"));
        let content = self.content.map(|content| format!("content={}", content.as_str()));
        let query = as_of.into_iter().chain(content).collect::<Vec<_>>().join("&");
        let path = format!("/api/funds/{}/export.{}?{query}", self.fund, self.format.extension());
        let bytes = api.download(&path)?;
        output::write(self.output.as_deref(), |out| out.write_all(&bytes))
    }
}
