//! The settings of the service: command line over environment over file over default, each with its origin.

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use flags::EnvironmentSwitch;
use serde::Deserialize;
use server::{AdminToken, Config, Environment, Secret};
use store::DatabaseUrl;

use crate::failure::Failure;

/// Where the service listens unless told otherwise.
const LISTEN_DEFAULT: &str = "127.0.0.1:8080";
/// Where the data is unless told otherwise: a file in the working directory.
const DATABASE_DEFAULT: &str = "sqlite:lotwise.db";

/// Settings on the command line.
#[derive(clap::Args, Default)]
pub struct SettingArguments {
    /// A TOML file with the settings; `lotwise config check` shows what came of it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE [default: sqlite:lotwise.db]
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// development, staging or production [default: production]
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Snapshots calculated at the same time; 0 leaves them to other replicas [default: 1]
    #[arg(long, value_name = "N")]
    snapshot_workers: Option<String>,
    /// Send session cookies over HTTPS only (true or false): set it behind a TLS proxy [default: false]
    #[arg(long, value_name = "BOOLEAN")]
    secure_cookies: Option<String>,
}

/// The configuration file. Secrets have no place in it: they come from the environment.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<String>,
    database: Option<String>,
    environment: Option<String>,
    snapshot_workers: Option<u32>,
    secure_cookies: Option<bool>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag.
    CommandLine(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// The configuration file.
    File(PathBuf),
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine(flag) => write!(out, "command line, {flag}"),
            Self::Variable(name) => write!(out, "environment, {name}"),
            Self::File(path) => write!(out, "file, {}", path.display()),
            Self::Default => write!(out, "default"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

/// Every setting of the service.
#[derive(Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: Setting<SocketAddr>,
    /// Where the data is.
    pub database: Setting<DatabaseUrl>,
    /// What kind of environment this is.
    pub environment: Setting<Environment>,
    /// Snapshots calculated at the same time.
    pub snapshot_workers: Setting<usize>,
    /// Whether cookies need HTTPS.
    pub secure_cookies: Setting<bool>,
    /// `ENABLE_LOT_LEVEL_MOIC`.
    pub lot_level_moic: EnvironmentSwitch,
    /// `LOTWISE_ADMIN_TOKEN`.
    pub admin_token: Option<AdminToken>,
    /// `LOTWISE_METRICS_TOKEN`.
    pub metrics_token: Option<Secret>,
}

impl Settings {
    /// Reads file, environment and command line.
    pub fn read(arguments: &SettingArguments) -> Result<Self, Failure> {
        let (file, path) = read_file(arguments.config.as_deref())?;
        let source = |given: &Option<String>, flag, variable, in_file: Option<String>, default: &str| {
            if let Some(value) = given {
                return Ok(Setting { value: value.clone(), origin: Origin::CommandLine(flag) });
            }
            if let Some(value) = variable_text(variable)? {
                return Ok(Setting { value, origin: Origin::Variable(variable) });
            }
            Ok::<_, Failure>(match in_file {
                Some(value) => Setting { value, origin: Origin::File(path.clone()) },
                None => Setting { value: default.to_owned(), origin: Origin::Default },
            })
        };
        let workers = file.snapshot_workers.map(|count| count.to_string());
        let cookies = file.secure_cookies.map(|only| only.to_string());
        let environment =
            source(&arguments.environment, "--environment", "LOTWISE_ENVIRONMENT", file.environment, "production")?;
        let workers =
            source(&arguments.snapshot_workers, "--snapshot-workers", "LOTWISE_SNAPSHOT_WORKERS", workers, "1")?;
        let cookies =
            source(&arguments.secure_cookies, "--secure-cookies", "LOTWISE_SECURE_COOKIES", cookies, "false")?;
        Ok(Self {
            listen: parsed(
                source(&arguments.listen, "--listen", "LOTWISE_LISTEN", file.listen, LISTEN_DEFAULT)?,
                "an address and a port, as in 127.0.0.1:8080",
            )?,
            database: parsed(
                source(&arguments.database, "--database", "LOTWISE_DATABASE", file.database, DATABASE_DEFAULT)?,
                "sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE",
            )?,
            environment: parsed(environment, "development, staging or production")?,
            snapshot_workers: parsed(workers, "a whole number")?,
            secure_cookies: parsed(cookies, "true or false")?,
            lot_level_moic: lot_level_moic_switch(),
            admin_token: variable_text("LOTWISE_ADMIN_TOKEN")?
                .map(|token| AdminToken::new(&token))
                .transpose()
                .map_err(|error| Failure::bad_input(error.to_string(), None))?,
            metrics_token: variable_text("LOTWISE_METRICS_TOKEN")?.map(|token| Secret::new(&token)),
        })
    }

    /// What the server is started with.
    pub fn config(&self) -> Config {
        Config {
            environment: self.environment.value,
            lot_level_moic: self.lot_level_moic.clone(),
            admin_token: self.admin_token.clone(),
            metrics_token: self.metrics_token,
            secure_cookies: self.secure_cookies.value,
            snapshot_workers: self.snapshot_workers.value,
            ..Config::default()
        }
    }
}

/// The environment variable of the flag. A value that is not UTF-8 is neither `true` nor `false`, like any other.
fn lot_level_moic_switch() -> EnvironmentSwitch {
    let value = std::env::var_os(flags::ENABLE_LOT_LEVEL_MOIC.definition().environment_variable);
    EnvironmentSwitch::from_variable(value.as_ref().map(|value| value.to_string_lossy()).as_deref())
}

fn variable_text(name: &'static str) -> Result<Option<String>, Failure> {
    let not_text = |value: OsString| Failure::bad_input(format!("{name} is not UTF-8: {value:?}"), None);
    std::env::var_os(name).map(|value| value.into_string().map_err(not_text)).transpose()
}

fn read_file(path: Option<&Path>) -> Result<(File, PathBuf), Failure> {
    let Some(path) = path else { return Ok((File::default(), PathBuf::new())) };
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::bad_input(format!("cannot read the configuration file {shown}: {error}"), None))?;
    let file = toml::from_str(&text).map_err(|error| {
        Failure::bad_input(
            format!("the configuration file {shown} is wrong: {error}"),
            "its keys are listen, database, environment, snapshot_workers and secure_cookies; secrets come from the \
             environment"
                .to_owned(),
        )
    })?;
    Ok((file, path.to_owned()))
}

fn parsed<T: FromStr>(text: Setting<String>, expected: &str) -> Result<Setting<T>, Failure>
where
    T::Err: fmt::Display,
{
    match text.value.parse() {
        Ok(value) => Ok(Setting { value, origin: text.origin }),
        // The value is left to its own error: a database URL has a password, which that error hides.
        Err(error) => Err(Failure::bad_input(format!("{} must be {expected}: {error}", text.origin), None)),
    }
}
