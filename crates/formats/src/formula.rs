//! Texts that a spreadsheet would take for formulas.

use std::borrow::Cow;

/// The text with an apostrophe before what makes a spreadsheet compute it when it opens a CSV file: `=`, `+`, `-`, `@`, and
/// the tabulator and carriage return that hide them. A number is none of these, a minus before its digits included.
///
/// Where a spreadsheet splits lines at semicolons or tabulators instead of commas, every part of a text is a cell: one whose
/// later parts would be computed gets the apostrophe before each of them.
#[must_use]
pub fn neutralised(text: &str) -> Cow<'_, str> {
    let is_hidden = text.trim_start_matches('\'').starts_with(['\t', '\r', '\n']);
    if !is_hidden && !text.split(SEPARATORS).any(is_computed) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().saturating_add(1));
    if is_hidden {
        out.push('\'');
    }
    for part in text.split_inclusive(SEPARATORS) {
        if is_computed(part.trim_end_matches(SEPARATORS)) {
            out.push('\'');
        }
        out.push_str(part);
    }
    Cow::Owned(out)
}

/// The text that [`neutralised`] has made this of.
pub(crate) fn restored(text: &str) -> Cow<'_, str> {
    let has_mark = |part: &str| part.strip_prefix('\'').is_some_and(is_computed);
    if !text.split(SEPARATORS).any(has_mark) {
        return Cow::Borrowed(text);
    }
    let parts = text.split_inclusive(SEPARATORS);
    let parts = parts.map(|part| match part.strip_prefix('\'') {
        Some(rest) if is_computed(rest.trim_end_matches(SEPARATORS)) => rest,
        _ => part,
    });
    Cow::Owned(parts.collect())
}

/// What spreadsheets split lines at where they do not at commas: quotation marks keep a text together only where they begin
/// the cell, and then they do not.
const SEPARATORS: [char; 5] = [';', '|', '\t', '\n', '\r'];

/// Whether a spreadsheet computes a cell of this text.
fn is_computed(cell: &str) -> bool {
    // One that is neutralised already would lose its apostrophe on the way back; white space and quotation marks hide nothing.
    let inside = cell.trim_start_matches(['\'', '"', ' ']);
    let starts_a_formula = inside.starts_with(['=', '+', '-', '@']);
    let digits = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    let is_number = digits.starts_with(|letter: char| letter.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    starts_a_formula && !is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_would_be_computed_gets_an_apostrophe() {
        for text in ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", " =1", "'=1"] {
            assert_eq!(neutralised(text), format!("'{text}"));
        }
        for text in ["AlphaTech", "-12.5", "12", "", "a=b", "'quoted", "Smith, Jones & Co; Ltd"] {
            assert_eq!(neutralised(text), text);
        }
        for text in ["\t=1", "\r=1", "\n"] {
            assert!(neutralised(text).starts_with('\''));
        }
    }

    #[test]
    fn what_another_separator_would_split_off_is_not_computed_either() {
        for (text, safe) in [
            ("x;=1+1", "x;'=1+1"),
            ("x\n=1+1", "x\n'=1+1"),
            ("x|@a;b\t-c", "x|'@a;b\t'-c"),
            ("x; \"=1", "x;' \"=1"),
            ("seed;-5", "seed;-5"),
        ] {
            assert_eq!(neutralised(text), safe);
            assert_eq!(restored(safe), text);
        }
    }

    #[test]
    fn what_is_read_back_is_what_was_written() {
        for text in ["=1+1", "'=1", "x;=1", "O'Neill", "'quoted", "x;'y", "-5", "''=a"] {
            assert_eq!(restored(&neutralised(text)), text);
        }
    }
}
