//! TLS to PostgreSQL, as its settings want it.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem, pem::PemObject},
    server::ParsedCertificate,
};
use tokio_postgres::{Socket, config::SslNegotiation, tls::MakeTlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::postgres_tls_error::TlsError;
use crate::{
    postgres_url::PostgresUrl,
    tls_settings::{ClientCertificate, Roots, TlsMode},
};

/// What a connection is made of when TLS is used on it.
pub(super) type TlsStream = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// The protocol's registered name, which a server insists on when it is not asked before TLS begins.
const PROTOCOL: &[u8] = b"postgresql";

/// What makes TLS of a new connection. The files are read each time, so that those that were renewed count from the next
/// connection on.
pub(super) fn connector(url: &PostgresUrl) -> Result<MakeRustlsConnect, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::internal)?
        .dangerous()
        .with_custom_certificate_verifier(verifier(&url.tls.mode, provider)?);
    let mut config = match &url.tls.client {
        None => builder.with_no_client_auth(),
        Some(files) => {
            let chain = certificates("sslcert", &files.certificate)?;
            let mismatch = |error: Error| TlsError::file("sslcert", &files.certificate, &error);
            builder.with_client_auth_cert(chain, key(files)?).map_err(mismatch)?
        }
    };
    if url.config.get_ssl_negotiation() == SslNegotiation::Direct {
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
    }
    Ok(MakeRustlsConnect::new(config))
}

fn verifier(mode: &TlsMode, provider: Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    Ok(match mode {
        TlsMode::Disable | TlsMode::Prefer | TlsMode::Require => Arc::new(AnyHost { roots: None, provider }),
        TlsMode::VerifyCa(file) => Arc::new(AnyHost { roots: Some(roots(file)?), provider }),
        TlsMode::VerifyFull(Roots::File(file)) => {
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots(file)?), provider).build();
            verifier.map_err(|error| TlsError::file("sslrootcert", file, &error))?
        }
        TlsMode::VerifyFull(Roots::System) => {
            Arc::new(rustls_platform_verifier::Verifier::new(provider).map_err(TlsError::no_system_roots)?)
        }
    })
}

fn roots(file: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("sslrootcert", file)? {
        let unreadable = |_| TlsError::file("sslrootcert", file, &"a certificate in it cannot be read");
        roots.add(certificate).map_err(unreadable)?;
    }
    Ok(roots)
}

fn certificates(setting: &'static str, file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    match all {
        Ok(all) if all.is_empty() => Err(TlsError::file(setting, file, &"it holds no certificate in PEM form")),
        Ok(all) => Ok(all),
        Err(pem::Error::Io(error)) => Err(TlsError::file(setting, file, &error)),
        Err(error) => Err(TlsError::file(setting, file, &error)),
    }
}

fn key(files: &ClientCertificate) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(&files.key).map_err(|error| match error {
        pem::Error::Io(error) => TlsError::file("sslkey", &files.key, &error),
        // The other errors can quote what is in the file.
        _ => TlsError::file("sslkey", &files.key, &"it holds no key in PEM form without a password"),
    })
}

/// Takes any server's certificate, or any by one of some authorities, whichever host it is for. That the server has the
/// certificate's key is always checked: the password's exchange is bound to it (SCRAM's channel binding).
#[derive(Debug)]
struct AnyHost {
    roots: Option<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyHost {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(roots) = &self.roots {
            let certificate = ParsedCertificate::try_from(end_entity)?;
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&certificate, roots, intermediates, now, algorithms)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
