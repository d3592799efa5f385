//! The engine's result and the oracle's, figure by figure.

use crate::generate::{self, Scale};
use crate::oracle;
use crate::outcome::accepted;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Documents compared in one run.
const DOCUMENTS: u32 = 2_000;

proptest! {
    #![proptest_config(generate::config(DOCUMENTS))]

    #[test]
    fn engine_and_oracle_agree_on_random_documents(document in generate::documents(Scale::Fund)) {
        let result: Value = serde_json::from_slice(&accepted(&document).evaluate().to_json()).expect("JSON");
        let differences = differences(&oracle::evaluate(&document), &result);
        prop_assert!(differences.is_empty(), "{document}\n{}", differences.join("\n"));
    }
}

/// Fails with every difference between the engine's `result` and the oracle's.
pub fn assert_agreement(document: &Value, result: &Value) {
    let differences = differences(&oracle::evaluate(document), result);
    assert!(differences.is_empty(), "{document}\n{}", differences.join("\n"));
}

/// Every figure in which the engine's result is not the oracle's.
pub fn differences(oracle: &Value, engine: &Value) -> Vec<String> {
    let mut found = Vec::new();
    same(&mut found, "asOf", &oracle["asOf"], &engine["asOf"]);
    lenses(&mut found, "fund", &oracle["fund"], &engine["fund"]);
    if !oracle["fund"]["coverage"].is_null() {
        let digits = |fund: &Value| oracle::number::rational(fund["coverage"].as_str().unwrap_or("-1"));
        let (expected, actual) = (digits(&oracle["fund"]), digits(&engine["fund"]));
        same(&mut found, "coverage", &json!(expected.to_string()), &json!(actual.to_string()));
    }
    members(&mut found, "sectors", "sector", oracle, engine, lenses);
    members(&mut found, "companies", "id", oracle, engine, |found, path, oracle, engine| {
        lenses(found, path, oracle, engine);
        members(found, &format!("{path}.lots"), "id", oracle, engine, |found, path, oracle, engine| {
            for key in ["current_moic", "exit_moic"] {
                figure(found, &format!("{path}.{key}"), &oracle[key], &engine[key]);
            }
            same(found, path, &oracle["relievedCostCents"], &engine["relievedCostCents"]);
        });
        members(found, &format!("{path}.plannedReserves"), "id", oracle, engine, |found, path, oracle, engine| {
            figure(found, path, &oracle["exit_moic"], &engine["exit_moic"]);
        });
    });
    found
}

/// Compares two lists of named members; the order is not part of the specification.
fn members(
    found: &mut Vec<String>,
    path: &str,
    name: &str,
    oracle: &Value,
    engine: &Value,
    compare: impl Fn(&mut Vec<String>, &str, &Value, &Value),
) {
    let by_name = |object: &Value| -> Vec<(String, Value)> {
        let list = object[path.rsplit('.').next().expect("a path")].as_array().cloned().unwrap_or_default();
        let mut named: Vec<_> = list.into_iter().map(|member| (member[name].to_string(), member)).collect();
        named.sort_by(|a, b| a.0.cmp(&b.0));
        named
    };
    let (expected, actual) = (by_name(oracle), by_name(engine));
    let names = |list: &[(String, Value)]| json!(list.iter().map(|(name, _)| name).collect::<Vec<_>>());
    same(found, path, &names(&expected), &names(&actual));
    for ((name, expected), (_, actual)) in expected.iter().zip(&actual) {
        compare(found, &format!("{path}[{name}]"), expected, actual);
    }
}

fn lenses(found: &mut Vec<String>, path: &str, oracle: &Value, engine: &Value) {
    let keys = |object: &Value| -> Value {
        let lenses = object["lenses"].as_object().cloned().unwrap_or_else(Map::new);
        let mut keys: Vec<String> = lenses.into_iter().map(|(key, _)| key).collect();
        keys.sort();
        json!(keys)
    };
    same(found, path, &keys(oracle), &keys(engine));
    for (key, expected) in oracle["lenses"].as_object().expect("lenses") {
        figure(found, &format!("{path}.{key}"), expected, &engine["lenses"][key]);
    }
}

fn figure(found: &mut Vec<String>, path: &str, oracle: &Value, engine: &Value) {
    for key in ["value", "display", "reason", "numeratorCents"] {
        same(found, &format!("{path}.{key}"), &oracle[key], &engine[key]);
    }
    // A denominator next to an unknown numerator: the specification leaves open how much of it is known.
    if !oracle["denominatorCents"].is_null() && !oracle["numeratorCents"].is_null() {
        same(found, path, &oracle["denominatorCents"], &engine["denominatorCents"]);
    }
    let sorted = |figure: &Value| {
        let mut lots: Vec<String> = figure["lots"].as_array().into_iter().flatten().map(Value::to_string).collect();
        lots.sort();
        json!(lots)
    };
    same(found, &format!("{path}.lots"), &sorted(oracle), &sorted(engine));
}

fn same(found: &mut Vec<String>, path: &str, oracle: &Value, engine: &Value) {
    if oracle != engine {
        found.push(format!("{path}: oracle {oracle}, engine {engine}"));
    }
}
