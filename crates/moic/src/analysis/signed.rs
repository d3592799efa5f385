//! Numbers that may be below zero: differences and rates. Amounts of the engine never are.

use std::fmt;

use crate::exact::Exact;
use crate::quantity::{Cents, Ratio};

/// `value` rounded half-even to `decimals` decimals, with a sign where it is below zero after rounding.
pub(crate) fn signed_decimal(value: &Exact, decimals: u32) -> String {
    let magnitude = if value.is_negative() { Exact::ZERO.minus(value) } else { value.clone() };
    let text = magnitude.quotient(&Exact::ONE, decimals).rounded(decimals).to_string();
    let is_nothing = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if value.is_negative() && !is_nothing { format!("-{text}") } else { text }
}

/// One multiple less another, exact; may be below zero.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MultipleDifference(pub(crate) Exact);

impl MultipleDifference {
    /// Decimals of [`MultipleDifference::value`], as those of a lens.
    pub const DECIMALS: u32 = 12;
    const DISPLAY_DECIMALS: u32 = 2;

    /// `left − right`.
    #[must_use]
    pub fn between(left: &Ratio, right: &Ratio) -> Self {
        Self(left.0.minus(&right.0))
    }

    /// The exact sum.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self(self.0.plus(&other.0))
    }

    /// Whether the two are the same.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Rounded half-even to 12 decimals: `"-0.250000000000"`.
    #[must_use]
    pub fn value(&self) -> String {
        signed_decimal(&self.0, Self::DECIMALS)
    }
}

/// With a sign and 2 decimals, half-even: `+0.25x`, `-0.25x`, `0.00x`.
impl fmt::Display for MultipleDifference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = signed_decimal(&self.0, Self::DISPLAY_DECIMALS);
        let is_positive = text.bytes().any(|byte| matches!(byte, b'1'..=b'9')) && !text.starts_with('-');
        write!(out, "{}{text}x", if is_positive { "+" } else { "" })
    }
}

/// One amount in cents less another, exact; may be below zero.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CentsDifference(pub(crate) Cents);

impl CentsDifference {
    /// `left − right`.
    #[must_use]
    pub fn between(left: &Cents, right: &Cents) -> Self {
        Self(left.minus(right))
    }

    /// Whether the two are the same.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Without the sign.
    #[must_use]
    pub fn magnitude(&self) -> Cents {
        if self.0.0.is_negative() { Cents::ZERO.minus(&self.0) } else { self.0.clone() }
    }
}

/// Shortest decimal form with a sign where it is below zero, half-even to 8 decimals of a cent.
impl fmt::Display for CentsDifference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", if self.0.0.is_negative() { "-" } else { "" }, self.magnitude())
    }
}
