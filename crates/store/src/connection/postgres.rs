//! PostgreSQL: threads with a connection each. A broken connection is made anew; while the server cannot be reached every
//! request is refused at once and one thread looks for it with growing pauses.

use std::{
    collections::HashMap,
    error::Error as _,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use flume::Receiver;
use tokio::runtime::Runtime;
use tokio_postgres::{
    Client, NoTls, Statement,
    error::SqlState,
    types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked},
};

use super::request::Request;
use crate::{
    StoreError, StoreOptions, Transaction,
    row::{Parameter, Row, Value},
    transaction::Backend,
};

/// How often a transaction that lost a deadlock is run.
const ATTEMPTS_MAX: u32 = 4;
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// What a thread's transactions may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Access {
    /// Reads see one state of the data throughout. Writes see each other's commits and rely on row locks and unique
    /// keys, so that a second request with the same key waits for the first and then finds its answer.
    fn begin(self) -> &'static str {
        match self {
            Self::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Self::Write => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        }
    }
}

/// Whether the server can be reached, as far as is known; shared by all threads and callers.
#[derive(Clone, Default)]
pub(crate) struct Reachability(Arc<Mutex<Option<String>>>);

impl Reachability {
    /// Refuses at once while the server is known to be away.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Ok(()),
            Some(reason) => Err(StoreError::Unavailable(reason.clone())),
        }
    }

    /// Notes why the server is away; true for the first to notice, who has to look for it.
    fn lose(&self, reason: String) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(reason).is_none()
    }

    fn regain(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Makes connections.
#[derive(Clone)]
pub(crate) struct Connector {
    config: tokio_postgres::Config,
    settings: String,
    connect_timeout: Duration,
    answer_timeout: Duration,
    reachability: Reachability,
}

impl Connector {
    pub(crate) fn new(url: &str, options: &StoreOptions, reachability: Reachability) -> Result<Self, StoreError> {
        let mut config: tokio_postgres::Config =
            url.parse().map_err(|error| StoreError::Unusable(format!("the PostgreSQL URL cannot be read: {error}")))?;
        config
            .application_name("lotwise")
            .connect_timeout(options.connect_timeout)
            .keepalives_idle(Duration::from_secs(10))
            .tcp_user_timeout(options.statement_timeout);
        let settings = format!(
            "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = 60000; \
             SET client_min_messages = warning; SET standard_conforming_strings = on",
            options.statement_timeout.as_millis(),
            options.lock_timeout.as_millis(),
        );
        Ok(Self {
            config,
            settings,
            connect_timeout: options.connect_timeout,
            answer_timeout: options.statement_timeout + options.connect_timeout,
            reachability,
        })
    }

    /// A connection of the calling thread, which must not be one that runs asynchronous tasks.
    pub(crate) fn connect(&self) -> Result<PostgresSession, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreError::Unavailable(format!("no connection to the database: {error}")))?;
        // The driver's own time limit ends when the connection is accepted: a silent server must not hold us either.
        let connecting = async { tokio::time::timeout(self.connect_timeout, self.config.connect(NoTls)).await };
        let (client, connection) = match runtime.block_on(connecting) {
            Ok(connected) => connected.map_err(|error| match failure(&error) {
                // Out of connections, starting up, shutting down: whatever the reason, the database is away.
                StoreError::Internal(message) => StoreError::Unavailable(message),
                other => other,
            })?,
            Err(_) => return Err(no_answer(self.connect_timeout)),
        };
        runtime.spawn(connection);
        let mut session = PostgresSession {
            client,
            runtime,
            statements: HashMap::new(),
            answer_timeout: self.answer_timeout,
            is_silent: false,
        };
        session.execute_script(&self.settings)?;
        Ok(session)
    }

    /// Notes that the server is away and, as the first to notice, looks for it until it is back.
    fn wait_for_return(&self, error: &StoreError) {
        if !self.reachability.lose(without_prefix(error)) {
            return;
        }
        let connector = self.clone();
        let search = move || {
            let mut pause = PAUSE_MIN;
            // Only this thread is left when the store is closed: then nobody waits for the server any more.
            while Arc::strong_count(&connector.reachability.0) > 1 && connector.connect().is_err() {
                std::thread::sleep(pause);
                pause = (pause * 2).min(PAUSE_MAX);
            }
            connector.reachability.regain();
        };
        if std::thread::Builder::new().name("store-reconnect".to_owned()).spawn(search).is_err() {
            self.reachability.regain();
        }
    }
}

fn without_prefix(error: &StoreError) -> String {
    match error {
        StoreError::Unavailable(message) => message.clone(),
        other => other.to_string(),
    }
}

/// A connection with its prepared statements. It lives on one thread, and only runs while that thread waits for an answer.
pub(crate) struct PostgresSession {
    client: Client,
    runtime: Runtime,
    statements: HashMap<&'static str, Statement>,
    answer_timeout: Duration,
    /// True when an answer did not come in time: what the server does with the request is unknown from then on.
    is_silent: bool,
}

impl PostgresSession {
    pub(crate) fn execute(&mut self, sql: &'static str, parameters: &[Parameter<'_>]) -> Result<u64, StoreError> {
        let statement = self.statement(sql)?;
        self.answer(async |client| client.execute(&statement, &borrowed(parameters)).await)
    }

    pub(crate) fn rows(&mut self, sql: &'static str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError> {
        let statement = self.statement(sql)?;
        let rows = self.answer(async |client| client.query(&statement, &borrowed(parameters)).await)?;
        rows.iter().map(row).collect()
    }

    pub(crate) fn prepare(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.statement(sql).map(|_| ())
    }

    /// Runs a script of several statements, as migrations are.
    pub(crate) fn execute_script(&mut self, script: &str) -> Result<(), StoreError> {
        self.answer(async |client| client.batch_execute(script).await)
    }

    /// Lets the next statements take as long as they need, as migrations may.
    pub(crate) fn be_patient(&mut self) {
        self.answer_timeout = Duration::MAX;
    }

    fn is_usable(&self) -> bool {
        !self.is_silent && !self.client.is_closed()
    }

    fn statement(&mut self, sql: &'static str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.answer(async |client| client.prepare(sql).await)?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    fn answer<T>(
        &mut self,
        ask: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, StoreError> {
        if self.is_silent {
            return Err(no_answer(self.answer_timeout));
        }
        let asking = async { tokio::time::timeout(self.answer_timeout, ask(&self.client)).await };
        match self.runtime.block_on(asking) {
            Ok(answer) => answer.map_err(|error| failure(&error)),
            Err(_) => {
                self.is_silent = true;
                Err(no_answer(self.answer_timeout))
            }
        }
    }
}

fn no_answer(within: Duration) -> StoreError {
    StoreError::Unavailable(format!("the server gave no answer within {} s", within.as_secs_f32()))
}

fn borrowed<'a>(parameters: &'a [Parameter<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    parameters.iter().map(|parameter| parameter as &(dyn ToSql + Sync)).collect()
}

fn row(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let values: Result<Vec<Value>, _> = (0..row.len()).map(|column| row.try_get::<_, Value>(column)).collect();
    values.map(Row).map_err(|error| StoreError::Internal(error.to_string()))
}

/// Starts a thread; it ends when the queue's senders are gone and the queue is empty.
pub(crate) fn spawn(connector: Connector, access: Access, queue: Receiver<Box<dyn Request>>) -> Result<(), StoreError> {
    let body = move || {
        let mut session = None;
        while let Ok(request) = queue.recv() {
            if request.is_abandoned() {
                continue;
            }
            if let Err(error) = connector.reachability.check() {
                request.fail(error);
                continue;
            }
            serve(&connector, access, &mut session, request);
        }
    };
    std::thread::Builder::new()
        .name(format!("store-{access:?}").to_lowercase())
        .spawn(body)
        .map(|_| ())
        .map_err(|error| StoreError::Unavailable(format!("no thread for the database: {error}")))
}

fn serve(connector: &Connector, access: Access, session: &mut Option<PostgresSession>, mut request: Box<dyn Request>) {
    let mut attempt = 0;
    loop {
        attempt += 1;
        match begin(connector, access, session).and_then(|open| transact(open, request.as_mut())) {
            Ok(()) => return request.succeed(),
            Err(Failure { error, retry: true }) if attempt < ATTEMPTS_MAX => {
                tracing::debug!(%error, attempt, "the transaction is run again");
            }
            Err(Failure { error, .. }) => {
                if session.as_ref().is_none_or(|session| !session.is_usable()) {
                    *session = None;
                }
                return request.fail(error);
            }
        }
    }
}

struct Failure {
    error: StoreError,
    /// Nothing was committed, and the same transaction can succeed when it is run again.
    retry: bool,
}

/// A session with a transaction begun. A connection that died while idle is found out here, before anything was done,
/// and made anew.
fn begin<'s>(
    connector: &Connector,
    access: Access,
    session: &'s mut Option<PostgresSession>,
) -> Result<&'s mut PostgresSession, Failure> {
    let begun = session.as_mut().is_some_and(|open| open.execute_script(access.begin()).is_ok());
    if !begun {
        *session = None;
        let connected = connector.connect().and_then(|mut open| {
            open.execute_script(access.begin())?;
            Ok(open)
        });
        match connected {
            Ok(open) => *session = Some(open),
            Err(error) => {
                connector.wait_for_return(&error);
                return Err(Failure { error, retry: false });
            }
        }
    }
    session
        .as_mut()
        .ok_or_else(|| Failure { error: StoreError::Internal("a session vanished".to_owned()), retry: false })
}

fn transact(session: &mut PostgresSession, request: &mut dyn Request) -> Result<(), Failure> {
    if let Err(error) = request.run(&mut Transaction::new(Backend::Postgres(session))) {
        let _ = session.execute_script("ROLLBACK");
        let retry = matches!(&error, StoreError::Conflict { constraint, .. } if constraint == CONCURRENCY);
        return Err(Failure { error, retry });
    }
    if request.is_abandoned() {
        let _ = session.execute_script("ROLLBACK");
        return Err(Failure { error: StoreError::Unavailable("the caller has gone".to_owned()), retry: false });
    }
    session.execute_script("COMMIT").map_err(|error| {
        let retry = matches!(&error, StoreError::Conflict { constraint, .. } if constraint == CONCURRENCY);
        Failure { error, retry }
    })
}

/// The "constraint" of a deadlock or a serialization failure.
const CONCURRENCY: &str = "concurrency";

/// PostgreSQL's error as one of ours.
fn failure(error: &tokio_postgres::Error) -> StoreError {
    let Some(answer) = error.as_db_error() else {
        // The driver's own words are often only "db error" or "error connecting to server"; the cause says more.
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        let message = format!("{error}{}", if error.to_string().contains(&cause) { "" } else { &cause });
        return if error.is_closed() || error.to_string().contains("connect") || is_io(error) {
            StoreError::Unavailable(message)
        } else {
            StoreError::Internal(message)
        };
    };
    let message = match answer.detail() {
        Some(detail) => format!("{} ({detail})", answer.message()),
        None => answer.message().to_owned(),
    };
    let code = answer.code();
    match code {
        _ if [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE].contains(code) => {
            StoreError::Conflict { constraint: CONCURRENCY.to_owned(), message }
        }
        _ if *code == SqlState::DISK_FULL => StoreError::Full(message),
        _ if *code == SqlState::LOCK_NOT_AVAILABLE => StoreError::Overloaded(message),
        _ if code.code().starts_with("23") => {
            StoreError::Conflict { constraint: answer.constraint().unwrap_or("unnamed").to_owned(), message }
        }
        // Connection exceptions, insufficient resources, operator intervention, system errors.
        _ if ["08", "53", "57", "58"].iter().any(|class| code.code().starts_with(class)) => {
            StoreError::Unavailable(message)
        }
        // Wrong password, unknown role or database.
        _ if code.code().starts_with("28") || *code == SqlState::INVALID_CATALOG_NAME => StoreError::Unusable(message),
        _ => StoreError::Internal(message),
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Integer(integer) => integer.to_sql_checked(ty, out),
            Self::Text(text) => text.as_ref().to_sql_checked(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        <i64 as ToSql>::accepts(ty) || <&str as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        match *ty {
            Type::INT8 => i64::from_sql(ty, raw).map(Self::Integer),
            Type::INT4 => i32::from_sql(ty, raw).map(|integer| Self::Integer(i64::from(integer))),
            _ => String::from_sql(ty, raw).map(Self::Text),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::INT4) || <String as FromSql>::accepts(ty)
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Connector")
    }
}
