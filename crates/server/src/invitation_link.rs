//! Invitation links: what a link says, signed so that nobody can make one up or stretch one.
//!
//! `/?ff_<flag>=1&ff_invite=<payload>.<signature>`: the payload is JSON in base64url, the signature the HMAC-SHA256 of
//! that base64url text. How often a link may still be used is the database's to know.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::config::{Environment, SigningSecret};

/// Characters of an invitation that are read at all.
const INVITE_LENGTH_MAX: usize = 2_000;

/// What an invitation link says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Invite {
    /// The invitation in the database.
    pub(crate) id: Uuid,
    /// Key of the flag.
    pub(crate) flag: String,
    /// The environment it is good in.
    pub(crate) environment: Environment,
    /// From when on it cannot be redeemed.
    pub(crate) expires_at: Timestamp,
}

/// Text that is no invitation of ours: cut off, changed, or signed with another secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the invitation is incomplete or was changed; copy the whole link")]
pub(crate) struct MalformedInvite;

impl Invite {
    /// The text of `ff_invite`.
    pub(crate) fn sign(&self, secret: &SigningSecret) -> String {
        // A struct of text and numbers is always written; an empty payload would only fail to verify.
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default());
        let signature = URL_SAFE_NO_PAD.encode(secret.mac(&payload).finalize().into_bytes());
        format!("{payload}.{signature}")
    }

    /// Path and query of the link.
    pub(crate) fn url(&self, secret: &SigningSecret) -> String {
        format!("/?ff_{}=1&ff_invite={}", self.flag, self.sign(secret))
    }

    /// Reads the text of `ff_invite`. The signature is compared in constant time, before the payload is looked at.
    ///
    /// # Errors
    /// [`MalformedInvite`] for anything this secret did not sign.
    pub(crate) fn verify(text: &str, secret: &SigningSecret) -> Result<Self, MalformedInvite> {
        if text.len() > INVITE_LENGTH_MAX {
            return Err(MalformedInvite);
        }
        let (payload, signature) = text.split_once('.').ok_or(MalformedInvite)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| MalformedInvite)?;
        secret.mac(payload).verify_slice(&signature).map_err(|_| MalformedInvite)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| MalformedInvite)?;
        serde_json::from_slice(&payload).map_err(|_| MalformedInvite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(letter: &str) -> SigningSecret {
        SigningSecret::new(crate::config::INVITATION_SECRET_VARIABLE, &letter.repeat(32)).unwrap()
    }

    fn invite() -> Invite {
        Invite {
            id: Uuid::from_u128(7),
            flag: "enableLotLevelMoic".to_owned(),
            environment: Environment::Production,
            expires_at: "2026-02-01T00:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_signed_invitation_reads_back_and_its_link_carries_the_flag() {
        let text = invite().sign(&secret("a"));
        assert_eq!(Invite::verify(&text, &secret("a")), Ok(invite()));
        assert_eq!(invite().url(&secret("a")), format!("/?ff_enableLotLevelMoic=1&ff_invite={text}"));
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{text}");
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let text = invite().sign(&secret("a"));
        for position in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(Invite::verify(&changed, &secret("a")), Err(MalformedInvite), "{position}");
        }
    }

    #[test]
    fn what_was_never_signed_with_this_secret_is_malformed() {
        let (text, long) = (invite().sign(&secret("b")), "a".repeat(3_000));
        let (payload, signature) = text.split_once('.').unwrap();
        for wrong in ["", ".", "a.b", "…", &text, payload, signature, &long, &format!("{text}.{signature}")] {
            assert_eq!(Invite::verify(wrong, &secret("a")), Err(MalformedInvite), "{wrong}");
        }
    }
}
