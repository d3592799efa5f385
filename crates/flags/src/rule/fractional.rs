//! `fractional`: a split of the users by weights. Raising a weight of the first entry only adds users to it, since the
//! boundaries between entries move and the users do not.

use super::Node;
use super::evaluate::{Evaluator, Scope, Stop};
use crate::bucketing::bucket;
use crate::value::Value;

/// The weights may add up to this at most.
pub(crate) const TOTAL_WEIGHT_MAX: u32 = i32::MAX.unsigned_abs();

/// A split.
#[derive(Debug)]
pub(crate) struct Fractional {
    /// What is bucketed by; none for flag and targeting key.
    pub(crate) by: Option<Node>,
    /// What each bucket stands for.
    pub(crate) chosen: Box<[Node]>,
    pub(crate) weights: Weights,
}

/// How large the buckets are.
#[derive(Debug)]
pub(crate) enum Weights {
    /// Where each bucket ends; the last end is the sum of the weights.
    Fixed(Box<[u32]>),
    /// Some of the weights are reckoned.
    Reckoned(Box<[Weight]>),
}

/// The weight of a bucket.
#[derive(Debug)]
pub(crate) enum Weight {
    Fixed(u32),
    Reckoned(Node),
}

impl Weights {
    /// The weights of a split; none when they add up to more than [`TOTAL_WEIGHT_MAX`].
    pub(super) fn of(weights: Vec<Weight>) -> Option<Self> {
        let mut total = 0;
        let mut ends = Vec::with_capacity(weights.len());
        for weight in &weights {
            let Weight::Fixed(weight) = weight else { return Some(Self::Reckoned(weights.into())) };
            total = sum(total, *weight)?;
            ends.push(total);
        }
        Some(Self::Fixed(ends.into()))
    }
}

impl<'a> Evaluator<'a> {
    pub(super) fn fractional(&mut self, rule: &'a Fractional, scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        let hash = match &rule.by {
            Some(by) => match self.value(by, scope)? {
                Value::Null => return Err(Stop::OperatorFailed),
                value => self.users.hash_of_value(value, self.arena),
            },
            None => {
                let targeting_key = self.context.targeting_key().ok_or(Stop::OperatorFailed)?;
                self.users.hash(targeting_key)
            }
        };
        let ends = match &rule.weights {
            Weights::Fixed(ends) => ends,
            Weights::Reckoned(weights) => self.ends(weights, scope)?,
        };
        let bucket = bucket(hash, ends.last().copied().unwrap_or_default());
        // Only weights that add up to nothing leave no bucket.
        let place = ends.iter().position(|end| bucket < *end).ok_or(Stop::OperatorFailed)?;
        let chosen = rule.chosen.get(place).ok_or(Stop::OperatorFailed)?;
        self.value(chosen, scope)
    }

    fn ends(&mut self, weights: &'a [Weight], scope: Scope<'a>) -> Result<&'a [u32], Stop> {
        let mut total = 0;
        let mut ends = bumpalo::collections::Vec::with_capacity_in(weights.len(), self.arena.bump());
        for weight in weights {
            let weight = match weight {
                Weight::Fixed(weight) => Some(*weight),
                Weight::Reckoned(node) => match self.value(node, scope)? {
                    Value::Number(number) => whole_weight(number),
                    _ => None,
                },
            };
            total = weight.and_then(|weight| sum(total, weight)).ok_or(Stop::OperatorFailed)?;
            ends.push(total);
        }
        Ok(ends.into_bump_slice())
    }
}

/// The sum of two weights, as long as it is no more than [`TOTAL_WEIGHT_MAX`].
fn sum(total: u32, weight: u32) -> Option<u32> {
    total.checked_add(weight).filter(|sum| *sum <= TOTAL_WEIGHT_MAX)
}

/// A weight out of a number: whole; negative ones count 0.
pub(super) fn whole_weight(number: f64) -> Option<u32> {
    let is_whole = number.fract() == 0.0 && number <= f64::from(TOTAL_WEIGHT_MAX);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "in bounds, and negative ones saturate at 0"
    )]
    let weight = number as u32;
    is_whole.then_some(weight)
}
