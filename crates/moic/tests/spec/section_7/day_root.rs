//! The second way to a rate of return: decimal integers and the 365th root of the growth of a year.
//!
//! Shares nothing with the engine, which solves for the growth of a day and never takes a root: here a rate is given and
//! the payments are discounted with it, to 60 decimals.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// Decimals of the integers.
const DECIMALS: u32 = 60;

fn unit() -> BigInt {
    BigInt::from(10).pow(DECIMALS)
}

/// The growth of a day at a yearly rate, in units of 10^-60: the 365th root, halving what it can be.
fn growth_of_a_day(rate: &BigRational) -> BigInt {
    let (unit, growth) = (unit(), rate + BigRational::one());
    let year = growth.numer() * &unit / growth.denom();
    // 0.9 and 1.5 to the power of 365 lie outside of the rates there are.
    let (mut low, mut high) = (&unit * 9 / 10, &unit * 15 / 10);
    while &high - &low > BigInt::one() {
        let middle: BigInt = (&low + &high) / 2;
        *(if power(&middle, 365, &unit) <= year { &mut low } else { &mut high }) = middle.clone();
    }
    low
}

/// A yearly rate, ready to discount with.
pub struct Discount {
    is_loss: bool,
    factor_of_a_day: BigInt,
}

impl Discount {
    pub fn at(rate: &BigRational) -> Self {
        let (unit, day) = (unit(), growth_of_a_day(rate));
        let is_loss = rate.is_negative();
        Self { is_loss, factor_of_a_day: if is_loss { day } else { &unit * &unit / day } }
    }

    /// What payments, in cents by day, are worth, in units of 10^-60 cents: on the first day for a gain, on the last day
    /// for a loss.
    pub fn worth(&self, payments: &[(u64, BigInt)]) -> BigInt {
        let unit = unit();
        let last = payments.iter().map(|(day, _)| *day).max().unwrap_or(0);
        payments.iter().fold(BigInt::zero(), |sum, (day, amount)| {
            let exponent = if self.is_loss { last - day } else { *day };
            sum + amount * power(&self.factor_of_a_day, exponent, &unit)
        })
    }
}

fn power(base: &BigInt, mut exponent: u64, unit: &BigInt) -> BigInt {
    let (mut power, mut square) = (unit.clone(), base.clone());
    while exponent > 0 {
        if exponent % 2 == 1 {
            power = power * &square / unit;
        }
        square = &square * &square / unit;
        exponent /= 2;
    }
    power
}

/// A signed decimal as a fraction.
pub fn decimal(text: &str) -> BigRational {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let value = crate::oracle::number::rational(digits);
    if negative { -value } else { value }
}
