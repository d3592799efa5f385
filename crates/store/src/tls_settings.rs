//! How TLS is to be used with PostgreSQL, in libpq's words and with libpq's meaning.

use std::{fmt, path::PathBuf};

use crate::DatabaseUrlError;

/// What `sslrootcert` says for the authorities that the machine trusts.
const SYSTEM: &str = "system";

/// How connections are protected, and how this side proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TlsSettings {
    pub(crate) mode: TlsMode,
    pub(crate) client: Option<ClientCertificate>,
}

/// What a connection must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TlsMode {
    /// Never TLS.
    Disable,
    /// TLS with whoever answers where that works, and no TLS otherwise: protects from nobody who can change what is sent.
    Prefer,
    /// TLS with whoever answers: protects from those who listen.
    Require,
    /// TLS with a server whose certificate is by an authority in this file.
    VerifyCa(PathBuf),
    /// TLS with a server whose certificate is by one of these authorities, and for the host that the URL names.
    VerifyFull(Roots),
}

/// The authorities that are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Those that the machine believes.
    System,
    /// Those in a PEM file, and no others.
    File(PathBuf),
}

/// PEM files with the certificate, and those between it and its authority, and with its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientCertificate {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// The settings of TLS as a URL has them, before their rules are applied.
#[derive(Clone, Debug, Default)]
pub(crate) struct TlsWords {
    mode: Option<String>,
    root: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

impl TlsWords {
    /// Takes a setting that is one of TLS; false for others, and for those that the driver reads itself.
    ///
    /// # Errors
    /// [`DatabaseUrlError::UnknownTlsSetting`] for a setting of TLS that would not be heeded.
    pub(crate) fn take(&mut self, name: &str, value: &str) -> Result<bool, DatabaseUrlError> {
        let place = match name {
            "sslmode" => &mut self.mode,
            "sslrootcert" => &mut self.root,
            "sslcert" => &mut self.certificate,
            "sslkey" => &mut self.key,
            "sslnegotiation" => return Ok(false),
            _ if name.starts_with("ssl") => return Err(DatabaseUrlError::UnknownTlsSetting(name.to_owned())),
            _ => return Ok(false),
        };
        // To libpq an empty setting is one that was not made, and the last of several is the one.
        *place = Some(value.to_owned()).filter(|value| !value.is_empty());
        Ok(true)
    }

    /// What the settings come to together.
    ///
    /// # Errors
    /// [`DatabaseUrlError::Tls`] for a value that is not known, and for settings that promise more than they hold.
    pub(crate) fn settings(self) -> Result<TlsSettings, DatabaseUrlError> {
        Ok(TlsSettings {
            mode: mode(self.mode.as_deref(), self.root.as_deref())?,
            client: client(self.certificate, self.key)?,
        })
    }
}

fn mode(mode: Option<&str>, root: Option<&str>) -> Result<TlsMode, DatabaseUrlError> {
    let refused =
        |setting: &'static str, value: &str, hint| DatabaseUrlError::Tls { setting, value: value.to_owned(), hint };
    match (mode, root) {
        (None | Some("verify-full"), Some(root)) if root == SYSTEM => Ok(TlsMode::VerifyFull(Roots::System)),
        (Some("verify-full"), None) => Ok(TlsMode::VerifyFull(Roots::System)),
        (Some("verify-full"), Some(file)) => Ok(TlsMode::VerifyFull(Roots::File(file.into()))),
        (Some(weak @ ("disable" | "prefer" | "require" | "verify-ca")), Some(root)) if root == SYSTEM => {
            let hint = "anybody can have a certificate of an authority that the machine trusts, so sslrootcert=system \
                goes with sslmode=verify-full alone";
            Err(refused("sslmode", weak, hint))
        }
        // libpq's `require` checks the authority, too, once it has a file to check it with.
        (Some("verify-ca" | "require"), Some(file)) => Ok(TlsMode::VerifyCa(file.into())),
        (Some("verify-ca"), None) => {
            let hint = "name the file with the authority's certificate beside it: sslrootcert=FILE";
            Err(refused("sslmode", "verify-ca", hint))
        }
        (Some("require"), None) => Ok(TlsMode::Require),
        (Some("prefer") | None, None) => Ok(TlsMode::Prefer),
        (Some("disable"), None) => Ok(TlsMode::Disable),
        (Some("prefer" | "disable") | None, Some(file)) => {
            let hint = "nothing would be checked with it: write sslmode=verify-full beside it, or leave it out";
            Err(refused("sslrootcert", file, hint))
        }
        (Some(other), _) => {
            let hint = "write disable, prefer, require, verify-ca or verify-full";
            Err(refused("sslmode", other, hint))
        }
    }
}

fn client(certificate: Option<String>, key: Option<String>) -> Result<Option<ClientCertificate>, DatabaseUrlError> {
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            Ok(Some(ClientCertificate { certificate: certificate.into(), key: key.into() }))
        }
        (Some(value), None) => {
            Err(DatabaseUrlError::Tls { setting: "sslcert", value, hint: "name its key beside it: sslkey=FILE" })
        }
        (None, Some(value)) => Err(DatabaseUrlError::Tls {
            setting: "sslkey",
            value,
            hint: "name its certificate beside it: sslcert=FILE",
        }),
    }
}

impl TlsSettings {
    /// True when a connection without TLS is never made.
    pub(crate) fn insists(&self) -> bool {
        !matches!(self.mode, TlsMode::Disable | TlsMode::Prefer)
    }

    /// The variables that tell libpq the same; a variable without a value is one that must not be set.
    pub(crate) fn libpq_variables(&self) -> [(&'static str, Option<String>); 4] {
        let file = |path: &PathBuf| path.display().to_string();
        [
            ("PGSSLMODE", Some(self.mode.word().to_owned())),
            ("PGSSLROOTCERT", self.mode.root()),
            ("PGSSLCERT", self.client.as_ref().map(|client| file(&client.certificate))),
            ("PGSSLKEY", self.client.as_ref().map(|client| file(&client.key))),
        ]
    }
}

impl TlsMode {
    fn word(&self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa(_) => "verify-ca",
            Self::VerifyFull(_) => "verify-full",
        }
    }

    fn root(&self) -> Option<String> {
        match self {
            Self::VerifyCa(file) | Self::VerifyFull(Roots::File(file)) => Some(file.display().to_string()),
            Self::VerifyFull(Roots::System) => Some(SYSTEM.to_owned()),
            Self::Disable | Self::Prefer | Self::Require => None,
        }
    }
}

/// As the URL would have it: `sslmode=verify-full&sslrootcert=/etc/lotwise/root.crt`.
impl fmt::Display for TlsMode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "sslmode={}", self.word())?;
        self.root().map_or(Ok(()), |root| write!(formatter, "&sslrootcert={root}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(words: &[(&str, &str)]) -> Result<TlsSettings, DatabaseUrlError> {
        let mut taken = TlsWords::default();
        for (name, value) in words {
            assert!(taken.take(name, value)?, "{name}");
        }
        taken.settings()
    }

    fn mode_of(words: &[(&str, &str)]) -> String {
        settings(words).unwrap().mode.to_string()
    }

    #[test]
    fn words_mean_what_they_mean_to_libpq() {
        assert_eq!(mode_of(&[]), "sslmode=prefer");
        for word in ["disable", "prefer", "require"] {
            assert_eq!(mode_of(&[("sslmode", word)]), format!("sslmode={word}"));
        }
        let file = ("sslrootcert", "/x/root.crt");
        assert_eq!(mode_of(&[("sslmode", "verify-full"), file]), "sslmode=verify-full&sslrootcert=/x/root.crt");
        assert_eq!(mode_of(&[("sslmode", "verify-ca"), file]), "sslmode=verify-ca&sslrootcert=/x/root.crt");
        assert_eq!(mode_of(&[("sslmode", "require"), file]), "sslmode=verify-ca&sslrootcert=/x/root.crt");
        assert_eq!(mode_of(&[("sslrootcert", "system")]), "sslmode=verify-full&sslrootcert=system");
        assert_eq!(mode_of(&[("sslmode", "verify-full")]), "sslmode=verify-full&sslrootcert=system");
        assert_eq!(mode_of(&[("sslmode", "disable"), ("sslmode", "require"), ("sslrootcert", "")]), "sslmode=require");
    }

    #[test]
    fn settings_that_promise_more_than_they_hold_are_refused_with_what_to_write() {
        let file = ("sslrootcert", "/x/root.crt");
        let cases: [(&[(&str, &str)], &str); 9] = [
            (&[("sslmode", "allow")], "sslmode=allow: write disable, prefer"),
            (&[("sslmode", "verify_full")], "sslmode=verify_full: write"),
            (&[("sslmode", "verify-ca")], "sslmode=verify-ca: name the file"),
            (&[("sslmode", "require"), ("sslrootcert", "system")], "sslmode=require: anybody"),
            (&[("sslmode", "prefer"), file], "sslrootcert=/x/root.crt: nothing would be checked"),
            (&[file], "sslrootcert=/x/root.crt: nothing would be checked"),
            (&[("sslcert", "me.crt")], "sslcert=me.crt: name its key"),
            (&[("sslkey", "me.key")], "sslkey=me.key: name its certificate"),
            (&[("sslcrl", "list")], "sslcrl, which is not known"),
        ];
        for (words, said) in cases {
            let refused = settings(words).unwrap_err().to_string();
            assert!(refused.contains(said), "{refused}");
        }
    }
}
