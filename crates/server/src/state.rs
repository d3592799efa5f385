//! What every request and worker shares.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::HeaderMap;
use flags::{Asker, Decision, EnvironmentSwitch, Flag, LoadError, Override};
use jiff::Timestamp;
use store::flag_book::{self, FlagBook};
use store::{Store, StoreError};
use tokio::sync::{Mutex, OnceCell, Semaphore, watch};

use crate::imports::READ_AT_ONCE_MAX;

use crate::auth::{Caller, Memory};
use crate::clock::Clock;
use crate::config::{Config, Environment, SigningSecret};
use crate::database_time::DatabaseTime;
use crate::error::is_passing;
use crate::invitation_secret;
use crate::live_flags::{LiveFlags, OptOuts, Published, Seen, StateFile};
use crate::metrics::{LevelReader, Metrics};
use crate::random;
use crate::result_cache::ResultCache;
use crate::rollouts::evidence::Evidence;
use crate::rollouts::faults::Faults;
use crate::sign_in::SignIn;
use crate::snapshot_board::SnapshotBoard;
use crate::wishes::wish;

/// Workbooks written at once, each of which may take some hundred mebibytes.
const WRITTEN_AT_ONCE_MAX: usize = 2;
/// One place of so many is for requests without a key.
const STRANGERS_SHARE: usize = 8;

/// The server's state. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    clock: Arc<dyn Clock>,
    config: Config,
    metrics: Metrics,
    levels: LevelReader,
    flags: LiveFlags,
    opt_outs: OptOuts,
    /// What this process has counted of rollouts.
    evidence: Evidence,
    faults: Faults,
    database_time: DatabaseTime,
    /// Id of this process, of this run.
    replica: String,
    /// Held by whoever stores a kill or takes one back: a kill that waits must not be stored after its restore.
    switching: Mutex<()>,
    invitation_secret: OnceCell<SigningSecret>,
    /// One permit: simulations of policies are made one at a time.
    simulating: Arc<Semaphore>,
    memory: Memory,
    sign_in: SignIn,
    results: ResultCache,
    snapshots: SnapshotBoard,
    stopping: watch::Sender<bool>,
    /// Held while a file is read.
    importing: Arc<Semaphore>,
    exporting: Arc<Semaphore>,
    strangers: Semaphore,
    /// One permit: copies of the database are made one at a time.
    backing_up: Arc<Semaphore>,
    /// True once the end is announced to whoever spreads requests over the replicas.
    is_leaving: AtomicBool,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The watched flags file cannot be read.
    #[error("the flags file {} cannot be read: {source}", path.display())]
    FlagsFileUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The watched flags file is no flagd document.
    #[error("the flags file {} cannot be used: {source}", path.display())]
    FlagsFileInvalid {
        /// The file.
        path: PathBuf,
        /// Why.
        source: LoadError,
    },
}

impl AppState {
    /// The state of a server over an open store. Reads the flags; where the database cannot be reached, the last known
    /// ones hold, and without any the server's own flags are off.
    ///
    /// # Errors
    /// What the database answers, other than that it is away; a flags file that is none.
    pub async fn new(config: Config, store: Store, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let flags = LiveFlags::new(
            config.switches(),
            config.environment != Environment::Production,
            state_file(&config, &store),
        );
        start_flags(&flags, &config, &store).await?;
        let invitation_secret = OnceCell::new_with(config.invitation_secret.clone());
        let metrics = Metrics::new();
        store.measure_with(metrics.database.meter(Arc::clone(&clock)));
        let strangers_max = (config.requests_at_once_max / STRANGERS_SHARE).max(1);
        let shared = Shared {
            memory: Memory::new(store.url()),
            sign_in: SignIn::new(&config, &clock),
            store,
            clock,
            metrics,
            levels: LevelReader::default(),
            flags,
            opt_outs: OptOuts::new(),
            evidence: Evidence::default(),
            faults: Faults::default(),
            database_time: DatabaseTime::default(),
            replica: random::hex(&random::bytes::<8>()),
            switching: Mutex::new(()),
            invitation_secret,
            simulating: Arc::new(Semaphore::new(1)),
            results: ResultCache::new(),
            snapshots: SnapshotBoard::new(),
            stopping: watch::Sender::new(false),
            importing: Arc::new(Semaphore::new(READ_AT_ONCE_MAX)),
            exporting: Arc::new(Semaphore::new(WRITTEN_AT_ONCE_MAX)),
            strangers: Semaphore::new(strangers_max),
            backing_up: Arc::new(Semaphore::new(1)),
            is_leaving: AtomicBool::new(false),
            config,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.shared.clock
    }

    /// What the clock of the database shows, which all processes on it share.
    pub(crate) fn shared_now(&self) -> Timestamp {
        self.shared.database_time.of(self.clock().now())
    }

    pub(crate) fn database_time(&self) -> &DatabaseTime {
        &self.shared.database_time
    }

    /// The clock, for what outlives a borrow of this state.
    pub(crate) fn shared_clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.shared.clock)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.shared.config
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.shared.metrics
    }

    pub(crate) fn levels(&self) -> &LevelReader {
        &self.shared.levels
    }

    pub(crate) fn live_flags(&self) -> &LiveFlags {
        &self.shared.flags
    }

    pub(crate) fn opt_outs(&self) -> &OptOuts {
        &self.shared.opt_outs
    }

    pub(crate) fn evidence(&self) -> &Evidence {
        &self.shared.evidence
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    pub(crate) fn replica(&self) -> &str {
        &self.shared.replica
    }

    pub(crate) fn switching(&self) -> &Mutex<()> {
        &self.shared.switching
    }

    pub(crate) fn simulating(&self) -> &Arc<Semaphore> {
        &self.shared.simulating
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.shared.memory
    }

    pub(crate) fn sign_in(&self) -> &SignIn {
        &self.shared.sign_in
    }

    pub(crate) fn results(&self) -> &ResultCache {
        &self.shared.results
    }

    /// Places of requests that come without a key.
    pub(crate) fn strangers(&self) -> &Semaphore {
        &self.shared.strangers
    }

    pub(crate) fn exporting(&self) -> &Arc<Semaphore> {
        &self.shared.exporting
    }

    pub(crate) fn importing(&self) -> &Arc<Semaphore> {
        &self.shared.importing
    }

    pub(crate) fn backing_up(&self) -> &Arc<Semaphore> {
        &self.shared.backing_up
    }

    pub(crate) fn snapshots(&self) -> &SnapshotBoard {
        &self.shared.snapshots
    }

    /// Decides about a flag for a request, and counts the decision. What was decided before for the same request holds.
    pub(crate) fn is_enabled(
        &self,
        flag: Flag<bool>,
        caller: &Caller,
        headers: &HeaderMap,
        decided: Option<Decision>,
    ) -> bool {
        let decision = decided.unwrap_or_else(|| self.decide(flag, caller, headers));
        self.metrics().features.flag_checked(flag, decision.enabled);
        decision.enabled
    }

    /// Decides about a flag for a request, and notes what it says about its caller.
    pub(crate) fn decide(&self, flag: Flag<bool>, caller: &Caller, headers: &HeaderMap) -> Decision {
        self.decide_by(&self.live_flags().switchboard(), flag, caller, headers)
    }

    /// Decides by what is known at one moment.
    pub(crate) fn decide_by(
        &self,
        board: &Published,
        flag: Flag<bool>,
        caller: &Caller,
        headers: &HeaderMap,
    ) -> Decision {
        let (key, wish, now) = (caller.key(), wish(flag.key(), headers), self.clock().now());
        let asker = Asker { targeting_key: Some(&key), wish };
        let decision = board.decide(flag, asker, now.as_second());
        let value = if decision.enabled { "true" } else { "false" };
        let variant = board.set.get(flag.key()).and_then(|definition| definition.variant_of_value(value));
        let variant = variant.map(|(name, _)| name);
        self.live_flags().note_usage(flag.key(), variant, now.as_second());
        if wish != Override::None {
            self.see_wish(flag, key, wish == Override::Off);
        }
        decision
    }

    /// Notes whether somebody wants out of a flag.
    pub(crate) fn see_wish(&self, flag: Flag<bool>, targeting_key: String, opted_out: bool) {
        self.opt_outs().see(Seen { flag: flag.key(), targeting_key, opted_out, at: self.clock().now() });
    }

    /// Takes over what the database says about flags; compiles them where they have changed.
    pub(crate) async fn learn_flags(&self, book: FlagBook) {
        self.with_flags(move |flags| flags.learn(book)).await;
    }

    /// Runs what takes a while, or waits for a disk, on a thread of its own.
    pub(crate) async fn with_flags<T: Send + 'static>(
        &self,
        work: impl FnOnce(&LiveFlags) -> T + Send + 'static,
    ) -> Option<T> {
        let state = self.clone();
        match tokio::task::spawn_blocking(move || work(state.live_flags())).await {
            Ok(outcome) => Some(outcome),
            Err(error) => {
                tracing::error!(%error, "work on the flags broke off");
                None
            }
        }
    }

    /// Writes the state file where it is out of date. A disk that does not take it is logged: the flags go on.
    pub(crate) async fn save_flags(&self) {
        if let Some(Err(error)) = self.with_flags(LiveFlags::save).await {
            tracing::error!(%error, "the last known flags cannot be written to their file");
        }
    }

    /// Reads the flags from the database if they are not what is known here.
    ///
    /// # Errors
    /// What the database answers.
    pub(crate) async fn refresh_flags(&self) -> Result<(), StoreError> {
        let outcome = self.read_flags().await;
        self.live_flags().set_behind(outcome.is_err());
        outcome
    }

    /// Reads the flags anew if the database was away when they were last to be read: after an outage nothing is let through
    /// by what was known before it. While the database is away the last known state holds.
    pub(crate) async fn catch_up_with_flags(&self) {
        if self.live_flags().is_behind() {
            // What fails here is told by the worker that follows the database.
            let _ = self.refresh_flags().await;
        }
    }

    async fn read_flags(&self) -> Result<(), StoreError> {
        let known = self.live_flags().confirmed_revision();
        let book = self
            .store()
            .read(move |tx| {
                let is_known = Some(flag_book::revision(tx)?) == known;
                if is_known { Ok(None) } else { flag_book::read(tx).map(Some) }
            })
            .await?;
        if let Some(book) = book {
            self.learn_flags(book).await;
        }
        Ok(())
    }

    /// The key of invitation links: the configured one, or the one this database keeps.
    ///
    /// # Errors
    /// What the database answers, where it has to be asked.
    pub(crate) async fn invitation_secret(&self) -> Result<SigningSecret, StoreError> {
        let stored = || invitation_secret::stored(self.store(), self.clock().now());
        self.shared.invitation_secret.get_or_try_init(stored).await.cloned()
    }

    /// What somebody should mend in the set-up.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let config = self.config();
        let own = flags::ENABLE_LOT_LEVEL_MOIC.own().environment_variable;
        let of_server = config.lot_level_moic.warning(own);
        let of_page = [
            ("VITE_ENABLE_LOT_LEVEL_MOIC", &config.client_settings.enable_lot_level_moic),
            ("VITE_USE_FUND_STORE", &config.client_settings.use_fund_store),
        ];
        let of_page = of_page.into_iter().filter_map(|(variable, switch)| match switch {
            EnvironmentSwitch::Invalid(value) => Some(format!(
                "{variable} is {value:?}, which is neither true nor false: it counts as not set. Set it to true or false and restart."
            )),
            EnvironmentSwitch::Unset | EnvironmentSwitch::On | EnvironmentSwitch::Off => None,
        });
        let of_flags = self.live_flags().file_fault().into_iter().chain(self.live_flags().troubles());
        of_server.into_iter().chain(of_page).chain(of_flags).collect()
    }

    /// Announces the end of this process: from now on `/readyz` answers 503, while everything else goes on as before, until
    /// the future given to [`crate::serve`] is done.
    pub fn leave(&self) {
        self.shared.is_leaving.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.shared.is_leaving.load(Ordering::Relaxed)
    }

    /// Tells workers and streams to come to an end.
    pub(crate) fn stop(&self) {
        self.shared.stopping.send_replace(true);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.shared.stopping.borrow()
    }

    /// Waits until the server is told to stop.
    pub(crate) async fn stopping(&self) {
        // The sender lives as long as this state, so waiting cannot fail.
        let _ = self.shared.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }
}

/// The file with the last known flags. Without one the service works, but forgets them when it ends.
fn state_file(config: &Config, store: &Store) -> Option<StateFile> {
    match StateFile::claim(store.url(), config.state_dir.as_deref()) {
        Ok(file) => file,
        Err(error) => {
            tracing::error!(%error, "the last known flags cannot be kept in a file; a kill is lost if the database is away at the next start");
            None
        }
    }
}

/// What the flags are from the first request on: the last known, then the watched file's, then the database's word.
async fn start_flags(flags: &LiveFlags, config: &Config, store: &Store) -> Result<(), StartError> {
    if let Some(file) = flags.state_file() {
        match file.read() {
            Ok(Some(known)) => flags.remember(known),
            Ok(None) => {}
            Err(error) => tracing::error!(file = %file.path().display(), %error, "the last known flags cannot be read"),
        }
    }
    if let Some(path) = &config.flags_file {
        let bytes =
            std::fs::read(path).map_err(|source| StartError::FlagsFileUnreadable { path: path.clone(), source })?;
        let problems =
            flags.take_file(&bytes).map_err(|source| StartError::FlagsFileInvalid { path: path.clone(), source })?;
        for problem in problems {
            tracing::error!(file = %path.display(), %problem, "a flag of the file is broken and answers PARSE_ERROR");
        }
    }
    match store.read(flag_book::read).await {
        Ok(book) => flags.learn(book),
        Err(error) if is_passing(&error) => {
            tracing::error!(%error, "the database cannot be asked for the flags; the last known ones hold, or the server's own are off");
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Tells a story of a service without workers, on a SQLite file of its own, whose clock stands still at `at` after the epoch.
#[cfg(test)]
pub(crate) async fn with_service(at: std::time::Duration, story: impl AsyncFnOnce(&AppState)) {
    let folder = tempfile::tempdir().unwrap();
    let url = store::DatabaseUrl::Sqlite(folder.path().join("lotwise.db"));
    let open = move || Store::open(&url, &store::StoreOptions::default()).unwrap();
    let store = tokio::task::spawn_blocking(open).await.unwrap();
    let clock = Arc::new(crate::clock::StoppedClock(at));
    let state = AppState::new(Config::default(), store.clone(), clock).await.unwrap();
    story(&state).await;
    // The last handle waits for the database's threads, which must not happen on an async thread.
    tokio::task::spawn_blocking(move || drop((state, store))).await.unwrap();
}
