//! The minimum valuation at which selling a part today is as good as holding it to the exit (moic.md §7).
//!
//! Source: the minimum partial-sale valuation of venture-fund planning tools. Selling the fraction f of a stake at a
//! valuation V brings f·o·V, o being the ownership today; holding it brings f·Σ π·X/(1+irr)^t. The two are equal at
//! V = Σ π·X/(1+irr)^t / o, in which f does not appear.

use std::collections::BTreeMap;

use jiff::civil::Date;
use num_bigint::BigInt;
use num_rational::BigRational;

use super::cash_flow::days_between;
use super::fixed::Fixed;
use super::rate::Rate;
use crate::document::Portfolio;
use crate::document::case::ExitCase;
use crate::document::company::Company;
use crate::document::labels::LotIndex;
use crate::exact::Exact;
use crate::quantity::{Cents, Ratio};
use crate::replay::State;
use crate::valuation;

/// Most years from today to an exit.
pub const YEARS_TO_EXIT_MAX: i64 = 200;

/// When an exit is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitTime {
    /// On this day; the time until then is its days over 365.
    On(Date),
    /// So many years after the date of the portfolio, at most [`YEARS_TO_EXIT_MAX`].
    InYears(Ratio),
}

/// What a valuation of a partial sale is asked for. The portfolio document does not say when an exit case happens, so the
/// times are given here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialSale {
    /// The company's id in the portfolio.
    pub company: String,
    /// The yearly return that holding on has to bring.
    pub irr: Rate,
    /// The fund's part of the company today, above 0 and at most 1.
    pub ownership: Ratio,
    /// When the exit is expected in the cases that `times_by_case` does not name.
    pub time: Option<ExitTime>,
    /// When the exit is expected in single cases, by the case's id.
    pub times_by_case: BTreeMap<String, ExitTime>,
}

/// Why a partial sale has no valuation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartialSaleError {
    /// The company is not in the portfolio.
    #[error("there is no company {0} in this portfolio")]
    UnknownCompany(String),
    /// Ownership of nothing or of more than everything.
    #[error("the ownership must be above 0 and at most 1")]
    OwnershipOutOfRange,
    /// A time names a case that the company does not have.
    #[error("the company has no exit case {0}")]
    UnknownCase(String),
    /// The company has no exit cases.
    #[error("the company has no exit cases: enter at least one")]
    NoExitCase,
    /// The company has no lots by the date of the portfolio.
    #[error("the fund has no lots of the company on this date")]
    NoLots,
    /// No time was given for a case.
    #[error("say when the exit of the case {0} is expected")]
    NoTime(String),
    /// An exit before the date of the portfolio.
    #[error("the exit of the case {case} on {date} lies before the date of the portfolio")]
    ExitInThePast {
        /// The case.
        case: String,
        /// The day it was given.
        date: Date,
    },
    /// A negative number of years.
    #[error("the years to the exit of the case {0} must not be negative")]
    NegativeYears(String),
    /// An exit too far away.
    #[error("the exit of the case {0} is more than {YEARS_TO_EXIT_MAX} years away")]
    ExitTooFar(String),
    /// A case has no price or proceeds for a held lot.
    #[error("the exit case {case} has no price or proceeds for the lots {}", .lots.join(", "))]
    ExitUnpriced {
        /// The case.
        case: String,
        /// The lots.
        lots: Vec<String>,
    },
}

/// One exit case's part of the valuation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialSaleCase {
    /// The case's id.
    pub id: String,
    /// π.
    pub probability: Ratio,
    /// X: exact cents for what is held, receivables included, planned reserves not.
    pub proceeds: Cents,
    /// t: years to the exit.
    pub years: Ratio,
    /// X/(1+irr)^t in cents, known to more than 60 digits.
    pub present_value: Cents,
}

/// The valuation and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialSaleValuation {
    /// The exit cases, in document order.
    pub cases: Vec<PartialSaleCase>,
    /// E[X] = Σ π·X: exact cents.
    pub expected_proceeds: Cents,
    /// Σ π·X/(1+irr)^t in cents.
    pub present_value: Cents,
    /// The present value over the ownership: cents for the whole company. A sale below it is worse than holding.
    pub valuation: Cents,
}

impl Portfolio {
    /// The least valuation of the whole company at which selling any part of the fund's stake today is as good as holding
    /// it to the expected exits at the asked return. In cents, gross, as of the portfolio's date.
    ///
    /// # Errors
    /// [`PartialSaleError`], the first that applies.
    pub fn partial_sale(&self, asked: &PartialSale) -> Result<PartialSaleValuation, PartialSaleError> {
        let company = self.companies.iter().find(|company| *company.id == *asked.company);
        let company = company.ok_or_else(|| PartialSaleError::UnknownCompany(asked.company.clone()))?;
        if asked.ownership <= Ratio::ZERO || asked.ownership > Ratio::ONE {
            return Err(PartialSaleError::OwnershipOutOfRange);
        }
        if let Some(unknown) = asked.times_by_case.keys().find(|id| company.cases.iter().all(|case| *case.id != ***id))
        {
            return Err(PartialSaleError::UnknownCase(unknown.clone()));
        }
        if company.cases.is_empty() {
            return Err(PartialSaleError::NoExitCase);
        }
        let mut state = State::default();
        state.replay(company, &self.policy, self.as_of);
        if !state.positions.iter().any(|position| position.acquired) {
            return Err(PartialSaleError::NoLots);
        }
        let case = |case| self.partial_sale_in(company, &state, case, asked);
        let cases = company.cases.iter().map(case).collect::<Result<Vec<_>, _>>()?;
        let expected = |amount: fn(&PartialSaleCase) -> &Cents| {
            cases.iter().fold(Cents::ZERO, |sum, case| sum.plus(&amount(case).scaled(&case.probability))).reduced()
        };
        let present_value = expected(|case| &case.present_value);
        // The ownership is above zero.
        let valuation = present_value.0.over(&asked.ownership.0).map_or(Cents::ZERO, Cents);
        Ok(PartialSaleValuation { expected_proceeds: expected(|case| &case.proceeds), present_value, valuation, cases })
    }

    fn partial_sale_in(
        &self,
        company: &Company,
        state: &State,
        case: &ExitCase,
        asked: &PartialSale,
    ) -> Result<PartialSaleCase, PartialSaleError> {
        let years = self.years_to(case, asked)?;
        let proceeds = proceeds_in(company, state, case)?;
        Ok(PartialSaleCase {
            id: case.id.to_string(),
            probability: case.probability.clone(),
            present_value: discounted(&proceeds, &asked.irr, &years),
            proceeds,
            years,
        })
    }

    fn years_to(&self, case: &ExitCase, asked: &PartialSale) -> Result<Ratio, PartialSaleError> {
        let time = asked.times_by_case.get(&*case.id).or(asked.time.as_ref());
        let years = match time.ok_or_else(|| PartialSaleError::NoTime(case.id.to_string()))? {
            ExitTime::InYears(years) => years.clone(),
            ExitTime::On(date) if *date < self.as_of => {
                return Err(PartialSaleError::ExitInThePast { case: case.id.to_string(), date: *date });
            }
            ExitTime::On(date) => {
                let days = Exact::integer(days_between(self.as_of, *date).into());
                days.over(&Exact::integer(DAYS_PER_YEAR)).map_or(Ratio::ZERO, Ratio)
            }
        };
        if years.0.is_negative() {
            return Err(PartialSaleError::NegativeYears(case.id.to_string()));
        }
        if years.0 > Exact::integer(YEARS_TO_EXIT_MAX.into()) {
            return Err(PartialSaleError::ExitTooFar(case.id.to_string()));
        }
        Ok(years)
    }
}

/// Days of a year, as in the rates of return.
const DAYS_PER_YEAR: i128 = 365;

/// X of all lots in one case.
fn proceeds_in(company: &Company, state: &State, case: &ExitCase) -> Result<Cents, PartialSaleError> {
    let (mut sum, mut unpriced) = (Cents::ZERO, Vec::new());
    for (index, position) in state.positions.iter().enumerate().filter(|(_, position)| position.acquired) {
        let lot = LotIndex::at(index);
        match valuation::at_exit_in(position, lot, case) {
            Some(proceeds) => sum = sum.plus(&proceeds),
            None => unpriced.push(company.lot_id(lot).to_owned()),
        }
    }
    if unpriced.is_empty() {
        return Ok(sum.reduced());
    }
    Err(PartialSaleError::ExitUnpriced { case: case.id.to_string(), lots: unpriced })
}

/// `amount`/(1+irr)^years.
fn discounted(amount: &Cents, irr: &Rate, years: &Ratio) -> Cents {
    let growth = irr.growth().to_wide();
    let one = BigRational::from_integer(BigInt::from(1));
    // Powers are taken of numbers from 1 up: what shrinks is multiplied with the inverse instead.
    let is_loss = growth < one;
    let base = if is_loss { growth.recip() } else { growth };
    let power = Fixed::of(&base).to_power(&years.0.to_wide()).to_exact();
    let value = if is_loss { Some(amount.0.times(&power)) } else { amount.0.over(&power) };
    // A power of at least one is never zero.
    value.map_or(Cents::ZERO, |value| Cents(value.reduced()))
}
