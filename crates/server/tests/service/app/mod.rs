//! A service under test: its own database file, a clock that stands still, workers, and a client.

mod client;
mod clock;
mod flags;
mod portfolio;
mod rollout;

use std::sync::Arc;
use std::time::Duration;

use ::flags::EnvironmentSwitch;
use axum::Router;
use axum::http::Method;
use serde_json::{Value, json};
use server::{AdminToken, AppState, Config, Environment};
use store::{DatabaseUrl, Store, StoreOptions};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use client::{Answer, Request};
pub use clock::ManualClock;
pub use flags::{FLAG, Person, boolean_flag, own_flag};
pub use portfolio::{Company, Fund};
pub use rollout::{POLICY, Story};

pub const ADMIN_TOKEN: &str = "test-admin-token-with-32-or-more-characters";

/// How a service under test is started.
pub struct Setup {
    pub config: Config,
    pub folder: Option<TempDir>,
    pub database: Option<DatabaseUrl>,
    /// Whether the service starts while its database is away.
    pub unreachable_ok: bool,
    /// The time of the service; replicas share one.
    pub clock: Arc<ManualClock>,
}

impl Setup {
    pub fn new() -> Self {
        let config = Config {
            keeps_own_time: true,
            environment: Environment::Staging,
            lot_level_moic: EnvironmentSwitch::On,
            admin_token: Some(AdminToken::new(ADMIN_TOKEN).unwrap()),
            ..Config::default()
        };
        Self { config, folder: None, database: None, unreachable_ok: false, clock: Arc::new(ManualClock::new()) }
    }

    /// `ENABLE_LOT_LEVEL_MOIC` has this value.
    pub fn with_variable(mut self, value: Option<&str>) -> Self {
        self.config.lot_level_moic = EnvironmentSwitch::from_variable(value);
        self
    }

    pub fn without_workers(mut self) -> Self {
        self.config.snapshot_workers = 0;
        self
    }

    pub fn with_config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// On the database that another service left behind.
    pub fn on(mut self, folder: TempDir) -> Self {
        self.folder = Some(folder);
        self
    }

    /// On this database instead of a file of its own.
    pub fn on_database(mut self, url: &str) -> Self {
        self.database = Some(url.parse().unwrap());
        self
    }

    /// In the time of another service.
    pub fn in_time_of(mut self, other: &TestApp) -> Self {
        self.clock = other.clock.clone();
        self
    }

    /// Even if the database cannot be reached.
    pub fn even_without_database(mut self) -> Self {
        self.unreachable_ok = true;
        self
    }

    /// Why a service with these settings does not start.
    pub async fn refused(self) -> String {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("lotwise.db"));
        let open = move || Store::open(&url, &StoreOptions::default()).unwrap();
        let store = tokio::task::spawn_blocking(open).await.unwrap();
        let started = AppState::new(self.config, store.clone(), self.clock).await;
        tokio::task::spawn_blocking(move || drop(store)).await.unwrap();
        started.err().expect("the service starts").to_string()
    }

    pub async fn start(self) -> TestApp {
        let folder = self.folder.unwrap_or_else(|| tempfile::tempdir().unwrap());
        let file = DatabaseUrl::Sqlite(folder.path().join("lotwise.db"));
        let url = self.database.unwrap_or(file);
        let options = StoreOptions { readers: 2, ..StoreOptions::default() };
        let open = if self.unreachable_ok { Store::open_unreachable_ok } else { Store::open };
        let store = tokio::task::spawn_blocking(move || open(&url, &options).unwrap()).await.unwrap();
        let clock = self.clock;
        let state = AppState::new(self.config, store.clone(), clock.clone()).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let service = tokio::spawn(server::serve(state.clone(), listener, async {
            let _ = stopped.await;
        }));
        TestApp { router: server::router(state.clone()), state, store, clock, folder, address, stop, service }
    }
}

/// A running service under test.
pub struct TestApp {
    pub router: Router,
    pub state: AppState,
    pub store: Store,
    pub clock: Arc<ManualClock>,
    /// Host and port of the socket, for what only a real connection shows.
    pub address: String,
    folder: TempDir,
    stop: oneshot::Sender<()>,
    service: tokio::task::JoinHandle<()>,
}

impl TestApp {
    /// A service with the feature on.
    pub async fn start() -> Self {
        Setup::new().start().await
    }

    /// Ends the service; its database file stays for the next one.
    pub async fn stop(self) -> TempDir {
        let Self { router, state, store, folder, stop, service, .. } = self;
        let _ = stop.send(());
        service.await.unwrap();
        drop((router, state));
        // The last handle waits for the database's threads, which must not happen on an async thread.
        tokio::task::spawn_blocking(move || drop(store)).await.unwrap();
        folder
    }

    /// A request by the administrator.
    pub fn request(&self, method: Method, path: &str) -> Request {
        self.anonymous(method, path).bearer(ADMIN_TOKEN)
    }

    /// A request by this person.
    pub fn by(&self, person: &Person, method: Method, path: &str) -> Request {
        self.anonymous(method, path).bearer(&person.token)
    }

    /// Asks again until the answer has this status.
    pub async fn eventually(&self, path: &str, status: u16) {
        self.until(path, |answer| answer.status.as_u16() == status).await;
    }

    /// Asks again until the answer is as wanted.
    pub async fn until(&self, path: &str, is_wanted: impl Fn(&Answer) -> bool) -> Answer {
        let mut last = String::new();
        let asking = async {
            loop {
                let answer = self.get(path).await;
                if is_wanted(&answer) {
                    return answer;
                }
                last = answer.raw;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        match tokio::time::timeout(Duration::from_secs(30), asking).await {
            Ok(answer) => answer,
            Err(_) => panic!("{path} never answers as wanted; last it was {last}"),
        }
    }

    /// A request by nobody.
    pub fn anonymous(&self, method: Method, path: &str) -> Request {
        Request::new(self.router.clone(), method, path)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::POST, path).json(body).send().await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::PUT, path).json(body).send().await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path).send().await
    }

    /// A fund.
    pub async fn fund(&self, name: &str) -> Fund<'_> {
        Fund::create(self, name).await
    }

    /// The secret of a new token with this role, for these funds or all.
    pub async fn token(&self, role: &str, funds: Option<&[i64]>) -> String {
        let body = json!({ "name": format!("a {role}"), "role": role, "fundIds": funds });
        let answer = self.post("/api/tokens", &body).await.expect(201);
        answer.text("token")
    }

    pub async fn kill(&self, reason: &str) -> Answer {
        self.post("/api/flags/enableLotLevelMoic/kill", &json!({ "reason": reason })).await
    }

    pub async fn restore(&self, reason: &str) -> Answer {
        self.post("/api/flags/enableLotLevelMoic/restore", &json!({ "reason": reason })).await
    }

    /// The snapshot once a worker has brought it to its end.
    pub async fn finished(&self, snapshot: &str) -> Value {
        let events = format!("/api/snapshots/{snapshot}/events");
        let stream = self.get(&events);
        let stream = tokio::time::timeout(Duration::from_secs(30), stream).await.expect("the snapshot ends");
        stream.expect(200);
        self.get(&format!("/api/snapshots/{snapshot}")).await.expect(200).body
    }

    /// The value of one line of `/metrics`.
    pub async fn metric(&self, line: &str) -> f64 {
        let page = self.anonymous(Method::GET, "/metrics").send().await.expect(200).raw;
        let found = page.lines().find_map(|candidate| candidate.strip_prefix(line)?.strip_prefix(' '));
        found.unwrap_or_else(|| panic!("{line} is not in\n{page}")).parse().unwrap()
    }
}
