//! Secrets that are shown once and stored only as their SHA-256.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::StoreError;

/// A random secret of 256 bits, for a token, a session's cookie or a one-time login. [`fmt::Debug`] hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one that begins with `prefix`, by which people recognise it.
    pub(crate) fn generate(prefix: &str) -> Result<Self, StoreError> {
        let mut random = [0u8; 32];
        getrandom::fill(&mut random).map_err(|error| StoreError::Internal(format!("no random bytes: {error}")))?;
        Ok(Self(format!("{prefix}{}", hexadecimal(&random))))
    }

    /// The text to show to its owner, once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> String {
        hash(&self.0)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(***)")
    }
}

/// SHA-256 of a presented secret, in hexadecimal. A plain hash is enough: the secret has 256 random bits.
pub(crate) fn hash(presented: &str) -> String {
    hexadecimal(&Sha256::digest(presented.as_bytes()))
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
