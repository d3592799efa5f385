//! Targeting rules: JSON Logic as flagd speaks it, compiled once and evaluated without allocating.
//!
//! Semantics are those of the JavaScript implementation of JSON Logic wherever a value is null, missing or of another
//! type, with two exceptions: what is not finite is null, and a missing needle is `in` nothing. flagd's own operators
//! (`fractional`, `sem_ver`, `starts_with`, `ends_with`) fail on input they are not made for, and a failure ends the
//! whole rule: the flag then has its default variant.

mod compile;
mod evaluate;
mod fractional;
mod operators;
mod sem_ver;
mod variable;

pub(crate) use compile::Compiler;
pub use compile::OPERATORS;
pub(crate) use evaluate::{COST_MAX, Stop, evaluate};
pub use evaluate::{MEMORY_BYTES_MAX, STEPS_MAX};
pub(crate) use fractional::{Fractional, Weights};

use std::collections::HashSet;
use std::sync::Arc;

use sem_ver::SemVer;
use variable::Variable;

use crate::value::is_same;

/// Texts to be found by: few are looked through, many are hashed.
#[derive(Debug)]
pub(crate) enum Texts {
    Few(Box<[Arc<str>]>),
    Many(HashSet<Arc<str>, foldhash::fast::RandomState>),
}

impl Texts {
    /// Texts that it is faster to look through than to hash.
    const FEW: usize = 8;

    fn of(texts: Vec<Arc<str>>) -> Self {
        if texts.len() <= Self::FEW { Self::Few(texts.into()) } else { Self::Many(texts.into_iter().collect()) }
    }

    fn contain(&self, needle: &str) -> bool {
        match self {
            Self::Few(texts) => texts.iter().any(|text| is_same(text, needle)),
            Self::Many(texts) => texts.contains(needle),
        }
    }
}

/// A compiled rule, or a part of one.
#[derive(Debug)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Number(f64),
    Text(Arc<str>),
    List(Box<[Node]>),
    Variable(Box<Variable>),
    Missing(Box<[Node]>),
    MissingSome(Box<[Node; 2]>),
    If(Box<[Node]>),
    And(Box<[Node]>),
    Or(Box<[Node]>),
    Not(Box<Node>),
    Truth(Box<Node>),
    Equal {
        negated: bool,
        sides: Box<[Node; 2]>,
    },
    StrictlyEqual {
        negated: bool,
        sides: Box<[Node; 2]>,
    },
    /// Two operands, or three for "between".
    Ordered {
        order: Order,
        operands: Box<[Node]>,
    },
    In(Box<[Node; 2]>),
    /// `in` a list of texts that stands in the rule.
    InTexts {
        needle: Box<Node>,
        texts: Texts,
    },
    Arithmetic {
        operation: Arithmetic,
        operands: Box<[Node]>,
    },
    Cat(Box<[Node]>),
    Substr(Box<[Node]>),
    Merge(Box<[Node]>),
    Each {
        what: Each,
        list: Box<Node>,
        rule: Box<Node>,
    },
    Reduce {
        list: Box<Node>,
        rule: Box<Node>,
        start: Box<Node>,
    },
    StartsWith(Box<[Node; 2]>),
    EndsWith(Box<[Node; 2]>),
    SemVer(Box<SemVer>),
    Fractional(Box<Fractional>),
    /// One of flagd's operators in a form that can only fail.
    Fails,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Minimum,
    Maximum,
}

/// What is done with each element of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Each {
    Map,
    Filter,
    All,
    None,
    Some,
}
