//! Edits of what flags answer: checked against the whole set they would make, then written at once, or kept until a
//! second person agrees.

mod plan;
mod waiting;

use flags::Bucketing;
use serde_json::value::RawValue;
use store::flag_book;
use store::flag_changes::FlagChange;
use store::{StoreError, Transaction};

use crate::AppState;
use crate::act::Act;
use crate::error::ApiError;
use crate::flag_switch;
use crate::live_flags::{FileFlags, Members, PendingKill};

pub(crate) use plan::{FLAGS_MOVED, ImportReport, Plan, Versions};
pub(crate) use waiting::{Approval, decide, reopen};

/// How often an edit is checked again because others changed flags meanwhile.
const ATTEMPTS_MAX: usize = 5;

/// An edit of what flags answer.
#[derive(Debug, Clone)]
pub(crate) struct Edit {
    /// Why, in the author's words.
    pub(crate) comment: Option<String>,
    /// What shall become of the flags.
    pub(crate) what: What,
}

/// What shall become of a flag, or of the whole set. Versions are those that the author has read, 0 for what was never
/// stored.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// A new flag with this definition.
    Create { key: String, definition: Box<RawValue> },
    /// Another definition.
    Change { key: String, version: i64, definition: Box<RawValue> },
    /// No flag any more.
    Archive { key: String, version: i64 },
    /// No kill any more, for this reason.
    Restore { key: String, reason: String },
    /// Other shared parts.
    ChangeSet { version: i64, shared: Shared },
    /// The flags and shared parts of a flagd document, beside those that are there or in their place: of these versions
    /// only, if there are any.
    Import { document: FileFlags, versions: Option<Versions> },
}

impl What {
    /// The flag it is about; none for the whole set.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Create { key, .. }
            | Self::Change { key, .. }
            | Self::Archive { key, .. }
            | Self::Restore { key, .. } => Some(key),
            Self::ChangeSet { .. } | Self::Import { .. } => None,
        }
    }
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

/// How an edit comes to act.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    /// Once it is written.
    AtOnce,
    /// Once a second person agrees.
    Proposed,
    /// Together with the second person's word.
    Approved(Box<Approval>),
}

impl Way {
    /// The way of an edit that somebody asks for.
    pub(crate) fn of(state: &AppState) -> Self {
        if state.config().four_eyes { Self::Proposed } else { Self::AtOnce }
    }
}

/// What came of an edit.
pub(crate) enum Outcome {
    /// It acts here, and on the other replicas in a moment.
    Done,
    /// It waits for a second person.
    Waits(Box<FlagChange>),
}

/// Why an edit is not carried out.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The flags as they are now do not take it.
    Unfit(ApiError),
    /// Anything else, such as a database that is away.
    Other(ApiError),
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unfit(error) | Refusal::Other(error) => error,
        }
    }
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::Other(error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

/// Carries an edit out, or proposes it where a second person has to agree.
///
/// # Errors
/// 409 and 422 for what cannot be; what the database answers; 403 and 409 of an approval.
pub(crate) async fn submit(state: &AppState, edit: &Edit, way: Way, act: Act) -> Result<Outcome, Refusal> {
    let write = |plan: Result<Plan, Refusal>| {
        let act = act.clone();
        async move {
            let plan = plan?;
            Ok(state.store().write(move |tx: &mut Transaction<'_>| plan.write(tx, &act)).await?)
        }
    };
    carry_out(state, edit, way, write).await
}

/// Checks an edit and has it written; again where others changed flags meanwhile. What is written then acts in this
/// process, unless it was only proposed. `write` gets what the check has found, and ends in [`Plan::write`].
///
/// # Errors
/// Those of the check and of `write`; what the database answers when it is read again: the edit is stored all the same.
pub(crate) async fn carry_out<T, F>(
    state: &AppState,
    edit: &Edit,
    way: Way,
    write: impl Fn(Result<Plan, Refusal>) -> F,
) -> Result<T, Refusal>
where
    F: Future<Output = Result<T, Refusal>>,
{
    let is_proposed = matches!(way, Way::Proposed);
    let (_turn, kill) = match &edit.what {
        What::Restore { key, .. } if !is_proposed => {
            let turn = state.switching().lock().await;
            // A kill that comes from here on waits for its turn, and holds.
            (Some(turn), state.live_flags().pending_kill(key).map(|kill| (key, kill)))
        }
        _ => (None, None),
    };
    let mut attempt = 1;
    let written = loop {
        let plan = plan(state, edit, way.clone(), kill.as_ref().map(|(_, kill)| kill.clone())).await;
        match write(plan).await {
            Err(Refusal::Other(ApiError::FlagsMoved)) if attempt < ATTEMPTS_MAX => attempt += 1,
            outcome => break outcome?,
        }
    };
    if is_proposed {
        return Ok(written);
    }
    match kill {
        Some((key, kill)) => flag_switch::settle(state, key, &kill).await?,
        None => state.refresh_flags().await?,
    }
    state.save_flags().await;
    Ok(written)
}

/// What an import would do.
///
/// # Errors
/// As the import itself; what the database answers.
pub(crate) async fn report(state: &AppState, import: &Edit) -> Result<ImportReport, Refusal> {
    Ok(plan(state, import, Way::of(state), None).await?.report)
}

/// What an edit would write, checked against the flags as they are now. A restore takes back `kill` too, which the
/// database has not heard of.
async fn plan(state: &AppState, edit: &Edit, way: Way, kill: Option<PendingKill>) -> Result<Plan, Refusal> {
    let book = state.store().read(flag_book::read).await?;
    let (file, edit) = (state.live_flags().file(), edit.clone());
    let checked = state.with_flags(move |_| Plan::new(&book, file.as_deref(), edit, way, kill)).await;
    let checked = checked.unwrap_or_else(|| Err(ApiError::Internal("the check of an edit broke off".to_owned())));
    checked.map_err(|error| match error {
        ApiError::Internal(_) => Refusal::Other(error),
        _ => Refusal::Unfit(error),
    })
}
