//! SQLite: a copy is a database file of its own.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::Path,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{Contents, quoted, schema_and_audit};
use crate::{
    StoreError, StoreOptions, Transaction,
    connection::sqlite::{self, beside},
    transaction::Backend,
};

/// Faults that are told of a damaged file: enough to see what kind they are.
const FAULTS_TOLD_MAX: usize = 3;

/// Keeps other processes from the file as long as it lives.
pub struct SqliteLock(#[expect(dead_code, reason = "the lock goes with it")] sqlite::ProcessLock);

/// Takes the file of a stopped server, so that no process serves from it meanwhile.
///
/// # Errors
/// `Unusable` when another process has it, or its folder cannot be written.
pub fn lock_sqlite(path: &Path) -> Result<SqliteLock, StoreError> {
    sqlite::lock(path).map(SqliteLock)
}

/// Copies the database into the new or empty file `to`: one state of it, while it goes on being written to. A process that
/// serves from `from` is not held up; what it writes meanwhile gathers in the write-ahead log.
///
/// # Errors
/// `Full` when the disk is; `Unusable` for a file that is damaged or no database; `Unavailable` when a disk fails.
pub fn copy_sqlite(from: &Path, to: &Path) -> Result<(), StoreError> {
    let target = to.to_str().ok_or_else(|| StoreError::Unusable(format!("{} is not UTF-8", to.display())))?;
    // Not only for reading: the log of a process that was killed is taken up first.
    let connection = open(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let copied = connection.execute("VACUUM INTO $1", [target]).map(drop).map_err(|error| fault(from, &error));
    drop(connection);
    if copied.is_err() {
        // SQLite leaves the journal of a copy that failed; what else is there belongs to the caller.
        let _ = remove(&beside(to, "-journal"));
    }
    copied
}

/// Copies the database beside itself and opens the copy, which has no name any more: whoever holds it reads it to its end,
/// and nothing is left behind. What a process that was killed meanwhile has left is taken away first.
///
/// # Errors
/// As [`copy_sqlite`].
pub fn sqlite_copy_beside(path: &Path) -> Result<File, StoreError> {
    let copy = beside(path, ".copy");
    let failed = |error: io::Error| StoreError::Unavailable(format!("{}: {error}", copy.display()));
    remove(&copy).map_err(failed)?;
    // Before SQLite makes it, which would ask the umask who may read it.
    drop(sqlite::create_private(&copy).map_err(failed)?);
    let copied = copy_sqlite(path, &copy).and_then(|()| File::open(&copy).map_err(failed));
    remove(&copy).map_err(failed)?;
    copied
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Reads the whole file: its structure, its references, its schema, its audit log, and how many rows each table has.
///
/// # Errors
/// `Unusable` for a file that is damaged, no database of this program, or of a newer one.
pub fn check_sqlite(path: &Path) -> Result<Contents, StoreError> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let texts = |sql: &str| -> Result<Vec<String>, StoreError> {
        let mut statement = connection.prepare(sql).map_err(|error| fault(path, &error))?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(|error| fault(path, &error))?;
        rows.collect::<Result<_, _>>().map_err(|error| fault(path, &error))
    };
    let faults = texts(&format!("PRAGMA integrity_check({FAULTS_TOLD_MAX})"))?;
    if faults.iter().any(|fault| fault != "ok") {
        return Err(damaged(path, &faults.join("; ")));
    }
    if let Some(table) = texts("SELECT \"table\" FROM pragma_foreign_key_check() LIMIT 1")?.first() {
        return Err(damaged(path, &format!("a row of {table} names another that is not there")));
    }
    let (schema_version, audit_fault) = schema_and_audit(&mut Transaction::new(Backend::Sqlite(&connection)))?;
    let mut tables = BTreeMap::new();
    for table in texts("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'")?
    {
        let count = format!("SELECT COUNT(*) FROM {}", quoted(&table));
        let rows = connection.query_row(&count, [], |row| row.get(0)).map_err(|error| fault(path, &error))?;
        tables.insert(table, rows);
    }
    Ok(Contents { schema_version, tables, audit_fault })
}

fn open(path: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let connection = connection.map_err(|error| fault(path, &error))?;
    connection.busy_timeout(StoreOptions::default().lock_timeout).map_err(|error| fault(path, &error))?;
    Ok(connection)
}

fn fault(path: &Path, error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged(path, &error.to_string()),
        _ => match sqlite::failure(error) {
            StoreError::Internal(message) => StoreError::Unusable(format!("{}: {message}", path.display())),
            other => other,
        },
    }
}

fn damaged(path: &Path, what: &str) -> StoreError {
    StoreError::Unusable(format!("{} is damaged, or no SQLite database: {what}", path.display()))
}
