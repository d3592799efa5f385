//! The sheet Summary: the lenses of the fund and of every sector, the choices they rest on, and how exact they are.

use moic::{Cents, Evaluation, LensKey, Lenses};
use rust_xlsxwriter::{Format, FormatAlign, Formula};

use super::book::{Book, BookCompany, LensFigures, sum};
use super::column::{Cell, Column, INPUT_COLOUR, Kind};
use super::error::WorkbookError;
use super::lenses::{LensColumns, Part};
use super::number::ratio;
use super::sheet::{HEADER_ROW, Sheet, Written, excel_date, note};
use super::template::Template;

pub(super) const SHEET: &str = "Summary";

/// The column of a lens's title, on which its definition hangs.
const LENS_COLUMN: u16 = 3;
/// Columns between the table and the choices beside it.
const GAP_COLUMNS: u16 = 1;
/// Width of the names of the choices, in characters.
const CHOICE_WIDTH: u16 = 34;
/// What stands for companies without a sector.
const NO_SECTOR: &str = "(no sector)";

/// What a reader of the figures should know.
const NOTES: [&str; 8] = [
    "Every figure is gross of fund fees and carry.",
    "Amounts and prices are in units of the currency, not cents, as people read them in spreadsheets.",
    "A cell holds a double: 15 significant digits. Each input was rounded once from an exact fraction, so figures agree",
    "with the exact ones to about 14 digits; amounts above 10,000,000,000,000.00 lose their last cents. JSON has all digits.",
    "n/a is not zero: the column beside it says why. A lens without a number is in no sum.",
    "Blue cells are inputs: change one, and every figure that rests on it follows. Black cells are formulas.",
    "What the replay of splits, conversions and sales left of a lot (shares, strike, mark, receivable, cost) is an input,",
    "with its derivation beside it on the sheets Lots and Events.",
];

fn columns() -> Vec<Column> {
    vec![
        Column::label("level", "Level", Kind::Word).named("SummaryLevel"),
        Column::label("no", "Sector no.", Kind::Count).named("SummarySector"),
        Column::label("name", "Of", Kind::Text),
        Column::label("lens", "Lens", Kind::Title),
        Column::computed("multiple", "Multiple (gross)", Kind::Multiple).named("SummaryMultiple"),
        Column::computed("reason", "Why n/a", Kind::Word).named("SummaryReason"),
        Column::computed("numerator", "Numerator: value (gross)", Kind::Money).named("SummaryNumerator"),
        Column::computed("denominator", "Denominator: cost (gross)", Kind::Money).named("SummaryDenominator"),
        Column::label("key", "Key", Kind::Title).named("SummaryKey"),
    ]
}

/// The formulas of a row.
struct Formulas {
    multiple: Template,
    reason: Template,
    numerator: Template,
    denominator: Template,
}

impl Formulas {
    /// Of a lens, over all companies or over those of the row's sector.
    fn of(sheet: &Sheet, lens: &LensColumns, by_sector: bool) -> Self {
        let key = lens.key.name();
        let sector = if by_sector { ",CompanySector,[no]" } else { "" };
        let counted = if lens.key.is_current() { ",CompanyCounted,1" } else { "" };
        let having = |reason: &str| format!(r#"COUNTIFS({key}_reason,"{reason}"{sector}{counted})>0"#);
        let total = |end: &str| match format!("{counted}{sector}").strip_prefix(',') {
            Some(criteria) => format!("SUMIFS({key}_{end},{criteria})"),
            None => format!("SUM({key}_{end})"),
        };
        let nothing = if lens.part == Part::Nothing {
            r#""no_planned_reserves""#.to_owned()
        } else {
            format!(r#"IF({},"zero_cost","no_lots")"#, having("zero_cost"))
        };
        let after = format!(r#"IF([denominator]=0,{nothing},"")"#);
        let reason = if lens.key.is_current() {
            format!(r#"IF({},"unpriced",{after})"#, having("unpriced"))
        } else {
            format!(
                r#"IF({},"no_exit_case",IF({},"exit_unpriced",{after}))"#,
                having("no_exit_case"),
                having("exit_unpriced")
            )
        };
        let unknown = r#"OR([reason]="unpriced",[reason]="no_exit_case",[reason]="exit_unpriced")"#;
        Self {
            multiple: sheet.template(r#"IF(OR([denominator]=0,[reason]<>""),"n/a",[numerator]/[denominator])"#),
            reason: sheet.template(&reason),
            numerator: sheet.template(&format!(r#"IF({unknown},"n/a",{})"#, total("numerator"))),
            denominator: sheet.template(&total("denominator")),
        }
    }
}

pub(super) fn write(book: &Book<'_, '_>) -> Result<Written, WorkbookError> {
    let title = "Lot-level MOIC (gross of fund fees and carry)";
    let companies = book.companies.len();
    let noun = if companies == 1 { "company" } else { "companies" };
    let about = format!("As of {}, {companies} {noun}, {}", book.portfolio.as_of(), book.currency());
    let mut sheet = Sheet::new(SHEET, title, &about, columns())?;
    let fund = book.evaluation.fund();
    for lens in &book.lenses {
        let formulas = Formulas::of(&sheet, lens, false);
        let figures = total(book, lens, fund, |_| true);
        let row = sheet.next_row();
        sheet.push(&row_of(Level { level: "fund", number: Cell::Blank, name: "Fund" }, lens, &formulas, &figures))?;
        sheet.worksheet().insert_note(row, LENS_COLUMN, &note(lens.definition))?;
    }
    let by_sector: Vec<Formulas> = book.lenses.iter().map(|lens| Formulas::of(&sheet, lens, true)).collect();
    for (number, (sector, lenses)) in (1_u32..).zip(book.evaluation.sectors()) {
        for (lens, formulas) in book.lenses.iter().zip(&by_sector) {
            let figures = total(book, lens, lenses, |company| company.sector_number == number);
            let number = Cell::Number(f64::from(number));
            let level = Level { level: "sector", number, name: sector.unwrap_or(NO_SECTOR) };
            sheet.push(&row_of(level, lens, formulas, &figures))?;
        }
    }
    write_choices(&mut sheet, book)?;
    sheet.highlighted(r#"[level]="fund""#, Format::new().set_bold())?.finished(0)
}

/// Where a row stands.
struct Level<'t> {
    level: &'static str,
    number: Cell<'t>,
    name: &'t str,
}

fn row_of<'t>(level: Level<'t>, lens: &LensColumns, formulas: &'t Formulas, figures: &LensFigures) -> Vec<Cell<'t>> {
    vec![
        Cell::text(level.level),
        level.number,
        Cell::text(level.name),
        Cell::text(lens.title),
        Cell::by(&formulas.multiple, Cell::or_not_available(figures.multiple)),
        Cell::by(&formulas.reason, Cell::text(figures.reason)),
        Cell::by(&formulas.numerator, Cell::or_not_available(figures.numerator)),
        Cell::by(&formulas.denominator, Cell::Number(figures.denominator)),
        Cell::text(lens.key.name()),
    ]
}

/// A lens summed over some companies, as the sums of the columns on the sheet Companies come out.
fn total(
    book: &Book<'_, '_>,
    lens: &LensColumns,
    lenses: &Lenses,
    is_member: impl Fn(&BookCompany<'_, '_>) -> bool,
) -> LensFigures {
    let counted = |company: &&BookCompany<'_, '_>| {
        is_member(company) && (!lens.key.is_current() || company.is_counted(book.portfolio))
    };
    let members: Vec<&BookCompany<'_, '_>> = book.companies.iter().filter(counted).collect();
    let denominators: Vec<Cents> = members.iter().map(|company| company.denominator(lens)).collect();
    let numerator = lenses.get(lens.key).and_then(moic::Lens::numerator);
    // Where the fund's numerator is known, those of its companies are; what adds nothing to it is zero in its column.
    let numerators: Vec<Cents> = members.iter().filter_map(|company| company.numerator(lens)).collect();
    let numerator = numerator.map(|_| sum(&numerators));
    LensFigures::of(lenses, lens, numerator.as_ref(), &sum(&denominators))
}

/// The choices of the document and what to know, beside the table.
fn write_choices(sheet: &mut Sheet, book: &Book<'_, '_>) -> Result<(), WorkbookError> {
    let (name, value) = (sheet.width() + GAP_COLUMNS, sheet.width() + GAP_COLUMNS + 1);
    let policy = book.portfolio.policy();
    let head = Format::new().set_bold().set_align(FormatAlign::VerticalCenter);
    let input = Format::new().set_font_color(INPUT_COLOUR).set_align(FormatAlign::Left);
    let day = input.clone().set_num_format("yyyy-mm-dd");
    let as_of = excel_date(book.portfolio.as_of(), SHEET)?;
    let worksheet = sheet.worksheet();
    worksheet.set_column_width(name, CHOICE_WIDTH)?.set_column_width(value, CHOICE_WIDTH)?;
    worksheet.write_string_with_format(HEADER_ROW, name, "Choices", &head)?;
    let mut row = HEADER_ROW + 1;
    worksheet.write_string(row, name, "As of")?.write_datetime_with_format(row, value, &as_of, &day)?;
    sheet.name_cell("AsOf", row, value);
    let yes_or_no = |yes| if yes { "yes" } else { "no" };
    let choices = [
        ("Currency", "Currency", book.portfolio.currency().unwrap_or("not named")),
        ("Secondary purchases are", "PolicySecondaryBucket", policy.secondary_bucket.name()),
        ("SAFEs and notes without a mark are at", "PolicyUnpricedConvertible", policy.unpriced_convertible.name()),
        ("Unpriced companies are left out", "PolicyExcludeUnpriced", yes_or_no(policy.exclude_unpriced)),
        ("Sales that name no lots relieve", "PolicyLotRelief", policy.lot_relief.name()),
    ];
    for (label, cell_name, text) in choices {
        row += 1;
        sheet.worksheet().write_string(row, name, label)?.write_string_with_format(row, value, text, &input)?;
        sheet.name_cell(cell_name, row, value);
    }
    write_computed(sheet, book, row + 1, name)?;
    let hash = book.portfolio.inputs_hash();
    let worksheet = sheet.worksheet();
    row += 3;
    worksheet.write_string(row, name, "Inputs")?.write_string(row, value, &hash)?;
    worksheet.write_string(row + 1, name, "Engine")?.write_string(row + 1, value, moic::ENGINE_VERSION)?;
    worksheet.write_string_with_format(row + 3, name, "Notes", &head)?;
    for (line, text) in (row + 4..).zip(NOTES) {
        worksheet.write_string(line, name, text)?;
    }
    Ok(())
}

/// Coverage, and how many checks are not 0.
fn write_computed(sheet: &mut Sheet, book: &Book<'_, '_>, row: u32, name: u16) -> Result<(), WorkbookError> {
    let value = name + 1;
    let share = Format::new().set_num_format("0.00%").set_align(FormatAlign::Left);
    let count = Format::new().set_num_format("0").set_align(FormatAlign::Left);
    let key = LensKey::CurrentMoic.name();
    let coverage = format!(
        r#"IF(SUM(CompanyCostAll)=0,"n/a",SUMIFS(CompanyCostAll,{key}_reason,"<>unpriced")/SUM(CompanyCostAll))"#
    );
    let coverage = Formula::new(coverage).set_result(coverage_result(book.evaluation));
    let failed = Formula::new(r#"SUMPRODUCT(--(CheckDifference<>0))"#).set_result("0");
    let worksheet = sheet.worksheet();
    worksheet.write_string(row, name, "Priced part of the cost")?;
    worksheet.write_formula_with_format(row, value, coverage, &share)?;
    worksheet.write_string(row + 1, name, "Checks that are not 0")?;
    worksheet.write_formula_with_format(row + 1, value, failed, &count)?;
    sheet.name_cell("Coverage", row, value);
    sheet.name_cell("ChecksFailed", row + 1, value);
    Ok(())
}

fn coverage_result(evaluation: &Evaluation<'_>) -> String {
    evaluation.coverage().map_or_else(|| "n/a".to_owned(), |coverage| ratio(coverage).to_string())
}
