//! Yearly rates: of return, and of discount.

use num_bigint::BigInt;
use num_rational::BigRational;

use super::fixed::Fixed;
use super::signed::signed_decimal;
use crate::exact::Exact;
use crate::quantity::{QuantityError, Ratio};

/// Decimals that a solved rate is kept with.
const SOLVED_DECIMALS: u32 = 40;

/// Why a text is not a yearly rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Not a number.
    #[error("a yearly rate {0}")]
    NotANumber(#[from] QuantityError),
    /// Outside the limits.
    #[error("must be a yearly rate from -0.999999 to 10^60, as in \"0.25\" for 25 %")]
    OutOfRange,
}

/// A yearly rate without unit: 0.25 is 25 % a year. Compounded yearly; a year has 365 days.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(pub(super) Exact);

impl Rate {
    /// Decimals of [`Rate::value`].
    pub const DECIMALS: u32 = 12;
    /// Decimals of [`Rate::percent`].
    pub const PERCENT_DECIMALS: u32 = 2;
    /// Millionths of what was put in that are left at the lowest rate: −0.999999 loses all but one.
    pub(super) const LEFT_MIN_MILLIONTHS: i64 = 1;
    /// Decimal digits behind the 1 of the highest rate. Doubling within two days is a rate of 10^54.
    pub(super) const MAX_ZEROS: u32 = 60;

    /// Reads a rate: a decimal or an exact fraction, with a minus sign where it is below zero.
    ///
    /// # Errors
    /// [`RateError`] for anything else, and for a rate below −0.999999 or above 10^60.
    pub fn parse(text: &str) -> Result<Self, RateError> {
        let rate = match text.strip_prefix('-') {
            Some(magnitude) => Exact::ZERO.minus(&Ratio::parse(magnitude)?.0),
            None => Ratio::parse(text)?.0,
        };
        let rate = Self(rate);
        if rate.is_in_range() { Ok(rate) } else { Err(RateError::OutOfRange) }
    }

    pub(super) fn is_in_range(&self) -> bool {
        let left = self.0.plus(&Exact::ONE).times(&Exact::integer(1_000_000));
        left >= Exact::integer(Self::LEFT_MIN_MILLIONTHS.into()) && self.0 <= Self::max()
    }

    /// The highest rate.
    pub(super) fn max() -> Exact {
        Exact::from_wide(BigRational::from_integer(BigInt::from(10).pow(Self::MAX_ZEROS)))
    }

    /// `growth − 1`, to [`SOLVED_DECIMALS`] decimals, so that a root that is a round number becomes one.
    pub(super) fn from_growth(growth: &Fixed) -> Self {
        let unit = BigRational::from_integer(BigInt::from(10).pow(SOLVED_DECIMALS));
        let rate = growth.minus(&Fixed::one()).to_exact().to_wide();
        Self(Exact::from_wide((rate * &unit).round() / unit))
    }

    /// 1 + rate.
    pub(super) fn growth(&self) -> Exact {
        self.0.plus(&Exact::ONE)
    }

    /// Rounded half-even to 12 decimals: `"0.373362535157"`, `"-0.100000000000"`.
    #[must_use]
    pub fn value(&self) -> String {
        signed_decimal(&self.0, Self::DECIMALS)
    }

    /// In percent, rounded half-even to 2 decimals: `"37.34%"`.
    #[must_use]
    pub fn percent(&self) -> String {
        format!("{}%", signed_decimal(&self.0.times(&Exact::integer(100)), Self::PERCENT_DECIMALS))
    }
}
