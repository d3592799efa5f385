//! `lotwise demo`: a fund of forty companies in a temporary database, the feature on, and a link that signs in.

mod seed;

use std::process::{Command, Stdio};

use anyhow::Context;
use server::{Config, Environment};
use store::tokens::{Grant, NewToken, Role};
use store::{DatabaseUrl, Store, StoreOptions, people, sessions, tokens};
use tokio::runtime::Runtime;

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
        let (secret, token) = store
            .write(move |tx| {
                seed::fund(tx, now)?;
                let person = people::create(tx, "Demo administrator", now)?;
                let grant = Grant { role: Role::Admin, funds: None };
                let link = sessions::create_login(tx, person.id, &grant, expires_at, now)?;
                let token = NewToken {
                    name: "demo".to_owned(),
                    person_id: Some(person.id),
                    grant,
                    expires_at: Some(expires_at),
                };
                let (_, token) = tokens::create(tx, &token, now)?;
                Ok((link, token))
            })
            .await
            .context("cannot write the demo fund")?;
        let link = login_link(&format!("http://{address}"), secret.reveal());
        println!("Lotwise demo: Cedar Ridge Ventures II, forty invented companies, gross figures.");
        println!("Open this link, once:  {link}");
        println!("For commands:          export LOTWISE_SERVER=http://{address} LOTWISE_TOKEN={}", token.reveal());
        println!("Everything is in {} and gone when you stop with Ctrl-C.", folder.path().display());
        if !arguments.no_open {
            open_in_browser(&link);
        }
        serve(start(config, store).await?, listener).await
    });
    // The threads of the database end with the store, before its folder is removed.
    drop(runtime);
    served
}

/// Asks the desktop to show the page; without a desktop the printed link is enough.
fn open_in_browser(link: &str) {
    let quiet =
        Command::new("xdg-open").arg(link).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if let Err(error) = quiet {
        tracing::debug!("no browser was opened: {error}");
    }
}
