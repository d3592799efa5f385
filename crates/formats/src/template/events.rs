//! The sheet of events: its columns are shared by all types, and become the fields of each.

use serde_json::{Map, Value};

use super::builder::Builder;
use super::cells::RowCells;
use crate::draft::Event;

pub(super) fn read(row: &mut RowCells<'_, '_>, builder: &mut Builder<'_>) {
    let Some(company) = builder.company_of(row) else { return };
    let Some(event_type) = row.word("type").map(known_type) else {
        row.missing("type");
        return;
    };
    let date = row.date("date");
    if date.is_none() && !row.has_text("date") {
        row.missing("date");
    }
    let (class, amount) = match event_type.as_str() {
        "class_conversion" => ("fromClass", ""),
        "lot_mark" => ("shareClass", "valueCents"),
        "exercise" => ("shareClass", "cashCents"),
        "disposal" => ("shareClass", "proceedsCents"),
        "receivable" => ("shareClass", "carryingCents"),
        _ => ("shareClass", "amountCents"),
    };
    let lots = if event_type == "receivable" { "allocation" } else { "lots" };
    let texts = [
        (class, row.text("shareClass")),
        ("toClass", row.text("toClass")),
        ("lot", row.text("lot")),
        ("newLot", row.text("newLot")),
        ("lotType", row.word("lotType")),
        ("shares", row.number("shares")),
        ("sharePriceCents", row.price_cents("price", "priceCents")),
        ("fxRate", row.ratio("fxRate")),
        (amount, row.cents("amount", "amountCents")),
        ("relief", row.word("relief")),
        ("id", row.text("receivable")),
    ];
    let mut fields = Map::new();
    for (name, value) in texts {
        if let Some(value) = value {
            fields.insert(name.to_owned(), Value::String(value));
        }
    }
    for side in ["numerator", "denominator"] {
        if let Some(number) = row.number(side) {
            match number.parse::<i64>() {
                Ok(number) => {
                    fields.insert(side.to_owned(), Value::from(number));
                }
                Err(_) => row.refuse(side, &number, "must be a whole number"),
            }
        }
    }
    if let Some(by_lot) = by_lot(row) {
        fields.insert(lots.to_owned(), Value::Object(by_lot));
    }
    let event = Event { event_type, date: date.map(|date| date.to_string()).unwrap_or_default(), fields };
    builder.add_event(company, event, row.place.clone());
}

/// The words of the document for what funds call events.
fn known_type(word: String) -> String {
    match word.as_str() {
        "valuation" | "markup" | "mark_up" | "markdown" | "mark_down" => "mark",
        "sale" | "sold" | "partial_sale" | "partial_exit" => "disposal",
        "dividend" | "cash_interest" => "distribution",
        "stock_split" | "share_split" => "split",
        "escrow" | "holdback" => "receivable",
        _ => return word,
    }
    .to_owned()
}

/// `seed: 1000; a: 20`.
fn by_lot(row: &mut RowCells<'_, '_>) -> Option<Map<String, Value>> {
    let text = row.text("lots")?;
    let mut by_lot = Map::new();
    for part in text.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty()) {
        let Some((lot, number)) = part.rsplit_once(':') else {
            row.refuse("lots", part, "must be lots with their numbers, as in seed: 1000; a: 20");
            return None;
        };
        let number = row.part_number("lots", number)?;
        if by_lot.insert(lot.trim().to_owned(), Value::String(number)).is_some() {
            row.refuse("lots", lot.trim(), "is named twice");
            return None;
        }
    }
    Some(by_lot)
}
