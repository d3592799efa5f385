//! Who and what a flag is evaluated for: the context of OpenFeature, and the body of an OFREP request.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use crate::rule::COST_MAX;
use crate::value::{Arena, Value, field, is_same};

/// Name of the attribute that says who is asked about.
pub(crate) const TARGETING_KEY: &str = "targetingKey";

/// Who and what a flag is evaluated for.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    targeting_key: Option<&'a str>,
    attributes: &'a [(&'a str, Value<'a>)],
    segments: &'a [&'a str],
    budget: Option<&'a Budget>,
}

impl<'a> Context<'a> {
    /// Nobody, of whom nothing is known.
    pub const EMPTY: Context<'static> = Context { targeting_key: None, attributes: &[], segments: &[], budget: None };

    /// Somebody of whom nothing else is known.
    #[must_use]
    pub const fn of(targeting_key: Option<&'a str>) -> Self {
        Self { targeting_key, attributes: &[], segments: &[], budget: None }
    }

    /// The same with these attributes in place of those it had. A `targetingKey` among them does not count.
    #[must_use]
    pub const fn with_attributes(self, attributes: &'a [(&'a str, Value<'a>)]) -> Self {
        Self { attributes, ..self }
    }

    /// The same for another targeting key.
    #[must_use]
    pub const fn with_targeting_key(self, targeting_key: Option<&'a str>) -> Self {
        Self { targeting_key, ..self }
    }

    /// The same with the segments its targeting key is a member of: `$lotwise.segments` in rules.
    #[must_use]
    pub const fn with_segments(self, segments: &'a [&'a str]) -> Self {
        Self { segments, ..self }
    }

    /// The same where all evaluations together may take no more than a budget has left.
    #[must_use]
    pub const fn with_budget(self, budget: &'a Budget) -> Self {
        Self { budget: Some(budget), ..self }
    }

    pub(crate) const fn budget(&self) -> Option<&'a Budget> {
        self.budget
    }

    /// Who is asked about.
    #[must_use]
    pub const fn targeting_key(&self) -> Option<&'a str> {
        self.targeting_key
    }

    pub(crate) const fn segments(&self) -> &'a [&'a str] {
        self.segments
    }

    pub(crate) const fn attributes(&self) -> &'a [(&'a str, Value<'a>)] {
        self.attributes
    }

    /// An attribute, the targeting key among them.
    #[inline]
    pub(crate) fn attribute(&self, name: &str) -> Option<Value<'a>> {
        if name == TARGETING_KEY {
            return self.targeting_key.map(Value::Text);
        }
        field(self.attributes, name)
    }
}

/// Steps that the evaluations of one request may take together, beside the limit of each: without it, a context that is
/// costly for one flag is so for all of a set. Evaluations that find it used up are refused as `GENERAL`.
#[derive(Debug)]
pub struct Budget(Cell<usize>);

impl Budget {
    /// A budget for asking about many flags at once: what 20 evaluations may take at most.
    #[must_use]
    pub const fn of_request() -> Self {
        Self(Cell::new(20 * COST_MAX))
    }

    pub(crate) const fn left(&self) -> usize {
        self.0.get()
    }

    pub(crate) fn spend(&self, cost: usize) {
        self.0.set(self.0.get().saturating_sub(cost));
    }
}

/// A request that cannot be answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The body is not JSON in UTF-8, or nested deeper than 128 levels: `PARSE_ERROR`.
    #[error("the body is not valid JSON: {0}")]
    Syntax(String),
    /// The body is JSON, but no object, or one with too many names or with a name that comes twice: `PARSE_ERROR`.
    #[error("{0}")]
    Shape(String),
    /// The context is not what a context is: `INVALID_CONTEXT`.
    #[error("{0}")]
    Context(String),
}

/// Reads the body of an OFREP request, `{"context": {…}}`. No context is an empty one; other fields are passed over, as
/// OFREP asks of servers.
///
/// # Errors
/// [`RequestError`].
pub fn read_request<'a>(body: &'a [u8], arena: &'a Arena) -> Result<Context<'a>, RequestError> {
    // What the reader would say of anything else is in words of Rust.
    if body.trim_ascii_start().first().is_some_and(|first| b"[\"-0123456789tfn".contains(first)) {
        let message = r#"the body must be a JSON object, such as {"context":{"targetingKey":"person:1"}}"#;
        return Err(RequestError::Shape(message.to_owned()));
    }
    match read(body, RequestSeed(arena))? {
        None | Some(Value::Null) => Ok(Context::EMPTY),
        Some(Value::Object(fields)) => of_fields(fields),
        Some(other) => Err(RequestError::Context(format!("context must be a JSON object, and is {}", kind_of(&other)))),
    }
}

/// Reads a context that stands alone: the object itself.
///
/// # Errors
/// [`RequestError`].
pub fn read_context<'a>(json: &'a [u8], arena: &'a Arena) -> Result<Context<'a>, RequestError> {
    match read(json, ValueSeed(arena))? {
        Value::Object(fields) => of_fields(fields),
        other => Err(RequestError::Context(format!("context must be a JSON object, and is {}", kind_of(&other)))),
    }
}

fn read<'a, S: DeserializeSeed<'a>>(json: &'a [u8], seed: S) -> Result<S::Value, RequestError> {
    let syntax = |error: &dyn fmt::Display| RequestError::Syntax(error.to_string());
    let text = std::str::from_utf8(json).map_err(|error| syntax(&error))?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = seed.deserialize(&mut reader).map_err(|error| match error.classify() {
        Category::Data => RequestError::Shape(error.to_string()),
        Category::Io | Category::Syntax | Category::Eof => syntax(&error),
    })?;
    reader.end().map_err(|error| syntax(&error))?;
    Ok(value)
}

fn of_fields<'a>(fields: &'a [(&'a str, Value<'a>)]) -> Result<Context<'a>, RequestError> {
    let targeting_key = match field(fields, TARGETING_KEY) {
        None | Some(Value::Null) => None,
        Some(Value::Text(key)) => Some(key),
        Some(other) => {
            let message = format!("targetingKey must be text, and is {}", kind_of(&other));
            return Err(RequestError::Context(message));
        }
    };
    Ok(Context::of(targeting_key).with_attributes(fields))
}

fn kind_of(value: &Value<'_>) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::Text(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Takes the `context` of a request; what else there is is passed over.
struct RequestSeed<'a>(&'a Arena);

impl<'a> DeserializeSeed<'a> for RequestSeed<'a> {
    type Value = Option<Value<'a>>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for RequestSeed<'a> {
    type Value = Option<Value<'a>>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON object with the field context")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut context = None;
        let mut passed_over = bumpalo::collections::Vec::new_in(self.0.bump());
        let mut names = Names::default();
        while let Some(Name(name)) = map.next_key_seed(NameSeed(self.0))? {
            if name == "context" {
                if context.replace(map.next_value_seed(ValueSeed(self.0))?).is_some() {
                    return Err(repeated(name));
                }
            } else {
                names.check(name, &passed_over)?;
                passed_over.push((name, Value::Null));
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(context)
    }
}

/// Reads a value into an arena.
#[derive(Clone, Copy)]
pub(crate) struct ValueSeed<'a>(pub(crate) &'a Arena);

impl<'a> DeserializeSeed<'a> for ValueSeed<'a> {
    type Value = Value<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Value<'a>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for ValueSeed<'a> {
    type Value = Value<'a>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value<'a>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value<'a>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value<'a>, E> {
        Ok(Value::Number(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value<'a>, E> {
        Ok(Value::Number(nearest(i128::from(value))))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value<'a>, E> {
        Ok(Value::Number(nearest(i128::from(value))))
    }

    fn visit_borrowed_str<E>(self, value: &'a str) -> Result<Value<'a>, E> {
        Ok(Value::Text(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value<'a>, E> {
        Ok(Value::Text(self.0.text(value)))
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<Value<'a>, S::Error> {
        let mut items = bumpalo::collections::Vec::new_in(self.0.bump());
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::Array(items.into_bump_slice()))
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Value<'a>, M::Error> {
        let mut fields: bumpalo::collections::Vec<'a, (&'a str, Value<'a>)> =
            bumpalo::collections::Vec::with_capacity_in(FIELDS_EXPECTED, self.0.bump());
        let mut names = Names::default();
        while let Some(Name(name)) = map.next_key_seed(NameSeed(self.0))? {
            names.check(name, &fields)?;
            fields.push((name, map.next_value_seed(self)?));
        }
        Ok(Value::Object(fields.into_bump_slice()))
    }
}

/// The names of an object with many fields: few are looked through, many are hashed, so that an object full of fields takes
/// no time of its own.
#[derive(Default)]
struct Names<'a>(HashSet<&'a str, foldhash::fast::RandomState>);

impl<'a> Names<'a> {
    /// Names that are looked through.
    const FEW: usize = 32;

    /// Refuses a name that stands among the fields already, and any beyond what an object may have.
    fn check<E: serde::de::Error>(&mut self, name: &'a str, fields: &[(&'a str, Value<'a>)]) -> Result<(), E> {
        if fields.len() >= FIELDS_PER_OBJECT_MAX {
            return Err(E::custom(format_args!("an object has more than {FIELDS_PER_OBJECT_MAX} fields")));
        }
        let is_new = if fields.len() < Self::FEW {
            !fields.iter().any(|(known, _)| is_same(known, name))
        } else {
            if self.0.is_empty() {
                self.0.extend(fields.iter().map(|(known, _)| *known));
            }
            self.0.insert(name)
        };
        if is_new { Ok(()) } else { Err(repeated(name)) }
    }
}

/// Two readers of such an object may each take another value: nobody is evaluated by chance.
#[cold]
fn repeated<E: serde::de::Error>(name: &str) -> E {
    let shown: String = name.chars().take(NAME_SHOWN_MAX).collect();
    E::custom(format_args!("the field {shown:?} is given more than once"))
}

/// Characters of a name that an error repeats.
const NAME_SHOWN_MAX: usize = 100;

/// Fields of one object of a context, and of a request.
pub const FIELDS_PER_OBJECT_MAX: usize = 1_000;

/// Fields that room is made for before they are seen.
const FIELDS_EXPECTED: usize = 8;

struct Name<'a>(&'a str);

struct NameSeed<'a>(&'a Arena);

impl<'a> DeserializeSeed<'a> for NameSeed<'a> {
    type Value = Name<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Name<'a>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for NameSeed<'a> {
    type Value = Name<'a>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a field's name")
    }

    fn visit_borrowed_str<E>(self, name: &'a str) -> Result<Name<'a>, E> {
        Ok(Name(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'a>, E> {
        Ok(Name(self.0.text(name)))
    }
}

/// The double nearest to a whole number: beyond 2⁵³ neighbours fall together, as they do for every JSON Logic.
pub(crate) fn nearest(whole: i128) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "rounding to the nearest double is what is wanted")]
    let number = whole as f64;
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_its_context() {
        let arena = Arena::new();
        let body = br#"{"context":{"targetingKey":"person:1","age":30,"tags":["a","b\n"],"org":{"id":7}},"more":[1]}"#;
        let context = read_request(body, &arena).unwrap();
        assert_eq!(context.targeting_key(), Some("person:1"));
        assert_eq!(context.attribute("age"), Some(Value::Number(30.0)));
        assert_eq!(context.attribute("org").unwrap().at("id"), Some(Value::Number(7.0)));
        assert_eq!(context.attribute("tags").unwrap().at("1"), Some(Value::Text("b\n")));
        assert_eq!(context.attribute("none"), None);
    }

    #[test]
    fn a_request_without_context_is_about_nobody() {
        let arena = Arena::new();
        for body in ["{}", r#"{"context":{}}"#, r#"{"context":null}"#, r#"{"context":{"targetingKey":null}}"#] {
            assert_eq!(read_request(body.as_bytes(), &arena).unwrap().targeting_key(), None, "{body}");
        }
    }

    #[test]
    fn what_is_no_context_is_refused_by_kind() {
        let arena = Arena::new();
        for body in [
            r#"{"context":[]}"#,
            r#"{"context":"x"}"#,
            r#"{"context":{"targetingKey":12345}}"#,
            r#"{"context":{"targetingKey":true}}"#,
            r#"{"context":{"targetingKey":{}}}"#,
        ] {
            let error = read_request(body.as_bytes(), &arena).unwrap_err();
            assert!(matches!(error, RequestError::Context(_)), "{body}: {error}");
        }
        let deep = format!("{{\"context\":{{\"a\":{}{}}}}}", "[".repeat(200), "]".repeat(200));
        for body in [&b"{"[..], b"", b"x", b"{\"context\":{}} x", b"{\"context\":{\"a\":\"\xff\"}}", deep.as_bytes()] {
            let error = read_request(body, &arena).unwrap_err();
            assert!(matches!(error, RequestError::Syntax(_)), "{error}");
        }
        for body in ["[]", "\"x\"", " 1", "null"] {
            let error = read_request(body.as_bytes(), &arena).unwrap_err();
            assert!(
                matches!(&error, RequestError::Shape(message) if message.contains("must be a JSON object")),
                "{error}"
            );
        }
    }

    #[test]
    fn a_repeated_name_is_refused_and_named() {
        let arena = Arena::new();
        let many: String = (0..100).map(|number| format!("\"n{number}\":1,")).collect();
        for (body, name) in [
            (r#"{"context":{"a":1,"a":2}}"#.to_owned(), "a"),
            (r#"{"context":{"a":1,"\u0061":2}}"#.to_owned(), "a"),
            (r#"{"context":{"org":{"id":1,"id":1}}}"#.to_owned(), "id"),
            (r#"{"context":{"targetingKey":"x","targetingKey":"y"}}"#.to_owned(), "targetingKey"),
            (r#"{"context":{},"context":{}}"#.to_owned(), "context"),
            (r#"{"context":{},"more":1,"more":1}"#.to_owned(), "more"),
            (format!(r#"{{"context":{{{many}"n0":2}}}}"#), "n0"),
            (format!(r#"{{"context":{{{many}"n99":2}}}}"#), "n99"),
        ] {
            let error = read_request(body.as_bytes(), &arena).unwrap_err();
            let RequestError::Shape(message) = &error else { panic!("{body}: {error}") };
            assert!(message.contains(&format!("{name:?} is given more than once")), "{body}: {message}");
        }
    }
}
