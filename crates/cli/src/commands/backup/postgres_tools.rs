//! PostgreSQL's own programs, which know best how its databases are copied.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use store::DatabaseUrl;
use store::backup::Snapshot;

use crate::failure::Failure;

/// Where Debian keeps the programs of each version.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";

/// Lines of a program's complaint that are passed on: the first say what is wrong.
const LINES_TOLD_MAX: usize = 5;

/// What a libpq says that takes `system` for a file's name.
const NO_SYSTEM_ROOTS: &str = "root certificate file \"system\" does not exist";

/// Writes an archive of one state of the database.
///
/// # Errors
/// When no suitable `pg_dump` is installed, or it fails.
pub fn dump(database: &DatabaseUrl, snapshot: &Snapshot, to: &Path) -> Result<(), Failure> {
    let program = find("pg_dump", snapshot.server_version)?;
    let mut command = program.command(database)?;
    command.args(["--format=custom", "--no-owner", "--no-privileges", "--no-password"]);
    command.arg("--snapshot").arg(&snapshot.name).arg("--file").arg(to);
    run(command, "pg_dump")
}

/// Writes an archive into an empty database: everything in one transaction, or nothing.
///
/// # Errors
/// When no suitable `pg_restore` is installed, or it fails.
pub fn restore(archive: &Path, server_version: i64, into: &DatabaseUrl) -> Result<(), Failure> {
    let program = find("pg_restore", server_version)?;
    let mut command = program.command(into)?;
    command.args(["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--no-password"]);
    // With a connection text it writes into a database; which one, with which password, it reads from its environment.
    command.arg("--dbname=application_name=lotwise").arg(archive);
    run(command, "pg_restore")
}

/// One of the programs, of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Program {
    path: PathBuf,
    version: i64,
}

impl Program {
    /// Asks a program that may be there for its version, as in `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0)`.
    fn at(path: PathBuf) -> Option<Self> {
        let answer = Command::new(&path).arg("--version").stdin(Stdio::null()).output().ok()?;
        let version = version(&String::from_utf8_lossy(&answer.stdout))?;
        Some(Self { path, version })
    }

    fn command(&self, database: &DatabaseUrl) -> Result<Command, Failure> {
        let environment = database.libpq_environment();
        let environment = environment.map_err(|error| Failure::bad_input(error.to_string(), None))?;
        let mut command = Command::new(&self.path);
        command.stdin(Stdio::null());
        for (name, value) in environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Ok(command)
    }
}

fn version(answer: &str) -> Option<i64> {
    let word = answer.split_once("(PostgreSQL) ")?.1;
    let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn find(name: &str, server_version: i64) -> Result<Program, Failure> {
    let of_debian = std::fs::read_dir(DEBIAN_FOLDER).into_iter().flatten().flatten();
    let of_debian = of_debian.map(|version| version.path().join("bin").join(name));
    let found = std::iter::once(PathBuf::from(name)).chain(of_debian).filter_map(Program::at).collect();
    choose(name, found, server_version)
}

/// The oldest that knows this server: one that is newer than it must be may write what the server does not understand.
fn choose(name: &str, found: Vec<Program>, server_version: i64) -> Result<Program, Failure> {
    let newest = found.iter().map(|program| program.version).max();
    let suitable = found.into_iter().filter(|program| program.version >= server_version);
    suitable.min_by_key(|program| program.version).ok_or_else(|| {
        let message = match newest {
            None => format!("{name} is not installed here"),
            Some(newest) => format!("{name} is of version {newest} here, and the server of version {server_version}"),
        };
        let hint = format!(
            "install the client programs of PostgreSQL {server_version}, on Debian: apt install postgresql-client-{server_version}"
        );
        Failure::refused(message, hint)
    })
}

fn run(mut command: Command, name: &str) -> Result<(), Failure> {
    let ended =
        command.output().map_err(|error| Failure::refused(format!("{name} cannot be started: {error}"), None))?;
    if ended.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    let told = said.lines().take(LINES_TOLD_MAX).collect::<Vec<_>>().join("\n");
    Err(Failure::refused(format!("{name} failed, {}:\n{told}", ended.status), hint(&said)))
}

/// What to do where the program's words help only those who know what it was told.
fn hint(said: &str) -> Option<String> {
    let hint = "this libpq is older than 16 and does not know sslrootcert=system, which sslmode=verify-full means by itself: \
        name a file in the URL, on Debian sslrootcert=/etc/ssl/certs/ca-certificates.crt";
    said.contains(NO_SYSTEM_ROOTS).then(|| hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(versions: &[i64]) -> Vec<Program> {
        versions.iter().map(|&version| Program { path: PathBuf::from(version.to_string()), version }).collect()
    }

    #[test]
    fn the_oldest_program_that_knows_the_server_is_taken() {
        assert_eq!(choose("pg_dump", programs(&[17, 14, 15, 16]), 15).unwrap().version, 15);
        assert_eq!(choose("pg_dump", programs(&[17, 16]), 15).unwrap().version, 16);
    }

    #[test]
    fn a_missing_or_old_program_is_named_with_what_to_install() {
        for (versions, said) in
            [(&[][..], "is not installed"), (&[13, 14], "is of version 14 here, and the server of version 15")]
        {
            let Failure::Refused { message, hint, .. } = choose("pg_dump", programs(versions), 15).unwrap_err() else {
                panic!("a refusal")
            };
            assert!(message.contains(said), "{message}");
            assert!(hint.unwrap().contains("postgresql-client-15"));
        }
    }

    #[test]
    fn an_old_libpq_without_the_machines_authorities_is_given_a_file() {
        let said =
            "pg_dump: error: connection to server at \"db\" failed: root certificate file \"system\" does not exist\n";
        assert!(hint(said).unwrap().contains("sslrootcert=/etc/ssl"));
        assert_eq!(hint("pg_dump: error: connection refused"), None);
    }

    #[test]
    fn versions_are_read_as_the_programs_write_them() {
        assert_eq!(version("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(version("pg_restore (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(version("pg_dump: not found"), None);
    }
}
