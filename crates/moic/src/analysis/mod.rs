//! Around the lenses (moic.md §7): rates of return, the fund table and what legacy figures differ by, the valuation of a
//! partial sale.
//!
//! Everything here starts from the same replay as the lenses, done once by [`Portfolio::analyse`]; the lenses themselves
//! need none of it. All figures are gross of fund fees and carry.

mod cash_flow;
mod fixed;
mod fund_table;
mod legacy_difference;
mod partial_sale;
mod rate;
mod signed;
mod standing;
mod xirr;

use jiff::civil::Date;
use rayon::prelude::*;

pub use self::cash_flow::{CashFlow, Direction};
pub use self::fund_table::{FundTable, FundTableRow};
pub use self::legacy_difference::{
    DifferenceCause, DifferencePart, LegacyDifference, LegacyPosition, LegacyReason, LegacyStanding,
};
pub use self::partial_sale::{
    ExitTime, PartialSale, PartialSaleCase, PartialSaleError, PartialSaleValuation, YEARS_TO_EXIT_MAX,
};
pub use self::rate::{Rate, RateError};
pub use self::signed::{CentsDifference, MultipleDifference};
pub use self::standing::Standing;
pub use self::xirr::{InternalRate, NoRate, xirr};
use crate::document::company::Company;
use crate::document::{COMPANIES_PER_TASK_MIN, Portfolio};
use crate::replay::State;

/// The positions of a portfolio as of its date, with their payments.
#[derive(Debug)]
pub struct Analysis<'p> {
    as_of: Date,
    companies: Vec<CompanyAnalysis<'p>>,
    fund: Standing,
}

/// One company's position with its payments.
#[derive(Debug)]
pub struct CompanyAnalysis<'p> {
    company: &'p Company,
    as_of: Date,
    standing: Standing,
    cash_flows: Vec<CashFlow>,
}

impl Portfolio {
    /// Replays every company to the date of the portfolio.
    #[must_use]
    pub fn analyse(&self) -> Analysis<'_> {
        let companies: Vec<CompanyAnalysis<'_>> = self
            .companies
            .par_iter()
            .with_min_len(COMPANIES_PER_TASK_MIN)
            .map_init(State::default, |state, company| {
                state.replay(company, &self.policy, self.as_of);
                CompanyAnalysis {
                    company,
                    as_of: self.as_of,
                    standing: Standing::of(company, state, &self.policy),
                    cash_flows: cash_flow::until(company, self.as_of),
                }
            })
            .collect();
        let mut fund = Standing::default();
        companies.iter().for_each(|company| fund.add(&company.standing));
        Analysis { as_of: self.as_of, companies, fund }
    }
}

impl<'p> Analysis<'p> {
    /// The companies, in document order.
    #[must_use]
    pub fn companies(&self) -> &[CompanyAnalysis<'p>] {
        &self.companies
    }

    /// The sums of all companies.
    #[must_use]
    pub fn fund(&self) -> &Standing {
        &self.fund
    }

    /// The yearly rate of return of all companies' payments together, the value of what is held counted as received on
    /// the date of the portfolio. Gross.
    ///
    /// # Errors
    /// [`NoRate`] with the reason; [`NoRate::Unpriced`] as soon as one company is.
    pub fn xirr(&self) -> Result<InternalRate, NoRate> {
        let mut flows: Vec<CashFlow> = self.companies.iter().flat_map(|company| &company.cash_flows).cloned().collect();
        flows.push(self.fund.as_received(self.as_of)?);
        xirr(&flows)
    }

    /// The rates of return of every company in document order, as [`CompanyAnalysis::xirr`] gives them, on all cores.
    #[must_use]
    pub fn company_rates(&self) -> Vec<Result<InternalRate, NoRate>> {
        self.companies.par_iter().map(CompanyAnalysis::xirr).collect()
    }
}

impl CompanyAnalysis<'_> {
    /// The company's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.company.id
    }

    /// The company's name; its id where it has none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.company.title()
    }

    /// What was invested, what came back, and what is held.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// What was paid and received up to the date of the portfolio, without the value of what is held: purchases first,
    /// then events, each in document order.
    #[must_use]
    pub fn cash_flows(&self) -> &[CashFlow] {
        &self.cash_flows
    }

    /// The yearly rate of return of the company's payments, the value of what is held counted as received on the date of
    /// the portfolio. Gross.
    ///
    /// # Errors
    /// [`NoRate`] with the reason.
    pub fn xirr(&self) -> Result<InternalRate, NoRate> {
        let mut flows = self.cash_flows.clone();
        flows.push(self.standing.as_received(self.as_of)?);
        xirr(&flows)
    }
}
