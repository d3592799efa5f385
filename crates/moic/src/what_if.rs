//! "What if": planned reserves and exits other than planned. A changed portfolio is evaluated like any other; the facts
//! it was made from stay as they are.

use std::collections::BTreeMap;

use crate::canonical;
use crate::document::Portfolio;
use crate::document::case::{ExitCase, Outlook, Reserve};
use crate::quantity::{Cents, QuantityError, Ratio};

/// Most changes of one question.
pub const PLAN_CHANGES_MAX: usize = 1_000;
/// Largest factor accepted.
pub const FACTOR_MAX: i64 = 1_000;

/// How a company's plan, or one planned reserve of it, is to be other than planned, in every exit case. What is left out
/// stays as planned; what is said of a reserve counts instead of what is said of its company.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanChange {
    /// Id of the company.
    pub company_id: String,
    /// Id of the planned reserve; none for all of the company's.
    pub reserve_id: Option<String>,
    /// Other amounts.
    pub amount: Option<PlannedAmount>,
    /// What exit prices and given proceeds are multiplied by. Of a company only: its reserves share its prices.
    pub exit_price_factor: Option<Ratio>,
    /// The probability that the reserve is deployed.
    pub deploy_probability: Option<Ratio>,
}

/// Another amount of a planned reserve. Where its exit proceeds are given, they follow in proportion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlannedAmount {
    /// The planned amount times this.
    Factor(Ratio),
    /// This instead of the planned amount.
    Cents(Cents),
}

/// A change of what is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownTarget {
    /// No such company.
    #[error("the portfolio has no company {id}")]
    Company {
        /// Position of the change.
        change: usize,
        /// The id it names.
        id: String,
    },
    /// The company has no such planned reserve.
    #[error("no exit case of company {company_id} plans a reserve {id}")]
    Reserve {
        /// Position of the change.
        change: usize,
        /// The company.
        company_id: String,
        /// The id it names.
        id: String,
    },
}

/// Reads a factor: a decimal or an exact fraction from 0 to [`FACTOR_MAX`].
///
/// # Errors
/// [`QuantityError`] for anything else.
pub fn parse_factor(text: &str) -> Result<Ratio, QuantityError> {
    let factor = Ratio::parse(text)?;
    match Ratio::of(FACTOR_MAX, 1) {
        Some(largest) if factor > largest => Err(QuantityError::TooLarge(FACTOR_MAX.into())),
        _ => Ok(factor),
    }
}

/// What is said of one company.
#[derive(Default)]
struct CompanyPlan<'c> {
    whole: Option<&'c PlanChange>,
    reserves: BTreeMap<&'c str, &'c PlanChange>,
}

impl Portfolio {
    /// The same portfolio with another plan. Of several changes of one company or reserve the last one counts.
    ///
    /// # Errors
    /// Every change of what is not there.
    pub fn with_plan(mut self, changes: &[PlanChange]) -> Result<Self, Vec<UnknownTarget>> {
        let unknown = self.unknown_targets(changes);
        if !unknown.is_empty() {
            return Err(unknown);
        }
        let mut plans: BTreeMap<&str, CompanyPlan<'_>> = BTreeMap::new();
        for change in changes {
            let plan = plans.entry(change.company_id.as_str()).or_default();
            match &change.reserve_id {
                None => plan.whole = Some(change),
                Some(reserve) => {
                    plan.reserves.insert(reserve, change);
                }
            }
        }
        for (company, digest) in self.companies.iter_mut().zip(&mut self.digests) {
            let Some(plan) = plans.get(&*company.id) else { continue };
            company.cases.iter_mut().for_each(|case| plan.apply(case));
            company.outlook = Outlook::over(&company.cases, company.classes.len());
            *digest = canonical::company_digest(company);
        }
        Ok(self)
    }

    fn unknown_targets(&self, changes: &[PlanChange]) -> Vec<UnknownTarget> {
        let companies: BTreeMap<&str, &[ExitCase]> =
            self.companies.iter().map(|company| (&*company.id, company.cases.as_slice())).collect();
        let unknown = changes.iter().enumerate().filter_map(|(change, PlanChange { company_id, reserve_id, .. })| {
            let Some(cases) = companies.get(company_id.as_str()) else {
                return Some(UnknownTarget::Company { change, id: company_id.clone() });
            };
            let id = reserve_id.as_ref()?;
            let is_planned = cases.iter().flat_map(|case| &case.reserves).any(|reserve| *reserve.id == **id);
            let missing = || UnknownTarget::Reserve { change, company_id: company_id.clone(), id: id.clone() };
            (!is_planned).then(missing)
        });
        unknown.collect()
    }
}

impl CompanyPlan<'_> {
    fn apply(&self, case: &mut ExitCase) {
        if let Some(factor) = self.whole.and_then(|change| change.exit_price_factor.as_ref()) {
            for (_, price) in &mut case.prices {
                *price = price.scaled(factor).reduced();
            }
            for (_, proceeds) in &mut case.lot_proceeds {
                *proceeds = proceeds.scaled(factor).reduced();
            }
            for proceeds in case.reserves.iter_mut().filter_map(|reserve| reserve.exit_proceeds.as_mut()) {
                *proceeds = proceeds.scaled(factor).reduced();
            }
        }
        for reserve in &mut case.reserves {
            let own = self.reserves.get(&*reserve.id).copied();
            let said = || own.into_iter().chain(self.whole);
            if let Some(amount) = said().find_map(|change| change.amount.as_ref()) {
                reserve.replan(amount);
            }
            if let Some(probability) = said().find_map(|change| change.deploy_probability.as_ref()) {
                reserve.deploy_probability = probability.clone();
            }
        }
    }
}

impl Reserve {
    fn replan(&mut self, amount: &PlannedAmount) {
        let (amount, factor) = match amount {
            PlannedAmount::Factor(factor) => (self.amount.scaled(factor).reduced(), Some(factor.clone())),
            // Nothing says what proceeds of nothing would be in proportion to.
            PlannedAmount::Cents(cents) => (cents.clone(), cents.share_of(&self.amount)),
        };
        self.amount = amount;
        if let (Some(proceeds), Some(factor)) = (self.exit_proceeds.as_mut(), factor) {
            *proceeds = proceeds.scaled(&factor).reduced();
        }
    }
}
