//! One act of a caller: who, when, about which fund. Every write takes one, and leaves its trace in the audit log.

use jiff::Timestamp;
use serde_json::Value;
use store::audit::{self, NewEntry};
use store::{FundId, StoreError, Transaction};

use crate::AppState;
use crate::auth::Caller;

/// Who does something, and when.
#[derive(Debug, Clone)]
pub(crate) struct Act {
    /// Targeting key of the caller.
    pub(crate) actor: String,
    /// When the request was taken up.
    pub(crate) now: Timestamp,
    /// The fund it is about.
    pub(crate) fund_id: Option<FundId>,
}

impl Act {
    pub(crate) fn new(state: &AppState, caller: &Caller, fund_id: Option<FundId>) -> Self {
        Self { actor: caller.key(), now: state.clock().now(), fund_id }
    }

    /// Adds the act to the audit log, in the transaction of what it tells about.
    ///
    /// # Errors
    /// What the database answers.
    pub(crate) fn record(
        &self,
        tx: &mut Transaction<'_>,
        action: &str,
        subject: &str,
        details: &Value,
    ) -> Result<(), StoreError> {
        let entry =
            NewEntry { actor: &self.actor, action, subject, fund_id: self.fund_id, details: &details.to_string() };
        audit::append(tx, &entry, self.now).map(|_| ())
    }
}
