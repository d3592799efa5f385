//! SQLite: one writer thread that commits in groups, several readers with connections of their own, one process a file.

use std::{
    collections::VecDeque,
    ffi::OsString,
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use flume::Receiver;
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, types::ValueRef};

use super::request::Request;
use crate::{
    StoreError, StoreOptions, Transaction,
    meter::Busy,
    row::{Parameter, Row, Value},
    transaction::Backend,
};

/// Statements kept prepared per connection: more than the crate has.
const STATEMENT_CACHE_SIZE: usize = 256;

/// How long the writer waits for the next request of a group that is expected to have more: far less than a write to disk.
const STRAGGLER_PAUSE: Duration = Duration::from_micros(100);

/// Memory for the writer's pages, in KiB; it is taken as pages are used.
const WRITER_CACHE_KIB: i64 = 8192;

/// Pages (of 4 KiB) that the write-ahead log gathers before they are copied into the file: pages that are written again
/// and again, as the ends of indexes are, are then copied once.
const WAL_PAGES: u32 = 4000;

/// The operating system's lock on the file's name: held as long as the process lives, gone with it, also after `kill -9`.
pub(crate) struct ProcessLock(#[expect(dead_code, reason = "the open file is the lock")] File);

/// Takes the lock beside the database file.
pub(crate) fn lock(path: &Path) -> Result<ProcessLock, StoreError> {
    let lock_path = beside(path, ".lock");
    let file = create_private(&lock_path).map_err(|error| {
        StoreError::Unusable(format!(
            "cannot create {}: {error}; the database's folder must exist and be writable",
            lock_path.display()
        ))
    })?;
    file.try_lock().map_err(|_| {
        StoreError::Unusable(format!(
            "{} is in use by another lotwise process: stop that process, or act on it with --server URL",
            path.display()
        ))
    })?;
    Ok(ProcessLock(file))
}

/// The file beside a database that is called like it, with this ending.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// A file that nobody but its owner reads, whatever the process' umask: it will hold hashes of passwords and a key. SQLite
/// gives the files beside a database the database's own mode. One that is there stays as it is.
pub(crate) fn create_private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens the file for writing, creating it when missing, with every setting that durability needs.
pub(crate) fn open_writer(path: &Path, options: &StoreOptions) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // Where it cannot be made, SQLite says why.
    let _ = create_private(path);
    let connection = Connection::open_with_flags(path, flags)
        .map_err(|error| StoreError::Unusable(format!("cannot open {}: {error}", path.display())))?;
    configure(&connection, options).map_err(|error| refuse_foreign_file(path, error))?;
    if connection.is_readonly("main").map_err(|error| failure(&error))? {
        return Err(StoreError::Unusable(format!("{} cannot be written: check who owns it", path.display())));
    }
    if let Some(pages) = options.sqlite_pages_max {
        connection.pragma_update(None, "max_page_count", pages).map_err(|error| failure(&error))?;
    }
    Ok(connection)
}

/// Opens the file for reading.
pub(crate) fn open_reader(path: &Path, options: &StoreOptions) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| failure(&error))?;
    connection.busy_timeout(options.lock_timeout).map_err(|error| failure(&error))?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE_SIZE);
    Ok(connection)
}

fn configure(connection: &Connection, options: &StoreOptions) -> Result<(), StoreError> {
    let apply = || -> rusqlite::Result<()> {
        connection.busy_timeout(options.lock_timeout)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // What a savepoint would undo is kept in memory instead of a file.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
        connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE_SIZE);
        Ok(())
    };
    apply().map_err(|error| failure(&error))
}

fn refuse_foreign_file(path: &Path, error: StoreError) -> StoreError {
    match error {
        StoreError::Internal(message) => {
            StoreError::Unusable(format!("{} is not a usable SQLite database: {message}", path.display()))
        }
        other => other,
    }
}

/// Starts the writer thread: it ends when the queue's senders are gone and the queue is empty. `commits` is counted up
/// after each group, before anybody is told that their write is stored.
pub(crate) fn spawn_writer(
    connection: Connection,
    queue: Receiver<Box<dyn Request>>,
    group_size_max: usize,
    busy: Busy,
    commits: Arc<AtomicU64>,
) -> Result<JoinHandle<()>, StoreError> {
    spawn("store-writer", move || {
        let mut expected = 1;
        while let Ok(first) = queue.recv() {
            let group = gather(first, &queue, expected, group_size_max);
            expected = group.len();
            let _busy = busy.enter();
            commit_group(&connection, group, &commits);
        }
    })
}

/// The next group: whatever arrived while the last one was written to disk. As many callers as were answered then are
/// about to ask again, so their requests are waited for a moment; a lone caller never waits.
fn gather(
    first: Box<dyn Request>,
    queue: &Receiver<Box<dyn Request>>,
    expected: usize,
    size_max: usize,
) -> Vec<Box<dyn Request>> {
    let mut group = vec![first];
    while group.len() < size_max {
        let next =
            if group.len() < expected { queue.recv_timeout(STRAGGLER_PAUSE).ok() } else { queue.try_recv().ok() };
        match next {
            Some(request) => group.push(request),
            None => break,
        }
    }
    group
}

/// Starts a reader thread.
pub(crate) fn spawn_reader(
    connection: Connection,
    queue: Receiver<Box<dyn Request>>,
    busy: Busy,
) -> Result<JoinHandle<()>, StoreError> {
    spawn("store-reader", move || {
        while let Ok(request) = queue.recv() {
            if !request.is_abandoned() {
                let _busy = busy.enter();
                read(&connection, request);
            }
        }
    })
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|error| StoreError::Unavailable(format!("no thread for the database: {error}")))
}

/// Commits the requests with as few writes to disk as possible: one, unless a transaction is undone on the way.
fn commit_group(connection: &Connection, group: Vec<Box<dyn Request>>, commits: &AtomicU64) {
    let mut waiting: VecDeque<_> = group.into_iter().filter(|request| !request.is_abandoned()).collect();
    let mut isolation = Isolation::None;
    while !waiting.is_empty() {
        isolation = commit_once(connection, &mut waiting, isolation, commits);
    }
}

/// How the requests of a group are kept apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Isolation {
    /// Not at all: what nearly always suffices, since nearly all succeed. One that fails after it has written undoes the
    /// whole transaction, and the others run again.
    None,
    /// Each in a savepoint, which keeps copies of the pages it changes.
    Savepoints,
}

/// Runs the waiting requests and commits them with one write to disk. Nobody is answered before the commit is durable; a
/// commit that fails fails everybody. Requests that were undone without a fault of theirs are waiting again afterwards.
fn commit_once(
    connection: &Connection,
    waiting: &mut VecDeque<Box<dyn Request>>,
    isolation: Isolation,
    commits: &AtomicU64,
) -> Isolation {
    if let Err(error) = control(connection, "BEGIN IMMEDIATE") {
        waiting.drain(..).for_each(|request| request.fail(error.clone()));
        return isolation;
    }
    let mut done: VecDeque<Box<dyn Request>> = VecDeque::new();
    while let Some(mut request) = waiting.pop_front() {
        let changes = connection.total_changes();
        let outcome = match isolation {
            Isolation::None => request.run(&mut Transaction::new(Backend::Sqlite(connection))),
            Isolation::Savepoints => run_in_savepoint(connection, request.as_mut()),
        };
        let Err(error) = outcome else {
            done.push_back(request);
            continue;
        };
        request.fail(error.clone());
        // A full disk can end the whole transaction: then what ran before is undone as well and must be told so.
        if connection.is_autocommit() {
            done.into_iter().for_each(|earlier| earlier.fail(error.clone()));
            return isolation;
        }
        if isolation == Isolation::None && connection.total_changes() != changes {
            let _ = control(connection, "ROLLBACK");
            done.append(waiting);
            *waiting = done;
            return Isolation::Savepoints;
        }
    }
    let committed = control(connection, "COMMIT");
    // Also after a failure: whoever reads once more than needed is not wrong.
    commits.fetch_add(1, Ordering::Release);
    match committed {
        Ok(()) => done.into_iter().for_each(Request::succeed),
        Err(error) => {
            if !connection.is_autocommit() {
                let _ = control(connection, "ROLLBACK");
            }
            done.into_iter().for_each(|request| request.fail(error.clone()));
        }
    }
    isolation
}

fn run_in_savepoint(connection: &Connection, request: &mut dyn Request) -> Result<(), StoreError> {
    control(connection, "SAVEPOINT request")?;
    let outcome = request.run(&mut Transaction::new(Backend::Sqlite(connection)));
    if outcome.is_err() && !connection.is_autocommit() {
        control(connection, "ROLLBACK TO request")?;
    }
    if !connection.is_autocommit() {
        control(connection, "RELEASE request")?;
    }
    outcome
}

fn read(connection: &Connection, mut request: Box<dyn Request>) {
    let outcome = control(connection, "BEGIN DEFERRED")
        .and_then(|()| request.run(&mut Transaction::new(Backend::Sqlite(connection))));
    if !connection.is_autocommit() {
        let _ = control(connection, "ROLLBACK");
    }
    match outcome {
        Ok(()) => request.succeed(),
        Err(error) => request.fail(error),
    }
}

fn control(connection: &Connection, sql: &'static str) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(|error| failure(&error))?;
    statement.raw_execute().map(|_| ()).map_err(|error| failure(&error))
}

/// Runs a script of several statements, as migrations are.
pub(crate) fn execute_script(connection: &Connection, script: &str) -> Result<(), StoreError> {
    connection.execute_batch(script).map_err(|error| failure(&error))
}

pub(crate) fn execute(
    connection: &Connection,
    sql: &'static str,
    parameters: &[Parameter<'_>],
) -> Result<u64, StoreError> {
    let run = || -> rusqlite::Result<usize> {
        let mut statement = connection.prepare_cached(sql)?;
        statement.execute(rusqlite::params_from_iter(parameters))
    };
    run().map(|changed| changed as u64).map_err(|error| failure(&error))
}

pub(crate) fn rows(
    connection: &Connection,
    sql: &'static str,
    parameters: &[Parameter<'_>],
) -> Result<Vec<Row>, StoreError> {
    let run = || -> rusqlite::Result<Vec<Row>> {
        let mut statement = connection.prepare_cached(sql)?;
        let columns = statement.column_count();
        let mut answer = statement.query(rusqlite::params_from_iter(parameters))?;
        let mut rows = Vec::new();
        while let Some(row) = answer.next()? {
            let values: rusqlite::Result<Vec<Value>> = (0..columns).map(|column| value(row.get_ref(column)?)).collect();
            rows.push(Row(values?));
        }
        Ok(rows)
    };
    run().map_err(|error| failure(&error))
}

pub(crate) fn prepare(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    let statement = connection.prepare(sql).map_err(|error| failure(&error))?;
    for index in 1..=statement.parameter_count() {
        let expected = format!("${index}");
        if statement.parameter_name(index) != Some(expected.as_str()) {
            return Err(StoreError::Internal(format!(
                "parameter {index} is {:?}: parameters must first appear in the order $1, $2, …",
                statement.parameter_name(index)
            )));
        }
    }
    Ok(())
}

fn value(value: ValueRef<'_>) -> rusqlite::Result<Value> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(integer) => Ok(Value::Integer(integer)),
        ValueRef::Text(text) => Ok(Value::Text(std::str::from_utf8(text)?.to_owned())),
        ValueRef::Real(_) | ValueRef::Blob(_) => {
            Err(rusqlite::Error::InvalidColumnType(0, "value".to_owned(), value.data_type()))
        }
    }
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::ToSqlOutput;
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(integer) => ValueRef::Integer(*integer),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// SQLite's error as one of ours.
pub(crate) fn failure(error: &rusqlite::Error) -> StoreError {
    let message = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full(message),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Overloaded(message),
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => StoreError::Unavailable(message),
        Some(ErrorCode::ConstraintViolation) => StoreError::Conflict { constraint: constraint(&message), message },
        _ => StoreError::Internal(message),
    }
}

/// `lots.id` from "UNIQUE constraint failed: lots.id".
fn constraint(message: &str) -> String {
    message.split_once(": ").map_or(message, |(_, columns)| columns).to_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn nobody_but_the_owner_reads_a_new_database() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("private.db");
        let _lock = lock(&path).unwrap();
        let connection = open_writer(&path, &StoreOptions::default()).unwrap();
        execute_script(&connection, "CREATE TABLE written (number INTEGER)").unwrap();
        let mut files = 0;
        for entry in std::fs::read_dir(folder.path()).unwrap() {
            let entry = entry.unwrap();
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.path());
            files += 1;
        }
        assert!(files >= 3, "the lock, the database and its log");
    }
}
