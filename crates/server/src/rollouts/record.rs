//! Records of the phases that an environment has done, signed, so that the next environment can count on them.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::Mac;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::config::SigningSecret;

/// What the signature is for, beside whatever else a secret signs.
const LABEL: &str = "rollout-record";

/// The phases that an environment has done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RolloutRecord)]
pub(crate) struct Record {
    /// The flag.
    pub(crate) flag: String,
    /// The environment that has done them.
    pub(crate) environment: String,
    /// Hash of the policy they were done by.
    pub(crate) policy_hash: String,
    /// The rollout there.
    pub(crate) rollout_id: String,
    /// Their names.
    pub(crate) phases: Vec<String>,
    /// RFC 3339; when the last one was done.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) completed_at: Timestamp,
    /// Hash of the last entry about it in the audit log there.
    pub(crate) audit_hash: String,
    /// Who exported it.
    pub(crate) signed_by: String,
    /// HMAC-SHA256 of all of the above by `LOTWISE_ROLLOUT_SECRET`, base64url.
    pub(crate) signature: String,
}

impl Record {
    /// The same with its signature.
    pub(crate) fn signed(mut self, secret: &SigningSecret) -> Self {
        let mac = secret.mac(&self.message()).finalize().into_bytes();
        self.signature = BASE64_URL_SAFE_NO_PAD.encode(mac);
        self
    }

    /// Whether the signature is this secret's.
    pub(crate) fn is_signed_by(&self, secret: &SigningSecret) -> bool {
        let Ok(signature) = BASE64_URL_SAFE_NO_PAD.decode(&self.signature) else { return false };
        // Compares in constant time.
        secret.mac(&self.message()).verify_slice(&signature).is_ok()
    }

    /// What is signed: every field but the signature, each with its length, so that no two records are the same text.
    fn message(&self) -> String {
        let completed_at = self.completed_at.to_string();
        let phases = self.phases.join("\n");
        let fields = [
            LABEL,
            &self.flag,
            &self.environment,
            &self.policy_hash,
            &self.rollout_id,
            &phases,
            &completed_at,
            &self.audit_hash,
            &self.signed_by,
        ];
        fields.iter().map(|field| format!("{}:{field};", field.len())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ROLLOUT_SECRET_VARIABLE;

    fn secret(letter: &str) -> SigningSecret {
        SigningSecret::new(ROLLOUT_SECRET_VARIABLE, &letter.repeat(32)).unwrap()
    }

    #[test]
    fn a_record_counts_only_as_it_was_signed() {
        let record = Record {
            flag: "enableLotLevelMoic".to_owned(),
            environment: "staging".to_owned(),
            policy_hash: "sha256:0".to_owned(),
            rollout_id: "0198".to_owned(),
            phases: vec!["staging".to_owned()],
            completed_at: Timestamp::UNIX_EPOCH,
            audit_hash: "0".repeat(64),
            signed_by: "person:1".to_owned(),
            signature: String::new(),
        };
        let signed = record.clone().signed(&secret("a"));
        assert!(signed.is_signed_by(&secret("a")));
        assert!(!signed.is_signed_by(&secret("b")));
        assert!(!record.is_signed_by(&secret("a")));
        let more = Record { phases: vec!["development".to_owned(), "staging".to_owned()], ..signed.clone() };
        assert!(!more.is_signed_by(&secret("a")));
        assert!(!Record { signature: "?".to_owned(), ..signed }.is_signed_by(&secret("a")));
    }
}
