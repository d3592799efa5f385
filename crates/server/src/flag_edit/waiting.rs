//! Edits that wait for a second person: how they are kept, and how they come back.

use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use store::flag_changes::{self, FlagAction, FlagChange, FlagChangeStatus, NewFlagChange};
use store::flag_set::Bucketing;
use store::{FlagChangeId, StoreError, Transaction, ids};

use super::{Edit, Shared, What, plan};
use crate::AppState;
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

/// Checks an edit and keeps it for a second person.
///
/// # Errors
/// As the edit itself; what the database answers.
pub(crate) async fn propose(state: &AppState, edit: &Edit, act: Act) -> Result<FlagChange, ApiError> {
    plan(state, edit).await?;
    let proposal = Proposal::of(edit, &act)?;
    Ok(state.store().write(move |tx| proposal.write(tx, &act)).await?)
}

/// An edit as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Proposal {
    id: FlagChangeId,
    key: Option<String>,
    action: FlagAction,
    version: i64,
    body: String,
    comment: Option<String>,
}

impl Proposal {
    /// # Errors
    /// `Internal` for a body that cannot be written, which texts of JSON can, and without randomness for an id.
    pub(crate) fn of(edit: &Edit, act: &Act) -> Result<Self, StoreError> {
        let (action, body) = match &edit.what {
            What::Create(definition) => (FlagAction::Create, body(&DefinitionBody { definition: definition.clone() })),
            What::Change(definition) => (FlagAction::Change, body(&DefinitionBody { definition: definition.clone() })),
            What::Archive => (FlagAction::Archive, Ok("{}".to_owned())),
            What::Restore(reason) => (FlagAction::Restore, body(&RestoreBody { reason: reason.clone() })),
            What::ChangeSet(shared) => (FlagAction::ChangeSet, body(&SharedBody::of(shared))),
            What::Import(document) => (FlagAction::Import, body(document)),
        };
        Ok(Self {
            id: FlagChangeId(ids::uuid_v7(act.now)?),
            key: edit.key.clone(),
            action,
            version: edit.version,
            body: body?,
            comment: edit.comment.clone(),
        })
    }

    /// Keeps it.
    ///
    /// # Errors
    /// What the database answers.
    pub(crate) fn write(&self, tx: &mut Transaction<'_>, act: &Act) -> Result<FlagChange, StoreError> {
        let new = NewFlagChange {
            id: self.id,
            flag_key: self.key.as_deref(),
            action: self.action,
            base_version: self.version,
            body: &self.body,
            comment: self.comment.as_deref(),
        };
        let change = flag_changes::propose(tx, &new, &act.actor, act.now)?;
        let details = json!({ "change": change.id.to_string(), "action": change.action.to_string() });
        act.record(tx, "flag_change.propose", &subject(self.key.as_deref()), &details)?;
        Ok(change)
    }
}

/// The edit that was kept.
///
/// # Errors
/// `Internal` for what this server cannot have kept.
pub(crate) fn reopen(change: &FlagChange) -> Result<Edit, ApiError> {
    let text = change.body.as_str();
    let what = match change.action {
        FlagAction::Create => What::Create(read::<DefinitionBody>(text)?.definition),
        FlagAction::Change => What::Change(read::<DefinitionBody>(text)?.definition),
        FlagAction::Archive => What::Archive,
        FlagAction::Restore => What::Restore(read::<RestoreBody>(text)?.reason),
        FlagAction::ChangeSet => What::ChangeSet(read::<SharedBody>(text)?.shared()),
        FlagAction::Import => What::Import(read::<FileFlags>(text)?),
    };
    Ok(Edit { key: change.flag_key.clone(), version: change.base_version, comment: change.comment.clone(), what })
}

#[derive(Serialize, Deserialize)]
struct DefinitionBody {
    definition: Box<RawValue>,
}

#[derive(Serialize, Deserialize)]
struct RestoreBody {
    reason: String,
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

fn body(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Internal(format!("a proposed change: {error}")))
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, ApiError> {
    serde_json::from_str(text).map_err(|error| ApiError::Internal(format!("a kept change: {error}")))
}
