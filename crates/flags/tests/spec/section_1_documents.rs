//! `flags.md` §1, documents: what a start takes and what an edit is refused for, every problem named.

use flags::{
    Bucketing, DOCUMENT_BYTES_MAX, FIELDS_PER_OBJECT_MAX, FLAGS_MAX, FlagSet, KEY_LENGTH_MAX, LoadError,
    PROBLEMS_KEPT_MAX, VARIANTS_MAX, document,
};
use serde_json::{Value, json};

use crate::flag::{loaded, paths_of, problems_of, variant};

fn flag(fields: Value) -> Value {
    let mut flag = json!({ "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on" });
    for (name, value) in fields.as_object().unwrap() {
        flag[name.as_str()] = value.clone();
    }
    flag
}

#[test]
fn flags_come_by_key_or_in_a_list() {
    let by_key = json!({ "flags": { "a": flag(json!({})), "b": flag(json!({ "defaultVariant": "off" })) } });
    let mut listed =
        json!({ "flags": [flag(json!({ "defaultVariant": "off", "key": "b" })), flag(json!({ "key": "a" }))] });
    for document in [&by_key, &listed] {
        assert_eq!(paths_of(document), [""; 0]);
        let set = loaded(document, Bucketing::V3);
        assert_eq!(set.iter().map(flags::Definition::key).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(variant(&set, "b", &json!({})), (Some("off".into()), "STATIC"));
    }
    listed["flags"].as_array_mut().unwrap().push(flag(json!({ "key": "b" })));
    let set = loaded(&listed, Bucketing::V3);
    assert_eq!(variant(&set, "b", &json!({})), (None, "PARSE_ERROR"), "defined twice");
    assert_eq!(variant(&set, "a", &json!({})).1, "STATIC");
    assert_eq!(paths_of(&listed), ["flags.b"]);
}

#[test]
fn broken_flags_answer_parse_error_and_the_others_work() {
    let broken = [
        ("state", json!("ON")),
        ("state", json!(true)),
        ("variants", json!([true])),
        ("defaultVariant", json!("maybe")),
        ("defaultVariant", json!(true)),
        ("targeting", json!({ "xor": [1, 2] })),
        ("targeting", json!({ "if": [true], "in": ["a", []] })),
        ("targeting", json!({ "$ref": "nowhere" })),
        ("targeting", json!("on")),
        ("metadata", json!({ "exposure": 101 })),
        ("metadata", json!({ "exposure": "10" })),
        ("metadata", json!({ "prerequisites": "nowhere=on" })),
        ("metadata", json!({ "kind": "feature" })),
    ];
    for (field, value) in broken {
        let document = json!({ "flags": { "good": flag(json!({})), "bad": flag(json!({ field: value })) } });
        let set = loaded(&document, Bucketing::V3);
        assert_eq!(variant(&set, "bad", &json!({})), (None, "PARSE_ERROR"), "{field}: {value}");
        assert!(set.get("bad").unwrap().is_broken());
        assert_eq!(variant(&set, "good", &json!({})), (Some("on".into()), "STATIC"));
        let paths = paths_of(&document);
        assert!(paths.iter().all(|path| path.starts_with("flags.bad")), "{paths:?}");
        assert!(paths.iter().any(|path| path.starts_with(&format!("flags.bad.{field}"))), "{paths:?}");
    }
    let document = json!({ "flags": { "good": flag(json!({})), "bad": true, "bad.too": null } });
    let set = loaded(&document, Bucketing::V3);
    for key in ["bad", "bad.too"] {
        assert_eq!(variant(&set, key, &json!({})), (None, "PARSE_ERROR"));
    }
}

#[test]
fn what_works_and_is_not_right_is_refused_by_a_check_only() {
    for (fields, path, reason) in [
        (json!({ "variants": { "on": true, "off": "false" } }), "variants.on", "STATIC"),
        (json!({ "variants": { "on": 9_007_199_254_740_993_i64 } }), "variants.on", "STATIC"),
        (json!({ "variants": { "on": null } }), "variants.on", "STATIC"),
        (json!({ "metadata": { "nested": { "a": 1 } } }), "metadata.nested", "STATIC"),
        (json!({ "metadata": [] }), "metadata", "STATIC"),
        (json!({ "enabled": true }), "enabled", "STATIC"),
    ] {
        let document = json!({ "flags": { "a": flag(fields.clone()) } });
        assert_eq!(variant(&loaded(&document, Bucketing::V3), "a", &json!({})).1, reason, "{fields}");
        assert_eq!(paths_of(&document), [format!("flags.a.{path}")], "{fields}");
    }
    let mut document = json!({ "flags": { "a": flag(json!({})) } });
    document["flags"]["a"].as_object_mut().unwrap().remove("state");
    assert_eq!(paths_of(&document), ["flags.a.state"]);
    document["metadata"] = json!({ "list": [1] });
    assert_eq!(paths_of(&document), ["metadata.list", "flags.a.state"]);
}

#[test]
fn a_name_that_comes_twice_is_refused_wherever_it_is() {
    let plain = r#""state":"ENABLED","variants":{"on":true},"defaultVariant":"on""#;
    for (text, path, broken) in [
        (format!(r#"{{"flags":{{"a":{{{plain}}},"a":{{{plain}}}}}}}"#), "flags.a", true),
        (format!(r#"{{"flags":{{"a":{{{plain},"state":"DISABLED"}}}}}}"#), "flags.a.state", true),
        (
            r#"{"flags":{"a":{"state":"ENABLED","variants":{"on":true,"on":true},"defaultVariant":"on"}}}"#.to_owned(),
            "flags.a.variants.on",
            true,
        ),
        (
            format!(r#"{{"flags":{{"a":{{{plain},"targeting":{{"if":[{{"var":"a","var":"b"}},"on"]}}}}}}}}"#),
            "flags.a.targeting.if[0].var",
            true,
        ),
        (format!(r#"{{"flags":{{"a":{{{plain},"metadata":{{"x":1,"x":2}}}}}}}}"#), "flags.a.metadata.x", true),
        (format!(r#"{{"flags":[{{"key":"a",{plain},"state":"ENABLED"}}]}}"#), "flags[0].state", true),
        (
            format!(
                r#"{{"flags":{{"a":{{{plain},"targeting":{{"$ref":"e"}}}}}},"$evaluators":{{"e":{{"var":"x"}},"e":true}}}}"#
            ),
            "$evaluators.e",
            true,
        ),
        (format!(r#"{{"flags":{{}},"flags":{{"a":{{{plain}}}}}}}"#), "flags", false),
        (format!(r#"{{"flags":{{"a":{{{plain}}}}},"metadata":{{"x":1,"x":1}}}}"#), "metadata.x", false),
        (format!(r#"{{"flags":{{"a":{{{plain}}}}},"$evaluators":{{}},"$evaluators":{{}}}}"#), "$evaluators", false),
        (format!(r#"{{"flags":{{"a":{{{plain}}}}},"other":{{"b":[{{"x":1,"x":2}}]}}}}"#), "other.b[0].x", false),
    ] {
        let paths: Vec<String> = problems_of(&text).into_iter().map(|problem| problem.path).collect();
        assert!(paths.iter().any(|found| found == path), "{text}: {paths:?}");
        let set = FlagSet::load(text.as_bytes(), Bucketing::V3).unwrap().set;
        let expected = if broken { "PARSE_ERROR" } else { "STATIC" };
        assert_eq!(variant(&set, "a", &json!({})).1, expected, "{text}");
    }
}

#[test]
fn names_that_come_twice_break_their_own_flags_however_many_there_are() {
    let twice = r#"{"state":"ENABLED","variants":{"on":true},"defaultVariant":"on","defaultVariant":"on"}"#;
    let once = r#"{"state":"ENABLED","variants":{"on":true},"defaultVariant":"on"}"#;
    let mut flags: Vec<String> = (0..2 * PROBLEMS_KEPT_MAX).map(|index| format!(r#""{index}":{twice}"#)).collect();
    flags.push(format!(r#""fine":{once}"#));
    let text = format!(r#"{{"flags":{{{}}}}}"#, flags.join(","));
    let set = FlagSet::load(text.as_bytes(), Bucketing::V3).unwrap().set;
    assert!(set.iter().all(|flag| flag.is_broken() == (flag.key() != "fine")));

    // A key that is a number is not the place of another flag.
    let text = format!(r#"{{"flags":{{"1":{twice},"10":{once},"2":{once}}}}}"#);
    let set = FlagSet::load(text.as_bytes(), Bucketing::V3).unwrap().set;
    let broken: Vec<&str> = set.iter().filter(|flag| flag.is_broken()).map(flags::Definition::key).collect();
    assert_eq!(broken, ["1"]);
}

#[test]
fn every_problem_is_named_at_once() {
    let document = json!({
        "flags": {
            "a": flag(json!({ "state": "on", "defaultVariant": "x" })),
            "b": flag(json!({ "targeting": { "xor": [] }, "metadata": { "owner": "", "exposure": 0.001 } })),
            "": flag(json!({})),
        },
        "metadata": { "x": null },
    });
    let mut paths = paths_of(&document);
    paths.sort();
    assert_eq!(
        paths,
        [
            "flags.",
            "flags.a.defaultVariant",
            "flags.a.state",
            "flags.b.metadata.exposure",
            "flags.b.metadata.owner",
            "flags.b.targeting.xor",
            "metadata.x",
        ]
    );
}

#[test]
fn what_is_no_document_is_refused_as_a_whole() {
    let syntax = |bytes: &[u8]| matches!(FlagSet::load(bytes, Bucketing::V3), Err(LoadError::Syntax { .. }));
    for bytes in
        [&b""[..], b"{", b"{\"flags\":{}} x", b"\xff", b"{\"flags\":{\"a\xff\":{}}}", b"{\"flags\":{\"a\":1e999}}"]
    {
        assert!(syntax(bytes), "{bytes:?}");
    }
    let deep = format!("{{\"flags\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(syntax(deep.as_bytes()));
    for text in ["[]", "null", "\"flags\"", "{}", r#"{"flags":null}"#, r#"{"flags":7}"#, r#"{"flag":{}}"#] {
        let Err(LoadError::Invalid(problems)) = FlagSet::load(text.as_bytes(), Bucketing::V3) else {
            panic!("{text} is loaded")
        };
        assert_eq!(problems[0].path, "flags", "{text}");
    }
    let large = vec![b' '; DOCUMENT_BYTES_MAX + 1];
    assert!(matches!(FlagSet::load(&large, Bucketing::V3), Err(LoadError::TooLarge { bytes }) if bytes == large.len()));
}

#[test]
fn keys_variants_and_flags_have_their_limits() {
    let long = "x".repeat(KEY_LENGTH_MAX);
    let longer = format!("{long}x");
    let document = json!({ "flags": { &long: flag(json!({})), "é\u{0}": flag(json!({})), &longer: flag(json!({})) } });
    let set = loaded(&document, Bucketing::V3);
    let broken: Vec<&str> = set.iter().filter(|flag| flag.is_broken()).map(flags::Definition::key).collect();
    assert_eq!(broken, [&longer, "é\u{0}"]);

    let many = |count: usize| -> Value {
        let variants: serde_json::Map<String, Value> =
            (0..count).map(|index| (format!("v{index}"), json!(1))).collect();
        json!({ "flags": { "a": { "state": "ENABLED", "variants": variants, "defaultVariant": "v0" } } })
    };
    assert!(!loaded(&many(VARIANTS_MAX), Bucketing::V3).get("a").unwrap().is_broken());
    assert!(loaded(&many(VARIANTS_MAX + 1), Bucketing::V3).get("a").unwrap().is_broken());

    let flags = |count: usize| {
        let flags: Vec<String> = (0..count).map(|index| format!(r#""f{index}":{{"state":"DISABLED"}}"#)).collect();
        FlagSet::load(format!("{{\"flags\":{{{}}}}}", flags.join(",")).as_bytes(), Bucketing::V3)
    };
    assert_eq!(flags(FLAGS_MAX).unwrap().set.iter().len(), FLAGS_MAX);
    assert!(matches!(flags(FLAGS_MAX + 1), Err(LoadError::Invalid(_))));
}

#[test]
fn problems_are_kept_up_to_a_limit_and_their_values_shortened() {
    let flags: Vec<String> =
        (0..2 * PROBLEMS_KEPT_MAX).map(|index| format!(r#""f{index}":"{}""#, "x".repeat(300))).collect();
    let problems = problems_of(&format!("{{\"flags\":{{{}}}}}", flags.join(",")));
    assert_eq!(problems.len(), PROBLEMS_KEPT_MAX);
    assert!(problems.iter().all(|problem| problem.value.chars().count() < 130 && !problem.message.is_empty()));
}

#[test]
fn a_document_put_together_out_of_parts_reads_as_its_parts() {
    let definition = flag(json!({ "targeting": { "$ref": "yes" } })).to_string();
    let text = document([("a\"é", &*definition)], Some(r#"{"yes":{"if":[true,"off"]}}"#), Some(r#"{"version":"2"}"#));
    let set = FlagSet::check(text.as_bytes(), Bucketing::V2).unwrap();
    assert_eq!(variant(&set, "a\"é", &json!({})), (Some("off".into()), "TARGETING_MATCH"));
    let definition = set.get("a\"é").unwrap();
    let again: Value = serde_json::from_str(definition.json()).unwrap();
    assert_eq!(again, flag(json!({ "targeting": { "$ref": "yes" } })));
    assert_eq!((definition.metadata(), set.version()), (r#"{"version":"2"}"#, Some("2")));
}

#[test]
fn contexts_of_any_size_are_read_or_refused() {
    let arena = flags::Arena::new();
    let object = |fields: usize| {
        let fields: Vec<String> = (0..fields).map(|index| format!("\"f{index}\":{index}")).collect();
        format!("{{{}}}", fields.join(","))
    };
    assert!(flags::read_context(object(FIELDS_PER_OBJECT_MAX).as_bytes(), &arena).is_ok());
    assert!(flags::read_context(object(FIELDS_PER_OBJECT_MAX + 1).as_bytes(), &arena).is_err());
    let text = format!("{{\"context\":{{\"targetingKey\":\"u\",\"a\":\"{}\"}}}}", "x".repeat(10_000_000));
    assert_eq!(flags::read_request(text.as_bytes(), &arena).unwrap().targeting_key(), Some("u"));
    let long = format!("{{\"a\":[{}1]}}", "1,".repeat(1_000_000));
    assert!(flags::read_context(long.as_bytes(), &arena).is_ok());
}
