//! A multiple, or the reason that there is none (sections 3 and 4), and how the result document writes it.

use super::number::{cents, fixed};
use num_rational::BigRational;
use num_traits::Zero;
use serde_json::{Value, json};

/// One lens of one lot, company, sector or fund. A numerator or denominator that is not known is `None`.
#[derive(Clone, Debug)]
pub struct Figure {
    pub numerator: Option<BigRational>,
    pub denominator: Option<BigRational>,
    pub reason: Option<&'static str>,
    /// `company/lot` of the lots without a price.
    pub lots: Vec<String>,
    /// Lots stand in the bucket: tells `zero_cost` from `no_lots` in a total.
    pub has_lots: bool,
}

impl Figure {
    /// Numerator over denominator, or `when_zero` if there is nothing to divide by.
    pub fn ratio(numerator: BigRational, denominator: BigRational, when_zero: &'static str) -> Figure {
        Figure {
            reason: denominator.is_zero().then_some(when_zero),
            numerator: Some(numerator),
            denominator: Some(denominator),
            lots: Vec::new(),
            has_lots: true,
        }
    }

    /// No number, and a numerator that is not known.
    pub fn unknown(reason: &'static str, denominator: Option<BigRational>, lots: Vec<String>) -> Figure {
        Figure { numerator: None, denominator, reason: Some(reason), lots, has_lots: true }
    }

    /// No number because there is nothing to measure: adds 0/0 to a total.
    pub fn empty(reason: &'static str) -> Figure {
        Figure { has_lots: false, ..Figure::ratio(BigRational::zero(), BigRational::zero(), reason) }
    }

    /// Sum of numerators over sum of denominators, unless a part has no number for a reason that spreads.
    pub fn total(parts: &[&Figure], planned: bool) -> Figure {
        for reason in ["unpriced", "no_exit_case", "exit_unpriced"] {
            let affected = parts.iter().filter(|part| part.reason == Some(reason));
            if affected.clone().next().is_some() {
                let lots = affected.flat_map(|part| part.lots.clone()).collect();
                return Figure::unknown(reason, None, lots);
            }
        }
        let counted = |part: &&&Figure| !matches!(part.reason, Some("no_lots" | "no_planned_reserves"));
        let sum = |amount: fn(&Figure) -> &Option<BigRational>| -> BigRational {
            parts.iter().filter(counted).filter_map(|part| amount(part).as_ref()).sum()
        };
        let when_zero = match (planned, parts.iter().any(|part| part.has_lots)) {
            (true, _) => "no_planned_reserves",
            (false, true) => "zero_cost",
            (false, false) => "no_lots",
        };
        Figure::ratio(sum(|part| &part.numerator), sum(|part| &part.denominator), when_zero)
    }

    /// The figure as the result document writes it.
    pub fn json(&self) -> Value {
        let exact = match (self.reason, &self.numerator, &self.denominator) {
            (None, Some(numerator), Some(denominator)) => Some(numerator / denominator),
            _ => None,
        };
        let mut figure = json!({
            "numeratorCents": self.numerator.as_ref().map(cents),
            "denominatorCents": self.denominator.as_ref().map(cents),
            "value": exact.as_ref().map(|exact| fixed(exact, 12)),
            "display": exact.as_ref().map(|exact| format!("{}x", fixed(exact, 2))),
            "reason": self.reason,
        });
        if matches!(self.reason, Some("unpriced" | "exit_unpriced")) {
            figure["lots"] = json!(self.lots);
        }
        figure
    }
}
