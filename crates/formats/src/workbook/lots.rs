//! The sheet Lots: a lot a row, from what the replay left of it to its two multiples.

use moic::{CompanySchedule, Holding, Lens, Reason, ScheduledLot, ValueBasis};

use super::book::{Book, BookCompany, LotFigures};
use super::column::{Cell, Column, Kind};
use super::error::WorkbookError;
use super::number::{money, money_text, price, price_text, ratio, shares, shares_text};
use super::sheet::{Sheet, Written};

pub(super) const SHEET: &str = "Lots";

/// Columns that stay in sight.
const COLUMNS_KEPT: u16 = 4;

const BUCKET: &str = r#"IF([lot_type]<>"secondary",[lot_type],IF(PolicySecondaryBucket="separate","secondary",IF(OR(PolicySecondaryBucket="follow_on",[date]>_xlfn.MINIFS(LotDate,LotCompany,[company_no])),"follow_on","initial")))"#;
const BASIS: &str = r#"IF(ISNUMBER([lot_mark]),"lot_mark",IF([holding]="convertible",IF(PolicyUnpricedConvertible="cost","at_cost","unpriced"),IF([held]=0,"nothing_held",IF(ISNUMBER([mark]),"mark","unpriced"))))"#;
const UNREALISED: &str = r#"IF([basis]="unpriced","n/a",[receivable]+IF([basis]="lot_mark",[lot_mark],IF([basis]="at_cost",[cost],IF([basis]="mark",[held]*MAX(0,[mark]-[strike]),0))))"#;
const EXIT_REASON: &str = r#"IF(COUNTIFS(LineLot,[no])=0,"no_exit_case",IF(COUNTIFS(LineLot,[no],LineProceeds,"n/a")>0,"exit_unpriced",IF([cost]=0,"zero_cost","")))"#;
const EXPECTED: &str = r#"IF(OR([exit_reason]="no_exit_case",[exit_reason]="exit_unpriced"),"n/a",SUMPRODUCT(--(LineLot=[no]),LineProbability,LineProceeds))"#;

fn columns() -> Vec<Column> {
    vec![
        Column::label("no", "Lot no.", Kind::Count).named("LotNo"),
        Column::label("company_no", "Company no.", Kind::Count).named("LotCompany"),
        Column::label("company", "Company", Kind::Text),
        Column::label("lot", "Lot", Kind::Word),
        Column::input("lot_type", "Lot type", Kind::Word),
        Column::label("instrument", "Instrument", Kind::Word),
        Column::input("holding", "Held as", Kind::Word)
            .named("LotHolding")
            .noted("equity, warrant, or convertible: a SAFE or note before its conversion."),
        Column::label("class", "Share class held", Kind::Word),
        Column::input("date", "Purchase date", Kind::Date).named("LotDate"),
        Column::formula("bucket", "Bucket", Kind::Word, BUCKET)
            .named("LotBucket")
            .noted("initial (I) or follow_on (D). A secondary purchase is initial on the day of the fund's first purchase in the company, otherwise follow-on, unless the policy on the sheet Summary says otherwise."),
        Column::label("acquired", "Shares acquired, restated", Kind::Shares),
        Column::input("held", "Shares held, restated", Kind::Shares)
            .named("LotShares")
            .noted("A value: splits, conversions and sales were replayed in order. The last column and the sheet Events say which."),
        Column::input("strike", "Strike per share, restated", Kind::Price).named("LotStrike"),
        Column::input("mark", "Mark per share, restated", Kind::Price)
            .noted("Value per share of the class in the fund's currency, restated for splits since its day."),
        Column::label("mark_date", "Mark of", Kind::Date),
        Column::input("lot_mark", "Lot mark", Kind::Money)
            .noted("A value of the whole lot that overrides shares × mark and cost; sales since its day have scaled it."),
        Column::input("receivable", "Receivable", Kind::Money).named("LotReceivable"),
        Column::input("cost", "Cost C (gross)", Kind::Money)
            .named("LotCost")
            .noted("The original cost, also after sales; 0 for an exercised warrant, whose cost moved to the lot it became."),
        Column::formula("basis", "Valued by", Kind::Word, BASIS).named("LotBasis"),
        Column::formula("unrealised", "Unrealised value U (gross)", Kind::Money, UNREALISED)
            .named("LotUnrealised")
            .noted("Receivable plus what is held: the lot mark, the cost of an unconverted SAFE or note, or shares × mark, for a warrant above its strike."),
        Column::formula("realised", "Realised proceeds R (gross)", Kind::Money, "SUMIFS(EventReceived,EventLot,[no])")
            .named("LotRealised"),
        Column::formula("value", "Value V = U + R (gross)", Kind::Money, r#"IF([unrealised]="n/a","n/a",[unrealised]+[realised])"#)
            .named("LotValue"),
        Column::formula("expected", "Expected exit proceeds E[X] (gross)", Kind::Money, EXPECTED)
            .named("LotExpectedProceeds"),
        Column::formula("exit_value", "R + E[X] (gross)", Kind::Money, r#"IF([expected]="n/a","n/a",[realised]+[expected])"#)
            .named("LotExitValue"),
        Column::formula("current", "Current MOIC (gross)", Kind::Multiple, r#"IF(OR([cost]=0,[current_reason]<>""),"n/a",[value]/[cost])"#)
            .named("LotCurrentMoic"),
        Column::formula("current_reason", "Why n/a", Kind::Word, r#"IF([value]="n/a","unpriced",IF([cost]=0,"zero_cost",""))"#)
            .named("LotCurrentReason"),
        Column::formula("exit", "Exit MOIC (gross)", Kind::Multiple, r#"IF(OR([cost]=0,[exit_reason]<>""),"n/a",[exit_value]/[cost])"#)
            .named("LotExitMoic"),
        Column::formula("exit_reason", "Why n/a", Kind::Word, EXIT_REASON).named("LotExitReason"),
        Column::label("relieved", "Relieved cost of sales", Kind::Money)
            .noted("Rounded half-even to whole cents; beside the lenses and used in none of them."),
        Column::label("flags", "Flags", Kind::Word).noted("allocation_derived: the method of a disposal chose this lot."),
        Column::label("derivation", "Where the value comes from", Kind::Sentence),
    ]
}

pub(super) fn write(book: &Book<'_, '_>) -> Result<Written, WorkbookError> {
    let about = format!(
        "Amounts and prices in units of {}, not cents. Blue is input, black is formula. Gross of fund fees and carry.",
        book.currency()
    );
    let mut sheet =
        Sheet::new(SHEET, "Lots: what each purchase cost, brought and is worth (gross)", &about, columns())?;
    for company in &book.companies {
        let lenses = company.evaluated.lots();
        for (place, ((lot, figures), (_, current, exit))) in
            company.schedule.lots.iter().zip(&company.lots).zip(lenses).enumerate()
        {
            sheet.push(&row(company, place, lot, figures, current, exit))?;
        }
    }
    sheet.filtered()?.finished(COLUMNS_KEPT)
}

fn row<'t>(
    company: &'t BookCompany<'_, '_>,
    place: usize,
    lot: &'t ScheduledLot<'_>,
    figures: &LotFigures,
    current: &Lens,
    exit: &Lens,
) -> Vec<Cell<'t>> {
    let cents = |cents: Option<&moic::Cents>| Cell::or_not_available(cents.map(money));
    let multiple = |lens: &Lens| Cell::or_not_available(lens.multiple().as_ref().map(ratio));
    let reason = |lens: &Lens| Cell::text(lens.reason().map_or("", Reason::name));
    vec![
        Cell::Number(company.lot_number(place)),
        Cell::Number(f64::from(company.number)),
        Cell::text(company.schedule.name),
        Cell::text(lot.id),
        Cell::text(lot.lot_type.name()),
        Cell::text(lot.instrument.name()),
        Cell::text(held_as(lot.holding)),
        lot.share_class.map_or(Cell::Blank, Cell::text),
        Cell::Date(lot.purchase_date),
        Cell::text(lot.bucket.name()),
        Cell::Number(shares(&lot.shares_acquired)),
        Cell::Number(shares(&lot.shares_held)),
        Cell::Number(lot.strike.as_ref().map_or(0.0, price)),
        Cell::or_blank(lot.mark.as_ref().map(|(mark, _)| price(mark))),
        lot.mark.as_ref().map_or(Cell::Blank, |(_, day)| Cell::Date(*day)),
        Cell::or_blank(lot.lot_mark.as_ref().map(|(value, _)| money(value))),
        Cell::Number(money(&lot.receivable)),
        Cell::Number(money(&lot.cost)),
        Cell::text(lot.basis.name()),
        cents(lot.unrealised.as_ref()),
        Cell::Number(money(&lot.realised)),
        cents(figures.value.as_ref()),
        cents(figures.expected.as_ref()),
        cents(figures.exit_value.as_ref()),
        multiple(current),
        reason(current),
        multiple(exit),
        reason(exit),
        Cell::Number(money(&lot.relieved_cost)),
        if lot.allocation_derived { Cell::text("allocation_derived") } else { Cell::Blank },
        Cell::text(derivation(lot, &company.schedule)),
    ]
}

/// What a lot is now, as formulas ask for it.
fn held_as(holding: Holding) -> &'static str {
    match holding {
        Holding::Equity => "equity",
        Holding::Warrant => "warrant",
        Holding::Convertible => "convertible",
    }
}

/// The value of a lot in words, as in `500,000 shares × 6.50407 mark of 2022-03-31`.
fn derivation(lot: &ScheduledLot<'_>, company: &CompanySchedule<'_>) -> String {
    let held = shares_text(&lot.shares_held);
    let class = lot.share_class.unwrap_or_default();
    let mut text = match (lot.basis, &lot.mark, &lot.lot_mark) {
        (ValueBasis::LotMark, _, Some((value, day))) => {
            format!("lot mark of {day}: {} for the {held} shares held", money_text(value))
        }
        (ValueBasis::AtCost, ..) => {
            format!("{} not converted, carried at its cost {}", lot.instrument.name(), money_text(&lot.cost))
        }
        (ValueBasis::NothingHeld, ..) => "nothing held".to_owned(),
        (ValueBasis::Mark, Some((mark, day)), _) => match &lot.strike {
            Some(strike) => format!(
                "{held} shares × ({} mark of {day} − {} strike, at least 0)",
                price_text(mark),
                price_text(strike)
            ),
            None => format!("{held} shares × {} mark of {day}", price_text(mark)),
        },
        _ if lot.share_class.is_some() => format!("{held} shares of {class}, which has no mark"),
        _ => format!("{} not converted and not marked", lot.instrument.name()),
    };
    if !lot.receivable.is_zero() {
        text.push_str(&format!(" + receivable {}", money_text(&lot.receivable)));
    }
    let restated = lot.mark.is_some() && company.events.iter().any(|event| restates(&event.what, lot.share_class));
    if restated && lot.basis == ValueBasis::Mark {
        text.push_str("; shares and mark restated for splits and conversions");
    }
    text
}

fn restates(what: &moic::Occurrence<'_>, held: Option<&str>) -> bool {
    match what {
        moic::Occurrence::Split { share_class, .. } => Some(*share_class) == held,
        moic::Occurrence::ClassConversion { to_class, .. } => Some(*to_class) == held,
        _ => false,
    }
}
