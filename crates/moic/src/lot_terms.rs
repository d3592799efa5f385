//! Shares, price and cost of a purchase: any two give the third.

use crate::json::ABSENT;
use crate::problem::Problem;
use crate::quantity::{CENTS_MAX, Cents, Price, QuantityError, Ratio, Shares, price_of, shares_for};

/// The terms of one purchase, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotTerms {
    /// Shares acquired.
    pub shares: Shares,
    /// Price per share in cents.
    pub price: Price,
    /// Cost in whole cents.
    pub cost: Cents,
}

/// Completes the terms of a purchase from the texts of `sharesAcquired`, `sharePriceCents` and `costBasisCents`.
///
/// A missing cost is shares × price rounded half-even to whole cents; missing shares and a missing price are rounded
/// half-even to 8 decimals. When all three are given, a difference of at most 1 % of the cost is accepted, as in a
/// portfolio document (moic.md §6).
///
/// # Errors
/// A [`Problem`] for each text that is not a quantity; one for each missing field when fewer than two are given; all
/// three when they contradict each other.
pub fn complete(shares: Option<&str>, price: Option<&str>, cost: Option<&str>) -> Result<LotTerms, Vec<Problem>> {
    let mut problems = Vec::new();
    let parsed_shares = parse(SHARES, shares, Shares::parse, &mut problems);
    let parsed_price = parse(PRICE, price, Price::parse, &mut problems);
    let parsed_cost = parse(COST, cost, Cents::parse, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let written = [(SHARES, shares), (PRICE, price), (COST, cost)];
    match (parsed_shares, parsed_price, parsed_cost) {
        (Some(shares), Some(price), Some(cost)) => {
            let half_unit = Price::half_unit_of(written[1].1.unwrap_or(""));
            let difference = PriceDifference::of(&shares, &price, &half_unit, &cost);
            match difference.verdict {
                PriceVerdict::Contradicts => Err(on_each(written, &difference.described)),
                PriceVerdict::Explained | PriceVerdict::Notable => Ok(LotTerms { shares, price, cost }),
            }
        }
        (Some(shares), Some(price), None) => {
            let cost = shares.at(&price).rounded_to_cents();
            if cost > Cents::whole(CENTS_MAX) {
                return Err(vec![Problem::new(COST, cost.to_string(), "shares × price is more than an amount may be")]);
            }
            Ok(LotTerms { shares, price, cost })
        }
        (Some(shares), None, Some(cost)) => match price_of(&cost, &shares) {
            Some(price) => Ok(LotTerms { shares, price: price.rounded_to_decimals(), cost }),
            None => Err(vec![Problem::new(SHARES, "0", "must be above 0 where the price is to follow from the cost")]),
        },
        (None, Some(price), Some(cost)) => match shares_for(&cost, &price) {
            Some(shares) => Ok(LotTerms { shares: shares.rounded_to_decimals(), price, cost }),
            None => Err(vec![Problem::new(PRICE, "0", "must be above 0 where the shares are to follow from the cost")]),
        },
        _ => {
            let missing = written.into_iter().filter(|(_, text)| text.is_none());
            let message = "is missing: give two of sharesAcquired, sharePriceCents and costBasisCents";
            Err(missing.map(|(field, _)| Problem::new(field, ABSENT, message)).collect())
        }
    }
}

const SHARES: &str = "sharesAcquired";
const PRICE: &str = "sharePriceCents";
const COST: &str = "costBasisCents";

fn parse<T>(
    field: &str,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, QuantityError>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    match parse(text?) {
        Ok(value) => Some(value),
        Err(error) => {
            problems.push(Problem::new(field, text.unwrap_or_default(), error.to_string()));
            None
        }
    }
}

fn on_each(written: [(&str, Option<&str>); 3], message: &str) -> Vec<Problem> {
    written.into_iter().map(|(field, text)| Problem::new(field, text.unwrap_or(ABSENT), message)).collect()
}

/// How far shares × price is from the cost.
pub(crate) struct PriceDifference {
    pub(crate) verdict: PriceVerdict,
    /// The difference in words.
    pub(crate) described: String,
}

/// What a difference between shares × price and cost means (moic.md §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PriceVerdict {
    /// Rounding of the price explains it.
    Explained,
    /// More than rounding explains, but at most 1 % of the cost.
    Notable,
    /// More than 1 % of the cost.
    Contradicts,
}

impl PriceDifference {
    pub(crate) fn of(shares: &Shares, price: &Price, half_unit: &Price, cost: &Cents) -> Self {
        let product = shares.at(price);
        let difference = if product > *cost { product.minus(cost) } else { cost.minus(&product) };
        if difference <= shares.at(half_unit).plus(&Cents::whole(1)) {
            return Self { verdict: PriceVerdict::Explained, described: String::new() };
        }
        let hundredfold = Ratio::of(100, 1).map_or(Cents::ZERO, |hundred| difference.scaled(&hundred));
        let verdict = if hundredfold > *cost { PriceVerdict::Contradicts } else { PriceVerdict::Notable };
        let described = format!(
            "shares × price is {product} cents and the cost {cost} cents: a difference of {difference} cents{}",
            if verdict == PriceVerdict::Contradicts {
                ", more than 1 % of the cost; correct one of the three"
            } else {
                ""
            }
        );
        Self { verdict, described }
    }
}
