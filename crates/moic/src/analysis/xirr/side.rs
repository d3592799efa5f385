//! The equation of a rate of return as a polynomial, once for gains and once for losses.
//!
//! With the yearly growth g = 1 + r, Σ aᵢ/g^((dᵢ−d₀)/365) = 0 has whole days for exponents once it is written in the
//! growth of a day: for gains in x = g^(−1/365), for losses, after multiplying with the last power, in x = g^(1/365).
//! Either way x lies between 0 and 1, no power grows, and nothing but multiplication is needed.

use num_rational::BigRational;

use crate::analysis::fixed::Fixed;

/// Days of a year, as spreadsheets have it: leap years too.
pub(super) const DAYS_PER_YEAR: u64 = 365;

/// Which rates a polynomial is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Rates from 0 up.
    Gain,
    /// Rates from 0 down.
    Loss,
}

impl Side {
    /// The least x that is looked at: lower than the one of the limits of a rate.
    pub(super) fn lowest(self) -> Fixed {
        match self {
            // (3/2)^365 is about 10^64.
            Self::Gain => Fixed::ratio(2, 3),
            // (15/16)^365 is about 10^-10.
            Self::Loss => Fixed::ratio(15, 16),
        }
    }

    /// The yearly growth of a root; `None` for an x of zero.
    pub(super) fn growth(self, x: &Fixed) -> Option<Fixed> {
        let year = x.to_whole_power(DAYS_PER_YEAR);
        match self {
            Self::Gain => Fixed::one().over(&year),
            Self::Loss => Some(year),
        }
    }

    /// The x of a yearly growth on this side; `None` for a growth of zero.
    pub(super) fn x_of(self, growth: &Fixed, one_day: &BigRational) -> Option<Fixed> {
        let at_least_one = match self {
            Self::Gain => growth.clone(),
            Self::Loss => Fixed::one().over(growth)?,
        };
        Fixed::one().over(&at_least_one.to_power(one_day))
    }
}

/// Σ aₖ·xᵏ.
#[derive(Debug)]
pub(super) struct Polynomial {
    /// Coefficients in cents and exponents in days, the latter ascending from zero.
    terms: Vec<(Fixed, u64)>,
}

/// A polynomial at one x, with what is received and what is paid apart: each of the four grows with x, which is what
/// bounds the values between two samples.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) x: Fixed,
    received: Fixed,
    paid: Fixed,
    /// Σ k·aₖ·xᵏ, the derivative times x, likewise apart.
    received_slope: Fixed,
    paid_slope: Fixed,
}

impl Polynomial {
    /// `amounts` are cents by day, days counted from the first.
    pub(super) fn of(side: Side, amounts: &[(u64, Fixed)]) -> Self {
        let last = amounts.last().map_or(0, |(day, _)| *day);
        let terms = match side {
            Side::Gain => amounts.iter().map(|(day, amount)| (amount.clone(), *day)).collect(),
            Side::Loss => {
                amounts.iter().rev().map(|(day, amount)| (amount.clone(), last.saturating_sub(*day))).collect()
            }
        };
        Self { terms }
    }

    pub(super) fn len(&self) -> usize {
        self.terms.len()
    }

    /// The largest exponent, in days.
    pub(super) fn degree(&self) -> u64 {
        self.terms.last().map_or(0, |(_, exponent)| *exponent)
    }

    /// How often the coefficients change their sign: at least as many positive roots as there are (Descartes).
    pub(super) fn sign_changes(&self) -> usize {
        changes(self.terms.iter().map(|(amount, _)| amount.clone()))
    }

    /// How often the sums of the first coefficients change their sign: no fewer than the roots between 0 and 1, and none
    /// or one means none or one (Descartes, for the polynomial over 1 − x).
    pub(super) fn sign_changes_of_sums(&self) -> usize {
        changes(self.terms.iter().scan(Fixed::zero(), |sum, (amount, _)| {
            *sum = sum.plus(amount);
            Some(sum.clone())
        }))
    }

    pub(super) fn at(&self, x: &Fixed) -> Sample {
        let mut powers = Powers::of(x);
        let zero = Fixed::zero();
        let mut sample = Sample {
            x: x.clone(),
            received: zero.clone(),
            paid: zero.clone(),
            received_slope: zero.clone(),
            paid_slope: zero,
        };
        let (mut power, mut reached) = (Fixed::one(), 0_u64);
        for (amount, exponent) in &self.terms {
            power = powers.further(power, exponent.saturating_sub(reached));
            reached = *exponent;
            let term = amount.times(&power);
            let slope = term.times_whole(*exponent);
            if amount.is_negative() {
                sample.paid = sample.paid.minus(&term);
                sample.paid_slope = sample.paid_slope.minus(&slope);
            } else {
                sample.received = sample.received.plus(&term);
                sample.received_slope = sample.received_slope.plus(&slope);
            }
        }
        sample
    }
}

impl Sample {
    /// Σ aₖ·xᵏ.
    pub(super) fn value(&self) -> Fixed {
        self.received.minus(&self.paid)
    }

    /// Σ k·aₖ·xᵏ.
    pub(super) fn slope(&self) -> Fixed {
        self.received_slope.minus(&self.paid_slope)
    }

    /// Σ |aₖ|·xᵏ: what a value is small or large in proportion to.
    pub(super) fn turnover(&self) -> Fixed {
        self.received.plus(&self.paid)
    }

    /// Whether no x from here to `higher` is a root.
    pub(super) fn excludes_root_until(&self, higher: &Self) -> bool {
        higher.received < self.paid || higher.paid < self.received
    }

    /// Whether the polynomial only rises or only falls from here to `higher`.
    pub(super) fn is_monotone_until(&self, higher: &Self) -> bool {
        higher.received_slope < self.paid_slope || higher.paid_slope < self.received_slope
    }

    /// Whether the two values have opposite signs.
    pub(super) fn changes_sign_until(&self, other: &Self) -> bool {
        let (here, there) = (self.value(), other.value());
        (here.is_negative() && there.is_positive()) || (here.is_positive() && there.is_negative())
    }
}

fn changes(numbers: impl Iterator<Item = Fixed>) -> usize {
    let mut negative: Option<bool> = None;
    let mut count = 0_usize;
    for number in numbers.filter(|number| !number.is_zero()) {
        if negative.is_some_and(|before| before != number.is_negative()) {
            count = count.saturating_add(1);
        }
        negative = Some(number.is_negative());
    }
    count
}

/// x, x², x⁴ and so on, as far as they were needed.
struct Powers {
    squares: Vec<Fixed>,
}

impl Powers {
    fn of(x: &Fixed) -> Self {
        Self { squares: vec![x.clone()] }
    }

    /// `power` times x to the `exponent`.
    fn further(&mut self, mut power: Fixed, exponent: u64) -> Fixed {
        for place in 0..u64::BITS {
            let Some(rest) = exponent.checked_shr(place).filter(|rest| *rest > 0) else { break };
            let index = usize::try_from(place).unwrap_or(usize::MAX);
            if index >= self.squares.len()
                && let Some(last) = self.squares.last()
            {
                let square = last.times(last);
                self.squares.push(square);
            }
            if rest & 1 == 1
                && let Some(square) = self.squares.get(index)
            {
                power = power.times(square);
            }
        }
        power
    }
}
