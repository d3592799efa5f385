//! The lenses as a table for reading: a company a row, "n/a" with a footnote for its reason, the fund last.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, ContentLineStyle, LineStyle, Table, TableStyle};
use moic::{CompanyEvaluation, Evaluation, Lens, LensKey, Lenses, Portfolio, Ratio, Reason};

/// Column heads of the seven lenses, in the order of the table.
const COLUMNS: [(LensKey, &str); 7] = [
    (LensKey::CurrentMoic, "Current\nMOIC"),
    (LensKey::CurrentMoicInitial, "Current\ninitial"),
    (LensKey::CurrentMoicDeployedReserves, "Current\ndeployed"),
    (LensKey::ExitMoic, "Exit\nMOIC"),
    (LensKey::ExitMoicInitial, "Exit\ninitial"),
    (LensKey::ExitMoicFollowOns, "Exit\nfollow-ons"),
    (LensKey::ExitMoicPlannedReserves, "Exit\nplanned"),
];
/// Columns that only the policy `separate` has.
const SEPARATE_COLUMNS: [(LensKey, &str); 2] =
    [(LensKey::CurrentMoicSecondary, "Current\nsecondary"), (LensKey::ExitMoicSecondary, "Exit\nsecondary")];
const STYLE: TableStyle = TableStyle::new()
    .top_border(RULE)
    .header_lines(ContentLineStyle::none())
    .header_separator(RULE)
    .content_lines(ContentLineStyle::none())
    .bottom_border(RULE);
const RULE: LineStyle = LineStyle::new('─', '─', '─', '─');

/// Decimals of the priced part of the cost.
const COVERAGE_DECIMALS: u32 = 3;
/// Characters of a company's name; a longer one is cut.
const NAME_LENGTH_MAX: usize = 28;

/// Writes the table.
pub fn write(portfolio: &Portfolio, evaluation: &Evaluation<'_>, out: &mut impl Write) -> io::Result<()> {
    let columns: Vec<(LensKey, &str)> = COLUMNS
        .into_iter()
        .chain(SEPARATE_COLUMNS.into_iter().filter(|(key, _)| evaluation.fund().get(*key).is_some()))
        .collect();
    let mut footnotes = Footnotes::default();
    let mut table = Table::new();
    table.load_style(STYLE);
    let heads = columns.iter().map(|(_, head)| Cell::new(head).set_alignment(CellAlignment::Right));
    table.set_header(std::iter::once(Cell::new("Company")).chain(heads));
    for company in evaluation.companies() {
        table.add_row(row(&shortened(company), company.lenses(), &columns, &mut footnotes));
    }
    table.add_row(row("FUND", evaluation.fund(), &columns, &mut footnotes));
    align(&mut table);
    let companies = evaluation.companies().len();
    let currency = portfolio.currency().unwrap_or("currency not named");
    let noun = if companies == 1 { "company" } else { "companies" };
    writeln!(out, "Lot-level MOIC as of {}, {companies} {noun}, gross, {currency}", portfolio.as_of())?;
    let lines: Vec<String> = table.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        // The fund's row stands between two rules, above and below.
        if index + 2 == lines.len() {
            writeln!(out, "{}", lines[0])?;
        }
        writeln!(out, "{line}")?;
    }
    writeln!(out, "The fund's multiples are sums of values over sums of costs.")?;
    if portfolio.policy().exclude_unpriced
        && let Some(coverage) = evaluation.coverage().filter(|coverage| **coverage != Ratio::ONE)
    {
        let coverage = coverage.to_decimal(COVERAGE_DECIMALS);
        writeln!(
            out,
            "{coverage} of the fund's cost is priced; unpriced companies are left out of its current lenses."
        )?;
    }
    footnotes.write(out)
}

fn align(table: &mut Table) {
    for (index, column) in table.column_iter_mut().enumerate() {
        let alignment = if index == 0 { CellAlignment::Left } else { CellAlignment::Right };
        column.set_cell_alignment(alignment);
    }
}

fn row(name: &str, lenses: &Lenses, columns: &[(LensKey, &str)], footnotes: &mut Footnotes) -> Vec<Cell> {
    let figures = columns.iter().map(|(key, _)| match lenses.get(*key) {
        Some(lens) => footnotes.cell(lens),
        None => Cell::new(""),
    });
    std::iter::once(Cell::new(name)).chain(figures.collect::<Vec<_>>()).collect()
}

fn shortened(company: &CompanyEvaluation<'_>) -> String {
    // Names are data: a line break or an escape sequence in one must not reach the terminal.
    let name: String = company.name().chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    match name.char_indices().nth(NAME_LENGTH_MAX) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or(&name).trim_end()),
        None => name,
    }
}

/// The reasons used in a table, each with its number.
#[derive(Default)]
struct Footnotes {
    reasons: Vec<Reason>,
    at_cost: bool,
}

impl Footnotes {
    fn cell(&mut self, lens: &Lens) -> Cell {
        let Some(reason) = lens.reason() else {
            self.at_cost |= lens.flags().at_cost;
            let mark = if lens.flags().at_cost { "*" } else { " " };
            return Cell::new(format!("{}{mark}", lens.display().unwrap_or_default()));
        };
        let known = self.reasons.iter().position(|known| *known == reason);
        let index = known.unwrap_or_else(|| {
            self.reasons.push(reason);
            self.reasons.len() - 1
        });
        Cell::new(format!("n/a{}", superscript(index)))
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        for (index, reason) in self.reasons.iter().enumerate() {
            writeln!(out, "{} {} ({})", superscript(index), reason.description(), reason.name())?;
        }
        if self.at_cost {
            writeln!(out, "* includes SAFEs or notes at cost")?;
        }
        Ok(())
    }
}

/// Number `index + 1`; there are six reasons.
fn superscript(index: usize) -> char {
    ['¹', '²', '³', '⁴', '⁵', '⁶'].get(index).copied().unwrap_or('⁺')
}
