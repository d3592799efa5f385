//! `lotwise backup`: the whole database in one file, with its checksum beside it.

pub mod checksum;
pub mod finished;
pub mod postgres_tools;
pub mod report;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use server::Clock;
use store::backup::{self, Contents};
use store::{DatabaseUrl, StoreOptions};

use self::checksum::Checksum;
use self::finished::Unfinished;
use self::report::Report;
use crate::api_client::ApiClient;
use crate::commands::serve::must_exist;
use crate::failure::Failure;
use crate::place::Place;
use crate::system_clock::SystemClock;
use crate::target::Location;

/// How long a server may take to copy and send its database.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(24 * 3600);

/// Copy the whole database into a file: of a running server on SQLite with --server, of a stopped one or of PostgreSQL with
/// --database
#[derive(clap::Args)]
pub struct Arguments {
    /// The file to write, which must not be there yet; its checksum is written beside it, as FILE.sha256
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    place: Place,
}

impl Arguments {
    /// Writes the file, or nothing of it.
    pub fn run(&self) -> Result<(), Failure> {
        let clock = SystemClock::start();
        let file = Unfinished::beside(&self.output)?;
        let (database, contents) = match self.place.location()? {
            Location::Server(address) => (address.clone(), of_server(&address, &file)?),
            Location::Database(url) => {
                let database = parsed(&url)?;
                must_exist(&database)?;
                (database.to_string(), of_database(&database, file.path())?)
            }
        };
        let sum = Checksum::of(file.path()).context("cannot read the copy").map_err(Failure::Failed)?;
        sum.write_beside(&self.output)?;
        file.keep()?;
        let report = Report {
            what: "Backed up",
            from: &database,
            to: &self.output.display().to_string(),
            contents: &contents,
            sum: &sum,
            took: clock.monotonic(),
        };
        report.print(self.place.is_json())?;
        if let Some(entry) = contents.audit_fault {
            // Nobody can be told that standard error is closed.
            let _ = writeln!(
                io::stderr().lock(),
                "warning: entry {entry} of the audit log is not as it was written, or is gone; the backup keeps it as it is, and \
                 lotwise restore will not take it"
            );
        }
        Ok(())
    }
}

/// The database that an option names.
pub fn parsed(url: &str) -> Result<DatabaseUrl, Failure> {
    url.parse().map_err(|error: store::DatabaseUrlError| Failure::bad_input(error.to_string(), None))
}

fn of_server(address: &str, file: &Unfinished) -> Result<Contents, Failure> {
    let api = ApiClient::of_server(address, ANSWER_TIMEOUT)?;
    let mut out: &File = file.as_file();
    api.download_to("/api/backup", &mut out)?;
    Ok(backup::check_sqlite(file.path())?)
}

fn of_database(database: &DatabaseUrl, to: &Path) -> Result<Contents, Failure> {
    match database {
        DatabaseUrl::Sqlite(path) => {
            let _lock = backup::lock_sqlite(path)?;
            backup::copy_sqlite(path, to).with_context(|| format!("cannot copy {database}"))?;
            Ok(backup::check_sqlite(to)?)
        }
        DatabaseUrl::Postgres(url) => {
            let (contents, ()) = backup::of_postgres(url, &StoreOptions::default(), |snapshot| {
                postgres_tools::dump(database, snapshot, to)
            })?;
            Ok(contents)
        }
    }
}
