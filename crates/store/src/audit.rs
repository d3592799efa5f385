//! The audit log: who did what, when. Rows are only ever added, which triggers of the database enforce, and each carries
//! the hash of the one before, so that a change behind the database's back is found by [`verify`].

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    FundId, StoreError, Transaction, clock_floor,
    row::{Row, params},
    secret::hexadecimal,
    statements::statements,
};

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number, from 1 without gaps.
    pub sequence: i64,
    /// When it was recorded; not before the entry before.
    pub at: Timestamp,
    /// Who did it, as in `person:1`, `token:3` or `service:admin`.
    pub actor: String,
    /// What was done, as in `lot.create`.
    pub action: String,
    /// What it was done to, as in `lot:0198…`.
    pub subject: String,
    /// The fund it concerns.
    pub fund_id: Option<FundId>,
    /// A JSON object with what else there is to say.
    pub details: String,
    /// Hash of the entry before; 64 zeros for the first.
    pub previous_hash: String,
    /// Hash of this entry, in hexadecimal SHA-256.
    pub hash: String,
}

/// What to record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewEntry<'a> {
    /// Who did it.
    pub actor: &'a str,
    /// What was done.
    pub action: &'a str,
    /// What it was done to.
    pub subject: &'a str,
    /// The fund it concerns.
    pub fund_id: Option<FundId>,
    /// A JSON object with what else there is to say.
    pub details: &'a str,
}

/// Which entries to list; all by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter<'a> {
    /// Those about this subject.
    pub subject: Option<&'a str>,
    /// Those of this fund.
    pub fund_id: Option<FundId>,
}

macro_rules! columns {
    () => {
        "sequence, at, actor, action, subject, fund_id, details, previous_hash, hash"
    };
}

statements! { "audit";
    LAST = "SELECT sequence, hash FROM audit_log ORDER BY sequence DESC LIMIT 1";
    INSERT = concat!("INSERT INTO audit_log (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
    LIST = concat!("SELECT ", columns!(), " FROM audit_log WHERE sequence > $1 ORDER BY sequence LIMIT $2");
    LIST_OF_SUBJECT = concat!("SELECT ", columns!(), " FROM audit_log WHERE subject = $1 AND sequence > $2 \
        ORDER BY sequence LIMIT $3");
    BELOW_FIRST = "SELECT sequence FROM audit_log WHERE sequence < 1 ORDER BY sequence LIMIT 1";
    LATEST_OF_SUBJECT = concat!("SELECT ", columns!(), " FROM audit_log WHERE subject = $1 AND sequence < $2 \
        ORDER BY sequence DESC LIMIT $3");
    LIST_OF_FUND = concat!("SELECT ", columns!(), " FROM audit_log WHERE fund_id = $1 AND sequence > $2 \
        ORDER BY sequence LIMIT $3");
}

const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Adds an entry, in the transaction of what it tells about.
///
/// # Errors
/// What the database answers.
pub fn append(tx: &mut Transaction<'_>, new: &NewEntry<'_>, now: Timestamp) -> Result<Entry, StoreError> {
    // The clock's row is locked first: nobody else can then add an entry before this transaction has ended.
    let at = clock_floor::last_or_next(tx, now)?;
    let (last, previous_hash) = match tx.row(LAST, params![])? {
        Some(row) => (row.integer(0)?, row.text(1)?),
        None => (0, NO_HASH.to_owned()),
    };
    let mut entry = Entry {
        sequence: last + 1,
        at,
        actor: new.actor.to_owned(),
        action: new.action.to_owned(),
        subject: new.subject.to_owned(),
        fund_id: new.fund_id,
        details: new.details.to_owned(),
        previous_hash,
        hash: String::new(),
    };
    entry.hash = entry.computed_hash();
    let values = params![
        entry.sequence,
        entry.at,
        &entry.actor,
        &entry.action,
        &entry.subject,
        entry.fund_id,
        &entry.details,
        &entry.previous_hash,
        &entry.hash,
    ];
    tx.execute(INSERT, values)?;
    Ok(entry)
}

/// At most `limit` entries after the one numbered `after` (0 for the beginning), the oldest first.
///
/// # Errors
/// What the database answers.
pub fn list(tx: &mut Transaction<'_>, filter: &Filter<'_>, after: i64, limit: i64) -> Result<Vec<Entry>, StoreError> {
    match (filter.subject, filter.fund_id) {
        (Some(subject), None) => tx.list(LIST_OF_SUBJECT, params![subject, after, limit], entry),
        (Some(subject), Some(fund_id)) => {
            let of_subject = tx.list(LIST_OF_SUBJECT, params![subject, after, limit], entry)?;
            Ok(of_subject.into_iter().filter(|entry| entry.fund_id == Some(fund_id)).collect())
        }
        (None, Some(fund_id)) => tx.list(LIST_OF_FUND, params![fund_id, after, limit], entry),
        (None, None) => tx.list(LIST, params![after, limit], entry),
    }
}

/// At most `limit` entries about a subject before the one numbered `before`, the newest first.
///
/// # Errors
/// What the database answers.
pub fn latest(tx: &mut Transaction<'_>, subject: &str, before: i64, limit: i64) -> Result<Vec<Entry>, StoreError> {
    tx.list(LATEST_OF_SUBJECT, params![subject, before, limit], entry)
}

/// Checks every entry's hash and its link to the one before; the number of the first that is wrong, if one is.
///
/// # Errors
/// What the database answers.
pub fn verify(tx: &mut Transaction<'_>) -> Result<Option<i64>, StoreError> {
    const BATCH: i64 = 1000;
    // There is no entry below 1, unless somebody has put one there.
    if let Some(row) = tx.row(BELOW_FIRST, params![])? {
        return row.integer(0).map(Some);
    }
    let (mut sequence, mut hash) = (0, NO_HASH.to_owned());
    loop {
        let entries = match list(tx, &Filter::default(), sequence, BATCH) {
            Ok(entries) => entries,
            // An entry that cannot even be read was not written so: which one, a shorter list tells.
            Err(StoreError::Internal(_)) => return first_unreadable(tx, sequence).map(Some),
            Err(error) => return Err(error),
        };
        if entries.is_empty() {
            return Ok(None);
        }
        for entry in entries {
            if entry.sequence != sequence + 1 || entry.previous_hash != hash || entry.hash != entry.computed_hash() {
                return Ok(Some(sequence + 1));
            }
            (sequence, hash) = (entry.sequence, entry.hash);
        }
    }
}

/// The number of the first entry after `sequence` that cannot be read.
fn first_unreadable(tx: &mut Transaction<'_>, mut sequence: i64) -> Result<i64, StoreError> {
    loop {
        match list(tx, &Filter::default(), sequence, 1) {
            Ok(entries) if entries.is_empty() => return Ok(sequence),
            Ok(_) => sequence += 1,
            Err(StoreError::Internal(_)) => return Ok(sequence + 1),
            Err(error) => return Err(error),
        }
    }
}

impl Entry {
    fn computed_hash(&self) -> String {
        let mut hasher = Sha256::new();
        let (sequence, at) = (self.sequence.to_string(), self.at.as_microsecond().to_string());
        let fund = self.fund_id.map(|id| id.to_string()).unwrap_or_default();
        let fields =
            [&sequence, &at, &self.actor, &self.action, &self.subject, &fund, &self.details, &self.previous_hash];
        for field in fields {
            // Each with its length, so that no two entries are the same bytes.
            hasher.update((field.len() as u64).to_be_bytes());
            hasher.update(field.as_bytes());
        }
        hexadecimal(&hasher.finalize())
    }
}

fn entry(row: &Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        sequence: row.integer(0)?,
        at: row.timestamp(1)?,
        actor: row.text(2)?,
        action: row.text(3)?,
        subject: row.text(4)?,
        fund_id: row.optional_integer(5)?.map(FundId),
        details: row.text(6)?,
        previous_hash: row.text(7)?,
        hash: row.text(8)?,
    })
}
