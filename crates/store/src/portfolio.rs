//! The portfolio document of `moic.md` §6, put together from stored facts: as of any date, from what was known at any
//! instant. It is what the engine evaluates and what the export writes. Companies are named by their number, lots by
//! their UUID.

use std::{collections::HashSet, io::Write as _};

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use crate::{
    CompanyId, EventId, FundId, LotId, StoreError, Transaction, funds,
    lots::{self, LotTerms},
    row::params,
    statements::statements,
};

/// How much of a fund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All its companies.
    Fund,
    /// One company.
    Company(CompanyId),
}

/// What was known of a fund's portfolio at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The fund's currency.
    pub currency: String,
    /// The `policy` object as JSON.
    pub policy: Option<String>,
    /// The companies, by id.
    pub companies: Vec<CompanyFacts>,
}

/// What was known of a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyFacts {
    /// Its id.
    pub id: CompanyId,
    /// Its name.
    pub name: String,
    /// Its sector.
    pub sector: Option<String>,
    /// Its stage.
    pub stage: Option<String>,
    /// Its lots, by id.
    pub lots: Vec<(LotId, LotTerms)>,
    /// Its events that were not taken back, by the instant they were recorded at: id, effective date, body.
    pub events: Vec<(EventId, Date, String)>,
    /// Its exit cases as a JSON array; none when none was ever stored.
    pub exit_cases: Option<String>,
}

statements! { "portfolio";
    FUND = "SELECT currency, policy FROM fund_versions WHERE fund_id = $1 AND recorded_at <= $2 \
        ORDER BY version DESC LIMIT 1";
    COMPANIES = "SELECT company_id, name, sector, stage FROM company_versions \
        WHERE fund_id = $1 AND company_id BETWEEN $2 AND $3 AND recorded_at <= $4 ORDER BY company_id, version";
    LOTS = "SELECT company_id, lot_id, lot_type, instrument, share_class, purchase_date, shares, share_price_cents, \
        cost_cents, strike_cents FROM lot_versions \
        WHERE fund_id = $1 AND company_id BETWEEN $2 AND $3 AND recorded_at <= $4 \
        ORDER BY company_id, lot_id, version";
    EVENTS = "SELECT e.company_id, e.id, e.effective_date, e.body FROM events e \
        WHERE e.fund_id = $1 AND e.company_id BETWEEN $2 AND $3 AND e.recorded_at <= $4 AND e.reverses IS NULL \
        AND NOT EXISTS (SELECT 1 FROM events r WHERE r.reverses = e.id AND r.recorded_at <= $4) \
        ORDER BY e.company_id, e.recorded_at, e.id";
    WITHDRAWN_LOTS = "SELECT id FROM lots \
        WHERE fund_id = $1 AND company_id BETWEEN $2 AND $3 AND withdrawn_at IS NOT NULL AND withdrawn_at <= $4";
    WITHDRAWN_COMPANIES = "SELECT id FROM companies \
        WHERE fund_id = $1 AND id BETWEEN $2 AND $3 AND withdrawn_at IS NOT NULL AND withdrawn_at <= $4";
    EXIT_CASES = "SELECT s.company_id, s.body FROM exit_case_sets s \
        WHERE s.fund_id = $1 AND s.company_id BETWEEN $2 AND $3 AND s.version = (\
        SELECT MAX(v.version) FROM exit_case_sets v \
        WHERE v.fund_id = s.fund_id AND v.company_id = s.company_id AND v.recorded_at <= $4) ORDER BY s.company_id";
}

/// The document of a fund or one of its companies as of `as_of`, from the facts recorded up to `known_at`.
///
/// # Errors
/// `NotFound` without the fund, or without the company at that instant.
pub fn document(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    scope: Scope,
    as_of: Date,
    known_at: Timestamp,
) -> Result<Vec<u8>, StoreError> {
    facts(tx, fund_id, scope, known_at)?.to_json(as_of)
}

/// The facts of a fund or one of its companies that were recorded up to `known_at`.
///
/// # Errors
/// `NotFound` without the fund, or without the company at that instant.
pub fn facts(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    scope: Scope,
    known_at: Timestamp,
) -> Result<Facts, StoreError> {
    let fund = funds::get(tx, fund_id)?;
    let (currency, policy) = match tx.row(FUND, params![fund_id, known_at])? {
        Some(row) => (row.text(0)?, row.optional_text(1)?),
        None => (fund.currency, None),
    };
    let (first, last) = match scope {
        Scope::Fund => (CompanyId(0), CompanyId(i64::MAX)),
        Scope::Company(id) => (id, id),
    };
    let range = params![fund_id, first, last, known_at];
    let mut companies = companies(tx, range)?;
    add_lots(tx, range, &mut companies)?;
    add_events(tx, range, &mut companies)?;
    add_exit_cases(tx, range, &mut companies)?;
    leave_out_withdrawn(tx, range, &mut companies)?;
    if let (Scope::Company(id), []) = (scope, companies.as_slice()) {
        return Err(StoreError::not_found("company", &id));
    }
    Ok(Facts { currency, policy, companies })
}

type Range<'a> = &'a [crate::row::Parameter<'a>];

fn companies(tx: &mut Transaction<'_>, range: Range<'_>) -> Result<Vec<CompanyFacts>, StoreError> {
    let mut companies: Vec<CompanyFacts> = Vec::new();
    for row in tx.rows(COMPANIES, range)? {
        let company = CompanyFacts {
            id: CompanyId(row.integer(0)?),
            name: row.text(1)?,
            sector: row.optional_text(2)?,
            stage: row.optional_text(3)?,
            lots: Vec::new(),
            events: Vec::new(),
            exit_cases: None,
        };
        match companies.last_mut() {
            Some(earlier) if earlier.id == company.id => *earlier = company,
            _ => companies.push(company),
        }
    }
    Ok(companies)
}

fn add_lots(tx: &mut Transaction<'_>, range: Range<'_>, companies: &mut [CompanyFacts]) -> Result<(), StoreError> {
    for row in tx.rows(LOTS, range)? {
        let Some(company) = company(companies, row.integer(0)?) else { continue };
        let lot: (LotId, LotTerms) = (row.parsed(1)?, lots::terms(&row, 2)?);
        match company.lots.last_mut() {
            Some(earlier) if earlier.0 == lot.0 => *earlier = lot,
            _ => company.lots.push(lot),
        }
    }
    Ok(())
}

fn add_events(tx: &mut Transaction<'_>, range: Range<'_>, companies: &mut [CompanyFacts]) -> Result<(), StoreError> {
    for row in tx.rows(EVENTS, range)? {
        if let Some(company) = company(companies, row.integer(0)?) {
            company.events.push((row.parsed(1)?, row.date(2)?, row.text(3)?));
        }
    }
    Ok(())
}

fn add_exit_cases(
    tx: &mut Transaction<'_>,
    range: Range<'_>,
    companies: &mut [CompanyFacts],
) -> Result<(), StoreError> {
    for row in tx.rows(EXIT_CASES, range)? {
        if let Some(company) = company(companies, row.integer(0)?) {
            company.exit_cases = Some(row.text(1)?);
        }
    }
    Ok(())
}

/// Two short reads, of rows that are rare: what was withdrawn later than the instant asked for still counts.
fn leave_out_withdrawn(
    tx: &mut Transaction<'_>,
    range: Range<'_>,
    companies: &mut Vec<CompanyFacts>,
) -> Result<(), StoreError> {
    let lots: HashSet<LotId> = tx.list(WITHDRAWN_LOTS, range, |row| row.parsed(0))?.into_iter().collect();
    if !lots.is_empty() {
        for company in companies.iter_mut() {
            company.lots.retain(|(id, _)| !lots.contains(id));
        }
    }
    let withdrawn: HashSet<i64> = tx.list(WITHDRAWN_COMPANIES, range, |row| row.integer(0))?.into_iter().collect();
    companies.retain(|company| !withdrawn.contains(&company.id.0));
    Ok(())
}

fn company(companies: &mut [CompanyFacts], id: i64) -> Option<&mut CompanyFacts> {
    let at = companies.binary_search_by_key(&id, |company| company.id.0).ok()?;
    companies.get_mut(at)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DocumentLot<'a> {
    id: String,
    lot_type: &'static str,
    instrument: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    share_class: Option<&'a str>,
    purchase_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    shares_acquired: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    share_price_cents: Option<&'a str>,
    cost_basis_cents: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    strike_cents: Option<&'a str>,
}

/// A lot as the document has it.
pub(crate) fn write_lot(out: &mut Vec<u8>, id: LotId, terms: &LotTerms) -> Result<(), StoreError> {
    write(
        out,
        &DocumentLot {
            id: id.to_string(),
            lot_type: terms.lot_type.as_str(),
            instrument: terms.instrument.as_str(),
            share_class: terms.share_class.as_deref(),
            purchase_date: terms.purchase_date.to_string(),
            shares_acquired: terms.shares.as_deref(),
            share_price_cents: terms.share_price_cents.as_deref(),
            cost_basis_cents: terms.cost_cents.to_string(),
            strike_cents: terms.strike_cents.as_deref(),
        },
    )
}

impl Facts {
    /// The portfolio document as of `as_of`. The same facts give the same bytes.
    ///
    /// # Errors
    /// `Internal` when a stored value cannot be written.
    pub fn to_json(&self, as_of: Date) -> Result<Vec<u8>, StoreError> {
        let mut out = Vec::with_capacity(256 + self.companies.len() * 2048);
        let _ = write!(out, "{{\"asOf\":\"{as_of}\",\"currency\":");
        write(&mut out, &self.currency)?;
        if let Some(policy) = &self.policy {
            let _ = write!(out, ",\"policy\":{policy}");
        }
        out.extend_from_slice(b",\"companies\":[");
        separated(&mut out, &self.companies, |out, company| company.write(out))?;
        out.extend_from_slice(b"]}");
        Ok(out)
    }

    /// The last date that anything happens on, if anything does.
    pub(crate) fn last_date(&self) -> Option<Date> {
        let of_company = |company: &CompanyFacts| {
            let lots = company.lots.iter().map(|(_, terms)| terms.purchase_date);
            lots.chain(company.events.iter().map(|(_, date, _)| *date)).max()
        };
        self.companies.iter().filter_map(of_company).max()
    }
}

impl CompanyFacts {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), StoreError> {
        let _ = write!(out, "{{\"id\":\"{}\",\"name\":", self.id);
        write(out, &self.name)?;
        for (field, value) in [("sector", &self.sector), ("stage", &self.stage)] {
            if let Some(value) = value {
                let _ = write!(out, ",\"{field}\":");
                write(out, value)?;
            }
        }
        out.extend_from_slice(b",\"lots\":[");
        separated(out, &self.lots, |out, (id, terms)| write_lot(out, *id, terms))?;
        out.extend_from_slice(b"],\"events\":[");
        separated(out, &self.events, |out, (_, _, body)| {
            out.extend_from_slice(body.as_bytes());
            Ok(())
        })?;
        out.extend_from_slice(b"]");
        if let Some(cases) = &self.exit_cases {
            let _ = write!(out, ",\"exitCases\":{cases}");
        }
        out.extend_from_slice(b"}");
        Ok(())
    }
}

fn separated<T>(
    out: &mut Vec<u8>,
    items: &[T],
    item: impl Fn(&mut Vec<u8>, &T) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for (position, each) in items.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        item(out, each)?;
    }
    Ok(())
}

fn write(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) -> Result<(), StoreError> {
    serde_json::to_writer(out, value).map_err(|error| StoreError::Internal(format!("cannot write JSON: {error}")))
}
