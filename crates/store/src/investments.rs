//! Investments: one cheque in one round, the record of the legacy MOIC. Lots belong to an investment.

use jiff::{Timestamp, civil::Date};

use crate::{
    CompanyId, FundId, InvestmentId, Listing, Page, StoreError, Transaction, clock_floor, companies, funds,
    row::{Row, params},
    statements::statements,
};

/// An investment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Investment {
    /// Its id.
    pub id: InvestmentId,
    /// The fund that paid.
    pub fund_id: FundId,
    /// The company it was paid to.
    pub company_id: CompanyId,
    /// The round, as in `Seed`.
    pub round: String,
    /// When it was paid.
    pub investment_date: Date,
    /// What was paid, in cents.
    pub amount_cents: i64,
    /// The stake it bought, a decimal from 0 to 1 in shortest form.
    pub ownership: Option<String>,
    /// The company's value after the round, in cents.
    pub post_money_valuation_cents: Option<i64>,
    /// Raised by every change; from 1.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What is needed to create an investment. The caller has checked the ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvestment {
    /// The company it was paid to.
    pub company_id: CompanyId,
    /// The round.
    pub round: String,
    /// When it was paid.
    pub investment_date: Date,
    /// What was paid, in cents.
    pub amount_cents: i64,
    /// The stake it bought, a decimal from 0 to 1 in shortest form.
    pub ownership: Option<String>,
    /// The company's value after the round, in cents.
    pub post_money_valuation_cents: Option<i64>,
}

macro_rules! columns {
    () => {
        "id, fund_id, company_id, round, investment_date, amount_cents, ownership, post_money_valuation_cents, \
         version, created_at, updated_at"
    };
}

statements! { "investments";
    INSERT = concat!("INSERT INTO investments (fund_id, company_id, round, investment_date, amount_cents, ownership, \
        post_money_valuation_cents, version, recorded_at, created_at, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10) RETURNING ", columns!());
    GET = concat!("SELECT ", columns!(), " FROM investments WHERE id = $1 AND fund_id = $2 \
        AND withdrawn_at IS NULL");
    LIST = concat!("SELECT ", columns!(), " FROM investments WHERE fund_id = $1 AND id > $2 \
        AND withdrawn_at IS NULL ORDER BY id LIMIT $3");
    LIST_OF_COMPANY = concat!("SELECT ", columns!(), " FROM investments WHERE company_id = $1 AND fund_id = $2 \
        AND id > $3 AND withdrawn_at IS NULL ORDER BY id LIMIT $4");
    WITHOUT_LOTS = concat!("SELECT ", columns!(), " FROM investments WHERE fund_id = $1 AND withdrawn_at IS NULL \
        AND NOT EXISTS (SELECT 1 FROM lots WHERE lots.investment_id = investments.id AND lots.withdrawn_at IS NULL) \
        ORDER BY id");
    COMPANY = "SELECT company_id FROM investments WHERE id = $1 AND fund_id = $2 AND withdrawn_at IS NULL";
}

/// Creates an investment.
///
/// # Errors
/// `Invalid` at `companyId` when the fund has no such company.
pub fn create(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    new: &NewInvestment,
    now: Timestamp,
) -> Result<Investment, StoreError> {
    let recorded_at = clock_floor::next(tx, now)?;
    funds::raise_revision(tx, fund_id)?;
    match companies::get(tx, fund_id, new.company_id) {
        Err(StoreError::NotFound { .. }) => {
            let message = format!("fund {fund_id} has no such company");
            return Err(StoreError::invalid("companyId", &new.company_id, message));
        }
        other => other?,
    };
    insert(tx, fund_id, new, (recorded_at, now))
}

/// Creates an investment of a company that the caller knows to be the fund's.
pub(crate) fn insert(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    new: &NewInvestment,
    (recorded_at, now): (Timestamp, Timestamp),
) -> Result<Investment, StoreError> {
    let values = params![
        fund_id,
        new.company_id,
        &new.round,
        new.investment_date,
        new.amount_cents,
        new.ownership.as_ref(),
        new.post_money_valuation_cents,
        recorded_at,
        now,
        now,
    ];
    investment(&tx.one(INSERT, values)?)
}

/// Reads an investment of a fund.
///
/// # Errors
/// `NotFound`, also for an investment of another fund.
pub fn get(tx: &mut Transaction<'_>, fund_id: FundId, id: InvestmentId) -> Result<Investment, StoreError> {
    match tx.row(GET, params![id, fund_id])? {
        Some(row) => investment(&row),
        None => Err(StoreError::not_found("investment", &id)),
    }
}

/// Lists a fund's investments by id, those of one company when it is given.
///
/// # Errors
/// What the database answers.
pub fn list(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    company_id: Option<CompanyId>,
    page: &Page,
) -> Result<Listing<Investment>, StoreError> {
    let (after, fetch) = (page.after_number(), page.fetch());
    let investments = match company_id {
        None => tx.list(LIST, params![fund_id, after, fetch], investment)?,
        Some(company_id) => tx.list(LIST_OF_COMPANY, params![company_id, fund_id, after, fetch], investment)?,
    };
    Ok(Listing::cut(investments, page, |investment| investment.id.to_string()))
}

/// The investments of a fund that no lot belongs to, by id: those that only the legacy MOIC knows.
///
/// # Errors
/// What the database answers.
pub fn without_lots(tx: &mut Transaction<'_>, fund_id: FundId) -> Result<Vec<Investment>, StoreError> {
    tx.list(WITHOUT_LOTS, params![fund_id], investment)
}

/// The company of a fund's investment; none where the fund has no such investment.
pub(crate) fn company_of(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    id: InvestmentId,
) -> Result<Option<CompanyId>, StoreError> {
    match tx.row(COMPANY, params![id, fund_id])? {
        Some(row) => row.integer(0).map(CompanyId).map(Some),
        None => Ok(None),
    }
}

fn investment(row: &Row) -> Result<Investment, StoreError> {
    Ok(Investment {
        id: InvestmentId(row.integer(0)?),
        fund_id: FundId(row.integer(1)?),
        company_id: CompanyId(row.integer(2)?),
        round: row.text(3)?,
        investment_date: row.date(4)?,
        amount_cents: row.integer(5)?,
        ownership: row.optional_text(6)?,
        post_money_valuation_cents: row.optional_integer(7)?,
        version: row.integer(8)?,
        created_at: row.timestamp(9)?,
        updated_at: row.timestamp(10)?,
    })
}
