//! `lotwise config check`: the settings that apply, and where each came from.

use std::io::{self, Write};

use clap::Subcommand;
use serde_json::json;

use crate::failure::{Failure, output_failure};
use crate::settings::{SettingArguments, Settings};

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
    let secret = |present: bool| if present { "set (hidden)" } else { "not set" }.to_owned();
    let variable = |name: &str| format!("environment, {name}");
    let rows = [
        ("listen", settings.listen.value.to_string(), settings.listen.origin.to_string()),
        ("database", settings.database.value.to_string(), settings.database.origin.to_string()),
        ("environment", settings.environment.value.to_string(), settings.environment.origin.to_string()),
        ("snapshot_workers", settings.snapshot_workers.value.to_string(), settings.snapshot_workers.origin.to_string()),
        ("secure_cookies", settings.secure_cookies.value.to_string(), settings.secure_cookies.origin.to_string()),
        ("enableLotLevelMoic", settings.lot_level_moic.as_str().to_owned(), variable("ENABLE_LOT_LEVEL_MOIC")),
        ("admin token", secret(settings.admin_token.is_some()), variable("LOTWISE_ADMIN_TOKEN")),
        ("metrics token", secret(settings.metrics_token.is_some()), variable("LOTWISE_METRICS_TOKEN")),
    ];
    let mut out = io::stdout().lock();
    if *json {
        let rows = rows.map(|(name, value, origin)| json!({"setting": name, "value": value, "origin": origin}));
        return writeln!(out, "{}", json!(rows)).map_err(output_failure);
    }
    for (name, value, origin) in rows {
        writeln!(out, "{name:<20} {value:<32} {origin}").map_err(output_failure)?;
    }
    Ok(())
}
