//! Comparison, arithmetic, texts and lists, as JSON Logic has them.

use bumpalo::collections::Vec as ArenaVec;

use super::evaluate::{Evaluator, Scope, Stop};
use super::{Arithmetic, Node, Order};
use crate::value::Value;

impl<'a> Evaluator<'a> {
    /// The number of a value; reading it out of a long text counts.
    fn number(&mut self, value: Value<'a>) -> Result<f64, Stop> {
        if let Value::Text(text) = value {
            self.spend(text.len())?;
        }
        Ok(value.to_number())
    }

    fn both(&mut self, [left, right]: &'a [Node; 2], scope: Scope<'a>) -> Result<(Value<'a>, Value<'a>), Stop> {
        Ok((self.value(left, scope)?, self.value(right, scope)?))
    }

    pub(super) fn equal(&mut self, sides: &'a [Node; 2], scope: Scope<'a>) -> Result<bool, Stop> {
        Ok(match self.both(sides, scope)? {
            (Value::Text(left), Value::Text(right)) => left == right,
            (Value::Null, right) => right == Value::Null,
            (_, Value::Null) => false,
            (left @ (Value::Array(_) | Value::Object(_)), right @ (Value::Array(_) | Value::Object(_))) => {
                self.spend_on(left)?;
                left == right
            }
            (left @ (Value::Array(_) | Value::Object(_)), Value::Text(right)) => left.to_text(self.arena) == right,
            (Value::Text(left), right @ (Value::Array(_) | Value::Object(_))) => left == right.to_text(self.arena),
            (left, right) => self.number(left)? == self.number(right)?,
        })
    }

    pub(super) fn strictly_equal(&mut self, sides: &'a [Node; 2], scope: Scope<'a>) -> Result<bool, Stop> {
        let (left, right) = self.both(sides, scope)?;
        self.spend_on(left)?;
        Ok(left == right)
    }

    /// Whether each operand stands in this order to the next.
    pub(super) fn ordered(&mut self, order: Order, operands: &'a [Node], scope: Scope<'a>) -> Result<bool, Stop> {
        let mut operands = operands.iter();
        let Some(first) = operands.next() else { return Ok(false) };
        let mut left = self.value(first, scope)?;
        for operand in operands {
            let right = self.value(operand, scope)?;
            self.spend_on(right)?;
            if !stands(order, left, right) {
                return Ok(false);
            }
            left = right;
        }
        Ok(true)
    }

    /// Whether the first is an element of the second, or a part of its text.
    pub(super) fn contains(&mut self, sides: &'a [Node; 2], scope: Scope<'a>) -> Result<bool, Stop> {
        Ok(match self.both(sides, scope)? {
            (needle, list @ Value::Array(items)) => {
                self.spend_on(list)?;
                items.contains(&needle)
            }
            (Value::Null, _) => false,
            (needle, Value::Text(text)) => {
                self.spend(text.len())?;
                text.contains(needle.to_text(self.arena))
            }
            _ => false,
        })
    }

    pub(super) fn arithmetic(
        &mut self,
        operation: Arithmetic,
        operands: &'a [Node],
        scope: Scope<'a>,
    ) -> Result<Value<'a>, Stop> {
        let mut total = None;
        if let [only] = operands {
            match (self.value(only, scope)?, operation) {
                (Value::Array(items), Arithmetic::Minimum | Arithmetic::Maximum) => {
                    for item in items {
                        total = Some(combined(operation, total, self.number(*item)?));
                    }
                }
                (value, Arithmetic::Subtract) => total = Some(-self.number(value)?),
                (value, _) => total = Some(self.number(value)?),
            }
        } else {
            for operand in operands {
                let value = self.value(operand, scope)?;
                let number = self.number(value)?;
                total = Some(combined(operation, total, number));
            }
        }
        Ok(total.filter(|number| number.is_finite()).map_or(Value::Null, Value::Number))
    }

    /// Texts one after the other; what is null adds nothing.
    pub(super) fn cat(&mut self, operands: &'a [Node], scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        let mut text = bumpalo::collections::String::new_in(self.arena.bump());
        for operand in operands {
            match self.value(operand, scope)? {
                Value::Null => {}
                value => text.push_str(value.to_text(self.arena)),
            }
            self.spend(text.len())?;
        }
        Ok(Value::Text(text.into_bump_str()))
    }

    /// Characters from a start, counted from the end where it is negative, and so many of them; a negative number of
    /// them leaves that many off at the end.
    pub(super) fn substr(&mut self, operands: &'a [Node], scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        let [text, start, rest @ ..] = operands else { return Ok(Value::Null) };
        let text = self.value(text, scope)?.to_text(self.arena);
        self.spend(text.len())?;
        let count = text.chars().count();
        let start = from_either_end(self.value(start, scope)?, count);
        let end = match rest.first() {
            None => count,
            Some(length) => match self.value(length, scope)?.to_number() {
                length if length < 0.0 => from_either_end(Value::Number(length), count),
                length => start.saturating_add(whole(length)).min(count),
            },
        };
        let at = |index: usize| text.char_indices().nth(index).map_or(text.len(), |(position, _)| position);
        Ok(Value::Text(text.get(at(start)..at(end)).unwrap_or_default()))
    }

    /// Lists one after the other; what is no list counts as one of one element.
    pub(super) fn merge(&mut self, operands: &'a [Node], scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        let mut merged = ArenaVec::new_in(self.arena.bump());
        for operand in operands {
            match self.value(operand, scope)? {
                Value::Array(items) => merged.extend_from_slice(items),
                value => merged.push(value),
            }
        }
        self.made(Value::Array(merged.into_bump_slice()))
    }

    /// Those of the paths where nothing stands.
    pub(super) fn missing(&mut self, operands: &'a [Node], scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        let paths = match self.list(operands, scope)? {
            Value::Array([Value::Array(paths), ..]) => paths,
            Value::Array(paths) => paths,
            _ => &[],
        };
        Ok(Value::Array(self.missing_of(paths, scope)?))
    }

    /// Nothing when enough of the paths are there, otherwise those that are not.
    pub(super) fn missing_some(&mut self, sides: &'a [Node; 2], scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        let (needed, paths) = self.both(sides, scope)?;
        let Value::Array(paths) = paths else { return Ok(Value::Array(&[])) };
        let missing = self.missing_of(paths, scope)?;
        let found = paths.len() - missing.len();
        let enough = found >= whole(needed.to_number());
        Ok(Value::Array(if enough { &[] } else { missing }))
    }

    fn missing_of(&mut self, paths: &'a [Value<'a>], scope: Scope<'a>) -> Result<&'a [Value<'a>], Stop> {
        let mut missing = ArenaVec::new_in(self.arena.bump());
        for path in paths {
            if matches!(self.lookup(*path, scope)?, None | Some(Value::Null | Value::Text(""))) {
                missing.push(*path);
            }
        }
        Ok(missing.into_bump_slice())
    }

    /// Two texts, or a failure.
    pub(super) fn texts(&mut self, sides: &'a [Node; 2], scope: Scope<'a>) -> Result<(&'a str, &'a str), Stop> {
        match self.both(sides, scope)? {
            (Value::Text(left), Value::Text(right)) => Ok((left, right)),
            _ => Err(Stop::OperatorFailed),
        }
    }
}

/// Texts compare as texts, everything else as numbers.
fn stands(order: Order, left: Value<'_>, right: Value<'_>) -> bool {
    let ordering = match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (left, right) => left.to_number().partial_cmp(&right.to_number()),
    };
    ordering.is_some_and(|ordering| match order {
        Order::Less => ordering.is_lt(),
        Order::LessOrEqual => ordering.is_le(),
        Order::Greater => ordering.is_gt(),
        Order::GreaterOrEqual => ordering.is_ge(),
    })
}

fn combined(operation: Arithmetic, total: Option<f64>, number: f64) -> f64 {
    let Some(total) = total else { return number };
    match operation {
        Arithmetic::Add => total + number,
        Arithmetic::Subtract => total - number,
        Arithmetic::Multiply => total * number,
        Arithmetic::Divide => total / number,
        Arithmetic::Remainder => total % number,
        Arithmetic::Minimum if total.is_nan() || number.is_nan() => f64::NAN,
        Arithmetic::Maximum if total.is_nan() || number.is_nan() => f64::NAN,
        Arithmetic::Minimum => total.min(number),
        Arithmetic::Maximum => total.max(number),
    }
}

/// A position counted from the start, or from the end where it is negative; within the text.
fn from_either_end(position: Value<'_>, count: usize) -> usize {
    match position.to_number() {
        position if position < 0.0 => count.saturating_sub(whole(-position)),
        position => whole(position).min(count),
    }
}

/// The whole part of a number that is not negative; 0 for what is none.
fn whole(number: f64) -> usize {
    // A cast from float to integer saturates, and takes NaN for 0.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let whole = number as usize;
    whole
}
