//! The quantities of the engine: a type each, exact, with checked construction from text.
//!
//! Every type wraps an exact fraction of its *raw unit*; the raw units are chosen so that products need no rescaling:
//! shares (10⁻⁸ share) × price (10⁻⁸ cent) = cents (10⁻¹⁶ cent).

use std::fmt;

use jiff::civil::Date;
use num_rational::BigRational;

use crate::exact::{Decimal, Exact, Shortest};

/// Decimals that shares and prices may have.
pub const DECIMALS_MAX: usize = 8;
/// Decimals that a probability, a weight or an exchange rate may have.
pub const RATIO_DECIMALS_MAX: usize = 18;
/// Largest amount of money accepted, in cents; amounts are stored as 64-bit integers.
pub const CENTS_MAX: i128 = 9_223_372_036_854_775_807;
/// Largest whole part of a share count, a price or a rate.
pub const WHOLE_MAX: i128 = 1_000_000_000_000_000_000;
/// Digits that each side of an exact fraction (`"3/5"`) may have.
pub const FRACTION_DIGITS_MAX: usize = 18;

const SHARES_RAW: i128 = 100_000_000;
const PRICE_RAW: i128 = 100_000_000;
const CENTS_RAW: i128 = 10_000_000_000_000_000;

/// Text that is not the quantity it should be. The message says what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Not a decimal number.
    #[error("must be {0}, written with digits and at most one point")]
    NotANumber(&'static str),
    /// Not a whole number.
    #[error("must be {0}, written with digits only")]
    NotWhole(&'static str),
    /// Below zero.
    #[error("must not be negative")]
    Negative,
    /// More decimals than the quantity has.
    #[error("has too many decimals ({found}); at most {allowed} are allowed here")]
    TooManyDecimals {
        /// Decimals written.
        found: usize,
        /// Decimals allowed.
        allowed: usize,
    },
    /// More than the engine accepts.
    #[error("is too large; the largest accepted is {0}")]
    TooLarge(i128),
    /// A fraction with denominator 0, with a sign or point inside, or with too many digits.
    #[error("must be a fraction of two whole numbers of at most 18 digits, the second above 0, as in \"3/5\"")]
    NotAFraction,
    /// A probability above one.
    #[error("must be a probability from 0 to 1")]
    NotAProbability,
    /// Not a date.
    #[error("must be a date of the calendar, written YYYY-MM-DD")]
    NotADate,
}

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub(crate) Exact);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(Exact::ZERO);

            /// The exact sum.
            #[inline]
            #[must_use]
            pub fn plus(&self, other: &Self) -> Self {
                Self(self.0.plus(&other.0))
            }

            /// The exact difference.
            #[inline]
            #[must_use]
            pub fn minus(&self, other: &Self) -> Self {
                Self(self.0.minus(&other.0))
            }

            /// The exact product with a number without unit.
            #[inline]
            #[must_use]
            pub fn scaled(&self, factor: &Ratio) -> Self {
                Self(self.0.times(&factor.0))
            }

            /// The same value in lowest terms, which later operations are faster on.
            #[must_use]
            pub fn reduced(&self) -> Self {
                Self(self.0.reduced())
            }

            /// Whether there is nothing.
            #[inline]
            #[must_use]
            pub fn is_zero(&self) -> bool {
                self.0.is_zero()
            }

            /// This over `whole`, exact; `None` when `whole` is zero.
            #[must_use]
            pub fn share_of(&self, whole: &Self) -> Option<Ratio> {
                self.0.over(&whole.0).map(Ratio)
            }
        }
    };
}

quantity! {
    /// Money in cents of the fund's currency. Inputs are whole cents; derived values are exact fractions of a cent.
    Cents
}
quantity! {
    /// A count of shares. Inputs have up to 8 decimals; after splits and pro-rata sales it may be any fraction.
    Shares
}
quantity! {
    /// Cents of the fund's currency per share. Inputs have up to 8 decimals of a cent or are exact fractions.
    Price
}
quantity! {
    /// A number without unit: a probability, a weight, a split ratio, an exchange rate.
    Ratio
}

macro_rules! exact_value {
    ($name:ident, $raw:expr, $unit:literal) => {
        impl $name {
            #[doc = concat!("The exact value in ", $unit, ", for programs that go on computing with it. Not necessarily in lowest terms.")]
            #[must_use]
            pub fn to_rational(&self) -> BigRational {
                self.0.to_rational_in_units_of($raw)
            }

            #[doc = concat!("The value in ", $unit, " without the point of its decimals, as in 12345 for 1.2345 with 4;")]
            /// `None` where it has more decimals, or more digits than fit. Much faster than the exact fraction.
            #[must_use]
            pub fn digits(&self, decimals: u32) -> Option<i128> {
                self.0.whole_number_of(10_i128.checked_pow(decimals)?, $raw)
            }
        }
    };
}

exact_value!(Cents, CENTS_RAW, "cents");
exact_value!(Shares, SHARES_RAW, "shares");
exact_value!(Price, PRICE_RAW, "cents per share");
exact_value!(Ratio, 1, "itself, being without unit");

impl Cents {
    /// Reads whole cents, such as `"150000000"`.
    ///
    /// # Errors
    /// [`QuantityError`] for anything but digits, and above [`CENTS_MAX`].
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let decimal = Written::parse(text, "a whole number of cents", 0)?;
        if decimal.digits > CENTS_MAX {
            return Err(QuantityError::TooLarge(CENTS_MAX));
        }
        Ok(Self::whole(decimal.digits))
    }

    /// `count` whole cents, at most [`CENTS_MAX`].
    pub(crate) fn whole(count: i128) -> Self {
        Self(Exact::integer(count).times(&Exact::integer(CENTS_RAW)))
    }

    /// The number of whole cents, when it is whole.
    #[must_use]
    pub fn as_whole(&self) -> Option<i128> {
        let units = self.0.over(&Exact::integer(CENTS_RAW))?;
        units.as_integer()
    }

    /// The shares that this amount buys at `price`, exact; `None` when `price` is zero.
    #[must_use]
    pub fn shares_at(&self, price: &Price) -> Option<Shares> {
        shares_for(self, price)
    }

    /// The nearest whole cent, half-even.
    #[must_use]
    pub fn rounded_to_cents(&self) -> Self {
        Self(self.0.quotient(&Exact::integer(CENTS_RAW), 0).rounded(0).to_exact().times(&Exact::integer(CENTS_RAW)))
    }

    /// Rounded half-even to `decimals` decimals of a cent.
    pub(crate) fn rounded(&self, decimals: u32) -> Decimal {
        self.0.quotient(&Exact::integer(CENTS_RAW), decimals).rounded(decimals)
    }
}

/// So many whole cents.
impl From<u64> for Cents {
    fn from(cents: u64) -> Self {
        Self::whole(cents.into())
    }
}

impl Shares {
    /// Reads a count of shares, such as `"518138.294565"`.
    ///
    /// # Errors
    /// [`QuantityError`] for anything but a decimal of at most [`DECIMALS_MAX`] decimals and [`WHOLE_MAX`].
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        Written::parse(text, "a number of shares", DECIMALS_MAX)?.scaled_to(DECIMALS_MAX).map(Self)
    }

    /// What these shares are worth at `price`.
    #[inline]
    #[must_use]
    pub fn at(&self, price: &Price) -> Cents {
        Cents(self.0.times(&price.0))
    }

    /// Rounded half-even to 8 decimals.
    pub(crate) fn rounded_to_decimals(&self) -> Self {
        Self(self.0.quotient(&Exact::ONE, 0).rounded(0).to_exact())
    }
}

impl Price {
    /// Reads a price per share in cents: a decimal such as `"650.407"`, or an exact fraction such as `"1300/3"`.
    ///
    /// # Errors
    /// [`QuantityError`] for anything else, for more than [`DECIMALS_MAX`] decimals, and above [`WHOLE_MAX`].
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        match parse_fraction(text)? {
            Some(value) => Ok(Self(value.times(&Exact::integer(PRICE_RAW)).reduced())),
            None => Written::parse(text, "a price in cents", DECIMALS_MAX)?.scaled_to(DECIMALS_MAX).map(Self),
        }
    }

    /// Half a unit of the last decimal of the price as written in `text`; nothing for a fraction, which is exact.
    pub(crate) fn half_unit_of(text: &str) -> Self {
        if text.contains('/') {
            return Self::ZERO;
        }
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let unit =
            DECIMALS_MAX.checked_sub(decimals).and_then(|places| 10_i128.checked_pow(u32::try_from(places).ok()?));
        // PRICE_RAW / 2 is whole for every count of decimals but the eighth, where it is the fraction 1/2.
        unit.and_then(|unit| Exact::fraction(unit, 2)).map_or(Self::ZERO, Self)
    }

    /// Rounded half-even to 8 decimals of a cent.
    pub(crate) fn rounded_to_decimals(&self) -> Self {
        Self(self.0.quotient(&Exact::ONE, 0).rounded(0).to_exact())
    }
}

impl Ratio {
    /// One.
    pub const ONE: Self = Self(Exact::ONE);

    /// Reads a weight or a rate: a decimal of up to [`RATIO_DECIMALS_MAX`] decimals or an exact fraction.
    ///
    /// # Errors
    /// [`QuantityError`] for anything else.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        if let Some(value) = parse_fraction(text)? {
            return Ok(Self(value));
        }
        let written = Written::parse(text, "a number", RATIO_DECIMALS_MAX)?;
        let unit = 10_i128.checked_pow(u32::try_from(written.decimals).unwrap_or(u32::MAX));
        let value = unit.and_then(|unit| Exact::fraction(written.digits, unit));
        value.map(Self).ok_or(QuantityError::TooLarge(WHOLE_MAX))
    }

    /// Reads a probability: a decimal or an exact fraction from 0 to 1.
    ///
    /// # Errors
    /// [`QuantityError`] for anything else.
    pub fn parse_probability(text: &str) -> Result<Self, QuantityError> {
        match Self::parse(text)? {
            ratio if ratio > Self::ONE => Err(QuantityError::NotAProbability),
            ratio => Ok(ratio),
        }
    }

    /// `numerator / denominator`; `None` when the denominator is zero.
    pub(crate) fn of(numerator: i64, denominator: i64) -> Option<Self> {
        Exact::fraction(numerator.into(), denominator.into()).map(Self)
    }

    /// Rounded half-even to `decimals` decimals.
    pub(crate) fn rounded(&self, decimals: u32) -> Decimal {
        self.0.quotient(&Exact::ONE, decimals).rounded(decimals)
    }

    /// Rounded half-even, written with all `decimals` decimals: `0.120000`.
    #[must_use]
    pub fn to_decimal(&self, decimals: u32) -> String {
        self.rounded(decimals).to_string()
    }

    /// The exact value as a whole number or a fraction in lowest terms, as in `3/5`.
    #[must_use]
    pub fn written(&self) -> String {
        let (numerator, denominator) = self.0.canonical();
        if denominator == "1" { numerator } else { format!("{numerator}/{denominator}") }
    }
}

/// Cents over shares.
pub(crate) fn price_of(cost: &Cents, shares: &Shares) -> Option<Price> {
    cost.0.over(&shares.0).map(Price)
}

/// Cents over price.
pub(crate) fn shares_for(amount: &Cents, price: &Price) -> Option<Shares> {
    amount.0.over(&price.0).map(Shares)
}

/// Reads a date of the calendar written `YYYY-MM-DD`.
///
/// # Errors
/// [`QuantityError::NotADate`] for anything else.
pub fn parse_date(text: &str) -> Result<Date, QuantityError> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(position, byte)| match position {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shape {
        return Err(QuantityError::NotADate);
    }
    text.parse().map_err(|_| QuantityError::NotADate)
}

/// A decimal as written: digits without the point, and how many of them stood behind it.
struct Written {
    digits: i128,
    decimals: usize,
}

impl Written {
    fn parse(text: &str, what: &'static str, decimals_max: usize) -> Result<Self, QuantityError> {
        if let Some(rest) = text.strip_prefix('-')
            && rest.starts_with(|first: char| first.is_ascii_digit())
        {
            return Err(QuantityError::Negative);
        }
        let not_a_number =
            if decimals_max == 0 { QuantityError::NotWhole(what) } else { QuantityError::NotANumber(what) };
        let (mut digits, mut before_point, mut decimals, mut point) = (0_i128, 0_usize, 0_usize, false);
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => {
                    let digit = i128::from(byte.wrapping_sub(b'0'));
                    digits = digits
                        .checked_mul(10)
                        .and_then(|shifted| shifted.checked_add(digit))
                        .ok_or(QuantityError::TooLarge(WHOLE_MAX))?;
                    let count = if point { &mut decimals } else { &mut before_point };
                    *count = count.saturating_add(1);
                }
                b'.' if !point => point = true,
                _ => return Err(not_a_number),
            }
        }
        if before_point == 0 || (point && decimals == 0) {
            return Err(not_a_number);
        }
        if decimals > decimals_max {
            return Err(QuantityError::TooManyDecimals { found: decimals, allowed: decimals_max });
        }
        Ok(Self { digits, decimals })
    }

    /// The value in units of `10^-decimals`.
    fn scaled_to(&self, decimals: usize) -> Result<Exact, QuantityError> {
        let too_large = QuantityError::TooLarge(WHOLE_MAX);
        let missing = decimals.checked_sub(self.decimals).and_then(|places| u32::try_from(places).ok());
        let unit = missing.and_then(|places| 10_i128.checked_pow(places)).ok_or(too_large.clone())?;
        let one = u32::try_from(decimals).ok().and_then(|places| 10_i128.checked_pow(places));
        let limit = one.and_then(|one| one.checked_mul(WHOLE_MAX)).ok_or(too_large.clone())?;
        let raw = self.digits.checked_mul(unit).filter(|raw| *raw <= limit).ok_or(too_large)?;
        Ok(Exact::integer(raw))
    }
}

/// Reads `"a/b"`; `None` when there is no slash.
fn parse_fraction(text: &str) -> Result<Option<Exact>, QuantityError> {
    let Some((numerator, denominator)) = text.split_once('/') else {
        return Ok(None);
    };
    if numerator.starts_with('-') && denominator.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(QuantityError::Negative);
    }
    let side = |digits: &str| -> Result<i128, QuantityError> {
        let shape = !digits.is_empty()
            && digits.len() <= FRACTION_DIGITS_MAX
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        if shape { digits.parse().map_err(|_| QuantityError::NotAFraction) } else { Err(QuantityError::NotAFraction) }
    };
    Exact::fraction(side(numerator)?, side(denominator)?).map(Some).ok_or(QuantityError::NotAFraction)
}

/// Decimals shown of a derived amount.
const DECIMALS_SHOWN: u32 = 8;

/// Shortest decimal form, rounded half-even to 8 decimals of a cent.
impl fmt::Display for Cents {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shortest(self.rounded(DECIMALS_SHOWN)).fmt(out)
    }
}

/// Shortest decimal form, rounded half-even to 8 decimals.
impl fmt::Display for Shares {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shortest(self.0.quotient(&Exact::integer(SHARES_RAW), DECIMALS_SHOWN).rounded(DECIMALS_SHOWN)).fmt(out)
    }
}

/// The exact price: its shortest decimal form, or a fraction where it has more than 8 decimals of a cent.
impl fmt::Display for Price {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.as_integer().is_none()
            && let Some(cents) = self.0.over(&Exact::integer(PRICE_RAW))
        {
            let (numerator, denominator) = cents.canonical();
            return write!(out, "{numerator}/{denominator}");
        }
        Shortest(self.0.quotient(&Exact::integer(PRICE_RAW), DECIMALS_SHOWN).rounded(DECIMALS_SHOWN)).fmt(out)
    }
}
