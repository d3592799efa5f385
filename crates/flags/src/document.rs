//! A document of flags as JSON: read with every name that comes twice, and put together out of stored parts.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::problem::{DOCUMENT_BYTES_MAX, LoadError, PROBLEMS_KEPT_MAX, Path};

/// A document, and where a name came twice in one object.
pub(crate) struct Document {
    pub(crate) root: Value,
    pub(crate) repeated: Repeated,
}

/// Names that come twice in one object.
#[derive(Debug, Default)]
pub(crate) struct Repeated {
    /// Where, up to [`PROBLEMS_KEPT_MAX`] of them.
    pub(crate) paths: Vec<String>,
    /// The first two steps of the way to every one: of a flag, `flags` and its key or its place in the list.
    within: HashSet<(String, String)>,
}

impl Repeated {
    /// Whether a name comes twice in, or as, this part of the document.
    pub(crate) fn is_within(&self, root: &str, part: &str) -> bool {
        !self.within.is_empty() && self.within.contains(&(root.to_owned(), part.to_owned()))
    }

    fn note(&mut self, path: &Path<'_>) {
        if self.paths.len() < PROBLEMS_KEPT_MAX {
            self.paths.push(path.to_string());
        }
        let mut steps = path.steps().into_iter();
        if let (Some(root), Some(part)) = (steps.next(), steps.next()) {
            self.within.insert((root, part));
        }
    }
}

/// Reads a document. Of a name that comes twice the last value is taken.
pub(crate) fn read(bytes: &[u8]) -> Result<Document, LoadError> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(LoadError::TooLarge { bytes: bytes.len() });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    let repeated = RefCell::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let seed = Seed { repeated: &repeated, path: None };
    let root = seed.deserialize(&mut reader).and_then(|root| reader.end().map(|()| root));
    let root = root.map_err(|error| LoadError::Syntax {
        line: error.line(),
        column: error.column(),
        message: error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
    })?;
    Ok(Document { root, repeated: repeated.into_inner() })
}

fn not_utf8(bytes: &[u8], valid_up_to: usize) -> LoadError {
    let before = bytes.get(..valid_up_to).unwrap_or_default();
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    LoadError::Syntax {
        line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
        column: before.len() - line_start + 1,
        message: "the text is not UTF-8".to_owned(),
    }
}

/// Reads a value that stands at a path; none is the document itself.
#[derive(Clone, Copy)]
struct Seed<'s> {
    repeated: &'s RefCell<Repeated>,
    path: Option<&'s Path<'s>>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Value, S::Error> {
        let mut items = Vec::new();
        loop {
            let path = self.path.map(|parent| parent.index(items.len()));
            match seq.next_element_seed(Seed { path: path.as_ref(), ..self })? {
                Some(item) => items.push(item),
                None => return Ok(Value::Array(items)),
            }
        }
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Value, M::Error> {
        let mut object = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let path = self.path.map_or_else(|| Path::root(&name), |parent| parent.field(&name));
            let value = map.next_value_seed(Seed { path: Some(&path), ..self })?;
            if object.contains_key(&name) {
                self.repeated.borrow_mut().note(&path);
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

/// The text of a document out of stored parts, each a JSON text: flags by key, `$evaluators`, `metadata`.
#[must_use]
pub fn document<'p>(
    flags: impl IntoIterator<Item = (&'p str, &'p str)>,
    evaluators: Option<&str>,
    metadata: Option<&str>,
) -> String {
    let mut text = String::from("{\"flags\":{");
    for (index, (key, definition)) in flags.into_iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&Value::String(key.to_owned()).to_string());
        text.push(':');
        text.push_str(definition);
    }
    text.push('}');
    for (name, part) in [("$evaluators", evaluators), ("metadata", metadata)] {
        if let Some(part) = part {
            text.push_str(",\"");
            text.push_str(name);
            text.push_str("\":");
            text.push_str(part);
        }
    }
    text.push('}');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_come_twice_are_found_wherever_they_are() {
        let text = br#"{"flags":{"a":{"x":1,"x":2},"b":[{"y":1,"y":1}],"a":{}}}"#;
        let document = read(text).unwrap();
        assert_eq!(document.repeated.paths, ["flags.a.x", "flags.b[0].y", "flags.a"]);
        assert!(document.repeated.is_within("flags", "b") && !document.repeated.is_within("flags", "c"));
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        for (bytes, line, column) in [(&b"{\n  x"[..], 2, 3), (b"{\"a\":\n\"\xff\"}", 2, 2), (b"{} x", 1, 4)] {
            let Err(LoadError::Syntax { line: found_line, column: found_column, .. }) = read(bytes) else {
                panic!("{bytes:?} is read")
            };
            assert_eq!((found_line, found_column), (line, column), "{bytes:?}");
        }
        let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
        assert!(matches!(read(deep.as_bytes()), Err(LoadError::Syntax { .. })));
        let large = vec![b' '; DOCUMENT_BYTES_MAX + 1];
        assert!(matches!(read(&large), Err(LoadError::TooLarge { .. })));
    }

    #[test]
    fn parts_make_a_document() {
        let text = document([("a\"b", "{}"), ("c", "[1]")], Some("{\"e\":1}"), None);
        assert_eq!(text, r#"{"flags":{"a\"b":{},"c":[1]},"$evaluators":{"e":1}}"#);
    }
}
