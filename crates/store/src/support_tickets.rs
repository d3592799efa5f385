//! What users complain about, as far as it concerns a flag's feature.

use jiff::Timestamp;

use crate::{
    Listing, Page, StoreError, SupportTicketId, Transaction,
    row::{Row, params},
    statements::statements,
    words::words,
};

words! {
    /// How bad it is.
    Severity {
        /// A wish.
        Low = "low",
        /// Something does not work.
        Normal = "normal",
        /// Somebody cannot work.
        High = "high",
        /// Numbers are wrong, or data is lost.
        Critical = "critical",
    }
}

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportTicket {
    /// Its id.
    pub id: SupportTicketId,
    /// The flag whose feature it is about.
    pub flag_key: String,
    /// What it is about.
    pub summary: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where it is worked on.
    pub link: Option<String>,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// Who reported it.
    pub reported_by: String,
}

macro_rules! columns {
    () => {
        "id, flag_key, summary, severity, link, reported_at, reported_by"
    };
}

statements! { "support_tickets";
    INSERT = concat!("INSERT INTO support_tickets (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ",
        columns!());
    LIST = concat!("SELECT ", columns!(), " FROM support_tickets WHERE flag_key = $1 AND id < $2 ORDER BY id DESC \
        LIMIT $3");
    COUNT = "SELECT COUNT(*) FROM support_tickets WHERE flag_key = $1 AND reported_at > $2 AND reported_at <= $3";
}

/// Keeps a ticket.
///
/// # Errors
/// What the database answers.
pub fn keep(tx: &mut Transaction<'_>, new: &SupportTicket) -> Result<SupportTicket, StoreError> {
    let SupportTicket { id, flag_key, summary, severity, link, reported_at, reported_by } = new;
    let values = params![*id, flag_key, summary, severity.as_str(), link.as_deref(), *reported_at, reported_by];
    ticket(&tx.one(INSERT, values)?)
}

/// Tickets about a flag's feature, the newest first.
///
/// # Errors
/// What the database answers.
pub fn list(tx: &mut Transaction<'_>, flag_key: &str, page: &Page) -> Result<Listing<SupportTicket>, StoreError> {
    let before = page.after.as_ref().map_or("g", |_| page.after_text());
    let tickets = tx.list(LIST, params![flag_key, before, page.fetch()], ticket)?;
    Ok(Listing::cut(tickets, page, |ticket| ticket.id.to_string()))
}

/// How many were reported after one instant and up to another.
///
/// # Errors
/// What the database answers.
pub fn count(tx: &mut Transaction<'_>, flag_key: &str, after: Timestamp, until: Timestamp) -> Result<i64, StoreError> {
    tx.one(COUNT, params![flag_key, after, until])?.integer(0)
}

fn ticket(row: &Row) -> Result<SupportTicket, StoreError> {
    Ok(SupportTicket {
        id: SupportTicketId(row.parsed(0)?),
        flag_key: row.text(1)?,
        summary: row.text(2)?,
        severity: row.parsed(3)?,
        link: row.optional_text(4)?,
        reported_at: row.timestamp(5)?,
        reported_by: row.text(6)?,
    })
}
