//! Segments: lists of targeting keys. Who is in [`flags::EARLY_ADOPTERS`] may opt in to flags that allow it, everywhere.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Listing, Page, StoreError, Transaction, flag_revision,
    row::{Row, params},
    statements::statements,
    words::words,
};

/// A segment, without its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Raised when it is renamed; from 1.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it, as in `person:1`.
    pub created_by: String,
    /// When it was last renamed.
    pub updated_at: Timestamp,
    /// Who renamed it last.
    pub updated_by: String,
}

words! {
    /// How somebody came into a segment.
    MemberSource {
        /// An operator added them.
        Operator = "operator",
        /// They redeemed an invitation.
        Invitation = "invitation",
    }
}

/// Somebody in a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Whose targeting key this is, as in `person:1`.
    pub targeting_key: String,
    /// How they came in.
    pub source: MemberSource,
    /// When.
    pub added_at: Timestamp,
    /// By whom.
    pub added_by: String,
}

/// A segment's key and all its members, as an evaluation needs them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Membership {
    /// The segment's key.
    pub segment: String,
    /// The targeting keys of its members, in order.
    pub targeting_keys: Vec<String>,
}

macro_rules! columns {
    () => {
        "key, name, version, created_at, created_by, updated_at, updated_by"
    };
}

statements! { "segments";
    GET = concat!("SELECT ", columns!(), " FROM segments WHERE key = $1");
    LIST = concat!("SELECT ", columns!(), " FROM segments WHERE key > $1 ORDER BY key LIMIT $2");
    INSERT = concat!("INSERT INTO segments (key, name, version, created_at, created_by, updated_at, updated_by) \
        VALUES ($1, $2, 1, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING ", columns!());
    RENAME = concat!("UPDATE segments SET name = $1, version = version + 1, updated_at = $2, updated_by = $3 \
        WHERE key = $4 AND version = $5 RETURNING ", columns!());
    ADD = "INSERT INTO segment_members (segment_key, targeting_key, source, added_at, added_by) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
    REMOVE = "DELETE FROM segment_members WHERE segment_key = $1 AND targeting_key = $2";
    MEMBERS = "SELECT targeting_key, source, added_at, added_by FROM segment_members \
        WHERE segment_key = $1 AND targeting_key > $2 ORDER BY targeting_key LIMIT $3";
    EVERY_MEMBER = "SELECT s.key, m.targeting_key FROM segments s LEFT JOIN segment_members m ON m.segment_key = s.key \
        ORDER BY s.key, m.targeting_key";
}

/// Creates an empty segment.
///
/// # Errors
/// `Conflict` by `segment_exists` when there is one with the key.
pub fn create(
    tx: &mut Transaction<'_>,
    key: &str,
    name: &str,
    actor: &str,
    now: Timestamp,
) -> Result<Segment, StoreError> {
    flag_revision::lock(tx)?;
    let Some(row) = tx.row(INSERT, params![key, name, now, actor, now, actor])? else {
        return Err(StoreError::Conflict {
            constraint: "segment_exists".to_owned(),
            message: format!("there is a segment {key:?}: choose another key"),
        });
    };
    flag_revision::raise(tx)?;
    segment(&row)
}

/// Reads a segment.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut Transaction<'_>, key: &str) -> Result<Segment, StoreError> {
    match tx.row(GET, params![key])? {
        Some(row) => segment(&row),
        None => Err(StoreError::not_found("segment", key)),
    }
}

/// Lists segments by key.
///
/// # Errors
/// What the database answers.
pub fn list(tx: &mut Transaction<'_>, page: &Page) -> Result<Listing<Segment>, StoreError> {
    let segments = tx.list(LIST, params![page.after_text(), page.fetch()], segment)?;
    Ok(Listing::cut(segments, page, |segment| segment.key.clone()))
}

/// Renames a segment that still has `version`.
///
/// # Errors
/// `NotFound`; `VersionConflict`.
pub fn rename(
    tx: &mut Transaction<'_>,
    key: &str,
    version: i64,
    name: &str,
    actor: &str,
    now: Timestamp,
) -> Result<Segment, StoreError> {
    match tx.row(RENAME, params![name, now, actor, key, version])? {
        Some(row) => segment(&row),
        None => Err(StoreError::VersionConflict { current: get(tx, key)?.version }),
    }
}

/// Puts somebody into a segment; false when they are in it already.
///
/// # Errors
/// `NotFound` without the segment.
pub fn add_member(
    tx: &mut Transaction<'_>,
    key: &str,
    targeting_key: &str,
    source: MemberSource,
    actor: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    flag_revision::lock(tx)?;
    get(tx, key)?;
    let added = tx.execute(ADD, params![key, targeting_key, source.as_str(), now, actor])? > 0;
    if added {
        flag_revision::raise(tx)?;
    }
    Ok(added)
}

/// Takes somebody out of a segment; false when they are not in it.
///
/// # Errors
/// `NotFound` without the segment.
pub fn remove_member(tx: &mut Transaction<'_>, key: &str, targeting_key: &str) -> Result<bool, StoreError> {
    flag_revision::lock(tx)?;
    get(tx, key)?;
    let removed = tx.execute(REMOVE, params![key, targeting_key])? > 0;
    if removed {
        flag_revision::raise(tx)?;
    }
    Ok(removed)
}

/// Lists a segment's members by targeting key.
///
/// # Errors
/// `NotFound` without the segment.
pub fn members(tx: &mut Transaction<'_>, key: &str, page: &Page) -> Result<Listing<Member>, StoreError> {
    get(tx, key)?;
    let members = tx.list(MEMBERS, params![key, page.after_text(), page.fetch()], |row| {
        Ok(Member {
            targeting_key: row.text(0)?,
            source: row.parsed(1)?,
            added_at: row.timestamp(2)?,
            added_by: row.text(3)?,
        })
    })?;
    Ok(Listing::cut(members, page, |member| member.targeting_key.clone()))
}

/// Every segment with all its members, by key.
pub(crate) fn memberships(tx: &mut Transaction<'_>) -> Result<Vec<Membership>, StoreError> {
    let mut memberships: Vec<Membership> = Vec::new();
    for row in tx.rows(EVERY_MEMBER, params![])? {
        let (segment, targeting_key) = (row.str(0)?, row.optional_text(1)?);
        match memberships.last_mut() {
            Some(last) if last.segment == segment => last.targeting_keys.extend(targeting_key),
            _ => memberships
                .push(Membership { segment: segment.to_owned(), targeting_keys: targeting_key.into_iter().collect() }),
        }
    }
    Ok(memberships)
}

fn segment(row: &Row) -> Result<Segment, StoreError> {
    Ok(Segment {
        key: row.text(0)?,
        name: row.text(1)?,
        version: row.integer(2)?,
        created_at: row.timestamp(3)?,
        created_by: row.text(4)?,
        updated_at: row.timestamp(5)?,
        updated_by: row.text(6)?,
    })
}
