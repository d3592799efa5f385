//! `var`: where a rule reads from the context.

use super::Node;
use super::evaluate::{Evaluator, Reduction, Scope, Stop};
use crate::context::TARGETING_KEY;
use crate::value::{Value, is_same};

/// A place in the context, and what counts where there is nothing.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(super) place: Place,
    pub(super) otherwise: Node,
}

#[derive(Debug)]
pub(super) enum Place {
    /// The whole context, or the whole element inside `map` and its like.
    Whole,
    TargetingKey,
    Attribute(Box<str>),
    /// Names and indices, one below the other.
    Path(Box<[Box<str>]>),
    /// `$flagd.flagKey`
    FlagKey,
    /// `$flagd.timestamp`, in seconds since 1970.
    Timestamp,
    /// `$lotwise.segments`, the names of the segments the targeting key is a member of.
    Segments,
    /// A path that is itself reckoned.
    Computed(Node),
}

impl Place {
    /// The place a path names; `is_context` where it starts at the context and not at an element of a list.
    pub(super) fn of(path: &str, is_context: bool) -> Self {
        match path {
            "" => Self::Whole,
            TARGETING_KEY if is_context => Self::TargetingKey,
            "$flagd.flagKey" if is_context => Self::FlagKey,
            "$flagd.timestamp" if is_context => Self::Timestamp,
            "$lotwise.segments" if is_context => Self::Segments,
            path if is_context && !path.contains('.') => Self::Attribute(path.into()),
            path => Self::Path(path.split('.').map(Into::into).collect()),
        }
    }
}

impl<'a> Evaluator<'a> {
    #[inline]
    pub(super) fn variable(&mut self, variable: &'a Variable, scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        let found = match &variable.place {
            Place::Attribute(name) => match self.context.attributes().iter().find(|(known, _)| is_same(known, name)) {
                Some((_, value)) => return Ok(*value),
                None => None,
            },
            Place::TargetingKey => self.context.targeting_key().map(Value::Text),
            Place::Path(steps) => self.walk(steps.iter().map(AsRef::as_ref), scope),
            Place::FlagKey => Some(Value::Text(self.flag_key)),
            Place::Timestamp => Some(Value::Number(self.now_s)),
            Place::Segments => Some(self.segments()),
            Place::Whole => Some(self.whole(scope)?),
            Place::Computed(path) => {
                let path = self.value(path, scope)?;
                self.lookup(path, scope)?
            }
        };
        match found {
            Some(value) => Ok(value),
            None => self.value(&variable.otherwise, scope),
        }
    }

    /// What stands at a path; none where something on the way is missing.
    pub(super) fn lookup(&mut self, path: Value<'a>, scope: Scope<'a>) -> Result<Option<Value<'a>>, Stop> {
        Ok(match path {
            Value::Null | Value::Text("") => Some(self.whole(scope)?),
            path => {
                let text = path.to_text(self.arena);
                match (text, scope) {
                    ("$flagd.flagKey", Scope::Context) => Some(Value::Text(self.flag_key)),
                    ("$flagd.timestamp", Scope::Context) => Some(Value::Number(self.now_s)),
                    ("$lotwise.segments", Scope::Context) => Some(self.segments()),
                    _ => self.walk(text.split('.'), scope),
                }
            }
        })
    }

    fn walk<'s>(&self, mut steps: impl Iterator<Item = &'s str>, scope: Scope<'a>) -> Option<Value<'a>> {
        let first = match scope {
            Scope::Context => self.context.attribute(steps.next()?)?,
            Scope::Element(value) => *value,
            Scope::Reduction(reduction) => match steps.next()? {
                "current" => reduction.current,
                "accumulator" => reduction.accumulator,
                _ => return None,
            },
        };
        steps.try_fold(first, Value::at)
    }

    fn whole(&mut self, scope: Scope<'a>) -> Result<Value<'a>, Stop> {
        match scope {
            Scope::Context => Ok(Value::Object(self.context.attributes())),
            Scope::Element(value) => Ok(*value),
            Scope::Reduction(Reduction { current, accumulator }) => {
                let fields = [("current", *current), ("accumulator", *accumulator)];
                self.made(Value::Object(self.arena.bump().alloc(fields)))
            }
        }
    }

    fn segments(&self) -> Value<'a> {
        let names = self.context.segments().iter().map(|name| Value::Text(name));
        Value::Array(self.arena.bump().alloc_slice_fill_iter(names))
    }
}
