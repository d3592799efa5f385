//! "Lint": a remark for each thing that is no error and yet not right, and none for a flag that is fine.

use std::collections::BTreeMap;

use flags::{Bucketing, Finding, NEVER_EVALUATED_DAYS, SAME_ANSWER_DAYS, Usage};
use serde_json::{Value, json};

use crate::flag::{NOW_S, loaded, ruled};

const DAY_S: i64 = 86_400;

fn findings(document: &Value, usage: Usage) -> Vec<Finding> {
    let usage = BTreeMap::from([("flag".to_owned(), usage)]);
    loaded(document, Bucketing::V3).lint(&usage, NOW_S)
}

/// Codes and paths of what is said about a rule of a flag with the variants `on` and `off`.
fn about(rule: Value) -> Vec<(&'static str, String)> {
    let found = findings(&ruled(&["on", "off"], "off", rule), Usage::default());
    found.into_iter().map(|finding| (finding.code, finding.path)).collect()
}

#[test]
fn a_flag_that_is_fine_is_not_remarked_upon() {
    assert_eq!(about(json!({ "if": [{ "==": [{ "var": "plan" }, "pro"] }, "on", "off"] })), []);
    assert_eq!(about(json!({ "fractional": [["on", 10], ["off", 90]] })), []);
    assert_eq!(about(json!({ "fractional": [["on"], ["off"]] })), [], "equal shares need no weights");
}

#[test]
fn a_branch_nobody_reaches() {
    let rule = json!({ "if": [true, "on", { "==": [{ "var": "plan" }, "pro"] }, "off", "on"] });
    assert_eq!(about(rule), [("unreachable_rule", "targeting.if[2]".to_owned())]);
    let rule = json!({ "if": [{ "==": [1, 2] }, "on", { "var": "plan" }] });
    assert_eq!(about(rule), [("unreachable_rule", "targeting.if[1]".to_owned())]);
}

#[test]
fn a_rule_that_is_the_same_for_everyone() {
    assert_eq!(about(json!({ "cat": ["o", "n"] })), [("constant_rule", "targeting".to_owned())]);
}

#[test]
fn an_attribute_that_no_context_has() {
    let rule = json!({ "if": [{ "==": [{ "var": "paln" }, "pro"] }, "on", "off"] });
    let mut document = ruled(&["on", "off"], "off", rule);
    document["metadata"] = json!({ "contextAttributes": "plan, email" });
    let found = findings(&document, Usage::default());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].code, found[0].path.as_str()), ("unknown_attribute", "targeting.if[0].==[0].var"));
}

#[test]
fn weights_that_are_no_percentages() {
    assert_eq!(
        about(json!({ "fractional": [["on", 10], ["off", 80]] })),
        [("weights_not_100", "targeting.fractional".to_owned())]
    );
}

#[test]
fn a_variant_that_the_flag_does_not_have() {
    let rule = json!({ "if": [{ "var": "x" }, "onn", { "fractional": [["on", 50], ["offf", 50]] }] });
    let expected =
        ["targeting.if[1]", "targeting.if[2].fractional[1][0]"].map(|path| ("unknown_variant", path.to_owned()));
    assert_eq!(about(rule), expected);
    let condition = json!({ "if": [{ "fractional": [[false, 50], [true, 50]] }, "on", "off"] });
    assert_eq!(about(condition), [], "what a condition comes to is no variant");
}

#[test]
fn a_broken_definition_and_prerequisites_that_lead_back() {
    let flag = |prerequisite: &str| {
        json!({ "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on",
                "metadata": { "prerequisites": prerequisite } })
    };
    let found = findings(&json!({ "flags": { "a": flag("b=on"), "b": flag("a=on") } }), Usage::default());
    let codes: Vec<_> = found.iter().map(|finding| (finding.flag.as_str(), finding.code)).collect();
    assert_eq!(codes, [("a", "broken"), ("b", "broken")]);
}

#[test]
fn a_flags_life() {
    let document = json!({ "flags": { "flag": { "state": "ENABLED", "variants": { "on": true, "off": false },
        "defaultVariant": "on", "metadata": { "expectedLifetimeDays": 90 } } } });
    let codes = |usage: Usage| findings(&document, usage).into_iter().map(|finding| finding.code).collect::<Vec<_>>();
    let ago = |days: i64| Some(NOW_S - days * DAY_S);
    let used = |days| Usage { created_at_s: ago(days), last_evaluated_at_s: ago(0), ..Usage::default() };
    assert_eq!(codes(used(90)), [""; 0]);
    assert_eq!(codes(used(91)), ["past_lifetime"]);
    let unused = |days| Usage { created_at_s: ago(days), ..Usage::default() };
    assert_eq!(codes(unused(NEVER_EVALUATED_DAYS - 1)), [""; 0]);
    assert_eq!(codes(unused(NEVER_EVALUATED_DAYS)), ["never_evaluated"]);
    let same = |days| Usage { same_variant_since_s: ago(days), same_variant: Some("on".to_owned()), ..used(days) };
    assert_eq!(codes(same(SAME_ANSWER_DAYS - 1)), [""; 0]);
    assert_eq!(codes(same(SAME_ANSWER_DAYS)), ["same_answer"]);
}
