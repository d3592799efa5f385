//! Lots are named by reference in what comes in and by id in what is stored: the names inside events and exit cases.

use moic::Ratio;
use serde_json::{Map, Value};

/// The fields of an event that name one lot.
const LOT_FIELDS: [&str; 1] = ["lot"];
/// The fields of an event or an exit case whose keys are lots.
const LOT_MAPS: [&str; 3] = ["lots", "allocation", "lotProceedsCents"];

/// The same event or exit case with every lot called by what `rename` gives for it.
#[must_use]
pub fn with_lots_renamed(fields: &Map<String, Value>, rename: impl Fn(&str) -> String) -> Map<String, Value> {
    fields
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::String(lot) if LOT_FIELDS.contains(&name.as_str()) => Value::String(rename(lot)),
                Value::Object(by_lot) if LOT_MAPS.contains(&name.as_str()) => {
                    by_lot.iter().map(|(lot, value)| (rename(lot), value.clone())).collect()
                }
                other => other.clone(),
            };
            (name.clone(), value)
        })
        .collect()
}

/// The fields of an event or an exit case that hold a number as text, and those whose values do.
const NUMBER_FIELDS: [&str; 5] = ["shares", "fxRate", "probability", "deployProbability", "sharesAcquired"];
const NUMBER_MAPS: [&str; 4] = ["lots", "allocation", "exitPricesCents", "lotProceedsCents"];

/// An event or exit case as it is compared: keys sorted, numbers as what they are and not as they are written.
pub(super) fn comparable(fields: &Map<String, Value>) -> Value {
    let fields = fields.iter().map(|(name, value)| {
        let is_number = name.ends_with("Cents") || NUMBER_FIELDS.contains(&name.as_str());
        let value = match value {
            Value::String(text) if is_number => Value::String(number(text)),
            Value::Object(map) if NUMBER_MAPS.contains(&name.as_str()) => map
                .iter()
                .map(|(key, value)| (key.clone(), value.as_str().map_or(value.clone(), |text| number(text).into())))
                .collect(),
            other => comparable_value(other),
        };
        (name.clone(), value)
    });
    Value::Object(fields.collect())
}

fn comparable_value(value: &Value) -> Value {
    match value {
        Value::Object(fields) => comparable(fields),
        Value::Array(values) => values.iter().map(comparable_value).collect(),
        other => other.clone(),
    }
}

/// The same of a stored text.
pub(super) fn comparable_text(body: &str) -> Option<Value> {
    serde_json::from_str(body).ok().map(|value| comparable_value(&value))
}

/// A number in the one way that all ways of writing it have in common; what is none stays as it is.
pub(super) fn number(text: &str) -> String {
    Ratio::parse(text).map_or_else(|_| text.to_owned(), |number| number.written())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_compared_as_numbers_and_names_as_texts() {
        let compared = |event: Value| comparable(event.as_object().unwrap());
        let one = json!({ "type": "mark", "shareClass": "1.0", "sharePriceCents": "650.40", "fxRate": "1/2",
            "lots": { "1.0": "100.00" }, "plannedReserves": [{ "amountCents": "5.0" }] });
        let other = json!({ "sharePriceCents": "650.4", "type": "mark", "shareClass": "1.0", "fxRate": "0.5",
            "lots": { "1.0": "100" }, "plannedReserves": [{ "amountCents": "5" }] });
        assert_eq!(compared(one.clone()), compared(other));
        let mut renamed = one.clone();
        renamed["shareClass"] = json!("1");
        assert_ne!(compared(one), compared(renamed));
    }
}
