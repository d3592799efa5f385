//! The internal rate of return of dated payments, as spreadsheets' `XIRR` has it (moic.md §7).
//!
//! Source of the formula: Σ aᵢ/(1+r)^((dᵢ−d₀)/365) = 0, the convention of the spreadsheet function, without its search:
//! a spreadsheet follows Newton's method and gives up where that does, here the root is enclosed.

mod roots;
mod side;

use jiff::civil::Date;
use num_bigint::BigInt;
use num_rational::BigRational;

use self::side::{DAYS_PER_YEAR, Polynomial, Side};
use super::cash_flow::{CashFlow, days_between, net_by_day};
use super::fixed::Fixed;
use super::rate::Rate;
use crate::exact::Exact;
use crate::quantity::Cents;

/// Where a spreadsheet starts to look: 10 %.
const GUESS_PERCENT: i64 = 10;
/// Newton steps that a spreadsheet takes from its guess before it gives up.
const GUESS_STEPS_MAX: usize = 50;
/// How near to a root at a rate of 0 another one is its shadow: 2^-40 in the growth of a day.
const SHADOW_PLACES: u64 = 40;
/// Places of 2 that a step of the search from the guess is small with: below 10^-10.
const GUESS_RESOLUTION_PLACES: u64 = 34;

/// A rate of return, and what to know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternalRate {
    rate: Rate,
    others: Vec<Rate>,
}

impl InternalRate {
    /// The rate. Of several, the one that Newton's method reaches from 10 %, as in a spreadsheet; where it reaches none,
    /// the one nearest to 10 %.
    #[must_use]
    pub fn rate(&self) -> &Rate {
        &self.rate
    }

    /// The other rates at which the same payments are worth nothing, ascending.
    #[must_use]
    pub fn others(&self) -> &[Rate] {
        &self.others
    }

    /// Whether there are others: money that went out again after some came back can have several rates of return, and
    /// then none of them says much. On the wire the flag `several_roots`.
    #[must_use]
    pub fn has_several_roots(&self) -> bool {
        !self.others.is_empty()
    }
}

/// Why payments have no rate of return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRate {
    /// Nothing was paid or received.
    NoCashFlows,
    /// Shares are held whose class has no mark: the lots as `company/lot`.
    Unpriced(Vec<String>),
    /// Only paid or only received, each day's payments taken together: a total loss has no rate.
    NoSignChange,
    /// Paid and received, but all on one day.
    OneDay,
    /// There is a rate, but below −0.999999 or above 10^60.
    OutOfRange,
    /// Signs change, and still no rate from −0.999999 to 10^60 makes the sum zero.
    NoRoot,
}

impl NoRate {
    /// The name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoCashFlows => "no_cash_flows",
            Self::Unpriced(_) => "unpriced",
            Self::OneDay => "one_day",
            Self::NoSignChange => "no_sign_change",
            Self::OutOfRange => "out_of_range",
            Self::NoRoot => "no_root",
        }
    }

    /// The reason in words, for people.
    #[must_use]
    pub const fn description(&self) -> &'static str {
        match self {
            Self::NoCashFlows => "nothing was paid or received",
            Self::Unpriced(_) => "shares are held whose class has no mark",
            Self::OneDay => "everything was paid and received on one day",
            Self::NoSignChange => "money only went out, or only came in",
            Self::OutOfRange => "the rate is below -99.9999 % or above 10^60",
            Self::NoRoot => "no rate makes these payments worth nothing",
        }
    }
}

/// The yearly rate at which `flows` are worth nothing together: Σ aᵢ/(1+r)^((dᵢ−d₀)/365) = 0, received counted
/// positive and paid negative. Their order does not matter.
///
/// # Errors
/// [`NoRate`] with the reason where there is no such rate; never [`NoRate::Unpriced`], which only a position can be.
pub fn xirr(flows: &[CashFlow]) -> Result<InternalRate, NoRate> {
    let mut moved = flows.iter().filter(|flow| !flow.amount.is_zero());
    let Some(first) = moved.next() else { return Err(NoRate::NoCashFlows) };
    if moved.clone().all(|flow| flow.direction == first.direction) {
        return Err(NoRate::NoSignChange);
    }
    if moved.all(|flow| flow.date == first.date) {
        return Err(NoRate::OneDay);
    }
    let days = net_by_day(flows);
    let losing_days = days.iter().filter(|(_, net)| net.is_negative()).count();
    if losing_days == 0 || losing_days == days.len() {
        return Err(NoRate::NoSignChange);
    }
    Equation::of(&days).solve()
}

/// The payments of each day, ready to be solved.
struct Equation {
    gain: Polynomial,
    loss: Polynomial,
    /// What is received less what is paid, in the raw unit of cents: the equation at a rate of 0.
    sum: Exact,
}

impl Equation {
    fn of(days: &[(Date, Exact)]) -> Self {
        let unit = Cents::whole(1).0;
        let first = days.first().map_or(Date::ZERO, |(date, _)| *date);
        let amounts: Vec<(u64, Fixed)> = days
            .iter()
            .filter_map(|(date, net)| Some((days_between(first, *date), Fixed::of(&net.over(&unit)?.to_wide()))))
            .collect();
        Self {
            gain: Polynomial::of(Side::Gain, &amounts),
            loss: Polynomial::of(Side::Loss, &amounts),
            sum: days.iter().fold(Exact::ZERO, |sum, (_, net)| sum.plus(net)),
        }
    }

    fn solve(&self) -> Result<InternalRate, NoRate> {
        let mut found: Vec<Rate> = Vec::new();
        for (side, polynomial) in [(Side::Loss, &self.loss), (Side::Gain, &self.gain)] {
            let growths = self.roots_on(side, polynomial).into_iter().filter_map(|x| side.growth(&x));
            found.extend(growths.map(|growth| Rate::from_growth(&growth)));
        }
        if self.sum.is_zero() {
            found.push(Rate(Exact::ZERO));
        }
        let outside = found.iter().any(|rate| !rate.is_in_range());
        found.retain(Rate::is_in_range);
        found.sort_unstable();
        found.dedup();
        match found.len() {
            // With one change of sign there is a root; the limits of the search lie outside those of a rate.
            0 if outside || self.gain.sign_changes() == 1 => Err(NoRate::OutOfRange),
            0 => Err(NoRate::NoRoot),
            1 => Ok(InternalRate { rate: found.remove(0), others: found }),
            _ => {
                let rate = found.remove(self.chosen(&found));
                Ok(InternalRate { rate, others: found })
            }
        }
    }

    fn roots_on(&self, side: Side, polynomial: &Polynomial) -> Vec<Fixed> {
        let sums = polynomial.sign_changes_of_sums();
        let single = polynomial.sign_changes() == 1;
        if sums == 0 || (single && self.sum.is_zero()) {
            return Vec::new();
        }
        let (low, high) = (polynomial.at(&side.lowest()), polynomial.at(&Fixed::one()));
        // The polynomial at 1 is the sum, which cutting may have moved off zero; a root there is known exactly.
        let is_single = !self.sum.is_zero() && (sums == 1 || single);
        match is_single {
            true if low.changes_sign_until(&high) => vec![roots::between(polynomial, &low, &high)],
            true => Vec::new(),
            false => {
                let mut found = roots::all_between(polynomial, low, high);
                if self.sum.is_zero() {
                    // Cutting can leave a shadow of the root at 1 just below it.
                    let shadow = Fixed::one().minus(&Fixed::power_of_half(SHADOW_PLACES));
                    found.retain(|x| *x < shadow);
                }
                found
            }
        }
    }

    /// The index of the one of several rates that a spreadsheet would show.
    fn chosen(&self, rates: &[Rate]) -> usize {
        let guess = Exact::fraction(GUESS_PERCENT.into(), 100).unwrap_or(Exact::ZERO);
        let target = self.reached_from_guess().map_or(guess, |rate| rate.to_exact());
        let distance = |rate: &Rate| {
            let difference = rate.0.minus(&target);
            if difference.is_negative() { Exact::ZERO.minus(&difference) } else { difference }
        };
        let nearest = rates.iter().enumerate().min_by(|(_, one), (_, other)| distance(one).cmp(&distance(other)));
        nearest.map_or(0, |(index, _)| index)
    }

    /// The rate that Newton's method reaches from the guess; `None` where it leaves the rates there are or does not end.
    fn reached_from_guess(&self) -> Option<Fixed> {
        let one_day = BigRational::new(BigInt::from(1), BigInt::from(DAYS_PER_YEAR));
        let highest = Fixed::of(&Rate::max().to_wide());
        let resolution = Fixed::power_of_half(GUESS_RESOLUTION_PLACES);
        let mut growth = Fixed::one().plus(&Fixed::ratio(GUESS_PERCENT, 100));
        for _ in 0..GUESS_STEPS_MAX {
            if !growth.is_positive() || growth > highest {
                return None;
            }
            let step = self.newton_step(&growth, &one_day)?;
            growth = growth.plus(&step);
            if step.magnitude() <= resolution {
                return Some(growth.minus(&Fixed::one()));
            }
        }
        None
    }

    /// What Newton's method in the rate adds to a growth: with f the sum at that growth and D = Σ k·aₖ·(growth of a
    /// day)^−k, the derivative is −D/(365·growth), so the step is 365·growth·f/D.
    fn newton_step(&self, growth: &Fixed, one_day: &BigRational) -> Option<Fixed> {
        let (value, derivative) = if *growth >= Fixed::one() {
            let sample = self.gain.at(&Side::Gain.x_of(growth, one_day)?);
            (sample.value(), sample.slope())
        } else {
            // Both are multiplied with the last power, which cancels out.
            let sample = self.loss.at(&Side::Loss.x_of(growth, one_day)?);
            let value = sample.value();
            let derivative = value.times_whole(self.loss.degree()).minus(&sample.slope());
            (value, derivative)
        };
        growth.times_whole(DAYS_PER_YEAR).times(&value).over(&derivative)
    }
}
