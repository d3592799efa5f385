//! The template as a workbook: empty for whoever fills it in, or with a fund's facts, which it can be read back from.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Note, Workbook, Worksheet, XlsxError};
use serde_json::{Map, Value};

use super::fields::{Field, Kind, Role};
use crate::draft::{Company, Draft, Event};
use crate::table::ROWS_MAX;
use crate::value::in_units;

/// Digits that a cell's double holds for sure; what has more is written as text.
const DIGITS_MAX: usize = 15;
/// Characters that Excel allows in a cell.
const CELL_LENGTH_MAX: usize = 32_767;
/// A day on which no file was made, so that the same facts give the same bytes.
const MADE_ON: (u16, u8, u8) = (2000, 1, 1);

/// Why a draft is not written as a workbook.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// More rows than the import reads of a sheet.
    #[error("the sheet {sheet} would have {rows} rows; at most {ROWS_MAX}, with the header, could be imported again")]
    TooManyRows {
        /// The sheet.
        sheet: &'static str,
        /// How many it would have, with the header.
        rows: usize,
    },
    /// The writer refused.
    #[error("the workbook cannot be written: {0}")]
    Writer(#[from] XlsxError),
}

/// Writes a draft in the columns of the template; money and prices in units of the currency.
///
/// # Errors
/// [`TemplateError`] for what could not be imported again.
pub fn write(draft: &Draft) -> Result<Vec<u8>, TemplateError> {
    let mut book = Workbook::new();
    let (year, month, day) = MADE_ON;
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(year, month, day)?));
    let formats = Formats::new();
    for role in Role::ALL {
        let sheet = book.add_worksheet().set_name(name(role))?;
        headers(sheet, role, &formats)?;
        let rows = rows(role, draft);
        let rows_with_header = rows.len().saturating_add(1);
        if rows_with_header > ROWS_MAX {
            return Err(TemplateError::TooManyRows { sheet: name(role), rows: rows_with_header });
        }
        for (index, row) in rows.iter().enumerate() {
            let row_number = u32::try_from(index.saturating_add(1)).unwrap_or(u32::MAX);
            for (column, field) in (0u16..).zip(role.fields()) {
                if let Some(value) = row.get(field.key) {
                    cell(sheet, (row_number, column), field.kind, value, &formats)?;
                }
            }
        }
    }
    Ok(book.save_to_buffer()?)
}

struct Formats {
    header: Format,
    date: Format,
    money: Format,
    number: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            header: Format::new().set_bold().set_text_wrap(),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            money: Format::new().set_num_format("#,##0.00"),
            number: Format::new().set_num_format("#,##0.########"),
        }
    }
}

const fn name(role: Role) -> &'static str {
    match role {
        Role::Settings => "Settings",
        Role::Companies => "Companies",
        Role::Lots => "Lots",
        Role::Events => "Events",
        Role::Cases => "Cases",
    }
}

fn headers(sheet: &mut Worksheet, role: Role, formats: &Formats) -> Result<(), XlsxError> {
    for (column, field) in (0u16..).zip(role.fields()) {
        sheet.write_string_with_format(0, column, field.label, &formats.header)?;
        sheet.set_column_width(column, if field.kind == Kind::Text { 20 } else { 14 })?;
        if let Some(note) = note(role, field) {
            sheet.insert_note(0, column, &Note::new(note).set_author("Lotwise").add_author_prefix(false))?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// What whoever fills in the template has to know.
fn note(role: Role, field: &Field) -> Option<&'static str> {
    Some(match (role, field.key) {
        (Role::Settings, "setting") => {
            "As of, Currency, lotRelief, secondaryBucket, unpricedConvertible, excludeUnpriced"
        }
        (Role::Lots, "company") => "Required in every row. The same name is the same company.",
        (Role::Lots, "lot") => "Optional. What events and cases call the lot; without it the date and class name it.",
        (Role::Lots, "type") => "initial, follow-on or secondary. Where rows leave it out, the import asks.",
        (Role::Lots, "instrument") => "equity (default), safe, note or warrant",
        (Role::Lots, "cost") => "Of shares, price and cost any two give the third.",
        (Role::Lots, "mark") => "Optional: today's price of the class. It becomes a mark on the mark date.",
        (Role::Lots, "fairValue") => "Optional: today's value of the lot, where there is no price per share.",
        (Role::Events, "type") => {
            "mark, lot mark, split, class conversion, lot conversion, exercise, distribution, disposal or receivable"
        }
        (Role::Events, "lots") => "Lots with shares or weights, as in seed: 1000; series-a: 20",
        (Role::Cases, "probability") => "The same in every row of a case; all cases of a company sum to 100 %.",
        _ => return None,
    })
}

fn cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    kind: Kind,
    text: &str,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    // The cells of a workbook are doubles; of so few digits they show each one.
    let number = || text.parse::<f64>().ok().filter(|_| digits <= DIGITS_MAX && !text.starts_with('+'));
    match kind {
        Kind::Date => match text.parse::<jiff::civil::Date>().ok().and_then(|date| {
            let (year, month, day) = (u16::try_from(date.year()), u8::try_from(date.month()), u8::try_from(date.day()));
            ExcelDateTime::from_ymd(year.ok()?, month.ok()?, day.ok()?).ok()
        }) {
            Some(date) => sheet.write_with_format(row, column, &date, &formats.date)?,
            None => sheet.write_string(row, column, text)?,
        },
        Kind::Text | Kind::Word => {
            let cut: String = text.chars().take(CELL_LENGTH_MAX).collect();
            sheet.write_string(row, column, cut)?
        }
        Kind::Money | Kind::MoneyCents => match number() {
            Some(number) => sheet.write_number_with_format(row, column, number, &formats.money)?,
            None => sheet.write_string(row, column, text)?,
        },
        Kind::Price | Kind::PriceCents | Kind::Number | Kind::Whole => match number() {
            Some(number) => sheet.write_number_with_format(row, column, number, &formats.number)?,
            None => sheet.write_string(row, column, text)?,
        },
    };
    Ok(())
}

/// A row's values by the keys of its columns.
type Row = std::collections::BTreeMap<&'static str, String>;

fn rows(role: Role, draft: &Draft) -> Vec<Row> {
    match role {
        Role::Settings => settings(draft),
        Role::Companies => draft.companies.iter().map(company).collect(),
        Role::Lots => draft.companies.iter().flat_map(lots).collect(),
        Role::Events => {
            let of = |company: &Company| company.events.iter().map(|each| event(company, each)).collect::<Vec<_>>();
            draft.companies.iter().flat_map(of).collect()
        }
        Role::Cases => draft.companies.iter().flat_map(cases).collect(),
    }
}

fn row(values: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Row {
    values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

fn settings(draft: &Draft) -> Vec<Row> {
    let policy = draft.policy.iter().flatten().map(|(name, value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Bool(is_set) => (if *is_set { "yes" } else { "no" }).to_owned(),
            other => other.to_string(),
        };
        (name.clone(), Some(text))
    });
    let own = [("As of".to_owned(), draft.as_of.clone()), ("Currency".to_owned(), draft.currency.clone())];
    let all = own.into_iter().chain(policy).filter_map(|(name, value)| Some((name, value?)));
    all.map(|(name, value)| row([("setting", Some(name)), ("value", Some(value))])).collect()
}

fn company(company: &Company) -> Row {
    row([
        ("companyId", Some(company.id.clone())),
        ("company", company.name.clone()),
        ("sector", company.sector.clone()),
        ("stage", company.stage.clone()),
    ])
}

fn lots(company: &Company) -> impl Iterator<Item = Row> + '_ {
    company.lots.iter().map(|lot| {
        let mut written = self::company(company);
        written.extend(row([
            ("lot", Some(lot.id.clone())),
            ("type", lot.lot_type.clone()),
            ("instrument", lot.instrument.clone()),
            ("shareClass", lot.share_class.clone()),
            ("round", lot.cheque.round.clone()),
            ("purchaseDate", lot.purchase_date.clone()),
            ("shares", lot.shares_acquired.clone()),
            ("price", units(lot.share_price_cents.as_deref())),
            ("cost", units(lot.cost_basis_cents.as_deref())),
            ("strike", units(lot.strike_cents.as_deref())),
            ("ownership", lot.cheque.ownership.clone()),
            ("postMoney", units(lot.cheque.post_money_valuation_cents.as_deref())),
        ]));
        written
    })
}

fn event(company: &Company, event: &Event) -> Row {
    let text = |name: &str| event.fields.get(name).map(plain);
    let amount = ["amountCents", "proceedsCents", "valueCents", "cashCents", "carryingCents"];
    row([
        ("companyId", Some(company.id.clone())),
        ("company", company.name.clone()),
        ("type", Some(event.event_type.clone())),
        ("date", Some(event.date.clone())),
        ("shareClass", text("shareClass").or_else(|| text("fromClass"))),
        ("toClass", text("toClass")),
        ("lot", text("lot")),
        ("newLot", text("newLot")),
        ("lotType", text("lotType")),
        ("shares", text("shares")),
        ("price", units(text("sharePriceCents").as_deref())),
        ("fxRate", text("fxRate")),
        ("amount", units(amount.into_iter().find_map(text).as_deref())),
        ("numerator", text("numerator")),
        ("denominator", text("denominator")),
        ("lots", ["lots", "allocation"].into_iter().find_map(|name| event.fields.get(name)?.as_object()).map(by_lot)),
        ("relief", text("relief")),
        ("receivable", text("id")),
    ])
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn by_lot(lots: &Map<String, Value>) -> String {
    lots.iter().map(|(lot, number)| format!("{lot}: {}", plain(number))).collect::<Vec<_>>().join("; ")
}

fn cases(company: &Company) -> Vec<Row> {
    let mut rows = Vec::new();
    for case in company.exit_cases.iter().flatten() {
        let text = |value: &Value, name: &str| value.get(name).map(plain);
        let start = || {
            row([
                ("companyId", Some(company.id.clone())),
                ("company", company.name.clone()),
                ("case", text(case, "id")),
                ("probability", text(case, "probability")),
            ])
        };
        let before = rows.len();
        for (map, key, value) in
            [("exitPricesCents", "shareClass", "exitPrice"), ("lotProceedsCents", "lot", "lotProceeds")]
        {
            for (name, cents) in case.get(map).and_then(Value::as_object).into_iter().flatten() {
                let mut written = start();
                written.extend(row([(key, Some(name.clone())), (value, units(Some(&plain(cents))))]));
                rows.push(written);
            }
        }
        for reserve in case.get("plannedReserves").and_then(Value::as_array).into_iter().flatten() {
            let mut written = start();
            written.extend(row([
                ("shareClass", text(reserve, "shareClass")),
                ("reserve", text(reserve, "id")),
                ("reserveAmount", units(text(reserve, "amountCents").as_deref())),
                ("reservePrice", units(text(reserve, "sharePriceCents").as_deref())),
                ("reserveProceeds", units(text(reserve, "exitProceedsCents").as_deref())),
                ("deployProbability", text(reserve, "deployProbability")),
            ]));
            rows.push(written);
        }
        if rows.len() == before {
            rows.push(start());
        }
    }
    rows
}

/// A decimal or fraction in cents as one in units of the currency.
fn units(cents: Option<&str>) -> Option<String> {
    cents.map(in_units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Answers;
    use crate::table::{self, FileKind};
    use crate::template::{self, Mapping};
    use jiff::civil::Date;

    #[test]
    fn a_fund_is_read_back_as_it_was_written() {
        for document in [
            &include_bytes!("../../../../examples/demo-fund.json")[..],
            include_bytes!("../../../../examples/alphatech.json"),
            include_bytes!("../../../../examples/early-stage.json"),
        ] {
            let draft = crate::document::read(document, Date::constant(2024, 12, 31)).unwrap().draft;
            let bytes = write(&draft).unwrap();
            assert_eq!(bytes, write(&draft).unwrap());
            let tables = table::read(FileKind::Xlsx, &bytes, &Answers::new()).unwrap();
            let currency = draft.currency.clone().unwrap();
            let read = template::read(&tables, &Mapping::default(), &Answers::new(), Some(&currency)).reading;
            assert_eq!((read.problems, read.questions), (Vec::new(), Vec::new()));
            let inputs = |draft: &Draft| {
                let bytes = serde_json::to_vec(draft).unwrap();
                moic::Portfolio::from_json(&bytes).unwrap().evaluate().to_json()
            };
            let lenses = |draft: &Draft| {
                let result: Value = serde_json::from_slice(&inputs(draft)).unwrap();
                (result["fund"].clone(), result["companies"].clone())
            };
            assert_eq!(lenses(&read.draft), lenses(&draft));
        }
    }

    #[test]
    fn what_could_not_be_imported_again_is_not_written() {
        let lots = vec![crate::draft::Lot::default(); ROWS_MAX];
        let draft = Draft { companies: vec![Company { lots, ..Company::default() }], ..Draft::default() };
        assert!(matches!(write(&draft), Err(TemplateError::TooManyRows { sheet: "Lots", .. })));
    }

    #[test]
    fn an_empty_template_says_that_it_is_empty() {
        let bytes = write(&Draft::default()).unwrap();
        let tables = table::read(FileKind::Xlsx, &bytes, &Answers::new()).unwrap();
        let read = template::read(&tables, &Mapping::default(), &Answers::new(), Some("USD")).reading;
        assert!(read.problems[0].message.contains("holds no rows"));
    }
}
