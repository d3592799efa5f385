//! Texts of the portfolio as cells: data, whatever they look like.

use std::borrow::Cow;

/// Characters a cell may have, counted in units of UTF-16 as spreadsheets do.
pub const TEXT_LENGTH_MAX: usize = 32_767;
/// Stands at the end of a text that was cut.
const CUT: char = '…';

/// `text` as far as a cell holds it.
pub(super) fn fitting(text: &str) -> Cow<'_, str> {
    // A character takes at least as many bytes as units, so short texts need no counting.
    if text.len() <= TEXT_LENGTH_MAX {
        return Cow::Borrowed(text);
    }
    let mut units = 0_usize;
    let mut end_of_cut = 0_usize;
    for (start, letter) in text.char_indices() {
        units = units.saturating_add(letter.len_utf16());
        if units < TEXT_LENGTH_MAX {
            end_of_cut = start + letter.len_utf8();
        }
        if units > TEXT_LENGTH_MAX {
            return Cow::Owned(format!("{}{CUT}", text.get(..end_of_cut).unwrap_or_default()));
        }
    }
    Cow::Borrowed(text)
}

/// Whether a spreadsheet would take the text for a formula if somebody edited its cell.
pub(super) fn looks_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
}

#[cfg(test)]
mod tests {
    use super::{TEXT_LENGTH_MAX, fitting};

    #[test]
    fn long_texts_are_cut_between_characters() {
        let fits = "x".repeat(TEXT_LENGTH_MAX);
        assert_eq!(fitting(&fits), fits);
        let cut = fitting(&"x".repeat(TEXT_LENGTH_MAX + 1)).into_owned();
        assert_eq!(cut.chars().count(), TEXT_LENGTH_MAX);
        assert!(cut.ends_with("x…"));
        // Two units of UTF-16 each.
        let cut = fitting(&"😀".repeat(20_000)).into_owned();
        assert!(cut.encode_utf16().count() <= TEXT_LENGTH_MAX && cut.ends_with("😀…"));
    }
}
