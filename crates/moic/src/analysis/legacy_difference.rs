//! The legacy MOIC beside the lot-level one, and why the two differ.
//!
//! Legacy is (ownership × latest post-money valuation + realised) / amount, lot-level V / C = (U + R) / C. With the
//! legacy figures A, L and S for amount, value held and realised, and Q for the receivables in U,
//!
//! ```text
//! (U+R)/C − (L+S)/A  =  (L+S)·(1/C − 1/A)  +  (R−S)/C  +  (U−Q−L)/C  +  Q/C
//!                       cost                  realised     valuation     receivables
//! ```
//!
//! which holds exactly, so the four parts leave nothing unexplained.

use super::signed::MultipleDifference;
use super::standing::Standing;
use crate::lens::Reason;
use crate::quantity::{Cents, Ratio};

/// What the legacy records say of one company that has investments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyPosition {
    /// The company's id in the portfolio.
    pub company: String,
    /// Σ amount of its investments, in cents.
    pub amount: Cents,
    /// Σ ownership that each investment bought; `None` when one of them does not say.
    pub ownership: Option<Ratio>,
    /// Post-money valuation in cents of the latest investment that has one.
    pub latest_valuation: Option<Cents>,
    /// Distributions and proceeds of sales, in cents.
    pub realised: Cents,
}

/// Sums of legacy figures, of a company or a fund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyStanding {
    has_investments: bool,
    amount: Cents,
    /// Σ ownership × latest valuation.
    held: Option<Cents>,
    realised: Cents,
}

/// Why there is no legacy multiple.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyReason {
    /// No investments are recorded.
    NoInvestments,
    /// A valuation or an ownership is missing.
    Unvalued,
    /// Investments without an amount.
    ZeroCost,
}

impl LegacyReason {
    /// The name on the wire, as the legacy endpoint has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoInvestments => "no_investments",
            Self::Unvalued => "unvalued",
            Self::ZeroCost => "zero_cost",
        }
    }

    /// The reason in words, for people.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::NoInvestments => "no investments are recorded",
            Self::Unvalued => "an investment has no ownership, or the company no valuation",
            Self::ZeroCost => "investments without an amount: a multiple of nothing",
        }
    }
}

impl Default for LegacyStanding {
    fn default() -> Self {
        Self { has_investments: false, amount: Cents::ZERO, held: Some(Cents::ZERO), realised: Cents::ZERO }
    }
}

impl LegacyStanding {
    pub(super) fn of(position: &LegacyPosition) -> Self {
        let valued = position.ownership.as_ref().zip(position.latest_valuation.as_ref());
        Self {
            has_investments: true,
            amount: position.amount.clone(),
            held: valued.map(|(ownership, valuation)| valuation.scaled(ownership).reduced()),
            realised: position.realised.clone(),
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.has_investments |= other.has_investments;
        self.amount = self.amount.plus(&other.amount);
        self.held = self.held.take().zip(other.held.as_ref()).map(|(sum, more)| sum.plus(more));
        self.realised = self.realised.plus(&other.realised);
    }

    /// Σ amount, in cents.
    #[must_use]
    pub fn amount(&self) -> &Cents {
        &self.amount
    }

    /// Σ ownership × latest post-money valuation, in exact cents; `None` where one of them is missing.
    #[must_use]
    pub fn held(&self) -> Option<&Cents> {
        self.held.as_ref()
    }

    /// Distributions and proceeds of sales, in cents.
    #[must_use]
    pub fn realised(&self) -> &Cents {
        &self.realised
    }

    /// (Σ ownership × latest valuation + realised) / Σ amount, gross: the legacy MOIC.
    ///
    /// # Errors
    /// `no_investments`, `unvalued` or `zero_cost`, the first that applies.
    pub fn multiple(&self) -> Result<Ratio, LegacyReason> {
        if !self.has_investments {
            return Err(LegacyReason::NoInvestments);
        }
        let held = self.held.as_ref().ok_or(LegacyReason::Unvalued)?;
        held.plus(&self.realised).share_of(&self.amount).ok_or(LegacyReason::ZeroCost)
    }
}

/// What makes the lot-level multiple differ from the legacy one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceCause {
    /// The lots cost something else than the investments' amounts.
    Cost,
    /// Something else was realised.
    Realised,
    /// Shares at their marks are worth something else than ownership × latest post-money valuation.
    Valuation,
    /// Escrows and holdbacks, which legacy does not know.
    Receivables,
}

impl DifferenceCause {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Realised => "realised",
            Self::Valuation => "valuation",
            Self::Receivables => "receivables",
        }
    }
}

/// One part of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferencePart {
    /// What it comes from.
    pub cause: DifferenceCause,
    /// How much of the difference of the multiples it is, exact.
    pub difference: MultipleDifference,
    /// The cause in words, with its numbers.
    pub explanation: String,
}

/// The lot-level multiple less the legacy one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegacyDifference {
    /// Both have a multiple.
    Explained {
        /// Lot-level less legacy, exact.
        difference: MultipleDifference,
        /// What it consists of; the parts sum to it exactly, and those of nothing are left out.
        parts: Vec<DifferencePart>,
    },
    /// One of them has none, or neither has.
    NotComparable {
        /// Why there is no lot-level multiple.
        lots: Option<Reason>,
        /// Why there is no legacy multiple.
        legacy: Option<LegacyReason>,
    },
}

impl LegacyDifference {
    pub(super) fn between(lots: &Standing, legacy: &LegacyStanding) -> Self {
        match (lots.total_value_over_cost(), legacy.multiple()) {
            (Ok(ours), Ok(theirs)) => Self::Explained {
                difference: MultipleDifference::between(&ours, &theirs),
                // Both have a value, and neither a cost of zero.
                parts: parts(lots, legacy).unwrap_or_default(),
            },
            (ours, theirs) => Self::NotComparable { lots: ours.err(), legacy: theirs.err() },
        }
    }

    /// The difference in words, a sentence a part.
    #[must_use]
    pub fn explanation(&self) -> String {
        match self {
            Self::Explained { difference, parts } if parts.is_empty() => {
                format!("Lot-level and legacy agree ({difference}).")
            }
            Self::Explained { difference, parts } => {
                let parts = parts.iter().map(|part| format!(" {}: {}.", part.difference, part.explanation));
                format!("Lot-level differs from legacy by {difference}.{}", parts.collect::<String>())
            }
            Self::NotComparable { lots, legacy } => {
                let lots = lots.map(|reason| format!(" There is no lot-level multiple: {}.", reason.description()));
                let legacy = legacy.map(|reason| format!(" There is no legacy multiple: {}.", reason.description()));
                let (lots, legacy) = (lots.unwrap_or_default(), legacy.unwrap_or_default());
                format!("Nothing can be compared.{lots}{legacy}")
            }
        }
    }
}

fn parts(lots: &Standing, legacy: &LegacyStanding) -> Option<Vec<DifferencePart>> {
    let (cost, held) = (lots.invested(), lots.held());
    let (amount, legacy_held) = (legacy.amount(), legacy.held()?);
    let ours = held.without_receivables();
    let legacy_value = legacy_held.plus(legacy.realised());
    let over_cost = |left: &Cents, right: &Cents| Some(MultipleDifference(left.minus(right).0.over(&cost.0)?));
    let parts = [
        DifferencePart {
            cause: DifferenceCause::Cost,
            difference: MultipleDifference::between(&legacy_value.share_of(cost)?, &legacy_value.share_of(amount)?),
            explanation: format!("the lots cost {cost} cents, the investments {amount} cents"),
        },
        DifferencePart {
            cause: DifferenceCause::Realised,
            difference: over_cost(lots.realised(), legacy.realised())?,
            explanation: format!(
                "the lots realised {} cents, the legacy records {} cents",
                lots.realised(),
                legacy.realised()
            ),
        },
        DifferencePart {
            cause: DifferenceCause::Valuation,
            difference: over_cost(&ours, legacy_held)?,
            explanation: format!(
                "what is held is worth {ours} cents at its marks, and ownership × latest post-money valuation is \
                 {legacy_held} cents{}",
                not_at_class_marks(lots)
            ),
        },
        DifferencePart {
            cause: DifferenceCause::Receivables,
            difference: over_cost(&held.receivables, &Cents::ZERO)?,
            explanation: format!("{} cents are still to be received, which legacy leaves out", held.receivables),
        },
    ];
    Some(parts.into_iter().filter(|part| !part.difference.is_zero()).collect())
}

/// Which part of what is held is not shares at the mark of their class.
fn not_at_class_marks(lots: &Standing) -> String {
    let mut text = String::new();
    let held = lots.held();
    let kinds = [
        (&held.at_lot_marks, "cents of it are lots with a mark of their own"),
        (&held.at_cost, "cents of it are SAFEs and notes at cost"),
    ];
    for (cents, what) in kinds {
        if !cents.is_zero() {
            text.push_str(&format!("; {cents} {what}"));
        }
    }
    text
}
