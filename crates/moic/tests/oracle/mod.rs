//! A second, deliberately naive implementation of the domain specification, in exact fractions.
//!
//! It shares no code with the engine: it reads the raw JSON of a valid document, replays it a day at a time, and writes
//! the figures of the result document. It checks nothing; what must be refused is tested elsewhere.

mod figure;
mod lenses;
pub mod number;
mod relief;
pub mod replay;

use number::rational;
use replay::State;
use serde_json::{Value, json};

/// The result document for a valid portfolio document, without `inputsHash`, `engineVersion`, `flags` and `warnings`.
pub fn evaluate(document: &Value) -> Value {
    let policy = Policy::of(document);
    let as_of = text(document, "asOf").expect("asOf");
    let companies: Vec<lenses::Company> = list(document, "companies")
        .iter()
        .map(|company| {
            let state = State::as_of(company, &as_of, &policy.relief);
            lenses::Company::new(company, state, &policy)
        })
        .collect();
    json!({
        "asOf": as_of,
        "fund": lenses::fund(&companies, &policy),
        "sectors": lenses::sectors(&companies, &policy),
        "companies": companies.iter().map(|company| company.result(&policy)).collect::<Vec<_>>(),
    })
}

/// The document's policy with its defaults.
pub struct Policy {
    relief: String,
    secondary_bucket: String,
    convertible_at_cost: bool,
    exclude_unpriced: bool,
}

impl Policy {
    fn of(document: &Value) -> Policy {
        let policy = &document["policy"];
        let or = |key: &str, default: &str| text(policy, key).unwrap_or_else(|| default.to_owned());
        Policy {
            relief: or("lotRelief", "specific"),
            secondary_bucket: or("secondaryBucket", "by_position"),
            convertible_at_cost: or("unpricedConvertible", "cost") == "cost",
            exclude_unpriced: policy["excludeUnpriced"].as_bool().unwrap_or(false),
        }
    }
}

/// A string field; absent and null are the same.
fn text(object: &Value, key: &str) -> Option<String> {
    object[key].as_str().map(str::to_owned)
}

/// A number field in its wire form, a string.
fn number(object: &Value, key: &str) -> Option<num_rational::BigRational> {
    object[key].as_str().map(rational)
}

/// A list field; absent and null are empty.
fn list<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    object[key].as_array().map_or(&[], Vec::as_slice)
}

/// A map from names to numbers; absent and null are empty.
fn map(object: &Value, key: &str) -> Vec<(String, num_rational::BigRational)> {
    object[key].as_object().map_or_else(Vec::new, |entries| {
        entries
            .iter()
            .map(|(name, value)| (name.clone(), rational(value.as_str().expect("a number in a string"))))
            .collect()
    })
}
