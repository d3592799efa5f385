//! A database of one test.

use std::sync::atomic::{AtomicU32, Ordering};

use store::{DatabaseUrl, Store, StoreError, StoreOptions, Transaction};

use crate::postgres_server::PostgresServer;

/// Runs a story on SQLite and on PostgreSQL: `on_both! { async fn name(database: TestDatabase) { … } }`.
macro_rules! on_both {
    ($(async fn $name:ident($database:ident: $type:ident) $body:block)+) => { $(
        mod $name {
            use super::*;

            async fn story(mut $database: $type) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                story($crate::database::TestDatabase::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                story($crate::database::TestDatabase::postgres().await).await;
            }
        }
    )+ };
}

/// An empty database, taken away at the end of the test.
pub struct TestDatabase {
    url: DatabaseUrl,
    options: StoreOptions,
    store: Option<Store>,
    _folder: Option<tempfile::TempDir>,
    /// The administrator's URL and the name of the database to drop.
    to_drop: Option<(String, String)>,
}

impl TestDatabase {
    /// A SQLite file in a folder of its own.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("test.db"));
        Self { url, options: few_threads(), store: None, _folder: Some(folder), to_drop: None }
    }

    /// A new database on the tests' PostgreSQL server.
    pub async fn postgres() -> Self {
        Self::on_server(&server_url()).await
    }

    /// A new database on the server with an administrator's `url`.
    pub async fn on_server(url: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("lotwise_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        administer(url, &format!("CREATE DATABASE {name}")).await;
        let to_drop = Some((url.to_owned(), name.clone()));
        let (server, query) = url.split_once('?').unwrap_or((url, ""));
        let (server, _) = server.rsplit_once('/').expect("a URL with a database");
        let url = if query.is_empty() { format!("{server}/{name}") } else { format!("{server}/{name}?{query}") };
        let url = url.parse().expect("a PostgreSQL URL");
        Self { url, options: few_threads(), store: None, _folder: None, to_drop }
    }

    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    pub fn options(&mut self) -> &mut StoreOptions {
        &mut self.options
    }

    /// Opens the store, or opens it again after closing it: what a restart does.
    pub fn reopen(&mut self) -> Result<Store, StoreError> {
        self.close();
        let store = Store::open(&self.url, &self.options)?;
        self.store = Some(store.clone());
        Ok(store)
    }

    pub fn close(&mut self) {
        self.store = None;
    }

    pub fn store(&mut self) -> Store {
        match &self.store {
            Some(store) => store.clone(),
            None => self.reopen().expect("the database opens"),
        }
    }

    /// A further store, as another replica has one. PostgreSQL only.
    pub fn another_store(&self) -> Result<Store, StoreError> {
        Store::open(&self.url, &self.options)
    }

    /// Runs a transaction that must succeed.
    pub async fn write<T: Send + 'static>(
        &mut self,
        work: impl Fn(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store().write(work).await.expect("the write succeeds")
    }

    /// Runs a read that must succeed.
    pub async fn read<T: Send + 'static>(
        &mut self,
        work: impl Fn(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store().read(work).await.expect("the read succeeds")
    }

    /// Runs a transaction that must be refused.
    pub async fn refused<T: Send + std::fmt::Debug + 'static>(
        &mut self,
        work: impl Fn(&mut Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreError {
        self.store().write(work).await.expect_err("the write is refused")
    }

    /// Runs statements behind the store's back, as somebody with their own tools would.
    pub async fn behind_the_back(&mut self, script: &str) -> Result<(), String> {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).map_err(|error| error.to_string())?;
                connection.busy_timeout(std::time::Duration::from_secs(10)).map_err(|error| error.to_string())?;
                connection.execute_batch(script).map_err(|error| error.to_string())
            }
            DatabaseUrl::Postgres(url) => {
                let client = connect(url).await;
                client.batch_execute(script).await.map_err(|error| {
                    error.as_db_error().map_or_else(|| error.to_string(), |answer| answer.message().to_owned())
                })
            }
        }
    }

    /// One number, asked behind the store's back.
    pub async fn count(&mut self, sql: &str) -> i64 {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).expect("the file opens");
                connection.query_row(sql, [], |row| row.get(0)).expect(sql)
            }
            DatabaseUrl::Postgres(url) => connect(url).await.query_one(sql, &[]).await.expect(sql).get(0),
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        self.close();
        let Some((url, name)) = self.to_drop.take() else { return };
        let drop_database = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                // The server may be one that this very test has stopped for good.
                if let Ok((client, connection)) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await {
                    tokio::spawn(connection);
                    let _ = client.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
                }
            });
        };
        let _ = std::thread::spawn(drop_database).join();
    }
}

fn few_threads() -> StoreOptions {
    StoreOptions { readers: 2, writers: 4, ..StoreOptions::default() }
}

fn server_url() -> String {
    match std::env::var("LOTWISE_TEST_POSTGRES") {
        Ok(url) if !url.is_empty() => url,
        _ => PostgresServer::shared().database("postgres"),
    }
}

async fn administer(url: &str, statement: &str) {
    connect(url).await.batch_execute(statement).await.expect(statement);
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
    tokio::spawn(connection);
    client
}
