//! What the legacy MOIC is calculated from: Σ(ownership × latest valuation + realised) / Σ amount.
//!
//! The basis: *ownership* is what each investment bought; the *latest valuation* is the post-money valuation of the
//! company's latest investment that has one, by date, then id; *realised* is the sum of distributions and disposal
//! proceeds recorded as events and not taken back. Nothing is dated: it is the state of now.

use jiff::civil::Date;

use crate::{CompanyId, FundId, StoreError, Transaction, funds, row::params, statements::statements};

/// The inputs of a fund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyFund {
    /// The fund.
    pub id: FundId,
    /// The currency of all amounts.
    pub currency: String,
    /// The fund's revision that these inputs belong to.
    pub revision: i64,
    /// Its companies by id, those without investments included.
    pub companies: Vec<LegacyCompany>,
}

/// The inputs of a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyCompany {
    /// The company.
    pub id: CompanyId,
    /// Its name.
    pub name: String,
    /// Its sector.
    pub sector: Option<String>,
    /// Its investments, by id.
    pub investments: Vec<LegacyInvestment>,
    /// Post-money valuation in cents of the latest investment that has one, and that investment's date.
    pub latest_valuation: Option<(i64, Date)>,
    /// Distributions and disposal proceeds in cents.
    pub realised_cents: i128,
}

/// The inputs of an investment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyInvestment {
    /// What was paid, in cents.
    pub amount_cents: i64,
    /// The stake it bought, a decimal from 0 to 1.
    pub ownership: Option<String>,
}

statements! { "legacy_moic";
    COMPANIES = "SELECT id, name, sector FROM companies WHERE fund_id = $1 AND withdrawn_at IS NULL ORDER BY id";
    INVESTMENTS = "SELECT company_id, amount_cents, ownership, post_money_valuation_cents, investment_date \
        FROM investments WHERE fund_id = $1 AND withdrawn_at IS NULL ORDER BY id";
    CASH = "SELECT e.company_id, e.cash_cents FROM events e LEFT JOIN events r ON r.reverses = e.id \
        WHERE e.fund_id = $1 AND e.cash_cents IS NOT NULL AND r.id IS NULL";
}

/// Reads the inputs of a fund's legacy MOIC.
///
/// # Errors
/// `NotFound` without the fund.
pub fn inputs(tx: &mut Transaction<'_>, fund_id: FundId) -> Result<LegacyFund, StoreError> {
    let fund = funds::get(tx, fund_id)?;
    let mut companies = tx.list(COMPANIES, params![fund_id], |row| {
        Ok(LegacyCompany {
            id: CompanyId(row.integer(0)?),
            name: row.text(1)?,
            sector: row.optional_text(2)?,
            investments: Vec::new(),
            latest_valuation: None,
            realised_cents: 0,
        })
    })?;
    for row in tx.rows(INVESTMENTS, params![fund_id])? {
        let Some(company) = find(&mut companies, row.integer(0)?) else { continue };
        let investment = LegacyInvestment { amount_cents: row.integer(1)?, ownership: row.optional_text(2)? };
        company.investments.push(investment);
        let (valuation, date) = (row.optional_integer(3)?, row.date(4)?);
        // Rows come by id, so of two on one day the later one wins.
        if let Some(valuation) = valuation
            && company.latest_valuation.is_none_or(|(_, latest)| date >= latest)
        {
            company.latest_valuation = Some((valuation, date));
        }
    }
    for row in tx.rows(CASH, params![fund_id])? {
        if let Some(company) = find(&mut companies, row.integer(0)?) {
            company.realised_cents = company.realised_cents.saturating_add(i128::from(row.integer(1)?));
        }
    }
    Ok(LegacyFund { id: fund_id, currency: fund.currency, revision: fund.revision, companies })
}

fn find(companies: &mut [LegacyCompany], id: i64) -> Option<&mut LegacyCompany> {
    let at = companies.binary_search_by_key(&id, |company| company.id.0).ok()?;
    companies.get_mut(at)
}
