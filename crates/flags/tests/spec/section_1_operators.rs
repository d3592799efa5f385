//! `flags.md` §1, flagd's own operators: exactly two texts, and a failure ends the whole rule with the default variant.

use flags::Bucketing;
use serde_json::{Value, json};

use crate::flag::{loaded, outcome, paths_of, problems_of, ruled, variant};

#[test]
fn texts_begin_and_end() {
    let rule = json!({ "if": [
        { "starts_with": [{ "var": "id" }, "abc"] }, "prefix",
        { "ends_with": [{ "var": "id" }, "xyz"] }, "postfix",
        "none",
    ] });
    let set = loaded(&ruled(&["prefix", "postfix", "none", "default"], "default", rule), Bucketing::V3);
    for (id, expected) in [
        (json!("abcdef"), ("none", "prefix")),
        (json!("uvwxyz"), ("none", "postfix")),
        (json!("abcxyz"), ("none", "prefix")),
        (json!("lmnopq"), ("none", "none")),
        (json!("3"), ("none", "none")),
        (json!("abc"), ("none", "prefix")),
        (json!(""), ("none", "none")),
        (json!(3), ("none", "default")),
        (json!(null), ("none", "default")),
        (json!(["abcdef"]), ("none", "default")),
    ] {
        assert_eq!(variant(&set, "flag", &json!({ "id": id })).0.as_deref(), Some(expected.1), "{id}");
    }
    assert_eq!(outcome(json!({ "starts_with": ["abc", ""] }), json!({})), "true");
    assert_eq!(outcome(json!({ "ends_with": ["ああ", "あ"] }), json!({})), "true");
}

#[test]
fn a_failure_reaches_the_default_from_anywhere_in_a_rule() {
    let version = json!({ "var": "version" });
    for failing in [
        json!({ "starts_with": [{ "var": "num" }, "abc"] }),
        json!({ "ends_with": [{ "var": "num" }, "xyz"] }),
        json!({ "ends_with": ["xyz", { "var": "num" }] }),
        json!({ "starts_with": [{ "var": "missing" }, "abc"] }),
        json!({ "starts_with": ["abc"] }),
        json!({ "ends_with": ["xyz"] }),
        json!({ "ends_with": ["xyz", "z", "z"] }),
        json!({ "starts_with": "abc" }),
        json!({ "sem_ver": [version, "="] }),
        json!({ "sem_ver": [version, "===", "1.0.0"] }),
        json!({ "sem_ver": [{ "var": "num_text" }, "=", "1.0.0"] }),
        json!({ "sem_ver": ["not-a-version", "=", "1.0.0"] }),
        json!({ "sem_ver": [] }),
        json!({ "fractional": [{ "var": "missing_key" }, ["one", 50], ["two", 50]] }),
    ] {
        for rule in [
            failing.clone(),
            json!({ "if": [failing, "true", "false"] }),
            json!({ "if": [true, failing, "false"] }),
            json!({ "or": [failing, true] }),
            json!({ "!": [failing] }),
            json!({ "cat": ["tr", { "if": [failing, "ue", "ue"] }] }),
            json!({ "some": [[1], failing] }),
            json!({ "==": [failing, null] }),
            json!({ "if": [{ "in": [failing, ["a"]] }, "true", "false"] }),
        ] {
            let set = loaded(&ruled(&["true", "false", "fallback"], "fallback", rule.clone()), Bucketing::V3);
            let context = json!({ "version": "1.0.0", "num": 123, "num_text": "1.x" });
            assert_eq!(variant(&set, "flag", &context), (Some("fallback".into()), "DEFAULT"), "{rule}");
        }
    }
}

#[test]
fn an_unknown_operator_or_a_wrong_number_of_arguments_breaks_the_flag_and_is_named() {
    for (rule, path) in [
        (json!({ "invalid": ["this is not valid targeting"] }), "invalid"),
        (json!({ "if": [{ "xor": [1, 2] }, "a"] }), "if[0].xor"),
        (json!({ "==": [1] }), "=="),
        (json!({ "==": [1, 2, 3] }), "=="),
        (json!({ "!": [1, 2] }), "!"),
        (json!({ "in": ["a"] }), "in"),
        (json!({ "<": [1, 2, 3, 4] }), "<"),
        (json!({ "/": [1, 2, 3] }), "/"),
        (json!({ "-": [1, 2, 3] }), "-"),
        (json!({ "map": [[1]] }), "map"),
        (json!({ "reduce": [[1]] }), "reduce"),
        (json!({ "substr": ["a"] }), "substr"),
        (json!({ "missing_some": [1] }), "missing_some"),
        (json!({ "if": [] }), "if"),
        (json!({ "and": [] }), "and"),
        (json!({ "var": [true] }), "var"),
        (json!({ "var": ["a", 1, 2] }), "var"),
        (json!({ "+": [{}] }), "+[0]"),
        (json!({ "+": [1, { "var": "a", "in": [] }] }), "+[1]"),
        (json!({ "merge": [[{ "nope": 1 }]] }), "merge[0][0].nope"),
    ] {
        let document = ruled(&["a"], "a", rule.clone());
        let set = loaded(&document, Bucketing::V3);
        assert!(set.get("flag").unwrap().is_broken(), "{rule}");
        assert_eq!(variant(&set, "flag", &json!({})), (None, "PARSE_ERROR"), "{rule}");
        assert_eq!(paths_of(&document), [format!("flags.flag.targeting.{path}")], "{rule}");
    }
}

#[test]
fn a_rule_is_an_object() {
    for targeting in [json!("on"), json!(true), json!(1), json!([1]), json!([])] {
        let document = ruled(&["on"], "on", targeting);
        assert_eq!(variant(&loaded(&document, Bucketing::V3), "flag", &json!({})), (None, "PARSE_ERROR"));
        assert_eq!(paths_of(&document), ["flags.flag.targeting"]);
    }
}

#[test]
fn an_edit_is_refused_where_an_operator_can_only_fail() {
    for (rule, path) in [
        (json!({ "starts_with": ["abc"] }), "starts_with"),
        (json!({ "sem_ver": [{ "var": "v" }, "=="] }), "sem_ver"),
        (json!({ "sem_ver": [{ "var": "v" }, "==", "1.0.0"] }), "sem_ver[1]"),
        (json!({ "sem_ver": [{ "var": "v" }, "=", "2.0.0.0"] }), "sem_ver[2]"),
        (json!({ "sem_ver": ["x", "=", { "var": "v" }] }), "sem_ver[0]"),
        (json!({ "==": [{ "var": "$flagd.version" }, 1] }), "==[0].var"),
    ] {
        let paths = paths_of(&ruled(&["on"], "on", rule.clone()));
        assert_eq!(paths, [format!("flags.flag.targeting.{path}")], "{rule}");
    }
}

#[test]
fn every_problem_of_a_rule_is_named_with_its_value() {
    let rule = json!({ "if": [{ "xor": [1] }, { "==": [1] }, { "$ref": "staff" }, "a", { "var": false }] });
    let problems = problems_of(&ruled(&["a"], "a", rule).to_string());
    let found: Vec<(&str, &str)> =
        problems.iter().map(|problem| (problem.path.as_str(), problem.value.as_str())).collect();
    assert_eq!(
        found,
        [
            ("flags.flag.targeting.if[0].xor", "[1]"),
            ("flags.flag.targeting.if[1].==", "[1]"),
            ("flags.flag.targeting.if[2].$ref", "\"staff\""),
            ("flags.flag.targeting.if[4].var", "false"),
        ]
    );
    assert!(problems.iter().all(|problem| !problem.message.is_empty()));
}

#[test]
fn what_the_schema_takes_is_taken() {
    let all: Vec<Value> = vec![
        json!({ "if": [false, "false", false, "false", true, "true"] }),
        json!({ "if": [{ "===": [{ "var": "env" }, "production"] }] }),
        json!({ "if": [{ "$ref": "faas" }] }),
        json!({ "!": true }),
        json!({ "+": ["3.14"] }),
        json!({ "-": [2] }),
        json!({ "reduce": [{ "var": "n" }, { "+": [{ "var": "current" }, { "var": "accumulator" }] }, 0] }),
        json!({ "fractional": [["heads"], ["tails", 1]] }),
        json!({ "fractional": [["clubs", 1], [true, 1], [1, 1], [{ "fractional": [["a", 1], ["b", 1]] }, 1]] }),
        json!({ "fractional": [["on", { "-": [{ "var": "$flagd.timestamp" }, 1] }], ["off", { "var": "w" }]] }),
        json!({ "sem_ver": [{ "var": "version" }, "~", "3.0.0"] }),
        json!({ "sem_ver": [{ "var": "version" }, "^", "1.0.0-rc.1+build"] }),
    ];
    for rule in all {
        let mut document = ruled(&["a"], "a", json!({ "*": [rule] }));
        document["$evaluators"] = json!({ "faas": { "in": ["@faas.com", { "var": ["email"] }] } });
        document["$schema"] = json!("https://flagd.dev/schema/v0/flags.json");
        assert_eq!(paths_of(&document), [""; 0], "{rule}");
    }
}
