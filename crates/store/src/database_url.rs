//! Where the data is: `sqlite:PATH` or `postgres://…`.

use std::{fmt, path::PathBuf, str::FromStr};

use percent_encoding::percent_decode_str;
use tokio_postgres::config::{ChannelBinding, Host, SslNegotiation};

use crate::postgres_url::PostgresUrl;

/// The database to open. [`fmt::Display`] hides the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file, created when missing; its folder must exist.
    Sqlite(PathBuf),
    /// A PostgreSQL server and database, as a libpq URL.
    Postgres(String),
}

/// A text that names no database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Neither of the two known beginnings.
    #[error("database {0:?} is neither sqlite:PATH nor postgres://USER:PASSWORD@HOST/DATABASE")]
    UnknownScheme(String),
    /// `sqlite:` without a path, or one in memory, which cannot be durable.
    #[error("database {0:?} names no file: write sqlite:PATH, as in sqlite:lotwise.db")]
    NoFile(String),
    /// The PostgreSQL URL cannot be read.
    #[error("the PostgreSQL URL cannot be read ({0}): write postgres://USER:PASSWORD@HOST/DATABASE")]
    Postgres(String),
    /// A second `@`: the first one ends the password, so this one would be looked for as a host.
    #[error("the PostgreSQL URL has two @: write an @ of the password or the user as %40, a / as %2F, a ? as %3F")]
    SecondAt,
    /// A setting of TLS has a value that cannot be followed.
    #[error("the PostgreSQL URL has {setting}={value}: {hint}")]
    Tls {
        /// The setting, as libpq calls it.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What to write instead.
        hint: &'static str,
    },
    /// A setting of TLS that would not be heeded.
    #[error(
        "the PostgreSQL URL has {0}, which is not known here: leave it out, or use sslmode, sslrootcert, sslcert, sslkey \
         and sslnegotiation"
    )]
    UnknownTlsSetting(String),
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            // `sqlite:///x` and `sqlite://x` are what other tools write for the same file.
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.starts_with(':') {
                return Err(DatabaseUrlError::NoFile(text.to_owned()));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return PostgresUrl::read(text).map(|_| Self::Postgres(text.to_owned()));
        }
        Err(DatabaseUrlError::UnknownScheme(without_password(text)))
    }
}

impl DatabaseUrl {
    /// The environment in which PostgreSQL's own programs find this database, so that no password stands on a command
    /// line; a variable without a value must not be set. Nothing for SQLite.
    ///
    /// # Errors
    /// [`DatabaseUrlError`] when the URL cannot be read.
    pub fn libpq_environment(&self) -> Result<Vec<(&'static str, Option<String>)>, DatabaseUrlError> {
        let Self::Postgres(url) = self else { return Ok(Vec::new()) };
        let PostgresUrl { config, tls } = PostgresUrl::read(url)?;
        let host = |host: &Host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(folder) => folder.display().to_string(),
        };
        let negotiation = match config.get_ssl_negotiation() {
            SslNegotiation::Direct => Some("direct".to_owned()),
            _ => None,
        };
        let channel_binding = match config.get_channel_binding() {
            ChannelBinding::Disable => Some("disable".to_owned()),
            ChannelBinding::Require => Some("require".to_owned()),
            _ => None,
        };
        let mut variables = vec![
            ("PGHOST", listed(config.get_hosts().iter().map(host))),
            ("PGHOSTADDR", listed(config.get_hostaddrs().iter().map(ToString::to_string))),
            ("PGPORT", listed(config.get_ports().iter().map(ToString::to_string))),
            ("PGUSER", config.get_user().map(str::to_owned)),
            ("PGPASSWORD", config.get_password().map(|password| String::from_utf8_lossy(password).into_owned())),
            ("PGDATABASE", config.get_dbname().map(str::to_owned)),
            ("PGOPTIONS", config.get_options().map(str::to_owned)),
            ("PGCHANNELBINDING", channel_binding),
            ("PGSSLNEGOTIATION", negotiation),
            // A service of this name would win over the variables that name the database.
            ("PGSERVICE", None),
        ];
        variables.extend(tls.libpq_variables());
        Ok(variables)
    }
}

fn listed(values: impl Iterator<Item = String>) -> Option<String> {
    Some(values.collect::<Vec<_>>().join(",")).filter(|values| !values.is_empty())
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(formatter, "sqlite:{}", path.display()),
            Self::Postgres(url) => formatter.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DatabaseUrl({self})")
    }
}

/// Rather hides too much: what stands where a password can stand is one, also where it has signs in it that ought to be
/// encoded.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (user, address) = match rest.rsplit_once('@') {
        Some((user, address)) => match user.split_once([':', '?']) {
            Some((name, _)) => (format!("{name}:***@"), address),
            None => (format!("{user}@"), address),
        },
        None => (String::new(), rest),
    };
    match address.split_once('?') {
        Some((address, query)) if percent_decode_str(query).decode_utf8_lossy().contains("password") => {
            format!("{scheme}://{user}{address}?***")
        }
        _ => format!("{scheme}://{user}{address}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_are_read() {
        assert_eq!("sqlite:data/x.db".parse(), Ok(DatabaseUrl::Sqlite("data/x.db".into())));
        assert_eq!("sqlite:///srv/x.db".parse(), Ok(DatabaseUrl::Sqlite("/srv/x.db".into())));
        assert!(matches!("postgres://a@localhost/b".parse(), Ok(DatabaseUrl::Postgres(_))));
        assert!(matches!("postgresql:///b?host=/tmp".parse(), Ok(DatabaseUrl::Postgres(_))));
    }

    #[test]
    fn what_is_no_database_is_refused_by_name() {
        for text in ["", "lotwise.db", "mysql://x", "sqlite:", "sqlite::memory:", "postgres://h:port/x"] {
            let refused = text.parse::<DatabaseUrl>();
            assert!(refused.is_err(), "{text} gave {refused:?}");
        }
    }

    /// What is set, and not what must not be.
    fn environment(url: &str) -> Vec<(&'static str, String)> {
        let variables = url.parse::<DatabaseUrl>().unwrap().libpq_environment().unwrap();
        variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    #[test]
    fn programs_of_postgres_find_the_database_by_their_environment() {
        let expected = [
            ("PGHOST", "db"),
            ("PGPORT", "6432"),
            ("PGUSER", "me"),
            ("PGPASSWORD", "p@ss"),
            ("PGDATABASE", "x"),
            ("PGSSLMODE", "require"),
        ];
        let expected = expected.map(|(name, value)| (name, value.to_owned()));
        assert_eq!(environment("postgres://me:p%40ss@db:6432/x?sslmode=require"), expected);
        assert!(environment("postgres://me@%2Ftmp%2Fs/x").contains(&("PGHOST", "/tmp/s".to_owned())));
        assert_eq!(environment("sqlite:x.db"), []);
    }

    #[test]
    fn programs_of_postgres_use_the_same_tls_and_nobody_elses() {
        let url = "postgres://db/x?sslmode=verify-full&sslrootcert=a.crt&sslcert=b.crt&sslkey=b.key\
            &sslnegotiation=direct&channel_binding=require";
        let expected = [
            ("PGHOST", "db"),
            ("PGPORT", "5432"),
            ("PGDATABASE", "x"),
            ("PGCHANNELBINDING", "require"),
            ("PGSSLNEGOTIATION", "direct"),
            ("PGSSLMODE", "verify-full"),
            ("PGSSLROOTCERT", "a.crt"),
            ("PGSSLCERT", "b.crt"),
            ("PGSSLKEY", "b.key"),
        ];
        assert_eq!(environment(url), expected.map(|(name, value)| (name, value.to_owned())));
        assert!(environment("postgres://db/x?sslmode=verify-full").contains(&("PGSSLROOTCERT", "system".to_owned())));
        let plain: DatabaseUrl = "postgres://db/x".parse().unwrap();
        let variables = plain.libpq_environment().unwrap();
        assert!(variables.contains(&("PGSSLMODE", Some("prefer".to_owned()))), "{variables:?}");
        assert!(variables.contains(&("PGSSLROOTCERT", None)), "{variables:?}");
    }

    #[test]
    fn no_password_is_ever_shown() {
        for text in [
            "postgres://me:secret@db/x",
            "postgres://me@db/x?password=secret",
            "postgres://me:?secret@db/x",
            "postgres://me@db/x?password=secret&application_name=a@b",
            "postgres://me@db/x?pass%77ord=secret",
        ] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert!(!format!("{url} {url:?}").contains("secret"), "{url}");
        }
        let second_at = "postgres://me:a@secret@db/x";
        assert_eq!(second_at.parse::<DatabaseUrl>(), Err(DatabaseUrlError::SecondAt));
        let url = DatabaseUrl::Postgres(second_at.to_owned());
        assert!(!format!("{url} {url:?} {}", DatabaseUrlError::SecondAt).contains("secret"), "{url}");
        assert!(
            !DatabaseUrlError::UnknownScheme(without_password("mysql://me:secret@db")).to_string().contains("secret")
        );
    }
}
