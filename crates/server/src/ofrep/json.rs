//! Pieces of JSON written into bytes, and objects that are given more fields than their text has.

use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A JSON string.
pub(super) fn write_text(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else if serde_json::to_writer(&mut *out, text).is_err() {
        // Text always has a form in JSON, and memory takes every byte.
        out.extend_from_slice(b"\"\"");
    }
}

/// A JSON string of its own.
pub(super) fn text(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len().saturating_add(2));
    write_text(&mut out, text);
    String::from_utf8(out).unwrap_or_default()
}

pub(super) fn is_empty_object(object: &str) -> bool {
    object == "{}"
}

/// `object`, compact JSON, with further fields, each a name that needs no escapes and JSON text. A field takes the place
/// of one with the same name.
pub(super) fn write_object_with(out: &mut Vec<u8>, object: &str, fields: &[(&str, &str)]) {
    let is_known = |name: &str| object.contains(&format!("\"{name}\":"));
    if fields.iter().any(|(name, _)| is_known(name)) {
        return write_merged(out, object, fields);
    }
    out.extend_from_slice(object.strip_suffix('}').unwrap_or("{").as_bytes());
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 || !is_empty_object(object) {
            out.push(b',');
        }
        write_text(out, name);
        out.push(b':');
        out.extend_from_slice(value.as_bytes());
    }
    out.push(b'}');
}

/// The way for the rare object that has one of the names already.
fn write_merged(out: &mut Vec<u8>, object: &str, fields: &[(&str, &str)]) {
    let mut merged: BTreeMap<String, &RawValue> = serde_json::from_str(object).unwrap_or_default();
    for (name, value) in fields {
        if let Ok(value) = serde_json::from_str(value) {
            merged.insert((*name).to_owned(), value);
        }
    }
    // Raw values always have a form in JSON, and memory takes every byte.
    let _ = serde_json::to_writer(out, &merged);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(object: &str, fields: &[(&str, &str)]) -> String {
        let mut out = Vec::new();
        write_object_with(&mut out, object, fields);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_is_escaped_where_it_must_be() {
        for plain in ["", "plain", "grün", "a\"b", "a\\b", "a\nb", "\u{0}\u{1f}\u{7f}"] {
            assert_eq!(serde_json::from_str::<String>(&text(plain)).unwrap(), plain);
        }
    }

    #[test]
    fn an_object_is_given_further_fields() {
        assert_eq!(with("{}", &[("a", "1")]), r#"{"a":1}"#);
        assert_eq!(with("{}", &[]), "{}");
        assert_eq!(with(r#"{"x":2}"#, &[]), r#"{"x":2}"#);
        assert_eq!(with(r#"{"x":2}"#, &[("a", "1"), ("b", "true")]), r#"{"x":2,"a":1,"b":true}"#);
    }

    #[test]
    fn a_field_that_is_there_is_replaced() {
        assert_eq!(with(r#"{"a":2,"x":"\"b\":"}"#, &[("a", "1"), ("b", "3")]), r#"{"a":1,"b":3,"x":"\"b\":"}"#);
    }
}
