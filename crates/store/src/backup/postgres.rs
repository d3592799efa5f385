//! PostgreSQL: its own tools make and read the archives; this module holds the state still that they copy, and looks at the
//! database before and after.

use std::collections::BTreeMap;

use super::{Contents, quoted, schema_and_audit};
use crate::{
    StoreError, StoreOptions, Transaction,
    connection::postgres_session::{Connector, PostgresSession, Reachability},
    row::params,
    transaction::Backend,
};

/// However long a copy takes, the transaction that holds its state still is not ended by a time limit.
const WITHOUT_LIMITS: &str =
    "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0";
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
const EXPORT_SNAPSHOT: &str = "SELECT pg_export_snapshot()";
const SERVER_VERSION: &str = "SELECT CAST(current_setting('server_version_num') AS BIGINT) / 10000";
const TABLES: &str = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename";
/// Whatever somebody keeps in the database, ours or not.
pub(crate) const OCCUPIED: &str = "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' \
    AND c.relkind IN ('r', 'p', 'v', 'm', 'S') ORDER BY c.relname LIMIT 1";

/// One state of the database, held still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name, as `pg_dump --snapshot` takes it.
    pub name: String,
    /// Major version of the server.
    pub server_version: i64,
}

/// Holds one state of the database still while `dump` copies it; what that state holds, and what `dump` answers. Nobody who
/// writes is held up. Blocks: not for a thread that runs asynchronous tasks.
///
/// # Errors
/// What `dump` answers; `Unavailable` when the server cannot be reached; `Unusable` for a schema that is not known.
pub fn of_postgres<T, E: From<StoreError>>(
    url: &str,
    options: &StoreOptions,
    dump: impl FnOnce(&Snapshot) -> Result<T, E>,
) -> Result<(Contents, T), E> {
    let mut session = session(url, options)?;
    session.execute_script(BEGIN)?;
    let mut tx = Transaction::new(Backend::Postgres(&mut session));
    let name = tx.one(EXPORT_SNAPSHOT, params![])?.text(0)?;
    let server_version = tx.one(SERVER_VERSION, params![])?.integer(0)?;
    let contents = contents(&mut session)?;
    let dumped = dump(&Snapshot { name, server_version })?;
    session.execute_script("COMMIT")?;
    Ok((contents, dumped))
}

/// Schema, audit log and rows of a database. Blocks: not for a thread that runs asynchronous tasks.
///
/// # Errors
/// `Unavailable` when the server cannot be reached; `Unusable` for a schema that is not known.
pub fn check_postgres(url: &str, options: &StoreOptions) -> Result<Contents, StoreError> {
    let mut session = session(url, options)?;
    session.execute_script(BEGIN)?;
    contents(&mut session)
}

/// Refuses a database in which there is anything. Blocks: not for a thread that runs asynchronous tasks.
///
/// # Errors
/// `Unusable` with the name of something that is there; `Unavailable` when the server cannot be reached.
pub fn refuse_occupied_postgres(url: &str, options: &StoreOptions) -> Result<(), StoreError> {
    let mut session = session(url, options)?;
    match Transaction::new(Backend::Postgres(&mut session)).row(OCCUPIED, params![])? {
        None => Ok(()),
        Some(row) => Err(StoreError::Unusable(format!("the database is not empty: it has {}", row.str(0)?))),
    }
}

/// Major version of the server. Blocks: not for a thread that runs asynchronous tasks.
///
/// # Errors
/// `Unavailable` when the server cannot be reached.
pub fn postgres_server_version(url: &str, options: &StoreOptions) -> Result<i64, StoreError> {
    let mut session = session(url, options)?;
    Transaction::new(Backend::Postgres(&mut session)).one(SERVER_VERSION, params![])?.integer(0)
}

fn session(url: &str, options: &StoreOptions) -> Result<PostgresSession, StoreError> {
    let mut session = Connector::new(url, options, Reachability::default())?.connect()?;
    session.be_patient();
    session.execute_script(WITHOUT_LIMITS)?;
    Ok(session)
}

fn contents(session: &mut PostgresSession) -> Result<Contents, StoreError> {
    let mut tx = Transaction::new(Backend::Postgres(session));
    let (schema_version, audit_fault) = schema_and_audit(&mut tx)?;
    let names = tx.list(TABLES, params![], |row| row.text(0))?;
    let mut tables = BTreeMap::new();
    for name in names {
        let rows = session.number(&format!("SELECT COUNT(*) FROM {}", quoted(&name)))?;
        tables.insert(name, rows);
    }
    Ok(Contents { schema_version, tables, audit_fault })
}
