//! A row's cells as values of the document, under the conventions of its file.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::fields::{Field, Kind};
use super::mapping::{Mapped, MappedTable};
use crate::draft::{Answers, Choice, Question};
use crate::formula::restored;
use crate::place::{Place, Problem};
use crate::problems::Problems;
use crate::table::Cell;
use crate::value::{
    DateOrder, DecimalSign, Evidence, OrderEvidence, ValueError, evidence, in_cents, order_evidence, parse_date,
    parse_number,
};

/// Under which the order of day and month is answered.
pub const DATE_ORDER: &str = "dateOrder";
/// Under which it is answered what an empty company cell means.
pub const EMPTY_COMPANY: &str = "emptyCompany";
/// The answer to [`EMPTY_COMPANY`] that takes the company of the row above.
pub(super) const ABOVE: &str = "above";
/// The answer that leaves it a problem.
const REQUIRED: &str = "required";
/// Under which the sign before the decimals is answered.
pub const DECIMAL_SIGN: &str = "decimalSign";
const DAY_FIRST: &str = "day_first";
const MONTH_FIRST: &str = "month_first";
const POINT: &str = "point";
const COMMA: &str = "comma";
/// What funds write where there is nothing.
const NOTHING: [&str; 7] = ["-", "–", "—", "n/a", "na", "none", "#n/a"];

/// Columns where nothing and zero are two things: a write-off, and a value that nobody knows.
const VALUES_TODAY: [&str; 2] = ["mark", "fairValue"];

/// How the numbers and dates of a file are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Conventions {
    sign: Option<DecimalSign>,
    /// The order of day and month that was answered.
    order: Option<DateOrder>,
    /// The order that a column shows by itself, by its place.
    shown_orders: BTreeMap<Place, DateOrder>,
}

impl Conventions {
    /// What was answered; for the decimal sign otherwise what the numbers of the file show, which is noted.
    pub(super) fn of(mapped: &Mapped<'_>, answers: &Answers, warnings: &mut Problems) -> Self {
        let order = match answers.get(DATE_ORDER).map(String::as_str) {
            Some(DAY_FIRST) => Some(DateOrder::DayFirst),
            Some(MONTH_FIRST) => Some(DateOrder::MonthFirst),
            _ => None,
        };
        let sign = match answers.get(DECIMAL_SIGN).map(String::as_str) {
            Some(POINT) => Some(DecimalSign::Point),
            Some(COMMA) => Some(DecimalSign::Comma),
            _ => shown_sign(mapped, warnings),
        };
        // What is answered holds for every column.
        let shown_orders = if order.is_none() { shown_orders(mapped, warnings) } else { BTreeMap::new() };
        Self { sign, order, shown_orders }
    }
}

/// The order of day and month in each column where a date shows it and none shows the other one. Where dates that the
/// spreadsheet has recognised stand between, the others are those that it could not: then nothing is shown by them.
fn shown_orders(mapped: &Mapped<'_>, warnings: &mut Problems) -> BTreeMap<Place, DateOrder> {
    let mut orders = BTreeMap::new();
    for table in &mapped.tables {
        for (column, _) in table.columns.iter().filter(|(_, field)| field.kind == Kind::Date) {
            let mut shown: Vec<(DateOrder, Place, &str)> = Vec::new();
            let (mut is_needed, mut is_mixed) = (false, false);
            for (row, cells) in table.rows() {
                match cells.get(*column) {
                    Some(Cell::Date(_)) => is_mixed = true,
                    Some(Cell::Text(text)) => match order_evidence(text) {
                        OrderEvidence::Either => is_needed = true,
                        OrderEvidence::Order(order) if shown.iter().all(|(known, ..)| *known != order) => {
                            shown.push((order, table.table.place(row).in_column(&table.header(*column)), text));
                        }
                        OrderEvidence::Order(_) | OrderEvidence::None => {}
                    },
                    _ => {}
                }
            }
            if let [(order, place, text)] = shown.as_slice()
                && is_needed
                && !is_mixed
            {
                let word = if *order == DateOrder::DayFirst { "day" } else { "month" };
                let message = format!("shows that the {word} comes first in this column; all its dates are read so");
                warnings.push(Problem::new(place.clone(), *text, message));
                orders.insert(table.place_of_column(*column), *order);
            }
        }
    }
    orders
}

/// The decimal sign that every number with only one meaning has; none when they disagree or there is none.
fn shown_sign(mapped: &Mapped<'_>, warnings: &mut Problems) -> Option<DecimalSign> {
    let (mut shown, mut is_needed) = (BTreeMap::new(), false);
    for table in &mapped.tables {
        for (row, cells) in table.rows() {
            for (column, field) in &table.columns {
                let Some(Cell::Text(text)) = cells.get(*column) else { continue };
                if !field.kind.is_number() {
                    continue;
                }
                match evidence(text) {
                    Evidence::None => {}
                    Evidence::Either => is_needed = true,
                    Evidence::Sign(sign) => {
                        let found = || (table.table.place(row).in_column(&table.header(*column)), text.clone());
                        shown.entry(sign).or_insert_with(found);
                    }
                }
            }
        }
    }
    let mut signs = shown.into_iter();
    let (Some((sign, (place, text))), None) = (signs.next(), signs.next()) else { return None };
    if is_needed {
        let word = if sign == DecimalSign::Point { "point" } else { "comma" };
        let message = format!("shows that a {word} stands before the decimals in this file; all numbers are read so");
        warnings.push(Problem::new(place, &*text, message));
    }
    Some(sign)
}

impl Kind {
    const fn is_number(self) -> bool {
        match self {
            Self::Money | Self::MoneyCents | Self::Price | Self::PriceCents | Self::Number | Self::Whole => true,
            Self::Text | Self::Word | Self::Date => false,
        }
    }
}

/// What reading cells comes to beside their values.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) problems: Problems,
    /// Questions by their id, each asked once.
    questions: BTreeMap<&'static str, Question>,
    /// Currencies that stand beside amounts, with the first place of each.
    pub(super) currencies: BTreeMap<String, Place>,
}

impl Findings {
    pub(super) fn into_questions(self) -> Vec<Question> {
        self.questions.into_values().collect()
    }

    fn ask(&mut self, id: &'static str, place: &Place, text: &str) {
        self.questions.entry(id).or_insert_with(|| {
            let (question, choices) = match id {
                EMPTY_COMPANY => (
                    "Does a row without a company belong to the company of the row above?",
                    [
                        (ABOVE, "Yes, the company is given once for all its rows"),
                        (REQUIRED, "No, the company is missing"),
                    ],
                ),
                DATE_ORDER => (
                    "Which comes first in dates such as this one?",
                    [(DAY_FIRST, "The day"), (MONTH_FIRST, "The month")],
                ),
                _ => (
                    "Which sign stands before the decimals in numbers such as this one?",
                    [(POINT, "The point, as in 1,234.50"), (COMMA, "The comma, as in 1.234,50")],
                ),
            };
            Question {
                id: id.to_owned(),
                text: question.to_owned(),
                example: Some(format!("{text} ({place})")),
                choices: choices
                    .map(|(value, label)| Choice { value: value.to_owned(), label: label.to_owned() })
                    .into(),
                // Without an answer the rows are problems, which say so.
                optional: id == EMPTY_COMPANY,
            }
        });
    }
}

/// One row, read field by field.
pub(super) struct RowCells<'t, 'f> {
    table: &'f MappedTable<'t>,
    cells: &'t [Cell],
    conventions: &'f Conventions,
    pub(super) place: Place,
    pub(super) findings: &'f mut Findings,
}

impl<'t, 'f> RowCells<'t, 'f> {
    pub(super) fn new(
        table: &'f MappedTable<'t>,
        (row, cells): (usize, &'t [Cell]),
        conventions: &'f Conventions,
        findings: &'f mut Findings,
    ) -> Self {
        Self { table, cells, conventions, place: table.table.place(row), findings }
    }

    fn column(&self, key: &str) -> Option<(usize, &'static Field)> {
        self.table.columns.iter().find(|(_, field)| field.key == key).copied()
    }

    /// Whether the sheet has the column at all.
    pub(super) fn has_column(&self, key: &str) -> bool {
        self.column(key).is_some()
    }

    /// The place of a column in this row; of the row where the sheet has no such column.
    pub(super) fn place_of(&self, key: &str) -> Place {
        match self.column(key) {
            Some((column, _)) => self.place.in_column(&self.table.header(column)),
            None => self.place.clone(),
        }
    }

    /// Adds a problem with a field of this row.
    pub(super) fn refuse(&mut self, key: &str, value: &str, message: impl Into<String>) {
        self.findings.problems.push(Problem::new(self.place_of(key), value, message));
    }

    /// Notes that a field that every row needs is empty.
    pub(super) fn missing(&mut self, key: &str) {
        let label = self.table.role.field(key).map_or(key, |field| field.label);
        let message = if self.has_column(key) {
            format!("is empty; every row needs its {label}")
        } else {
            format!("the sheet has no column {label}; add it, or map the column that holds it")
        };
        self.refuse(key, "(absent)", message);
    }

    /// Notes that the row names no company although others above it do, and asks whether it belongs to the last of them.
    pub(super) fn missing_company(&mut self) {
        let message = format!(
            "is empty; every row needs its company. Where it is given once for all its rows, answer {EMPTY_COMPANY} with \
             {ABOVE}"
        );
        self.refuse("company", "(absent)", message);
        let place = self.place_of("company");
        self.findings.ask(EMPTY_COMPANY, &place, "an empty cell");
    }

    /// What stands in a field; nothing where it is empty, or says that there is nothing.
    fn cell(&mut self, key: &str) -> Option<&'t Cell> {
        let (column, field) = self.column(key)?;
        let cell = self.cells.get(column).filter(|cell| !cell.is_empty())?;
        if let Cell::Error(error) = cell {
            self.refuse(key, error, "the formula in this cell failed; mend it in the spreadsheet");
            return None;
        }
        let says_nothing = |text: &str| NOTHING.contains(&text.trim().to_lowercase().as_str());
        match cell {
            Cell::Text(text) if VALUES_TODAY.contains(&field.key) && says_nothing(text) => {
                let message = "could mean worth nothing, or not known; write 0 for the one, and leave the cell empty for the other";
                self.refuse(key, text.trim(), message);
                None
            }
            Cell::Text(text) if field.kind != Kind::Text && says_nothing(text) => None,
            other => Some(other),
        }
    }

    /// A text.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        // Our own files put an apostrophe before what a spreadsheet would take for a formula.
        self.cell(key).map(|cell| restored(&cell.shown()).into_owned())
    }

    /// A word of the document, as in `follow_on` for `Follow-on`.
    pub(super) fn word(&mut self, key: &str) -> Option<String> {
        self.text(key).map(|text| {
            let words = text.to_lowercase();
            words
                .split(|letter: char| !letter.is_alphanumeric())
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join("_")
        })
    }

    /// A date.
    pub(super) fn date(&mut self, key: &str) -> Option<Date> {
        match self.cell(key)? {
            Cell::Date(date) => Some(*date),
            Cell::Number(number) => {
                let message = "is a number where a date should stand; format the column as dates, or write 2022-01-31";
                self.refuse(key, number, message);
                None
            }
            Cell::Text(text) => match parse_date(text, self.date_order(key)) {
                Ok(date) => Some(date),
                Err(ValueError::Ambiguous) => {
                    self.findings.ask(DATE_ORDER, &self.place_of(key), text.trim());
                    None
                }
                Err(ValueError::Wrong(message)) => {
                    self.refuse(key, text.trim(), message);
                    None
                }
            },
            Cell::Empty | Cell::Error(_) => None,
        }
    }

    /// What was answered, or what the column shows.
    fn date_order(&self, key: &str) -> Option<DateOrder> {
        let shown = || {
            let (column, _) = self.column(key)?;
            self.conventions.shown_orders.get(&self.table.place_of_column(column)).copied()
        };
        self.conventions.order.or_else(shown)
    }

    /// A number as a decimal.
    pub(super) fn number(&mut self, key: &str) -> Option<String> {
        match self.cell(key)? {
            Cell::Number(number) => Some(number.to_string()),
            Cell::Date(date) => {
                self.refuse(
                    key,
                    &date.to_string(),
                    "is a date where a number should stand; format the cell as a number",
                );
                None
            }
            Cell::Text(text) => self.number_of(key, text, false),
            Cell::Empty | Cell::Error(_) => None,
        }
    }

    fn number_of(&mut self, key: &str, text: &str, may_be_percent: bool) -> Option<String> {
        match parse_number(text, self.conventions.sign) {
            Ok(number) if number.is_percent && !may_be_percent => {
                self.refuse(key, text.trim(), "is a percentage where a number should stand; write the number itself");
                None
            }
            Ok(number) => {
                if let Some(currency) = number.currency {
                    let place = self.place_of(key);
                    self.findings.currencies.entry(currency).or_insert(place);
                }
                Some(number.decimal)
            }
            Err(ValueError::Ambiguous) => {
                self.findings.ask(DECIMAL_SIGN, &self.place_of(key), text.trim());
                None
            }
            Err(ValueError::Wrong(message)) => {
                self.refuse(key, text.trim(), message);
                None
            }
        }
    }

    /// Whether only one cell of the row has something in it, of a sheet that needs more.
    pub(super) fn stands_alone(&self) -> bool {
        self.table.columns.len() > 2 && self.cells.iter().filter(|cell| !cell.is_empty()).count() == 1
    }

    /// Whether something stands in a field, readable or not.
    pub(super) fn has_text(&mut self, key: &str) -> bool {
        self.cell(key).is_some()
    }

    /// A number that is part of a field's text.
    pub(super) fn part_number(&mut self, key: &str, text: &str) -> Option<String> {
        self.number_of(key, text, false)
    }

    /// A part of a whole, also as an exact fraction: `3/5`, `60%`, `0.6`.
    pub(super) fn ratio(&mut self, key: &str) -> Option<String> {
        match self.cell(key) {
            Some(Cell::Text(text)) if text.contains('%') => self.number_of(key, text, true),
            _ => self.exact(key),
        }
    }

    /// A number, also as an exact fraction: `1300/3`.
    fn exact(&mut self, key: &str) -> Option<String> {
        if let Some(Cell::Text(text)) = self.cell(key) {
            let is_whole = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            if let Some((numerator, denominator)) = text.trim().split_once('/')
                && is_whole(numerator.trim())
                && is_whole(denominator.trim())
            {
                return Some(format!("{}/{}", numerator.trim(), denominator.trim()));
            }
        }
        self.number(key)
    }

    /// Whole cents from `units` of the currency, or from a column that is in cents already.
    pub(super) fn cents(&mut self, units: &str, cents: &str) -> Option<String> {
        self.either(units, cents)?;
        if let Some(number) = self.number(cents) {
            return Some(number);
        }
        let number = self.number(units)?;
        match in_cents(&number) {
            shifted if !shifted.contains('.') => Some(shifted),
            _ => {
                self.refuse(units, &number, "has a fraction of a cent; an amount has at most two decimals");
                None
            }
        }
    }

    /// Cents per share from a price in units of the currency, or from a column that is in cents already. A fraction stays
    /// exact.
    pub(super) fn price_cents(&mut self, units: &str, cents: &str) -> Option<String> {
        self.either(units, cents)?;
        if let Some(number) = self.exact(cents) {
            return Some(number);
        }
        let number = self.exact(units)?;
        Some(match number.split_once('/') {
            // In cents it is a hundred times as much; what a hundred divides stays short.
            Some((numerator, denominator)) => match denominator.strip_suffix("00") {
                Some(hundredth) if !hundredth.is_empty() => format!("{numerator}/{hundredth}"),
                _ => format!("{numerator}00/{denominator}"),
            },
            None => in_cents(&number),
        })
    }

    /// Nothing, with a problem, when both columns are filled: they could contradict each other.
    fn either(&mut self, units: &str, cents: &str) -> Option<()> {
        if self.cell(units).is_some() && self.cell(cents).is_some() {
            let value = self.cell(cents).map(Cell::shown).unwrap_or_default();
            self.refuse(cents, &value, "is given in units of the currency and in cents; leave one of them empty");
            return None;
        }
        Some(())
    }
}

/// Currencies that a file names and that are not the fund's.
pub(super) fn foreign(currencies: &BTreeMap<String, Place>, own: &str) -> Vec<(String, Place)> {
    let own_signs: BTreeSet<&str> = match own {
        "USD" => ["USD", "US$", "$"].into(),
        "EUR" => ["EUR", "€"].into(),
        "GBP" => ["GBP", "£"].into(),
        "JPY" => ["JPY", "¥"].into(),
        "CNY" => ["CNY", "¥"].into(),
        "INR" => ["INR", "₹"].into(),
        "CHF" => ["CHF", "Fr."].into(),
        // Dollars and crowns of other countries are written with the same signs.
        "AUD" | "CAD" | "HKD" | "NZD" | "SGD" | "MXN" => [own, "$"].into(),
        "SEK" | "NOK" | "DKK" => [own, "kr"].into(),
        other => [other].into(),
    };
    let foreign = currencies.iter().filter(|(sign, _)| !own_signs.contains(sign.as_str()));
    foreign.map(|(sign, place)| (sign.clone(), place.clone())).collect()
}
