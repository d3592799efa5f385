//! The sheet Events: purchases and events in the order of their effect, with the cash they moved.

use moic::{LotEffect, Occurrence, Price, ScheduledEvent, Shares};

use super::book::{Book, BookCompany};
use super::column::{Cell, Column, Kind};
use super::error::WorkbookError;
use super::number::{money, money_text, price, price_text, ratio, shares};
use super::sheet::{Sheet, Written};

pub(super) const SHEET: &str = "Events";

/// Columns that stay in sight.
const COLUMNS_KEPT: u16 = 4;
/// Lots of a receivable that its text names; the rest are counted.
const LOTS_NAMED_MAX: usize = 20;

fn columns() -> Vec<Column> {
    vec![
        Column::label("no", "Event no.", Kind::Count)
            .noted("Of its company, in the order of effect. An event with effects on several lots has a row for each."),
        Column::label("company_no", "Company no.", Kind::Count).named("EventCompany"),
        Column::label("company", "Company", Kind::Text),
        Column::label("date", "Date", Kind::Date).named("EventDate"),
        Column::label("event", "Event", Kind::Word).named("EventType"),
        Column::label("class", "Share class", Kind::Word),
        Column::label("lot_no", "Lot no.", Kind::Count).named("EventLot"),
        Column::label("lot", "Lot", Kind::Word),
        Column::label("shares", "Shares", Kind::Shares).noted("Sold or converted, in the shares of that day."),
        Column::label("price", "Price per share, security's currency", Kind::Price),
        Column::label("rate", "Exchange rate or ratio", Kind::Factor)
            .noted("Of a mark: fund currency per unit of the security's currency. Of a split or conversion: new shares for each old one."),
        Column::label("amount", "Carrying value", Kind::Money).noted("Of a lot mark or a receivable: no cash."),
        Column::label("paid", "Cash paid (gross)", Kind::Money).named("EventPaid"),
        Column::input("received", "Cash received (gross)", Kind::Money)
            .named("EventReceived")
            .noted("The lot's part: proceeds follow the shares sold, distributions the shares held. R of the sheet Lots sums these."),
        Column::label("detail", "What happened", Kind::Sentence),
    ]
}

pub(super) fn write(book: &Book<'_, '_>) -> Result<Written, WorkbookError> {
    let about = format!(
        "What happened up to {}, amounts and prices in units of {} unless a rate says otherwise. Gross of fund fees and carry.",
        book.portfolio.as_of(),
        book.currency()
    );
    let mut sheet = Sheet::new(SHEET, "Events: what happened, and the cash it moved (gross)", &about, columns())?;
    for company in &book.companies {
        for (number, event) in (1_u32..).zip(&company.schedule.events) {
            let described = Described::of(event, company);
            if event.effects.is_empty() {
                sheet.push(&described.row(number, None))?;
            }
            for effect in &event.effects {
                sheet.push(&described.row(number, Some(effect)))?;
            }
        }
    }
    sheet.filtered()?.finished(COLUMNS_KEPT)
}

/// An event in the columns of the sheet.
struct Described<'t, 'p, 'e> {
    event: &'t ScheduledEvent<'p>,
    company: &'t BookCompany<'p, 'e>,
    class: Option<&'p str>,
    lot: Option<usize>,
    shares: Option<&'p Shares>,
    price: Option<&'p Price>,
    rate: Option<f64>,
    amount: Option<f64>,
    detail: String,
}

impl<'t, 'p, 'e> Described<'t, 'p, 'e> {
    fn of(event: &'t ScheduledEvent<'p>, company: &'t BookCompany<'p, 'e>) -> Self {
        let blank = Self {
            event,
            company,
            class: None,
            lot: None,
            shares: None,
            price: None,
            rate: None,
            amount: None,
            detail: String::new(),
        };
        let lot_id = |lot: usize| company.schedule.lots.get(lot).map_or("", |lot| lot.id);
        match &event.what {
            Occurrence::Purchase { lot, .. } => Self { lot: Some(*lot), ..blank },
            Occurrence::Mark { share_class, price, fx_rate, value_per_share } => Self {
                class: Some(share_class),
                price: Some(price),
                rate: Some(ratio(fx_rate)),
                detail: format!("{share_class} at {} of the fund's currency per share", price_text(value_per_share)),
                ..blank
            },
            Occurrence::LotMark { lot, value } => Self { lot: Some(*lot), amount: Some(money(value)), ..blank },
            Occurrence::Split { share_class, ratio: split } => Self {
                class: Some(share_class),
                rate: Some(ratio(split)),
                detail: format!("{} for each share of {share_class}", split.written()),
                ..blank
            },
            Occurrence::ClassConversion { from_class, to_class, ratio: conversion } => Self {
                class: Some(to_class),
                rate: Some(ratio(conversion)),
                detail: format!("{} of {to_class} for each share of {from_class}", conversion.written()),
                ..blank
            },
            Occurrence::LotConversion { lot, to_class, shares } => {
                Self { class: Some(to_class), lot: Some(*lot), shares: Some(shares), ..blank }
            }
            Occurrence::Exercise { lot, new_lot, .. } => Self {
                lot: Some(*new_lot),
                detail: format!("warrant {} became the lot {}", lot_id(*lot), lot_id(*new_lot)),
                ..blank
            },
            Occurrence::Distribution { share_class, amount } => {
                Self { class: *share_class, detail: format!("{} in all", money_text(amount)), ..blank }
            }
            Occurrence::Disposal { share_class, shares, proceeds, relief } => {
                let chosen =
                    relief.map_or_else(|| "lots named".to_owned(), |method| format!("lots by {}", method.name()));
                Self {
                    class: *share_class,
                    shares: Some(shares),
                    detail: format!("{} in all, {chosen}", money_text(proceeds)),
                    ..blank
                }
            }
            Occurrence::Receivable { id, carrying, allocation } => {
                Self { amount: Some(money(carrying)), detail: receivable_text(*id, allocation, lot_id), ..blank }
            }
        }
    }

    /// The row of one effect, or of an event that has none.
    fn row(&self, number: u32, effect: Option<&LotEffect>) -> Vec<Cell<'_>> {
        let lot = effect.map(|effect| effect.lot).or(self.lot);
        let sold = effect.map(|effect| &effect.sold).filter(|sold| !sold.is_zero()).or(match effect {
            Some(_) => None,
            None => self.shares,
        });
        let received = effect.map(|effect| &effect.received).or_else(|| self.event.received());
        vec![
            Cell::Number(f64::from(number)),
            Cell::Number(f64::from(self.company.number)),
            Cell::text(self.company.schedule.name),
            Cell::Date(self.event.date),
            Cell::text(self.event.what.name()),
            self.class.map_or(Cell::Blank, Cell::text),
            Cell::or_blank(lot.map(|lot| self.company.lot_number(lot))),
            lot.and_then(|lot| self.company.schedule.lots.get(lot)).map_or(Cell::Blank, |lot| Cell::text(lot.id)),
            Cell::or_blank(sold.map(shares)),
            Cell::or_blank(self.price.map(price)),
            Cell::or_blank(self.rate),
            Cell::or_blank(self.amount),
            Cell::or_blank(self.event.paid().map(money)),
            Cell::or_blank(received.map(money)),
            if self.detail.is_empty() { Cell::Blank } else { Cell::text(self.detail.as_str()) },
        ]
    }
}

fn receivable_text<'l>(
    id: Option<&str>,
    allocation: &[(usize, &moic::Ratio)],
    lot_id: impl Fn(usize) -> &'l str,
) -> String {
    let parts = allocation
        .iter()
        .take(LOTS_NAMED_MAX)
        .map(|(lot, part)| format!("{} of it to {}", part.written(), lot_id(*lot)));
    let mut text = parts.collect::<Vec<_>>().join(", ");
    if let Some(rest) = allocation.len().checked_sub(LOTS_NAMED_MAX).filter(|rest| *rest > 0) {
        text.push_str(&format!(" and {rest} more lots"));
    }
    match id {
        Some(id) => format!("{id}, in place of what was carried under this name before: {text}"),
        None => text,
    }
}
