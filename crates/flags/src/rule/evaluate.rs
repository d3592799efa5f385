//! The walk over a compiled rule.

use super::{Each, Node};
use crate::bucketing::UsersOfFlag;
use crate::context::Context;
use crate::value::{Arena, Value};

/// Operators one evaluation may go through; a rule over long lists can ask for far more than its size.
pub const STEPS_MAX: usize = 100_000;
/// What [`STEPS_MAX`] steps come to.
pub(crate) const COST_MAX: usize = STEPS_MAX * SIZE_PER_STEP;
/// Bytes or elements that an operator goes through for one step.
const SIZE_PER_STEP: usize = 64;
/// Bytes of texts and lists that one evaluation may make.
pub const MEMORY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Lists within lists that a rule may make; input is as deep at most.
const VALUE_DEPTH_MAX: usize = 128;

/// Why a rule has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// One of flagd's operators was given what it is not made for: the default variant.
    OperatorFailed,
    /// More than [`STEPS_MAX`] or [`MEMORY_BYTES_MAX`]: no variant at all.
    BeyondLimit,
}

/// What `var` reads from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope<'a> {
    /// The context.
    Context,
    /// An element of a list.
    Element(&'a Value<'a>),
    /// An element and what has come of those before it.
    Reduction(&'a Reduction<'a>),
}

/// Where a `reduce` stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reduction<'a> {
    /// The element.
    pub(super) current: Value<'a>,
    /// What has come of those before it.
    pub(super) accumulator: Value<'a>,
}

/// One evaluation.
pub(super) struct Evaluator<'a> {
    pub(super) arena: &'a Arena,
    pub(super) context: &'a Context<'a>,
    pub(super) flag_key: &'a str,
    pub(super) now_s: f64,
    pub(super) users: &'a UsersOfFlag,
    /// Bytes and elements that may still be gone through, a step for so many.
    left: usize,
}

/// Evaluates a rule of a flag at a time, in seconds since 1970.
pub(crate) fn evaluate<'a>(
    rule: &'a Node,
    context: &'a Context<'a>,
    flag_key: &'a str,
    now_s: i64,
    users: &'a UsersOfFlag,
    arena: &'a Arena,
) -> Result<Value<'a>, Stop> {
    let now_s = crate::context::nearest(i128::from(now_s));
    let limit = context.budget().map_or(COST_MAX, |budget| budget.left().min(COST_MAX));
    let mut evaluator = Evaluator { arena, context, flag_key, now_s, users, left: limit };
    let outcome = evaluator.value(rule, Scope::Context);
    if let Some(budget) = context.budget() {
        budget.spend(limit - evaluator.left);
    }
    if arena.allocated_bytes() > MEMORY_BYTES_MAX { Err(Stop::BeyondLimit) } else { outcome }
}

impl<'a> Evaluator<'a> {
    pub(super) fn value(&mut self, node: &'a Node, scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        self.step()?;
        Ok(match node {
            Node::Null => Value::Null,
            Node::Bool(value) => Value::Bool(*value),
            Node::Number(number) => Value::Number(*number),
            Node::Text(text) => Value::Text(text),
            Node::List(items) => self.within_memory(|it| it.list(items, scope))?,
            Node::Variable(variable) => return self.variable(variable, scope),
            Node::If(arguments) => return self.branch(arguments, scope),
            Node::And(operands) => return self.until(operands, scope, |value| !value.is_truthy()),
            Node::Or(operands) => return self.until(operands, scope, Value::is_truthy),
            Node::Arithmetic { operation, operands } => self.arithmetic(*operation, operands, scope)?,
            Node::Cat(operands) => self.within_memory(|it| it.cat(operands, scope))?,
            Node::Substr(operands) => self.substr(operands, scope)?,
            Node::Merge(operands) => self.within_memory(|it| it.merge(operands, scope))?,
            Node::Missing(operands) => self.missing(operands, scope)?,
            Node::MissingSome(operands) => self.missing_some(operands, scope)?,
            Node::Each { what, list, rule } => self.within_memory(|it| it.each(*what, list, rule, scope))?,
            Node::Reduce { list, rule, start } => self.within_memory(|it| it.reduce(list, rule, start, scope))?,
            Node::Fractional(rule) => return self.fractional(rule, scope),
            Node::Fails => return Err(Stop::OperatorFailed),
            Node::Not(_)
            | Node::Truth(_)
            | Node::Equal { .. }
            | Node::StrictlyEqual { .. }
            | Node::Ordered { .. }
            | Node::In(_)
            | Node::InTexts { .. }
            | Node::StartsWith(_)
            | Node::EndsWith(_)
            | Node::SemVer(_) => Value::Bool(self.truth(node, scope)?),
        })
    }

    /// Whether a rule is true, without making a value of it where it is a comparison.
    fn truth(&mut self, node: &'a Node, scope: Scope<'a>) -> Result<bool, Stop> {
        match node {
            Node::Not(operand) => Ok(!self.truth_of(operand, scope)?),
            Node::Truth(operand) => self.truth_of(operand, scope),
            Node::Equal { negated, sides } => Ok(self.equal(sides, scope)? != *negated),
            Node::StrictlyEqual { negated, sides } => Ok(self.strictly_equal(sides, scope)? != *negated),
            Node::Ordered { order, operands } => self.ordered(*order, operands, scope),
            Node::In(sides) => self.contains(sides, scope),
            Node::InTexts { needle, texts } => match &self.value(needle, scope)? {
                Value::Text(needle) => Ok(texts.contain(needle)),
                _ => Ok(false),
            },
            Node::StartsWith(sides) => self.texts(sides, scope).map(|(text, with)| text.starts_with(with)),
            Node::EndsWith(sides) => self.texts(sides, scope).map(|(text, with)| text.ends_with(with)),
            Node::SemVer(rule) => self.sem_ver(rule, scope),
            _ => Ok(self.value(node, scope)?.is_truthy()),
        }
    }

    /// The same for an operand, which counts as a step.
    fn truth_of(&mut self, node: &'a Node, scope: Scope<'a>) -> Result<bool, Stop> {
        self.step()?;
        self.truth(node, scope)
    }

    #[inline]
    fn step(&mut self) -> Result<(), Stop> {
        self.spend(SIZE_PER_STEP)
    }

    /// Counts what an operator does with so many bytes or elements as steps, so that few operators over long texts and
    /// lists are no way around the limit.
    #[inline]
    pub(super) fn spend(&mut self, size: usize) -> Result<(), Stop> {
        match self.left.checked_sub(size) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => {
                self.left = 0;
                Err(Stop::BeyondLimit)
            }
        }
    }

    /// Counts what there is of a value, at all depths: its bytes and elements.
    pub(super) fn spend_on(&mut self, value: Value<'_>) -> Result<(), Stop> {
        let mut left = self.left;
        let before = left;
        if !is_within(value, VALUE_DEPTH_MAX, &mut left) {
            // Finding that out has cost what was left.
            self.left = 0;
            return Err(Stop::BeyondLimit);
        }
        self.spend(before - left)
    }

    /// A list that a rule has made. Lists share their elements, so a short rule can make one that is far larger, and far
    /// deeper, than the memory it takes: everybody who walks over it later relies on its having been counted here.
    pub(super) fn made(&mut self, value: Value<'a>) -> Result<Value<'a>, Stop> {
        self.spend_on(value)?;
        Ok(value)
    }

    /// Runs what takes memory, unless too much of it is taken. One operator takes at most as much again as its operands.
    fn within_memory(&mut self, work: impl FnOnce(&mut Self) -> Result<Value<'a>, Stop>) -> Result<Value<'a>, Stop> {
        if self.arena.allocated_bytes() > MEMORY_BYTES_MAX {
            return Err(Stop::BeyondLimit);
        }
        work(self)
    }

    /// Condition and value in turn; a last one alone is the "else".
    fn branch(&mut self, arguments: &'a [Node], scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        let mut rest = arguments;
        loop {
            match rest {
                [] => return Ok(Value::Null),
                [otherwise] => return self.value(otherwise, scope),
                [condition, then, others @ ..] => {
                    if self.truth_of(condition, scope)? {
                        return self.value(then, scope);
                    }
                    rest = others;
                }
            }
        }
    }

    /// The first operand that ends the chain, or the last.
    fn until(
        &mut self,
        operands: &'a [Node],
        scope: Scope<'a>,
        ends: impl Fn(&Value<'a>) -> bool,
    ) -> Result<Value<'a>, Stop> {
        let mut last = Value::Null;
        for operand in operands {
            last = self.value(operand, scope)?;
            if ends(&last) {
                break;
            }
        }
        Ok(last)
    }

    pub(super) fn list(&mut self, items: &'a [Node], scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        let mut values = bumpalo::collections::Vec::with_capacity_in(items.len(), self.arena.bump());
        for item in items {
            values.push(self.value(item, scope)?);
        }
        self.made(Value::Array(values.into_bump_slice()))
    }

    fn each(&mut self, what: Each, list: &'a Node, rule: &'a Node, scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        let items = match self.value(list, scope)? {
            Value::Array(items) => items,
            _ => &[],
        };
        let mut kept = bumpalo::collections::Vec::new_in(self.arena.bump());
        for item in items {
            let outcome = self.value(rule, Scope::Element(item))?;
            match (what, outcome.is_truthy()) {
                (Each::Map, _) => kept.push(outcome),
                (Each::Filter, true) => kept.push(*item),
                (Each::All, false) | (Each::None, true) => return Ok(Value::Bool(false)),
                (Each::Some, true) => return Ok(Value::Bool(true)),
                (Each::Filter | Each::Some | Each::None, false) | (Each::All, true) => {}
            }
        }
        Ok(match what {
            Each::Map | Each::Filter => self.made(Value::Array(kept.into_bump_slice()))?,
            // As in JavaScript's implementation, nothing is not "all of it".
            Each::All => Value::Bool(!items.is_empty()),
            Each::None => Value::Bool(true),
            Each::Some => Value::Bool(false),
        })
    }

    fn reduce(&mut self, list: &'a Node, rule: &'a Node, start: &'a Node, scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        let items = self.value(list, scope)?;
        let mut accumulator = self.value(start, scope)?;
        if let Value::Array(items) = items {
            for item in items {
                let reduction = self.arena.bump().alloc(Reduction { current: *item, accumulator });
                accumulator = self.value(rule, Scope::Reduction(reduction))?;
            }
        }
        Ok(accumulator)
    }
}

/// Whether a value is no deeper than `depth` and no larger than `left`, from which its size is taken.
fn is_within(value: Value<'_>, depth: usize, left: &mut usize) -> bool {
    let mut take = |size: usize| left.checked_sub(size).map(|rest| *left = rest).is_some();
    match value {
        Value::Text(text) => take(text.len()),
        Value::Array(items) => {
            take(items.len()) && depth > 0 && items.iter().all(|item| is_within(*item, depth - 1, left))
        }
        Value::Object(fields) => {
            take(fields.len())
                && depth > 0
                && fields.iter().all(|(name, value)| {
                    left.checked_sub(name.len()).map(|rest| *left = rest).is_some()
                        && is_within(*value, depth - 1, left)
                })
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bucketing, ErrorCode, FlagSet, document};

    /// A context that is costly for one flag must not be so for each flag of a set.
    #[test]
    fn evaluations_of_one_request_share_a_budget() {
        let costly = r#"{"if":[{"none":[{"var":"list"},{"==":[{"var":""},1]}]},"a","b"]}"#;
        let flag = |targeting: &str| {
            format!(r#"{{"state":"ENABLED","variants":{{"a":1,"b":2}},"defaultVariant":"b","targeting":{targeting}}}"#)
        };
        let (costly, cheap) = (flag(costly), flag(r#"{"if":[true,"a","b"]}"#));
        let keys: Vec<String> = (0..100).map(|number| format!("f{number}")).collect();
        let flags = keys.iter().map(|key| (key.as_str(), costly.as_str())).chain([("cheap", cheap.as_str())]);
        let set = FlagSet::check(document(flags, None, None).as_bytes(), Bucketing::V3).unwrap();
        let list = vec![Value::Number(0.0); 20_000];
        let attributes = [("list", Value::Array(&list))];
        let alone = Context::of(None).with_attributes(&attributes);
        let budget = crate::Budget::of_request();
        let shared = alone.with_budget(&budget);
        let is_answered = |context: &Context<'_>, key: &str| set.evaluate(key, context, 0).result.is_ok();
        assert!(keys.iter().all(|key| is_answered(&alone, key)), "each is within its own limit");
        let answered = keys.iter().filter(|key| is_answered(&shared, key)).count();
        assert!((1..40).contains(&answered), "{answered} of 100 were answered");
        assert!(!is_answered(&shared, "cheap"), "nothing is left");
    }

    /// Rules that are short and would take time or stack without end.
    #[test]
    fn values_that_grow_beyond_all_bounds_end_the_evaluation() {
        let ones = format!("[{}]", vec!["1"; 200].join(","));
        let twice = r#"[{"var":"accumulator"},{"var":"accumulator"}]"#;
        let grown = |rule: &str, start: &str| format!(r#"{{"reduce":[{ones},{rule},{start}]}}"#);
        let doubled = grown(twice, "\"x\"");
        let nested = grown(r#"[{"var":"accumulator"}]"#, "1");
        let whole = grown(r#"{"var":""}"#, "1");
        let merged = grown(&format!(r#"{{"merge":{twice}}}"#), "[[1,2],[3]]");
        let long = grown(&format!(r#"{{"cat":{twice}}}"#), "\"xx\"");
        for value in [&doubled, &nested, &whole, &merged, &long] {
            for rule in [
                format!(r#"{{"cat":[{value}]}}"#),
                format!(r#"{{"if":[{{"==":[{value},{value}]}},"a"]}}"#),
                format!(r#"{{"if":[{{"in":[{value},[{value}]]}},"a"]}}"#),
                format!(r#"{{"fractional":[{value},["a",1]]}}"#),
                value.clone(),
            ] {
                let flag = format!(r#"{{"state":"ENABLED","variants":{{"a":1}},"targeting":{rule}}}"#);
                let text = document([("f", &*flag)], None, None);
                let set = FlagSet::check(text.as_bytes(), Bucketing::V3).unwrap();
                let evaluation = set.evaluate("f", &Context::of(Some("u")), 0);
                assert_eq!(evaluation.result.unwrap_err().code, ErrorCode::General, "{rule}");
                assert!(set.explain("f", &Context::of(Some("u")), 0).is_some(), "{rule}");
            }
        }
    }
}
