//! A write is refused when the portfolio document it leads to is invalid: the engine is the judge, and its paths are
//! turned into paths of the request.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use moic::{DocumentError, Portfolio};

use crate::{
    CompanyId, EventId, FundId, LotId, Problem, StoreError, Transaction,
    lots::LotTerms,
    portfolio::{self, Facts, Scope},
};

/// What the request adds or changes, whose problems are named by the fields of the request.
pub(crate) enum NewFact {
    /// A corrected lot: its fields.
    Lot(LotId),
    /// New events: `events[0]` is the first of them.
    Events(Vec<EventId>),
    /// A new set of exit cases.
    ExitCases,
}

/// Checks a lot by itself.
pub(crate) fn lot(id: LotId, terms: &LotTerms) -> Result<(), StoreError> {
    const LOT: &str = "companies[0].lots[0]";
    let mut document =
        format!("{{\"asOf\":\"{}\",\"companies\":[{{\"id\":\"0\",\"lots\":[", terms.purchase_date).into_bytes();
    portfolio::write_lot(&mut document, id, terms)?;
    document.extend_from_slice(b"]}]}");
    judge(&document, |path| path.strip_prefix(LOT).map(|rest| rest.trim_start_matches('.').to_owned()))
}

/// Checks a company's whole document with everything that is recorded, also in this transaction, through its last date.
pub(crate) fn company(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    company_id: CompanyId,
    now: Timestamp,
    new: &NewFact,
) -> Result<(), StoreError> {
    let facts = portfolio::facts(tx, fund_id, Scope::Company(company_id), Timestamp::MAX)?;
    judge(&facts.to_json(last_day(&facts, now))?, |path| request_path(path, &facts, new))
}

/// What the engine has against a whole fund, through its last date; problems name their company instead of its position.
pub(crate) fn fund(facts: &Facts, now: Timestamp) -> Result<Vec<Problem>, StoreError> {
    let named = |problem: Problem| {
        let in_company = element(&problem.path, "companies").and_then(|(position, rest)| {
            let company = facts.companies.get(position)?;
            Some(if rest.is_empty() { company.name.clone() } else { format!("{}: {rest}", company.name) })
        });
        Problem { path: in_company.unwrap_or_else(|| problem.path.clone()), ..problem }
    };
    Ok(problems(&facts.to_json(last_day(facts, now))?).into_iter().map(named).collect())
}

/// Checks the whole fund under the policy that is stored now, also in this transaction.
pub(crate) fn policy(tx: &mut Transaction<'_>, fund_id: FundId, now: Timestamp) -> Result<(), StoreError> {
    let facts = portfolio::facts(tx, fund_id, Scope::Fund, Timestamp::MAX)?;
    judge(&facts.to_json(last_day(&facts, now))?, |path| path.strip_prefix("companies").map(|_| "policy".to_owned()))
}

/// The last day that anything is recorded for, and at least today: as of it, every fact is checked.
fn last_day(facts: &Facts, now: Timestamp) -> Date {
    let today = now.to_zoned(TimeZone::UTC).date();
    facts.last_date().map_or(today, |last| last.max(today))
}

fn judge(document: &[u8], request_path: impl Fn(&str) -> Option<String>) -> Result<(), StoreError> {
    let problems = problems(document);
    if problems.is_empty() {
        return Ok(());
    }
    let renamed = problems.into_iter().map(|problem| match request_path(&problem.path) {
        Some(path) => Problem { path, ..problem },
        None => problem,
    });
    Err(StoreError::Invalid(renamed.collect()))
}

fn problems(document: &[u8]) -> Vec<Problem> {
    match Portfolio::from_json(document) {
        Ok(_) => Vec::new(),
        Err(DocumentError::Invalid(problems)) => problems,
        // The store's own part of the document is well-formed, so it is a fact's text that the engine cannot read.
        Err(error @ DocumentError::Syntax(_)) => vec![Problem::new("", "", error.to_string())],
    }
}

/// The request's path for a path of the company's document. What the request does not contain is named by its id:
/// `events[<id>].shares`.
fn request_path(path: &str, facts: &Facts, new: &NewFact) -> Option<String> {
    let inside = path.strip_prefix("companies[0].")?;
    let company = facts.companies.first()?;
    if let Some((position, rest)) = element(inside, "lots") {
        let (id, _) = company.lots.get(position)?;
        return Some(match new {
            NewFact::Lot(corrected) if corrected == id => rest.to_owned(),
            _ => joined("lots", &id.to_string(), rest),
        });
    }
    if let Some((position, rest)) = element(inside, "events") {
        let (id, _, _) = company.events.get(position)?;
        let added = match new {
            NewFact::Events(ids) => ids.iter().position(|added| added == id),
            _ => None,
        };
        return Some(match added {
            Some(position) => joined("events", &position.to_string(), rest),
            None => joined("events", &id.to_string(), rest),
        });
    }
    Some(inside.to_owned())
}

/// Position and rest of `lots[3].sharesAcquired`.
fn element<'p>(path: &'p str, list: &str) -> Option<(usize, &'p str)> {
    let (position, rest) = path.strip_prefix(list)?.strip_prefix('[')?.split_once(']')?;
    Some((position.parse().ok()?, rest.trim_start_matches('.')))
}

fn joined(list: &str, key: &str, rest: &str) -> String {
    if rest.is_empty() { format!("{list}[{key}]") } else { format!("{list}[{key}].{rest}") }
}
