//! What a server is started with.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use flags::EnvironmentSwitch;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::auth::Secret;
use crate::live_flags::Switches;
use crate::rollouts::prometheus::PrometheusServer;
use crate::sign_in::OidcSettings;

/// Characters an admin token must have at least.
pub const ADMIN_TOKEN_LENGTH_MIN: usize = 32;

/// Environment variable with the key of invitation links.
pub const INVITATION_SECRET_VARIABLE: &str = "LOTWISE_INVITATION_SECRET";

/// Environment variable with the key of records of rollouts.
pub const ROLLOUT_SECRET_VARIABLE: &str = "LOTWISE_ROLLOUT_SECRET";

/// Characters a secret that signs must have at least.
pub const SIGNING_SECRET_LENGTH_MIN: usize = 32;

/// OFREP requests a second that one key may send unless configured otherwise.
pub const OFREP_REQUESTS_PER_SECOND_DEFAULT: u32 = 1_000;

/// Seconds a handler may take before the caller is told to try again.
pub const HANDLER_TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);

/// Requests served at once unless configured otherwise: far more than two cores keep busy, and at most
/// two gigabytes of bodies.
pub const REQUESTS_AT_ONCE_DEFAULT: usize = 512;

/// Everything the server is started with. Made by the binary from file, environment and command line.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where this process and its database stand; part of the client's state.
    pub environment: Environment,
    /// `ENABLE_LOT_LEVEL_MOIC` as the process was started with it.
    pub lot_level_moic: EnvironmentSwitch,
    /// `LOTWISE_ADMIN_TOKEN`, if set.
    pub admin_token: Option<AdminToken>,
    /// Presented by a command line that asks the routes inside its own process, on the database of a stopped server.
    pub command_line_token: Option<Secret>,
    /// Token that `/metrics` asks for, if any.
    pub metrics_token: Option<Secret>,
    /// Whether session cookies carry `Secure`, and browsers are told to come back over TLS only: true behind TLS.
    pub secure_cookies: bool,
    /// The provider of OpenID Connect that people can sign in at.
    pub oidc: Option<OidcSettings>,
    /// Proxies of ours that a request passes: so many of the last entries of `X-Forwarded-For` are believed.
    pub trusted_proxies: usize,
    /// Snapshot workers in this process; 0 leaves the work to other replicas.
    pub snapshot_workers: usize,
    /// How long a handler may take.
    pub handler_timeout: Duration,
    /// Requests that are served at once at most; further ones are refused with 503 `overloaded`.
    pub requests_at_once_max: usize,
    /// Whether a change of a flag waits for a second person.
    pub four_eyes: bool,
    /// `LOTWISE_INVITATION_SECRET`: signs invitation links. Without one, a secret is generated and stored.
    pub invitation_secret: Option<SigningSecret>,
    /// `LOTWISE_ROLLOUT_SECRET`: signs records of the phases that an environment has done, the same secret in all of them.
    /// Without one no record is signed, and none is taken.
    pub rollout_secret: Option<SigningSecret>,
    /// Whether this process takes part in controlling rollouts.
    pub controls_rollouts: bool,
    /// The server that is asked for evidence where a policy has queries.
    pub prometheus: Option<PrometheusServer>,
    /// Whether the time of rollouts is this process's own even where the database has a clock: for tests, whose time does not
    /// pass by itself.
    pub keeps_own_time: bool,
    /// Whether faults can be let into this process on purpose; never in production.
    pub offers_faults: bool,
    /// A flagd file whose definitions win over the stored ones and are read only here.
    pub flags_file: Option<PathBuf>,
    /// Folder of the file with the last known flags, for a database on PostgreSQL. Beside SQLite it lies next to the
    /// database.
    pub state_dir: Option<PathBuf>,
    /// OFREP requests a second that one key may send; 0 for no limit.
    pub ofrep_requests_per_second: u32,
    /// What the page is told of its own flags.
    pub client_settings: ClientSettings,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            environment: Environment::Production,
            lot_level_moic: EnvironmentSwitch::Unset,
            admin_token: None,
            command_line_token: None,
            metrics_token: None,
            secure_cookies: false,
            oidc: None,
            trusted_proxies: 0,
            snapshot_workers: 1,
            handler_timeout: HANDLER_TIMEOUT_DEFAULT,
            requests_at_once_max: REQUESTS_AT_ONCE_DEFAULT,
            four_eyes: false,
            invitation_secret: None,
            rollout_secret: None,
            controls_rollouts: true,
            prometheus: None,
            keeps_own_time: false,
            offers_faults: false,
            flags_file: None,
            state_dir: None,
            ofrep_requests_per_second: OFREP_REQUESTS_PER_SECOND_DEFAULT,
            client_settings: ClientSettings::default(),
        }
    }
}

impl Config {
    /// The environment switches of the server's own flags.
    pub(crate) fn switches(&self) -> Switches {
        // Only `false` turns the fund store off (A3): without a say it is on.
        let fund_store = match &self.client_settings.use_fund_store {
            EnvironmentSwitch::Off => EnvironmentSwitch::Off,
            EnvironmentSwitch::On | EnvironmentSwitch::Unset | EnvironmentSwitch::Invalid(_) => EnvironmentSwitch::On,
        };
        let lot_level_moic = self.lot_level_moic.clone();
        Switches::from([
            (flags::ENABLE_LOT_LEVEL_MOIC.key(), lot_level_moic),
            (flags::USE_FUND_STORE.key(), fund_store),
        ])
    }
}

/// The deploy settings of the page, from the environment the server was started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSettings {
    /// `VITE_ENABLE_LOT_LEVEL_MOIC`.
    pub enable_lot_level_moic: EnvironmentSwitch,
    /// `VITE_USE_FUND_STORE`.
    pub use_fund_store: EnvironmentSwitch,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self { enable_lot_level_moic: EnvironmentSwitch::Unset, use_fund_store: EnvironmentSwitch::Unset }
    }
}

/// The environment a process belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// On a developer's machine, and in the demo.
    Development,
    /// For acceptance.
    Staging,
    /// For everyone.
    Production,
}

impl Environment {
    /// Name on the wire and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl From<Environment> for rollout::Environment {
    fn from(environment: Environment) -> Self {
        match environment {
            Environment::Development => Self::Development,
            Environment::Staging => Self::Staging,
            Environment::Production => Self::Production,
        }
    }
}

impl std::str::FromStr for Environment {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        match text {
            "development" => Ok(Self::Development),
            "staging" => Ok(Self::Staging),
            "production" => Ok(Self::Production),
            other => Err(ConfigError::Environment(other.to_owned())),
        }
    }
}

/// The token that makes its bearer an administrator, for automated set-ups.
#[derive(Debug, Clone)]
pub struct AdminToken(Secret);

impl AdminToken {
    /// Takes the value of `LOTWISE_ADMIN_TOKEN`.
    ///
    /// # Errors
    /// [`ConfigError::AdminTokenTooShort`] under [`ADMIN_TOKEN_LENGTH_MIN`] characters.
    pub fn new(value: &str) -> Result<Self, ConfigError> {
        let length = value.chars().count();
        if length < ADMIN_TOKEN_LENGTH_MIN {
            return Err(ConfigError::AdminTokenTooShort { length });
        }
        Ok(Self(Secret::new(value)))
    }

    pub(crate) fn matches(&self, presented: &Secret) -> bool {
        self.0.matches(presented)
    }
}

/// A key that signs: invitation links, or records of rollouts.
#[derive(Clone)]
pub struct SigningSecret(Hmac<Sha256>);

impl SigningSecret {
    /// Takes the value of an environment variable.
    ///
    /// # Errors
    /// [`ConfigError::SigningSecretTooShort`] under [`SIGNING_SECRET_LENGTH_MIN`] characters.
    pub fn new(variable: &'static str, value: &str) -> Result<Self, ConfigError> {
        let length = value.chars().count();
        let too_short = ConfigError::SigningSecretTooShort { variable, length };
        if length < SIGNING_SECRET_LENGTH_MIN {
            return Err(too_short);
        }
        // HMAC takes keys of every length.
        Hmac::new_from_slice(value.as_bytes()).map(Self).map_err(|_| too_short)
    }

    /// The HMAC-SHA256 of `message`, to be finished or compared.
    pub(crate) fn mac(&self, message: &str) -> Hmac<Sha256> {
        self.0.clone().chain_update(message)
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningSecret(…)")
    }
}

/// A setting the server does not start with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The admin token could be guessed.
    #[error("LOTWISE_ADMIN_TOKEN has {length} characters; give it at least {ADMIN_TOKEN_LENGTH_MIN}, or unset it")]
    AdminTokenTooShort {
        /// Characters found.
        length: usize,
    },
    /// A secret that signs could be guessed.
    #[error("{variable} has {length} characters; give it at least {SIGNING_SECRET_LENGTH_MIN}, or unset it")]
    SigningSecretTooShort {
        /// The variable.
        variable: &'static str,
        /// Characters found.
        length: usize,
    },
    /// The provider of identities cannot be used so.
    #[error("the {setting} of OpenID Connect {message}; it is {value:?}")]
    Oidc {
        /// What is wrong.
        setting: &'static str,
        /// Its value, which is no secret.
        value: String,
        /// What it must be.
        message: &'static str,
    },
    /// No such environment.
    #[error("environment {0:?} is none of development, staging, production")]
    Environment(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_admin_token_is_refused_with_its_length_and_without_its_value() {
        let error = AdminToken::new("short").unwrap_err();
        assert_eq!(error, ConfigError::AdminTokenTooShort { length: 5 });
        assert!(!error.to_string().contains("short;"));
        assert!(AdminToken::new(&"x".repeat(31)).is_err());
        assert!(AdminToken::new(&"x".repeat(32)).is_ok());
    }

    #[test]
    fn an_invitation_secret_is_long_and_never_printed() {
        let variable = INVITATION_SECRET_VARIABLE;
        let error = SigningSecret::new(variable, "short").unwrap_err();
        assert_eq!(error, ConfigError::SigningSecretTooShort { variable, length: 5 });
        let secret = SigningSecret::new(variable, &"s3cret".repeat(6)).unwrap();
        assert!(!format!("{secret:?}").contains("s3cret"));
    }

    #[test]
    fn an_admin_token_is_never_printed() {
        let token = AdminToken::new(&"s3cret".repeat(6)).unwrap();
        assert!(!format!("{token:?}").contains("s3cret"));
    }

    #[test]
    fn environments_read_back_as_written() {
        for environment in [Environment::Development, Environment::Staging, Environment::Production] {
            assert_eq!(environment.as_str().parse(), Ok(environment));
        }
        assert_eq!("prod".parse::<Environment>(), Err(ConfigError::Environment("prod".to_owned())));
    }
}
