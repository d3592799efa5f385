//! Splits a document into its companies, so that each is parsed on its own and on any core.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::json::SyntaxError;

/// The text of a document in pieces.
pub(super) struct TopLevel<'a> {
    /// JSON of the document without its companies: the whole document when `companies` is not an array.
    pub(super) header: Cow<'a, str>,
    /// JSON of each company.
    pub(super) companies: Vec<&'a str>,
}

impl<'a> TopLevel<'a> {
    pub(super) fn split(text: &'a str) -> Result<Self, SyntaxError> {
        if !text.trim_start().starts_with('{') {
            return Ok(Self { header: Cow::Borrowed(text), companies: Vec::new() });
        }
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let pieces = deserializer.deserialize_map(Pieces)?;
        deserializer.end()?;
        Ok(pieces)
    }
}

struct Pieces;

impl<'de> Visitor<'de> for Pieces {
    type Value = TopLevel<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut header = String::from("{");
        let mut companies = None;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            // A second array of companies stays in the header, where it is noted as given twice.
            let text = if key == "companies" && companies.is_none() {
                match map.next_value_seed(CompaniesOrOther)? {
                    Piece::Companies(found) => {
                        companies = Some(found);
                        // Nothing is left of it, but a second one must meet it to be noted.
                        "[]"
                    }
                    Piece::Other(text) => text,
                }
            } else {
                map.next_value::<&RawValue>()?.get()
            };
            if header.len() > 1 {
                header.push(',');
            }
            header.push_str(&serde_json::to_string(&key).map_err(M::Error::custom)?);
            header.push(':');
            header.push_str(text);
        }
        header.push('}');
        Ok(TopLevel { header: Cow::Owned(header), companies: companies.unwrap_or_default() })
    }
}

enum Piece<'a> {
    Companies(Vec<&'a str>),
    Other(&'a str),
}

struct CompaniesOrOther;

impl<'de> DeserializeSeed<'de> for CompaniesOrOther {
    type Value = Piece<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// An array is taken apart; anything else is wrong and only its kind matters for the message.
impl<'de> Visitor<'de> for CompaniesOrOther {
    type Value = Piece<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any JSON value")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        let mut companies = Vec::new();
        while let Some(company) = seq.next_element::<&RawValue>()? {
            companies.push(company.get());
        }
        Ok(Piece::Companies(companies))
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        while map.next_entry::<&RawValue, &RawValue>()?.is_some() {}
        Ok(Piece::Other("{}"))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Piece::Other("\"text\""))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Piece::Other("true"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Piece::Other("0"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Piece::Other("0"))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Piece::Other("null"))
    }
}
