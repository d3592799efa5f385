//! Where the data is: `sqlite:PATH` or `postgres://…`.

use std::{fmt, path::PathBuf, str::FromStr};

use percent_encoding::percent_decode_str;
use tokio_postgres::{
    Config, Error,
    config::{Host, SslMode},
};

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
            let config: Result<Config, _> = text.parse();
            return match config {
                Ok(_) => Ok(Self::Postgres(text.to_owned())),
                Err(error) => Err(DatabaseUrlError::Postgres(error.to_string())),
            };
        }
        Err(DatabaseUrlError::UnknownScheme(without_password(text)))
    }
}

impl DatabaseUrl {
    /// The environment in which PostgreSQL's own programs find this database, so that no password stands on a command
    /// line. Nothing for SQLite.
    ///
    /// # Errors
    /// [`DatabaseUrlError::Postgres`] when the URL cannot be read.
    pub fn libpq_environment(&self) -> Result<Vec<(&'static str, String)>, DatabaseUrlError> {
        let Self::Postgres(url) = self else { return Ok(Vec::new()) };
        let config: Config = url.parse().map_err(|error: Error| DatabaseUrlError::Postgres(error.to_string()))?;
        let host = |host: &Host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(folder) => folder.display().to_string(),
        };
        let hosts: Vec<String> = config.get_hosts().iter().map(host).collect();
        let ports: Vec<String> = config.get_ports().iter().map(ToString::to_string).collect();
        let ssl_mode = match config.get_ssl_mode() {
            SslMode::Disable => Some("disable"),
            SslMode::Require => Some("require"),
            _ => None,
        };
        let password = config.get_password().map(|password| String::from_utf8_lossy(password).into_owned());
        let variables = [
            ("PGHOST", Some(hosts.join(",")).filter(|hosts| !hosts.is_empty())),
            ("PGPORT", Some(ports.join(",")).filter(|ports| !ports.is_empty())),
            ("PGUSER", config.get_user().map(str::to_owned)),
            ("PGPASSWORD", password),
            ("PGDATABASE", config.get_dbname().map(str::to_owned)),
            ("PGOPTIONS", config.get_options().map(str::to_owned)),
            ("PGSSLMODE", ssl_mode.map(str::to_owned)),
        ];
        Ok(variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect())
    }
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

    #[test]
    fn programs_of_postgres_find_the_database_by_their_environment() {
        let url: DatabaseUrl = "postgres://me:p%40ss@db:6432/x?sslmode=require".parse().unwrap();
        let expected = [
            ("PGHOST", "db"),
            ("PGPORT", "6432"),
            ("PGUSER", "me"),
            ("PGPASSWORD", "p@ss"),
            ("PGDATABASE", "x"),
            ("PGSSLMODE", "require"),
        ];
        assert_eq!(url.libpq_environment().unwrap(), expected.map(|(name, value)| (name, value.to_owned())));
        let socket: DatabaseUrl = "postgres://me@%2Ftmp%2Fs/x".parse().unwrap();
        assert!(socket.libpq_environment().unwrap().contains(&("PGHOST", "/tmp/s".to_owned())));
        assert_eq!(DatabaseUrl::Sqlite("x.db".into()).libpq_environment().unwrap(), []);
    }

    #[test]
    fn no_password_is_ever_shown() {
        for text in [
            "postgres://me:secret@db/x",
            "postgres://me@db/x?password=secret",
            "postgres://me:?secret@db/x",
            "postgres://me:a@secret@db/x",
            "postgres://me@db/x?password=secret&application_name=a@b",
            "postgres://me@db/x?pass%77ord=secret",
        ] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert!(!format!("{url} {url:?}").contains("secret"), "{url}");
        }
        assert!(
            !DatabaseUrlError::UnknownScheme(without_password("mysql://me:secret@db")).to_string().contains("secret")
        );
    }
}
