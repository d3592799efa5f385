//! Taking an import back: what it made is withdrawn, what it changed is as before, its events are reversed. What people
//! have built on it since stands in the way, and is named.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Import, get};
use crate::{
    CompanyId, EventId, FundId, ImportId, LotId, Problem, StoreError, Transaction, clock_floor,
    companies::{self, NewCompany},
    document_check, events, exit_cases, funds, ids, lots,
    portfolio::{self, Scope},
    row::params,
    statements::statements,
};

statements! { "imports::undo";
    CHANGES = "SELECT kind, company_id, record_id, version, before FROM import_changes WHERE import_id = $1 \
        ORDER BY position DESC";
    CHANGED_LOTS = "SELECT r.reference, r.company_id FROM import_references r JOIN lots l ON l.id = r.record_id \
        JOIN lot_versions v ON v.fund_id = l.fund_id AND v.company_id = l.company_id AND v.lot_id = l.id AND v.version = 1 \
        WHERE r.import_id = $1 AND r.kind = 'lot' AND l.version > 1 AND (l.lot_type <> v.lot_type \
        OR l.instrument <> v.instrument OR l.share_class IS DISTINCT FROM v.share_class \
        OR l.purchase_date <> v.purchase_date OR l.shares IS DISTINCT FROM v.shares \
        OR l.share_price_cents IS DISTINCT FROM v.share_price_cents OR l.cost_cents <> v.cost_cents \
        OR l.strike_cents IS DISTINCT FROM v.strike_cents)";
    LOTS_BY_COMPANY = "SELECT company_id FROM import_references WHERE import_id = $1 AND kind = 'lot'";
    LATER_LOTS = "SELECT n.id, n.company_id FROM import_references r JOIN lots l ON l.id = r.record_id \
        JOIN lots n ON n.investment_id = l.investment_id AND n.withdrawn_at IS NULL \
        WHERE r.import_id = $1 AND r.kind = 'lot' AND n.id NOT IN \
        (SELECT o.record_id FROM import_references o WHERE o.import_id = $2 AND o.kind = 'lot')";
    WITHDRAW_LOTS = "UPDATE lots SET withdrawn_at = $1, updated_at = $2 WHERE withdrawn_at IS NULL \
        AND id IN (SELECT record_id FROM import_references WHERE import_id = $3 AND kind = 'lot')";
    WITHDRAW_INVESTMENTS = "UPDATE investments SET withdrawn_at = $1, updated_at = $2 WHERE withdrawn_at IS NULL \
        AND id IN (SELECT l.investment_id FROM import_references r JOIN lots l ON l.id = r.record_id \
        WHERE r.import_id = $3 AND r.kind = 'lot')";
    WITHDRAW_COMPANY = "UPDATE companies SET withdrawn_at = $1, updated_at = $2 WHERE id = $3 AND fund_id = $4";
    NEW_COMPANIES = "SELECT record_id, reference FROM import_references WHERE import_id = $1 AND kind = 'company' \
        AND is_new = 1";
    MADE = "SELECT version FROM import_changes WHERE import_id = $1 AND kind = 'company' AND company_id = $2";
    LEFT_AGAIN = "UPDATE import_changes SET version = version + $1 WHERE kind = $2 AND record_id = $3 \
        AND version < $4 AND import_id <> $5";
    INVESTMENT_OF = "SELECT id FROM investments WHERE company_id = $1 AND withdrawn_at IS NULL LIMIT 1";
    FORGET = "DELETE FROM import_references WHERE import_id = $1";
    MARK = "UPDATE imports SET undone_at = $1, undone_by = $2 WHERE id = $3 AND undone_at IS NULL";
}

/// Takes an import back.
///
/// # Errors
/// `NotFound`; `WrongState` when it was taken back already; `Invalid` with everything that was recorded since and stands
/// in the way.
pub fn undo(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    id: ImportId,
    actor: &str,
    now: Timestamp,
) -> Result<Import, StoreError> {
    // The clock's row first: it makes writers of facts wait for each other before they read what they check against.
    let recorded_at = clock_floor::next(tx, now)?;
    let import = get(tx, fund_id, id)?;
    if import.undone.is_some() || tx.execute(MARK, params![recorded_at, actor, id])? == 0 {
        let (what, hint) = ("import", "import the file again to have its records back");
        return Err(StoreError::WrongState { what, id: id.to_string(), state: "undone already".to_owned(), hint });
    }
    let problems = built_upon(tx, &import)?;
    if !problems.is_empty() {
        return Err(StoreError::Invalid(problems));
    }
    take_changes_back(tx, &import, (recorded_at, now))?;
    withdraw_lots(tx, &import, (recorded_at, now))?;
    withdraw_companies(tx, &import, (recorded_at, now))?;
    tx.execute(FORGET, params![id])?;
    funds::raise_revision(tx, fund_id)?;
    let facts = portfolio::facts(tx, fund_id, Scope::Fund, Timestamp::MAX)?;
    let problems = document_check::fund(&facts, now)?;
    if problems.is_empty() {
        Ok(Import { undone: Some((recorded_at, actor.to_owned())), ..import })
    } else {
        Err(StoreError::Invalid(problems.into_iter().map(in_the_way).collect()))
    }
}

fn in_the_way(problem: Problem) -> Problem {
    let message = format!("was recorded after the import and needs it: {}", problem.message);
    Problem { message, ..problem }
}

fn since(path: String, value: &str, what: &str) -> Problem {
    Problem::new(
        path,
        value,
        format!("{what} after the import; take that back first, or correct single records instead"),
    )
}

/// Corrections of what the import made or changed.
fn built_upon(tx: &mut Transaction<'_>, import: &Import) -> Result<Vec<Problem>, StoreError> {
    let mut problems = Vec::new();
    for row in tx.rows(CHANGED_LOTS, params![import.id])? {
        problems.push(since(format!("companies[{}].lots", row.integer(1)?), row.str(0)?, "was corrected"));
    }
    if import.origin.source == super::ImportSource::File {
        for row in tx.rows(LATER_LOTS, params![import.id, import.id])? {
            let path = format!("companies[{}].lots", row.integer(1)?);
            problems.push(since(path, row.str(0)?, "was added to an investment of the import"));
        }
    }
    for row in tx.rows(CHANGES, params![import.id])? {
        let (company, record, version) = (CompanyId(row.integer(1)?), row.text(2)?, row.integer(3)?);
        let (what, current) = match row.str(0)? {
            "lot" => ("lots", lots::get(tx, record.parse().map_err(|_| unreadable(&record))?)?.version),
            "company" => ("name", companies::get(tx, import.fund_id, company)?.version),
            "exit_cases" => ("exitCases", exit_cases::get(tx, import.fund_id, company)?.version),
            _ => continue,
        };
        if current != version {
            problems.push(since(format!("companies[{company}].{what}"), &record, "was changed"));
        }
    }
    Ok(problems)
}

fn unreadable(record: &str) -> StoreError {
    StoreError::Internal(format!("an import names {record:?}, which is no id"))
}

/// The last change first, so that what stood before all of them is what stands afterwards.
fn take_changes_back(
    tx: &mut Transaction<'_>,
    import: &Import,
    (recorded_at, now): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    let new_ids = ids::UuidSequence::new(now);
    for row in tx.rows(CHANGES, params![import.id])? {
        let (company, record, before) = (CompanyId(row.integer(1)?), row.text(2)?, row.optional_text(4)?);
        let (kind, version) = (row.str(0)?, row.integer(3)?);
        let restored = match (kind, before) {
            ("event", _) => {
                let event: EventId = record.parse().map_err(|_| unreadable(&record))?;
                if events::get(tx, import.fund_id, company, event)?.reversed_by.is_some() {
                    continue;
                }
                let body = json!({ "type": events::REVERSAL, "event": record }).to_string();
                let new = events::NewEvent { id: EventId(new_ids.next()?), body };
                let recorded_at = clock_floor::next(tx, now)?;
                events::insert_new(tx, import.fund_id, company, &new, recorded_at)?;
                continue;
            }
            ("lot", Some(before)) => {
                let lot: LotId = record.parse().map_err(|_| unreadable(&record))?;
                let stored = lots::get(tx, lot)?;
                lots::replace(tx, &stored, &lots::terms_from_json(&before)?, (recorded_at, now))?.version
            }
            ("company", Some(before)) => {
                let stored = companies::get(tx, import.fund_id, company)?;
                let before: Value = serde_json::from_str(&before).unwrap_or_default();
                let text = |field: &str| before.get(field).and_then(Value::as_str).map(str::to_owned);
                let name = text("name").unwrap_or_else(|| stored.name.clone());
                let new = NewCompany { name, sector: text("sector"), stage: text("stage"), status: stored.status };
                companies::update(tx, import.fund_id, company, stored.version, &new, now)?.version
            }
            ("exit_cases", Some(before)) => {
                let stored = exit_cases::get(tx, import.fund_id, company)?;
                exit_cases::insert(tx, import.fund_id, company, stored.version, &before, recorded_at)?
            }
            _ => continue,
        };
        // It says again what stood before, under a new version. Imports before this one move along, the distances between them
        // kept: the one that left just that can be taken back in its turn, and what people changed in between still counts.
        let moved = restored.saturating_sub(version.saturating_sub(1));
        tx.execute(LEFT_AGAIN, params![moved, kind, &record, version, import.id])?;
    }
    Ok(())
}

fn withdraw_lots(
    tx: &mut Transaction<'_>,
    import: &Import,
    (recorded_at, now): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    let mut counts = std::collections::BTreeMap::new();
    for row in tx.rows(LOTS_BY_COMPANY, params![import.id])? {
        *counts.entry(CompanyId(row.integer(0)?)).or_insert(0i64) += 1;
    }
    if import.origin.source == super::ImportSource::File {
        tx.execute(WITHDRAW_INVESTMENTS, params![recorded_at, now, import.id])?;
    }
    tx.execute(WITHDRAW_LOTS, params![recorded_at, now, import.id])?;
    for (company, count) in counts {
        companies::count_lots(tx, company, -count)?;
    }
    Ok(())
}

/// Companies that the import made, unless somebody has recorded something of their own in them.
fn withdraw_companies(
    tx: &mut Transaction<'_>,
    import: &Import,
    (recorded_at, now): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    let mut problems = Vec::new();
    for row in tx.rows(NEW_COMPANIES, params![import.id])? {
        let (id, reference): (CompanyId, String) = (row.parsed(0)?, row.text(1)?);
        let facts = portfolio::facts(tx, import.fund_id, Scope::Company(id), Timestamp::MAX)?;
        let has_facts = facts.companies.iter().any(|company| !company.lots.is_empty() || !company.events.is_empty());
        // Those of the import are taken back already.
        let has_cases = exit_cases::get(tx, import.fund_id, id)?.body != "[]";
        let made = tx.row(MADE, params![import.id, id])?.map_or(Ok(1), |row| row.integer(0))?;
        let is_changed = companies::get(tx, import.fund_id, id)?.version != made;
        if has_facts || has_cases || is_changed || tx.row(INVESTMENT_OF, params![id])?.is_some() {
            problems.push(since(
                format!("companies[{id}]"),
                &reference,
                "has records that were added, or was changed,",
            ));
            continue;
        }
        tx.execute(WITHDRAW_COMPANY, params![recorded_at, now, id, import.fund_id])?;
    }
    if problems.is_empty() { Ok(()) } else { Err(StoreError::Invalid(problems)) }
}
