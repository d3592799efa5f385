//! The terms of the lot that an investment becomes.

use jiff::civil::Date;

use super::{GivenTerms, LegacyInvestment, MigrationOptions, Obstacle, fully_diluted, ownership_of};
use crate::document::{IDENTIFIER_LENGTH_MAX, LotType};
use crate::lot_terms::{self, LotTerms, PriceDifference, PriceVerdict};
use crate::quantity::{Cents, Price, Ratio, Shares, WHOLE_MAX, price_of, shares_for};

/// Class of a lot whose round has no name.
const CLASS_OF_UNNAMED_ROUND: &str = "COMMON";

/// How well a price is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PricingConfidence {
    /// Derived from the post-money valuation and the fully diluted shares.
    Calculated,
    /// Derived, and ownership × post-money valuation agrees with the amount, and ownership × fully diluted shares with the
    /// shares.
    Verified,
    /// Shares or price were given.
    Manual,
}

impl PricingConfidence {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calculated => "calculated",
            Self::Verified => "verified",
            Self::Manual => "manual",
        }
    }
}

/// The lot that an investment becomes: equity, with terms that a portfolio document accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DerivedLot {
    /// Initial on the first day the fund paid for the company, follow-on afterwards.
    pub lot_type: LotType,
    /// The share class.
    pub share_class: String,
    /// The day of the investment.
    pub purchase_date: Date,
    /// Shares acquired, to 8 decimals.
    pub shares: Shares,
    /// Price per share in cents, to 8 decimals unless it was given as a fraction.
    pub price: Price,
    /// Price per share in cents before rounding.
    pub exact_price: Price,
    /// The amount of the investment, in cents.
    pub cost: Cents,
    /// How well the price is known.
    pub confidence: PricingConfidence,
}

/// Derives the lot of `investment`. `first_purchase` is the first day the fund paid for the company.
pub(super) fn derive(
    investment: &LegacyInvestment,
    first_purchase: Option<Date>,
    options: &MigrationOptions,
) -> Result<DerivedLot, Obstacle> {
    let cost = match u64::try_from(investment.amount_cents) {
        Err(_) => return Err(Obstacle::NegativeAmount),
        Ok(0) => return Err(Obstacle::ZeroAmount),
        Ok(cents) => Cents::from(cents),
    };
    let given = options.given_terms.get(&investment.id).filter(|given| given.shares.is_some() || given.price.is_some());
    let (terms, exact_price, confidence) = match given {
        Some(given) => {
            let terms = completed(given, &cost)?;
            let exact = given.price.clone().or_else(|| price_of(&cost, &terms.shares));
            let exact = exact.unwrap_or_else(|| terms.price.clone());
            (terms, exact, PricingConfidence::Manual)
        }
        None => calculated(investment, cost, options)?,
    };
    Ok(DerivedLot {
        lot_type: if Some(investment.date) == first_purchase { LotType::Initial } else { LotType::FollowOn },
        share_class: share_class(&investment.round, options),
        purchase_date: investment.date,
        shares: terms.shares,
        price: terms.price,
        exact_price,
        cost: terms.cost,
        confidence,
    })
}

/// What was given, completed by the amount.
fn completed(given: &GivenTerms, cost: &Cents) -> Result<LotTerms, Obstacle> {
    let shares = given.shares.as_ref().map(Shares::to_string);
    let price = given.price.as_ref().map(Price::to_string);
    let terms = lot_terms::complete(shares.as_deref(), price.as_deref(), Some(&cost.to_string()));
    let terms = terms.map_err(|problems| {
        let message =
            problems.first().map_or_else(String::new, |problem| format!("{} {}", problem.path, problem.message));
        Obstacle::TermsContradict(message)
    })?;
    within_limits(&terms, &terms.shares)?;
    Ok(terms)
}

/// price = post-money valuation / fully diluted shares; shares = amount / price.
fn calculated(
    investment: &LegacyInvestment,
    cost: Cents,
    options: &MigrationOptions,
) -> Result<(LotTerms, Price, PricingConfidence), Obstacle> {
    let valuation = valuation(investment, &cost)?;
    let (count, _) = fully_diluted(investment, options).ok_or(Obstacle::NoShareCount)?;
    let exact_price = price_of(&valuation, count).ok_or(Obstacle::ZeroShareCount)?;
    if cost > valuation {
        return Err(Obstacle::AmountAboveValuation);
    }
    // The valuation is above zero, and so is the price.
    let shares = shares_for(&cost, &exact_price).ok_or(Obstacle::ValuationNotPositive)?.rounded_to_decimals();
    let terms = LotTerms { shares, price: exact_price.rounded_to_decimals(), cost };
    within_limits(&terms, count)?;
    agreeing(&terms)?;
    let is_verified = ownership_of(investment).is_some_and(|ownership| {
        ownership <= Ratio::ONE
            && agrees_with_amount(&ownership, &valuation, &terms.cost, &options.tolerance)
            && agrees_with_shares(&ownership, count, &terms.shares, &options.tolerance)
    });
    let confidence = if is_verified { PricingConfidence::Verified } else { PricingConfidence::Calculated };
    Ok((terms, exact_price, confidence))
}

fn valuation(investment: &LegacyInvestment, cost: &Cents) -> Result<Cents, Obstacle> {
    match investment.post_money_cents.map(u64::try_from) {
        None => Err(Obstacle::NoValuation(implied_valuation(investment, cost))),
        Some(Err(_) | Ok(0)) => Err(Obstacle::ValuationNotPositive),
        Some(Ok(cents)) => Ok(Cents::from(cents)),
    }
}

/// amount / ownership in whole cents: a hint, never used.
fn implied_valuation(investment: &LegacyInvestment, cost: &Cents) -> Option<Cents> {
    let ownership = ownership_of(investment).filter(|ownership| *ownership <= Ratio::ONE)?;
    cost.0.over(&ownership.0).map(|valuation| Cents(valuation).rounded_to_cents())
}

fn within_limits(terms: &LotTerms, count: &Shares) -> Result<(), Obstacle> {
    let most = WHOLE_MAX.to_string();
    let is_above = |shares: bool, price: bool| if shares { Some("number of shares") } else { price.then_some("price") };
    let (shares_max, price_max) = (Shares::parse(&most), Price::parse(&most));
    let (too_many, too_dear) =
        (shares_max.is_ok_and(|most| terms.shares > most), price_max.is_ok_and(|most| terms.price > most));
    if let Some(which) = is_above(too_many, too_dear) {
        return Err(Obstacle::TooLarge(which));
    }
    match is_above(terms.shares.is_zero(), terms.price.is_zero()) {
        Some(which) => Err(Obstacle::TooSmall(which, count.clone())),
        None => Ok(()),
    }
}

/// Decimals that do not suffice: a document would refuse the lot.
fn agreeing(terms: &LotTerms) -> Result<(), Obstacle> {
    let difference = rounding(terms);
    match difference.verdict {
        PriceVerdict::Contradicts => Err(Obstacle::TermsContradict(difference.described)),
        PriceVerdict::Explained | PriceVerdict::Notable => Ok(()),
    }
}

/// How far shares × price is from the cost.
fn rounding(terms: &LotTerms) -> PriceDifference {
    let half_unit = Price::half_unit_of(&terms.price.to_string());
    PriceDifference::of(&terms.shares, &terms.price, &half_unit, &terms.cost)
}

fn share_class(round: &str, options: &MigrationOptions) -> String {
    let round = round.trim();
    let named = options.share_class_by_round.get(round).map_or(round, |class| class.trim());
    let class: String = named.chars().take(IDENTIFIER_LENGTH_MAX).collect();
    if class.is_empty() { CLASS_OF_UNNAMED_ROUND.to_owned() } else { class }
}

/// Whether ownership × post-money valuation is the amount, within the tolerance.
pub(super) fn agrees_with_amount(ownership: &Ratio, valuation: &Cents, amount: &Cents, tolerance: &Ratio) -> bool {
    let bought = valuation.scaled(ownership);
    let difference = if bought > *amount { bought.minus(amount) } else { amount.minus(&bought) };
    difference <= amount.scaled(tolerance)
}

/// Whether ownership × fully diluted shares are the shares, within the tolerance.
pub(super) fn agrees_with_shares(ownership: &Ratio, count: &Shares, shares: &Shares, tolerance: &Ratio) -> bool {
    let bought = count.scaled(ownership);
    let difference = if bought > *shares { bought.minus(shares) } else { shares.minus(&bought) };
    difference <= shares.scaled(tolerance)
}
