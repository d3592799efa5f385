//! The schema, as numbered scripts: one text for both databases, filled in where their words differ.
//!
//! In a script `{{integer_key}}` is a key numbered by the database, `{{strict}}` and `{{clustered}}` end a table, and
//! `{{append_only:TABLE}}` forbids changing and deleting rows, `{{now}}` is the instant and `{{random_uuid}}` a new UUID.
//! On PostgreSQL TEXT is compared by bytes, as SQLite does.

use sha2::{Digest, Sha256};

use crate::{
    DatabaseUrl, StoreError, StoreOptions, Transaction,
    backup::OCCUPIED,
    connection::{
        postgres_session::{Connector, PostgresSession, Reachability},
        sqlite,
    },
    row::{Row, params},
    secret::hexadecimal,
    statements::statements,
    transaction::Backend,
};

/// One step of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its number, from 1.
    pub version: i64,
    /// What it brings.
    pub name: &'static str,
    script: Script,
}

/// The text of a step.
#[derive(Clone, Copy, Debug)]
enum Script {
    /// One for both databases.
    Both(&'static str),
    /// For PostgreSQL; SQLite only notes that the step was reached.
    Postgres(&'static str),
    /// One for each, where their words differ too much.
    Each { sqlite: &'static str, postgres: &'static str },
}

const fn step(version: i64, name: &'static str, script: Script) -> Migration {
    Migration { version, name, script }
}

/// All steps, in order. A released step is never changed: a new one is added.
pub const MIGRATIONS: &[Migration] = &[
    step(1, "portfolio", Script::Both(include_str!("../migrations/0001_portfolio.sql"))),
    step(2, "snapshots_and_jobs", Script::Both(include_str!("../migrations/0002_snapshots_and_jobs.sql"))),
    step(3, "access", Script::Both(include_str!("../migrations/0003_access.sql"))),
    step(4, "flags_audit_settings", Script::Both(include_str!("../migrations/0004_flags_audit_settings.sql"))),
    step(5, "reporting_views", Script::Postgres(include_str!("../migrations/0005_reporting_views.postgres.sql"))),
    step(
        6,
        "ofrep_role",
        Script::Each {
            sqlite: include_str!("../migrations/0006_ofrep_role.sqlite.sql"),
            postgres: include_str!("../migrations/0006_ofrep_role.postgres.sql"),
        },
    ),
    step(7, "flags", Script::Both(include_str!("../migrations/0007_flags.sql"))),
    step(8, "flag_notices", Script::Postgres(include_str!("../migrations/0008_flag_notices.postgres.sql"))),
    step(9, "rollouts", Script::Both(include_str!("../migrations/0009_rollouts.sql"))),
    step(10, "imports", Script::Both(include_str!("../migrations/0010_imports.sql"))),
    step(
        11,
        "reports_without_withdrawn",
        Script::Postgres(include_str!("../migrations/0011_reports_without_withdrawn.postgres.sql")),
    ),
    step(12, "sign_in", Script::Both(include_str!("../migrations/0012_sign_in.sql"))),
    step(13, "import_changes_by_record", Script::Both(include_str!("../migrations/0013_import_changes_by_record.sql"))),
    step(14, "login_tokens_by_person", Script::Both(include_str!("../migrations/0014_login_tokens_by_person.sql"))),
    step(15, "login_tokens_by_expiry", Script::Both(include_str!("../migrations/0015_login_tokens_by_expiry.sql"))),
];

statements! { "migrations";
    LIST = "SELECT version, name, checksum FROM schema_migrations ORDER BY version";
    RECORD = "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)";
    LATEST = "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM schema_migrations";
}

const REGISTER: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (\
    version BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, \
    applied_at BIGINT NOT NULL DEFAULT {{now}})";

/// Held by whoever migrates a PostgreSQL database, so that two replicas that start together do not both try.
const ADVISORY_LOCK: &str = "SELECT pg_advisory_xact_lock(7236813904)";

/// A UUID of random bits (version 4) as an expression.
const SQLITE_RANDOM_UUID: &str = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || \
    substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Sqlite,
    Postgres,
}

/// The schema's version that is stored.
///
/// # Errors
/// `Unavailable` and the like from the database.
pub fn stored_version(tx: &mut Transaction<'_>) -> Result<i64, StoreError> {
    tx.one(LATEST, params![])?.integer(0)
}

/// The schema's version of a database that is only looked at.
///
/// # Errors
/// `Unusable` when it is newer than this program, was changed, or is no schema of this program.
pub(crate) fn known_version(tx: &mut Transaction<'_>) -> Result<i64, StoreError> {
    let applied = tx.rows(LIST, params![]).map_err(|error| match error {
        StoreError::Internal(_) | StoreError::Unusable(_) => {
            StoreError::Unusable("this is no database of Lotwise: it has no table schema_migrations".to_owned())
        }
        other => other,
    })?;
    check_applied(&applied)?;
    applied.last().map_or(Ok(0), |row| row.integer(0))
}

/// The schema's version of a database, which stays as it is; 0 for one with nothing in it. A SQLite file is that of a stopped process. Blocks for one
/// connection attempt at most: not for a thread that runs asynchronous tasks.
///
/// # Errors
/// `Unusable` for a schema that is newer than this program or was changed, for what is another program's, and for a file that
/// is in use; `Unavailable` when the server cannot be reached.
pub fn version_at_rest(url: &DatabaseUrl, options: &StoreOptions) -> Result<i64, StoreError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let _lock = sqlite::lock(path)?;
            let reader = sqlite::open_reader(path, options)?;
            version_unless_empty(&mut Transaction::new(Backend::Sqlite(&reader)), SQLITE_OCCUPIED)
        }
        DatabaseUrl::Postgres(url) => {
            let mut session = Connector::new(url, options, Reachability::default())?.connect()?;
            version_unless_empty(&mut Transaction::new(Backend::Postgres(&mut session)), OCCUPIED)
        }
    }
}

/// Something that is in a SQLite database.
const SQLITE_OCCUPIED: &str = "SELECT name FROM sqlite_master LIMIT 1";

fn version_unless_empty(tx: &mut Transaction<'_>, occupied: &'static str) -> Result<i64, StoreError> {
    if tx.row(occupied, params![])?.is_none() { Ok(0) } else { known_version(tx) }
}

/// Brings the database of a stopped process up to schema `version`, and no further.
///
/// # Errors
/// As [`Store::open`](crate::Store::open).
pub fn migrate_up_to(url: &DatabaseUrl, options: &StoreOptions, version: i64) -> Result<(), StoreError> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let _lock = sqlite::lock(path)?;
            on_sqlite(&sqlite::open_writer(path, options)?, version)
        }
        DatabaseUrl::Postgres(url) => {
            let connector = Connector::new(url, options, Reachability::default())?;
            on_postgres(&mut connector.connect()?, version)
        }
    }
}

/// The version of the newest migration this program knows.
pub const LATEST_VERSION: i64 = MIGRATIONS.len() as i64;

pub(crate) fn on_sqlite(connection: &rusqlite::Connection, version_max: i64) -> Result<(), StoreError> {
    let mut tx = Transaction::new(Backend::Sqlite(connection));
    tx.execute_script("BEGIN IMMEDIATE")?;
    let outcome = migrate(&mut tx, Dialect::Sqlite, version_max);
    end(&mut tx, outcome)
}

pub(crate) fn on_postgres(session: &mut PostgresSession, version_max: i64) -> Result<(), StoreError> {
    session.be_patient();
    let mut tx = Transaction::new(Backend::Postgres(session));
    tx.execute_script(
        "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; BEGIN",
    )?;
    let outcome = tx.execute_script(ADVISORY_LOCK).and_then(|()| migrate(&mut tx, Dialect::Postgres, version_max));
    end(&mut tx, outcome)
}

fn end(tx: &mut Transaction<'_>, outcome: Result<(), StoreError>) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => tx.execute_script("COMMIT"),
        Err(error) => {
            // The transaction ends with the connection in any case, and the first error is the one that says why.
            let _ = tx.execute_script("ROLLBACK");
            Err(error)
        }
    }
}

fn migrate(tx: &mut Transaction<'_>, dialect: Dialect, version_max: i64) -> Result<(), StoreError> {
    tx.execute_script(&fill_in(REGISTER, dialect))?;
    let applied = tx.rows(LIST, params![])?;
    check_applied(&applied)?;
    for migration in MIGRATIONS.iter().skip(applied.len()).take_while(|migration| migration.version <= version_max) {
        apply(tx, dialect, migration).map_err(|error| interrupted(migration, applied.len(), error))?;
    }
    Ok(())
}

fn apply(tx: &mut Transaction<'_>, dialect: Dialect, migration: &Migration) -> Result<(), StoreError> {
    if let Some(script) = migration.script.in_dialect(dialect) {
        tx.execute_script(&fill_in(script, dialect))?;
    }
    tx.execute(RECORD, params![migration.version, migration.name, checksum(migration)]).map(|_| ())
}

/// A step that failed, with what that means: all steps are one transaction, so the database is as it was.
fn interrupted(migration: &Migration, version_before: usize, error: StoreError) -> StoreError {
    let Migration { version, name, .. } = migration;
    let told = |cause: &str| {
        format!(
            "the database stays at schema version {version_before}, with all of its data: step {version} ({name}) failed: \
             {cause}; mend that and start again, or go on with the program that it was made by"
        )
    };
    match error {
        StoreError::Full(cause) => StoreError::Full(told(&cause)),
        StoreError::Unavailable(cause) => StoreError::Unavailable(told(&cause)),
        StoreError::Overloaded(cause) => StoreError::Overloaded(told(&cause)),
        other => StoreError::Unusable(told(&other.to_string())),
    }
}

/// Refuses a database that another version of the program has shaped in a way this one does not know.
fn check_applied(applied: &[Row]) -> Result<(), StoreError> {
    for (position, row) in applied.iter().enumerate() {
        let (version, name, stored) = (row.integer(0)?, row.str(1)?, row.str(2)?);
        let Some(migration) = MIGRATIONS.get(position) else {
            return Err(StoreError::Unusable(format!(
                "the database has schema version {version} ({name}), newer than this program's {}: \
                 start the newer program, or restore a backup",
                MIGRATIONS.len()
            )));
        };
        if migration.version != version || checksum(migration) != stored {
            return Err(StoreError::Unusable(format!(
                "schema version {version} ({name}) of the database is not the one this program knows: \
                 it was made by a changed program; restore a backup or start that program"
            )));
        }
    }
    Ok(())
}

impl Script {
    fn in_dialect(self, dialect: Dialect) -> Option<&'static str> {
        match (self, dialect) {
            (Self::Both(script), _)
            | (Self::Postgres(script) | Self::Each { postgres: script, .. }, Dialect::Postgres)
            | (Self::Each { sqlite: script, .. }, Dialect::Sqlite) => Some(script),
            (Self::Postgres(_), Dialect::Sqlite) => None,
        }
    }

    /// All of its text: the checksum is the same on both databases.
    fn texts(self) -> [&'static str; 2] {
        match self {
            Self::Both(script) | Self::Postgres(script) => [script, ""],
            Self::Each { sqlite, postgres } => [sqlite, postgres],
        }
    }
}

fn checksum(migration: &Migration) -> String {
    let texts = migration.script.texts();
    hexadecimal(&texts.iter().fold(Sha256::new(), Digest::chain_update).finalize())
}

fn fill_in(script: &str, dialect: Dialect) -> String {
    let mut filled = String::with_capacity(script.len() * 2);
    let mut rest = script;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        filled.push_str(&native_types(before, dialect));
        filled.push_str(&replacement(name, dialect));
        rest = after;
    }
    filled.push_str(&native_types(rest, dialect));
    filled
}

fn replacement(name: &str, dialect: Dialect) -> String {
    match (name, dialect) {
        ("integer_key", Dialect::Sqlite) => "INTEGER PRIMARY KEY AUTOINCREMENT".to_owned(),
        ("integer_key", Dialect::Postgres) => "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY".to_owned(),
        ("strict", Dialect::Sqlite) => "STRICT".to_owned(),
        ("clustered", Dialect::Sqlite) => "STRICT, WITHOUT ROWID".to_owned(),
        ("now", Dialect::Sqlite) => "(unixepoch() * 1000000)".to_owned(),
        ("now", Dialect::Postgres) => "(CAST(extract(epoch FROM now()) * 1000000 AS BIGINT))".to_owned(),
        ("random_uuid", Dialect::Sqlite) => SQLITE_RANDOM_UUID.to_owned(),
        ("random_uuid", Dialect::Postgres) => "CAST(gen_random_uuid() AS TEXT)".to_owned(),
        (name, dialect) => match name.strip_prefix("append_only:") {
            Some(table) => append_only(table, dialect),
            None => String::new(),
        },
    }
}

fn append_only(table: &str, dialect: Dialect) -> String {
    let message = format!("{table} is append-only");
    match dialect {
        Dialect::Sqlite => ["UPDATE", "DELETE"].map(|act| format!(
            "CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END;\n"
        )).concat(),
        Dialect::Postgres => format!(
            "CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END $$;\n\
             CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} \
             FOR EACH ROW EXECUTE FUNCTION {table}_append_only();\n\
             CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} \
             FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only();\n"
        ),
    }
}

/// SQLite's strict tables know INTEGER (of 64 bits) and not BIGINT; PostgreSQL compares TEXT by the locale unless told
/// otherwise. Only table definitions are rewritten: views keep their text.
fn native_types(script: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => script.replace(" BIGINT", " INTEGER"),
        Dialect::Postgres => script.replace(" TEXT", " TEXT COLLATE \"C\""),
    }
}
