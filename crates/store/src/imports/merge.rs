//! Lots are named by reference in what comes in and by id in what is stored: the names inside events and exit cases.

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

/// What two texts of one event or one set of cases have in common: JSON with sorted keys.
pub(super) fn canonical(body: &str) -> Option<String> {
    serde_json::from_str::<Value>(body).ok().map(|value| value.to_string())
}
