//! Numbers as people write them: `$1,234.50`, `1.234,50 €`, `(12)`, `15%`, `1 234.5`.

use super::ValueError;

/// Which sign stands before the decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DecimalSign {
    /// `1,234.5`
    Point,
    /// `1.234,5`
    Comma,
}

impl DecimalSign {
    const fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }

    const fn sign(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }
}

/// What the way a number is written says about the decimal sign of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// Nothing: there is no separator.
    None,
    /// It can only be read with this decimal sign.
    Sign(DecimalSign),
    /// It can be read with either, and means something else: `1,234`.
    Either,
}

/// A number that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    /// An optional minus, digits, and decimals after a point; no needless zeros.
    pub(crate) decimal: String,
    /// The currency that stands beside it, as it was written.
    pub(crate) currency: Option<String>,
    /// Whether a percent sign stands behind it; the decimal is a hundredth of the digits then.
    pub(crate) is_percent: bool,
}

/// A number taken apart, with its separators still in it.
struct Written<'t> {
    negative: bool,
    percent: bool,
    currency: Option<String>,
    /// Digits, points and commas.
    digits: String,
    text: &'t str,
}

/// What the way `text` is written says about the decimal sign.
pub(crate) fn evidence(text: &str) -> Evidence {
    let Ok(written) = take_apart(text) else { return Evidence::None };
    written.evidence()
}

/// Reads a number, with `sign` before its decimals where that is known.
///
/// # Errors
/// `Ambiguous` for `1,234` while the sign is not known; `Wrong` for what is no number.
pub(crate) fn parse_number(text: &str, sign: Option<DecimalSign>) -> Result<Number, ValueError> {
    let written = take_apart(text)?;
    let sign = match (sign, written.evidence()) {
        (Some(sign), _) | (None, Evidence::Sign(sign)) => sign,
        (None, Evidence::None) => DecimalSign::Point,
        (None, Evidence::Either) => return Err(ValueError::Ambiguous),
    };
    let decimal = written.decimal(sign)?;
    Ok(Number { decimal, is_percent: written.percent, currency: written.currency })
}

/// Currency signs; codes of three capital letters are recognised as such.
const CURRENCY_SIGNS: [&str; 9] = ["US$", "$", "€", "£", "¥", "₹", "CHF", "Fr.", "kr"];

fn take_apart(text: &str) -> Result<Written<'_>, ValueError> {
    let mut rest = text.trim().trim_start_matches('\'').trim();
    let mut negative = false;
    let mut currency = None;
    let mut percent = false;
    loop {
        let before = rest;
        // Parentheses are a minus, with the currency inside them or outside.
        if let Some(inner) = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            if negative {
                return Err(not_a_number());
            }
            (negative, rest) = (true, inner.trim());
        }
        for minus in ['-', '\u{2212}', '\u{2013}'] {
            if let Some(inner) = rest.strip_prefix(minus).or_else(|| rest.strip_suffix(minus)) {
                if negative {
                    return Err(not_a_number());
                }
                (negative, rest) = (true, inner.trim());
            }
        }
        rest = rest.strip_prefix('+').unwrap_or(rest).trim();
        if let Some(inner) = rest.strip_suffix('%') {
            if percent {
                return Err(not_a_number());
            }
            (percent, rest) = (true, inner.trim());
        }
        if let Some((found, inner)) = without_currency(rest) {
            if currency.is_some() {
                return Err(not_a_number());
            }
            (currency, rest) = (Some(found), inner.trim());
        }
        if rest == before {
            break;
        }
    }
    let digits = digits_of(rest)?;
    Ok(Written { negative, percent, currency, digits, text: rest })
}

fn not_a_number() -> ValueError {
    ValueError::wrong("is no number; write digits, as in 1,234.50")
}

fn without_currency(text: &str) -> Option<(String, &str)> {
    for sign in CURRENCY_SIGNS {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return Some((sign.to_owned(), rest));
        }
    }
    let is_code = |code: &str| code.bytes().all(|byte| byte.is_ascii_uppercase());
    let (front, back) = (text.get(..3), text.len().checked_sub(3).and_then(|start| text.get(start..)));
    if let Some(code) = front.filter(|code| is_code(code)) {
        return Some((code.to_owned(), text.get(3..)?));
    }
    let code = back.filter(|code| is_code(code))?;
    Some((code.to_owned(), text.get(..text.len().checked_sub(3)?)?))
}

/// Digits, points and commas; spaces and apostrophes between groups of three are left out.
fn digits_of(text: &str) -> Result<String, ValueError> {
    let mut digits = String::with_capacity(text.len());
    let is_blank = |letter: char| matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}');
    let mut parts = text.split(is_blank).peekable();
    let (mut is_first, is_grouped) = (true, text.contains(is_blank));
    while let Some(part) = parts.next() {
        let whole = part.split(['.', ',']).next().unwrap_or_default();
        let sets_off_three = whole.len() == 3 || (is_first && (1..=3).contains(&whole.len()));
        // Behind the decimal sign nothing is grouped: `1. 500` is more likely two numbers than one.
        let is_after_a_sign = parts.peek().is_some() && part.contains(['.', ',']);
        if is_grouped && (!sets_off_three || is_after_a_sign) {
            return Err(ValueError::wrong("has a space that does not set off three digits; write it without spaces"));
        }
        digits.push_str(part);
        is_first = false;
    }
    let is_usable = |letter: char| letter.is_ascii_digit() || letter == '.' || letter == ',';
    if !digits.chars().any(|letter| letter.is_ascii_digit()) || !digits.chars().all(is_usable) {
        return Err(not_a_number());
    }
    Ok(digits)
}

impl Written<'_> {
    fn evidence(&self) -> Evidence {
        let count = |sign: DecimalSign| self.digits.matches(sign.sign()).count();
        match (count(DecimalSign::Point), count(DecimalSign::Comma)) {
            (0, 0) => Evidence::None,
            (1, 0) => self.evidence_of_one(DecimalSign::Point),
            (0, 1) => self.evidence_of_one(DecimalSign::Comma),
            // Several of one sign group the digits, so the other one is before the decimals.
            (_, 0) => Evidence::Sign(DecimalSign::Comma),
            (0, _) => Evidence::Sign(DecimalSign::Point),
            // Both: the last one.
            _ if self.digits.rfind('.') > self.digits.rfind(',') => Evidence::Sign(DecimalSign::Point),
            _ => Evidence::Sign(DecimalSign::Comma),
        }
    }

    /// A single separator groups digits only when three of them follow and one to three, not just a zero, come before.
    fn evidence_of_one(&self, sign: DecimalSign) -> Evidence {
        let (whole, decimals) = self.digits.split_once(sign.sign()).unwrap_or((&self.digits, ""));
        let could_group = decimals.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
        if could_group { Evidence::Either } else { Evidence::Sign(sign) }
    }

    fn decimal(&self, sign: DecimalSign) -> Result<String, ValueError> {
        let (whole, decimals) = match self.digits.split_once(sign.sign()) {
            Some((whole, decimals)) => (whole, decimals),
            None => (self.digits.as_str(), ""),
        };
        if !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = format!("cannot be read with '{}' before the decimals", sign.sign());
            return Err(ValueError::Wrong(message));
        }
        let mut groups = whole.split(sign.other().sign());
        let first = groups.next().unwrap_or_default();
        let rest: Vec<&str> = groups.collect();
        let groups_in_threes =
            rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3));
        if !groups_in_threes {
            let message = format!(
                "has '{}' where it does not set off three digits, and '{}' is before the decimals in this file",
                sign.other().sign(),
                sign.sign()
            );
            return Err(ValueError::Wrong(message));
        }
        let whole: String = std::iter::once(first).chain(rest).collect();
        let shifted = if self.percent { shift_left(&whole, decimals, 2) } else { (whole, decimals.to_owned()) };
        debug_assert!(!self.text.is_empty(), "a number has at least a digit");
        Ok(plain(self.negative, &shifted.0, &shifted.1))
    }
}

/// The same digits with the point `places` further left.
fn shift_left(whole: &str, decimals: &str, places: usize) -> (String, String) {
    let padded = format!("{}{whole}", "0".repeat(places));
    let (front, back) = padded.split_at(padded.len() - places);
    (front.to_owned(), format!("{back}{decimals}"))
}

/// A decimal number without needless zeros.
pub(super) fn plain(negative: bool, whole: &str, decimals: &str) -> String {
    let whole = whole.trim_start_matches('0');
    let decimals = decimals.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let minus = if negative && (whole != "0" || !decimals.is_empty()) { "-" } else { "" };
    if decimals.is_empty() { format!("{minus}{whole}") } else { format!("{minus}{whole}.{decimals}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> String {
        parse_number(text, None).unwrap().decimal
    }

    #[test]
    fn forms_with_one_meaning_are_read() {
        for (text, decimal) in [
            ("1234.5", "1234.5"),
            ("$1,234.50", "1234.5"),
            ("1.234,50 €", "1234.5"),
            ("USD 2,500,000.76", "2500000.76"),
            ("2.500.000", "2500000"),
            ("1 234 567,8", "1234567.8"),
            ("1\u{202f}234,5", "1234.5"),
            ("1'234'567.25", "1234567.25"),
            ("(12.5)", "-12.5"),
            ("$(1,234.5)", "-1234.5"),
            ("(1.234,50) EUR", "-1234.5"),
            ("($1,000,000)", "-1000000"),
            ("-3", "-3"),
            ("3-", "-3"),
            ("15%", "0.15"),
            ("7.5 %", "0.075"),
            ("0.125", "0.125"),
            ("00012", "12"),
            ("-0.00", "0"),
            (".5", "0.5"),
            ("1234,567", "1234.567"),
        ] {
            assert_eq!(read(text), decimal, "{text}");
        }
    }

    #[test]
    fn one_separator_before_three_digits_has_two_meanings() {
        for text in ["1,234", "1.234", "12,345", "$650.407"] {
            assert_eq!(parse_number(text, None), Err(ValueError::Ambiguous), "{text}");
        }
        assert_eq!(parse_number("1,234", Some(DecimalSign::Point)).unwrap().decimal, "1234");
        assert_eq!(parse_number("1,234", Some(DecimalSign::Comma)).unwrap().decimal, "1.234");
    }

    #[test]
    fn what_contradicts_the_known_sign_is_wrong() {
        for (text, sign) in [
            ("12.5", DecimalSign::Comma),
            ("1,23", DecimalSign::Point),
            ("1,234.5", DecimalSign::Comma),
            ("1.234.567", DecimalSign::Point),
        ] {
            assert!(matches!(parse_number(text, Some(sign)), Err(ValueError::Wrong(_))), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_wrong() {
        for text in [
            "", "abc", "1.5M", "12a", "--3", "((3))", "-(3)", "$", "€ $ 3", "1 23", "15%%", "12:30", "=1+1", "1e5", ".",
        ] {
            assert!(matches!(parse_number(text, Some(DecimalSign::Point)), Err(ValueError::Wrong(_))), "{text}");
        }
        for text in ["1. 500", "1.5 000", "1,234 567", "1234 567", "1.234 567"] {
            assert!(parse_number(text, Some(DecimalSign::Point)).is_err(), "{text}");
        }
    }

    #[test]
    fn the_currency_is_told() {
        assert_eq!(parse_number("EUR 12", None).unwrap().currency.as_deref(), Some("EUR"));
        assert_eq!(parse_number("12 $", None).unwrap().currency.as_deref(), Some("$"));
        assert_eq!(parse_number("12", None).unwrap().currency, None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,24}") {
            for sign in [None, Some(DecimalSign::Point), Some(DecimalSign::Comma)] {
                let _ = parse_number(&text, sign);
            }
            evidence(&text);
        }

        #[test]
        fn a_written_amount_is_read_back(cents in 0u64..1_000_000_000_000, comma in any::<bool>()) {
            let (point, group) = if comma { (',', '.') } else { ('.', ',') };
            let whole = (cents / 100).to_string();
            let grouped: Vec<String> = whole.as_bytes().rchunks(3).rev()
                .map(|chunk| String::from_utf8_lossy(chunk).into_owned()).collect();
            let text = format!("{}{point}{:02}", grouped.join(&group.to_string()), cents % 100);
            let sign = if comma { DecimalSign::Comma } else { DecimalSign::Point };
            prop_assert_eq!(evidence(&text), Evidence::Sign(sign));
            let expected = plain(false, &whole, &format!("{:02}", cents % 100));
            prop_assert_eq!(parse_number(&text, None).unwrap().decimal, expected);
        }
    }
}
