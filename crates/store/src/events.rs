//! Events: dated facts about a company. Rows are only ever added; a correction is a row of type `reversal` that names the
//! event, which is left out from the instant the reversal was recorded at, and the event entered anew.

use jiff::{Timestamp, civil::Date};
use serde_json::Value as Json;

use crate::{
    CompanyId, EventId, FundId, Listing, Page, Problem, StoreError, Transaction, clock_floor, companies,
    document_check::{self, NewFact},
    funds,
    row::{Row, params},
    statements::statements,
};

/// The type of a row that takes another event back.
pub const REVERSAL: &str = "reversal";

/// Events that one call may add.
pub const EVENTS_PER_CALL_MAX: usize = 10_000;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// The fund it belongs to.
    pub fund_id: FundId,
    /// The company it is about.
    pub company_id: CompanyId,
    /// The day it takes effect on; of a reversal, that of the event it takes back.
    pub effective_date: Date,
    /// Its type, as in `mark` or `reversal`.
    pub event_type: String,
    /// The event object of the portfolio document (`moic.md` §6) as JSON, with lots named by id; of a reversal
    /// `{"type":"reversal","event":"…"}`.
    pub body: String,
    /// The event that this reversal takes back.
    pub reverses: Option<EventId>,
    /// The reversal that took this event back.
    pub reversed_by: Option<EventId>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// What is needed to add an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// A new UUID v7, from [`crate::ids::uuid_v7`].
    pub id: EventId,
    /// The event object of the portfolio document as JSON, with lots named by id, or
    /// `{"type":"reversal","event":"<event id>"}`.
    pub body: String,
}

macro_rules! columns {
    () => {
        "e.id, e.fund_id, e.company_id, e.effective_date, e.type, e.body, e.reverses, r.id, e.recorded_at \
         FROM events e LEFT JOIN events r ON r.reverses = e.id"
    };
}

statements! { "events";
    INSERT = "INSERT INTO events (id, fund_id, company_id, effective_date, type, body, cash_cents, reverses, \
        recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    GET = concat!("SELECT ", columns!(), " WHERE e.id = $1 AND e.fund_id = $2 AND e.company_id = $3");
    LIST = concat!("SELECT ", columns!(), " WHERE e.company_id = $1 AND e.fund_id = $2 AND e.id > $3 \
        ORDER BY e.id LIMIT $4");
}

/// Adds one event, or one reversal, and checks the company's whole document.
///
/// # Errors
/// `NotFound` without the company; `Invalid` with paths into the event, or into the company's document where the event
/// contradicts something else.
pub fn add(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    company_id: CompanyId,
    new: &NewEvent,
    now: Timestamp,
) -> Result<Event, StoreError> {
    let mut added = add_all(tx, fund_id, company_id, std::slice::from_ref(new), now).map_err(|error| match error {
        StoreError::Invalid(problems) => StoreError::Invalid(problems.into_iter().map(of_only_event).collect()),
        other => other,
    })?;
    added.pop().ok_or_else(|| StoreError::Internal("an event was added but is not there".to_owned()))
}

/// Adds several events in their order and checks the company's whole document once, after the last: this is how an event
/// is reversed and entered anew in one step.
///
/// # Errors
/// As [`add`], with paths that start with `events[0]` for the first of `new`.
pub fn add_all(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    company_id: CompanyId,
    new: &[NewEvent],
    now: Timestamp,
) -> Result<Vec<Event>, StoreError> {
    if new.len() > EVENTS_PER_CALL_MAX {
        let message = format!("at most {EVENTS_PER_CALL_MAX} events can be added at once");
        return Err(StoreError::invalid("events", &new.len(), message));
    }
    // The clock's row first: it makes writers of facts wait for each other before they read what they check against.
    let mut recorded_at = clock_floor::next(tx, now)?;
    companies::get(tx, fund_id, company_id)?;
    let mut added: Vec<Event> = Vec::with_capacity(new.len());
    for (position, new) in new.iter().enumerate() {
        if position > 0 {
            recorded_at = clock_floor::next(tx, now)?;
        }
        let (event, cash_cents) = read(tx, fund_id, company_id, new, recorded_at).map_err(|error| match error {
            StoreError::Invalid(problems) => {
                let inside =
                    |problem: Problem| Problem { path: format!("events[{position}].{}", problem.path), ..problem };
                StoreError::Invalid(problems.into_iter().map(inside).collect())
            }
            other => other,
        })?;
        insert(tx, &event, cash_cents)?;
        added.push(event);
    }
    funds::raise_revision(tx, fund_id)?;
    document_check::company(tx, fund_id, company_id, now, &NewFact::Events(new.iter().map(|new| new.id).collect()))?;
    Ok(added)
}

/// Reads an event of a company.
///
/// # Errors
/// `NotFound`, also for an event of another company or fund.
pub fn get(tx: &mut Transaction<'_>, fund_id: FundId, company_id: CompanyId, id: EventId) -> Result<Event, StoreError> {
    find(tx, fund_id, company_id, id)?.ok_or_else(|| StoreError::not_found("event", &id))
}

/// Lists a company's events in the order they were added, reversals and reversed ones included.
///
/// # Errors
/// What the database answers.
pub fn list(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    company_id: CompanyId,
    page: &Page,
) -> Result<Listing<Event>, StoreError> {
    let events = tx.list(LIST, params![company_id, fund_id, page.after_text(), page.fetch()], event)?;
    Ok(Listing::cut(events, page, |event| event.id.to_string()))
}

/// Adds an event, or a reversal, to a document that the caller has checked.
pub(crate) fn insert_new(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    company_id: CompanyId,
    new: &NewEvent,
    recorded_at: Timestamp,
) -> Result<(), StoreError> {
    let (event, cash_cents) = read(tx, fund_id, company_id, new, recorded_at)?;
    insert(tx, &event, cash_cents)
}

fn find(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    company_id: CompanyId,
    id: EventId,
) -> Result<Option<Event>, StoreError> {
    match tx.row(GET, params![id, fund_id, company_id])? {
        Some(row) => event(&row).map(Some),
        None => Ok(None),
    }
}

/// The row for a new event, and the cash it brings. The rules of the event itself are those of the whole document.
fn read(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    company_id: CompanyId,
    new: &NewEvent,
    recorded_at: Timestamp,
) -> Result<(Event, Option<i64>), StoreError> {
    let json: Json = serde_json::from_str(&new.body)
        .map_err(|error| StoreError::invalid("", &new.body, format!("the event is not JSON: {error}")))?;
    let event_type = text(&json, "type")?;
    let reversed = if event_type == REVERSAL { Some(reversed(tx, fund_id, company_id, &json)?) } else { None };
    let effective_date = match &reversed {
        Some(event) => event.effective_date,
        None => {
            let date = text(&json, "date")?;
            date.parse().map_err(|_| StoreError::invalid("date", date, "is no date: write YYYY-MM-DD"))?
        }
    };
    let cash_cents = match event_type {
        "distribution" => Some(cents(&json, "amountCents")?),
        "disposal" => Some(cents(&json, "proceedsCents")?),
        _ => None,
    };
    let event = Event {
        id: new.id,
        fund_id,
        company_id,
        effective_date,
        event_type: event_type.to_owned(),
        body: new.body.clone(),
        reverses: reversed.map(|event| event.id),
        reversed_by: None,
        recorded_at,
    };
    Ok((event, cash_cents))
}

/// The event that a reversal names, if it can be taken back.
fn reversed(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    company_id: CompanyId,
    json: &Json,
) -> Result<Event, StoreError> {
    let named = text(json, "event")?;
    let refuse = |message: String| StoreError::invalid("event", named, message);
    let id: EventId = named.parse().map_err(|_| refuse("is no event id: write the event's UUID".to_owned()))?;
    let event =
        find(tx, fund_id, company_id, id)?.ok_or_else(|| refuse(format!("company {company_id} has no such event")))?;
    if event.event_type == REVERSAL {
        return Err(refuse("is itself a reversal: enter the event anew instead".to_owned()));
    }
    if let Some(reversal) = event.reversed_by {
        return Err(refuse(format!("was taken back already, by {reversal}")));
    }
    Ok(event)
}

fn text<'j>(json: &'j Json, field: &'static str) -> Result<&'j str, StoreError> {
    match json.get(field) {
        Some(Json::String(text)) => Ok(text),
        Some(other) => Err(StoreError::invalid(field, other, "must be a text")),
        None => Err(StoreError::invalid(field, "(absent)", "is required")),
    }
}

fn cents(json: &Json, field: &'static str) -> Result<i64, StoreError> {
    let text = text(json, field)?;
    text.parse().map_err(|_| StoreError::invalid(field, text, "must be whole cents within 64 bits, as a text"))
}

fn insert(tx: &mut Transaction<'_>, event: &Event, cash_cents: Option<i64>) -> Result<(), StoreError> {
    let values = params![
        event.id,
        event.fund_id,
        event.company_id,
        event.effective_date,
        &event.event_type,
        &event.body,
        cash_cents,
        event.reverses,
        event.recorded_at,
    ];
    tx.execute(INSERT, values).map(|_| ())
}

fn of_only_event(problem: Problem) -> Problem {
    match problem.path.strip_prefix("events[0]") {
        Some(rest) => Problem { path: rest.trim_start_matches('.').to_owned(), ..problem },
        None => problem,
    }
}

fn event(row: &Row) -> Result<Event, StoreError> {
    let id = |column: usize| row.optional_text(column).map(|text| text.and_then(|text| text.parse().ok()));
    Ok(Event {
        id: row.parsed(0)?,
        fund_id: FundId(row.integer(1)?),
        company_id: CompanyId(row.integer(2)?),
        effective_date: row.date(3)?,
        event_type: row.text(4)?,
        body: row.text(5)?,
        reverses: id(6)?,
        reversed_by: id(7)?,
        recorded_at: row.timestamp(8)?,
    })
}
