//! Fixed-point numbers with so many binary places that powers and roots of rates are exact to every digit shown.
//!
//! The rest of the engine computes with exact fractions, but a root of a rate is no fraction. Every operation here cuts
//! after [`FRACTION_BITS`] binary places; nothing is a floating-point number, so every machine gets the same digits.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use crate::exact::Exact;

/// Binary places: about 154 decimal ones, since the rates of a few days reach 10^60.
pub(super) const FRACTION_BITS: u64 = 512;

/// A number in units of 2^-[`FRACTION_BITS`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fixed(BigInt);

impl Fixed {
    pub(super) fn zero() -> Self {
        Self(BigInt::zero())
    }

    pub(super) fn one() -> Self {
        Self(BigInt::one() << FRACTION_BITS)
    }

    /// 2^-`places`, `places` being at most [`FRACTION_BITS`].
    pub(super) fn power_of_half(places: u64) -> Self {
        Self(BigInt::one() << FRACTION_BITS.saturating_sub(places))
    }

    /// The fraction cut after the last place.
    pub(super) fn of(value: &BigRational) -> Self {
        Self((value.numer() << FRACTION_BITS).div_floor(value.denom()))
    }

    /// `numerator / denominator`, `denominator` being above zero.
    pub(super) fn ratio(numerator: i64, denominator: i64) -> Self {
        Self((BigInt::from(numerator) << FRACTION_BITS).div_floor(&BigInt::from(denominator.max(1))))
    }

    /// The same number as a fraction.
    pub(super) fn to_exact(&self) -> Exact {
        Exact::from_wide(BigRational::new(self.0.clone(), BigInt::one() << FRACTION_BITS))
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        Self(&self.0 + &other.0)
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        Self(&self.0 - &other.0)
    }

    pub(super) fn times(&self, other: &Self) -> Self {
        Self((&self.0 * &other.0) >> FRACTION_BITS)
    }

    pub(super) fn times_whole(&self, factor: u64) -> Self {
        Self(&self.0 * BigInt::from(factor))
    }

    /// The quotient; `None` when `divisor` is zero.
    pub(super) fn over(&self, divisor: &Self) -> Option<Self> {
        (!divisor.0.is_zero()).then(|| Self((&self.0 << FRACTION_BITS).div_floor(&divisor.0)))
    }

    pub(super) fn half(&self) -> Self {
        Self(&self.0 >> 1_u32)
    }

    pub(super) fn doubled(&self) -> Self {
        Self(&self.0 << 1_u32)
    }

    pub(super) fn negated(&self) -> Self {
        Self(-&self.0)
    }

    pub(super) fn magnitude(&self) -> Self {
        Self(self.0.abs())
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    pub(super) fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    pub(super) fn is_positive(&self) -> bool {
        self.0.is_positive()
    }

    /// This number multiplied `exponent` times with itself.
    pub(super) fn to_whole_power(&self, mut exponent: u64) -> Self {
        let (mut power, mut square) = (Self::one(), self.clone());
        while exponent > 0 {
            if exponent.is_odd() {
                power = power.times(&square);
            }
            exponent >>= 1_u32;
            if exponent > 0 {
                square = square.times(&square);
            }
        }
        power
    }

    /// This number to the power of a fraction; it must be at least one and `exponent` not negative.
    ///
    /// A fractional exponent is a sum of halves, quarters and so on, and raising to 2^-n is taking the square root n
    /// times: no series whose convergence would have to be argued, and exactly [`FRACTION_BITS`] steps. Since the base
    /// is at least one, each cut changes the result by less than a unit of the last place in proportion to it.
    pub(super) fn to_power(&self, exponent: &BigRational) -> Self {
        let (whole, rest) = exponent.numer().div_mod_floor(exponent.denom());
        // Exponents are years or 365ths of one: YEARS_MAX keeps them far below this.
        let mut power = self.to_whole_power(u64::try_from(whole).unwrap_or(0));
        let places = ((rest << FRACTION_BITS) / exponent.denom()).magnitude().clone();
        let mut root = self.clone();
        for place in (0..FRACTION_BITS).rev() {
            root = root.square_root();
            if places.bit(place) {
                power = power.times(&root);
            }
        }
        power
    }

    fn square_root(&self) -> Self {
        let radicand: BigUint = self.0.magnitude() << FRACTION_BITS;
        Self(BigInt::from(radicand.sqrt()))
    }
}
