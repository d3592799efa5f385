//! The settings of the service: command line over environment over file over default, each with its origin.

mod oidc;
mod secrets;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use flags::EnvironmentSwitch;
use serde::Deserialize;
use server::{ClientSettings, Config, Environment, OidcSettings, PrometheusServer};
use store::DatabaseUrl;

pub use secrets::{Kept, Secrets};

use crate::failure::Failure;
use oidc::OidcTable;
use secrets::{secret_text, variable_text};

/// Where the service listens unless told otherwise.
const LISTEN_DEFAULT: &str = "127.0.0.1:8080";
/// Where the data is unless told otherwise: a file in the working directory.
const DATABASE_DEFAULT: &str = "sqlite:lotwise.db";
/// Seconds for whoever spreads requests over the replicas to notice that this one ends: two looks at `/readyz` of most proxies.
const DRAIN_SECONDS_DEFAULT: &str = "5";
/// Deploy setting of the page: whether it shows lot-level MOIC.
pub const CLIENT_LOT_LEVEL_MOIC: &str = "VITE_ENABLE_LOT_LEVEL_MOIC";
/// Deploy setting of the page: whether it keeps funds in the central store.
pub const CLIENT_FUND_STORE: &str = "VITE_USE_FUND_STORE";

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
    /// Where browsers reach this service, as in https://lotwise.example.com: for sign-in at a provider of OpenID Connect
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Proxies in front of this service whose X-Forwarded-For is believed [default: 0]
    #[arg(long, value_name = "N")]
    trusted_proxies: Option<String>,
    /// A flagd file whose flags win over the stored ones; it is watched for changes
    #[arg(long, value_name = "FILE")]
    flags_file: Option<String>,
    /// Folder for the last known flags when the data is in PostgreSQL [default: the user's state directory]
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<String>,
    /// Whether changes of flags wait for a second person (true or false) [default: false]
    #[arg(long, value_name = "BOOLEAN")]
    four_eyes: Option<String>,
    /// OFREP requests a second that one key may send; 0 for no limit [default: 1000]
    #[arg(long, value_name = "N")]
    ofrep_requests_per_second: Option<String>,
    /// Requests served at once; further ones are refused with 503 overloaded [default: 512]
    #[arg(long, value_name = "N")]
    requests_at_once: Option<String>,
    /// A Prometheus-compatible server that rollouts ask for evidence, where their policies have queries
    #[arg(long, value_name = "URL")]
    prometheus_url: Option<String>,
    /// Whether this process takes part in controlling rollouts (true or false) [default: true]
    #[arg(long, value_name = "BOOLEAN")]
    rollout_controller: Option<String>,
    /// Whether faults can be let in on purpose (true or false), for rehearsals; never in production [default: false]
    #[arg(long, value_name = "BOOLEAN")]
    faults: Option<String>,
    /// Seconds between SIGTERM and the end of listening, in which /readyz answers 503 [default: 0 in development, 5 otherwise]
    #[arg(long, value_name = "SECONDS")]
    drain_seconds: Option<String>,
}

impl SettingArguments {
    /// The database at `url`, and everything else as the environment says.
    pub fn of_database(url: &str) -> Self {
        Self { database: Some(url.to_owned()), ..Self::default() }
    }
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
    public_url: Option<String>,
    trusted_proxies: Option<u32>,
    #[serde(default)]
    oidc: OidcTable,
    flags_file: Option<String>,
    state_dir: Option<String>,
    four_eyes: Option<bool>,
    ofrep_requests_per_second: Option<u32>,
    requests_at_once: Option<u32>,
    prometheus_url: Option<String>,
    rollout_controller: Option<bool>,
    faults: Option<bool>,
    drain_seconds: Option<u32>,
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
    /// Where browsers reach this service.
    pub public_url: Setting<Option<String>>,
    /// Proxies in front of this service.
    pub trusted_proxies: Setting<usize>,
    /// The provider of identities.
    pub oidc: Option<OidcSettings>,
    /// Flags that win over the stored ones.
    pub flags_file: Setting<Option<PathBuf>>,
    /// Where the last known flags are kept, for PostgreSQL.
    pub state_dir: Setting<Option<PathBuf>>,
    /// Whether changes of flags wait for a second person.
    pub four_eyes: Setting<bool>,
    /// OFREP requests a second that one key may send; 0 for no limit.
    pub ofrep_requests_per_second: Setting<u32>,
    /// Requests served at once at most.
    pub requests_at_once: Setting<usize>,
    /// The server that rollouts ask for evidence.
    pub prometheus_url: Setting<Option<String>>,
    /// Whether this process takes part in controlling rollouts.
    pub rollout_controller: Setting<bool>,
    /// Whether faults can be let in on purpose.
    pub faults: Setting<bool>,
    /// Seconds between SIGTERM and the end of listening, in which `/readyz` answers 503.
    pub drain_seconds: Setting<u32>,
    /// `ENABLE_LOT_LEVEL_MOIC`.
    pub lot_level_moic: EnvironmentSwitch,
    /// `VITE_ENABLE_LOT_LEVEL_MOIC` and `VITE_USE_FUND_STORE`.
    pub client_settings: ClientSettings,
    /// What is never shown.
    pub secrets: Secrets,
}

impl Settings {
    /// Reads file, environment and command line.
    pub fn read(arguments: &SettingArguments) -> Result<Self, Failure> {
        let (file, path) = read_file(arguments.config.as_deref())?;
        let find = |given: &Option<String>, flag, variable, in_file: Option<String>| {
            if let Some(value) = given {
                return Ok(Some(Setting { value: value.clone(), origin: Origin::CommandLine(flag) }));
            }
            if let Some(value) = variable_text(variable)? {
                return Ok(Some(Setting { value, origin: Origin::Variable(variable) }));
            }
            Ok::<_, Failure>(in_file.map(|value| Setting { value, origin: Origin::File(path.clone()) }))
        };
        let text = |value: Option<bool>| value.map(|value| value.to_string());
        let number = |value: Option<u32>| value.map(|value| value.to_string());
        let environment = find(&arguments.environment, "--environment", "LOTWISE_ENVIRONMENT", file.environment)?;
        let workers = find(
            &arguments.snapshot_workers,
            "--snapshot-workers",
            "LOTWISE_SNAPSHOT_WORKERS",
            number(file.snapshot_workers),
        )?;
        let cookies =
            find(&arguments.secure_cookies, "--secure-cookies", "LOTWISE_SECURE_COOKIES", text(file.secure_cookies))?;
        let four_eyes = find(&arguments.four_eyes, "--four-eyes", "LOTWISE_FOUR_EYES", text(file.four_eyes))?;
        let ofrep_rate = find(
            &arguments.ofrep_requests_per_second,
            "--ofrep-requests-per-second",
            "LOTWISE_OFREP_REQUESTS_PER_SECOND",
            number(file.ofrep_requests_per_second),
        )?;
        let at_once = find(
            &arguments.requests_at_once,
            "--requests-at-once",
            "LOTWISE_REQUESTS_AT_ONCE",
            number(file.requests_at_once),
        )?;
        let controller = find(
            &arguments.rollout_controller,
            "--rollout-controller",
            "LOTWISE_ROLLOUT_CONTROLLER",
            text(file.rollout_controller),
        )?;
        let faults = find(&arguments.faults, "--faults", "LOTWISE_FAULTS", text(file.faults))?;
        let environment = parsed(environment, "production", "development, staging or production")?;
        let faults = parsed(faults, "false", "true or false")?;
        if faults.value && environment.value == Environment::Production {
            let hint = "choose --environment staging or development, or leave --faults out".to_owned();
            return Err(Failure::bad_input("faults are not let into production on purpose", hint));
        }
        let drain =
            find(&arguments.drain_seconds, "--drain-seconds", "LOTWISE_DRAIN_SECONDS", number(file.drain_seconds))?;
        let drain_default = if environment.value == Environment::Development { "0" } else { DRAIN_SECONDS_DEFAULT };
        let listen = find(&arguments.listen, "--listen", "LOTWISE_LISTEN", file.listen)?;
        let database = match find(&arguments.database, "--database", "LOTWISE_DATABASE", None)? {
            // Its URL has a password.
            None => database_of_file()?.or(find(&None, "", "LOTWISE_DATABASE", file.database)?),
            given => given,
        };
        let public_url = find(&arguments.public_url, "--public-url", "LOTWISE_PUBLIC_URL", file.public_url)?;
        let public_url = match public_url {
            Some(Setting { value, origin }) => Setting { value: Some(value), origin },
            None => Setting { value: None, origin: Origin::Default },
        };
        let proxies = find(
            &arguments.trusted_proxies,
            "--trusted-proxies",
            "LOTWISE_TRUSTED_PROXIES",
            number(file.trusted_proxies),
        )?;
        let secrets = Secrets::read()?;
        let flags_file = find(&arguments.flags_file, "--flags-file", "LOTWISE_FLAGS_FILE", file.flags_file)?;
        let prometheus =
            find(&arguments.prometheus_url, "--prometheus-url", "LOTWISE_PROMETHEUS_URL", file.prometheus_url)?;
        let state_dir = find(&arguments.state_dir, "--state-dir", "LOTWISE_STATE_DIR", file.state_dir)?;
        Ok(Self {
            listen: parsed(listen, LISTEN_DEFAULT, "an address and a port, as in 127.0.0.1:8080")?,
            database: parsed(database, DATABASE_DEFAULT, "sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE")?,
            environment,
            snapshot_workers: parsed(workers, "1", "a whole number")?,
            secure_cookies: parsed(cookies, "false", "true or false")?,
            four_eyes: parsed(four_eyes, "false", "true or false")?,
            ofrep_requests_per_second: parsed(
                ofrep_rate,
                &server::OFREP_REQUESTS_PER_SECOND_DEFAULT.to_string(),
                "a whole number, 0 for no limit",
            )?,
            requests_at_once: parsed(at_once, &server::REQUESTS_AT_ONCE_DEFAULT.to_string(), "a whole number")?,
            prometheus_url: http_url(prometheus)?,
            rollout_controller: parsed(controller, "true", "true or false")?,
            faults,
            drain_seconds: parsed(drain, drain_default, "a whole number of seconds")?,
            flags_file: path_or(flags_file, || None),
            state_dir: path_or(state_dir, user_state_dir),
            lot_level_moic: switch(flags::ENABLE_LOT_LEVEL_MOIC.own().environment_variable),
            client_settings: ClientSettings {
                enable_lot_level_moic: switch(CLIENT_LOT_LEVEL_MOIC),
                use_fund_store: switch(CLIENT_FUND_STORE),
            },
            oidc: oidc::read(file.oidc, public_url.value.as_deref(), secrets.oidc_client_secret.value.as_ref())?,
            public_url,
            trusted_proxies: parsed(proxies, "0", "a whole number")?,
            secrets,
        })
    }

    /// What the server is started with.
    pub fn config(&self) -> Config {
        Config {
            environment: self.environment.value,
            lot_level_moic: self.lot_level_moic.clone(),
            admin_token: self.secrets.admin_token.value.clone(),
            metrics_token: self.secrets.metrics_token.value,
            oidc: self.oidc.clone(),
            trusted_proxies: self.trusted_proxies.value,
            secure_cookies: self.secure_cookies.value,
            snapshot_workers: self.snapshot_workers.value,
            four_eyes: self.four_eyes.value,
            invitation_secret: self.secrets.invitation_secret.value.clone(),
            rollout_secret: self.secrets.rollout_secret.value.clone(),
            requests_at_once_max: self.requests_at_once.value,
            prometheus: self.prometheus_url.value.as_ref().map(|url| {
                let token = self.secrets.prometheus_token.value.as_ref();
                PrometheusServer::new(url, token.map(|token| token.0.clone()))
            }),
            controls_rollouts: self.rollout_controller.value,
            offers_faults: self.faults.value,
            flags_file: self.flags_file.value.clone(),
            state_dir: self.state_dir.value.clone(),
            ofrep_requests_per_second: self.ofrep_requests_per_second.value,
            client_settings: self.client_settings.clone(),
            ..Config::default()
        }
    }
}

/// The environment variable of a flag. A value that is not UTF-8 is neither `true` nor `false`, like any other.
fn switch(variable: &str) -> EnvironmentSwitch {
    let value = std::env::var_os(variable);
    EnvironmentSwitch::from_variable(value.as_ref().map(|value| value.to_string_lossy()).as_deref())
}

/// The database of `LOTWISE_DATABASE_FILE`.
fn database_of_file() -> Result<Option<Setting<String>>, Failure> {
    let (text, path) = secret_text("LOTWISE_DATABASE")?;
    Ok(text.zip(path).map(|(value, path)| Setting { value, origin: Origin::File(path) }))
}

/// The folder that the XDG convention gives programs for their state, if this user has one.
fn user_state_dir() -> Option<PathBuf> {
    let folder = |variable| std::env::var_os(variable).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let state = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")))?;
    Some(state.join("lotwise"))
}

fn read_file(path: Option<&Path>) -> Result<(File, PathBuf), Failure> {
    let Some(path) = path else { return Ok((File::default(), PathBuf::new())) };
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::bad_input(format!("cannot read the configuration file {shown}: {error}"), None))?;
    let file = toml::from_str(&text).map_err(|error| {
        Failure::bad_input(
            format!("the configuration file {shown} is wrong: {error}"),
            "docs/reference/settings.md lists its keys; secrets come from the environment".to_owned(),
        )
    })?;
    Ok((file, path.to_owned()))
}

/// An address of a server, where one is given.
fn http_url(given: Option<Setting<String>>) -> Result<Setting<Option<String>>, Failure> {
    match given {
        None => Ok(Setting { value: None, origin: Origin::Default }),
        Some(Setting { value, origin }) if value.starts_with("http://") || value.starts_with("https://") => {
            Ok(Setting { value: Some(value), origin })
        }
        Some(Setting { value, origin }) => {
            let message = format!("{origin} must be the address of a server, as in http://prometheus:9090: {value:?}");
            Err(Failure::bad_input(message, None))
        }
    }
}

fn path_or(given: Option<Setting<String>>, default: impl FnOnce() -> Option<PathBuf>) -> Setting<Option<PathBuf>> {
    match given {
        Some(Setting { value, origin }) => Setting { value: Some(PathBuf::from(value)), origin },
        None => Setting { value: default(), origin: Origin::Default },
    }
}

fn parsed<T: FromStr>(given: Option<Setting<String>>, default: &str, expected: &str) -> Result<Setting<T>, Failure>
where
    T::Err: fmt::Display,
{
    let Setting { value, origin } =
        given.unwrap_or_else(|| Setting { value: default.to_owned(), origin: Origin::Default });
    match value.parse() {
        Ok(value) => Ok(Setting { value, origin }),
        // The value is left to its own error: a database URL has a password, which that error hides.
        Err(error) => Err(Failure::bad_input(format!("{origin} must be {expected}: {error}"), None)),
    }
}
