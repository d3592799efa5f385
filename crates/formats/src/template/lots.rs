//! The sheet of lots: a purchase a row, with the mark of its class or its fair value beside it where the fund keeps them
//! there.

use std::collections::BTreeMap;

use jiff::civil::Date;
use moic::{Cents, Price, Shares, lot_terms};
use serde_json::{Map, Value};

use super::builder::{Builder, CompanyDraft};
use super::cells::{Findings, RowCells};
use crate::draft::{Cheque, Choice, Event, Lot, Question};
use crate::place::{Place, Problem};
use crate::value::{in_units, parse_date};

/// Under which it is answered which lots are initial, where the file does not tell.
pub const LOT_TYPE: &str = "lotType";
/// Under which the date of marks is answered, where the file does not tell.
pub const MARK_DATE: &str = "markDate";
const BY_DATE: &str = "by_date";

/// A value that a row of lots tells beside the purchase; it becomes an event once its date is known.
pub(super) struct PendingMark {
    fields: Map<String, Value>,
    event_type: &'static str,
    date: Option<Date>,
    place: Place,
}

pub(super) fn read(row: &mut RowCells<'_, '_>, builder: &mut Builder<'_>) {
    let Some(company) = builder.company_of(row) else { return };
    let date = row.date("purchaseDate");
    let lot_type = row.word("type").map(known_type);
    let instrument = row.word("instrument").map(known_instrument);
    let mut share_class = row.text("shareClass");
    // A column of securities has SAFEs and notes among the classes.
    let mut instrument = instrument;
    if instrument.is_none()
        && let Some(convertible) = share_class.as_deref().and_then(convertible_called)
    {
        (instrument, share_class) = (Some(convertible.to_owned()), None);
    }
    let shares = row.number("shares");
    let price = row.price_cents("price", "priceCents");
    let cost = row.cents("cost", "costCents");
    let strike_cents = row.price_cents("strike", "strikeCents");
    let cheque = Cheque {
        round: row.text("round"),
        ownership: row.ratio("ownership"),
        post_money_valuation_cents: row.cents("postMoney", "postMoneyCents"),
    };
    if date.is_none() && !row.has_text("purchaseDate") {
        row.missing("purchaseDate");
    }
    let is_convertible = matches!(instrument.as_deref(), Some("safe" | "note"));
    let terms =
        if is_convertible { Terms { shares, price, cost } } else { completed(row, Terms { shares, price, cost }) };
    let given_id = row.text("lot");
    let Some(draft) = builder.companies.get_mut(company) else { return };
    let id = given_id.unwrap_or_else(|| derived_id(draft, date, share_class.as_deref(), instrument.as_deref()));
    if lot_type.is_none() && builder.untyped_lot.is_none() {
        builder.untyped_lot = Some(row.place_of("type"));
    }
    marks(row, builder, company, &id, share_class.as_deref(), terms.shares.as_deref());
    let lot = Lot {
        id,
        lot_type,
        instrument,
        share_class,
        purchase_date: date.map(|date| date.to_string()),
        shares_acquired: terms.shares,
        share_price_cents: terms.price,
        cost_basis_cents: terms.cost,
        strike_cents,
        cheque,
    };
    builder.add_lot(company, lot, row.place.clone());
}

struct Terms {
    shares: Option<String>,
    price: Option<String>,
    cost: Option<String>,
}

/// Shares, price and cost with the missing one computed from the others; the problems with them are told at their columns.
fn completed(row: &mut RowCells<'_, '_>, terms: Terms) -> Terms {
    let Terms { shares, price, cost } = terms;
    match lot_terms::complete(shares.as_deref(), price.as_deref(), cost.as_deref()) {
        Ok(complete) => Terms {
            shares: shares.or_else(|| Some(complete.shares.to_string())),
            price: price.or_else(|| Some(complete.price.to_string())),
            cost: cost.or_else(|| Some(complete.cost.to_string())),
        },
        Err(problems) => {
            for problem in problems {
                let key = match problem.path.as_str() {
                    "sharesAcquired" => "shares",
                    "sharePriceCents" if row.has_column("priceCents") => "priceCents",
                    "sharePriceCents" => "price",
                    _ if row.has_column("costCents") => "costCents",
                    _ => "cost",
                };
                let message = match problem.message.as_str() {
                    message if message.starts_with("is missing") => {
                        "is missing: give two of shares, price per share and cost"
                    }
                    message => message,
                };
                // The file has money in units, and the engine in cents.
                let is_converted = matches!(key, "price" | "cost")
                    && problem.value.starts_with(|letter: char| letter.is_ascii_digit());
                let value = if is_converted { in_units(&problem.value) } else { problem.value };
                row.refuse(key, &value, message.to_owned());
            }
            Terms { shares, price, cost }
        }
    }
}

/// The words of the document for what funds call the types of purchases.
fn known_type(word: String) -> String {
    match word.as_str() {
        "first" | "new" | "initial_investment" | "initial_cheque" | "initial_check" | "erstinvestment"
        | "erstinvestition" => "initial".to_owned(),
        "followon"
        | "follow"
        | "follow_on_investment"
        | "reserve"
        | "pro_rata"
        | "folgeinvestment"
        | "folgeinvestition" => "follow_on".to_owned(),
        "secondary_purchase" => "secondary".to_owned(),
        _ => word,
    }
}

/// The convertible that a security's name is, if it is nothing else.
fn convertible_called(name: &str) -> Option<&'static str> {
    let word = name
        .to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("_");
    match known_instrument(word).as_str() {
        "safe" => Some("safe"),
        "note" => Some("note"),
        _ => None,
    }
}

fn known_instrument(word: String) -> String {
    match word.as_str() {
        "preferred" | "preferred_stock" | "common" | "common_stock" | "shares" | "stock" | "preferred_shares"
        | "ordinary" => "equity".to_owned(),
        "convertible_note" | "conv_note" | "conv" | "convertible" | "convertible_loan" | "loan" | "cln" => {
            "note".to_owned()
        }
        "safes" | "post_money_safe" | "pre_money_safe" | "safe_note" => "safe".to_owned(),
        "warrants" => "warrant".to_owned(),
        _ => word,
    }
}

/// The same for the same file: what is imported twice is found again by it.
fn derived_id(draft: &mut CompanyDraft, date: Option<Date>, class: Option<&str>, instrument: Option<&str>) -> String {
    let date = date.map_or_else(|| "undated".to_owned(), |date| date.to_string());
    let base = match class.or(instrument) {
        Some(what) => format!("{date} {what}"),
        None => date,
    };
    let count = draft.derived_ids.entry(base.clone()).or_insert(0);
    *count = count.saturating_add(1);
    if *count == 1 { base } else { format!("{base} #{count}") }
}

fn marks(
    row: &mut RowCells<'_, '_>,
    builder: &mut Builder<'_>,
    company: usize,
    lot: &str,
    class: Option<&str>,
    shares: Option<&str>,
) {
    let (mark, value) = (row.price_cents("mark", "markCents"), row.cents("fairValue", "fairValueCents"));
    let date = row.date("markDate");
    if date.is_none() && row.has_text("markDate") {
        // Refused or asked about already: no other date is wanted.
        return;
    }
    let place = row.place_of(if mark.is_some() { "mark" } else { "fairValue" });
    let text = |value: &str| Value::String(value.to_owned());
    let pending = match (mark, value, class) {
        (Some(mark), value, Some(class)) => {
            if let Some(value) = value {
                note_difference(row, builder, &mark, &value, shares);
            }
            let fields = [("shareClass", text(class)), ("sharePriceCents", text(&mark))];
            ("mark", fields)
        }
        (_, Some(value), _) => ("lot_mark", [("lot", text(lot)), ("valueCents", text(&value))]),
        (Some(mark), None, None) => {
            row.refuse(
                "mark",
                &mark,
                "is a price per share, and the row names no share class; name it, or give a fair value",
            );
            return;
        }
        (None, None, _) => return,
    };
    let (event_type, fields) = pending;
    let fields = fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    if let Some(draft) = builder.companies.get_mut(company) {
        draft.marks.push(PendingMark { fields, event_type, date, place });
    }
}

/// Both a price and a value are kept: the price is taken, and told when the value is not shares × price within 1 %.
fn note_difference(row: &RowCells<'_, '_>, builder: &mut Builder<'_>, mark: &str, value: &str, shares: Option<&str>) {
    let parsed = (Price::parse(mark), Cents::parse(value), shares.map(Shares::parse));
    let (Ok(mark), Ok(value), Some(Ok(shares))) = parsed else { return };
    let product = shares.at(&mark);
    let difference = if product > value { product.minus(&value) } else { value.minus(&product) };
    let Some(share) = difference.share_of(&value) else { return };
    if moic::Ratio::parse("1/100").is_ok_and(|hundredth| share > hundredth) {
        let message = format!("differs from shares × mark, which is {product} cents; the mark per share is taken");
        builder.warnings.push(Problem::new(row.place_of("fairValue"), value.to_string(), message));
    }
}

/// What needs all rows: the types of lots that the file does not tell, and the events of marks. What cannot be settled is
/// asked.
pub(super) fn settle(builder: &mut Builder<'_>, findings: &mut Findings) -> Vec<Question> {
    let mut questions = Vec::new();
    if let Some(place) = builder.untyped_lot.clone() {
        match builder.answers.get(LOT_TYPE).map(String::as_str) {
            Some(BY_DATE) => builder.companies.iter_mut().for_each(type_by_date),
            Some(word @ ("initial" | "follow_on" | "secondary")) => {
                let lots = builder.companies.iter_mut().flat_map(|draft| &mut draft.company.lots);
                lots.for_each(|lot| {
                    lot.lot_type.get_or_insert_with(|| word.to_owned());
                });
            }
            _ => questions.push(type_question(&place)),
        }
    }
    questions.extend(settle_marks(builder, findings));
    questions
}

fn type_by_date(draft: &mut CompanyDraft) {
    let first = draft.company.lots.iter().filter_map(|lot| lot.purchase_date.clone()).min();
    for lot in &mut draft.company.lots {
        let word = if lot.purchase_date == first { "initial" } else { "follow_on" };
        lot.lot_type.get_or_insert_with(|| word.to_owned());
    }
}

fn type_question(place: &Place) -> Question {
    let choices = [
        (BY_DATE, "The purchases on the first date in each company are initial, all later ones follow-on"),
        ("initial", "All that do not say are initial"),
        ("follow_on", "All that do not say are follow-on"),
    ];
    Question {
        id: LOT_TYPE.to_owned(),
        text: "Which purchases are initial and which follow-on? Some rows do not say".to_owned(),
        example: Some(place.to_string()),
        choices: choices.map(|(value, label)| Choice { value: value.to_owned(), label: label.to_owned() }).into(),
        optional: false,
    }
}

fn settle_marks(builder: &mut Builder<'_>, findings: &mut Findings) -> Option<Question> {
    let answered = match builder.answers.get(MARK_DATE).map(|answer| (answer, parse_date(answer, None))) {
        Some((_, Ok(date))) => Some(date),
        Some((answer, Err(_))) => {
            let place = Place { column: Some(MARK_DATE.to_owned()), ..Place::default() };
            findings.problems.push(Problem::new(place, answer, "is no date; answer as in 2022-12-31"));
            None
        }
        None => builder.as_of.as_deref().and_then(|date| date.parse().ok()),
    };
    let mut undated = None;
    for draft in &mut builder.companies {
        let mut by_class: BTreeMap<(String, Date), Value> = BTreeMap::new();
        for PendingMark { fields, event_type, date, place } in std::mem::take(&mut draft.marks) {
            let Some(date) = date.or(answered) else {
                undated.get_or_insert(place);
                continue;
            };
            if let (Some(Value::String(class)), Some(price)) = (fields.get("shareClass"), fields.get("sharePriceCents"))
            {
                // Every row of a class repeats its mark: one event is meant.
                match by_class.insert((class.clone(), date), price.clone()) {
                    Some(earlier) if earlier == *price => continue,
                    Some(earlier) => {
                        let message =
                            format!("differs from {earlier} cents, the mark of {class} on {date} in an earlier row");
                        findings.problems.push(Problem::new(place, price.to_string(), message));
                        continue;
                    }
                    None => {}
                }
            }
            draft.company.events.push(Event { event_type: event_type.to_owned(), date: date.to_string(), fields });
            draft.event_places.push(place);
        }
    }
    undated.map(|place| Question {
        id: MARK_DATE.to_owned(),
        text: "As of which date are the marks and fair values of this file? Write it as 2022-12-31".to_owned(),
        example: Some(place.to_string()),
        choices: Vec::new(),
        optional: false,
    })
}
