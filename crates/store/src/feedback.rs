//! What users say about a flag's feature.

use jiff::Timestamp;

use crate::{
    FeedbackId, Listing, Page, StoreError, Transaction,
    row::{Row, params},
    statements::statements,
};

/// What somebody said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feedback {
    /// Its id.
    pub id: FeedbackId,
    /// The flag whose feature it is about.
    pub flag_key: String,
    /// Whether they find it useful.
    pub useful: bool,
    /// Why.
    pub comment: Option<String>,
    /// When they said so.
    pub given_at: Timestamp,
    /// Who.
    pub given_by: String,
}

/// How many found it useful, and how many did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedbackCount {
    /// Useful.
    pub useful: i64,
    /// Not useful.
    pub not_useful: i64,
}

macro_rules! columns {
    () => {
        "id, flag_key, useful, comment, given_at, given_by"
    };
}

statements! { "feedback";
    INSERT = concat!("INSERT INTO feedback (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6) RETURNING ", columns!());
    LIST = concat!("SELECT ", columns!(), " FROM feedback WHERE flag_key = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    // Of whoever has said more than one thing, the last counts.
    COUNT = "SELECT CAST(COALESCE(SUM(useful), 0) AS BIGINT), COUNT(*) FROM feedback WHERE id IN (SELECT MAX(id) \
        FROM feedback WHERE flag_key = $1 AND given_at > $2 AND given_at <= $3 GROUP BY given_by)";
}

/// Keeps what somebody said.
///
/// # Errors
/// What the database answers.
pub fn keep(tx: &mut Transaction<'_>, said: &Feedback) -> Result<Feedback, StoreError> {
    let values = params![said.id, &said.flag_key, said.useful, said.comment.as_deref(), said.given_at, &said.given_by];
    feedback(&tx.one(INSERT, values)?)
}

/// What was said about a flag's feature, the newest first.
///
/// # Errors
/// What the database answers.
pub fn list(tx: &mut Transaction<'_>, flag_key: &str, page: &Page) -> Result<Listing<Feedback>, StoreError> {
    let before = page.after.as_ref().map_or("g", |_| page.after_text());
    let said = tx.list(LIST, params![flag_key, before, page.fetch()], feedback)?;
    Ok(Listing::cut(said, page, |said| said.id.to_string()))
}

/// How many people said what after one instant and up to another.
///
/// # Errors
/// What the database answers.
pub fn count(
    tx: &mut Transaction<'_>,
    flag_key: &str,
    after: Timestamp,
    until: Timestamp,
) -> Result<FeedbackCount, StoreError> {
    let row = tx.one(COUNT, params![flag_key, after, until])?;
    let (useful, all) = (row.integer(0)?, row.integer(1)?);
    Ok(FeedbackCount { useful, not_useful: all - useful })
}

fn feedback(row: &Row) -> Result<Feedback, StoreError> {
    Ok(Feedback {
        id: FeedbackId(row.parsed(0)?),
        flag_key: row.text(1)?,
        useful: row.boolean(2)?,
        comment: row.optional_text(3)?,
        given_at: row.timestamp(4)?,
        given_by: row.text(5)?,
    })
}
