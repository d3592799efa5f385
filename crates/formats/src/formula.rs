//! Texts that a spreadsheet would take for formulas.

use std::borrow::Cow;

/// The text with an apostrophe before what makes a spreadsheet compute it when it opens a CSV file: `=`, `+`, `-`, `@`, and
/// the tabulator and carriage return that hide them. A number is none of these, a minus before its digits included.
#[must_use]
pub fn neutralised(text: &str) -> Cow<'_, str> {
    // One that is neutralised already would lose its apostrophe on the way back.
    let inside = text.trim_start_matches('\'');
    let starts_a_formula = inside.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = digits.starts_with(|letter: char| letter.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if starts_a_formula && !is_number { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_would_be_computed_gets_an_apostrophe() {
        for text in ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(neutralised(text), format!("'{text}"));
        }
        for text in ["AlphaTech", "-12.5", "12", "", "a=b", "'quoted"] {
            assert_eq!(neutralised(text), text);
        }
    }
}
