//! What the command line does to a database by itself, and the trace it leaves in the audit log.

use jiff::Timestamp;
use serde_json::Value;
use store::audit::{self, NewEntry};
use store::{StoreError, Transaction};

/// The actor of what somebody with access to the database does.
const ACTOR: &str = "local:command-line";

/// Adds an entry to the audit log, in the transaction of what it tells about.
pub fn record(
    tx: &mut Transaction<'_>,
    action: &str,
    subject: &str,
    details: &Value,
    now: Timestamp,
) -> Result<(), StoreError> {
    let entry = NewEntry { actor: ACTOR, action, subject, fund_id: None, details: &details.to_string() };
    audit::append(tx, &entry, now).map(|_| ())
}
