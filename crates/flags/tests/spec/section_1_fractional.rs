//! `flags.md` §1, `fractional`: the check values that flagd's evaluators agreed on, in both ways of bucketing.

use flags::Bucketing::{self, V2, V3};
use serde_json::{Value, json};

use crate::flag::{loaded, paths_of, ruled, variant};

/// The variant of one flag for one context; `none` where there is none.
fn chosen(bucketing: Bucketing, key: &str, rule: &Value, default: &str, context: &Value) -> String {
    let names = [
        "clubs", "diamonds", "hearts", "spades", "wild", "heads", "tails", "draw", "lower", "upper", "one", "two",
        "on", "off", "fallback", "premium", "standard", "red", "green", "blue", "big", "small", "true",
    ];
    let mut document = ruled(&names, default, rule.clone());
    let flag = document["flags"]["flag"].take();
    document["flags"] = json!({ key: flag });
    let (variant, reason) = variant(&loaded(&document, bucketing), key, context);
    variant.unwrap_or_else(|| reason.to_owned())
}

fn cards(by: &Value) -> Value {
    json!({ "fractional": [by, ["clubs", 25], ["diamonds", 25], ["hearts", 25], ["spades", 25]] })
}

#[test]
fn users_fall_where_the_specification_says() {
    let rule = cards(&json!({ "cat": [{ "var": "$flagd.flagKey" }, { "var": "user.name" }] }));
    for (name, v2, v3) in [
        ("jack", "hearts", "diamonds"),
        ("queen", "spades", "diamonds"),
        ("ten", "clubs", "clubs"),
        ("nine", "diamonds", "clubs"),
        ("3", "clubs", "spades"),
    ] {
        let context = json!({ "user": { "name": name } });
        assert_eq!(chosen(V2, "fractional-flag", &rule, "wild", &context), v2, "{name}");
        assert_eq!(chosen(V3, "fractional-flag", &rule, "wild", &context), v3, "{name}");
    }
}

#[test]
fn flags_with_a_shared_seed_draw_alike() {
    let rule = cards(&json!({ "cat": ["shared-seed", { "var": "user.name" }] }));
    for (name, v2, v3) in [
        ("seven", "hearts", "hearts"),
        ("eight", "diamonds", "hearts"),
        ("nine", "clubs", "diamonds"),
        ("two", "spades", "diamonds"),
    ] {
        let context = json!({ "user": { "name": name } });
        for key in ["fractional-flag-A-shared-seed", "fractional-flag-B-shared-seed"] {
            assert_eq!(chosen(V2, key, &rule, "wild", &context), v2, "{name}");
            assert_eq!(chosen(V3, key, &rule, "wild", &context), v3, "{name}");
        }
    }
}

#[test]
fn without_a_value_flag_and_targeting_key_decide() {
    let rule = json!({ "fractional": [["heads"], ["tails", 1]] });
    for (user, v2, v3) in [
        ("jon@company.com", "heads", "tails"),
        ("jane@company.com", "tails", "tails"),
        ("user-1", "heads", "heads"),
        ("user-2", "tails", "tails"),
        ("user-3", "heads", "heads"),
    ] {
        let context = json!({ "targetingKey": user });
        assert_eq!(chosen(V3, "fractional-flag-shorthand", &rule, "draw", &context), v3, "{user}");
        if user.ends_with(".com") {
            assert_eq!(chosen(V2, "fractional-flag-shorthand", &rule, "draw", &context), v2, "{user}");
        }
    }
}

#[test]
fn without_targeting_key_it_fails_and_the_default_holds() {
    let rule = json!({ "fractional": [["heads"], ["tails", 1]] });
    let set = loaded(&ruled(&["heads", "tails", "draw"], "draw", rule), V3);
    for context in [json!({}), json!({ "irrelevant": "none" }), json!({ "targetingKey": null })] {
        assert_eq!(variant(&set, "flag", &context), (Some("draw".into()), "DEFAULT"));
    }
}

#[test]
fn hashes_at_the_edges_fall_on_the_right_side() {
    let rule = json!({ "fractional": [{ "var": "targetingKey" }, ["lower", 50], ["upper", 50]] });
    for (key, expected) in
        [("ejOoVL", "lower"), ("bY9fO-", "lower"), ("SI7p-", "lower"), ("6LvT0", "upper"), ("ceQdGm", "upper")]
    {
        let context = json!({ "targetingKey": key });
        assert_eq!(chosen(V2, "fractional-hash-edge-flag", &rule, "draw", &context), expected, "{key}");
    }
    // The highest hash falls into the last of any number of parts, the lowest into the first.
    for total in [1_u32, 2, 3, 100, 9_999, 2_147_483_647] {
        let rule = json!({ "fractional": [{ "var": "k" }, ["one", 1], ["wild", total.saturating_sub(2)], ["two", 1]] });
        let total = if total < 2 { 2 } else { total };
        assert_eq!(chosen(V2, "f", &rule, "draw", &json!({ "k": "ejOoVL" })), "one", "{total}");
        assert_eq!(chosen(V2, "f", &rule, "draw", &json!({ "k": "ceQdGm" })), "two", "{total}");
    }
}

/// The bucket, from 1, of a value among 25 equal ones in v3.
fn bucket_of(value: &Value) -> u32 {
    let names: Vec<String> = (1..=25).map(|bucket| bucket.to_string()).collect();
    let mut arguments = vec![json!({ "var": "hashing_input" })];
    arguments.extend(names.iter().map(|name| json!([name, 1])));
    let rule = json!({ "fractional": arguments });
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let set = loaded(&ruled(&names, "1", rule), V3);
    variant(&set, "flag", &json!({ "hashing_input": value })).0.unwrap().parse().unwrap()
}

#[test]
fn v3_tells_types_apart_and_equal_numbers_not() {
    for (value, expected) in [
        (json!("123"), 22),
        (json!("true"), 24),
        (json!("false"), 1),
        (json!("null"), 8),
        (json!("1.23"), 4),
        (json!(123), 20),
        (json!(true), 5),
        (json!(1.23), 14),
        (json!(1.0), 23),
        (json!(1), 23),
        (json!(0), 8),
        (json!(-0.0), 8),
    ] {
        assert_eq!(bucket_of(&value), expected, "{value}");
    }
}

#[test]
fn v3_takes_numbers_of_every_width() {
    for (value, expected) in [
        (json!(2_147_483_647), 10),
        (json!(2_147_483_648_u32), 25),
        (json!(-2_147_483_648_i64), 8),
        (json!(-2_147_483_649_i64), 18),
        (json!(9_007_199_254_740_991_i64), 2),
        (json!(9_007_199_254_740_992_i64), 10),
        (json!(4_294_967_295_u32), 14),
        (json!(4_294_967_296_i64), 19),
        (json!(-65_504.0), 9),
        (json!(-65_505.0), 17),
        (json!(-3.402_823_466_385_288_6e38), 3),
        (json!(-3.5e38), 6),
        (json!(f64::MIN), 9),
    ] {
        assert_eq!(bucket_of(&value), expected, "{value}");
    }
}

#[test]
fn v3_takes_objects_in_the_order_of_their_encoded_names() {
    for (value, expected) in [
        (json!({ "c": 3, "a": 1, "b": 2 }), 18),
        (json!({ "b": 2, "a": { "b": 1 } }), 9),
        (json!({ "c": "text", "bbb": 1, "a": true, "dddd": 2.5 }), 25),
        (json!({ "": 2, "abc": 1 }), 25),
        (json!({ "key": -0.0 }), 10),
        (json!({ "key": 0 }), 10),
        (json!({ "c": 0.0, "b": -0.0, "a": { "b": 1 } }), 8),
        (json!({ "café": "façade", "b": { "résumé": { "ÿ": true } } }), 22),
        (json!({ "a": {} }), 20),
        (json!({ "b": 2, "a": {} }), 20),
        (json!({ "a": {}, "b": {} }), 21),
        (json!({ "a": {}, "b": [] }), 7),
        (json!({ "c": 0.0, "a": [] }), 18),
        (json!({ "a": [] }), 12),
        (json!({ "a": [1, [], 3], "b": null }), 3),
        (json!({ "a": ["a", "b", {}], "b": [1, null, 2] }), 23),
        (json!({ "a": [false, 2.5, ""], "b": [], "c": null }), 15),
        (json!({ "x": [{ "a": 1 }, { "b": 2 }, { "b": null }] }), 3),
        (json!({ "x": [{ "a": { "b": [] } }] }), 16),
        (json!({ "": null }), 25),
        (json!({ "a": [[[[[]]]]] }), 15),
        (json!({ "a": [[[[null]]]] }), 7),
        (json!({ "a": { "b": { "c": { "d": {} } } } }), 21),
    ] {
        assert_eq!(bucket_of(&value), expected, "{value}");
    }
}

#[test]
fn v3_takes_texts_of_every_length_by_their_bytes() {
    for (text, expected) in [
        ("a".repeat(255), 18),
        ("a".repeat(256), 7),
        ("あいうえおかきく".to_owned(), 16),
        ("é".repeat(11), 16),
        ("é".repeat(12), 19),
        ("café façade résumé café".to_owned(), 9),
    ] {
        assert_eq!(bucket_of(&json!(text)), expected, "{text}");
    }
}

#[test]
fn variants_may_be_rules() {
    let rule = json!({ "fractional": [
        { "var": "targetingKey" },
        [{ "if": [{ "==": [{ "var": "tier" }, "premium"] }, "premium", "standard"] }, 50],
        ["standard", 50],
    ] });
    for (user, tier, expected) in [
        ("jon@company.com", "premium", "premium"),
        ("jon@company.com", "basic", "standard"),
        ("user1", "premium", "standard"),
        ("user1", "basic", "standard"),
    ] {
        let context = json!({ "targetingKey": user, "tier": tier });
        assert_eq!(chosen(V2, "f", &rule, "fallback", &context), expected, "{user} {tier}");
    }
    let rule = json!({ "fractional": [{ "var": "targetingKey" }, [{ "var": "color" }, 50], ["blue", 50]] });
    for (user, color, expected) in [
        ("jon@company.com", json!("red"), "red"),
        ("jon@company.com", json!("green"), "green"),
        ("user1", json!("red"), "blue"),
        ("jon@company.com", json!("yellow"), "GENERAL"),
        ("jon@company.com", json!(""), "GENERAL"),
        ("jon@company.com", json!(null), "fallback"),
        ("jon@company.com", json!(true), "true"),
    ] {
        let context = json!({ "targetingKey": user, "color": color });
        assert_eq!(chosen(V2, "f", &rule, "fallback", &context), expected, "{user} {color}");
    }
    let nested = json!({ "fractional": [["clubs", 0], [cards(&json!({ "var": "k" })), 1]] });
    let context = json!({ "targetingKey": "u", "k": "fractional-flagjack" });
    assert_eq!(chosen(V2, "f", &nested, "fallback", &context), "hearts");
}

#[test]
fn weights_may_be_rules() {
    let rule = json!({ "fractional": [
        { "var": "targetingKey" },
        ["red", { "if": [{ "==": [{ "var": "tier" }, "premium"] }, 100, 0] }],
        ["blue", 10],
    ] });
    for (user, tier, expected) in [
        ("jon@company.com", "premium", "red"),
        ("jon@company.com", "basic", "blue"),
        ("user1", "premium", "red"),
        ("user1", "basic", "blue"),
    ] {
        let context = json!({ "targetingKey": user, "tier": tier });
        assert_eq!(chosen(V2, "f", &rule, "fallback", &context), expected, "{user} {tier}");
    }
    let by_time = json!({ "fractional": [
        { "var": "k" },
        ["on", { "-": [{ "var": "$flagd.timestamp" }, 1_740_000_000] }],
        ["off", { "-": [1_790_000_000, { "var": "$flagd.timestamp" }] }],
    ] });
    assert_eq!(chosen(V2, "f", &by_time, "fallback", &json!({ "k": "ceQdGm" })), "on", "all of it by now");
}

#[test]
fn as_a_condition_it_is_true_or_false() {
    for (first, second, expected) in [(0, 100, "big"), (100, 0, "small")] {
        let rule = json!({ "if": [{ "fractional": [[false, first], [true, second]] }, "big", "small"] });
        let context = json!({ "targetingKey": "some-targeting-key" });
        assert_eq!(chosen(V2, "f", &rule, "fallback", &context), expected);
        assert_eq!(chosen(V3, "f", &rule, "fallback", &context), expected);
    }
}

#[test]
fn a_single_entry_is_for_everyone() {
    let rule = json!({ "fractional": [["one", 1]] });
    for user in 0..100 {
        let context = json!({ "targetingKey": user.to_string() });
        assert_eq!(chosen(V3, "f", &rule, "fallback", &context), "one");
    }
}

#[test]
fn a_negative_weight_counts_nothing() {
    let rule = json!({ "fractional": [{ "var": "targetingKey" }, ["one", -50], ["two", 100]] });
    let reckoned = json!({ "fractional": [{ "var": "targetingKey" }, ["one", { "var": "w" }], ["two", 100]] });
    for user in ["any-user", "ejOoVL", "ceQdGm"] {
        let context = json!({ "targetingKey": user, "w": -1e300 });
        assert_eq!(chosen(V2, "f", &rule, "fallback", &context), "two");
        assert_eq!(chosen(V2, "f", &reckoned, "fallback", &context), "two");
    }
}

#[test]
fn what_cannot_be_drawn_by_fails_the_whole_rule() {
    let max = 2_147_483_647_i64;
    let by = json!({ "var": "targetingKey" });
    for split in [
        json!({ "fractional": [by, ["one", 0], ["two", 0]] }),
        json!({ "fractional": [{ "var": "missing_key" }, ["one", 50], ["two", 50]] }),
        json!({ "fractional": [by, ["one", max], ["two", 1]] }),
        json!({ "fractional": [by, ["one", max + 1]] }),
        json!({ "fractional": [by, ["one", 1e300]] }),
        json!({ "fractional": [by, ["one", 0.5], ["two", 0.5]] }),
        json!({ "fractional": [by, ["one", "25"], ["two", 25]] }),
        json!({ "fractional": [by, ["one", null], ["two", 25]] }),
        json!({ "fractional": [by, ["one", 1, 2]] }),
        json!({ "fractional": [by, []] }),
        json!({ "fractional": [by, "one"] }),
        json!({ "fractional": [by] }),
        json!({ "fractional": [] }),
        json!({ "fractional": by }),
        json!({ "fractional": [by, ["one", { "var": "half" }]] }),
        json!({ "fractional": [by, ["one", { "var": "text" }]] }),
        json!({ "fractional": [by, ["one", { "var": "missing" }]] }),
        json!({ "fractional": [by, ["one", { "*": [max, 1] }], ["two", { "+": [1, 0] }]] }),
    ] {
        let context = json!({ "targetingKey": "any-user", "half": 0.5, "text": "1" });
        for rule in [split.clone(), json!({ "if": [split.clone(), "on", "off"] }), json!({ "!": [split] })] {
            let set = loaded(&ruled(&["one", "two", "on", "off", "true", "fallback"], "fallback", rule.clone()), V3);
            assert_eq!(variant(&set, "flag", &context), (Some("fallback".into()), "DEFAULT"), "{rule}");
        }
    }
}

#[test]
fn the_largest_sum_of_weights_is_taken() {
    let rule = json!({ "fractional": [{ "var": "k" }, ["one", 2_147_483_646], ["two", 1]] });
    assert_eq!(chosen(V2, "f", &rule, "fallback", &json!({ "k": "ceQdGm" })), "two");
    assert_eq!(chosen(V2, "f", &rule, "fallback", &json!({ "k": "6LvT0" })), "one");
    assert!(paths_of(&ruled(&["one", "two"], "one", rule)).is_empty());
}

#[test]
fn a_value_that_is_the_same_for_everyone_is_drawn_by_and_refused_by_an_edit() {
    let rule = json!({ "fractional": ["ceQdGm", ["one", 50], ["two", 50]] });
    assert_eq!(chosen(V2, "f", &rule, "fallback", &json!({})), "two");
    assert_eq!(paths_of(&ruled(&["one", "two"], "one", rule)), ["flags.flag.targeting.fractional[0]"]);
}

#[test]
fn an_edit_is_refused_where_a_split_can_only_fail() {
    for (split, path) in [
        (json!([["one", 0.5]]), "flags.flag.targeting.fractional[0][1]"),
        (json!([["one", "25"]]), "flags.flag.targeting.fractional[0][1]"),
        (json!([["one", 2_147_483_647], ["two", 1]]), "flags.flag.targeting.fractional"),
        (json!([["one", 1, 2]]), "flags.flag.targeting.fractional[0]"),
        (json!([{ "var": "a" }]), "flags.flag.targeting.fractional"),
    ] {
        let paths = paths_of(&ruled(&["one", "two"], "one", json!({ "fractional": split })));
        assert_eq!(paths.first().map(String::as_str), Some(path), "{split}");
    }
}
