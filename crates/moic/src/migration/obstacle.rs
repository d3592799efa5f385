//! Why an investment cannot become a lot.

use crate::quantity::{Cents, Shares, WHOLE_MAX};

/// Why there is no lot, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// Another investment has the same id.
    #[error("another investment has this id: give each its own")]
    IdUsedTwice,
    /// Less than nothing was paid.
    #[error("the amount is negative: correct it; what came back is a distribution or a disposal")]
    NegativeAmount,
    /// Nothing was paid.
    #[error("the amount is 0: enter what was paid, or enter free shares as a lot by hand")]
    ZeroAmount,
    /// The round has no valuation.
    #[error("the round has no post-money valuation{}", .0.as_ref().map_or_else(
        || ": enter it, or give the shares or the price".to_owned(),
        |implied| format!(", and the ownership would make it {implied} cents: enter it, or give the shares or the price")
    ))]
    NoValuation(
        /// What amount / ownership would make it, in whole cents.
        Option<Cents>,
    ),
    /// The valuation is 0 or less.
    #[error("the post-money valuation must be above 0: correct it")]
    ValuationNotPositive,
    /// More was paid than the whole company is worth.
    #[error("the amount is above the post-money valuation of the whole company: correct one of the two")]
    AmountAboveValuation,
    /// Nobody has given or confirmed how many shares there were.
    #[error(
        "the number of fully diluted shares after this round is not known: confirm it for the investment or the company"
    )]
    NoShareCount,
    /// A count of nothing.
    #[error("the number of fully diluted shares must be above 0: correct it")]
    ZeroShareCount,
    /// A price or a number of shares that is 0 after rounding to 8 decimals.
    #[error("the {0} would be 0 after rounding to 8 decimals: check the number of fully diluted shares, {1}")]
    TooSmall(
        /// Which.
        &'static str,
        /// The count.
        Shares,
    ),
    /// A price or a number of shares above what a lot may have.
    #[error("the {0} would be above {WHOLE_MAX}, the most a lot may have: check the number of fully diluted shares")]
    TooLarge(
        /// Which.
        &'static str,
    ),
    /// Shares × price is too far from the amount: given terms contradict it, or decimals do not suffice.
    #[error("{0}")]
    TermsContradict(
        /// The numbers, and what to do.
        String,
    ),
}

impl Obstacle {
    /// The name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::IdUsedTwice => "id_used_twice",
            Self::NegativeAmount => "negative_amount",
            Self::ZeroAmount => "zero_amount",
            Self::NoValuation(_) => "no_valuation",
            Self::ValuationNotPositive => "valuation_not_positive",
            Self::AmountAboveValuation => "amount_above_valuation",
            Self::NoShareCount => "no_share_count",
            Self::ZeroShareCount => "zero_share_count",
            Self::TooSmall(..) => "too_small",
            Self::TooLarge(_) => "too_large",
            Self::TermsContradict(_) => "terms_contradict",
        }
    }
}
