//! Where a polynomial of payments is zero between two points.

use super::side::{Polynomial, Sample};
use crate::analysis::fixed::Fixed;

/// A root is known when it lies between two points 2^-420 apart: some 126 decimals, which leaves a rate of 10^60 with
/// all of its own.
const RESOLUTION_PLACES: u64 = 420;
/// Steps after which a root is given as it is known then. A step either halves the bracket or is one of
/// [`STEPS_WITHOUT_HALVING_MAX`], so the resolution is always reached before.
const STEPS_MAX: usize = 2_400;
/// Newton steps that need not halve the bracket before it is halved by force.
const STEPS_WITHOUT_HALVING_MAX: usize = 4;
/// Two roots nearer to each other than 2^-44 in the growth of a day, some 10^-11 a year, are told apart no more.
const CELL_PLACES_MAX: u64 = 44;
/// Terms that may be computed while roots are separated, for all cells together: about a second.
const TERMS_MAX: usize = 1_000_000;
/// Halvings that find where a polynomial turns, to [`RESOLUTION_PLACES`].
const TURN_STEPS: usize = 420;
/// A value below 2^-150 of what was paid and received is zero where the polynomial only touches it.
const TOUCHING_PLACES: u64 = 150;

/// The root between two samples whose values have opposite signs: Newton's steps, and the middle wherever one of them
/// leads out of the bracket or the bracket stays wide.
pub(super) fn between(polynomial: &Polynomial, low: &Sample, high: &Sample) -> Fixed {
    let rising = low.value().is_negative();
    let (mut low, mut high) = (low.x.clone(), high.x.clone());
    let resolution = Fixed::power_of_half(RESOLUTION_PLACES);
    let mut x = middle(&low, &high);
    let (mut width, mut without_halving) = (high.minus(&low), 0_usize);
    for count in 0..STEPS_MAX {
        let sample = polynomial.at(&x);
        let value = sample.value();
        if value.is_zero() {
            return x;
        }
        *(if value.is_negative() == rising { &mut low } else { &mut high }) = x.clone();
        let bracket = high.minus(&low);
        if bracket <= resolution {
            break;
        }
        if bracket <= width.half() {
            (width, without_halving) = (bracket, 0);
        } else {
            without_halving = without_halving.saturating_add(1);
        }
        let newton = if without_halving < STEPS_WITHOUT_HALVING_MAX {
            // Every second step goes twice as far, so that the root gets between the two ends.
            step(&sample, &value)
                .map(|step| x.minus(&if count % 2 == 1 { stretched(&step, &resolution) } else { step }))
        } else {
            without_halving = 0;
            None
        };
        x = newton.filter(|next| low < *next && *next < high).unwrap_or_else(|| middle(&low, &high));
    }
    middle(&low, &high)
}

/// Value over derivative.
fn step(sample: &Sample, value: &Fixed) -> Option<Fixed> {
    value.times(&sample.x).over(&sample.slope())
}

fn stretched(step: &Fixed, least: &Fixed) -> Fixed {
    let twice = step.doubled();
    if twice.magnitude() >= least.half() {
        return twice;
    }
    if step.is_negative() { least.half().negated() } else { least.half() }
}

fn middle(low: &Fixed, high: &Fixed) -> Fixed {
    low.plus(high).half()
}

/// Every root from `low` up to but not including `high`.
///
/// A piece is dropped when bounds prove that it has no root, solved when they prove that it rises or falls throughout,
/// and halved otherwise. What is not decided when the pieces are tiny or the work is used up counts by the signs at the
/// ends of its piece, or as one root where the polynomial touches zero.
pub(super) fn all_between(polynomial: &Polynomial, low: Sample, high: Sample) -> Vec<Fixed> {
    let smallest = Fixed::power_of_half(CELL_PLACES_MAX);
    let mut samples_left = TERMS_MAX.checked_div(polynomial.len()).unwrap_or(0);
    let mut pieces = vec![(low, high)];
    let mut roots = Vec::new();
    while let Some((low, high)) = pieces.pop() {
        if low.excludes_root_until(&high) {
            continue;
        }
        let is_last = samples_left == 0 || high.x.minus(&low.x) <= smallest;
        if low.is_monotone_until(&high) || is_last {
            if low.value().is_zero() {
                roots.push(low.x.clone());
            } else if low.changes_sign_until(&high) {
                roots.push(between(polynomial, &low, &high));
            } else if !low.is_monotone_until(&high)
                && let Some(rest) = samples_left.checked_sub(TURN_STEPS)
            {
                samples_left = rest;
                roots.extend(touching(polynomial, &low, &high));
            }
            continue;
        }
        samples_left = samples_left.saturating_sub(1);
        let sample = polynomial.at(&middle(&low.x, &high.x));
        pieces.push((sample.clone(), high));
        pieces.push((low, sample));
    }
    roots
}

/// Where the polynomial touches zero without crossing it, if its one turn between the samples does.
fn touching(polynomial: &Polynomial, low: &Sample, high: &Sample) -> Option<Fixed> {
    let falls_first = low.slope().is_negative();
    if falls_first == high.slope().is_negative() {
        return None;
    }
    let (mut low, mut high) = (low.x.clone(), high.x.clone());
    for _ in 0..TURN_STEPS {
        let x = middle(&low, &high);
        let is_before_turn = polynomial.at(&x).slope().is_negative() == falls_first;
        *(if is_before_turn { &mut low } else { &mut high }) = x;
    }
    let turn = polynomial.at(&middle(&low, &high));
    let nothing = turn.turnover().times(&Fixed::power_of_half(TOUCHING_PLACES));
    (turn.value().magnitude() <= nothing).then_some(turn.x)
}
