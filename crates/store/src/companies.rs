//! Companies: the positions of a fund. Name, sector and stage are part of the portfolio document, so every version is
//! kept.

use jiff::Timestamp;

use crate::{
    CompanyId, FundId, Listing, Page, StoreError, Transaction, clock_floor, funds,
    row::{Row, params},
    statements::statements,
};

/// A company of a fund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// Its id.
    pub id: CompanyId,
    /// The fund that holds it.
    pub fund_id: FundId,
    /// Its name.
    pub name: String,
    /// Its sector.
    pub sector: Option<String>,
    /// Its stage, as in `Series A`.
    pub stage: Option<String>,
    /// Its status, as in `active`.
    pub status: String,
    /// Raised by every change; from 1.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What is needed to create or replace a company. The caller has checked names and lengths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCompany {
    /// Its name.
    pub name: String,
    /// Its sector.
    pub sector: Option<String>,
    /// Its stage.
    pub stage: Option<String>,
    /// Its status.
    pub status: String,
}

macro_rules! columns {
    () => {
        "id, fund_id, name, sector, stage, status, version, created_at, updated_at"
    };
}

statements! { "companies";
    INSERT = concat!("INSERT INTO companies (fund_id, name, sector, stage, status, version, created_at, updated_at) \
        VALUES ($1, $2, $3, $4, $5, 1, $6, $7) RETURNING ", columns!());
    INSERT_VERSION = "INSERT INTO company_versions (company_id, version, fund_id, recorded_at, name, sector, stage, \
        status) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    GET = concat!("SELECT ", columns!(), " FROM companies WHERE id = $1 AND fund_id = $2 AND withdrawn_at IS NULL");
    LIST = concat!("SELECT ", columns!(), " FROM companies WHERE fund_id = $1 AND id > $2 \
        AND withdrawn_at IS NULL ORDER BY id LIMIT $3");
    UPDATE = concat!("UPDATE companies SET name = $1, sector = $2, stage = $3, status = $4, version = version + 1, \
        updated_at = $5 WHERE id = $6 AND version = $7 RETURNING ", columns!());
    COUNT_LOTS = "UPDATE companies SET lot_count = lot_count + $1 WHERE id = $2 AND lot_count <= $3";
}

/// Creates a company in a fund.
///
/// # Errors
/// `NotFound` without the fund.
pub fn create(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    new: &NewCompany,
    now: Timestamp,
) -> Result<Company, StoreError> {
    let recorded_at = clock_floor::next(tx, now)?;
    funds::raise_revision(tx, fund_id)?;
    create_at(tx, fund_id, new, (recorded_at, now))
}

/// Creates a company in a fund whose revision the caller raises.
pub(crate) fn create_at(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    new: &NewCompany,
    (recorded_at, now): (Timestamp, Timestamp),
) -> Result<Company, StoreError> {
    let values = params![fund_id, &new.name, new.sector.as_ref(), new.stage.as_ref(), &new.status, now, now];
    let company = company(&tx.one(INSERT, values)?)?;
    record_version(tx, &company, recorded_at)?;
    Ok(company)
}

/// Reads a company of a fund.
///
/// # Errors
/// `NotFound`, also for a company of another fund.
pub fn get(tx: &mut Transaction<'_>, fund_id: FundId, id: CompanyId) -> Result<Company, StoreError> {
    match tx.row(GET, params![id, fund_id])? {
        Some(row) => company(&row),
        None => Err(StoreError::not_found("company", &id)),
    }
}

/// Lists a fund's companies by id.
///
/// # Errors
/// What the database answers.
pub fn list(tx: &mut Transaction<'_>, fund_id: FundId, page: &Page) -> Result<Listing<Company>, StoreError> {
    let companies = tx.list(LIST, params![fund_id, page.after_number(), page.fetch()], company)?;
    Ok(Listing::cut(companies, page, |company| company.id.to_string()))
}

/// Replaces a company that still has `version`.
///
/// # Errors
/// `NotFound`; `VersionConflict`.
pub fn update(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    id: CompanyId,
    version: i64,
    new: &NewCompany,
    now: Timestamp,
) -> Result<Company, StoreError> {
    let recorded_at = clock_floor::next(tx, now)?;
    let current = get(tx, fund_id, id)?.version;
    if current != version {
        return Err(StoreError::VersionConflict { current });
    }
    let values = params![&new.name, new.sector.as_ref(), new.stage.as_ref(), &new.status, now, id, version];
    let row = tx.row(UPDATE, values)?.ok_or(StoreError::VersionConflict { current })?;
    let company = company(&row)?;
    record_version(tx, &company, recorded_at)?;
    funds::raise_revision(tx, fund_id)?;
    Ok(company)
}

/// Counts `more` lots of a company, fewer where it is negative; false when these are more than it may have.
pub(crate) fn count_lots(tx: &mut Transaction<'_>, id: CompanyId, more: i64) -> Result<bool, StoreError> {
    let most_before = i64::try_from(moic::LOTS_PER_COMPANY_MAX).unwrap_or(i64::MAX).saturating_sub(more);
    Ok(tx.execute(COUNT_LOTS, params![more, id, most_before])? > 0)
}

fn record_version(tx: &mut Transaction<'_>, company: &Company, recorded_at: Timestamp) -> Result<(), StoreError> {
    let values = params![
        company.id,
        company.version,
        company.fund_id,
        recorded_at,
        &company.name,
        company.sector.as_ref(),
        company.stage.as_ref(),
        &company.status,
    ];
    tx.execute(INSERT_VERSION, values).map(|_| ())
}

fn company(row: &Row) -> Result<Company, StoreError> {
    Ok(Company {
        id: CompanyId(row.integer(0)?),
        fund_id: FundId(row.integer(1)?),
        name: row.text(2)?,
        sector: row.optional_text(3)?,
        stage: row.optional_text(4)?,
        status: row.text(5)?,
        version: row.integer(6)?,
        created_at: row.timestamp(7)?,
        updated_at: row.timestamp(8)?,
    })
}
