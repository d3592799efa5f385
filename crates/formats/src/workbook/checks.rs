//! The sheet Checks: identities that must hold, each with both sides and a difference that must be 0.

use moic::{Bucket, Cents, LensKey};
use rust_xlsxwriter::{Color, Format};

use super::book::{Book, BookCompany, sum};
use super::column::{Cell, Column, Kind};
use super::companies::range_name;
use super::error::WorkbookError;
use super::lenses::{LENSES, LensColumns, Part};
use super::number::{count, money};
use super::sheet::{HEADER_ROW, Sheet, Written};
use super::template::Template;

const SHEET: &str = "Checks";

/// Differences up to this part of either side are those of a cell's 15 digits.
const TOLERANCE: f64 = 1e-9;
/// The cell with the tolerance: above the differences.
const TOLERANCE_CELL: (u32, u16) = (HEADER_ROW - 1, 7);

fn columns() -> Vec<Column> {
    vec![
        Column::label("scope", "Scope", Kind::Word),
        Column::label("company_no", "Company no.", Kind::Count),
        Column::label("company", "Company", Kind::Text),
        Column::formula("place", "Row in Companies", Kind::Count, "MATCH([company_no],CompanyNo,0)"),
        Column::label("check", "What must be equal", Kind::Sentence),
        Column::computed("left", "One side (gross)", Kind::Money),
        Column::computed("right", "Other side (gross)", Kind::Money),
        Column::formula(
            "difference",
            "Difference: must be 0",
            Kind::Money,
            "IF(ABS([left]-[right])<=CheckTolerance*MAX(ABS([left]),ABS([right])),0,[left]-[right])",
        )
        .named("CheckDifference"),
    ]
}

pub(super) fn write(book: &Book<'_, '_>) -> Result<Written, WorkbookError> {
    let about = "A lens without a number has nothing to check and counts as equal. Relative tolerance, for a cell has 15 digits:";
    let mut sheet = Sheet::new(SHEET, "Checks: identities of the figures (gross)", about, columns())?;
    let (row, column) = TOLERANCE_CELL;
    sheet.worksheet().write_number_with_format(row, column, TOLERANCE, &Format::new().set_num_format("0E+00"))?;
    sheet.name_cell("CheckTolerance", row, column);
    for (text, left, right, value) in fund_checks(book) {
        let (left, right) = (sheet.template(&left), sheet.template(&right));
        sheet.push(&[
            Cell::text("fund"),
            Cell::Blank,
            Cell::Blank,
            Cell::Blank,
            Cell::text(text),
            Cell::by(&left, Cell::Number(value)),
            Cell::by(&right, Cell::Number(value)),
            Cell::Number(0.0),
        ])?;
    }
    let identities = Identity::all(book, &sheet);
    for company in &book.companies {
        for identity in &identities {
            sheet.push(&identity.row(company))?;
        }
    }
    let failed = Format::new().set_font_color(Color::Red).set_bold();
    sheet.filtered()?.highlighted("[difference]<>0", failed)?.finished(0)
}

/// A check of the whole fund: its text, both sides, and what they come to.
type FundCheck = (String, String, String, f64);

fn fund_checks(book: &Book<'_, '_>) -> Vec<FundCheck> {
    let lots = || book.companies.iter().flat_map(|company| &company.schedule.lots);
    let cost = money(&sum(lots().map(|lot| &lot.cost)));
    let realised = money(&sum(lots().map(|lot| &lot.realised)));
    let mut checks: Vec<FundCheck> = vec![
        (
            "Cost of all lots = cost of all companies".to_owned(),
            "SUM(LotCost)".to_owned(),
            "SUM(CompanyCostAll)".to_owned(),
            cost,
        ),
        ("Cost of all lots = cash paid".to_owned(), "SUM(LotCost)".to_owned(), "SUM(EventPaid)".to_owned(), cost),
        (
            "Realised proceeds of all lots = cash received".to_owned(),
            "SUM(LotRealised)".to_owned(),
            "SUM(EventReceived)".to_owned(),
            realised,
        ),
        (
            "Every lot is in one bucket: lots = lots of the buckets".to_owned(),
            "COUNT(LotNo)".to_owned(),
            [Bucket::Initial, Bucket::FollowOn, Bucket::Secondary]
                .map(|bucket| format!(r#"COUNTIFS(LotBucket,"{}")"#, bucket.name()))
                .join("+"),
            count(lots().count()),
        ),
    ];
    for lens in &book.lenses {
        checks.extend(sector_checks(book, lens));
    }
    checks
}

/// Sectors sum to the fund, above and below; nothing to compare where the fund has no numerator.
fn sector_checks(book: &Book<'_, '_>, lens: &LensColumns) -> [FundCheck; 2] {
    let key = lens.key.name();
    let counted = |company: &&BookCompany<'_, '_>| !lens.key.is_current() || company.is_counted(book.portfolio);
    let members: Vec<&BookCompany<'_, '_>> = book.companies.iter().filter(counted).collect();
    let numerators: Vec<Cents> = members.iter().filter_map(|company| company.numerator(lens)).collect();
    let denominators: Vec<Cents> = members.iter().map(|company| company.denominator(lens)).collect();
    let known = book.evaluation.fund().get(lens.key).is_some_and(|lens| lens.numerator().is_some());
    let of = |level: &str, column: &str| format!(r#"SUMIFS({column},SummaryLevel,"{level}",SummaryKey,"{key}")"#);
    let when_known = |side: String| {
        format!(r#"IF(COUNTIFS(SummaryLevel,"fund",SummaryKey,"{key}",SummaryNumerator,"n/a")>0,0,{side})"#)
    };
    [
        (
            format!("{}: numerators of the sectors = numerator of the fund", lens.title),
            when_known(of("sector", "SummaryNumerator")),
            when_known(of("fund", "SummaryNumerator")),
            if known { money(&sum(&numerators)) } else { 0.0 },
        ),
        (
            format!("{}: denominators of the sectors = denominator of the fund", lens.title),
            of("sector", "SummaryDenominator"),
            of("fund", "SummaryDenominator"),
            money(&sum(&denominators)),
        ),
    ]
}

/// What the two sides of an identity come to, in currency units.
type Come = Box<dyn Fn(&BookCompany<'_, '_>) -> f64>;

/// An identity that holds in every company.
struct Identity {
    text: &'static str,
    left: Template,
    right: Template,
    value: Come,
}

impl Identity {
    fn all(book: &Book<'_, '_>, sheet: &Sheet) -> Vec<Self> {
        let separate = book.parts.contains(&Part::Of(Bucket::Secondary));
        let current = [
            Term::of(LensKey::CurrentMoicInitial, &["value_initial"]),
            Term::of(LensKey::CurrentMoicDeployedReserves, &["value_follow_on"]),
        ];
        let exit = [
            Term::of(LensKey::ExitMoicInitial, &["exit_value_initial"]),
            Term::of(LensKey::ExitMoicFollowOns, &["exit_value_follow_on", "planned_proceeds"]),
        ];
        let secondary = |key, value| separate.then(|| Term::of(key, value));
        let follow_ons = [
            Term::of(LensKey::ExitMoicDeployedReserves, &["exit_value_follow_on"]),
            Term::of(LensKey::ExitMoicPlannedReserves, &["planned_proceeds"]),
        ];
        let with = |terms: [Term; 2], more: Option<Term>| terms.into_iter().chain(more).collect::<Vec<_>>();
        vec![
            Self::of_probabilities(sheet),
            Self::recombined(
                sheet,
                LensKey::CurrentMoic,
                "Current MOIC × cost = the buckets' multiples × their costs",
                &with(current, secondary(LensKey::CurrentMoicSecondary, &["value_secondary"])),
            ),
            Self::recombined(
                sheet,
                LensKey::ExitMoic,
                "Exit MOIC × cost with E[B] = the buckets' multiples × their costs",
                &with(exit, secondary(LensKey::ExitMoicSecondary, &["exit_value_secondary"])),
            ),
            Self::recombined(
                sheet,
                LensKey::ExitMoicFollowOns,
                "Exit MOIC on follow-ons × cost = deployed × C(D) + planned × E[B]",
                &with(follow_ons, None),
            ),
        ]
    }

    fn of_probabilities(sheet: &Sheet) -> Self {
        Self {
            text: "Probabilities of the exit cases = 1 (0 without cases)",
            left: sheet.template("SUMIFS(CaseProbability,CaseCompany,[company_no])"),
            right: sheet.template(r#"IF(COUNTIFS(CaseCompany,[company_no],CaseLine,"case")=0,0,1)"#),
            value: Box::new(|company| if company.schedule.cases.is_empty() { 0.0 } else { 1.0 }),
        }
    }

    /// `whole` × its denominator is the sum of the same of `terms`.
    fn recombined(sheet: &Sheet, whole: LensKey, text: &'static str, terms: &[Term]) -> Self {
        let key = whole.name();
        let when_known = |side: &str| format!("IF(ISNUMBER({}),{side},0)", at(key));
        let right: Vec<String> = terms.iter().map(Term::formula).collect();
        let lens = LENSES.iter().find(|lens| lens.key == whole);
        Self {
            text,
            left: sheet.template(&when_known(&format!("{}*{}", at(&format!("{key}_denominator")), at(key)))),
            right: sheet.template(&when_known(&right.join("+"))),
            value: Box::new(move |company| {
                let known = lens.map(|lens| company.lens(lens)).filter(|figures| figures.multiple.is_some());
                known.and_then(|figures| figures.numerator).unwrap_or(0.0)
            }),
        }
    }

    fn row<'t>(&'t self, company: &'t BookCompany<'_, '_>) -> Vec<Cell<'t>> {
        let value = (self.value)(company);
        vec![
            Cell::text("company"),
            Cell::Number(f64::from(company.number)),
            Cell::text(company.schedule.name),
            Cell::Number(f64::from(company.number)),
            Cell::text(self.text),
            Cell::by(&self.left, Cell::Number(value)),
            Cell::by(&self.right, Cell::Number(value)),
            Cell::Number(0.0),
        ]
    }
}

/// A bucket's part of a recombination.
struct Term {
    key: &'static str,
    /// What stands in where the bucket has no multiple, its cost being 0: columns of Companies to be added.
    value: &'static [&'static str],
}

impl Term {
    fn of(key: LensKey, value: &'static [&'static str]) -> Self {
        Self { key: key.name(), value }
    }

    fn formula(&self) -> String {
        let key = self.key;
        let value: Vec<String> = self.value.iter().map(|column| at(&range_name(column))).collect();
        format!("IF(ISNUMBER({}),{}*{},{})", at(key), at(&format!("{key}_denominator")), at(key), value.join("+"))
    }
}

/// A cell of the company on the sheet Companies.
fn at(range: &str) -> String {
    format!("INDEX({range},[place])")
}
