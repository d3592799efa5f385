//! Exit cases of a company, replaced as a whole: their probabilities only make sense together. Every set is kept.

use jiff::Timestamp;

use crate::{
    CompanyId, FundId, StoreError, Transaction, clock_floor, companies,
    document_check::{self, NewFact},
    funds,
    row::params,
    statements::statements,
};

/// A company's exit cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExitCaseSet {
    /// The fund the company belongs to.
    pub fund_id: FundId,
    /// The company.
    pub company_id: CompanyId,
    /// Raised by every replacement; 0 when none was ever stored.
    pub version: i64,
    /// The `exitCases` array of the portfolio document (`moic.md` §6) as JSON.
    pub body: String,
    /// When it was recorded; none when none was ever stored.
    pub recorded_at: Option<Timestamp>,
}

statements! { "exit_cases";
    LATEST = "SELECT version, body, recorded_at FROM exit_case_sets WHERE fund_id = $1 AND company_id = $2 \
        ORDER BY version DESC LIMIT 1";
    INSERT = "INSERT INTO exit_case_sets (fund_id, company_id, version, recorded_at, body) VALUES ($1, $2, $3, $4, $5)";
}

/// Reads a company's exit cases: an empty set with version 0 when none was ever stored.
///
/// # Errors
/// `NotFound` without the company.
pub fn get(tx: &mut Transaction<'_>, fund_id: FundId, company_id: CompanyId) -> Result<ExitCaseSet, StoreError> {
    companies::get(tx, fund_id, company_id)?;
    let Some(row) = tx.row(LATEST, params![fund_id, company_id])? else {
        return Ok(ExitCaseSet { fund_id, company_id, version: 0, body: "[]".to_owned(), recorded_at: None });
    };
    let (version, body, recorded_at) = (row.integer(0)?, row.text(1)?, Some(row.timestamp(2)?));
    Ok(ExitCaseSet { fund_id, company_id, version, body, recorded_at })
}

/// Adds a set after `version` that the caller has checked; answers its version.
pub(crate) fn insert(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    company_id: CompanyId,
    version: i64,
    body: &str,
    recorded_at: Timestamp,
) -> Result<i64, StoreError> {
    tx.execute(INSERT, params![fund_id, company_id, version + 1, recorded_at, body])?;
    Ok(version + 1)
}

/// Replaces a company's exit cases that still have `version` (0 for the first set) by `body`, an `exitCases` array of the
/// portfolio document, and checks the company's whole document.
///
/// # Errors
/// `NotFound`; `VersionConflict`; `Invalid` with paths that start with `exitCases`.
pub fn replace(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    company_id: CompanyId,
    version: i64,
    body: &str,
    now: Timestamp,
) -> Result<ExitCaseSet, StoreError> {
    let recorded_at = clock_floor::next(tx, now)?;
    let current = get(tx, fund_id, company_id)?.version;
    if current != version {
        return Err(StoreError::VersionConflict { current });
    }
    if !matches!(serde_json::from_str(body), Ok(serde_json::Value::Array(_))) {
        return Err(StoreError::invalid("exitCases", body, "must be an array of exit cases"));
    }
    insert(tx, fund_id, company_id, version, body, recorded_at)?;
    funds::raise_revision(tx, fund_id)?;
    document_check::company(tx, fund_id, company_id, now, &NewFact::ExitCases)?;
    Ok(ExitCaseSet { fund_id, company_id, version: version + 1, body: body.to_owned(), recorded_at: Some(recorded_at) })
}
