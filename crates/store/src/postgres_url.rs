//! A PostgreSQL URL, read: what the driver understands of it, and what it says about TLS in words that the driver does not
//! know.

use percent_encoding::percent_decode_str;
use tokio_postgres::{
    Config,
    config::{Host, SslMode, SslNegotiation},
};

use crate::{
    DatabaseUrlError,
    tls_settings::{TlsMode, TlsSettings, TlsWords},
};

/// Where a server is, who asks, and how TLS is used.
#[derive(Clone, Debug)]
pub(crate) struct PostgresUrl {
    pub(crate) config: Config,
    pub(crate) tls: TlsSettings,
}

impl PostgresUrl {
    /// Reads `url`, and no file that it names.
    ///
    /// # Errors
    /// [`DatabaseUrlError`] without any password.
    pub(crate) fn read(url: &str) -> Result<Self, DatabaseUrlError> {
        let (server, query) = split(url);
        if server.matches('@').count() > 1 {
            return Err(DatabaseUrlError::SecondAt);
        }
        let mut words = TlsWords::default();
        let mut rest = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (name, value) = (percent_decode_str(name).decode_utf8_lossy(), percent_decode_str(value));
            if !words.take(&name, &value.decode_utf8_lossy())? {
                rest.push(parameter);
            }
        }
        let tls = words.settings()?;
        // The driver's error names a setting and never its value.
        let config: Result<Config, tokio_postgres::Error> = format!("{server}?{}", rest.join("&")).parse();
        let mut config = config.map_err(|error| DatabaseUrlError::Postgres(error.to_string()))?;
        if config.get_ssl_negotiation() == SslNegotiation::Direct && !tls.insists() {
            let hint = "the server is not asked whether it speaks TLS then: write sslmode=require or a stronger one";
            return Err(DatabaseUrlError::Tls { setting: "sslnegotiation", value: "direct".to_owned(), hint });
        }
        let is_local = !config.get_hosts().is_empty() && config.get_hosts().iter().all(is_socket);
        config.ssl_mode(match &tls.mode {
            // A socket in a folder has no TLS, and nobody between its ends: libpq heeds no sslmode there either.
            _ if is_local => SslMode::Disable,
            TlsMode::Disable => SslMode::Disable,
            TlsMode::Prefer => SslMode::Prefer,
            TlsMode::Require | TlsMode::VerifyCa(_) | TlsMode::VerifyFull(_) => SslMode::Require,
        });
        if config.get_hosts().is_empty() {
            // TLS begins with the server's name: without one, its address is what a certificate has to be for.
            for address in config.get_hostaddrs().to_vec() {
                config.host(address.to_string());
            }
        }
        Ok(Self { config, tls })
    }
}

/// The URL before its query, and the query. Before the first `@` everything belongs to user and password, to the driver as
/// well.
fn split(url: &str) -> (&str, &str) {
    let after_password = url.find('@').map_or(0, |at| at + 1);
    match url[after_password..].find('?') {
        Some(at) => (&url[..after_password + at], &url[after_password + at + 1..]),
        None => (url, ""),
    }
}

fn is_socket(host: &Host) -> bool {
    match host {
        Host::Tcp(_) => false,
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> PostgresUrl {
        PostgresUrl::read(url).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    #[test]
    fn the_driver_gets_the_rest_of_the_url() {
        let url =
            read("postgres://me:s%26c?ret@db:6432/x?sslmode=verify-full&options=-c%20a=b&sslrootcert=%2Fx%20y.crt");
        assert_eq!(url.tls.mode.to_string(), "sslmode=verify-full&sslrootcert=/x y.crt");
        assert_eq!(url.config.get_ssl_mode(), SslMode::Require);
        assert_eq!(url.config.get_password(), Some("s&c?ret".as_bytes()));
        assert_eq!((url.config.get_dbname(), url.config.get_options()), (Some("x"), Some("-c a=b")));
        assert_eq!(read("postgres://db/x").config.get_ssl_mode(), SslMode::Prefer);
    }

    #[test]
    fn a_password_with_an_at_that_is_not_encoded_is_no_host() {
        let refused = PostgresUrl::read("postgres://me:p@ss/w:rd@127.0.0.1/x").unwrap_err().to_string();
        assert!(refused.contains("%40") && !refused.contains("ss/w"), "{refused}");
        assert_eq!(read("postgres://me:p%40ss%2Fw@db/x?options=a@b").config.get_password(), Some("p@ss/w".as_bytes()));
    }

    #[test]
    fn a_socket_has_no_tls_and_an_address_is_a_name() {
        assert_eq!(read("postgres://me@%2Ftmp%2Fs/x?sslmode=require").config.get_ssl_mode(), SslMode::Disable);
        assert_eq!(read("postgres://me@%2Ftmp%2Fs,db/x?sslmode=require").config.get_ssl_mode(), SslMode::Require);
        let address = read("postgres:///x?hostaddr=10.0.0.1&sslmode=require");
        assert_eq!(address.config.get_hosts(), [Host::Tcp("10.0.0.1".to_owned())]);
    }

    #[test]
    fn tls_without_asking_needs_a_mode_that_insists() {
        read("postgres://db/x?sslmode=require&sslnegotiation=direct");
        let refused = PostgresUrl::read("postgres://db/x?sslnegotiation=direct").unwrap_err().to_string();
        assert!(refused.contains("sslnegotiation=direct") && refused.contains("sslmode=require"), "{refused}");
    }
}
