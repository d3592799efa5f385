//! Spreadsheets of a fund: the documented template, and others whose columns are mapped onto it.

mod builder;
mod cases;
mod cells;
mod events;
mod fields;
mod lots;
mod mapping;
mod settings;
mod write;

use crate::draft::{Answers, Reading};
use crate::place::{Place, Problem};
use crate::problems::Problems;
use crate::table::Tables;

use self::builder::Builder;
use self::cells::{Conventions, Findings, RowCells, foreign};
pub use self::cells::{DATE_ORDER, DECIMAL_SIGN, EMPTY_COMPANY};
pub use self::fields::{Field, Kind, Role};
pub use self::lots::{LOT_TYPE, MARK_DATE};
pub use self::mapping::{ColumnReport, IGNORED, Mapping, SheetReport};
pub use self::write::{TemplateError, write};

/// A spreadsheet that was read.
#[derive(Clone, Debug, Default)]
pub struct Spreadsheet {
    /// What it says.
    pub reading: Reading,
    /// How its sheets and columns were understood.
    pub sheets: Vec<SheetReport>,
}

/// Reads the tables of a file for a fund in `currency`, where it is known. Answers given now win over those kept in `mapping`.
///
/// Every problem is found at once; [`Reading::judge`] adds what the engine has to say.
#[must_use]
pub fn read(tables: &Tables, mapping: &Mapping, answers: &Answers, currency: Option<&str>) -> Spreadsheet {
    let mut mapped = mapping::map(&tables.tables, mapping);
    let answers = mapping.answers_with(answers);
    let mut warnings = Problems::default();
    warnings.extend(tables.warnings.iter().cloned());
    warnings.absorb(std::mem::take(&mut mapped.warnings));
    let conventions = Conventions::of(&mapped, &answers, &mut warnings);
    let mut findings = Findings::default();
    findings.problems.absorb(tables.problems.clone());
    findings.problems.absorb(std::mem::take(&mut mapped.problems));
    let mut builder = Builder::new(&answers, warnings);
    for table in &mapped.tables {
        builder.next_table();
        for row in table.rows() {
            let mut row = RowCells::new(table, row, &conventions, &mut findings);
            match table.role {
                Role::Settings => settings::read(&mut row, &mut builder),
                Role::Companies => builder.company_row(&mut row),
                Role::Lots => lots::read(&mut row, &mut builder),
                Role::Events => events::read(&mut row, &mut builder),
                Role::Cases => cases::read(&mut row, &mut builder),
            }
        }
    }
    let has_rows = mapped.reports.iter().any(|sheet| sheet.role.is_some() && sheet.rows > 0);
    if !has_rows && tables.questions.is_empty() {
        let message = "holds no rows that can be imported; the template shows which columns are read";
        findings.problems.push(Problem::new(Place::default(), "", message));
    }
    let own = currency.map(str::to_owned).or_else(|| builder.currency.clone());
    for (sign, place) in own.iter().flat_map(|currency| foreign(&findings.currencies, currency)) {
        let currency = own.as_deref().unwrap_or_default();
        let message = format!("stands beside an amount, and the fund is in {currency}; convert the amounts first");
        findings.problems.push(Problem::new(place, sign, message));
    }
    let mut reading = builder.finish(&mut findings);
    let is_in_cents = mapped.tables.iter().any(mapping::MappedTable::is_in_cents);
    reading.unit = own.filter(|_| !is_in_cents);
    reading.questions.extend(tables.questions.iter().cloned());
    reading.refuse_in_units(std::mem::take(&mut findings.problems));
    reading.questions.extend(findings.into_questions());
    Spreadsheet { reading, sheets: mapped.reports }
}

#[cfg(test)]
mod tests;
