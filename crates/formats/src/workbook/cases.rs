//! The sheet Cases: each exit case, and under it what it brings for every lot and every planned reserve.

use moic::{Cents, ScheduledCase, ScheduledReserve};

use super::book::{Book, BookCompany, ReserveFigures, number_of};
use super::column::{Cell, Column, Kind};
use super::error::WorkbookError;
use super::number::{money, price, ratio, shares};
use super::sheet::{Sheet, Written};
use super::template::Template;

pub(super) const SHEET: &str = "Cases";

/// Columns that stay in sight.
const COLUMNS_KEPT: u16 = 6;

/// The columns in their order.
fn columns() -> Vec<Column> {
    vec![
        Column::label("no", "Case no.", Kind::Count).named("CaseNo"),
        Column::label("company_no", "Company no.", Kind::Count).named("CaseCompany"),
        Column::label("company", "Company", Kind::Text),
        Column::label("case", "Case", Kind::Word),
        Column::label("line", "Line", Kind::Word)
            .named("CaseLine")
            .noted("case: its probability. lot: what the case brings for a lot. reserve: a cheque that would be written on the way."),
        Column::label("item", "Lot or reserve", Kind::Word),
        Column::label("lot_no", "Lot no.", Kind::Count).named("LineLot"),
        Column::label("reserve_no", "Reserve no.", Kind::Count)
            .named("LineReserve")
            .noted("The same reserve in several cases of a company has one number."),
        Column::input("probability", "Probability of the case", Kind::Probability)
            .named("CaseProbability")
            .noted("Stands on the line of the case alone. Those of a company sum to 1: see the sheet Checks."),
        Column::formula("weight", "Probability π", Kind::Probability, "SUMIFS(CaseProbability,CaseNo,[no])")
            .named("LineProbability"),
        Column::input("deployed", "Probability of deployment", Kind::Probability).named("LineDeployed"),
        Column::label("class", "Share class", Kind::Word),
        Column::input("amount", "Planned cost B (gross)", Kind::Money).named("LineCost"),
        Column::input("share_price", "Planned price per share", Kind::Price),
        Column::computed("shares", "Shares", Kind::Shares)
            .noted("Of a lot: what is held. Of a reserve: its cost over its price per share."),
        Column::input("exit_price", "Exit price per share", Kind::Price),
        Column::computed("strike", "Strike per share", Kind::Price),
        Column::computed("receivable", "Receivable", Kind::Money),
        Column::input("given", "Proceeds given by the case", Kind::Money)
            .noted("The whole amount, receivable included; replaces shares × price."),
        Column::computed("proceeds", "Proceeds X or Y (gross)", Kind::Money).named("LineProceeds"),
        Column::computed("line_cost", "Reserve over all cases: E[B] (gross)", Kind::Money),
        Column::computed("line_proceeds", "Reserve over all cases: E[Y] (gross)", Kind::Money),
        Column::computed("line_multiple", "Reserve: exit MOIC (gross)", Kind::Multiple).named("LineMultiple"),
        Column::computed("line_reason", "Why n/a", Kind::Word).named("LineReason"),
    ]
}

/// The formulas of lots and reserves, which differ.
struct Formulas {
    lot_shares: Template,
    strike: Template,
    receivable: Template,
    lot_proceeds: Template,
    reserve_shares: Template,
    reserve_proceeds: Template,
    line_cost: Template,
    line_proceeds: Template,
    line_multiple: Template,
    line_reason: Template,
}

impl Formulas {
    fn of(sheet: &Sheet) -> Self {
        let template = |formula| sheet.template(formula);
        Self {
            lot_shares: template("SUMIFS(LotShares,LotNo,[lot_no])"),
            strike: template("SUMIFS(LotStrike,LotNo,[lot_no])"),
            receivable: template("SUMIFS(LotReceivable,LotNo,[lot_no])"),
            lot_proceeds: template(
                r#"IF(ISNUMBER([given]),[given],IF(INDEX(LotHolding,MATCH([lot_no],LotNo,0))="convertible","n/a",IF([shares]=0,[receivable],IF(ISNUMBER([exit_price]),[receivable]+[shares]*MAX(0,[exit_price]-[strike]),"n/a"))))"#,
            ),
            reserve_shares: template(r#"IF(ISNUMBER([share_price]),[amount]/[share_price],"n/a")"#),
            reserve_proceeds: template(
                r#"IF(ISNUMBER([given]),[given],IF(AND(ISNUMBER([shares]),ISNUMBER([exit_price])),[shares]*[exit_price],"n/a"))"#,
            ),
            line_cost: template("SUMPRODUCT(--(LineReserve=[reserve_no]),LineProbability,LineDeployed,LineCost)"),
            line_proceeds: template(
                r#"IF([line_reason]="exit_unpriced","n/a",SUMPRODUCT(--(LineReserve=[reserve_no]),LineProbability,LineDeployed,LineProceeds))"#,
            ),
            line_multiple: template(r#"IF(OR([line_cost]=0,[line_reason]<>""),"n/a",[line_proceeds]/[line_cost])"#),
            line_reason: template(
                r#"IF(COUNTIFS(LineReserve,[reserve_no],LineProceeds,"n/a")>0,"exit_unpriced",IF([line_cost]=0,"no_planned_reserves",""))"#,
            ),
        }
    }
}

pub(super) fn write(book: &Book<'_, '_>) -> Result<Written, WorkbookError> {
    let about = format!(
        "Amounts and prices in units of {}, not cents, before the probabilities π. Gross of fund fees and carry.",
        book.currency()
    );
    let mut sheet = Sheet::new(SHEET, "Cases: what the exits would bring (gross)", &about, columns())?;
    let formulas = Formulas::of(&sheet);
    for company in &book.companies {
        for (place, case) in company.schedule.cases.iter().enumerate() {
            let number = f64::from(company.first_case.saturating_add(number_of(place)));
            let line = Line { number, company, case, width: usize::from(sheet.width()) };
            sheet.push(&line.of_case())?;
            for lot in 0..case.lots.len() {
                sheet.push(&line.of_lot(lot, &formulas))?;
            }
            for reserve in &case.reserves {
                sheet.push(&line.of_reserve(reserve, &formulas))?;
            }
        }
    }
    sheet.filtered()?.finished(COLUMNS_KEPT)
}

/// What the lines of a case have in common.
struct Line<'t, 'p, 'e> {
    number: f64,
    company: &'t BookCompany<'p, 'e>,
    case: &'t ScheduledCase<'p>,
    width: usize,
}

impl<'t> Line<'t, '_, '_> {
    fn start(&self, line: &'static str, item: &'t str) -> Vec<Cell<'t>> {
        vec![
            Cell::Number(self.number),
            Cell::Number(f64::from(self.company.number)),
            Cell::text(self.company.schedule.name),
            Cell::text(self.case.id),
            Cell::text(line),
            if item.is_empty() { Cell::Blank } else { Cell::text(item) },
        ]
    }

    fn of_case(&self) -> Vec<Cell<'t>> {
        let mut cells = self.start("case", "");
        cells.extend([Cell::Blank, Cell::Blank, Cell::Number(ratio(self.case.probability))]);
        cells.resize_with(self.width, || Cell::Blank);
        cells
    }

    fn of_lot(&self, place: usize, formulas: &'t Formulas) -> Vec<Cell<'t>> {
        let (Some(lot), Some(exit)) = (self.company.schedule.lots.get(place), self.case.lots.get(place)) else {
            return Vec::new();
        };
        let mut cells = self.start("lot", lot.id);
        cells.extend([
            Cell::Number(self.company.lot_number(place)),
            Cell::Blank,
            Cell::Blank,
            Cell::Number(ratio(self.case.probability)),
            Cell::Blank,
            lot.share_class.map_or(Cell::Blank, Cell::text),
            Cell::Blank,
            Cell::Blank,
            Cell::by(&formulas.lot_shares, Cell::Number(shares(&lot.shares_held))),
            Cell::or_blank(exit.price.map(price)),
            Cell::by(&formulas.strike, Cell::Number(lot.strike.as_ref().map_or(0.0, price))),
            Cell::by(&formulas.receivable, Cell::Number(money(&lot.receivable))),
            Cell::or_blank(exit.proceeds_given.map(money)),
            Cell::by(&formulas.lot_proceeds, Cell::or_not_available(exit.proceeds.as_ref().map(money))),
            Cell::Blank,
            Cell::Blank,
            Cell::Blank,
            Cell::Blank,
        ]);
        cells
    }

    fn of_reserve(&self, reserve: &'t ScheduledReserve<'_>, formulas: &'t Formulas) -> Vec<Cell<'t>> {
        let mut cells = self.start("reserve", reserve.id);
        let bought = reserve.share_price.and_then(|price| reserve.amount.shares_at(price));
        let cents = |cents: Option<&Cents>| Cell::or_not_available(cents.map(money));
        let line = self.company.reserve(reserve.id);
        cells.extend([
            Cell::Blank,
            Cell::or_blank(line.map(|line| f64::from(line.number))),
            Cell::Blank,
            Cell::Number(ratio(self.case.probability)),
            Cell::Number(ratio(reserve.deploy_probability)),
            reserve.share_class.map_or(Cell::Blank, Cell::text),
            Cell::Number(money(reserve.amount)),
            Cell::or_blank(reserve.share_price.map(price)),
            Cell::by(&formulas.reserve_shares, Cell::or_not_available(bought.as_ref().map(shares))),
            Cell::or_blank(reserve.exit_price.map(price)),
            Cell::Blank,
            Cell::Blank,
            Cell::or_blank(reserve.proceeds_given.map(money)),
            Cell::by(&formulas.reserve_proceeds, cents(reserve.proceeds.as_ref())),
            Cell::by(&formulas.line_cost, Cell::or_not_available(line.map(|line| money(&line.cost)))),
            Cell::by(&formulas.line_proceeds, cents(line.and_then(|line| line.proceeds.as_ref()))),
            Cell::by(&formulas.line_multiple, Cell::or_not_available(line.and_then(multiple))),
            Cell::by(&formulas.line_reason, Cell::text(line.map_or("", reason))),
        ]);
        cells
    }
}

fn multiple(line: &ReserveFigures<'_>) -> Option<f64> {
    line.proceeds.as_ref()?.share_of(&line.cost).as_ref().map(ratio)
}

fn reason(line: &ReserveFigures<'_>) -> &'static str {
    match &line.proceeds {
        None => moic::Reason::ExitUnpriced.name(),
        Some(_) if line.cost.is_zero() => moic::Reason::NoPlannedReserves.name(),
        Some(_) => "",
    }
}
