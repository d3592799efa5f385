//! Exact numbers as cells: each rounded once, to the nearest double. Money and prices are in currency units.

use moic::{Cents, Price, Ratio, Shares};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;

/// Decimals of a unit of the currency that are cents.
const CENT_DECIMALS: u32 = 2;
/// Decimals that are tried first: those of shares, and of prices in cents.
const DECIMALS: u32 = 8;
/// Decimals of amounts and prices of a unit in texts.
const DECIMALS_SHOWN: u32 = DECIMALS + CENT_DECIMALS;
/// Digits between two separators of thousands.
const GROUP: usize = 3;

/// An amount in currency units.
pub(super) fn money(cents: &Cents) -> f64 {
    nearest(cents.digits(DECIMALS), CENT_DECIMALS, || cents.to_rational())
}

/// A price in currency units per share.
pub(super) fn price(price: &Price) -> f64 {
    nearest(price.digits(DECIMALS), CENT_DECIMALS, || price.to_rational())
}

/// A count of shares.
pub(super) fn shares(shares: &Shares) -> f64 {
    nearest(shares.digits(DECIMALS), 0, || shares.to_rational())
}

/// A number without unit.
pub(super) fn ratio(ratio: &Ratio) -> f64 {
    nearest(ratio.digits(DECIMALS), 0, || ratio.to_rational())
}

/// A small count.
pub(super) fn count(count: usize) -> f64 {
    // No sheet has rows enough for a count that a double would round.
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// An amount in currency units as text, `1,234.5`.
pub(super) fn money_text(cents: &Cents) -> String {
    text(cents.digits(DECIMALS), CENT_DECIMALS, || cents.to_rational())
}

/// A price in currency units per share as text.
pub(super) fn price_text(price: &Price) -> String {
    text(price.digits(DECIMALS), CENT_DECIMALS, || price.to_rational())
}

/// A count of shares as text.
pub(super) fn shares_text(shares: &Shares) -> String {
    text(shares.digits(DECIMALS), 0, || shares.to_rational())
}

/// The double nearest to a number over 10^`places`: from its digits with [`DECIMALS`] decimals where it has no more,
/// which most have not, otherwise from the exact fraction.
fn nearest(digits: Option<i128>, places: u32, exact: impl FnOnce() -> BigRational) -> f64 {
    if digits == Some(0) {
        return 0.0;
    }
    let decimals = DECIMALS.saturating_add(places);
    // Reading a decimal rounds it once, to the nearest double.
    if let Some(number) = digits.and_then(|digits| format!("{digits}e-{decimals}").parse().ok()) {
        return number;
    }
    let exact = exact() / BigInt::from(10_u8).pow(places);
    // None never comes of a fraction whose denominator is not zero; the infinite is refused where cells are written.
    exact.to_f64().unwrap_or(f64::INFINITY)
}

/// The shortest decimal of a number over 10^`places`, with thousands separated; an ellipsis where decimals were cut.
fn text(digits: Option<i128>, places: u32, exact: impl FnOnce() -> BigRational) -> String {
    let (digits, is_cut) = match digits {
        // Without a currency's cents the last decimals shown are zeros.
        Some(digits) => (format!("{digits}{}", if places == 0 { "00" } else { "" }), false),
        None => {
            let exact = exact() * BigInt::from(10_u8).pow(DECIMALS_SHOWN.saturating_sub(places));
            (exact.to_integer().to_string(), !exact.is_integer())
        }
    };
    let decimals = usize::try_from(DECIMALS_SHOWN).unwrap_or(0);
    let padded = format!("{digits:0>width$}", width = decimals.saturating_add(1));
    let (whole, rest) = padded.split_at(padded.len().saturating_sub(decimals));
    let rest = if is_cut { rest } else { rest.trim_end_matches('0') };
    let mut text = String::with_capacity(padded.len().saturating_mul(2));
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(GROUP) {
            text.push(',');
        }
        text.push(digit);
    }
    if !rest.is_empty() {
        text.push('.');
        text.push_str(rest);
    }
    if is_cut {
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
        assert_eq!(super::shares_text(&Shares::parse("1500").unwrap()), "1,500");
        let third = Shares::parse("1000").unwrap().scaled(&Ratio::parse("1/3").unwrap());
        assert_eq!(super::shares_text(&third), "333.3333333333…");
    }
}
