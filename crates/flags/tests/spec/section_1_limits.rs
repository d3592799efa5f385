//! Issue 3, "Bad input": huge rules, and rules that ask for far more than their size, come to an end, without a panic.

use std::collections::BTreeMap;

use flags::{Bucketing, Context, FlagSet, RULE_DEPTH_MAX, RULE_NODES_MAX};
use serde_json::{Value, json};

use crate::flag::{NOW_S, loaded, paths_of, ruled, variant};

fn reason(rule: Value, context: &Value) -> &'static str {
    let set = loaded(&ruled(&["on", "true", "false"], "on", rule), Bucketing::V3);
    let answer = variant(&set, "flag", context).1;
    // What cannot be evaluated must be possible to explain and to lint.
    assert!(set.explain("flag", &Context::EMPTY, NOW_S).is_some());
    let _ = set.lint(&BTreeMap::new(), NOW_S);
    answer
}

fn nested(depth: usize) -> Value {
    (1..depth).fold(json!({ "var": "a" }), |rule, _| json!({ "!": [rule] }))
}

#[test]
fn a_rule_may_be_so_deep() {
    assert_eq!(reason(nested(RULE_DEPTH_MAX / 2), &json!({})), "TARGETING_MATCH");
    let beyond = ruled(&["on"], "on", nested(RULE_DEPTH_MAX + 2));
    if let Ok(loaded) = FlagSet::load(beyond.to_string().as_bytes(), Bucketing::V3) {
        assert_eq!(variant(&loaded.set, "flag", &json!({})).1, "PARSE_ERROR");
    }
}

#[test]
fn a_rule_may_be_so_long() {
    let or = |count: usize| json!({ "or": vec![json!(false); count] });
    assert_eq!(reason(or(RULE_NODES_MAX - 10), &json!({})), "TARGETING_MATCH");
    assert_eq!(reason(or(RULE_NODES_MAX + 10), &json!({})), "PARSE_ERROR");
    assert_eq!(paths_of(&ruled(&["on"], "on", or(3 * RULE_NODES_MAX))).len(), 1, "said once");
}

#[test]
fn a_rule_that_goes_through_too_much_is_a_general_error() {
    let many: Vec<u32> = (0..2_000).collect();
    let inner = json!({ "some": [{ "var": "many" }, { "==": [{ "var": "" }, -1] }] });
    let all =
        json!({ "some": [many.clone(), { "in": [{ "var": "" }, { "map": [many, { "+": [{ "var": "" }, 1] }] }] }] });
    assert!(matches!(reason(all, &json!({})), "GENERAL" | "TARGETING_MATCH"));
    let lists = json!({ "none": [
        { "map": [vec![1; 1_000], { "map": [vec![1; 1_000], 1] }] },
        { "===": [{ "var": "" }, inner] },
    ] });
    assert_eq!(reason(lists, &json!({})), "GENERAL");
}

#[test]
fn texts_that_double_come_to_an_end() {
    let accumulator = json!({ "var": "accumulator" });
    for grow in [json!({ "cat": [accumulator, accumulator] }), json!({ "merge": [accumulator, accumulator, 1] })] {
        let rule = json!({ "!": [{ "reduce": [vec![1; 100], grow, "xxxxxxxx"] }] });
        assert_eq!(reason(rule, &json!({})), "GENERAL");
    }
}

#[test]
fn values_that_double_or_nest_come_to_an_end() {
    let accumulator = json!({ "var": "accumulator" });
    for grow in [
        json!([accumulator, accumulator]),
        json!([accumulator]),
        json!({ "map": [[1, 2], accumulator] }),
        json!({ "map": [[1], { "var": "" }] }),
        json!({ "var": "" }),
        json!({ "merge": [[accumulator], [[accumulator]]] }),
    ] {
        let grown = json!({ "reduce": [vec![1; 2_000], grow, "x"] });
        for rule in [
            json!({ "!": [grown] }),
            json!({ "cat": [grown] }),
            json!({ "==": [grown, grown] }),
            json!({ "===": [grown, grown] }),
            json!({ "in": [grown, [grown, 1]] }),
            json!({ "+": [grown] }),
            json!({ "fractional": [grown, ["on", 1]] }),
            grown.clone(),
        ] {
            let answer = reason(rule, &json!({}));
            assert!(matches!(answer, "GENERAL" | "TARGETING_MATCH" | "DEFAULT"), "{grow}: {answer}");
        }
    }
}

#[test]
fn huge_contexts_are_looked_through_in_time() {
    let list: Vec<u32> = (0..100_000).collect();
    let context = json!({ "list": list, "text": "x".repeat(1_000_000) });
    for rule in [
        json!({ "in": [-1, { "var": "list" }] }),
        json!({ "in": ["y", { "var": "text" }] }),
        json!({ "some": [{ "var": "list" }, { "==": [{ "var": "" }, -1] }] }),
        json!({ "!": [{ "cat": [{ "var": "list" }] }] }),
        json!({ "!": [{ "merge": [{ "var": "list" }, { "var": "list" }] }] }),
        json!({ "some": [{ "var": "list" }, { "in": [-1, { "merge": [[1, 2, 3]] }] }] }),
        json!({ "fractional": [{ "var": "text" }, ["on", 1]] }),
        json!({ "fractional": [{ "var": "list" }, ["on", 1]] }),
    ] {
        let answer = reason(rule.clone(), &context);
        assert!(matches!(answer, "GENERAL" | "TARGETING_MATCH" | "DEFAULT"), "{rule}: {answer}");
    }
}

#[test]
fn a_document_of_references_to_large_evaluators_is_refused_before_it_fills_the_memory() {
    let evaluators = json!({ "large": { "or": vec![json!(0); RULE_NODES_MAX - 10] } });
    let flag = json!({
        "state": "ENABLED", "variants": { "on": 1 }, "defaultVariant": "on", "targeting": { "!": [{ "$ref": "large" }] },
    });
    let flags: serde_json::Map<String, Value> = (0..2_000).map(|index| (format!("f{index}"), flag.clone())).collect();
    let document = json!({ "flags": flags, "$evaluators": evaluators });
    let set = loaded(&document, Bucketing::V3);
    assert!(set.iter().any(flags::Definition::is_broken));
    assert!(!paths_of(&document).is_empty());
}
