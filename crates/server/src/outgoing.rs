//! How other servers are asked: bounded in time, and never sent on to another address.

use std::time::Duration;

use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

/// A client whose requests take no longer than `timeout`, from the look-up of the name to the end of the body. Certificates
/// are judged as the machine judges them, with those that its owner has added. Statuses are for the caller to judge.
#[must_use]
pub fn agent(timeout: Duration) -> Agent {
    Agent::config_builder()
        .timeout_global(Some(timeout))
        .max_redirects(0)
        .http_status_as_error(false)
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .build()
        .into()
}
