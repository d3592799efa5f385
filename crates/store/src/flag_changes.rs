//! Changes of flags that wait for a second person. The store keeps what was asked for and what became of it; carrying a
//! change out is the caller's, in the transaction in which it is approved.

use jiff::Timestamp;

use crate::{
    FlagChangeId, Listing, Page, StoreError, Transaction,
    row::{Row, params},
    statements::statements,
    words::words,
};

words! {
    /// What is asked for.
    FlagAction {
        /// A new definition.
        Create = "create",
        /// Another text of a definition.
        Change = "change",
        /// The end of a definition.
        Archive = "archive",
        /// The end of a kill.
        Restore = "restore",
        /// Another text of what all definitions share.
        ChangeSet = "change_set",
        /// A whole flagd document.
        Import = "import",
    }
}

words! {
    /// What has become of a change.
    FlagChangeStatus {
        /// It waits.
        Pending = "pending",
        /// A second person agreed, and it was carried out.
        Approved = "approved",
        /// A second person refused it.
        Rejected = "rejected",
        /// Its author took it back.
        Withdrawn = "withdrawn",
        /// What it was to change has changed meanwhile.
        Outdated = "outdated",
    }
}

/// A change and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagChange {
    /// Its id.
    pub id: FlagChangeId,
    /// The flag; none for a change of the whole set.
    pub flag_key: Option<String>,
    /// What is asked for.
    pub action: FlagAction,
    /// The version it was made for; 0 for what was not stored then.
    pub base_version: i64,
    /// What the request said, as JSON.
    pub body: String,
    /// Why, in the author's words.
    pub comment: Option<String>,
    /// What has become of it.
    pub status: FlagChangeStatus,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Who asked for it, as in `person:1`.
    pub requested_by: String,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// Who decided it.
    pub decided_by: Option<String>,
    /// Why it was decided so.
    pub reason: Option<String>,
}

/// What is needed to ask for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewFlagChange<'a> {
    /// A new UUID v7, from [`crate::ids::uuid_v7`].
    pub id: FlagChangeId,
    /// The flag; none for a change of the whole set.
    pub flag_key: Option<&'a str>,
    /// What is asked for.
    pub action: FlagAction,
    /// The version it is made for; 0 for what is not stored yet.
    pub base_version: i64,
    /// What the request said, as JSON.
    pub body: &'a str,
    /// Why, in the author's words.
    pub comment: Option<&'a str>,
}

macro_rules! columns {
    () => {
        "id, flag_key, action, base_version, body, comment, status, requested_at, requested_by, decided_at, \
         decided_by, reason"
    };
}

statements! { "flag_changes";
    INSERT = concat!("INSERT INTO flag_changes (id, flag_key, action, base_version, body, comment, status, \
        requested_at, requested_by) VALUES ($1, $2, $3, $4, $5, $6, 'pending', $7, $8) RETURNING ", columns!());
    GET = concat!("SELECT ", columns!(), " FROM flag_changes WHERE id = $1");
    LIST = concat!("SELECT ", columns!(), " FROM flag_changes WHERE id > $1 ORDER BY id LIMIT $2");
    LIST_BY_STATUS = concat!("SELECT ", columns!(), " FROM flag_changes WHERE status = $1 AND id > $2 \
        ORDER BY id LIMIT $3");
    DECIDE = concat!("UPDATE flag_changes SET status = $1, decided_at = $2, decided_by = $3, reason = $4 \
        WHERE id = $5 AND status = 'pending' RETURNING ", columns!());
}

/// Asks for a change.
///
/// # Errors
/// What the database answers.
pub fn propose(
    tx: &mut Transaction<'_>,
    new: &NewFlagChange<'_>,
    actor: &str,
    now: Timestamp,
) -> Result<FlagChange, StoreError> {
    let values =
        params![new.id, new.flag_key, new.action.as_str(), new.base_version, new.body, new.comment, now, actor,];
    change(&tx.one(INSERT, values)?)
}

/// Reads a change.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut Transaction<'_>, id: FlagChangeId) -> Result<FlagChange, StoreError> {
    match tx.row(GET, params![id])? {
        Some(row) => change(&row),
        None => Err(StoreError::not_found("flag change", &id)),
    }
}

/// Lists changes in the order they were asked for: those with this status, or all.
///
/// # Errors
/// What the database answers.
pub fn list(
    tx: &mut Transaction<'_>,
    status: Option<FlagChangeStatus>,
    page: &Page,
) -> Result<Listing<FlagChange>, StoreError> {
    let (after, fetch) = (page.after_text(), page.fetch());
    let changes = match status {
        Some(status) => tx.list(LIST_BY_STATUS, params![status.as_str(), after, fetch], change)?,
        None => tx.list(LIST, params![after, fetch], change)?,
    };
    Ok(Listing::cut(changes, page, |change| change.id.to_string()))
}

/// Decides a change that waits. Approving and rejecting take somebody else than its author, withdrawing the author.
///
/// # Errors
/// `NotFound`; `WrongState` when it was decided before, or when `status` is `Pending`; `Conflict` by `second_person` when
/// it is the wrong one of the two who decides.
pub fn decide(
    tx: &mut Transaction<'_>,
    id: FlagChangeId,
    status: FlagChangeStatus,
    reason: Option<&str>,
    actor: &str,
    now: Timestamp,
) -> Result<FlagChange, StoreError> {
    let current = get(tx, id)?;
    refuse_wrong_person(&current, status, actor)?;
    if status != FlagChangeStatus::Pending
        && let Some(row) = tx.row(DECIDE, params![status.as_str(), now, actor, reason, id])?
    {
        return change(&row);
    }
    Err(StoreError::WrongState {
        what: "flag change",
        id: id.to_string(),
        state: get(tx, id)?.status.to_string(),
        hint: "propose the change again if it is still wanted",
    })
}

fn refuse_wrong_person(change: &FlagChange, status: FlagChangeStatus, actor: &str) -> Result<(), StoreError> {
    let is_author = change.requested_by == actor;
    let message = match status {
        FlagChangeStatus::Approved | FlagChangeStatus::Rejected if is_author => {
            format!("{actor} asked for the change: it takes a second person to decide it")
        }
        FlagChangeStatus::Withdrawn if !is_author => {
            format!("only {} can withdraw the change: reject it instead", change.requested_by)
        }
        _ => return Ok(()),
    };
    Err(StoreError::Conflict { constraint: "second_person".to_owned(), message })
}

fn change(row: &Row) -> Result<FlagChange, StoreError> {
    Ok(FlagChange {
        id: row.parsed(0)?,
        flag_key: row.optional_text(1)?,
        action: row.parsed(2)?,
        base_version: row.integer(3)?,
        body: row.text(4)?,
        comment: row.optional_text(5)?,
        status: row.parsed(6)?,
        requested_at: row.timestamp(7)?,
        requested_by: row.text(8)?,
        decided_at: row.optional_timestamp(9)?,
        decided_by: row.optional_text(10)?,
        reason: row.optional_text(11)?,
    })
}
