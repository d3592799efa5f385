//! Text for people, on a terminal.

use std::io::{self, Write};

use comfy_table::{Cell, ContentLineStyle, LineStyle, Table, TableStyle};
use jiff::Timestamp;
use serde_json::Value;

const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::new('─', '─', '─', '─'))
    .content_lines(ContentLineStyle::none());

/// `text` without what would steer a terminal, or let a text look like another: names and reasons are data.
pub fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() || is_invisible(letter) { ' ' } else { letter }).collect()
}

/// Directions of writing, joiners and other marks that cannot be seen.
const fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A JSON value for a table or a sentence: texts without quotes, `-` for nothing.
pub fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => printable(text),
        Some(other) => printable(&other.to_string()),
    }
}

/// An instant to the second, as RFC 3339.
pub fn second(instant: Timestamp) -> String {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant).to_string()
}

/// An instant of an answer to the second; anything else as it is.
pub fn shown_second(value: Option<&Value>) -> String {
    let instant = value.and_then(Value::as_str).and_then(|text| text.parse().ok());
    instant.map_or_else(|| shown(value), second)
}

/// Writes a table with a rule under its heads.
pub fn write_table(
    heads: &[&str],
    rows: impl IntoIterator<Item = Vec<String>>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(STYLE);
    table.set_header(heads.iter().map(Cell::new));
    for row in rows {
        table.add_row(row);
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
