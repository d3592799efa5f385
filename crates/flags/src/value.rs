//! Values of a context and of rules: JSON, borrowed, with numbers as doubles as in JSON Logic.

use std::cell::{Cell, OnceCell};

use bumpalo::Bump;

/// Memory of one request: what its context and its rules' intermediate values live in. Freed as a whole, so that an
/// evaluation allocates nothing of its own.
#[derive(Debug, Default)]
pub struct Arena {
    /// Taken when something is first put into it.
    memory: OnceCell<Bump>,
    /// Whether its memory is the thread's spare one.
    is_spare: bool,
}

impl Arena {
    /// An arena that has taken no memory yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets what was in it and keeps its memory for the next request.
    pub fn reset(&mut self) {
        if let Some(memory) = self.memory.get_mut() {
            memory.reset();
        }
    }

    #[inline]
    pub(crate) fn bump(&self) -> &Bump {
        self.memory.get_or_init(|| if self.is_spare { SPARE.take().unwrap_or_default() } else { Bump::new() })
    }

    /// Bytes it has taken.
    #[inline]
    pub(crate) fn allocated_bytes(&self) -> usize {
        self.memory.get().map_or(0, Bump::allocated_bytes)
    }

    pub(crate) fn text(&self, text: &str) -> &str {
        self.bump().alloc_str(text)
    }
}

/// A JSON value. Objects keep their fields in the order they came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Nothing, and what is missing.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, finite.
    Number(f64),
    /// Text.
    Text(&'a str),
    /// A list.
    Array(&'a [Value<'a>]),
    /// Names with values, each name once.
    Object(&'a [(&'a str, Value<'a>)]),
}

impl<'a> Value<'a> {
    /// Whether a rule takes the value for true, as JSON Logic does: an empty text or list, 0 and null are not.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(value) => *value,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Text(text) => !text.is_empty(),
            Self::Array(items) => !items.is_empty(),
            Self::Object(_) => true,
        }
    }

    /// The text of the value, as JSON Logic's `cat` writes it: numbers as JavaScript does, lists joined by commas.
    pub(crate) fn to_text(self, arena: &'a Arena) -> &'a str {
        match self {
            Self::Text(text) => text,
            Self::Null => "null",
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
            Self::Number(number) => arena.text(ryu_js::Buffer::new().format(number)),
            Self::Object(_) => OBJECT_TEXT,
            Self::Array(items) => {
                let mut text = bumpalo::collections::String::new_in(arena.bump());
                for (index, item) in items.iter().enumerate() {
                    // What is longer than an evaluation may be ends it, however the text goes on.
                    if text.len() > crate::rule::MEMORY_BYTES_MAX {
                        break;
                    }
                    if index > 0 {
                        text.push(',');
                    }
                    if *item != Self::Null {
                        text.push_str(item.to_text(arena));
                    }
                }
                text.into_bump_str()
            }
        }
    }

    /// The number of the value as JavaScript's `Number()` reads it; NaN where there is none.
    pub(crate) fn to_number(self) -> f64 {
        match self {
            Self::Null => 0.0,
            Self::Bool(value) => f64::from(u8::from(value)),
            Self::Number(number) => number,
            Self::Text(text) => number_of(text),
            Self::Array([]) => 0.0,
            Self::Array([only]) => only.to_number(),
            Self::Array(_) | Self::Object(_) => f64::NAN,
        }
    }

    /// The value behind a path of names and indices; none where something on the way is missing.
    pub(crate) fn at(self, step: &str) -> Option<Self> {
        match self {
            Self::Object(fields) => field(fields, step),
            Self::Array(items) => items.get(step.parse::<usize>().ok()?).copied(),
            _ => None,
        }
    }
}

/// The value of a field of an object.
#[inline]
pub(crate) fn field<'a>(fields: &[(&str, Value<'a>)], name: &str) -> Option<Value<'a>> {
    fields.iter().find(|(known, _)| is_same(known, name)).map(|(_, value)| *value)
}

/// Whether two texts are the same. Most that are not differ in length or at their ends, which is told here without a call.
#[inline]
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    one.len() == other.len() && one.first() == other.first() && one.last() == other.last() && one == other
}

/// Reads text as JavaScript's `Number()` does, without its hexadecimal, octal and binary forms.
fn number_of(text: &str) -> f64 {
    let text = text.trim();
    if text.is_empty() {
        return 0.0;
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    // Rust reads "inf" and "nan" too, which are not numbers of JSON.
    if digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        text.parse().unwrap_or(f64::NAN)
    } else {
        f64::NAN
    }
}

/// What JavaScript makes of an object as text.
const OBJECT_TEXT: &str = "[object Object]";

thread_local! {
    static SPARE: Cell<Option<Bump>> = const { Cell::new(None) };
}

/// Runs `work` with an arena whose memory, if it takes any, is this thread's and is used again by the next.
#[inline]
pub(crate) fn with_spare_arena<T>(work: impl FnOnce(&Arena) -> T) -> T {
    /// An arena that grew beyond this is given back instead of kept, in bytes.
    const KEPT_BYTES_MAX: usize = 256 * 1024;
    let arena = Arena { memory: OnceCell::new(), is_spare: true };
    let answer = work(&arena);
    if let Some(mut memory) = arena.memory.into_inner()
        && memory.allocated_bytes() <= KEPT_BYTES_MAX
    {
        memory.reset();
        SPARE.set(Some(memory));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_is_json_logics() {
        for (value, truthy) in [
            (Value::Null, false),
            (Value::Number(0.0), false),
            (Value::Number(-0.0), false),
            (Value::Number(0.5), true),
            (Value::Text(""), false),
            (Value::Text("0"), true),
            (Value::Text("false"), true),
            (Value::Array(&[]), false),
            (Value::Array(&[Value::Null]), true),
            (Value::Object(&[]), true),
        ] {
            assert_eq!(value.is_truthy(), truthy, "{value:?}");
        }
    }

    #[test]
    fn numbers_read_and_write_as_in_javascript() {
        let arena = Arena::new();
        for (number, text) in [(1.0, "1"), (-0.0, "0"), (0.1, "0.1"), (1e21, "1e+21"), (1e20, "100000000000000000000")]
        {
            assert_eq!(Value::Number(number).to_text(&arena), text);
        }
        for (text, number) in [("", 0.0), (" 12 ", 12.0), ("-1.5e2", -150.0), (".5", 0.5), ("+3", 3.0)] {
            assert_eq!(Value::Text(text).to_number(), number, "{text:?}");
        }
        for text in ["inf", "NaN", "1x", "x", "-", "1 2"] {
            assert!(Value::Text(text).to_number().is_nan(), "{text:?}");
        }
    }

    #[test]
    fn lists_are_written_as_in_javascript() {
        let arena = Arena::new();
        let inner = [Value::Number(2.0), Value::Null];
        let items = [Value::Text("a"), Value::Null, Value::Array(&inner), Value::Bool(true)];
        assert_eq!(Value::Array(&items).to_text(&arena), "a,,2,,true");
    }
}
