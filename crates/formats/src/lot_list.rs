//! The lots of a fund as CSV, in the columns of the import template.

use csv::Writer;

use crate::draft::{Company, Draft, Lot};
use crate::formula::neutralised;

const COLUMNS: [&str; 13] = [
    "Company ID",
    "Company",
    "Sector",
    "Stage",
    "Lot ID",
    "Lot type",
    "Instrument",
    "Share class",
    "Purchase date",
    "Shares",
    "Price per share (cents)",
    "Cost (cents)",
    "Strike (cents)",
];

/// The lots, one a row, with money and prices in cents. Texts that a spreadsheet would compute are neutralised.
///
/// # Errors
/// A text when a row cannot be written.
pub fn write(draft: &Draft) -> Result<Vec<u8>, String> {
    let mut writer = Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| format!("the lots cannot be written as CSV: {error}");
    writer.write_record(COLUMNS).map_err(failed)?;
    for company in &draft.companies {
        for lot in &company.lots {
            writer.write_record(cells(company, lot).map(|cell| neutralised(cell).into_owned())).map_err(failed)?;
        }
    }
    writer.into_inner().map_err(|error| format!("the lots cannot be written as CSV: {error}"))
}

fn cells<'d>(company: &'d Company, lot: &'d Lot) -> [&'d str; COLUMNS.len()] {
    let text = |text: &'d Option<String>| text.as_deref().unwrap_or_default();
    [
        &company.id,
        text(&company.name),
        text(&company.sector),
        text(&company.stage),
        &lot.id,
        text(&lot.lot_type),
        text(&lot.instrument),
        text(&lot.share_class),
        text(&lot.purchase_date),
        text(&lot.shares_acquired),
        text(&lot.share_price_cents),
        text(&lot.cost_basis_cents),
        text(&lot.strike_cents),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Answers;
    use crate::table::{self, FileKind};
    use crate::template::{self, Mapping};
    use jiff::civil::Date;

    #[test]
    fn what_is_written_is_read_back() {
        let document = include_bytes!("../../../examples/demo-fund.json");
        let draft = crate::document::read(document, Date::constant(2024, 12, 31)).unwrap().draft;
        let mut named = draft.clone();
        named.companies[0].name = Some("=HYPERLINK(\"x\")".to_owned());
        let written = write(&named).unwrap();
        assert!(String::from_utf8_lossy(&written).contains("'=HYPERLINK"));
        let tables = table::read(FileKind::Csv, &written, &Answers::new()).unwrap();
        let point = [(template::DECIMAL_SIGN.to_owned(), "point".to_owned())].into();
        let read = template::read(&tables, &Mapping::default(), &point, Some("USD")).reading;
        assert_eq!(read.problems, []);
        for (company, expected) in read.draft.companies.iter().zip(&named.companies) {
            assert_eq!(company.name, expected.name);
            let terms = |lot: &Lot| (lot.id.clone(), lot.purchase_date.clone(), lot.cost_basis_cents.clone());
            assert!(company.lots.iter().map(terms).eq(expected.lots.iter().map(terms)));
        }
    }
}
