//! `flags.md` §1, "Evaluation order", and what an answer carries.

use flags::{Arena, Bucketing, Context, FlagSet, read_context};
use serde_json::{Value, json};

use crate::flag::{Answer, NOW_S, asked, loaded, ruled, variant};

fn set(flag: Value) -> FlagSet {
    loaded(&json!({ "flags": { "flag": flag } }), Bucketing::V3)
}

fn answer(variant: Option<&str>, value: Option<&str>, reason: &'static str) -> Answer {
    Answer { variant: variant.map(str::to_owned), value: value.map(str::to_owned), reason }
}

#[test]
fn an_unknown_flag_is_not_found_and_has_no_metadata() {
    let document = json!({ "flags": {}, "metadata": { "team": "web" } });
    let set = loaded(&document, Bucketing::V3);
    let evaluation = set.evaluate("missing-flag", &Context::EMPTY, NOW_S);
    assert_eq!(evaluation.result.unwrap_err().code.as_str(), "FLAG_NOT_FOUND");
    assert_eq!(evaluation.metadata, "{}");
}

#[test]
fn a_disabled_flag_has_neither_value_nor_variant_whatever_its_rule_says() {
    for targeting in [json!(null), json!({}), json!({ "if": [true, "on", "off"] }), json!({ "if": [true, "none"] })] {
        let flag = json!({
            "state": "DISABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on",
            "targeting": targeting,
        });
        assert_eq!(asked(&set(flag), "flag", &json!({})), answer(None, None, "DISABLED"), "{targeting}");
    }
}

#[test]
fn without_a_rule_the_default_is_static() {
    for (variants, default, value) in [
        (json!({ "on": true, "off": false }), "on", "true"),
        (json!({ "zero": false, "non-zero": true }), "zero", "false"),
        (json!({ "greeting": "hi", "parting": "bye" }), "greeting", "\"hi\""),
        (json!({ "zero": "", "non-zero": "str" }), "zero", "\"\""),
        (json!({ "one": 1, "ten": 10 }), "ten", "10"),
        (json!({ "zero": 0, "one": 1 }), "zero", "0"),
        (json!({ "tenth": 0.1, "half": 0.5 }), "half", "0.5"),
        (json!({ "empty": {}, "full": { "title": "x", "per": 100 } }), "full", r#"{"per":100,"title":"x"}"#),
        (json!({ "empty": {}, "full": { "title": "x" } }), "empty", "{}"),
    ] {
        let flag = json!({ "state": "ENABLED", "variants": variants, "defaultVariant": default });
        let expected = answer(Some(default), Some(value), "STATIC");
        assert_eq!(asked(&set(flag.clone()), "flag", &json!({})), expected);
        for empty in [json!({}), json!(null)] {
            let mut flag = flag.clone();
            flag["targeting"] = empty;
            assert_eq!(asked(&set(flag), "flag", &json!({})), expected, "an empty rule is none");
        }
    }
}

#[test]
fn null_is_the_default_and_a_name_is_a_match() {
    let rule = json!({ "if": [{ "==": [{ "var": "targetingKey" }, "5c3d8535"] }, "hit", null] });
    let set = loaded(&ruled(&["hit", "miss"], "miss", rule), Bucketing::V3);
    assert_eq!(variant(&set, "flag", &json!({ "targetingKey": "5c3d8535" })), (Some("hit".into()), "TARGETING_MATCH"));
    assert_eq!(variant(&set, "flag", &json!({ "targetingKey": "f20bd32d" })), (Some("miss".into()), "DEFAULT"));
    assert_eq!(variant(&set, "flag", &json!({})), (Some("miss".into()), "DEFAULT"));
}

#[test]
fn a_rule_that_names_the_default_variant_is_a_match_all_the_same() {
    let set = loaded(&ruled(&["zero", "one"], "zero", json!({ "if": [true, "zero"] })), Bucketing::V3);
    assert_eq!(variant(&set, "flag", &json!({})), (Some("zero".into()), "TARGETING_MATCH"));
}

#[test]
fn an_if_without_else_is_null() {
    let rule = json!({ "if": [{ "var": "yes" }, "on"] });
    let set = loaded(&ruled(&["on", "off"], "off", rule), Bucketing::V3);
    assert_eq!(variant(&set, "flag", &json!({ "yes": false })), (Some("off".into()), "DEFAULT"));
}

#[test]
fn a_boolean_names_the_variant_of_its_text() {
    let flag = |rule| {
        let variants = json!({ "false": 1, "true": 2 });
        set(json!({ "state": "ENABLED", "variants": variants, "defaultVariant": "false", "targeting": rule }))
    };
    let expected = answer(Some("true"), Some("2"), "TARGETING_MATCH");
    assert_eq!(asked(&flag(json!({ "if": [true, true, false] })), "flag", &json!({})), expected);
    assert_eq!(asked(&flag(json!({ "==": [{ "var": "a" }, 1] })), "flag", &json!({ "a": 1 })), expected);
    let expected = answer(Some("false"), Some("1"), "TARGETING_MATCH");
    assert_eq!(asked(&flag(json!({ "!": [true] })), "flag", &json!({})), expected);
}

#[test]
fn a_name_that_is_no_variant_is_a_general_error() {
    for rule in [
        json!({ "if": [true, "three", "one"] }),
        json!({ "var": "color" }),
        json!({ "if": [true, ""] }),
        json!({ "merge": [["one"]] }),
        json!({ "if": [true, true] }),
    ] {
        let set = loaded(&ruled(&["one", "two"], "two", rule.clone()), Bucketing::V3);
        let context = json!({ "color": "yellow" });
        assert_eq!(asked(&set, "flag", &context), answer(None, None, "GENERAL"), "{rule}");
    }
}

#[test]
fn without_a_default_variant_it_is_default_without_value_wherever_it_is_reached() {
    let rule = json!({ "if": [{ "==": ["jobs@orange.com", { "var": ["email"] }] }, "special", null] });
    for absent in [false, true] {
        let flag = |targeting: Value| {
            let mut flag = json!({
                "state": "ENABLED", "variants": { "normal": "CFO", "special": "CEO" },
                "defaultVariant": null, "targeting": targeting,
            });
            if absent {
                flag.as_object_mut().unwrap().remove("defaultVariant");
            }
            set(flag)
        };
        let nothing = answer(None, None, "DEFAULT");
        assert_eq!(asked(&flag(json!(null)), "flag", &json!({})), nothing, "no rule");
        assert_eq!(asked(&flag(json!({})), "flag", &json!({})), nothing, "an empty rule");
        assert_eq!(asked(&flag(rule.clone()), "flag", &json!({ "email": "wozniak@orange.com" })), nothing, "null");
        assert_eq!(asked(&flag(json!({ "sem_ver": [1, "=", true] })), "flag", &json!({})), nothing, "a failure");
        let expected = answer(Some("special"), Some("\"CEO\""), "TARGETING_MATCH");
        assert_eq!(asked(&flag(rule.clone()), "flag", &json!({ "email": "jobs@orange.com" })), expected);
    }
}

#[test]
fn flag_key_and_time_are_there_and_the_context_cannot_replace_them() {
    let rule = json!({ "if": [
        { "!=": [{ "var": "$flagd.flagKey" }, "flag"] }, "wrong",
        { "<": [{ "var": "$flagd.timestamp" }, { "var": "time" }] }, "future",
        { ">": [{ "var": "$flagd.timestamp" }, { "var": "time" }] }, "past",
        "now",
    ] });
    let set = loaded(&ruled(&["past", "future", "now", "wrong"], "wrong", rule), Bucketing::V3);
    for (time, expected) in [(1_i64, "past"), (4_133_980_802, "future"), (NOW_S, "now")] {
        let context = json!({ "time": time, "$flagd": { "flagKey": "other", "timestamp": 5 } });
        assert_eq!(variant(&set, "flag", &context).0.as_deref(), Some(expected));
    }
}

#[test]
fn metadata_is_the_sets_overlaid_by_the_flags_and_nothing_else() {
    let flag = |metadata: Value| json!({ "state": "ENABLED", "variants": { "on": true }, "defaultVariant": "on", "metadata": metadata });
    let own =
        json!({ "string": "1.0.2", "integer": 2, "boolean": true, "float": 0.1, "float1": 1.0, "version": "own" });
    let document = json!({
        "flags": { "own": flag(own), "none": flag(json!({})) },
        "metadata": { "flagSetId": "sso/dev", "version": "1.0.0", "boolean": false },
    });
    let set = loaded(&document, Bucketing::V3);
    let metadata = |key: &str| set.evaluate(key, &Context::EMPTY, NOW_S).metadata.to_owned();
    assert_eq!(metadata("none"), r#"{"boolean":false,"flagSetId":"sso/dev","version":"1.0.0"}"#);
    assert_eq!(
        metadata("own"),
        r#"{"boolean":true,"flagSetId":"sso/dev","float":0.1,"float1":1.0,"integer":2,"string":"1.0.2","version":"own"}"#
    );
    assert_eq!((set.flag_set_id(), set.version()), (Some("sso/dev"), Some("1.0.0")));
}

#[test]
fn numbers_come_out_as_they_went_in() {
    for number in ["10.0", "10", "0.1", "2147483647", "9007199254740991", "-9007199254740991", "1e-7", "0.0", "-1.5"] {
        let document = format!(
            r#"{{"flags":{{"flag":{{"state":"ENABLED","variants":{{"it":{number}}},"defaultVariant":"it"}}}}}}"#
        );
        let set = FlagSet::check(document.as_bytes(), Bucketing::V3).unwrap();
        let value = asked(&set, "flag", &json!({})).value.unwrap();
        assert_eq!(value.parse::<f64>(), number.parse::<f64>());
        assert_eq!(value.contains('.') || value.contains('e'), number.contains('.') || number.contains('e'), "{value}");
        assert_eq!(value.replace("e+", "e"), number);
    }
}

#[test]
fn a_targeting_key_counts_only_as_text() {
    let arena = Arena::new();
    for (context, key) in [
        (r#"{"targetingKey":"user-1"}"#, Some("user-1")),
        (r#"{"targetingKey":""}"#, Some("")),
        (r#"{"targetingKey":null}"#, None),
        ("{}", None),
    ] {
        assert_eq!(read_context(context.as_bytes(), &arena).unwrap().targeting_key(), key, "{context}");
    }
    for context in [r#"{"targetingKey":12345}"#, r#"{"targetingKey":true}"#, r#"{"targetingKey":["a"]}"#, "[]", "7"] {
        assert!(read_context(context.as_bytes(), &arena).is_err(), "{context}");
    }
}
