//! Numbers of the oracle: exact fractions in, the decimal forms of the result document out.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// Reads a decimal (`"650.407"`) or a fraction (`"3/5"`).
pub fn rational(text: &str) -> BigRational {
    if let Some((numerator, denominator)) = text.split_once('/') {
        return rational(numerator) / rational(denominator);
    }
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = format!("{whole}{decimals}").parse().unwrap_or_else(|_| panic!("not a number: {text}"));
    BigRational::new(digits, power_of_ten(decimals.len()))
}

/// The nearest integer; of two equally near, the even one.
pub fn half_even(exact: &BigRational) -> BigInt {
    assert!(!exact.is_negative(), "no figure of the document is negative");
    let floor = exact.floor().to_integer();
    let twice_the_rest = (exact - BigRational::from(floor.clone())) * BigRational::from(BigInt::from(2));
    let odd = !(&floor % BigInt::from(2)).is_zero();
    if twice_the_rest > BigRational::one() || (twice_the_rest.is_one() && odd) { floor + 1 } else { floor }
}

/// Rounded half-even to `decimals` places, all of them written.
pub fn fixed(exact: &BigRational, decimals: usize) -> String {
    let digits = half_even(&(exact * BigRational::from(power_of_ten(decimals)))).to_string();
    let padded = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, rest) = padded.split_at(padded.len() - decimals);
    format!("{whole}.{rest}")
}

/// Rounded half-even to 6 places, trailing zeros cut: how numerators and denominators are written.
pub fn cents(exact: &BigRational) -> String {
    fixed(exact, 6).trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn power_of_ten(exponent: usize) -> BigInt {
    BigInt::from(10).pow(u32::try_from(exponent).expect("a short number"))
}
