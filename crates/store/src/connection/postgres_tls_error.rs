//! Why there is no TLS with PostgreSQL, and what to do about it.

use std::{error::Error as _, io, path::Path};

use jiff::Timestamp;
use rustls::{CertificateError, pki_types::UnixTime};

use crate::{StoreError, tls_settings::TlsMode};

/// The driver's words, which are all that tells these errors from its others.
const HANDSHAKE_FAILED: &str = "error performing TLS handshake";
const NO_TLS: &str = "server does not support TLS";

/// No connection, because of TLS. Each says which setting wanted it, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TlsError {
    /// The server speaks no TLS.
    #[error(
        "{mode}: the server speaks no TLS: turn it on there (ssl = on), or write sslmode=disable where nobody can listen"
    )]
    NotSpoken { mode: TlsMode },
    /// The certificate is by an authority that is not believed.
    #[error(
        "{mode}: the server's certificate is by none of these authorities: name the file with its authority's \
         certificate, sslrootcert=FILE, and ask whoever keeps the server if you are not sure that it is the right one"
    )]
    UnknownAuthority { mode: TlsMode },
    /// The certificate is for another host.
    #[error(
        "{mode}: the server's certificate is not for the host in the URL ({reason}): write the host as the certificate \
         has it, or have one made that has this host as its subjectAltName"
    )]
    WrongName { mode: TlsMode, reason: String },
    /// The certificate, or one between it and its authority, is too old.
    #[error("{mode}: the server's certificate has expired{since}: renew it there; Lotwise takes the new one by itself")]
    Expired { mode: TlsMode, since: String },
    /// The certificate is for later.
    #[error("{mode}: the server's certificate is not valid yet{until}: look at the clocks of both machines")]
    NotYetValid { mode: TlsMode, until: String },
    /// The certificate cannot be judged.
    #[error(
        "{mode}: the server's certificate cannot be taken ({reason}): have one made of X.509 version 3, with a \
         subjectAltName, that is not an authority's own (CA:FALSE)"
    )]
    BadCertificate { mode: TlsMode, reason: String },
    /// The two sides do not come together in another way.
    #[error(
        "{mode}: TLS with the server failed ({reason}): its log says more; where it asks for a certificate of this side, \
         look at sslcert and sslkey"
    )]
    Failed { mode: TlsMode, reason: String },
    /// A file that a setting names is of no use.
    #[error("{setting}={path}: the file cannot be used ({reason}): name a PEM file that Lotwise can read")]
    File { setting: &'static str, path: String, reason: String },
    /// The machine trusts nobody.
    #[error(
        "sslrootcert=system: this machine has no certificates of authorities ({reason}): install them, on Debian the \
         package ca-certificates, or name a file, sslrootcert=FILE"
    )]
    NoSystemRoots { reason: String },
    /// A defect.
    #[error("TLS cannot be set up: {reason}")]
    Internal { reason: String },
}

impl TlsError {
    pub(super) fn file(setting: &'static str, path: &Path, reason: &impl ToString) -> Self {
        Self::File { setting, path: path.display().to_string(), reason: reason.to_string() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "for map_err")]
    pub(super) fn no_system_roots(error: rustls::Error) -> Self {
        Self::NoSystemRoots { reason: error.to_string() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "for map_err")]
    pub(super) fn internal(error: rustls::Error) -> Self {
        Self::Internal { reason: error.to_string() }
    }

    /// What TLS has to do with the driver's `error`; none when it is about something else.
    pub(super) fn of(error: &tokio_postgres::Error, mode: &TlsMode) -> Option<Self> {
        let mode = mode.clone();
        if let Some(error) = of_rustls(error) {
            return Some(Self::of_handshake(error, mode));
        }
        if error.to_string() != HANDSHAKE_FAILED {
            return None;
        }
        let reason = error.source().map(ToString::to_string).unwrap_or_default();
        Some(if reason == NO_TLS { Self::NotSpoken { mode } } else { Self::Failed { mode, reason } })
    }

    fn of_handshake(error: &rustls::Error, mode: TlsMode) -> Self {
        let rustls::Error::InvalidCertificate(fault) = error else {
            return Self::Failed { mode, reason: error.to_string() };
        };
        match fault {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownAuthority { mode },
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::WrongName { mode, reason: fault.to_string() }
            }
            CertificateError::Expired => Self::Expired { mode, since: String::new() },
            CertificateError::ExpiredContext { not_after, .. } => {
                Self::Expired { mode, since: date(" since ", *not_after) }
            }
            CertificateError::NotValidYet => Self::NotYetValid { mode, until: String::new() },
            CertificateError::NotValidYetContext { not_before, .. } => {
                Self::NotYetValid { mode, until: date(" before ", *not_before) }
            }
            _ => Self::BadCertificate { mode, reason: fault.to_string() },
        }
    }
}

fn date(word: &str, time: UnixTime) -> String {
    let time = i64::try_from(time.as_secs()).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map(|time| format!("{word}{time}")).unwrap_or_default()
}

/// What the TLS library says, from within what the driver says.
fn of_rustls(error: &tokio_postgres::Error) -> Option<&rustls::Error> {
    error.source()?.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref()
}

impl From<TlsError> for StoreError {
    /// What time alone does to good settings is an outage, which ends by itself once somebody has renewed a certificate;
    /// what settings say is not.
    fn from(error: TlsError) -> Self {
        match error {
            TlsError::Expired { .. } | TlsError::NotYetValid { .. } | TlsError::Failed { .. } => {
                Self::Unavailable(error.to_string())
            }
            TlsError::Internal { .. } => Self::Internal(error.to_string()),
            _ => Self::Unusable(error.to_string()),
        }
    }
}
