//! Exact numbers of the format: decimals as text, and what the portfolio document makes of them.

use moic::json::Value;
use moic::quantity::{DECIMALS_MAX, FRACTION_DIGITS_MAX};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

/// Most characters that a number may be written with.
pub const NUMBER_LENGTH_MAX: usize = 40;

/// Reads a decimal such as `-12.50`, as text or as a whole JSON number.
///
/// # Errors
/// What would be right, for anything else.
pub(super) fn number(value: &Value<'_>) -> Result<BigRational, String> {
    match value {
        Value::Str(text) => decimal(text),
        Value::Number(whole) => {
            let whole = whole.as_u64().map(BigInt::from).or_else(|| whole.as_i64().map(BigInt::from));
            whole.map(BigRational::from_integer).ok_or_else(|| {
                "must be text, as in \"12.50\": a JSON number with decimals is not exact in most programs".to_owned()
            })
        }
        _ => Err("must be a number written as text, as in \"12.50\"".to_owned()),
    }
}

/// Reads a decimal such as `-12.50`.
///
/// # Errors
/// What would be right, for anything else and for more than [`NUMBER_LENGTH_MAX`] characters.
pub(super) fn decimal(text: &str) -> Result<BigRational, String> {
    let not_a_number = || "must be a number with digits and at most one point, as in \"12.50\"".to_owned();
    if text.len() > NUMBER_LENGTH_MAX {
        return Err(format!("must be a number of at most {NUMBER_LENGTH_MAX} characters"));
    }
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(decimals) || unsigned.ends_with('.') {
        return Err(not_a_number());
    }
    let digits: BigInt = format!("{whole}{decimals}").parse().map_err(|_| not_a_number())?;
    let value = BigRational::new(digits, power_of_ten(decimals.len()));
    Ok(if negative { -value } else { value })
}

/// The shortest decimal of a value ≥ 0, or none where it has more than `decimals_max` decimals.
pub(super) fn decimal_text(value: &BigRational, decimals_max: usize) -> Option<String> {
    let scaled = value * BigRational::from_integer(power_of_ten(decimals_max));
    if !scaled.is_integer() || value.is_negative() {
        return None;
    }
    let digits = format!("{:0>width$}", scaled.to_integer(), width = decimals_max.saturating_add(1));
    let (whole, decimals) = digits.split_at_checked(digits.len().checked_sub(decimals_max)?)?;
    let decimals = decimals.trim_end_matches('0');
    Some(if decimals.is_empty() { whole.to_owned() } else { format!("{whole}.{decimals}") })
}

/// Shares as the document has them, or none where they need more than 8 decimals.
pub(super) fn shares_text(shares: &BigRational) -> Option<String> {
    decimal_text(shares, DECIMALS_MAX)
}

/// A number as a person reads it: its decimal where it has few, the fraction otherwise.
pub(super) fn shown(value: &BigRational) -> String {
    let positive = decimal_text(&value.abs(), DECIMALS_MAX).unwrap_or_else(|| value.abs().to_string());
    if value.is_negative() { format!("-{positive}") } else { positive }
}

/// A price in cents as the document has it: a decimal where 8 decimals suffice, an exact fraction otherwise; none where
/// that has too many digits.
pub(super) fn price_text(cents: &BigRational) -> Option<String> {
    decimal_text(cents, DECIMALS_MAX).or_else(|| {
        let (numerator, denominator) = (cents.numer().to_string(), cents.denom().to_string());
        let fits = numerator.len() <= FRACTION_DIGITS_MAX && denominator.len() <= FRACTION_DIGITS_MAX;
        (fits && !cents.is_negative()).then(|| format!("{numerator}/{denominator}"))
    })
}

/// Whole cents, rounded half-even, of an amount in units of the currency; and whether nothing had to be rounded.
pub(super) fn cents(amount: &BigRational) -> (BigInt, bool) {
    let cents = amount * BigRational::from_integer(BigInt::from(100));
    (half_even(&cents), cents.is_integer())
}

/// The nearest whole number, half-even.
pub(super) fn half_even(value: &BigRational) -> BigInt {
    let floor = value.floor().to_integer();
    let twice_rest = (value - BigRational::from_integer(floor.clone())) * BigRational::from_integer(BigInt::from(2));
    let is_odd = !(&floor % BigInt::from(2)).is_zero();
    match twice_rest.cmp(&BigRational::from_integer(BigInt::from(1))) {
        std::cmp::Ordering::Less => floor,
        std::cmp::Ordering::Equal if !is_odd => floor,
        _ => floor + BigInt::from(1),
    }
}

/// The largest value of at most 8 decimals that is not above `value`.
pub(super) fn down_to_decimals(value: &BigRational) -> BigRational {
    let unit = BigRational::from_integer(power_of_ten(DECIMALS_MAX));
    (value * &unit).floor() / unit
}

fn power_of_ten(exponent: usize) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).unwrap_or(u32::MAX).min(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> BigRational {
        decimal(text).unwrap()
    }

    #[test]
    fn decimals_are_read_exactly_or_not_at_all() {
        assert_eq!(of("12.50"), of("+12.5"));
        assert_eq!(of("-867.53"), -of("867.53"));
        for wrong in ["", ".", "1.", ".5", "1e3", "1,000", "--1", "0x1", " 1", "١"] {
            assert!(decimal(wrong).is_err(), "{wrong:?} is a number");
        }
        assert!(decimal(&"1".repeat(NUMBER_LENGTH_MAX + 1)).is_err());
    }

    #[test]
    fn texts_are_the_shortest_exact_ones() {
        assert_eq!(shares_text(&of("1000.00")).as_deref(), Some("1000"));
        assert_eq!(shares_text(&of("0.00000001")).as_deref(), Some("0.00000001"));
        assert_eq!(shares_text(&of("0.000000001")), None);
        assert_eq!(price_text(&of("650.407")).as_deref(), Some("650.407"));
        assert_eq!(price_text(&(of("1300") / of("3"))).as_deref(), Some("1300/3"));
        assert_eq!(shown(&-(of("1") / of("4"))), "-0.25");
    }

    #[test]
    fn cents_are_rounded_half_even() {
        for (amount, expected, exact) in [
            ("1.005", 100, false),
            ("1.015", 102, false),
            ("1.0151", 102, false),
            ("7", 700, true),
            ("0.004", 0, false),
        ] {
            assert_eq!(cents(&of(amount)), (BigInt::from(expected), exact), "{amount}");
        }
    }
}
