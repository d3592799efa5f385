//! Connections to PostgreSQL: how they are made, how they answer, and what is known of the server while there is none.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::runtime::Runtime;
use tokio_postgres::{Client, Connection, Socket, Statement, config::SslMode, error::SqlState, types::ToSql};

use super::{
    postgres_tls::{self, TlsStream},
    postgres_tls_error::TlsError,
    postgres_values::failure,
};
use crate::{
    StoreError, StoreOptions,
    postgres_url::PostgresUrl,
    row::{Parameter, Row, Value},
    tls_settings::TlsSettings,
};

/// The pause after the first attempt to find a server that is away; it doubles with each further one.
pub(super) const PAUSE_MIN: Duration = Duration::from_millis(50);
/// The longest pause.
pub(super) const PAUSE_MAX: Duration = Duration::from_secs(1);

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

    /// Notes why the server is still away.
    fn note(&self, error: &StoreError) {
        let reason = without_prefix(error);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(reason.clone());
        if known.as_ref() != Some(&reason) {
            tracing::warn!(%reason, "the database is still away");
        }
    }

    fn regain(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Makes connections.
#[derive(Clone)]
pub(crate) struct Connector {
    url: PostgresUrl,
    settings: String,
    connect_timeout: Duration,
    answer_timeout: Duration,
    reachability: Reachability,
    deadlocks: Arc<AtomicU64>,
}

impl Connector {
    pub(crate) fn new(url: &str, options: &StoreOptions, reachability: Reachability) -> Result<Self, StoreError> {
        let mut url = PostgresUrl::read(url).map_err(|error| StoreError::Unusable(error.to_string()))?;
        url.config
            .application_name("lotwise")
            .connect_timeout(options.connect_timeout)
            .keepalives_idle(Duration::from_secs(10))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3)
            .tcp_user_timeout(options.statement_timeout);
        // Read again with each connection: here, so that a file that cannot be used is known of at the start.
        postgres_tls::connector(&url)?;
        // A process that hangs in the middle of a write holds what the others want to write, until the server ends its
        // transaction: no longer than a statement may take.
        let settings = format!(
            "SET statement_timeout = {0}; SET lock_timeout = {1}; SET idle_in_transaction_session_timeout = {0}; \
             SET client_min_messages = warning; SET standard_conforming_strings = on",
            options.statement_timeout.as_millis(),
            options.lock_timeout.as_millis(),
        );
        Ok(Self {
            url,
            settings,
            connect_timeout: options.connect_timeout,
            answer_timeout: options.statement_timeout + options.connect_timeout,
            reachability,
            deadlocks: Arc::default(),
        })
    }

    /// How often a transaction of this process has lost a deadlock.
    pub(crate) fn deadlocks(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.deadlocks)
    }

    pub(super) fn note_deadlock(&self) {
        self.deadlocks.fetch_add(1, Ordering::Relaxed);
    }

    /// Refuses at once while the server is known to be away.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.reachability.check()
    }

    /// A connection of the calling thread, which must not be one that runs asynchronous tasks.
    pub(crate) fn connect(&self) -> Result<PostgresSession, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreError::Unavailable(format!("no connection to the database: {error}")))?;
        let (client, connection) = runtime.block_on(self.dial())?;
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

    /// A connection that nobody has used yet.
    pub(super) async fn dial(&self) -> Result<(Client, Connection<Socket, TlsStream>), StoreError> {
        // The driver's own time limit ends when the connection is accepted: a silent server must not hold us either.
        match tokio::time::timeout(self.connect_timeout, self.dial_as_settings_allow()).await {
            Ok(connected) => connected.map_err(|error| match error {
                // Out of connections, starting up, shutting down: whatever the reason, the database is away.
                StoreError::Internal(message) => StoreError::Unavailable(message),
                other => other,
            }),
            Err(_) => Err(no_answer(self.connect_timeout)),
        }
    }

    /// With TLS where the settings want it; without, where they allow that and nothing else works, as libpq does.
    async fn dial_as_settings_allow(&self) -> Result<(Client, Connection<Socket, TlsStream>), StoreError> {
        let PostgresUrl { config, tls } = &self.url;
        let connector = postgres_tls::connector(&self.url)?;
        let connected = match config.connect(connector.clone()).await {
            Err(error) if config.get_ssl_mode() == SslMode::Prefer && is_refused_for_tls(&error, tls) => {
                let reason =
                    TlsError::of(&error, &tls.mode).map_or_else(|| failure(&error).to_string(), |tls| tls.to_string());
                let plain = config.clone().ssl_mode(SslMode::Disable).connect(connector).await;
                // An outage is tried again each second, and has its own words.
                if plain.is_ok() {
                    tracing::warn!(%reason, "no TLS to the database: it goes on without, as sslmode=prefer allows");
                } else {
                    tracing::debug!(%reason, "no connection to the database with TLS, nor without");
                }
                plain
            }
            outcome => outcome,
        };
        connected.map_err(|error| TlsError::of(&error, &tls.mode).map_or_else(|| failure(&error), StoreError::from))
    }

    /// Notes that the server is away and, as the first to notice, looks for it until it is back.
    pub(super) fn wait_for_return(&self, error: &StoreError) {
        self.look_for_server(error, |_| Ok(()));
    }

    /// Notes that the server is away and, as the first to notice, looks for it until `welcome` has succeeded on a
    /// connection to it. Until then every request is refused.
    pub(crate) fn look_for_server(
        &self,
        error: &StoreError,
        welcome: impl Fn(&mut PostgresSession) -> Result<(), StoreError> + Send + 'static,
    ) {
        if !self.reachability.lose(without_prefix(error)) {
            return;
        }
        let connector = self.clone();
        let search = move || {
            let mut pause = PAUSE_MIN;
            // Only this thread is left when the store is closed: then nobody waits for the server any more.
            while Arc::strong_count(&connector.reachability.0) > 1 {
                match connector.connect().and_then(|mut session| welcome(&mut session)) {
                    Ok(()) => break,
                    Err(error) => connector.reachability.note(&error),
                }
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

/// True when the handshake failed, or the server's `pg_hba.conf` turns those away who come with TLS.
fn is_refused_for_tls(error: &tokio_postgres::Error, tls: &TlsSettings) -> bool {
    TlsError::of(error, &tls.mode).is_some() || error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
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

    /// The number that a statement answers which is asked once, and not kept prepared.
    pub(crate) fn number(&mut self, sql: &str) -> Result<i64, StoreError> {
        let row = self.answer(async |client| client.query_one(sql, &[]).await)?;
        row.try_get(0).map_err(|error| StoreError::Internal(error.to_string()))
    }

    /// Lets the next statements take as long as they need, as migrations may.
    pub(crate) fn be_patient(&mut self) {
        self.answer_timeout = Duration::MAX;
    }

    pub(super) fn is_usable(&self) -> bool {
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

impl fmt::Debug for Connector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Connector")
    }
}
