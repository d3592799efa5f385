//! The sheet of exit cases: rows of one case, each with a price of a class, the proceeds of a lot or a planned reserve.

use serde_json::{Map, Value, json};

use super::builder::Builder;
use super::cells::RowCells;
use crate::place::Place;

/// A case as its rows tell it.
pub(super) struct CaseDraft {
    id: String,
    probability: Option<String>,
    prices: Map<String, Value>,
    lot_proceeds: Map<String, Value>,
    reserves: Vec<Value>,
    pub(super) place: Place,
}

impl CaseDraft {
    /// As the document has it.
    pub(super) fn into_json(self) -> Value {
        let mut case = Map::new();
        case.insert("id".to_owned(), Value::String(self.id));
        if let Some(probability) = self.probability {
            case.insert("probability".to_owned(), Value::String(probability));
        }
        for (name, map) in [("exitPricesCents", self.prices), ("lotProceedsCents", self.lot_proceeds)] {
            if !map.is_empty() {
                case.insert(name.to_owned(), Value::Object(map));
            }
        }
        if !self.reserves.is_empty() {
            case.insert("plannedReserves".to_owned(), Value::Array(self.reserves));
        }
        Value::Object(case)
    }
}

pub(super) fn read(row: &mut RowCells<'_, '_>, builder: &mut Builder<'_>) {
    let Some(company) = builder.company_of(row) else { return };
    let Some(id) = row.text("case") else {
        row.missing("case");
        return;
    };
    let probability = row.ratio("probability");
    let class = row.text("shareClass");
    let exit_price = row.price_cents("exitPrice", "exitPriceCents");
    let (lot, proceeds) = (row.text("lot"), row.cents("lotProceeds", "lotProceedsCents"));
    let reserve = reserve(row, class.as_deref());
    let Some(draft) = builder.companies.get_mut(company) else { return };
    let position = draft.cases.iter().position(|case| case.id == id).unwrap_or_else(|| {
        draft.cases.push(CaseDraft {
            id,
            probability: None,
            prices: Map::new(),
            lot_proceeds: Map::new(),
            reserves: Vec::new(),
            place: row.place.clone(),
        });
        draft.cases.len().saturating_sub(1)
    });
    let Some(case) = draft.cases.get_mut(position) else { return };
    match (&case.probability, probability) {
        (_, None) => {}
        (Some(earlier), Some(read)) if *earlier != read => {
            let message = format!("differs from {earlier} in an earlier row of the same case; make them the same");
            row.refuse("probability", &read, message);
        }
        (_, Some(read)) => case.probability = Some(read),
    }
    entry(row, &mut case.prices, ("shareClass", class), ("exitPrice", exit_price), reserve.is_some());
    entry(row, &mut case.lot_proceeds, ("lot", lot), ("lotProceeds", proceeds), false);
    case.reserves.extend(reserve);
}

/// Adds what a row says of one key of a map; either without the other is a problem, except a key that `is_used` elsewhere.
fn entry(
    row: &mut RowCells<'_, '_>,
    map: &mut Map<String, Value>,
    (key_field, key): (&str, Option<String>),
    (value_field, value): (&str, Option<String>),
    is_used: bool,
) {
    match (key, value) {
        (Some(key), Some(value)) => {
            if let Some(earlier) = map.get(&key)
                && *earlier != Value::String(value.clone())
            {
                row.refuse(value_field, &value, format!("differs from {earlier} of an earlier row for {key}"));
                return;
            }
            map.insert(key, Value::String(value));
        }
        (None, Some(value)) => {
            row.refuse(key_field, "(absent)", format!("is empty, and {value} cents belong to something"));
        }
        (Some(key), None) if !is_used => {
            row.refuse(value_field, "(absent)", format!("is empty, and the row names {key}"));
        }
        (_, None) => {}
    }
}

fn reserve(row: &mut RowCells<'_, '_>, class: Option<&str>) -> Option<Value> {
    let amount = row.cents("reserveAmount", "reserveAmountCents");
    let id = row.text("reserve");
    let (Some(id), Some(amount)) = (&id, &amount) else {
        match (id, amount) {
            (Some(id), None) => {
                row.refuse("reserveAmount", "(absent)", format!("is empty, and the row names the reserve {id}"));
            }
            (None, Some(amount)) => {
                row.refuse("reserve", "(absent)", format!("is empty; name the reserve of {amount} cents"));
            }
            _ => {}
        }
        return None;
    };
    let mut reserve = Map::new();
    reserve.insert("id".to_owned(), json!(id));
    reserve.insert("amountCents".to_owned(), json!(amount));
    for (name, value) in [
        ("shareClass", class.map(str::to_owned)),
        ("sharePriceCents", row.price_cents("reservePrice", "reservePriceCents")),
        ("exitProceedsCents", row.cents("reserveProceeds", "reserveProceedsCents")),
        ("deployProbability", row.ratio("deployProbability")),
    ] {
        if let Some(value) = value {
            reserve.insert(name.to_owned(), Value::String(value));
        }
    }
    Some(Value::Object(reserve))
}
