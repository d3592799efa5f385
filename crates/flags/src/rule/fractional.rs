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
    /// What each bucket stands for, and its weight.
    pub(crate) entries: Box<[(Node, Weight)]>,
    /// Sum of the weights where all of them stand in the rule.
    pub(crate) total: Option<u32>,
}

/// The weight of an entry.
#[derive(Debug)]
pub(crate) enum Weight {
    Fixed(u32),
    Reckoned(Node),
}

impl<'a> Evaluator<'a> {
    pub(super) fn fractional(&mut self, rule: &'a Fractional, scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        let hash = match &rule.by {
            Some(by) => match self.value(by, scope)? {
                Value::Null => return Err(Stop::OperatorFailed),
                value => self.bucketing.hash_of_value(value, self.arena),
            },
            None => {
                let targeting_key = self.context.targeting_key().ok_or(Stop::OperatorFailed)?;
                self.bucketing.hash_of_user(self.flag_key, targeting_key, self.arena)
            }
        };
        let total = match rule.total {
            Some(total) => total,
            None => self.total_weight(rule, scope)?,
        };
        if total == 0 {
            return Err(Stop::OperatorFailed);
        }
        let bucket = bucket(hash, total);
        let mut end = 0;
        for (chosen, weight) in &rule.entries {
            end += self.weight(weight, scope)?;
            if bucket < end {
                return self.value(chosen, scope);
            }
        }
        // The bucket is below the total, which is the sum of the weights.
        Err(Stop::OperatorFailed)
    }

    fn total_weight(&mut self, rule: &'a Fractional, scope: Scope<'a>) -> Result<u32, Stop> {
        let mut total = 0_u32;
        for (_, weight) in &rule.entries {
            let weight = self.weight(weight, scope)?;
            total = total.checked_add(weight).filter(|sum| *sum <= TOTAL_WEIGHT_MAX).ok_or(Stop::OperatorFailed)?;
        }
        Ok(total)
    }

    fn weight(&mut self, weight: &'a Weight, scope: Scope<'a>) -> Result<u32, Stop> {
        match weight {
            Weight::Fixed(weight) => Ok(*weight),
            Weight::Reckoned(node) => match self.value(node, scope)? {
                Value::Number(number) => whole_weight(number).ok_or(Stop::OperatorFailed),
                _ => Err(Stop::OperatorFailed),
            },
        }
    }
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
