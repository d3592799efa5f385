//! Certificates for one test, by authorities of its own.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

/// Who signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    /// Another one each time, and all of the same name.
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        // Another name than that of the certificates: OpenSSL takes those for their own authorities otherwise.
        params.distinguished_name.push(DnType::CommonName, "Authority of the tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).expect("an authority's certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Its own certificate, which those have who believe it.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Its own certificate and its key, as PEM.
    pub fn own_certificate(&self) -> (String, String) {
        (self.pem.clone(), self.issuer.key().serialize_pem())
    }

    /// A certificate for a host, or of a client, and its key, as PEM.
    pub fn certificate(&self, name: &str) -> (String, String) {
        self.signed(&CertificateParams::new([name.to_owned()]).expect("a name"))
    }

    /// One that was valid for a month in 2001.
    pub fn expired_certificate(&self, name: &str) -> (String, String) {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2001, 2, 1);
        self.signed(&params)
    }

    fn signed(&self, params: &CertificateParams) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }
}
