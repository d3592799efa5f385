//! Lists in pages: the next page starts after the last key of this one, so a page costs the same wherever it starts.

use std::{fmt, str::FromStr};

/// How many records a page holds at most: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(i64);

/// A limit outside 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("limit {0} is not between 1 and {max}", max = Limit::MAX)]
pub struct LimitError(pub i64);

impl Limit {
    /// The largest page.
    pub const MAX: i64 = 100;

    /// A checked limit.
    ///
    /// # Errors
    /// [`LimitError`] outside 1 to [`Limit::MAX`].
    pub fn new(limit: i64) -> Result<Self, LimitError> {
        if (1..=Self::MAX).contains(&limit) { Ok(Self(limit)) } else { Err(LimitError(limit)) }
    }

    /// The number of records.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

/// Where the next page starts. Opaque to clients: hexadecimal text, to be handed back as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

/// Bytes of a cursor at most: keys of flags and of people are the longest there are.
const CURSOR_LENGTH_MAX: usize = 2048;

/// A text that no list gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("was not given out by a list: leave it out to start at the first page")]
pub struct CursorError;

impl Cursor {
    pub(crate) fn after(key: &(impl ToString + ?Sized)) -> Self {
        Self(key.to_string())
    }

    /// The key as text, for lists by text.
    pub(crate) fn key(&self) -> &str {
        &self.0
    }

    /// The key as a number, for lists by number. A cursor of another list starts at the beginning.
    pub(crate) fn number(&self) -> i64 {
        self.0.parse().unwrap_or(0)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.bytes().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.len() > CURSOR_LENGTH_MAX || !text.len().is_multiple_of(2) || !text.is_ascii() {
            return Err(CursorError);
        }
        let bytes: Option<Vec<u8>> =
            (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect();
        let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(CursorError)?;
        if key.chars().any(char::is_control) { Err(CursorError) } else { Ok(Self(key)) }
    }
}

/// Which page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Records at most.
    pub limit: Limit,
    /// Where it starts; none for the beginning.
    pub after: Option<Cursor>,
}

impl Page {
    /// One more than the limit, to see whether there is another page.
    pub(crate) fn fetch(&self) -> i64 {
        self.limit.0 + 1
    }

    pub(crate) fn after_number(&self) -> i64 {
        self.after.as_ref().map_or(0, Cursor::number)
    }

    /// For lists that go down from the highest number.
    pub(crate) fn before_number(&self) -> i64 {
        self.after.as_ref().map_or(i64::MAX, Cursor::number)
    }

    pub(crate) fn after_text(&self) -> &str {
        self.after.as_ref().map_or("", Cursor::key)
    }

    /// This page of a list that is in memory, by key in ascending order.
    pub fn of<'k>(&self, keys: impl Iterator<Item = &'k str>) -> Listing<&'k str> {
        let fetch = usize::try_from(self.fetch()).unwrap_or(usize::MAX);
        let keys = keys.skip_while(|key| *key <= self.after_text()).take(fetch).collect();
        Listing::cut(keys, self, |key| (*key).to_owned())
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// The records, in the list's order.
    pub items: Vec<T>,
    /// Where the next page starts; none on the last page.
    pub next: Option<Cursor>,
}

impl<T> Listing<T> {
    pub(crate) fn cut(mut items: Vec<T>, page: &Page, key: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(page.limit.0).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(|last| Cursor::after(&key(last))) } else { None };
        Self { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_journey() {
        for cursor in [Cursor::after(&4711), Cursor::after("person:1"), Cursor::after("Zoë & co")] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
    }

    #[test]
    fn a_list_in_memory_is_cut_as_one_in_the_database() {
        let keys = ["a", "b", "c"];
        let first = Page { limit: Limit(2), after: None }.of(keys.into_iter());
        assert_eq!(first.items, ["a", "b"]);
        let second = Page { limit: Limit(2), after: first.next }.of(keys.into_iter());
        assert_eq!((second.items, second.next), (vec!["c"], None));
    }

    #[test]
    fn garbage_is_no_cursor() {
        for text in ["", "x", "zz", "é", "ff", "0a", &"61".repeat(CURSOR_LENGTH_MAX)] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }

    #[test]
    fn limits_end_at_a_hundred() {
        assert_eq!([0, 1, 100, 101, -1].map(|n| Limit::new(n).is_ok()), [false, true, true, false, false]);
    }
}
