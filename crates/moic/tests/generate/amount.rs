//! Random amounts in their wire forms.

use super::choices::Choices;
use crate::oracle::number::rational;
use num_bigint::BigInt;
use num_rational::BigRational;

/// Decimals of a share count on the wire.
const SHARE_DECIMALS: usize = 8;

/// How large amounts get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// A venture fund: cheques up to ten million, prices up to thousands.
    Fund,
    /// Amounts whose products overflow 128 bits.
    Huge,
}

/// Whole cents, zero now and then.
pub fn cents(choices: &mut Choices, scale: Scale) -> String {
    let digits = if scale == Scale::Huge { 16 } else { 9 };
    choices.magnitude(digits).to_string()
}

/// A positive number of shares with up to 8 decimals.
pub fn shares(choices: &mut Choices, scale: Scale) -> String {
    let digits = if scale == Scale::Huge { 10 } else { 7 };
    let whole = 1 + choices.magnitude(digits);
    decimal(choices, whole, SHARE_DECIMALS)
}

/// A price in cents with up to 8 decimals, or an exact fraction; zero now and then.
pub fn price(choices: &mut Choices, scale: Scale) -> String {
    let digits = if scale == Scale::Huge { 10 } else { 5 };
    let whole = choices.magnitude(digits);
    if choices.chance(10) {
        return format!("{whole}/{}", 1 + choices.below(12));
    }
    decimal(choices, whole, 8)
}

/// A price that is not zero.
pub fn positive_price(choices: &mut Choices, scale: Scale) -> String {
    let digits = if scale == Scale::Huge { 9 } else { 4 };
    let whole = 1 + choices.magnitude(digits);
    if choices.chance(10) {
        return format!("{whole}/{}", 1 + choices.below(12));
    }
    decimal(choices, whole, 8)
}

/// `whole` with up to `decimals_max` decimals, sometimes with zeros at the end.
pub fn decimal(choices: &mut Choices, whole: u128, decimals_max: usize) -> String {
    match choices.below(decimals_max + 1) {
        0 => whole.to_string(),
        decimals => {
            let rest = choices.magnitude(8) % 10u128.pow(u32::try_from(decimals).expect("few decimals"));
            format!("{whole}.{rest:0>decimals$}")
        }
    }
}

/// The largest share count on the wire that is not above `exact`; `None` if that is zero.
pub fn wire_shares(exact: &BigRational) -> Option<String> {
    let unit = BigInt::from(10).pow(8);
    let units = (exact * BigRational::from(unit)).floor().to_integer();
    if units == BigInt::from(0) {
        return None;
    }
    let padded = format!("{:0>9}", units.to_string());
    let (whole, rest) = padded.split_at(padded.len() - SHARE_DECIMALS);
    let text = format!("{whole}.{rest}");
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// The sum of share counts, in wire form.
pub fn sum_of_shares<'a>(parts: impl Iterator<Item = &'a String>) -> String {
    let sum: BigRational = parts.map(|part| rational(part)).sum();
    wire_shares(&sum).expect("a positive sum")
}
