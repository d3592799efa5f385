//! Exact numbers as cells: each rounded once, to the nearest double. Money and prices are in currency units.

use moic::{Cents, Price, Ratio, Shares};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

/// Cents in a unit of the currency.
const CENTS_PER_UNIT: u8 = 100;
/// Decimals of amounts and prices of a unit in texts: those of a price in cents, and two more.
const DECIMALS_SHOWN: u32 = 10;
/// Digits between two separators of thousands.
const GROUP: usize = 3;

/// An amount in currency units.
pub(super) fn money(cents: &Cents) -> f64 {
    if cents.is_zero() { 0.0 } else { nearest(&in_units(cents.to_rational())) }
}

/// A price in currency units per share.
pub(super) fn price(price: &Price) -> f64 {
    nearest(&in_units(price.to_rational()))
}

/// A count of shares.
pub(super) fn shares(shares: &Shares) -> f64 {
    nearest(&shares.to_rational())
}

/// A number without unit.
pub(super) fn ratio(ratio: &Ratio) -> f64 {
    nearest(&ratio.to_rational())
}

/// A small count.
pub(super) fn count(count: usize) -> f64 {
    // No sheet has rows enough for a count that a double would round.
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// An amount in currency units as text, `1,234.5`.
pub(super) fn money_text(cents: &Cents) -> String {
    decimal(&in_units(cents.to_rational()))
}

/// A price in currency units per share as text.
pub(super) fn price_text(price: &Price) -> String {
    decimal(&in_units(price.to_rational()))
}

/// A count of shares as text.
pub(super) fn shares_text(shares: &Shares) -> String {
    decimal(&shares.to_rational())
}

fn in_units(cents: BigRational) -> BigRational {
    cents / BigInt::from(CENTS_PER_UNIT)
}

fn nearest(value: &BigRational) -> f64 {
    // None never comes of a fraction whose denominator is not zero; the infinite is refused where cells are written.
    value.to_f64().unwrap_or(f64::INFINITY)
}

/// The shortest decimal with thousands separated; after [`DECIMALS_SHOWN`] decimals an ellipsis.
fn decimal(value: &BigRational) -> String {
    let unit = BigInt::from(10_u8).pow(DECIMALS_SHOWN);
    let scaled = value.abs() * &unit;
    let (digits, exact) = (scaled.to_integer(), scaled.is_integer());
    let (whole, rest) = (&digits / &unit, &digits % &unit);
    let whole = whole.to_string();
    let mut text = String::with_capacity(whole.len().saturating_mul(2));
    if value.is_negative() {
        text.push('-');
    }
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(GROUP) {
            text.push(',');
        }
        text.push(digit);
    }
    if !rest.is_zero() || !exact {
        let decimals = format!("{rest:0>10}");
        text.push('.');
        text.push_str(if exact { decimals.trim_end_matches('0') } else { &decimals });
    }
    if !exact {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use moic::{Cents, Price, Ratio, Shares};

    #[test]
    fn numbers_become_the_nearest_double_in_currency_units() {
        let cents = |text| Cents::parse(text).unwrap();
        assert_eq!(super::money(&cents("150000001")), 1_500_000.01);
        assert_eq!(super::money(&cents("9223372036854775807")), 92_233_720_368_547_758.07);
        assert_eq!(super::price(&Price::parse("650.407").unwrap()), 6.50407);
        assert_eq!(super::price(&Price::parse("0.00000001").unwrap()), 1e-10);
        assert_eq!(super::shares(&Shares::parse("518138.294565").unwrap()), 518_138.294_565);
        assert_eq!(super::ratio(&Ratio::parse("1/3").unwrap()), 1.0 / 3.0);
        let third = cents("100").scaled(&Ratio::parse("1/3").unwrap());
        assert_eq!(super::money(&third), 1.0 / 3.0);
    }

    #[test]
    fn texts_have_separators_and_say_when_they_are_cut() {
        assert_eq!(super::money_text(&Cents::parse("123456789").unwrap()), "1,234,567.89");
        assert_eq!(super::money_text(&Cents::parse("100000").unwrap()), "1,000");
        assert_eq!(super::money_text(&Cents::ZERO), "0");
        assert_eq!(super::price_text(&Price::parse("650.407").unwrap()), "6.50407");
        assert_eq!(super::price_text(&Price::parse("1300/3").unwrap()), "4.3333333333…");
        assert_eq!(super::shares_text(&Shares::parse("0.5").unwrap()), "0.5");
    }
}
