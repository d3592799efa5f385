//! A set of flags and the questions asked of it.

use flags::{Arena, Bucketing, FlagSet, LoadError, Problem, read_context};
use serde_json::{Value, json};

/// The time of every test, in seconds since 1970.
pub const NOW_S: i64 = 1_790_000_000;

/// An answer: variant, value (JSON text), reason or error code.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub variant: Option<String>,
    pub value: Option<String>,
    pub reason: &'static str,
}

/// A set at a start: broken flags are left in it.
pub fn loaded(document: &Value, bucketing: Bucketing) -> FlagSet {
    FlagSet::load(document.to_string().as_bytes(), bucketing).unwrap().set
}

/// What a strict check finds wrong with a document.
pub fn problems_of(document: &str) -> Vec<Problem> {
    match FlagSet::check(document.as_bytes(), Bucketing::V3) {
        Ok(_) => Vec::new(),
        Err(LoadError::Invalid(problems)) => problems,
        Err(other) => panic!("not even well-formed: {other}"),
    }
}

/// Paths of what a strict check finds wrong with a document.
pub fn paths_of(document: &Value) -> Vec<String> {
    problems_of(&document.to_string()).into_iter().map(|problem| problem.path).collect()
}

/// The answer to a flag of a set for a context.
pub fn asked(set: &FlagSet, key: &str, context: &Value) -> Answer {
    let arena = Arena::new();
    let text = context.to_string();
    let context = read_context(text.as_bytes(), &arena).unwrap();
    match set.evaluate(key, &context, NOW_S).result {
        Ok(resolution) => Answer {
            variant: resolution.variant.map(str::to_owned),
            value: resolution.value.map(str::to_owned),
            reason: resolution.reason.as_str(),
        },
        Err(refusal) => Answer { variant: None, value: None, reason: refusal.code.as_str() },
    }
}

/// Variant and reason (or error code) of a flag of a set.
pub fn variant(set: &FlagSet, key: &str, context: &Value) -> (Option<String>, &'static str) {
    let answer = asked(set, key, context);
    (answer.variant, answer.reason)
}

/// A document of the flag `flag` with these variants (each its own value), a default among them, and a rule.
pub fn ruled(variants: &[&str], default: &str, rule: Value) -> Value {
    let variants: serde_json::Map<String, Value> =
        variants.iter().map(|name| ((*name).to_owned(), json!(name))).collect();
    json!({ "flags": { "flag": {
        "state": "ENABLED", "variants": variants, "defaultVariant": default, "targeting": rule,
    } } })
}

/// What a rule comes to for a context: the text of its value, or `failed` where it leads to the default.
pub fn outcome(rule: Value, context: Value) -> String {
    outcome_in(Bucketing::V3, rule, context)
}

/// The same in one of the two ways of bucketing.
pub fn outcome_in(bucketing: Bucketing, rule: Value, context: Value) -> String {
    let set = loaded(&ruled(&["on"], "on", rule), bucketing);
    assert!(!set.get("flag").unwrap().is_broken(), "the rule is broken");
    let arena = Arena::new();
    let text = context.to_string();
    let context = read_context(text.as_bytes(), &arena).unwrap();
    let explanation = set.explain("flag", &context, NOW_S).unwrap();
    let whole = explanation.rules.first().unwrap();
    if whole.failed { "failed".to_owned() } else { whole.outcome.to_string() }
}
