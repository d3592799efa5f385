//! Entity tags of bulk answers: of every byte of the answer, so of context and configuration alike.

use axum::http::header::IF_NONE_MATCH;
use axum::http::{HeaderMap, HeaderValue};
use xxhash_rust::xxh3::xxh3_128;

/// The strong tag of an answer: 128 bits, far beyond what chance could make equal for two answers.
pub(super) struct ETag(String);

impl ETag {
    pub(super) fn of(answer: &[u8]) -> Self {
        Self(format!("\"{:032x}\"", xxh3_128(answer)))
    }

    pub(super) fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static("\"\""))
    }

    /// Whether the caller has the answer already: by `*`, or by this tag anywhere in its lists. Tags are compared weakly,
    /// as RFC 9110 asks for this header: a proxy that compresses the answer may have made the tag weak.
    pub(super) fn is_known_to(&self, headers: &HeaderMap) -> bool {
        is_known(self.0.as_bytes(), headers)
    }
}

/// Whether a caller has the answer with this tag, quotes included, already; see [`ETag::is_known_to`].
pub(crate) fn is_known(tag: &[u8], headers: &HeaderMap) -> bool {
    headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .any(|value| value.as_bytes().trim_ascii() == b"*" || opaque_tags(value.as_bytes()).any(|known| known == tag))
}

/// The quoted parts of a list of tags, quotes included. A comma inside quotes is part of the tag.
fn opaque_tags(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = list;
    std::iter::from_fn(move || {
        let start = rest.iter().position(|byte| *byte == b'"')?;
        let tag = rest.get(start..)?;
        let length = tag.iter().skip(1).position(|byte| *byte == b'"')?.checked_add(2)?;
        let (tag, after) = tag.split_at_checked(length)?;
        rest = after;
        Some(tag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (IF_NONE_MATCH, HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn a_tag_is_of_every_byte() {
        assert_eq!(ETag::of(b"a").0, ETag::of(b"a").0);
        assert_ne!(ETag::of(b"a").0, ETag::of(b"b").0);
        assert_eq!(ETag::of(b"").0.len(), 34);
    }

    #[test]
    fn a_tag_is_found_in_lists_weak_or_strong() {
        let tag = ETag::of(b"answer");
        let text = tag.0.clone();
        for values in [
            vec![text.clone()],
            vec![format!("W/{text}")],
            vec![format!("\"x\", W/\"y,z\" ,{text}")],
            vec!["\"x\"".to_owned(), text.clone()],
            vec![" * ".to_owned()],
        ] {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            assert!(tag.is_known_to(&headers(&values)), "{values:?}");
        }
    }

    #[test]
    fn what_is_not_the_tag_is_not_found() {
        let tag = ETag::of(b"answer");
        let unquoted = tag.0.trim_matches('"').to_owned();
        for values in [vec![], vec![""], vec!["\""], vec!["\"x\""], vec![unquoted.as_str()], vec!["\"*\""], vec!["W/"]]
        {
            assert!(!tag.is_known_to(&headers(&values)), "{values:?}");
        }
    }
}
