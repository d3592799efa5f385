//! Secrets: compared in constant time, never printed.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The SHA-256 of a secret: enough to recognise it, not enough to use it. Looking one up by its hash tells a listener
/// nothing about the secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Keeps the hash of `value`.
    #[must_use]
    pub fn new(value: &str) -> Self {
        Self(Sha256::digest(value.as_bytes()).into())
    }

    /// The secret whose SHA-256 is `hash` in hexadecimal, as the database keeps it; none for a text that is no such hash.
    pub(crate) fn of_hash(hash: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(hash, &mut bytes).ok().map(|()| Self(bytes))
    }

    /// Whether `presented` is the secret; takes the same time whatever it is.
    #[must_use]
    pub fn matches(&self, presented: &Self) -> bool {
        self.0.ct_eq(&presented.0).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}
