//! The portfolio document's lots and events, out of the fund's lots.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use serde_json::{Map, Value};

use super::amounts::{price_text, shares_text};
use super::asking::{Asking, Mark, marks, question};
use super::classes::Classes;
use super::holdings::{Instrument, Lot, Part};
use super::labels::Labels;
use super::ledger::{Event, Fact, Ledger};
use super::money::in_cents;
use super::record::{Notes, Record};
use crate::draft::{self, Cheque, Question};
use crate::place::Place;

/// Where an event stands within its day, as the engine replays it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Split,
    ClassConversion,
    LotConversion,
    Exercise,
    Disposal,
    Mark,
}

/// The fund's part of a company.
#[derive(Default)]
pub(super) struct Written {
    pub(super) lots: Vec<draft::Lot>,
    pub(super) events: Vec<draft::Event>,
    /// Places by path within the company, as in `lots[0].costBasisCents`.
    pub(super) places: BTreeMap<String, Place>,
}

/// Writes what a replay came to, with the names of rounds by their issuances, and asks for marks.
pub(super) fn write<'q>(ledger: Ledger<'_, '_, 'q>, rounds: &BTreeMap<&str, &str>) -> (Written, Asking<'q>, Notes) {
    let Ledger { holdings, events, classes, mut asking, mut notes, .. } = ledger;
    let lots = holdings.lots;
    let mut written = Written::default();
    match Labels::of(&lots, &events, classes) {
        Ok(labels) => {
            let mut writer = Writer { lots: &lots, labels, dated: Vec::new() };
            writer.write_lots(rounds, &mut written);
            writer.conversions();
            for event in &events {
                writer.event(event);
            }
            writer.marks(classes, &mut asking, &mut notes);
            writer.finish(&mut written);
        }
        Err(message) => notes.problem(Place::default(), "", message),
    }
    (written, asking, notes)
}

struct Writer<'v, 'l> {
    lots: &'l [Lot<'v>],
    labels: Labels<'v>,
    dated: Vec<(Date, Rank, draft::Event, Place)>,
}

impl<'v> Writer<'v, '_> {
    fn write_lots(&self, rounds: &BTreeMap<&str, &str>, written: &mut Written) {
        let first_purchase = self.first_purchase();
        let mut order: Vec<usize> = (0..self.lots.len()).collect();
        order.sort_by_key(|index| self.lots.get(*index).map(|lot| lot.date));
        for index in order {
            let Some(lot) = self.lots.get(index).filter(|lot| !lot.is_exercised) else { continue };
            let path = format!("lots[{}]", written.lots.len());
            for (field, column) in lot_columns(lot) {
                written.places.insert(format!("{path}.{field}"), lot.record.place(column));
            }
            written.places.insert(path, lot.record.place(""));
            let is_convertible = matches!(lot.instrument, Instrument::Safe | Instrument::Note);
            let class = self.labels.first(index).filter(|_| !is_convertible);
            let round = [lot.record.text("id"), lot.record.text("security_id")].into_iter().flatten();
            let round = round.filter_map(|id| rounds.get(id)).next().map(|name| (*name).to_owned());
            written.lots.push(draft::Lot {
                id: lot.id.clone(),
                lot_type: Some(lot_type(lot, first_purchase).to_owned()),
                instrument: Some(instrument(lot.instrument).to_owned()),
                share_class: class.map(str::to_owned),
                purchase_date: Some(lot.date.to_string()),
                shares_acquired: shares_text(&lot.acquired).filter(|_| !is_convertible),
                share_price_cents: lot.price.clone().filter(|_| !is_convertible),
                cost_basis_cents: lot.cost.as_ref().map(BigInt::to_string),
                strike_cents: lot.strike.clone(),
                cheque: Cheque { round, ..Cheque::default() },
            });
        }
    }

    fn first_purchase(&self) -> Option<Date> {
        self.lots.iter().filter(|lot| !lot.is_exercised).map(|lot| lot.date).min()
    }

    fn add<const N: usize>(
        &mut self,
        date: Date,
        rank: Rank,
        name: &str,
        fields: [(&str, Value); N],
        record: &Record<'v>,
    ) {
        let fields: Map<String, Value> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let event = draft::Event { event_type: name.to_owned(), date: date.to_string(), fields };
        self.dated.push((date, rank, event, record.place("")));
    }

    /// Conversions of SAFEs and notes, and of classes.
    fn conversions(&mut self) {
        for (index, lot) in self.lots.iter().enumerate() {
            let Some(conversion) = &lot.conversion else { continue };
            let fields = [
                ("lot", text(&lot.id)),
                ("toClass", self.labels.first(index).map_or(Value::Null, text)),
                ("shares", shares_text(&lot.acquired).map_or(Value::Null, Value::String)),
            ];
            let (date, record) = (conversion.date, conversion.record);
            self.add(date, Rank::LotConversion, "lot_conversion", fields, &record);
        }
        for conversion in self.labels.conversions() {
            let [numerator, denominator] = sides(&conversion.ratio);
            let fields = [
                ("fromClass", Value::String(conversion.from)),
                ("toClass", Value::String(conversion.to)),
                ("numerator", numerator),
                ("denominator", denominator),
            ];
            self.add(conversion.date, Rank::ClassConversion, "class_conversion", fields, &conversion.record);
        }
    }

    fn event(&mut self, event: &Event<'v>) {
        match &event.fact {
            Fact::Split { class, ratio } => {
                let names: Vec<String> = self.labels.on(class, event.date).into_iter().map(str::to_owned).collect();
                for name in names {
                    let [numerator, denominator] = sides(ratio);
                    let fields =
                        [("shareClass", Value::String(name)), ("numerator", numerator), ("denominator", denominator)];
                    self.add(event.date, Rank::Split, "split", fields, &event.record);
                }
            }
            Fact::Exercise { lot, new_lot, cash } => {
                let (Some(warrant), Some(new)) = (self.lots.get(*lot), self.lots.get(*new_lot)) else { return };
                let fields = [
                    ("lot", text(&warrant.id)),
                    ("newLot", text(&new.id)),
                    ("lotType", text(lot_type(new, self.first_purchase()))),
                    ("cashCents", cents(cash.as_ref())),
                ];
                self.add(event.date, Rank::Exercise, "exercise", fields, &event.record);
            }
            Fact::Disposal { lots, proceeds } => {
                let (sold, shares) = self.sold(lots);
                let fields = [
                    ("shares", shares_text(&shares).map_or(Value::Null, Value::String)),
                    ("proceedsCents", cents(proceeds.as_ref())),
                    ("lots", Value::Object(sold)),
                ];
                self.add(event.date, Rank::Disposal, "disposal", fields, &event.record);
            }
        }
    }

    fn sold(&self, parts: &[Part]) -> (Map<String, Value>, BigRational) {
        let mut by_lot: BTreeMap<usize, BigRational> = BTreeMap::new();
        for part in parts {
            *by_lot.entry(part.lot).or_insert_with(BigRational::zero) += &part.shares;
        }
        let mut sold = Map::new();
        let mut sum = BigRational::zero();
        for (lot, shares) in by_lot {
            let Some(lot) = self.lots.get(lot) else { continue };
            sum += &shares;
            sold.insert(lot.id.clone(), shares_text(&shares).map_or(Value::Null, Value::String));
        }
        (sold, sum)
    }

    /// Asks what the classes are worth that the fund still has.
    fn marks(&mut self, classes: &Classes<'_>, asking: &mut Asking<'_>, notes: &mut Notes) {
        let mut held: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (index, lot) in self.lots.iter().enumerate().filter(|(_, lot)| !lot.held.is_zero()) {
            let (Some(class), Some(name)) = (lot.class_now(), self.labels.last(index)) else { continue };
            held.entry(class).or_default().insert(name.to_owned());
        }
        for (class, names) in held {
            let asked = Question {
                example: Some("1.25 on 2024-12-31".to_owned()),
                optional: true,
                ..question(
                    format!("ocf.mark.{class}"),
                    format!(
                        "What is a share of {} worth, and since when? In its currency, with \" at \" and the rate if that is not the \
                         fund's; several marks with ; between",
                        classes.label(class)
                    ),
                )
            };
            for Mark { price, date, rate } in asking.ask(asked, notes, usable_marks).unwrap_or_default() {
                for name in &names {
                    let mut fields = vec![
                        ("shareClass", text(name)),
                        ("sharePriceCents", price_text(&in_cents(&price)).map_or(Value::Null, Value::String)),
                    ];
                    fields.extend(rate.as_ref().map(|rate| ("fxRate", text(rate))));
                    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
                    let event = draft::Event { event_type: "mark".to_owned(), date: date.to_string(), fields };
                    let place = Place { column: Some(format!("ocf.mark.{class}")), ..Place::default() };
                    self.dated.push((date, Rank::Mark, event, place));
                }
            }
        }
    }

    /// Events by date, and on a day in the order in which the engine replays them.
    fn finish(mut self, written: &mut Written) {
        self.dated.sort_by_key(|(date, rank, ..)| (*date, *rank));
        for (_, _, event, place) in self.dated {
            written.places.insert(format!("events[{}]", written.events.len()), place);
            written.events.push(event);
        }
    }
}

fn usable_marks(answer: &str) -> Result<Vec<Mark>, String> {
    let read = marks(answer)?;
    if read.iter().all(|mark| price_text(&in_cents(&mark.price)).is_some()) {
        Ok(read)
    } else {
        Err("has a price with too many decimals".to_owned())
    }
}

fn lot_type(lot: &Lot<'_>, first_purchase: Option<Date>) -> &'static str {
    match lot {
        Lot { is_secondary: true, .. } => "secondary",
        Lot { date, .. } if Some(*date) == first_purchase => "initial",
        _ => "follow_on",
    }
}

fn instrument(instrument: Instrument) -> &'static str {
    match instrument {
        Instrument::Equity => "equity",
        Instrument::Safe => "safe",
        Instrument::Note => "note",
        Instrument::Warrant => "warrant",
    }
}

/// The fields of an issuance that a lot's values come from.
fn lot_columns(lot: &Lot<'_>) -> Vec<(&'static str, &'static str)> {
    let mut columns = vec![("id", "security_id"), ("purchaseDate", "date"), ("shareClass", "stock_class_id")];
    columns.extend(match lot.instrument {
        Instrument::Equity => {
            [("sharesAcquired", "quantity"), ("sharePriceCents", "share_price"), ("costBasisCents", "cost_basis")]
        }
        Instrument::Warrant => {
            [("sharesAcquired", "quantity"), ("strikeCents", "exercise_price"), ("costBasisCents", "purchase_price")]
        }
        Instrument::Safe | Instrument::Note => [
            ("instrument", "convertible_type"),
            ("sharesAcquired", "investment_amount"),
            ("costBasisCents", "investment_amount"),
        ],
    });
    columns
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn cents(cents: Option<&BigInt>) -> Value {
    cents.map_or(Value::Null, |cents| Value::String(cents.to_string()))
}

fn sides(ratio: &BigRational) -> [Value; 2] {
    [ratio.numer(), ratio.denom()].map(|side| side.to_i64().map_or(Value::Null, Value::from))
}
