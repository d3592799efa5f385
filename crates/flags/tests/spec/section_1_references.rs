//! `flags.md` §1, `$evaluators` with `$ref`.

use flags::{Bucketing, RULE_DEPTH_MAX};
use serde_json::{Value, json};

use crate::flag::{loaded, paths_of, ruled, variant};

fn with_evaluators(rule: Value, evaluators: Value) -> Value {
    let mut document = ruled(&["hi", "bye", "fallback"], "fallback", rule);
    document["$evaluators"] = evaluators;
    document
}

#[test]
fn a_reference_stands_for_its_rule() {
    let evaluators = json!({
        "is_ballmer": { "==": ["ballmer@macrosoft.com", { "var": ["email"] }] },
        "greeting": { "if": [{ "$ref": "is_ballmer" }, "hi", "bye"] },
        "text": "hi",
    });
    for rule in [
        json!({ "if": [{ "$ref": "is_ballmer" }, "hi", "bye"] }),
        json!({ "$ref": "greeting" }),
        json!({ "$ref": ["greeting"] }),
        json!({ "if": [{ "$ref": "is_ballmer" }, { "$ref": "text" }, "bye"] }),
    ] {
        let set = loaded(&with_evaluators(rule.clone(), evaluators.clone()), Bucketing::V3);
        for (email, expected) in [("ballmer@macrosoft.com", "hi"), ("user@example.com", "bye")] {
            let found = variant(&set, "flag", &json!({ "email": email }));
            assert_eq!(found, (Some(expected.into()), "TARGETING_MATCH"), "{rule}");
        }
    }
}

#[test]
fn a_dangling_or_recursive_reference_breaks_the_flag() {
    for (name, evaluators) in [
        (json!("nonexistent"), json!({})),
        (json!("a"), json!({ "a": { "$ref": "a" } })),
        (json!("a"), json!({ "a": { "!": [{ "$ref": "b" }] }, "b": { "or": [{ "$ref": "a" }, 1] } })),
        (json!(5), json!({})),
        (json!({ "var": "a" }), json!({})),
    ] {
        let document = with_evaluators(json!({ "if": [{ "$ref": name }, "hi", "bye"] }), evaluators);
        assert_eq!(variant(&loaded(&document, Bucketing::V3), "flag", &json!({})), (None, "PARSE_ERROR"));
        assert!(!paths_of(&document).is_empty());
    }
}

#[test]
fn without_evaluators_a_reference_dangles() {
    let document = ruled(&["hi"], "hi", json!({ "$ref": "x" }));
    assert_eq!(variant(&loaded(&document, Bucketing::V3), "flag", &json!({})), (None, "PARSE_ERROR"));
    assert_eq!(paths_of(&document), ["flags.flag.targeting.$ref"]);
}

#[test]
fn references_that_multiply_are_refused_and_never_followed_to_the_end() {
    let mut evaluators = serde_json::Map::new();
    for level in 0..40 {
        let next = json!({ "$ref": format!("e{}", level + 1) });
        evaluators.insert(format!("e{level}"), json!({ "and": [next, next] }));
    }
    evaluators.insert("e40".to_owned(), json!({ "var": "x" }));
    let bomb = json!({ "$ref": "e0" });
    for rule in [
        bomb.clone(),
        json!({ "if": [bomb, "hi", "bye"] }),
        json!({ "starts_with": [bomb] }),
        json!({ "fractional": [["hi", [bomb]]] }),
        json!({ "fractional": [["hi", 1, bomb]] }),
        json!({ "sem_ver": [bomb, "no", "1.0.0"] }),
        json!({ "if": [bomb, bomb, bomb, bomb, bomb] }),
    ] {
        let document = with_evaluators(rule.clone(), Value::Object(evaluators.clone()));
        let set = loaded(&document, Bucketing::V3);
        let reason = variant(&set, "flag", &json!({})).1;
        assert!(matches!(reason, "PARSE_ERROR" | "DEFAULT"), "{rule}: {reason}");
        assert!(!paths_of(&document).is_empty(), "{rule}");
        assert!(set.explain("flag", &flags::Context::EMPTY, 0).is_some());
        let _ = set.lint(&std::collections::BTreeMap::new(), 0);
    }
}

#[test]
fn a_chain_of_references_as_deep_as_a_rule_may_be_is_followed() {
    let chain = |length: usize| {
        let mut evaluators = serde_json::Map::new();
        for level in 0..length {
            evaluators.insert(format!("e{level}"), json!({ "!": [{ "$ref": format!("e{}", level + 1) }] }));
        }
        evaluators.insert(format!("e{length}"), json!(true));
        let rule = json!({ "if": [{ "$ref": "e0" }, "hi", "bye"] });
        loaded(&with_evaluators(rule, Value::Object(evaluators)), Bucketing::V3)
    };
    // Each link takes two operators: the reference and what it stands for.
    assert_eq!(variant(&chain(30), "flag", &json!({})).0.as_deref(), Some("hi"));
    assert_eq!(variant(&chain(RULE_DEPTH_MAX), "flag", &json!({})).1, "PARSE_ERROR");
}

#[test]
fn an_evaluator_that_nobody_refers_to_is_checked_too() {
    let document = with_evaluators(json!({}), json!({ "fine": { "==": [1, 1] }, "odd": { "xor": [1, 2] } }));
    assert_eq!(paths_of(&document), ["$evaluators.odd.xor"]);
    assert_eq!(variant(&loaded(&document, Bucketing::V3), "flag", &json!({})).1, "STATIC");
}

#[test]
fn what_is_wrong_in_an_evaluator_is_named_where_it_stands() {
    let document = with_evaluators(json!({ "if": [{ "$ref": "odd" }, "hi"] }), json!({ "odd": { "xor": [1, 2] } }));
    assert_eq!(paths_of(&document), ["$evaluators.odd.xor"]);
    for evaluators in [json!([]), json!("x"), json!(1)] {
        assert_eq!(paths_of(&with_evaluators(json!({}), evaluators)), ["$evaluators"]);
    }
}
