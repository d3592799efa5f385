//! What a backup or a restore did.

use std::io::Write;
use std::time::Duration;

use serde_json::json;
use store::backup::Contents;

use super::checksum::Checksum;
use crate::failure::Failure;
use crate::place;

/// What was copied, from where to where.
pub struct Report<'r> {
    /// `Backed up` or `Restored`.
    pub what: &'static str,
    /// The database or file that was read.
    pub from: &'r str,
    /// The file or database that was written.
    pub to: &'r str,
    /// What it holds.
    pub contents: &'r Contents,
    /// Length and checksum of the file.
    pub sum: &'r Checksum,
    /// How long it took.
    pub took: Duration,
}

impl Report<'_> {
    /// Prints it, as text or JSON.
    pub fn print(&self, json: bool) -> Result<(), Failure> {
        let Self { what, from, to, contents, sum, took } = self;
        let (rows, seconds) = (contents.rows(), took.as_secs_f64());
        let answer = json!({
            "from": from,
            "to": to,
            "schemaVersion": contents.schema_version,
            "tables": contents.tables,
            "rows": rows,
            "bytes": sum.bytes,
            "sha256": sum.sha256,
            "seconds": seconds,
        });
        place::print(json, &answer, |_, out| {
            writeln!(out, "{what} {from} to {to} in {seconds:.1} s")?;
            for (table, rows) in contents.tables.iter().filter(|(_, rows)| **rows > 0) {
                writeln!(out, "  {table:<32} {rows:>10}")?;
            }
            let (tables, version, bytes) = (contents.tables.len(), contents.schema_version, sum.bytes);
            writeln!(
                out,
                "{rows} rows in {tables} tables of schema version {version}; {bytes} bytes, SHA-256 {}",
                sum.sha256
            )
        })
    }
}
