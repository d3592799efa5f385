//! Exact numbers as cells: each rounded once, to the nearest double. Money and prices are in currency units.

use moic::{Cents, Price, Ratio, Shares};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;

/// Decimals of a unit of the currency that are cents.
const CENT_DECIMALS: u32 = 2;
/// Decimals of shares, and of prices in cents.
const DECIMALS: u32 = 8;
/// Decimals of a cent that shares × price has.
const PRODUCT_DECIMALS: u32 = 2 * DECIMALS;
/// Decimals of amounts and prices of a unit in texts.
const DECIMALS_SHOWN: usize = 10;
/// Digits between two separators of thousands.
const GROUP: usize = 3;

/// A number over 10^`places`, in decimals where it has no more than `decimals`, as most have.
struct Decimal<E: FnOnce() -> BigRational> {
    digits: Option<i128>,
    decimals: u32,
    places: u32,
    exact: E,
}

fn of_money(cents: &Cents) -> Decimal<impl FnOnce() -> BigRational> {
    let digits = cents.digits(PRODUCT_DECIMALS);
    Decimal { digits, decimals: PRODUCT_DECIMALS, places: CENT_DECIMALS, exact: || cents.to_rational() }
}

fn of_price(price: &Price) -> Decimal<impl FnOnce() -> BigRational> {
    let digits = price.digits(DECIMALS);
    Decimal { digits, decimals: DECIMALS, places: CENT_DECIMALS, exact: || price.to_rational() }
}

fn of_shares(shares: &Shares) -> Decimal<impl FnOnce() -> BigRational> {
    Decimal { digits: shares.digits(DECIMALS), decimals: DECIMALS, places: 0, exact: || shares.to_rational() }
}

/// An amount in currency units.
pub(super) fn money(cents: &Cents) -> f64 {
    of_money(cents).nearest()
}

/// A price in currency units per share.
pub(super) fn price(price: &Price) -> f64 {
    of_price(price).nearest()
}

/// A count of shares.
pub(super) fn shares(shares: &Shares) -> f64 {
    of_shares(shares).nearest()
}

/// A number without unit.
pub(super) fn ratio(ratio: &Ratio) -> f64 {
    let digits = ratio.digits(DECIMALS);
    Decimal { digits, decimals: DECIMALS, places: 0, exact: || ratio.to_rational() }.nearest()
}

/// A small count.
pub(super) fn count(count: usize) -> f64 {
    // No sheet has rows enough for a count that a double would round.
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// An amount in currency units as text, `1,234.5`.
pub(super) fn money_text(cents: &Cents) -> String {
    of_money(cents).text()
}

/// A price in currency units per share as text.
pub(super) fn price_text(price: &Price) -> String {
    of_price(price).text()
}

/// A count of shares as text.
pub(super) fn shares_text(shares: &Shares) -> String {
    of_shares(shares).text()
}

impl<E: FnOnce() -> BigRational> Decimal<E> {
    /// The nearest double.
    fn nearest(self) -> f64 {
        if self.digits == Some(0) {
            return 0.0;
        }
        let point = self.decimals.saturating_add(self.places);
        // Reading a decimal rounds it once, to the nearest double.
        if let Some(number) = self.digits.and_then(|digits| format!("{digits}e-{point}").parse().ok()) {
            return number;
        }
        let (numerator, denominator) = (self.exact)().into_raw();
        let exact = BigRational::new_raw(numerator, denominator * BigInt::from(10_u8).pow(self.places));
        // None never comes of a fraction whose denominator is not zero; the infinite is refused where cells are written.
        exact.to_f64().unwrap_or(f64::INFINITY)
    }

    /// The shortest decimal with thousands separated; an ellipsis where decimals were cut.
    fn text(self) -> String {
        let point = usize::try_from(self.decimals.saturating_add(self.places)).unwrap_or(0);
        let (digits, point, mut is_cut) = match self.digits {
            Some(digits) => (digits.to_string(), point, false),
            None => {
                let scale = u32::try_from(DECIMALS_SHOWN).unwrap_or(0).saturating_sub(self.places);
                let exact = (self.exact)() * BigInt::from(10_u8).pow(scale);
                (exact.to_integer().to_string(), DECIMALS_SHOWN, !exact.is_integer())
            }
        };
        let padded = format!("{digits:0>width$}", width = point.saturating_add(1));
        let (whole, decimals) = padded.split_at(padded.len().saturating_sub(point));
        let mut decimals = decimals.trim_end_matches('0');
        if let Some(shown) = decimals.get(..DECIMALS_SHOWN).filter(|shown| shown.len() < decimals.len()) {
            (decimals, is_cut) = (shown, true);
        }
        let mut text = with_separators(whole);
        if !decimals.is_empty() {
            text.push('.');
            text.push_str(decimals);
        }
        if is_cut {
            text.push('…');
        }
        text
    }
}

fn with_separators(whole: &str) -> String {
    let mut text = String::with_capacity(whole.len().saturating_mul(2));
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(GROUP) {
            text.push(',');
        }
        text.push(digit);
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
        let product = Shares::parse("0.00000003").unwrap().at(&Price::parse("0.00000001").unwrap());
        assert_eq!(super::money(&product), 3e-18);
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
        let tiny = Shares::parse("0.00000001").unwrap().at(&Price::parse("1.00000001").unwrap());
        assert_eq!(super::money_text(&tiny), "0.0000000001…");
    }
}
