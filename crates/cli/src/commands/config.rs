//! `lotwise config check`: the settings that apply, and where each came from.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;

use crate::failure::{Failure, output_failure};
use crate::settings::{CLIENT_FUND_STORE, CLIENT_LOT_LEVEL_MOIC, Kept, SettingArguments, Settings};

/// Show the settings that apply.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print every setting with its value and origin; secrets are hidden
    Check {
        #[command(flatten)]
        settings: SettingArguments,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Prints the settings.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Command::Check { settings, json } = &arguments.command;
    let settings = Settings::read(settings)?;
    let rows = rows(&settings);
    let mut out = io::stdout().lock();
    if *json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(name, value, origin)| json!({"setting": name, "value": value, "origin": origin}))
            .collect();
        return writeln!(out, "{}", json!(rows)).map_err(output_failure);
    }
    for (name, value, origin) in rows {
        writeln!(out, "{name:<26} {value:<32} {origin}").map_err(output_failure)?;
    }
    Ok(())
}

/// Name, value and origin of every setting.
fn rows(settings: &Settings) -> Vec<(&'static str, String, String)> {
    let path = |path: &Option<PathBuf>| path.as_ref().map_or("none".to_owned(), |path| path.display().to_string());
    let variable = |name: &str| format!("environment, {name}");
    let Settings { secrets, .. } = settings;
    let Settings { listen, database, environment, snapshot_workers, secure_cookies, .. } = settings;
    let Settings {
        flags_file,
        state_dir,
        four_eyes,
        ofrep_requests_per_second,
        requests_at_once,
        prometheus_url,
        client_settings,
        ..
    } = settings;
    vec![
        ("listen", listen.value.to_string(), listen.origin.to_string()),
        ("database", database.value.to_string(), database.origin.to_string()),
        ("environment", environment.value.to_string(), environment.origin.to_string()),
        ("snapshot_workers", snapshot_workers.value.to_string(), snapshot_workers.origin.to_string()),
        ("secure_cookies", secure_cookies.value.to_string(), secure_cookies.origin.to_string()),
        (
            "public_url",
            settings.public_url.value.clone().unwrap_or_else(|| "none".to_owned()),
            settings.public_url.origin.to_string(),
        ),
        ("trusted_proxies", settings.trusted_proxies.value.to_string(), settings.trusted_proxies.origin.to_string()),
        (
            "oidc",
            settings.oidc.as_ref().map_or("none".to_owned(), |oidc| oidc.issuer().to_owned()),
            "environment, LOTWISE_OIDC_ISSUER, or file".to_owned(),
        ),
        ("flags_file", path(&flags_file.value), flags_file.origin.to_string()),
        ("state_dir", path(&state_dir.value), state_dir.origin.to_string()),
        ("four_eyes", four_eyes.value.to_string(), four_eyes.origin.to_string()),
        (
            "ofrep_requests_per_second",
            ofrep_requests_per_second.value.to_string(),
            ofrep_requests_per_second.origin.to_string(),
        ),
        (
            "prometheus_url",
            prometheus_url.value.clone().unwrap_or_else(|| "none".to_owned()),
            prometheus_url.origin.to_string(),
        ),
        ("requests_at_once", requests_at_once.value.to_string(), requests_at_once.origin.to_string()),
        (
            "rollout_controller",
            settings.rollout_controller.value.to_string(),
            settings.rollout_controller.origin.to_string(),
        ),
        ("drain_seconds", settings.drain_seconds.value.to_string(), settings.drain_seconds.origin.to_string()),
        ("faults", settings.faults.value.to_string(), settings.faults.origin.to_string()),
        ("enableLotLevelMoic", settings.lot_level_moic.as_str().to_owned(), variable("ENABLE_LOT_LEVEL_MOIC")),
        (
            "client enableLotLevelMoic",
            client_settings.enable_lot_level_moic.as_str().to_owned(),
            variable(CLIENT_LOT_LEVEL_MOIC),
        ),
        ("client useFundStore", client_settings.use_fund_store.as_str().to_owned(), variable(CLIENT_FUND_STORE)),
        secret("admin token", &secrets.admin_token),
        secret("metrics token", &secrets.metrics_token),
        secret("prometheus token", &secrets.prometheus_token),
        secret("invitation secret", &secrets.invitation_secret),
        secret("rollout secret", &secrets.rollout_secret),
        secret("OIDC client secret", &secrets.oidc_client_secret),
    ]
}

/// A secret is there or not; what it is, is nobody's business.
fn secret<T>(name: &'static str, kept: &Kept<T>) -> (&'static str, String, String) {
    let value = if kept.value.is_some() { "set (hidden)" } else { "not set" };
    (name, value.to_owned(), kept.origin())
}
