//! Legacy investments into lots: what each would become, or why it cannot, and what that changes.
//!
//! A legacy investment says what was paid, which ownership it bought and at which post-money valuation, and not how many
//! shares. With the number of fully diluted shares right after the round, which somebody has to give or confirm, the terms
//! follow: price = post-money valuation / fully diluted shares, shares = amount / price, cost = amount. Nothing is assumed
//! in its place: an investment without a confirmed count is not migrated.
//!
//! [`plan`] only computes. The same input gives the same plan, in whatever order the investments come.

mod comparison;
mod derivation;
mod mark;
mod obstacle;
mod review;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

pub use self::comparison::{CompanyComparison, ComparisonGap, MigrationCause, MigrationComparison, MigrationPart};
pub use self::derivation::{DerivedLot, PricingConfidence};
pub use self::mark::AssumedMark;
pub use self::obstacle::Obstacle;
pub use self::review::{Review, ReviewCause};
use crate::quantity::{Price, Ratio, Shares};

/// A legacy investment as it is stored: one cheque in one round, unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyInvestment {
    /// Its id.
    pub id: i64,
    /// The company it is in.
    pub company_id: i64,
    /// The name of the round.
    pub round: String,
    /// The day of the investment.
    pub date: Date,
    /// What was paid, in cents.
    pub amount_cents: i64,
    /// The ownership it bought, a decimal or a fraction.
    pub ownership: Option<String>,
    /// The post-money valuation of the round, in cents.
    pub post_money_cents: Option<i64>,
}

/// Terms of one investment that somebody knows better than they can be derived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenTerms {
    /// Shares acquired.
    pub shares: Option<Shares>,
    /// Price per share in cents.
    pub price: Option<Price>,
}

/// What the plan is made with, beside the investments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationOptions {
    /// Fully diluted shares right after the round, by investment: given or confirmed by somebody.
    pub fully_diluted_by_investment: BTreeMap<i64, Shares>,
    /// Fully diluted shares by company, each in force from its date on, for investments without a count of their own:
    /// given or confirmed by somebody.
    pub fully_diluted_by_company: BTreeMap<i64, BTreeMap<Date, Shares>>,
    /// Terms that are known, by investment.
    pub given_terms: BTreeMap<i64, GivenTerms>,
    /// Share class by round name; otherwise the class is called like the round.
    pub share_class_by_round: BTreeMap<String, String>,
    /// Amount in cents above which an investment is listed for review.
    pub review_above_cents: Option<i64>,
    /// By which part of itself an amount may differ from ownership × post-money valuation and still agree with it.
    pub tolerance: Ratio,
    /// Distributions and proceeds of sales recorded so far, in cents, by company.
    pub realised_cents: BTreeMap<i64, u64>,
}

impl Default for MigrationOptions {
    /// No counts and no terms; a tolerance of 1 %, which rounded ownership percentages keep within.
    fn default() -> Self {
        Self {
            fully_diluted_by_investment: BTreeMap::new(),
            fully_diluted_by_company: BTreeMap::new(),
            given_terms: BTreeMap::new(),
            share_class_by_round: BTreeMap::new(),
            review_above_cents: None,
            tolerance: Ratio::of(1, 100).unwrap_or(Ratio::ZERO),
            realised_cents: BTreeMap::new(),
        }
    }
}

/// What becomes of one investment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedInvestment {
    /// Its id.
    pub id: i64,
    /// The company it is in.
    pub company_id: i64,
    /// The lot, or why there is none and what to do about it.
    pub outcome: Result<DerivedLot, Obstacle>,
    /// What somebody should look at before the plan is carried out.
    pub review: Vec<Review>,
}

/// A migration that has not been carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationPlan {
    /// Every investment, by company, date, id.
    pub investments: Vec<PlannedInvestment>,
    /// The marks that the migration assumes, by company and share class.
    pub marks: Vec<AssumedMark>,
    /// Legacy beside lot-level MOIC by company, by id.
    pub companies: Vec<CompanyComparison>,
    /// The same for the fund: sums over sums.
    pub fund: MigrationComparison,
}

impl MigrationPlan {
    /// The investments that somebody should look at.
    pub fn for_review(&self) -> impl Iterator<Item = &PlannedInvestment> {
        self.investments.iter().filter(|investment| !investment.review.is_empty())
    }

    /// The investments that cannot be migrated.
    pub fn not_migrated(&self) -> impl Iterator<Item = (&PlannedInvestment, &Obstacle)> {
        self.investments.iter().filter_map(|planned| planned.outcome.as_ref().err().map(|obstacle| (planned, obstacle)))
    }
}

/// Plans the migration of `investments` into lots.
#[must_use]
pub fn plan(investments: &[LegacyInvestment], options: &MigrationOptions) -> MigrationPlan {
    let mut by_company: BTreeMap<i64, Vec<&LegacyInvestment>> = BTreeMap::new();
    for investment in investments {
        by_company.entry(investment.company_id).or_default().push(investment);
    }
    let mut ids = BTreeSet::new();
    let mut plan = MigrationPlan {
        investments: Vec::with_capacity(investments.len()),
        marks: Vec::new(),
        companies: Vec::with_capacity(by_company.len()),
        fund: MigrationComparison::NotComparable(ComparisonGap::NoLots),
    };
    let mut sums = comparison::FundSums::default();
    for (company_id, mut members) in by_company {
        members.sort_by(|one, other| in_order(one).cmp(&in_order(other)));
        let planned = planned_company(&members, options, &mut ids);
        let assumed = mark::assumed(&members, &planned, options);
        plan.marks.extend(mark::of_classes(company_id, assumed.as_ref(), &planned));
        let realised = options.realised_cents.get(&company_id).copied().unwrap_or(0);
        let compared = comparison::compare(&members, &planned, assumed.as_ref(), realised);
        plan.companies.push(CompanyComparison { company_id, comparison: compared.comparison() });
        sums.add(compared);
        plan.investments.extend(planned);
    }
    if !plan.companies.is_empty() {
        plan.fund = sums.comparison();
    }
    plan
}

/// The order of a plan; the fields behind the id only tell investments apart that were given the same one.
fn in_order(investment: &LegacyInvestment) -> (Date, i64, i64, Option<i64>, &Option<String>, &str) {
    let LegacyInvestment { id, date, amount_cents, post_money_cents, ownership, round, .. } = investment;
    (*date, *id, *amount_cents, *post_money_cents, ownership, round)
}

fn planned_company(
    members: &[&LegacyInvestment],
    options: &MigrationOptions,
    ids: &mut BTreeSet<i64>,
) -> Vec<PlannedInvestment> {
    // What cost nothing was no purchase, so it does not make later ones follow-ons.
    let first_purchase = members.iter().filter(|member| member.amount_cents > 0).map(|member| member.date).min();
    let outcomes: Vec<Result<DerivedLot, Obstacle>> = members
        .iter()
        .map(|member| match ids.insert(member.id) {
            true => derivation::derive(member, first_purchase, options),
            false => Err(Obstacle::IdUsedTwice),
        })
        .collect();
    let dates_of_counts = review::dates_of_counts(members, &outcomes, options);
    members
        .iter()
        .zip(outcomes)
        .map(|(member, outcome)| PlannedInvestment {
            id: member.id,
            company_id: member.company_id,
            review: review::of(member, &outcome, options, &dates_of_counts),
            outcome,
        })
        .collect()
}

/// The confirmed number of fully diluted shares of an investment's round, and from which date on the company's count is
/// in force where the investment has none of its own.
fn fully_diluted<'o>(
    investment: &LegacyInvestment,
    options: &'o MigrationOptions,
) -> Option<(&'o Shares, Option<Date>)> {
    if let Some(own) = options.fully_diluted_by_investment.get(&investment.id) {
        return Some((own, None));
    }
    let counts = options.fully_diluted_by_company.get(&investment.company_id)?;
    counts.range(..=investment.date).next_back().map(|(from, shares)| (shares, Some(*from)))
}

/// The ownership of an investment as a number; `None` where it is missing or no number.
fn ownership_of(investment: &LegacyInvestment) -> Option<Ratio> {
    investment.ownership.as_deref().and_then(|text| Ratio::parse(text).ok())
}
