//! Random documents, rules and contexts.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Names that rules and contexts share, so that one often finds what the other means.
const NAMES: [&str; 8] = ["a", "b", "email", "targetingKey", "user.name", "0", "", "é"];

/// Any JSON.
pub fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number(),
        prop::sample::select(vec!["", "a", "1", "1.2.3", "on", "abc", "@x", "水", "null", "-0"]).prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((prop::sample::select(&NAMES[..]), inner), 0..4).prop_map(object),
        ]
    })
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-3_i64..30).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        prop::sample::select(vec![0.5, -0.0, 1e300, 2_147_483_647.0, 1e-300]).prop_map(|number| json!(number)),
    ]
}

fn object(fields: Vec<(&str, Value)>) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

/// A rule of known operators, with any number and kind of arguments.
pub fn rule() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        3 => prop::sample::select(&NAMES[..]).prop_map(|name| json!({ "var": name })),
        1 => Just(json!({ "var": "$flagd.timestamp" })),
        1 => Just(json!({ "var": "accumulator" })),
        3 => value(),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let operators: Vec<&str> = flags::OPERATORS.iter().map(|(name, ..)| *name).collect();
        prop_oneof![
            4 => (prop::sample::select(operators), prop::collection::vec(inner.clone(), 0..4))
                .prop_map(|(operator, arguments)| json!({ operator: arguments })),
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            1 => (inner.clone(), prop::collection::vec((inner, number()), 1..4)).prop_map(|(by, buckets)| {
                let buckets = buckets.into_iter().map(|(chosen, weight)| json!([chosen, weight]));
                json!({ "fractional": std::iter::once(by).chain(buckets).collect::<Vec<_>>() })
            }),
        ]
    })
}

/// The object of a context.
pub fn context() -> impl Strategy<Value = Value> {
    let user = prop::option::of("[a-z]{0,8}");
    (prop::collection::vec((prop::sample::select(&NAMES[..]), value()), 0..5), user).prop_map(|(fields, user)| {
        let mut context = object(fields);
        context["targetingKey"] = user.map_or(Value::Null, Value::from);
        context
    })
}

/// A document of flags, now and then with something wrong in it.
pub fn document() -> impl Strategy<Value = Value> {
    let flag = (
        prop::sample::select(vec![json!("ENABLED"), json!("ENABLED"), json!("ENABLED"), json!("DISABLED"), json!(1)]),
        prop::sample::select(vec![
            json!({ "on": true, "off": false }),
            json!({ "a": "1", "1": "a", "true": "t" }),
            json!({ "x": 10.0, "y": 2 }),
            json!({}),
        ]),
        prop::sample::select(vec![json!("on"), json!("a"), json!("x"), json!(null)]),
        prop::option::of(prop_oneof![rule(), Just(json!({})), Just(json!({ "$ref": "shared" }))]),
        prop::sample::select(vec![
            json!({}),
            json!({ "exposure": 30 }),
            json!({ "prerequisites": "f0=on" }),
            json!({ "prerequisites": "f1=a,f2=x", "kind": "ops" }),
            json!({ "owner": 5 }),
        ]),
    );
    let flag = flag.prop_map(|(state, variants, default, targeting, metadata)| {
        let mut flag = json!({ "state": state, "variants": variants, "defaultVariant": default, "metadata": metadata });
        if let Some(targeting) = targeting {
            flag["targeting"] = targeting;
        }
        flag
    });
    (prop::collection::vec(flag, 0..5), rule(), prop::option::of(value())).prop_map(|(flags, shared, metadata)| {
        let flags: Map<String, Value> =
            flags.into_iter().enumerate().map(|(index, flag)| (format!("f{index}"), flag)).collect();
        let mut document = json!({ "flags": flags, "$evaluators": { "shared": shared } });
        if let Some(metadata) = metadata {
            document["metadata"] = metadata;
        }
        document
    })
}
