//! Exact rational numbers: the arithmetic under every quantity of the engine.
//!
//! A value is a fraction. While its numerator fits 128 bits and its denominator 64, it lives in registers and every
//! operation is checked; the first operation that does not fit moves it to arbitrary precision (`num-rational`), and the
//! first result that fits again moves it back. No operation rounds, wraps or saturates.

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroU64;

use num_bigint::BigUint;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{CheckedAdd, CheckedSub, Signed, ToPrimitive, Zero};

/// An exact fraction of any size. Not necessarily reduced; comparisons are by value.
#[derive(Clone, Debug)]
pub(crate) struct Exact(Form);

#[derive(Clone, Debug)]
enum Form {
    Small { numerator: i128, denominator: NonZeroU64 },
    Wide(Box<BigRational>),
}

use Form::{Small, Wide};

impl Exact {
    pub(crate) const ZERO: Self = Self::integer(0);
    pub(crate) const ONE: Self = Self::integer(1);

    pub(crate) const fn integer(value: i128) -> Self {
        Self(Small { numerator: value, denominator: NonZeroU64::MIN })
    }

    /// `numerator / denominator`, reduced; `None` when the denominator is zero.
    pub(crate) fn fraction(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 {
            return None;
        }
        Some(Self::from_wide(BigRational::new(numerator.into(), denominator.into())))
    }

    /// Moves a reduced arbitrary-precision value into the small form when it fits.
    pub(crate) fn from_wide(value: BigRational) -> Self {
        let small = value.numer().to_i128().zip(value.denom().to_u64().and_then(NonZeroU64::new));
        match small {
            Some((numerator, denominator)) => Self(Small { numerator, denominator }),
            None => Self(Wide(Box::new(value))),
        }
    }

    pub(crate) fn to_wide(&self) -> BigRational {
        match &self.0 {
            Small { numerator, denominator } => BigRational::new_raw((*numerator).into(), denominator.get().into()),
            Wide(value) => BigRational::clone(value),
        }
    }

    /// The value times `factor` over `unit`, when that is a whole number that fits; both must be powers of ten.
    pub(crate) fn whole_number_of(&self, factor: i128, unit: i128) -> Option<i128> {
        let Small { numerator, denominator } = &self.0 else { return None };
        // Both are powers of ten, so that one divides the other, and what cancels out cannot overflow.
        let common = factor.min(unit);
        let (factor, unit) = (factor.checked_div(common)?, unit.checked_div(common)?);
        let unit = unit.checked_mul(denominator.get().into())?;
        let scaled = numerator.checked_mul(factor)?;
        (scaled.checked_rem(unit)? == 0).then(|| scaled.checked_div(unit)).flatten()
    }

    /// How many times `unit` the value is; `unit` must not be zero.
    pub(crate) fn to_rational_in_units_of(&self, unit: i128) -> BigRational {
        if unit == 1 {
            return self.to_wide();
        }
        self.over(&Self::integer(unit)).map_or_else(BigRational::zero, |quotient| quotient.to_wide())
    }

    /// The same value in lowest terms: worth its price where a value is computed once and used often.
    #[inline]
    pub(crate) fn reduced(&self) -> Self {
        match &self.0 {
            Small { denominator, .. } if *denominator == NonZeroU64::MIN => self.clone(),
            Small { numerator, denominator } => match small_reduced(*numerator, *denominator) {
                Some((numerator, denominator)) => Self(Small { numerator, denominator }),
                None => Self::from_wide(self.to_wide()),
            },
            Wide(value) => Self::from_wide(value.reduced()),
        }
    }

    #[inline]
    pub(crate) fn plus(&self, other: &Self) -> Self {
        if let (Small { numerator: a, denominator: p }, Small { numerator: b, denominator: q }) = (&self.0, &other.0)
            && p == q
            && let Some(numerator) = i128::checked_add(*a, *b)
        {
            return Self(Small { numerator, denominator: *p });
        }
        self.plus_over_other_denominator(other)
    }

    fn plus_over_other_denominator(&self, other: &Self) -> Self {
        if let (Small { numerator: a, denominator: p }, Small { numerator: b, denominator: q }) = (&self.0, &other.0)
            && let Some(sum) = small_sum(*a, *p, *b, *q)
        {
            return sum;
        }
        wide_sum(&self.to_wide(), &other.to_wide())
    }

    #[inline]
    pub(crate) fn minus(&self, other: &Self) -> Self {
        match &other.0 {
            Small { numerator, denominator } if *numerator != i128::MIN => {
                self.plus(&Self(Small { numerator: numerator.wrapping_neg(), denominator: *denominator }))
            }
            _ => Self::from_wide(self.to_wide() - other.to_wide()),
        }
    }

    #[inline]
    pub(crate) fn times(&self, other: &Self) -> Self {
        if let (Small { numerator: a, denominator: p }, Small { numerator: b, denominator: q }) = (&self.0, &other.0)
            && let Some(numerator) = product(*a, *b)
            && let Some(denominator) = p.checked_mul(*q)
        {
            return Self(Small { numerator, denominator });
        }
        self.times_in_lowest_terms(other)
    }

    fn times_in_lowest_terms(&self, other: &Self) -> Self {
        if let (Small { numerator: a, denominator: p }, Small { numerator: b, denominator: q }) = (&self.0, &other.0)
            && let (Some((a, q)), Some((b, p))) = (small_reduced(*a, *q), small_reduced(*b, *p))
            && let Some(numerator) = a.checked_mul(b)
            && let Some(denominator) = p.checked_mul(q)
        {
            return Self(Small { numerator, denominator });
        }
        Self::from_wide(self.to_wide() * other.to_wide())
    }

    /// The quotient; `None` when `divisor` is zero.
    pub(crate) fn over(&self, divisor: &Self) -> Option<Self> {
        if divisor.is_zero() {
            return None;
        }
        if let (Small { numerator: a, denominator: p }, Small { numerator: b, denominator: q }) = (&self.0, &divisor.0)
            && let Some(quotient) = small_fraction_quotient(*a, *p, *b, *q)
        {
            return Some(quotient);
        }
        Some(Self::from_wide(self.to_wide() / divisor.to_wide()))
    }

    #[inline]
    pub(crate) fn is_zero(&self) -> bool {
        match &self.0 {
            Small { numerator, .. } => *numerator == 0,
            Wide(value) => value.is_zero(),
        }
    }

    pub(crate) fn is_negative(&self) -> bool {
        match &self.0 {
            Small { numerator, .. } => *numerator < 0,
            Wide(value) => value.is_negative(),
        }
    }

    /// Bits of numerator and denominator together: how much room the value takes.
    pub(crate) fn bits(&self) -> u64 {
        match &self.0 {
            Small { .. } => 0,
            Wide(value) => value.numer().bits().saturating_add(value.denom().bits()),
        }
    }

    /// `self / divisor`, cut after `decimals` decimals, with what was cut off. `divisor` must be positive and
    /// `self` not negative, as every sum of values and costs is.
    pub(crate) fn quotient(&self, divisor: &Self, decimals: u32) -> Quotient {
        debug_assert!(!divisor.is_zero() && !self.is_negative(), "quotients are taken of values over positive costs");
        let small = match (&self.0, &divisor.0) {
            (Small { numerator: a, denominator: p }, Small { numerator: b, denominator: q }) => {
                small_quotient(*a, *p, *b, *q, decimals)
            }
            _ => None,
        };
        small.unwrap_or_else(|| wide_quotient(&self.to_wide(), &divisor.to_wide(), decimals))
    }

    /// Numerator and denominator in lowest terms, as decimal digits: the canonical text of the value.
    pub(crate) fn canonical(&self) -> (String, String) {
        let value = self.to_wide().reduced();
        (value.numer().to_string(), value.denom().to_string())
    }

    /// The integer value, when it is one and fits.
    pub(crate) fn as_integer(&self) -> Option<i128> {
        match &self.0 {
            Small { numerator, denominator } if *denominator == NonZeroU64::MIN => Some(*numerator),
            _ => match &self.reduced().0 {
                Small { numerator, denominator } if *denominator == NonZeroU64::MIN => Some(*numerator),
                _ => None,
            },
        }
    }
}

/// What a division left behind its last decimal, compared with half a unit of that decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    Nothing,
    BelowHalf,
    Half,
    AboveHalf,
}

/// The result of a division: a decimal number cut after some decimals, and what was cut off, so that it can be rounded
/// half-even to these or to fewer decimals without rounding twice.
#[derive(Clone, Debug)]
pub(crate) struct Quotient {
    cut: Digits,
    decimals: u32,
    rest: Rest,
}

/// A non-negative integer.
#[derive(Clone, Debug)]
enum Digits {
    Small(u128),
    Wide(BigUint),
}

impl Quotient {
    /// The number rounded half-even to `decimals` decimals, which must not be more than were kept.
    pub(crate) fn rounded(&self, decimals: u32) -> Decimal {
        let dropped = self.decimals.saturating_sub(decimals);
        let digits = match &self.cut {
            Digits::Small(cut) => self.round_small(*cut, dropped),
            Digits::Wide(cut) => Digits::Wide(round_half_even(cut, &power_of_ten(dropped), self.rest)),
        };
        Decimal { digits, decimals }
    }

    /// Division is what rounding costs: none where no digit is dropped, and one of 64 bits where that is enough.
    fn round_small(&self, cut: u128, dropped: u32) -> Digits {
        if dropped == 0 {
            let up = self.rest == Rest::AboveHalf || (self.rest == Rest::Half && cut.is_odd());
            return Digits::Small(cut.saturating_add(u128::from(up)));
        }
        if let (Ok(cut), Some(unit)) = (u64::try_from(cut), 10_u64.checked_pow(dropped)) {
            return Digits::Small(round_half_even(&cut, &unit, self.rest).into());
        }
        match 10_u128.checked_pow(dropped) {
            Some(unit) => Digits::Small(round_half_even(&cut, &unit, self.rest)),
            None => Digits::Wide(round_half_even(&BigUint::from(cut), &power_of_ten(dropped), self.rest)),
        }
    }
}

fn power_of_ten(exponent: u32) -> BigUint {
    BigUint::from(10_u8).pow(exponent)
}

/// `cut / unit` rounded half-even, where `rest` is what had been cut off behind `cut`.
fn round_half_even<T: Integer + Clone + CheckedAdd + CheckedSub>(cut: &T, unit: &T, rest: Rest) -> T {
    let (kept, dropped) = cut.div_rem(unit);
    let up = if unit.is_one() {
        rest == Rest::AboveHalf || (rest == Rest::Half && kept.is_odd())
    } else {
        // `unit` is a power of ten above one, so half of it is whole: compare what was dropped with its complement.
        let complement = unit.checked_sub(&dropped).unwrap_or_else(T::zero);
        match dropped.cmp(&complement) {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal => rest != Rest::Nothing || kept.is_odd(),
        }
    };
    if up { kept.checked_add(&T::one()).unwrap_or(kept) } else { kept }
}

/// A non-negative decimal number with a fixed count of decimals.
#[derive(Clone, Debug)]
pub(crate) struct Decimal {
    digits: Digits,
    decimals: u32,
}

impl Decimal {
    /// The number's digits as an integer, without regard to its decimals.
    pub(crate) fn to_exact(&self) -> Exact {
        match &self.digits {
            Digits::Small(digits) => match i128::try_from(*digits) {
                Ok(digits) => Exact::integer(digits),
                Err(_) => Exact::from_wide(BigRational::from_integer((*digits).into())),
            },
            Digits::Wide(digits) => Exact::from_wide(BigRational::from_integer(digits.clone().into())),
        }
    }

    /// Appends the number with all its decimals: `1.50`.
    pub(crate) fn push_fixed(&self, out: &mut Vec<u8>) {
        self.push(out, false);
    }

    /// Appends the number without trailing zeros behind the point: `1.5`.
    pub(crate) fn push_shortest(&self, out: &mut Vec<u8>) {
        self.push(out, true);
    }

    fn push(&self, out: &mut Vec<u8>, shortest: bool) {
        match &self.digits {
            Digits::Small(digits) => {
                let mut buffer = itoa::Buffer::new();
                // Formatting 64 bits is several times faster, and most numbers have no more.
                let text = match u64::try_from(*digits) {
                    Ok(digits) => buffer.format(digits),
                    Err(_) => buffer.format(*digits),
                };
                push_with_point(out, text.as_bytes(), self.decimals, shortest);
            }
            Digits::Wide(digits) => push_with_point(out, digits.to_string().as_bytes(), self.decimals, shortest),
        }
    }
}

/// Appends `digits` with the point set before the last `decimals` of them.
fn push_with_point(out: &mut Vec<u8>, digits: &[u8], decimals: u32, shortest: bool) {
    let decimals = usize::try_from(decimals).unwrap_or(0);
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(decimals));
    let kept = if shortest {
        fraction.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last.saturating_add(1))
    } else {
        fraction.len()
    };
    out.extend_from_slice(if whole.is_empty() { b"0" } else { whole });
    let fraction = fraction.get(..kept).unwrap_or(fraction);
    let leading_zeros = decimals.saturating_sub(digits.len());
    if fraction.is_empty() && (shortest || decimals == 0) {
        return;
    }
    out.push(b'.');
    out.extend(std::iter::repeat_n(b'0', leading_zeros));
    out.extend_from_slice(fraction);
}

/// The number with all its decimals: `1.50`.
impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.push_fixed(&mut text);
        out.write_str(&String::from_utf8_lossy(&text))
    }
}

/// The number without trailing zeros behind the point: `1.5`.
pub(crate) struct Shortest(pub(crate) Decimal);

impl fmt::Display for Shortest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        self.0.push_shortest(&mut text);
        out.write_str(&String::from_utf8_lossy(&text))
    }
}

fn small_quotient(a: i128, p: NonZeroU64, b: i128, q: NonZeroU64, decimals: u32) -> Option<Quotient> {
    let dividend = u128::try_from(a).ok()?.checked_mul(q.get().into())?;
    let divisor = u128::try_from(b).ok()?.checked_mul(p.get().into())?;
    // Costs are whole cents, so the divisor mostly ends in as many zeros as there are decimals: one division is enough.
    let all_decimals = 10_u128.checked_pow(decimals)?;
    let reduced = divisor.checked_div(all_decimals)?;
    if reduced > 0 && reduced.checked_mul(all_decimals)? == divisor {
        let divisor = reduced;
        let cut = dividend.checked_div(divisor)?;
        let rest = dividend.checked_sub(cut.checked_mul(divisor)?)?;
        return Some(Quotient { cut: Digits::Small(cut), decimals, rest: compare_with_half(&rest, &divisor) });
    }
    let mut cut = dividend.checked_div(divisor)?;
    let mut rest = dividend.checked_rem(divisor)?;
    let mut missing = decimals;
    while missing > 0 {
        let step = missing.min(DIGITS_PER_STEP);
        let unit = 10_u128.checked_pow(step)?;
        let scaled = rest.checked_mul(unit)?;
        cut = cut.checked_mul(unit)?.checked_add(scaled.checked_div(divisor)?)?;
        rest = scaled.checked_rem(divisor)?;
        missing = missing.checked_sub(step)?;
    }
    Some(Quotient { cut: Digits::Small(cut), decimals, rest: compare_with_half(&rest, &divisor) })
}

/// Digits of a long division computed at once: few enough that a remainder of 10^26 still fits 128 bits.
const DIGITS_PER_STEP: u32 = 12;

fn wide_quotient(dividend: &BigRational, divisor: &BigRational, decimals: u32) -> Quotient {
    let numerator = dividend.numer().magnitude() * divisor.denom().magnitude() * power_of_ten(decimals);
    let denominator = dividend.denom().magnitude() * divisor.numer().magnitude();
    let (cut, rest) = numerator.div_rem(&denominator);
    Quotient { cut: Digits::Wide(cut), decimals, rest: compare_with_half(&rest, &denominator) }
}

fn compare_with_half<T: Integer + CheckedSub>(rest: &T, divisor: &T) -> Rest {
    if rest.is_zero() {
        return Rest::Nothing;
    }
    // rest < divisor, so the difference exists.
    match divisor.checked_sub(rest).map_or(Ordering::Equal, |complement| rest.cmp(&complement)) {
        Ordering::Less => Rest::BelowHalf,
        Ordering::Equal => Rest::Half,
        Ordering::Greater => Rest::AboveHalf,
    }
}

/// The product of two numerators. Most are shares and prices of less than 64 bits, whose product fits without a check.
#[inline]
fn product(a: i128, b: i128) -> Option<i128> {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => Some(i128::from(a).wrapping_mul(b.into())),
        _ => a.checked_mul(b),
    }
}

/// `numerator / denominator` in lowest terms.
fn small_reduced(numerator: i128, denominator: NonZeroU64) -> Option<(i128, NonZeroU64)> {
    let rest = numerator.unsigned_abs().checked_rem(denominator.get().into())?;
    let common = u64::try_from(rest).ok()?.gcd(&denominator.get());
    Some((numerator.checked_div(common.into())?, NonZeroU64::new(denominator.get().checked_div(common)?)?))
}

/// `(a/p) / (b/q)` in lowest terms, for values that are not negative.
fn small_fraction_quotient(a: i128, p: NonZeroU64, b: i128, q: NonZeroU64) -> Option<Exact> {
    let (a, b) = (u128::try_from(a).ok()?, u128::try_from(b).ok()?);
    let common = match (u64::try_from(a), u64::try_from(b)) {
        (Ok(a), Ok(b)) => a.gcd(&b).into(),
        _ => a.gcd(&b),
    };
    let common_denominator = p.get().gcd(&q.get());
    let numerator = a.checked_div(common)?.checked_mul(q.get().checked_div(common_denominator)?.into())?;
    let denominator = b.checked_div(common)?.checked_mul(p.get().checked_div(common_denominator)?.into())?;
    Some(Exact(Small {
        numerator: i128::try_from(numerator).ok()?,
        denominator: NonZeroU64::new(u64::try_from(denominator).ok()?)?,
    }))
}

/// Bits of two denominators up to which their sum is put into lowest terms.
///
/// Finding the common divisor takes time quadratic in the bits. A fund with thousands of different denominators would
/// spend minutes on it, so long sums are left as they are: they grow by the bits of each term and no more.
const REDUCED_BITS_MAX: u64 = 1_024;

fn wide_sum(one: &BigRational, other: &BigRational) -> Exact {
    let same = one.denom() == other.denom();
    let bits = one.denom().bits().saturating_add(other.denom().bits());
    if bits <= REDUCED_BITS_MAX {
        return Exact::from_wide(one + other);
    }
    let sum = if same {
        BigRational::new_raw(one.numer() + other.numer(), one.denom().clone())
    } else {
        let numerator = one.numer() * other.denom() + other.numer() * one.denom();
        BigRational::new_raw(numerator, one.denom() * other.denom())
    };
    Exact(Wide(Box::new(sum)))
}

fn small_sum(a: i128, p: NonZeroU64, b: i128, q: NonZeroU64) -> Option<Exact> {
    let common = p.get().gcd(&q.get());
    let p_factor = q.get().checked_div(common)?;
    let q_factor = p.get().checked_div(common)?;
    let denominator = NonZeroU64::new(p.get().checked_mul(p_factor)?)?;
    let numerator = i128::checked_add(a.checked_mul(p_factor.into())?, b.checked_mul(q_factor.into())?)?;
    Some(Exact(Small { numerator, denominator }))
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Exact {}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Small { numerator: a, denominator: p }, Small { numerator: b, denominator: q }) = (&self.0, &other.0) {
            if p == q {
                return a.cmp(b);
            }
            if let (Some(left), Some(right)) = (a.checked_mul(q.get().into()), b.checked_mul(p.get().into())) {
                return left.cmp(&right);
            }
        }
        self.to_wide().cmp(&other.to_wide())
    }
}
