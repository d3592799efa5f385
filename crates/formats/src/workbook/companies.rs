//! The sheet Companies: buckets by SUMIFS, and the lenses as numerators over denominators.

use moic::LensKey;

use super::book::{Book, BookCompany};
use super::column::{Cell, Column, Kind};
use super::error::WorkbookError;
use super::lenses::{LensColumns, Part};
use super::number::{count, money};
use super::sheet::{Sheet, Written};

pub(super) const SHEET: &str = "Companies";

/// Columns that stay in sight.
const COLUMNS_KEPT: u16 = 3;

/// Name of a range of this sheet by its column's key, as in `CompanyCostInitial`.
pub(super) fn range_name(key: &str) -> String {
    let capitalised = key.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_ascii_uppercase(), letters.as_str()))
    });
    format!("Company{}", capitalised.collect::<String>())
}

fn summed(key: String, head: String, kind: Kind, formula: String) -> Column {
    let name = range_name(&key);
    Column::formula(key, head, kind, formula).named(name)
}

fn columns(book: &Book<'_, '_>) -> Vec<Column> {
    let mut columns = vec![
        Column::label("no", "Company no.", Kind::Count).named("CompanyNo"),
        Column::label("id", "Company id", Kind::Word),
        Column::label("name", "Company", Kind::Text),
        Column::input("sector_no", "Sector no.", Kind::Count).named("CompanySector"),
        Column::label("sector", "Sector", Kind::Text),
        Column::label("stage", "Stage", Kind::Word),
    ];
    for lens in &book.lenses {
        columns.extend(multiple_columns(lens));
    }
    for part in &book.parts {
        columns.extend(sum_columns(*part));
    }
    columns.extend(planned_columns());
    for lens in &book.lenses {
        columns.extend(fraction_columns(lens));
    }
    columns
}

/// A multiple, and beside it why there is none.
fn multiple_columns(lens: &LensColumns) -> [Column; 2] {
    let key = lens.key.name();
    let multiple =
        format!(r#"IF(OR([{key}_denominator]=0,[{key}_reason]<>""),"n/a",[{key}_numerator]/[{key}_denominator])"#);
    [
        Column::formula(key, format!("{} (gross)", lens.title), Kind::Multiple, multiple)
            .named(key)
            .noted(lens.definition),
        Column::formula(format!("{key}_reason"), "Why n/a", Kind::Word, reason(lens)).named(format!("{key}_reason")),
    ]
}

/// Why a lens has no number: the first reason that applies wins.
fn reason(lens: &LensColumns) -> String {
    let (key, part) = (lens.key.name(), lens.part.key());
    let zero_cost = format!(r#"IF([{key}_denominator]=0,"zero_cost","")"#);
    if lens.key.is_current() {
        return format!(r#"IF([lots_{part}]=0,"no_lots",IF([unpriced_{part}]>0,"unpriced",{zero_cost}))"#);
    }
    let after_cases = match (lens.part, lens.with_planned) {
        (Part::Nothing, _) => {
            r#"IF([planned_unpriced]>0,"exit_unpriced",IF([planned_cost]=0,"no_planned_reserves",""))"#.to_owned()
        }
        (_, true) => format!(
            r#"IF(AND([lots_{part}]=0,[planned_cost]=0),"no_lots",IF([exit_unpriced_{part}]+[planned_unpriced]>0,"exit_unpriced",{zero_cost}))"#
        ),
        (_, false) => {
            format!(r#"IF([lots_{part}]=0,"no_lots",IF([exit_unpriced_{part}]>0,"exit_unpriced",{zero_cost}))"#)
        }
    };
    format!(r#"IF([cases]=0,"no_exit_case",{after_cases})"#)
}

fn fraction_columns(lens: &LensColumns) -> [Column; 2] {
    let (key, part) = (lens.key.name(), lens.part.key());
    let unknown = format!(r#"OR([{key}_reason]="no_exit_case",[{key}_reason]="exit_unpriced")"#);
    let (numerator, denominator) = match (lens.key.is_current(), lens.part, lens.with_planned) {
        (true, ..) => (format!(r#"IF([{key}_reason]="unpriced","n/a",[value_{part}])"#), format!("[cost_{part}]")),
        (_, Part::Nothing, _) => (
            format!(r#"IF({unknown},"n/a",IF([{key}_reason]="no_planned_reserves",0,[planned_proceeds]))"#),
            "[planned_cost]".to_owned(),
        ),
        (_, _, true) => (
            format!(r#"IF({unknown},"n/a",IF([{key}_reason]="no_lots",0,[exit_value_{part}]+[planned_proceeds]))"#),
            format!("[cost_{part}]+[planned_cost]"),
        ),
        (_, _, false) => (format!(r#"IF({unknown},"n/a",[exit_value_{part}])"#), format!("[cost_{part}]")),
    };
    let column = |end: &str, head: &str, formula| {
        let key = format!("{key}_{end}");
        Column::formula(key.clone(), format!("{}: {head} (gross)", lens.title), Kind::Money, formula).named(key)
    };
    [column("numerator", "numerator", numerator), column("denominator", "denominator", denominator)]
}

/// Sums over the lots of a part.
fn sum_columns(part: Part) -> [Column; 6] {
    let key = part.key();
    let (title, criterion) = match part {
        Part::All | Part::Nothing => ("all".to_owned(), String::new()),
        Part::Of(bucket) => (bucket.name().replace('_', "-"), format!(r#",LotBucket,"{key}""#)),
    };
    let of_lots = |sums: &str| format!("SUMIFS({sums},LotCompany,[no]{criterion})");
    let lots_with = |condition: &str| format!("COUNTIFS(LotCompany,[no]{criterion}{condition})");
    let column = |start: &str, head: &str, kind, formula| {
        summed(format!("{start}_{key}"), format!("{head}, {title}"), kind, formula)
    };
    [
        column("lots", "Lots", Kind::Count, lots_with("")),
        column("unpriced", "Lots without a mark", Kind::Count, lots_with(r#",LotUnrealised,"n/a""#)),
        column("exit_unpriced", "Lots without an exit value", Kind::Count, lots_with(r#",LotExpectedProceeds,"n/a""#)),
        column("cost", "Cost C (gross)", Kind::Money, of_lots("LotCost")),
        column("value", "Value V = U + R (gross)", Kind::Money, of_lots("LotValue")),
        column("exit_value", "R + E[X] (gross)", Kind::Money, of_lots("LotExitValue")),
    ]
}

fn planned_columns() -> [Column; 5] {
    let column =
        |key: &str, head: &str, kind, formula: &str| summed(key.to_owned(), head.to_owned(), kind, formula.to_owned());
    [
        column("cases", "Exit cases", Kind::Count, r#"COUNTIFS(CaseCompany,[no],CaseLine,"case")"#),
        column(
            "planned_unpriced",
            "Planned reserves without an exit value",
            Kind::Count,
            r#"COUNTIFS(CaseCompany,[no],CaseLine,"reserve",LineProceeds,"n/a")"#,
        ),
        column(
            "planned_cost",
            "Expected cost of planned reserves E[B] (gross)",
            Kind::Money,
            "SUMPRODUCT(--(CaseCompany=[no]),LineProbability,LineDeployed,LineCost)",
        ),
        column(
            "planned_proceeds",
            "Expected proceeds of planned reserves E[Y] (gross)",
            Kind::Money,
            "SUMPRODUCT(--(CaseCompany=[no]),LineProbability,LineDeployed,LineProceeds)",
        ),
        column(
            "counted",
            "In the current lenses of sector and fund",
            Kind::Count,
            &format!(r#"IF(AND(PolicyExcludeUnpriced="yes",[{}_reason]="unpriced"),0,1)"#, LensKey::CurrentMoic.name()),
        ),
    ]
}

pub(super) fn write(book: &Book<'_, '_>) -> Result<Written, WorkbookError> {
    let about = format!(
        "Amounts in units of {}, not cents. n/a is not zero: the column beside it says why. Gross of fund fees and carry.",
        book.currency()
    );
    let mut sheet =
        Sheet::new(SHEET, "Companies: the lenses and what they are made of (gross)", &about, columns(book))?;
    for company in &book.companies {
        sheet.push(&row(book, company))?;
    }
    sheet.filtered()?.finished(COLUMNS_KEPT)
}

fn row<'t>(book: &Book<'_, '_>, company: &'t BookCompany<'_, '_>) -> Vec<Cell<'t>> {
    let optional = |text: Option<&'t str>| text.map_or(Cell::Blank, Cell::text);
    let mut cells = vec![
        Cell::Number(f64::from(company.number)),
        Cell::text(company.schedule.id),
        Cell::text(company.schedule.name),
        Cell::Number(f64::from(company.sector_number)),
        optional(company.schedule.sector),
        optional(company.schedule.stage),
    ];
    let figures: Vec<_> = book.lenses.iter().map(|lens| company.lens(lens)).collect();
    for lens in &figures {
        cells.extend([Cell::or_not_available(lens.multiple), Cell::text(lens.reason)]);
    }
    for part in &book.parts {
        let sums = company.sums(*part);
        cells.extend([sums.lots, sums.unpriced, sums.exit_unpriced].map(|found| Cell::Number(count(found))));
        cells.extend([&sums.cost, &sums.value, &sums.exit_value].map(|cents| Cell::Number(money(cents))));
    }
    cells.extend([
        Cell::Number(count(company.schedule.cases.len())),
        Cell::Number(count(company.planned_unpriced)),
        Cell::Number(money(&company.planned_cost)),
        Cell::Number(money(&company.planned_proceeds)),
        Cell::Number(if company.is_counted(book.portfolio) { 1.0 } else { 0.0 }),
    ]);
    for lens in &figures {
        cells.extend([Cell::or_not_available(lens.numerator), Cell::Number(lens.denominator)]);
    }
    cells
}
