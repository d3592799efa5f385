//! Random rules beside `datalogic-rs`, which implements JSON Logic independently. Rules are made so that both agree on
//! what they mean: where an operator is given what it is not made for, each has its own way (ours is JavaScript's).

use datalogic_rs::Engine;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::flag::outcome;

/// A context in which every name has its kind.
fn context() -> Value {
    json!({ "n": 7, "m": -2.5, "zero": 0, "t": "spring", "u": "Springfield", "yes": true, "no": false,
            "list": [1, 2, 3, 5, 8], "texts": ["spring", "x"], "empty": [], "deep": { "n": 3, "l": [10, 20] } })
}

fn number() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        (-20_i64..20).prop_map(Value::from),
        prop::sample::select(vec!["n", "m", "zero", "deep.n", "deep.l.1"]).prop_map(|name| json!({ "var": name })),
        (0_i64..9).prop_map(|otherwise| json!({ "var": ["none", otherwise] })),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            (prop::sample::select(vec!["+", "-", "*"]), two)
                .prop_map(|(name, (one, other))| json!({ name: [one, other] })),
            (prop::sample::select(vec!["min", "max"]), prop::collection::vec(inner.clone(), 2..4))
                .prop_map(|(name, all)| json!({ name: all })),
            inner.clone().prop_map(|one| json!({ "-": [one] })),
            (inner.clone(), 1_i64..9).prop_map(|(one, by)| json!({ "%": [one, by] })),
            (list(), inner).prop_map(|(list, start)| {
                json!({ "reduce": [list, { "+": [{ "var": "current" }, { "var": "accumulator" }] }, start] })
            }),
        ]
    })
    .boxed()
}

fn list() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["list", "deep.l", "empty"]).prop_map(|name| json!({ "var": name })),
        prop::collection::vec(-3_i64..9, 0..4).prop_map(|items| json!(items)),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), -3_i64..4).prop_map(|(list, by)| json!({ "map": [list, { "*": [{ "var": "" }, by] }] })),
            (inner.clone(), -3_i64..9).prop_map(|(list, by)| json!({ "filter": [list, { ">": [{ "var": "" }, by] }] })),
            (inner.clone(), inner).prop_map(|(one, other)| json!({ "merge": [one, other] })),
        ]
    })
    .boxed()
}

fn text() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        "[a-zA-Z]{0,6}".prop_map(Value::from),
        prop::sample::select(vec!["t", "u"]).prop_map(|name| json!({ "var": name })),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| json!({ "cat": all })),
            (inner.clone(), 0_i64..5).prop_map(|(text, start)| json!({ "substr": [text, start] })),
            (inner, 0_i64..5, 0_i64..5).prop_map(|(text, start, length)| json!({ "substr": [text, start, length] })),
        ]
    })
    .boxed()
}

fn truth() -> BoxedStrategy<Value> {
    let equalities = prop::sample::select(vec!["==", "!=", "===", "!=="]);
    let orders = prop::sample::select(vec!["<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        prop::sample::select(vec!["yes", "no"]).prop_map(|name| json!({ "var": name })),
        (equalities.clone(), number(), number()).prop_map(|(name, one, other)| json!({ name: [one, other] })),
        (equalities, text(), text()).prop_map(|(name, one, other)| json!({ name: [one, other] })),
        (orders.clone(), number(), number()).prop_map(|(name, one, other)| json!({ name: [one, other] })),
        (orders, text(), text()).prop_map(|(name, one, other)| json!({ name: [one, other] })),
        (prop::sample::select(vec!["<", "<="]), number(), number(), number())
            .prop_map(|(name, one, two, three)| json!({ name: [one, two, three] })),
        (text(), prop::collection::vec("[a-z]{0,6}", 0..4)).prop_map(|(text, all)| json!({ "in": [text, all] })),
        (text(), text()).prop_map(|(part, whole)| json!({ "in": [part, whole] })),
        (number(), list()).prop_map(|(number, list)| json!({ "in": [number, list] })),
        (prop::sample::select(vec!["all", "some", "none"]), list(), -3_i64..9)
            .prop_map(|(name, list, by)| json!({ name: [list, { "<": [{ "var": "" }, by] }] })),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| json!({ "!": [one] })),
            inner.clone().prop_map(|one| json!({ "!!": [one] })),
            (prop::sample::select(vec!["and", "or"]), prop::collection::vec(inner.clone(), 1..4))
                .prop_map(|(name, all)| json!({ name: all })),
            (inner.clone(), inner.clone(), inner).prop_map(|(one, two, three)| json!({ "if": [one, two, three] })),
        ]
    })
    .boxed()
}

fn any_rule() -> impl Strategy<Value = Value> {
    let chosen = (truth(), text(), truth(), number(), list());
    let branches = chosen.prop_map(|(one, two, three, four, five)| json!({ "if": [one, two, three, four, five] }));
    let missing = prop::collection::vec(prop::sample::select(vec!["n", "none", "deep.n", "deep.x", "t.y"]), 1..4);
    prop_oneof![
        truth().prop_filter("a rule is an object", Value::is_object),
        branches,
        missing.clone().prop_map(|names| json!({ "missing": names })),
        (0_i64..3, missing).prop_map(|(needed, names)| json!({ "missing_some": [needed, names] })),
        list().prop_filter("a rule is an object", Value::is_object),
        number().prop_filter("a rule is an object", Value::is_object),
    ]
}

/// Numbers are compared as numbers, near enough for sums in another order.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Number(one), Value::Number(other)) => {
            let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            (one - other).abs() <= 1e-9 * one.abs().max(1.0)
        }
        (one, other) => one == other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_come_to_the_same(rule in any_rule()) {
        let theirs = Engine::new().eval_str(rule.to_string().as_str(), context().to_string().as_str()).unwrap();
        let theirs: Value = serde_json::from_str(&theirs).unwrap();
        let ours: Value = serde_json::from_str(&outcome(rule.clone(), context())).unwrap();
        prop_assert!(is_same(&ours, &theirs), "{rule}: ours {ours}, theirs {theirs}");
    }
}
