//! One transaction on either database.

use std::fmt;

use jiff::Timestamp;

use crate::{
    StoreError,
    connection::{postgres_session::PostgresSession, sqlite},
    row::{Parameter, Row},
};

/// A running transaction: what the functions of this crate take. Obtained from [`Store::read`](crate::Store::read) and
/// [`Store::write`](crate::Store::write) only.
///
/// Once a statement has failed, the transaction accepts nothing more and is rolled back, even when the closure swallows
/// the error: PostgreSQL has aborted it by then, and both databases shall behave alike.
pub struct Transaction<'c> {
    backend: Backend<'c>,
    failure: Option<StoreError>,
    recorded_at: Option<Timestamp>,
    flags_changed: bool,
}

pub(crate) enum Backend<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(&'c mut PostgresSession),
}

impl<'c> Transaction<'c> {
    pub(crate) fn new(backend: Backend<'c>) -> Self {
        Self { backend, failure: None, recorded_at: None, flags_changed: false }
    }

    /// The failure of a statement in this transaction, if there was one.
    pub(crate) fn failure(&self) -> Option<&StoreError> {
        self.failure.as_ref()
    }

    /// The instant of the last fact that this transaction has recorded.
    pub(crate) fn recorded_at(&self) -> Option<Timestamp> {
        self.recorded_at
    }

    pub(crate) fn note_recorded_at(&mut self, recorded_at: Timestamp) {
        self.recorded_at = Some(recorded_at);
    }

    /// True when this transaction has changed what flags answer.
    pub(crate) fn flags_changed(&self) -> bool {
        self.flags_changed
    }

    pub(crate) fn note_flags_changed(&mut self) {
        self.flags_changed = true;
    }

    /// What the clock of a database server shows; `own` where the database lives in this process and has no other.
    ///
    /// # Errors
    /// What the database answers.
    pub fn time(&mut self, own: Timestamp) -> Result<Timestamp, StoreError> {
        const CLOCK: &str = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
        match &self.backend {
            Backend::Sqlite(_) => Ok(own),
            Backend::Postgres(_) => self.row(CLOCK, &[])?.map_or(Ok(own), |row| row.timestamp(0)),
        }
    }

    /// Runs a statement that answers no rows; the number of rows it changed.
    pub(crate) fn execute(&mut self, sql: &'static str, parameters: &[Parameter<'_>]) -> Result<u64, StoreError> {
        self.refuse_after_failure()?;
        let outcome = match &mut self.backend {
            Backend::Sqlite(connection) => sqlite::execute(connection, sql, parameters),
            Backend::Postgres(session) => session.execute(sql, parameters),
        };
        self.note(outcome)
    }

    /// All rows of a statement.
    pub(crate) fn rows(&mut self, sql: &'static str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError> {
        self.refuse_after_failure()?;
        let outcome = match &mut self.backend {
            Backend::Sqlite(connection) => sqlite::rows(connection, sql, parameters),
            Backend::Postgres(session) => session.rows(sql, parameters),
        };
        self.note(outcome)
    }

    /// The first row of a statement, if there is one.
    pub(crate) fn row(&mut self, sql: &'static str, parameters: &[Parameter<'_>]) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, parameters)?.into_iter().next())
    }

    /// The row of a statement that always answers one, as `INSERT … RETURNING` does.
    pub(crate) fn one(&mut self, sql: &'static str, parameters: &[Parameter<'_>]) -> Result<Row, StoreError> {
        self.row(sql, parameters)?.ok_or_else(|| StoreError::Internal(format!("no row from: {sql}")))
    }

    /// Rows of a statement, each turned into a record.
    pub(crate) fn list<T>(
        &mut self,
        sql: &'static str,
        parameters: &[Parameter<'_>],
        record: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.rows(sql, parameters)?.iter().map(record).collect()
    }

    /// Runs a script of several statements, as migrations are. A failed one leaves the end of the transaction to the caller.
    pub(crate) fn execute_script(&mut self, script: &str) -> Result<(), StoreError> {
        match &mut self.backend {
            Backend::Sqlite(connection) => sqlite::execute_script(connection, script),
            Backend::Postgres(session) => session.execute_script(script),
        }
    }

    /// Checks that a statement is valid on this database and that its parameters appear in order.
    pub(crate) fn prepare(&mut self, sql: &'static str) -> Result<(), StoreError> {
        match &mut self.backend {
            Backend::Sqlite(connection) => sqlite::prepare(connection, sql),
            Backend::Postgres(session) => session.prepare(sql),
        }
    }

    fn refuse_after_failure(&self) -> Result<(), StoreError> {
        match &self.failure {
            None => Ok(()),
            Some(failure) => Err(failure.clone()),
        }
    }

    fn note<T>(&mut self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &outcome {
            self.failure = Some(error.clone());
        }
        outcome
    }
}

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let backend = match &self.backend {
            Backend::Sqlite(_) => "SQLite",
            Backend::Postgres(_) => "PostgreSQL",
        };
        write!(formatter, "Transaction({backend})")
    }
}

/// Prepares every statement of the crate on the transaction's database: what a test runs on both, so that a wrong
/// statement is found before it is reached.
///
/// # Errors
/// `Internal` with the statement's name and the database's own words.
pub fn prepare_all(tx: &mut Transaction<'_>) -> Result<usize, StoreError> {
    let mut count = 0;
    for statement in crate::statements::all() {
        tx.prepare(statement.sql)
            .map_err(|error| StoreError::Internal(format!("{}: {error}\n{}", statement.name, statement.sql)))?;
        count += 1;
    }
    Ok(count)
}
