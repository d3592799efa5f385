//! Texts that requests carry, each read by one function with one message.

use jiff::Timestamp;
use moic::json::{Fields, Path, Problems, Value, shown};
use moic::quantity::{Cents, QuantityError, Ratio};

/// Characters of a name.
pub(crate) const NAME_LENGTH_MAX: usize = 200;
/// Characters of a reason for a kill or restore.
pub(crate) const REASON_LENGTH_MAX: usize = 1_000;
/// Bytes of an address.
pub(crate) const LINK_LENGTH_MAX: usize = 2_000;
/// First and last vintage year accepted.
pub(crate) const VINTAGE_YEARS: (i64, i64) = (1900, 2200);

/// Takes a required field with the id of a record.
pub(crate) fn required_id(fields: &mut Fields<'_, '_>, name: &str, problems: &mut Problems) -> Option<i64> {
    if !fields.has(name) {
        fields.missing(name, problems);
    }
    fields.integer(name, 1, i64::MAX, problems)
}

/// Takes a field whose value is a JSON object that somebody else takes apart; none where it is missing or something else.
pub(crate) fn object<'v, 'a>(
    fields: &mut Fields<'v, 'a>,
    name: &'static str,
    problems: &mut Problems,
) -> Option<&'v Value<'a>> {
    match fields.take(name)? {
        object @ Value::Object(_) => Some(object),
        other => {
            problems.push(&Path::root().field(name), shown(other), "must be a JSON object");
            None
        }
    }
}

/// One of a list of words.
pub(crate) fn one_of<T: Copy + std::fmt::Display>(words: &[T], text: &str) -> Result<T, String> {
    words.iter().copied().find(|word| word.to_string() == text).ok_or_else(|| {
        let listed: Vec<String> = words.iter().map(ToString::to_string).collect();
        format!("must be one of {}", listed.join(", "))
    })
}

/// A name: some text on one line.
pub(crate) fn name(text: &str) -> Result<String, String> {
    line(text, NAME_LENGTH_MAX)
}

/// The key of a flag: letters, digits and `-_.:/@`, so that it stands in a log as it is.
pub(crate) fn flag_key(text: &str) -> Result<String, String> {
    /// Paths that a flag of this name would hide behind.
    const RESERVED: [&str; 1] = ["lint"];
    if RESERVED.contains(&text) {
        return Err("is reserved: choose another key".to_owned());
    }
    key(text, flags::KEY_LENGTH_MAX)
}

/// The key of a segment, or of somebody in one. `.` and `..` are none: in a path they mean something else, however they
/// are written.
pub(crate) fn key(text: &str, length_max: usize) -> Result<String, String> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/@".contains(&byte);
    if text.is_empty() || text.len() > length_max || !text.bytes().all(is_allowed) {
        return Err(format!("must be 1 to {length_max} letters, digits and characters of -_.:/@"));
    }
    if matches!(text, "." | "..") {
        return Err("must not be . or ..".to_owned());
    }
    Ok(text.to_owned())
}

/// The id of a record: a whole number from 1, written in one way only.
pub(crate) fn id(text: &str) -> Option<i64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    is_plain.then(|| text.parse().ok())?
}

/// A reason: some text, which may have several lines.
pub(crate) fn reason(text: &str) -> Result<String, String> {
    if text.chars().any(|character| character.is_control() && character != '\n') {
        return Err("must not contain control characters".to_owned());
    }
    line(&text.replace('\n', " "), REASON_LENGTH_MAX)?;
    Ok(text.trim().to_owned())
}

/// An address of the web.
pub(crate) fn web_link(text: &str) -> Result<String, String> {
    let text = text.trim();
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = host.and_then(|rest| rest.split(['/', '?', '#']).next());
    // What stands before an @ only looks like where the link leads.
    let is_host = host.is_some_and(|host| host.starts_with(|first: char| first.is_alphanumeric() || first == '['))
        && !host.is_some_and(|host| host.contains('@'));
    if is_host && is_address(text) {
        return Ok(text.to_owned());
    }
    Err(format!("must be an address of at most {LINK_LENGTH_MAX} characters that begins with https:// or http://"))
}

/// Where a page may lead: an address of the web, or a path of our own.
pub(crate) fn page_link(text: &str) -> Result<String, String> {
    let text = text.trim();
    // Two slashes begin another site's address.
    if text.starts_with('/') && !text.starts_with("//") && is_address(text) {
        return Ok(text.to_owned());
    }
    web_link(text).map_err(|message| format!("{message}, or a path of our own such as /flags"))
}

/// Whether every browser reads the same address in a text: some take a backslash for a slash, and leave line ends out.
fn is_address(text: &str) -> bool {
    let is_odd = |character: char| character.is_control() || character.is_whitespace() || character == '\\';
    text.len() <= LINK_LENGTH_MAX && !text.chars().any(is_odd)
}

fn line(text: &str, length_max: usize) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if text.chars().count() > length_max {
        return Err(format!("must have at most {length_max} characters"));
    }
    if text.chars().any(|character| character.is_control() || turns_text(character)) {
        return Err("must not contain control characters".to_owned());
    }
    if !text.chars().any(is_visible) {
        return Err("must have something that can be seen".to_owned());
    }
    Ok(text.to_owned())
}

/// Whether a character turns the direction of what follows it, so that a name reads as another.
fn turns_text(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Joiners and fillers belong to many names, and are none by themselves.
fn is_visible(character: char) -> bool {
    !character.is_whitespace()
        && !matches!(character, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{feff}')
        && !matches!(character, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

/// A currency code of ISO 4217.
pub(crate) fn currency(text: &str) -> Result<String, &'static str> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code { Ok(text.to_owned()) } else { Err("must be a currency code of three capital letters, as in ISO 4217") }
}

/// Whole cents.
pub(crate) fn cents(text: &str) -> Result<i64, QuantityError> {
    let cents = Cents::parse(text)?;
    let too_large = QuantityError::TooLarge(moic::quantity::CENTS_MAX);
    cents.as_whole().and_then(|whole| i64::try_from(whole).ok()).ok_or(too_large)
}

/// A share of ownership: a decimal from 0 to 1 in its shortest form, or an exact fraction as it was written.
pub(crate) fn ownership(text: &str) -> Result<String, QuantityError> {
    Ratio::parse_probability(text)?;
    Ok(shortest(text))
}

/// An instant in RFC 3339.
pub(crate) fn instant(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().map_err(|_| "must be an instant written as RFC 3339, such as 2026-01-31T12:00:00Z")
}

/// A decimal without the zeros that say nothing; anything else as it is.
fn shortest(decimal: &str) -> String {
    if decimal.contains('/') {
        return decimal.to_owned();
    }
    let (whole, part) = decimal.split_once('.').unwrap_or((decimal, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    match part.trim_end_matches('0') {
        "" => whole.to_owned(),
        part => format!("{whole}.{part}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_answered_in_shortest_form() {
        for (written, shortest_form) in
            [("0.150", "0.15"), ("1.0", "1"), ("000.5", "0.5"), ("0", "0"), ("3/20", "3/20"), ("1", "1")]
        {
            assert_eq!(shortest(written), shortest_form);
        }
    }

    #[test]
    fn names_are_trimmed_and_must_be_something_printable() {
        assert_eq!(name("  Alpha Tech "), Ok("Alpha Tech".to_owned()));
        for text in ["", "   ", "a\u{0}b", "a\nb", "\u{200b}", "\u{202e}evil", &"x".repeat(201)] {
            assert!(name(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn names_of_all_scripts_are_names() {
        for text in ["نوآوران\u{200c}پارس", "קרן הון", "👩\u{200d}🚀 Ventures", "株式会社", "é", "e\u{301}"]
        {
            assert_eq!(name(text), Ok(text.to_owned()));
        }
    }

    #[test]
    fn an_id_is_written_in_one_way() {
        assert_eq!(["1", "42", "9223372036854775807"].map(id), [Some(1), Some(42), Some(i64::MAX)]);
        for text in ["", "0", "-1", "+1", "01", "1.0", " 1", "٣", "9223372036854775808"] {
            assert_eq!(id(text), None, "{text:?}");
        }
    }

    #[test]
    fn cents_fill_64_bits_and_not_more() {
        assert_eq!(cents("9223372036854775807"), Ok(i64::MAX));
        for text in ["9223372036854775808", "-1", "1.5", "", "1e3", "٣"] {
            assert!(cents(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_reason_may_have_several_lines() {
        assert_eq!(reason("wrong marks\nsee ticket 7"), Ok("wrong marks\nsee ticket 7".to_owned()));
        assert!(reason("\n \n").is_err());
    }

    #[test]
    fn a_page_leads_to_the_web_or_to_ourselves() {
        let long = format!("/{}", "x".repeat(LINK_LENGTH_MAX));
        for link in
            ["https://lotwise.test", "http://a.b/c?d=e#f", "https://[::1]:8080/", "/flags", "/funds/1?by=sector", "/"]
        {
            assert_eq!(page_link(&format!(" {link} ")), Ok(link.to_owned()));
        }
        for link in [
            "javascript:alert(1)",
            "JAVASCRIPT:alert(1)",
            "data:text/html,x",
            "//evil.test",
            "/\\evil.test",
            "https:/evil.test",
            "https://",
            "https:///x",
            "https://bank.test@evil.test",
            "https://a b",
            "/a\nb",
            "flags",
            "",
            &long,
        ] {
            assert!(page_link(link).is_err(), "{link:?}");
        }
        assert!(web_link("/flags").is_err());
    }
}
