//! `lotwise demo`: a fund of forty companies in a temporary database, the feature in a rollout's canary with simulated users,
//! and a link that signs in.

mod rollout;
mod seed;
mod traffic;

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use server::{Config, Environment};
use store::tokens::{Grant, NewToken, Role};
use store::{DatabaseUrl, Store, StoreOptions, people, sessions, tokens};
use tokio::runtime::Runtime;

use self::traffic::Traffic;
use crate::commands::serve::{listen, login_link, open_failure, serve, start};
use crate::failure::Failure;
use crate::system_clock;

/// Hours during which the printed link works.
const LINK_HOURS: i64 = 24;

/// Try the product: a temporary database with a fund of forty companies; everything is gone when it stops.
#[derive(clap::Args)]
pub struct Arguments {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
    /// The feature is simply on: no rollout, no simulated users
    #[arg(long)]
    without_rollout: bool,
    /// Do not open the page in a browser
    #[arg(long)]
    no_open: bool,
}

/// Runs the demo until it is told to stop.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let address = arguments.listen.parse().map_err(|error| {
        Failure::bad_input(format!("--listen {:?}: {error}", arguments.listen), "write it as 127.0.0.1:8080".to_owned())
    })?;
    let folder =
        tempfile::Builder::new().prefix("lotwise-demo-").tempdir().context("cannot make a temporary folder")?;
    let url = DatabaseUrl::Sqlite(folder.path().join("demo.db"));
    let runtime = Runtime::new().context("cannot start the asynchronous runtime")?;
    let store = Store::open(&url, &StoreOptions::default()).map_err(|error| open_failure(&url.to_string(), error))?;
    let config = Config {
        environment: Environment::Development,
        lot_level_moic: flags::EnvironmentSwitch::On,
        offers_faults: true,
        ..Config::default()
    };
    let served = runtime.block_on(async {
        let listener = listen(address).await?;
        let address = listener.local_addr().context("the socket has no address")?;
        let now = system_clock::now();
        let expires_at = system_clock::hours_after(now, LINK_HOURS);
        let simulates = !arguments.without_rollout;
        let (secret, token, users) = store
            .write(move |tx| {
                seed::fund(tx, now)?;
                let grant = Grant { role: Role::Admin, funds: None };
                let person = people::create_with_access(tx, "Demo administrator", &grant, now)?;
                let link = sessions::create_login(tx, person.id, &grant, expires_at, now)?;
                let token = NewToken {
                    name: "demo".to_owned(),
                    person_id: Some(person.id),
                    grant,
                    expires_at: Some(expires_at),
                };
                let (_, token) = tokens::create(tx, &token, now)?;
                let users = if simulates { rollout::users(tx, expires_at, now)? } else { Vec::new() };
                Ok((link, token, users))
            })
            .await
            .context("cannot write the demo fund")?;
        let state = start(config, store).await?;
        let welcome = Welcome {
            origin: format!("http://{address}"),
            link_token: secret.reveal().to_owned(),
            token: token.reveal().to_owned(),
            folder: folder.path().display().to_string(),
            opens: !arguments.no_open,
        };
        // It asks the server that is being started: the socket is open already, and its requests wait.
        let welcoming = tokio::task::spawn_blocking(move || {
            if simulates {
                return welcome.to_rollout(users, expires_at);
            }
            welcome.say("", "The feature is on for everyone.");
            None
        });
        let served = serve(state, listener, Duration::ZERO).await;
        if let Some(traffic) = welcoming.await.context("the demo's rollout broke off")? {
            let sent = tokio::task::spawn_blocking(|| traffic.stop()).await;
            tracing::debug!(?sent, "the simulated users have gone");
        }
        served
    });
    // The threads of the database end with the store, before its folder is removed.
    drop(runtime);
    served
}

/// What a visitor is told.
struct Welcome {
    origin: String,
    link_token: String,
    token: String,
    folder: String,
    opens: bool,
}

impl Welcome {
    /// Without its rollout the demo is still one.
    fn to_rollout(&self, users: Vec<String>, expires_at: Timestamp) -> Option<Traffic> {
        match rollout::begin(&self.origin, &self.token, users, expires_at) {
            Ok((invitation, traffic)) => {
                let canary = "The feature is in a rollout's canary, with simulated users: let a fault in and watch.";
                self.say(&format!("&{invitation}"), &format!("{canary}\n  {}/rollouts", self.origin));
                Some(traffic)
            }
            Err(failure) => {
                tracing::error!(failure = failure.message(), "the demo's rollout could not be started");
                self.say("", "The feature is on for everyone.");
                None
            }
        }
    }

    /// `invitation` goes behind the link's query.
    fn say(&self, invitation: &str, feature: &str) {
        let link = login_link(&self.origin, &self.link_token) + invitation;
        println!("Lotwise demo: Cedar Ridge Ventures II, forty invented companies, gross figures.");
        println!("Open this link, once:  {link}");
        println!("{feature}");
        println!("For commands:          export LOTWISE_SERVER={} LOTWISE_TOKEN={}", self.origin, self.token);
        println!("Everything is in {} and gone when you stop with Ctrl-C.", self.folder);
        if self.opens {
            open_in_browser(&link);
        }
    }
}

/// Asks the desktop to show the page; without a desktop the printed link is enough.
fn open_in_browser(link: &str) {
    let quiet =
        Command::new("xdg-open").arg(link).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if let Err(error) = quiet {
        tracing::debug!("no browser was opened: {error}");
    }
}
