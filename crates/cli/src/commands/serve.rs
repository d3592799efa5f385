//! `lotwise serve`: the service with its API, web client and workers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use serde_json::json;
use server::{AppState, Config, StartError};
use store::tokens::{Grant, Role};
use store::{DatabaseUrl, Page, Store, StoreError, StoreOptions, Transaction, ids, leases, people, sessions};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::failure::Failure;
use crate::local_act;
use crate::settings::{SettingArguments, Settings};
use crate::system_clock::{self, SystemClock};

/// Hours during which the first administrator's link works.
const FIRST_LINK_HOURS: i64 = 24;
/// What the process holds that makes it.
const FIRST_ADMINISTRATOR: &str = "first administrator";
/// How long that process is given.
const FIRST_LINK_MADE_IN: Duration = Duration::from_secs(60);
/// How long calculations may go on that are still running when everything else has ended.
const LAST_GRACE: Duration = Duration::from_secs(1);

/// Run the service: API, web client and snapshot workers.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: SettingArguments,
}

/// Serves until it is told to stop by SIGINT or SIGTERM.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let settings = Settings::read(&arguments.settings)?;
    let runtime = Runtime::new().context("cannot start the asynchronous runtime")?;
    let store = open_for_serving(&settings)?;
    let outcome = runtime.block_on(async {
        let listener = listen(settings.listen.value).await?;
        let address = listener.local_addr().context("the socket has no address")?;
        let state = start(settings.config(), store.clone()).await?;
        println!("Lotwise listens on http://{address} ({}, {})", settings.environment.value, settings.database.value);
        let origin = settings.public_url.value.clone().unwrap_or_else(|| format!("http://{address}"));
        // Without its database nobody knows whether anybody has signed in; `lotwise token link` makes a link later.
        if settings.secrets.admin_token.value.is_none()
            && store.is_migrated()
            && let Some(link) = link_of_first_administrator(&store, &origin).await.context("cannot read the people")? {
            println!("Nobody has signed in yet. Within {FIRST_LINK_HOURS} hours, this link makes you the administrator, once:");
            println!("  {link}");
        }
        // The last clone to go closes the database.
        drop(store);
        let drain = Duration::from_secs(settings.drain_seconds.value.into());
        serve(state, listener, drain).await
    });
    // Calculations that nobody waits for any more cannot be broken off; they must not keep the process either.
    runtime.shutdown_timeout(LAST_GRACE);
    outcome
}

/// Refuses a database of a stopped server that is not there: opening it would create a new one.
pub fn must_exist(url: &DatabaseUrl) -> Result<(), Failure> {
    match url {
        DatabaseUrl::Sqlite(path) if !path.exists() => {
            let hint = "name the file that the server uses; lotwise serve creates a new one".to_owned();
            Err(Failure::bad_input(format!("there is no database {}", path.display()), hint))
        }
        _ => Ok(()),
    }
}

/// Opens the database that the settings name.
pub fn open(settings: &Settings) -> Result<Store, Failure> {
    Store::open(&settings.database.value, &StoreOptions::default())
        .map_err(|error| open_failure(&settings.database.value.to_string(), error))
}

/// Opens the database that the settings name. A PostgreSQL server that cannot be reached is waited for while serving: the
/// last known flags, kills included, hold meanwhile.
fn open_for_serving(settings: &Settings) -> Result<Store, Failure> {
    let url = &settings.database.value;
    let store = Store::open_unreachable_ok(url, &StoreOptions::default())
        .map_err(|error| open_failure(&url.to_string(), error))?;
    if !store.is_migrated() {
        tracing::warn!("the database {url} cannot be reached; serving begins without it and goes on once it is there");
    }
    Ok(store)
}

/// What to say when a database cannot be opened.
pub fn open_failure(database: &str, error: StoreError) -> Failure {
    Failure::Failed(anyhow::Error::new(error).context(format!("cannot open the database {database}")))
}

/// Takes the address, or says who may have it.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::Failed(anyhow::Error::new(error).context(format!(
            "cannot listen on {address}; another program may have the port: choose another one, or port 0 for a free one"
        )))
    })
}

/// The state that a server begins with, or why it does not start.
pub async fn start(config: Config, store: Store) -> Result<AppState, Failure> {
    AppState::new(config, store, Arc::new(SystemClock::start())).await.map_err(|error| match error {
        StartError::Store(error) => Failure::Failed(anyhow::Error::new(error).context("cannot read the flags")),
        // It names its cause itself.
        error @ (StartError::FlagsFileUnreadable { .. } | StartError::FlagsFileInvalid { .. }) => {
            let hint = "mend the file, or start without --flags-file; lotwise flags lint --file names every problem";
            Failure::refused(error.to_string(), hint.to_owned())
        }
    })
}

/// Serves on `listener` until a signal comes. After SIGTERM it goes on for the time of `drain`, in which `/readyz` says that it
/// is about to end; SIGINT, which is what a person sends, begins the end at once. Another signal ends the drain, and one after
/// that everything.
pub async fn serve(state: AppState, listener: TcpListener, drain: Duration) -> Result<(), Failure> {
    let leaving = state.clone();
    let (tell_end, end_begun) = oneshot::channel();
    let told = async move {
        if signal().await == Signal::Terminate && !drain.is_zero() {
            leaving.leave();
            tracing::info!(seconds = drain.as_secs(), "told to end: /readyz answers 503 from now on");
            tokio::select! {
                () = tokio::time::sleep(drain) => {}
                _ = signal() => {}
            }
        }
        let _ = tell_end.send(());
    };
    let insisted = async {
        let _ = end_begun.await;
        signal().await;
    };
    tokio::select! {
        () = server::serve(state, listener, told) => {}
        () = insisted => tracing::warn!("told again to end: what was still running is broken off"),
    }
    Ok(())
}

/// What told the process to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: somebody at the keyboard.
    Interrupt,
    /// SIGTERM: whatever runs the process.
    Terminate,
}

/// Waits for SIGINT or SIGTERM.
pub async fn signal() -> Signal {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => Signal::Interrupt,
                _ = terminate.recv() => Signal::Terminate,
            }
        }
        Err(error) => {
            tracing::warn!("SIGTERM cannot be handled ({error}); stop the service with SIGINT");
            // When even SIGINT cannot be handled, serving goes on and only SIGKILL ends it.
            if interrupt.await.is_err() {
                std::future::pending::<()>().await;
            }
            Signal::Interrupt
        }
    }
}

/// A login link for the first administrator, as long as nobody has been entered.
async fn link_of_first_administrator(store: &Store, origin: &str) -> Result<Option<String>, StoreError> {
    let now = system_clock::now();
    let expires_at = system_clock::hours_after(now, FIRST_LINK_HOURS);
    let secret = store
        .write(move |tx| {
            let is_somebody_there = |tx: &mut Transaction<'_>| {
                let page = people::list(tx, &Page::default())?;
                Ok::<_, StoreError>(!page.items.is_empty())
            };
            // Of replicas that start together one makes the link; the others wait for it here, and then see its person.
            let holder = ids::uuid_v7(now)?.to_string();
            if is_somebody_there(tx)?
                || leases::take(tx, FIRST_ADMINISTRATOR, &holder, FIRST_LINK_MADE_IN, now)?.is_none()
                || is_somebody_there(tx)?
            {
                return Ok(None);
            }
            let grant = Grant { role: Role::Admin, funds: None };
            let person = people::create_with_access(tx, "Administrator", &grant, now)?;
            let details = json!({ "role": grant.role.as_str() });
            local_act::record(tx, "login.create", &format!("person:{}", person.id), &details, now)?;
            sessions::create_login(tx, person.id, &grant, expires_at, now).map(Some)
        })
        .await?;
    Ok(secret.map(|secret| login_link(origin, secret.reveal())))
}

/// The address of the web client at `origin` (scheme, host and port) with a one-time token.
pub fn login_link(origin: &str, token: &str) -> String {
    format!("{origin}/?token={token}")
}
