//! `lotwise restore`: a backup back into a new database, checked before it is called done.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use server::Clock;
use store::backup::{self, Contents};
use store::{DatabaseUrl, StoreError, StoreOptions};

use super::backup::checksum::Checksum;
use super::backup::finished::Unfinished;
use super::backup::report::Report;
use super::backup::{parsed, postgres_tools};
use crate::failure::Failure;
use crate::system_clock::SystemClock;

/// How a SQLite database begins.
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";
/// How an archive of `pg_dump --format=custom` begins.
const POSTGRES_MAGIC: &[u8] = b"PGDMP";
/// Files that SQLite would take for the rest of a new database if they lay beside it.
const LEFTOVERS: [&str; 2] = ["-wal", "-journal"];

/// Put a backup into a new database, and check all of it
#[derive(clap::Args)]
pub struct Arguments {
    /// The file that lotwise backup wrote, with its FILE.sha256 beside it
    file: PathBuf,
    /// The database to make: a new file, sqlite:PATH, or an empty database of PostgreSQL, postgres://…
    #[arg(long, value_name = "URL")]
    into: String,
    /// Take a file whose .sha256 is lost, though nobody can tell whether it is as it was written
    #[arg(long)]
    without_checksum: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Makes the database, or leaves everything as it was.
    pub fn run(&self) -> Result<(), Failure> {
        let clock = SystemClock::start();
        let into = parsed(&self.into)?;
        let (contents, sum) = match (kind(&self.file)?, &into) {
            (Kind::Sqlite, DatabaseUrl::Sqlite(path)) => self.put_into_sqlite(path)?,
            (Kind::Postgres, DatabaseUrl::Postgres(url)) => self.put_into_postgres(url, &into)?,
            (kind, _) => {
                let (is, place) = match kind {
                    Kind::Sqlite => ("SQLite", "sqlite:PATH"),
                    Kind::Postgres => ("PostgreSQL", "postgres://USER:PASSWORD@HOST/DATABASE"),
                };
                let message = format!("{} is a backup of {is} and cannot be put into {into}", self.file.display());
                return Err(Failure::bad_input(message, format!("name a database of the same kind: --into {place}")));
            }
        };
        let (from, to) = (self.file.display().to_string(), into.to_string());
        Report { what: "Restored", from: &from, to: &to, contents: &contents, sum: &sum, took: clock.monotonic() }
            .print(self.json)
    }

    fn put_into_sqlite(&self, path: &Path) -> Result<(Contents, Checksum), Failure> {
        let was_there = refuse_occupied(path)?;
        let file = Unfinished::in_place_of(path)?;
        let _lock = backup::lock_sqlite(path)?;
        let from = File::open(&self.file).with_context(|| format!("cannot read {}", self.file.display()))?;
        let sum = Checksum::of_copy(from, &mut file.as_file())
            .with_context(|| format!("cannot copy {} to {}", self.file.display(), path.display()))?;
        self.compare(&sum)?;
        let contents = trusted(backup::check_sqlite(file.path()).map_err(|error| self.unusable(error))?)?;
        if was_there { file.keep_instead() } else { file.keep() }?;
        Ok((contents, sum))
    }

    fn put_into_postgres(&self, url: &str, into: &DatabaseUrl) -> Result<(Contents, Checksum), Failure> {
        let sum = Checksum::of(&self.file).with_context(|| format!("cannot read {}", self.file.display()))?;
        self.compare(&sum)?;
        let options = StoreOptions::default();
        backup::refuse_occupied_postgres(url, &options).map_err(|error| match error {
            StoreError::Unusable(message) => Failure::refused(
                format!("cannot restore into {into}: {message}"),
                "a restore never overwrites: make a new database, as with createdb NAME, and name it with --into"
                    .to_owned(),
            ),
            other => other.into(),
        })?;
        let server_version = backup::postgres_server_version(url, &options)?;
        postgres_tools::restore(&self.file, server_version, into)?;
        Ok((trusted(backup::check_postgres(url, &options)?)?, sum))
    }

    fn compare(&self, sum: &Checksum) -> Result<(), Failure> {
        if self.without_checksum { Ok(()) } else { sum.must_match(&self.file) }
    }

    /// A fault that was found in the copy is one of the file it was copied from.
    fn unusable(&self, error: StoreError) -> Failure {
        match error {
            StoreError::Unusable(message) => Failure::refused(
                format!("{} cannot be restored: {message}", self.file.display()),
                "take another copy of the file, or an earlier backup; nothing was changed".to_owned(),
            ),
            other => other.into(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

fn kind(file: &Path) -> Result<Kind, Failure> {
    let mut beginning = Vec::new();
    let length = SQLITE_MAGIC.len() as u64;
    File::open(file)
        .and_then(|opened| opened.take(length).read_to_end(&mut beginning))
        .map_err(|error| Failure::bad_input(format!("cannot read {}: {error}", file.display()), None))?;
    if beginning.starts_with(SQLITE_MAGIC) {
        return Ok(Kind::Sqlite);
    }
    if beginning.starts_with(POSTGRES_MAGIC) {
        return Ok(Kind::Postgres);
    }
    let hint =
        "name a file that lotwise backup wrote; one that was written and begins differently is damaged".to_owned();
    Err(Failure::bad_input(format!("{} is no backup", file.display()), hint))
}

/// Refuses a place that is taken; true when an empty file is there.
fn refuse_occupied(path: &Path) -> Result<bool, Failure> {
    let was_there = match fs::metadata(path) {
        Err(_) => false,
        Ok(found) if found.is_file() && found.len() == 0 => true,
        Ok(_) => {
            let hint = "a restore never overwrites: name a new file with --into, or move this one away".to_owned();
            return Err(Failure::refused(format!("{} exists and is not empty", path.display()), hint));
        }
    };
    for leftover in LEFTOVERS {
        let mut beside = OsString::from(path);
        beside.push(leftover);
        if fs::metadata(&beside).is_ok_and(|found| found.len() > 0) {
            let hint = "it belongs to the database that was there before: move it away with that, or name another file"
                .to_owned();
            return Err(Failure::refused(format!("{} is in the way", Path::new(&beside).display()), hint));
        }
    }
    Ok(was_there)
}

/// Refuses a database whose audit log was tampered with.
fn trusted(contents: Contents) -> Result<Contents, Failure> {
    match contents.audit_fault {
        None => Ok(contents),
        Some(entry) => Err(Failure::refused(
            format!("entry {entry} of the audit log is not as it was written, or is gone"),
            "somebody has changed the database behind the service's back: take an earlier backup".to_owned(),
        )),
    }
}
