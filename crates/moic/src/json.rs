//! The strict reader of JSON objects: finds every problem of an input in one pass.
//!
//! A value is parsed into a borrowed tree; [`Fields`] then takes the fields of an object one by one and notes what is
//! missing, unknown, given twice or of the wrong type. Nothing is formatted while an input is right.

use std::fmt;

use serde_json_borrow::ObjectAsVec;
pub use serde_json_borrow::Value;

use crate::problem::Problem;

/// Most fields an object may have. Objects whose keys are data ([`Fields::map`]) have no such limit.
pub const FIELDS_PER_OBJECT_MAX: usize = 64;

/// Input that is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not valid JSON at line {line}, column {column}: {message}")]
pub struct SyntaxError {
    /// Line of the fault, from 1.
    pub line: usize,
    /// Column of the fault, from 1.
    pub column: usize,
    /// What the parser says, without the position.
    pub message: String,
}

impl From<serde_json::Error> for SyntaxError {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        let message = text.split(" at line ").next().unwrap_or(&text).to_owned();
        Self { line: error.line(), column: error.column(), message }
    }
}

/// Parses one JSON value.
///
/// # Errors
/// [`SyntaxError`] for anything that is not exactly one JSON value in UTF-8, or is nested deeper than 128 levels.
pub fn parse(bytes: &[u8]) -> Result<Value<'_>, SyntaxError> {
    parse_text(utf8(bytes)?)
}

/// Parses one JSON value out of text, which need not be checked for UTF-8 again.
pub(crate) fn parse_text(text: &str) -> Result<Value<'_>, SyntaxError> {
    serde_json::from_str(text).map_err(SyntaxError::from)
}

/// The bytes as text.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, SyntaxError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline.saturating_add(1));
        SyntaxError {
            line: before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1),
            column: before.len().saturating_sub(line_start).saturating_add(1),
            message: "the text is not UTF-8".to_owned(),
        }
    })
}

/// Where in the document a value stands. Rendered only when a problem is reported.
#[derive(Clone, Copy, Debug)]
pub struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'p> {
    Root,
    Field(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    /// The document itself.
    #[must_use]
    pub const fn root() -> Self {
        Self { parent: None, step: Step::Root }
    }

    /// The field `name` of the object at this path.
    #[must_use]
    pub const fn field(&'p self, name: &'p str) -> Self {
        Self { parent: Some(self), step: Step::Field(name) }
    }

    /// The element `index` of the array at this path.
    #[must_use]
    pub const fn index(&'p self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Index(index) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at_start = self.parent.is_none_or(|parent| matches!(parent.step, Step::Root));
        if let Some(parent) = self.parent {
            write!(out, "{parent}")?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Index(index) => write!(out, "[{index}]"),
            Step::Field(name) if at_start => write!(out, "{name}"),
            Step::Field(name) => write!(out, ".{name}"),
        }
    }
}

/// The problems found so far.
#[derive(Debug, Default)]
pub struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// Most problems kept of one document: enough to mend it by, few enough to print.
    pub const KEPT_MAX: usize = 1_000;

    /// Notes a problem at `path`.
    pub fn push(&mut self, path: &Path<'_>, value: impl Into<String>, message: impl Into<String>) {
        self.add(Problem::new(path.to_string(), value, message));
    }

    /// Notes a ready-made problem.
    pub fn add(&mut self, problem: Problem) {
        if self.found.len() < Self::KEPT_MAX {
            self.found.push(problem);
        }
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many were found.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// What was found, in the order of the document.
    #[must_use]
    pub fn into_vec(self) -> Vec<Problem> {
        self.found
    }
}

/// The offending value as a problem repeats it: text as it is, anything else as JSON.
#[must_use]
pub fn shown(value: &Value<'_>) -> String {
    match value {
        Value::Str(text) => text.chars().take(Problem::VALUE_LENGTH_MAX.saturating_add(1)).collect(),
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

/// What stands for a value that is not there.
pub const ABSENT: &str = "(absent)";

/// An object being read, field by field. An explicit `null` is the same as an absent field.
pub struct Fields<'v, 'a> {
    object: &'v ObjectAsVec<'a>,
    path: &'v Path<'v>,
    taken: u64,
    next: usize,
}

impl<'v, 'a> Fields<'v, 'a> {
    /// Starts reading `value`, which must be an object of at most [`FIELDS_PER_OBJECT_MAX`] fields; otherwise the
    /// problem is noted and there is nothing to read.
    pub fn of(value: &'v Value<'a>, path: &'v Path<'v>, problems: &mut Problems) -> Option<Self> {
        let Value::Object(object) = value else {
            problems.push(path, shown(value), "must be a JSON object");
            return None;
        };
        if object.len() > FIELDS_PER_OBJECT_MAX {
            let message = format!("has more than {FIELDS_PER_OBJECT_MAX} fields; no object of this format has so many");
            problems.push(path, format!("{} fields", object.len()), message);
            return None;
        }
        Some(Self { object, path, taken: 0, next: 0 })
    }

    /// Where this object stands.
    #[must_use]
    pub fn path(&self) -> &'v Path<'v> {
        self.path
    }

    /// Takes the field `name`; `None` when it is absent or null.
    #[inline]
    pub fn take(&mut self, name: &str) -> Option<&'v Value<'a>> {
        let (position, value) = self.find(name)?;
        self.mark_taken(position);
        self.next = position.wrapping_add(1);
        Some(value).filter(|value| !value.is_null())
    }

    #[inline]
    fn find(&self, name: &str) -> Option<(usize, &'v Value<'a>)> {
        let count = self.object.len();
        for offset in 0..count {
            // Documents mostly keep one order of fields, so the search starts behind the field found last.
            let position = self.next.wrapping_add(offset);
            let position = if position >= count { position.wrapping_sub(count) } else { position };
            if let Some((key, value)) = self.object.get_key_value_at(position)
                && key == name
            {
                return Some((position, value));
            }
        }
        None
    }

    #[inline]
    fn mark_taken(&mut self, position: usize) {
        self.taken |= 1_u64.wrapping_shl(u32::try_from(position).unwrap_or(0));
    }

    /// Notes that the field `name` is missing.
    pub fn missing(&self, name: &str, problems: &mut Problems) {
        problems.push(&self.path.field(name), ABSENT, "is required");
    }

    /// Takes a field that is text.
    pub fn text(&mut self, name: &str, problems: &mut Problems) -> Option<&'v str> {
        match self.take(name)? {
            Value::Str(text) => Some(text.as_ref()),
            other => {
                let hint =
                    if other.is_number() { "must be a string, so write it in quotes" } else { "must be a string" };
                problems.push(&self.path.field(name), shown(other), hint);
                None
            }
        }
    }

    /// Takes a field of text that `parse` understands. `None` when it is absent, or when a problem was noted.
    pub fn parsed<T, E: fmt::Display>(
        &mut self,
        name: &str,
        problems: &mut Problems,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name, problems)?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(error) => {
                problems.push(&self.path.field(name), text, error.to_string());
                None
            }
        }
    }

    /// Like [`Fields::parsed`], for a field that must be there.
    pub fn required<T, E: fmt::Display>(
        &mut self,
        name: &str,
        problems: &mut Problems,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if !self.has(name) {
            self.missing(name, problems);
        }
        self.parsed(name, problems, parse)
    }

    /// Whether the field is there and not null. A null that is asked for is taken: it is as good as absent.
    #[must_use]
    pub fn has(&mut self, name: &str) -> bool {
        match self.find(name) {
            Some((position, Value::Null)) => {
                self.mark_taken(position);
                false
            }
            found => found.is_some(),
        }
    }

    /// The text of the field `name` without taking it.
    #[must_use]
    pub fn peek_text(&self, name: &str) -> Option<&'v str> {
        self.object.get(name).and_then(Value::as_str)
    }

    /// The value of the field `name` as a problem repeats it.
    #[must_use]
    pub fn shown(&self, name: &str) -> String {
        self.object.get(name).map_or_else(|| ABSENT.to_owned(), shown)
    }

    /// Takes a field that is true or false.
    pub fn boolean(&mut self, name: &str, problems: &mut Problems) -> Option<bool> {
        match self.take(name)? {
            Value::Bool(value) => Some(*value),
            other => {
                problems.push(&self.path.field(name), shown(other), "must be true or false");
                None
            }
        }
    }

    /// Takes a field that is a whole JSON number between `minimum` and `maximum`.
    pub fn integer(&mut self, name: &str, minimum: i64, maximum: i64, problems: &mut Problems) -> Option<i64> {
        let value = self.take(name)?;
        match value.as_i64().filter(|number| (minimum..=maximum).contains(number)) {
            Some(number) => Some(number),
            None => {
                let message = format!("must be a whole number from {minimum} to {maximum}, without quotes");
                problems.push(&self.path.field(name), shown(value), message);
                None
            }
        }
    }

    /// Takes a field that is an array; an absent one is empty.
    pub fn array(&mut self, name: &str, length_max: usize, problems: &mut Problems) -> &'v [Value<'a>] {
        match self.take(name) {
            None => &[],
            Some(Value::Array(items)) if items.len() <= length_max => items,
            Some(Value::Array(items)) => {
                let message = format!("must have at most {length_max} entries");
                problems.push(&self.path.field(name), format!("{} entries", items.len()), message);
                &[]
            }
            Some(other) => {
                problems.push(&self.path.field(name), shown(other), "must be an array");
                &[]
            }
        }
    }

    /// Takes a field that is an object whose keys are data, such as share classes; an absent one is empty. Keys given
    /// twice are noted, and so is an object of more than `length_max` keys.
    pub fn map(
        &mut self,
        name: &str,
        length_max: usize,
        problems: &mut Problems,
    ) -> impl Iterator<Item = (&'v str, &'v Value<'a>)> + use<'v, 'a> {
        self.object_of_data(name, length_max, problems).into_iter().flat_map(ObjectAsVec::iter)
    }

    fn object_of_data(
        &mut self,
        name: &str,
        length_max: usize,
        problems: &mut Problems,
    ) -> Option<&'v ObjectAsVec<'a>> {
        let object = match self.take(name)? {
            Value::Object(object) => object,
            other => {
                problems.push(&self.path.field(name), shown(other), "must be a JSON object");
                return None;
            }
        };
        let path = self.path.field(name);
        if object.len() > length_max {
            problems.push(&path, format!("{} keys", object.len()), format!("must have at most {length_max} keys"));
            return None;
        }
        note_repeated_keys(object, &path, problems);
        Some(object)
    }

    /// Ends the reading: fields that nobody took are unknown, and fields given twice are a problem too.
    pub fn finish(self, problems: &mut Problems) {
        let all_taken = self.object.len() == usize::try_from(self.taken.count_ones()).unwrap_or(0);
        if all_taken {
            return;
        }
        for (position, (key, value)) in self.object.iter().enumerate() {
            let taken = self.taken.wrapping_shr(u32::try_from(position).unwrap_or(0)) & 1 == 1;
            if taken {
                continue;
            }
            let repeated = self.object.iter().filter(|(other, _)| *other == key).count() > 1;
            let message = if repeated { "is given more than once" } else { "is not a field of this object" };
            problems.push(&self.path.field(key), shown(value), message);
        }
    }
}

fn note_repeated_keys(object: &ObjectAsVec<'_>, path: &Path<'_>, problems: &mut Problems) {
    let mut keys: Vec<&str> = object.keys().collect();
    keys.sort_unstable();
    for pair in keys.windows(2) {
        if let [first, second] = pair
            && first == second
        {
            problems.push(&path.field(first), *first, "is given more than once");
        }
    }
}
