//! Edits that wait for a second person: how they are kept, and how they come back.

use flags::Bucketing;
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use store::flag_changes::{self, FlagAction, FlagChange, FlagChangeStatus, NewFlagChange};
use store::{FlagChangeId, StoreError, Transaction, ids};

use super::{Edit, Shared, Versions, What};
use crate::act::Act;
use crate::error::ApiError;
use crate::live_flags::{FileFlags, Members};

/// The second person's word.
#[derive(Debug, Clone)]
pub(crate) struct Approval {
    /// What they agree to.
    pub(crate) change: FlagChange,
    /// Who, and when.
    pub(crate) act: Act,
}

impl Approval {
    /// Writes that the change was agreed to, in the transaction that carries it out.
    ///
    /// # Errors
    /// `WrongState` when it was decided before; `Conflict` by `second_person` for its own author.
    pub(crate) fn write(&self, tx: &mut Transaction<'_>) -> Result<(), StoreError> {
        decide(tx, &self.change, FlagChangeStatus::Approved, None, &self.act).map(|_| ())
    }
}

/// Decides a change that waits, and leaves the trace in the audit log.
///
/// # Errors
/// As [`flag_changes::decide`].
pub(crate) fn decide(
    tx: &mut Transaction<'_>,
    change: &FlagChange,
    status: FlagChangeStatus,
    reason: Option<&str>,
    act: &Act,
) -> Result<FlagChange, StoreError> {
    let decided = flag_changes::decide(tx, change.id, status, reason, &act.actor, act.now)?;
    let details = json!({ "change": change.id.to_string(), "requestedBy": change.requested_by, "reason": reason });
    act.record(tx, &format!("flag_change.{}", decided.status), &subject(change.flag_key.as_deref()), &details)?;
    Ok(decided)
}

/// How the audit log names what a change is about.
fn subject(key: Option<&str>) -> String {
    key.map_or_else(|| "flag_set".to_owned(), |key| format!("flag:{key}"))
}

/// Keeps an edit for a second person.
///
/// # Errors
/// `Internal` for a body that cannot be written, which texts of JSON can, and without randomness for an id; what the
/// database answers.
pub(super) fn propose(tx: &mut Transaction<'_>, edit: &Edit, act: &Act) -> Result<FlagChange, StoreError> {
    let (action, base_version, body) = match &edit.what {
        What::Create { definition, .. } => (FlagAction::Create, 0, definition_body(definition)?),
        What::Change { version, definition, .. } => (FlagAction::Change, *version, definition_body(definition)?),
        What::Archive { version, .. } => (FlagAction::Archive, *version, "{}".to_owned()),
        What::Restore { reason, .. } => (FlagAction::Restore, 0, body(&RestoreBody { reason: reason.clone() })?),
        What::ChangeSet { version, shared } => (FlagAction::ChangeSet, *version, body(&SharedBody::of(shared))?),
        What::Import { document, versions } => {
            let import = ImportBody { document: document.clone(), versions: versions.clone() };
            (FlagAction::Import, 0, body(&import)?)
        }
    };
    let new = NewFlagChange {
        id: FlagChangeId(ids::uuid_v7(act.now)?),
        flag_key: edit.what.key(),
        action,
        base_version,
        body: &body,
        comment: edit.comment.as_deref(),
    };
    let change = flag_changes::propose(tx, &new, &act.actor, act.now)?;
    let details = json!({ "change": change.id.to_string(), "action": change.action.to_string() });
    act.record(tx, "flag_change.propose", &subject(edit.what.key()), &details)?;
    Ok(change)
}

/// The edit that was kept.
///
/// # Errors
/// `Internal` for what this server cannot have kept.
pub(crate) fn reopen(change: &FlagChange) -> Result<Edit, ApiError> {
    let (text, version) = (change.body.as_str(), change.base_version);
    let key = || {
        let missing = || ApiError::Internal(format!("the kept change {} names no flag", change.id));
        change.flag_key.clone().ok_or_else(missing)
    };
    let what = match change.action {
        FlagAction::Create => What::Create { key: key()?, definition: read::<DefinitionBody>(text)?.definition },
        FlagAction::Change => {
            What::Change { key: key()?, version, definition: read::<DefinitionBody>(text)?.definition }
        }
        FlagAction::Archive => What::Archive { key: key()?, version },
        FlagAction::Restore => What::Restore { key: key()?, reason: read::<RestoreBody>(text)?.reason },
        FlagAction::ChangeSet => What::ChangeSet { version, shared: read::<SharedBody>(text)?.shared() },
        FlagAction::Import => {
            let ImportBody { document, versions } = read(text)?;
            What::Import { document, versions }
        }
    };
    Ok(Edit { comment: change.comment.clone(), what })
}

#[derive(Serialize, Deserialize)]
struct DefinitionBody {
    definition: Box<RawValue>,
}

#[derive(Serialize, Deserialize)]
struct RestoreBody {
    reason: String,
}

/// The document, and the versions of what it replaces when it was checked.
#[derive(Serialize, Deserialize)]
struct ImportBody {
    document: FileFlags,
    versions: Option<Versions>,
}

#[derive(Serialize, Deserialize)]
struct SharedBody {
    evaluators: Members,
    metadata: Members,
    bucketing: Bucketing,
}

impl SharedBody {
    fn of(shared: &Shared) -> Self {
        Self { evaluators: shared.evaluators.clone(), metadata: shared.metadata.clone(), bucketing: shared.bucketing }
    }

    fn shared(self) -> Shared {
        Shared { evaluators: self.evaluators, metadata: self.metadata, bucketing: self.bucketing }
    }
}

fn definition_body(definition: &RawValue) -> Result<String, StoreError> {
    body(&DefinitionBody { definition: definition.to_owned() })
}

fn body(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(format!("a proposed change: {error}")))
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, ApiError> {
    serde_json::from_str(text).map_err(|error| ApiError::Internal(format!("a kept change: {error}")))
}
