//! The lenses as CSV: a company a row, the fund last.

use std::io::{self, Write};

use formats::neutralised;
use moic::{Evaluation, LensKey, Lenses};

/// Writes a header, a row a company and the fund's row. Each lens has two columns: its value with 12 decimals, empty
/// where there is none, and the reason why.
pub fn write(evaluation: &Evaluation<'_>, out: &mut impl Write) -> io::Result<()> {
    let keys: Vec<LensKey> = evaluation.fund().iter().map(|(key, _)| key).collect();
    let mut rows = csv::Writer::from_writer(out);
    let mut header = vec!["level".to_owned(), "id".to_owned(), "name".to_owned(), "sector".to_owned()];
    header.extend(keys.iter().flat_map(|key| [key.name().to_owned(), format!("{}_reason", key.name())]));
    rows.write_record(&header)?;
    for company in evaluation.companies() {
        let named = [company.id(), company.name(), company.sector().unwrap_or("")];
        let named = named.map(|text| neutralised(text).into_owned());
        rows.write_record(row("company", named, company.lenses()))?;
    }
    rows.write_record(row("fund", Default::default(), evaluation.fund()))?;
    rows.flush()
}

fn row(level: &str, named: [String; 3], lenses: &Lenses) -> Vec<String> {
    let figures = lenses.iter().flat_map(|(_, lens)| {
        [lens.value().unwrap_or_default(), lens.reason().map(|reason| reason.name().to_owned()).unwrap_or_default()]
    });
    std::iter::once(level.to_owned()).chain(named).chain(figures).collect()
}
