//! Which sheet is about what and which column means what: as a fund has said it once, or as its headers say it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fields::{Field, Kind, Role, normalised};
use crate::draft::Answers;
use crate::place::{Place, Problem};
use crate::problems::Problems;
use crate::table::{Cell, Table};

/// Rows from the first that a header is looked for in: titles and dates often stand above it.
const HEADER_ROWS_MAX: usize = 30;
/// Values of a column that are shown to whoever maps it.
const SAMPLES_MAX: usize = 3;
/// In a mapping: the sheet or column is left out.
pub const IGNORED: &str = "ignore";

/// What a fund has said about its spreadsheets, once for all later imports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Mapping {
    /// Role ([`Role::as_str`] or [`IGNORED`]) by name of the sheet; the one table of a CSV file is called `""`.
    pub sheets: BTreeMap<String, String>,
    /// Column ([`Field::key`] or [`IGNORED`]) by header, for each name of a sheet.
    pub columns: BTreeMap<String, BTreeMap<String, String>>,
    /// Answers to questions that every such file asks, as `dateOrder`.
    pub answers: Answers,
}

impl Mapping {
    /// The answers that are kept with `given`, which win.
    #[must_use]
    pub fn answers_with(&self, given: &Answers) -> Answers {
        self.answers.iter().chain(given).map(|(id, answer)| (id.clone(), answer.clone())).collect()
    }
}

/// A sheet as it was understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SheetReport {
    /// Its name; nothing for a CSV file.
    pub name: Option<String>,
    /// Its role; none when it is left out.
    pub role: Option<&'static str>,
    /// Its rows below the header that have something in them.
    pub rows: usize,
    /// Its columns.
    pub columns: Vec<ColumnReport>,
}

/// A column as it was understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ColumnReport {
    /// Its header.
    pub header: String,
    /// What it means; none when it is left out.
    pub field: Option<&'static str>,
    /// Some of its values.
    pub samples: Vec<String>,
}

/// A sheet with the meaning of its columns.
pub(super) struct MappedTable<'t> {
    pub(super) table: &'t Table,
    pub(super) role: Role,
    /// Position of the header among the rows.
    header_row: usize,
    /// Positions and meanings of the columns that are read.
    pub(super) columns: Vec<(usize, &'static Field)>,
}

impl<'t> MappedTable<'t> {
    /// The rows below the header that have something in a column that is read, with their positions.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, &'t [Cell])> {
        let rows = self.table.rows.iter().enumerate().skip(self.header_row.saturating_add(1));
        rows.map(|(position, row)| (position, row.as_slice())).filter(|(_, row)| {
            self.columns.iter().any(|(column, _)| row.get(*column).is_some_and(|cell| !cell.is_empty()))
        })
    }

    /// Where a column is, whatever the row; two of one header are not both read.
    pub(super) fn place_of_column(&self, column: usize) -> Place {
        Place { row: None, ..self.table.place(0) }.in_column(&self.header(column))
    }

    /// Whether the amounts of the sheet are in cents.
    pub(super) fn is_in_cents(&self) -> bool {
        self.columns.iter().any(|(_, field)| matches!(field.kind, Kind::MoneyCents | Kind::PriceCents))
    }

    /// The header of a column as it is written.
    pub(super) fn header(&self, column: usize) -> String {
        let row = self.table.rows.get(self.header_row);
        row.and_then(|row| row.get(column)).map(Cell::shown).unwrap_or_default()
    }
}

/// What mapping a file's tables came to.
#[derive(Default)]
pub(super) struct Mapped<'t> {
    pub(super) tables: Vec<MappedTable<'t>>,
    pub(super) reports: Vec<SheetReport>,
    pub(super) problems: Problems,
    pub(super) warnings: Problems,
}

/// Finds out what each sheet and column means.
pub(super) fn map<'t>(tables: &'t [Table], mapping: &Mapping) -> Mapped<'t> {
    let mut mapped = Mapped::default();
    for table in tables {
        map_table(table, mapping, &mut mapped);
    }
    mapped.tables.sort_by_key(|table| table.role);
    mapped
}

fn map_table<'t>(table: &'t Table, mapping: &Mapping, mapped: &mut Mapped<'t>) {
    let name = table.name.as_deref().unwrap_or_default();
    let said = mapping.sheets.get(name).map(String::as_str);
    let own = mapping.columns.get(name);
    let role = match said {
        Some(IGNORED) => None,
        Some(role) => Role::named(role),
        None => role_by_name(name).or_else(|| role_by_headers(table, own)),
    };
    let header_row = header_row(table, role, own);
    let (Some(role), Some(header_row)) = (role, header_row) else {
        if said != Some(IGNORED) && table.rows.iter().flatten().any(|cell| !cell.is_empty()) {
            let message = "what the sheet is about is not clear from its name or its headers, so it is not read; say it in \
                the mapping, or use the headers of the template";
            mapped.warnings.push(Problem::new(table.place(header_row.unwrap_or(0)), name, message));
        }
        let columns = header_row.map(|row| reports(table, row, &[])).unwrap_or_default();
        mapped.reports.push(SheetReport { name: table.name.clone(), role: None, rows: 0, columns });
        return;
    };
    refuse_other_units(table, header_row, mapped);
    let columns = columns(table, role, header_row, own, mapped);
    let mapped_table = MappedTable { table, role, header_row, columns };
    mapped.reports.push(SheetReport {
        name: table.name.clone(),
        role: Some(role.as_str()),
        rows: mapped_table.rows().count(),
        columns: reports(table, header_row, &mapped_table.columns),
    });
    mapped.tables.push(mapped_table);
}

/// Amounts in thousands or millions are said above the table or in its headers; read as they stand they would be wrong by
/// as much.
fn refuse_other_units(table: &Table, header_row: usize, mapped: &mut Mapped<'_>) {
    const UNITS: [&str; 8] = ["thousand", "million", "$000", "($k)", "($m)", "000s", "tsd", "in 000"];
    for (row, cells) in table.rows.iter().enumerate().take(header_row.saturating_add(1)) {
        for cell in cells {
            let text = cell.shown().to_lowercase();
            if UNITS.iter().any(|unit| text.contains(unit)) {
                let message = "says that amounts are in thousands or millions; write them in full, and take this out";
                mapped.problems.push(Problem::new(table.place(row), cell.shown(), message));
            }
        }
    }
}

fn role_by_name(name: &str) -> Option<Role> {
    let name = normalised(name);
    Role::ALL.into_iter().find(|role| role.sheet_names().contains(&name.as_str()))
}

/// The role all of whose marks some row has: lots before companies, since a sheet of lots names companies, too.
fn role_by_headers(table: &Table, own: Option<&BTreeMap<String, String>>) -> Option<Role> {
    [Role::Cases, Role::Lots, Role::Events, Role::Settings, Role::Companies].into_iter().find(|role| {
        table.rows.iter().take(HEADER_ROWS_MAX).any(|row| {
            let keys = keys(row, *role, own);
            role.marks().iter().all(|one_of| one_of.iter().any(|key| keys.contains(key)))
        })
    })
}

fn keys(row: &[Cell], role: Role, own: Option<&BTreeMap<String, String>>) -> Vec<&'static str> {
    let field = |cell: &Cell| match own.and_then(|own| own.get(&cell.shown())) {
        Some(key) => role.field(key),
        None => role.field_of(&cell.shown()),
    };
    row.iter().filter_map(field).map(|field| field.key).collect()
}

/// The first row with the most headers that are understood; where no row has any, the first that has two texts.
fn header_row(table: &Table, role: Option<Role>, own: Option<&BTreeMap<String, String>>) -> Option<usize> {
    let understood = |row: &[Cell]| {
        let is_own = |cell: &&Cell| own.is_some_and(|own| own.contains_key(&cell.shown()));
        let is_known = |cell: &&Cell| role.is_some_and(|role| role.field_of(&cell.shown()).is_some());
        row.iter().filter(|cell| matches!(cell, Cell::Text(_)) && (is_own(cell) || is_known(cell))).count()
    };
    let candidates = || table.rows.iter().take(HEADER_ROWS_MAX).enumerate();
    let best = candidates()
        .map(|(position, row)| (understood(row), position))
        .max_by_key(|(count, position)| (*count, std::cmp::Reverse(*position)))?;
    match best {
        (0 | 1, _) => candidates()
            .find(|(_, row)| row.iter().filter(|cell| matches!(cell, Cell::Text(_)) && !cell.is_empty()).count() >= 2)
            .map(|(position, _)| position),
        (_, position) => Some(position),
    }
}

fn columns(
    table: &Table,
    role: Role,
    header_row: usize,
    own: Option<&BTreeMap<String, String>>,
    mapped: &mut Mapped<'_>,
) -> Vec<(usize, &'static Field)> {
    let mut columns: Vec<(usize, &'static Field)> = Vec::new();
    let place = table.place(header_row);
    let headers = table.rows.get(header_row).map(Vec::as_slice).unwrap_or_default();
    for (position, cell) in headers.iter().enumerate() {
        let header = cell.shown();
        if header.is_empty() {
            continue;
        }
        let field = match own.and_then(|own| own.get(&header)).map(String::as_str) {
            Some(IGNORED) => continue,
            Some(key) => role.field(key),
            None => role.field_of(&header),
        };
        let Some(field) = field else {
            let message = "the column is not read; map it, if it belongs to the import";
            mapped.warnings.push(Problem::new(place.in_column(&header), &header, message));
            continue;
        };
        if let Some((earlier, _)) = columns.iter().find(|(_, taken)| taken.key == field.key) {
            let earlier = headers.get(*earlier).map(Cell::shown).unwrap_or_default();
            let message = format!(
                "two columns mean {} ({earlier:?} and {header:?}); rename one of them, or say in the mapping which is left out",
                field.label
            );
            mapped.problems.push(Problem::new(place.in_column(&header), &header, message));
            continue;
        }
        columns.push((position, field));
    }
    columns
}

fn reports(table: &Table, header_row: usize, columns: &[(usize, &'static Field)]) -> Vec<ColumnReport> {
    let headers = table.rows.get(header_row).map(Vec::as_slice).unwrap_or_default();
    let named = headers.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
    named
        .map(|(position, cell)| {
            let below = table.rows.iter().skip(header_row.saturating_add(1)).filter_map(|row| row.get(position));
            ColumnReport {
                header: cell.shown(),
                field: columns.iter().find(|(column, _)| *column == position).map(|(_, field)| field.key),
                samples: below.filter(|cell| !cell.is_empty()).take(SAMPLES_MAX).map(Cell::shown).collect(),
            }
        })
        .collect()
}
