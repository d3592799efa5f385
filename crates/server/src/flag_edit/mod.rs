//! Edits of what flags answer: checked against the whole set they would make, then written at once, or kept until a
//! second person agrees.

mod plan;
mod waiting;

use serde_json::value::RawValue;
use store::flag_changes::FlagChange;
use store::flag_set::Bucketing;
use store::{Transaction, flag_book};

use crate::AppState;
use crate::act::Act;
use crate::error::ApiError;
use crate::flag_switch;
use crate::live_flags::{FileFlags, Members};

pub(crate) use plan::{FLAGS_MOVED, ImportReport, Plan};
pub(crate) use waiting::{Approval, Proposal, decide, propose, reopen};

/// How often an edit is checked again because others changed flags meanwhile.
pub(crate) const ATTEMPTS_MAX: usize = 5;

/// An edit, and the version it is made to.
#[derive(Debug, Clone)]
pub(crate) struct Edit {
    /// The flag; none for the whole set.
    pub(crate) key: Option<String>,
    /// 0 for what was never stored.
    pub(crate) version: i64,
    /// Why, in the author's words.
    pub(crate) comment: Option<String>,
    /// What shall become of it.
    pub(crate) what: What,
}

/// What shall become of a flag, or of the whole set.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// A new flag with this definition.
    Create(Box<RawValue>),
    /// Another definition.
    Change(Box<RawValue>),
    /// No flag any more.
    Archive,
    /// No kill any more, for this reason.
    Restore(String),
    /// Other shared parts.
    ChangeSet(Shared),
    /// The flags and shared parts of a flagd document, beside those that are there or in their place.
    Import(FileFlags),
}

/// What all definitions share.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    /// Rules by name.
    pub(crate) evaluators: Members,
    /// Of the whole set.
    pub(crate) metadata: Members,
    /// What `fractional` hashes.
    pub(crate) bucketing: Bucketing,
}

/// What came of an edit.
pub(crate) enum Outcome {
    /// It acts here, and on the other replicas in a moment.
    Done,
    /// It waits for a second person.
    Waits(Box<FlagChange>),
}

/// Carries an edit out, or proposes it where a second person has to agree.
///
/// # Errors
/// 409 and 422 for what cannot be; what the database answers.
pub(crate) async fn submit(state: &AppState, edit: Edit, act: Act) -> Result<Outcome, ApiError> {
    if state.config().four_eyes {
        return propose(state, &edit, act).await.map(|change| Outcome::Waits(Box::new(change)));
    }
    carry_out(state, &edit, act, None).await.map(|()| Outcome::Done)
}

/// Carries an edit out, together with the approval it waited for.
///
/// # Errors
/// As [`submit`]; 403 and 409 of the approval.
pub(crate) async fn carry_out(
    state: &AppState,
    edit: &Edit,
    act: Act,
    approval: Option<Approval>,
) -> Result<(), ApiError> {
    let _turn = match &edit.what {
        What::Restore(_) => Some(state.switching().lock().await),
        _ => None,
    };
    for attempt in 1.. {
        let plan = plan(state, edit).await?;
        let (act, approval) = (act.clone(), approval.clone());
        let write = move |tx: &mut Transaction<'_>| {
            if let Some(approval) = &approval {
                approval.write(tx)?;
            }
            plan.write(tx, &act)
        };
        match state.store().write(write).await.map_err(ApiError::from) {
            Err(ApiError::FlagsMoved) if attempt < ATTEMPTS_MAX => {}
            Err(error) => return Err(error),
            Ok(()) => break,
        }
    }
    took_effect(state, edit).await
}

/// Makes a written edit act in this process before it is answered.
///
/// # Errors
/// What the database answers; the edit is stored all the same, and acts as soon as the database can be read.
async fn took_effect(state: &AppState, edit: &Edit) -> Result<(), ApiError> {
    match (&edit.what, &edit.key) {
        (What::Restore(_), Some(key)) => flag_switch::settle(state, key).await?,
        _ => state.refresh_flags().await?,
    }
    state.save_flags().await;
    Ok(())
}

/// What an edit would write, checked against the flags as they are now.
///
/// # Errors
/// 404, 409 and 422 for what cannot be, with every problem; what the database answers.
pub(crate) async fn plan(state: &AppState, edit: &Edit) -> Result<Plan, ApiError> {
    let book = state.store().read(flag_book::read).await?;
    let (file, edit) = (state.live_flags().file(), edit.clone());
    state
        .with_flags(move |_| Plan::new(&book, file.as_deref(), &edit))
        .await
        .unwrap_or_else(|| Err(ApiError::Internal("the check of an edit broke off".to_owned())))
}
