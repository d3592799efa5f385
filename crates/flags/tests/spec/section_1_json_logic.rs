//! `flags.md` §1, "JsonLogic operators as in the schema": each with its results on values of every kind.

use serde_json::{Value, json};

use crate::flag::outcome;

/// Holds a rule's outcome, given as JSON, to what is expected; each line is a rule, a context and an outcome.
fn hold(cases: &[(Value, Value, Value)]) {
    for (rule, context, expected) in cases {
        let found: Value = serde_json::from_str(&outcome(rule.clone(), context.clone())).unwrap();
        assert!(is_same(&found, expected), "{rule} of {context} is {found}, and {expected} is expected");
    }
}

/// Whether two values are the same, 1 and 1.0 being the same number.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, one)| other.get(name).is_some_and(|other| is_same(one, other)))
        }
        (one, other) => one == other,
    }
}

#[test]
fn var_reads_names_paths_indices_and_defaults() {
    let context = json!({ "a": 1, "b": { "c": "d", "e": [10, { "f": 20 }] }, "n": null, "l": ["x", "y"], "1": "one" });
    let read = |argument: Value, expected: Value| (json!({ "var": argument }), context.clone(), expected);
    hold(&[
        read(json!("a"), json!(1)),
        read(json!(["a"]), json!(1)),
        read(json!(["a", 9]), json!(1)),
        read(json!("b.c"), json!("d")),
        read(json!("b.e.0"), json!(10)),
        read(json!("b.e.1.f"), json!(20)),
        read(json!("l.1"), json!("y")),
        read(json!("l.2"), json!(null)),
        read(json!("l.x"), json!(null)),
        read(json!("z"), json!(null)),
        read(json!(["z", 9]), json!(9)),
        read(json!(["b.z.y", "else"]), json!("else")),
        read(json!("a.b.c"), json!(null)),
        read(json!(1), json!("one")),
        read(json!({ "if": [true, "b.c", "a"] }), json!("d")),
        read(json!([{ "cat": ["b", ".", "c"] }]), json!("d")),
        read(json!(""), context.clone()),
        read(json!([]), context.clone()),
        read(json!(null), context.clone()),
    ]);
    hold(&[
        (json!({ "var": "targetingKey" }), json!({ "targetingKey": "u" }), json!("u")),
        (json!({ "var": "targetingKey.x" }), json!({ "targetingKey": "u" }), json!(null)),
        (json!({ "var": "$flagd.flagKey" }), json!({}), json!("flag")),
        (json!({ "var": ["$lotwise.segments"] }), json!({}), json!([])),
    ]);
}

#[test]
fn missing_lists_what_is_not_there() {
    let context = json!({ "a": 1, "b": "", "n": null, "o": { "p": 0 } });
    let of = |rule: Value, expected: Value| (rule, context.clone(), expected);
    hold(&[
        of(json!({ "missing": ["a", "z"] }), json!(["z"])),
        of(json!({ "missing": [["a", "z"]] }), json!(["z"])),
        of(json!({ "missing": "z" }), json!(["z"])),
        of(json!({ "missing": [] }), json!([])),
        of(json!({ "missing": ["b", "n", "o.p", "o.q"] }), json!(["b", "n", "o.q"])),
        of(json!({ "missing": { "merge": ["a", ["y"]] } }), json!(["y"])),
        of(json!({ "missing_some": [1, ["a", "z"]] }), json!([])),
        of(json!({ "missing_some": [2, ["a", "z"]] }), json!(["z"])),
        of(json!({ "missing_some": [0, ["z"]] }), json!([])),
        of(json!({ "if": [{ "missing": ["a"] }, "gone", "there"] }), json!("there")),
    ]);
}

#[test]
fn logic_returns_the_value_that_decided() {
    let plain = |rule: Value, expected: Value| (rule, json!({}), expected);
    hold(&[
        plain(json!({ "if": [true, "yes", "no"] }), json!("yes")),
        plain(json!({ "if": [false, "yes", "no"] }), json!("no")),
        plain(json!({ "if": [false, "yes"] }), json!(null)),
        plain(json!({ "if": [true] }), json!(true)),
        plain(json!({ "if": ["a"] }), json!("a")),
        plain(json!({ "if": [false, "a", false, "b", true, "c"] }), json!("c")),
        plain(json!({ "if": [false, "a", false, "b", "d"] }), json!("d")),
        plain(json!({ "if": [[], "a", "b"] }), json!("b")),
        plain(json!({ "if": ["0", "a", "b"] }), json!("a")),
        plain(json!({ "if": [0, "a", "b"] }), json!("b")),
        plain(json!({ "if": ["", "a", "b"] }), json!("b")),
        plain(json!({ "or": [false, 0, "a"] }), json!("a")),
        plain(json!({ "or": [false, 0] }), json!(0)),
        plain(json!({ "or": [[], ""] }), json!("")),
        plain(json!({ "and": [true, "a", 3] }), json!(3)),
        plain(json!({ "and": [true, "", 3] }), json!("")),
        plain(json!({ "!": [true] }), json!(false)),
        plain(json!({ "!": true }), json!(false)),
        plain(json!({ "!": [[]] }), json!(true)),
        plain(json!({ "!": "0" }), json!(false)),
        plain(json!({ "!!": [[]] }), json!(false)),
        plain(json!({ "!!": ["0"] }), json!(true)),
        plain(json!({ "!!": [[0]] }), json!(true)),
        plain(json!({ "!!": null }), json!(false)),
    ]);
}

#[test]
fn what_is_not_needed_is_not_evaluated() {
    let fails = json!({ "starts_with": [1, 2] });
    let plain = |rule: Value, expected: Value| (rule, json!({}), expected);
    hold(&[
        plain(json!({ "if": [true, "a", fails] }), json!("a")),
        plain(json!({ "if": [false, fails, "b"] }), json!("b")),
        plain(json!({ "or": [1, fails] }), json!(1)),
        plain(json!({ "and": [0, fails] }), json!(0)),
        plain(json!({ "some": [[1, 2], { "or": [{ "===": [{ "var": "" }, 1] }, fails] }] }), json!(true)),
        plain(json!({ "<": [2, 1, fails] }), json!(false)),
    ]);
}

#[test]
fn equality_is_loose_or_strict() {
    let both = |left: Value, right: Value, loose: bool, strict: bool| {
        [
            (json!({ "==": [left, right] }), json!({}), json!(loose)),
            (json!({ "!=": [left, right] }), json!({}), json!(!loose)),
            (json!({ "===": [left, right] }), json!({}), json!(strict)),
            (json!({ "!==": [left, right] }), json!({}), json!(!strict)),
            (json!({ "==": [right, left] }), json!({}), json!(loose)),
        ]
    };
    for case in [
        both(json!(1), json!(1), true, true),
        both(json!(1), json!(1.0), true, true),
        both(json!(1), json!("1"), true, false),
        both(json!(1), json!(" 1.0 "), true, false),
        both(json!(1), json!(2), false, false),
        both(json!(1), json!("x"), false, false),
        both(json!(0), json!(false), true, false),
        both(json!(1), json!(true), true, false),
        both(json!("1"), json!(true), true, false),
        both(json!("true"), json!(true), false, false),
        both(json!(""), json!(0), true, false),
        both(json!(null), json!(null), true, true),
        both(json!(null), json!(0), false, false),
        both(json!(null), json!(false), false, false),
        both(json!(null), json!(""), false, false),
        both(json!("a"), json!("a"), true, true),
        both(json!("a"), json!("A"), false, false),
        both(json!([]), json!(0), true, false),
        both(json!([]), json!(""), true, false),
        both(json!([1]), json!(1), true, false),
        both(json!([1, 2]), json!("1,2"), true, false),
        both(json!([1, 2]), json!(1), false, false),
    ] {
        hold(&case);
    }
}

#[test]
fn order_is_of_texts_or_of_numbers() {
    let plain = |rule: Value, expected: bool| (rule, json!({}), json!(expected));
    hold(&[
        plain(json!({ "<": [1, 2] }), true),
        plain(json!({ "<": [2, 1] }), false),
        plain(json!({ "<": [1, 1] }), false),
        plain(json!({ "<=": [1, 1] }), true),
        plain(json!({ ">": [2, 1] }), true),
        plain(json!({ ">": [1, 1] }), false),
        plain(json!({ ">=": [1, 1] }), true),
        plain(json!({ "<": [1, 2, 3] }), true),
        plain(json!({ "<": [1, 4, 3] }), false),
        plain(json!({ "<": [1, 1, 3] }), false),
        plain(json!({ "<=": [1, 1, 3] }), true),
        plain(json!({ "<=": [1, 4, 3] }), false),
        plain(json!({ "<": ["1", 2] }), true),
        plain(json!({ "<": ["10", 9] }), false),
        plain(json!({ "<": ["10", "9"] }), true),
        plain(json!({ "<": ["a", "b"] }), true),
        plain(json!({ "<": ["a", 1] }), false),
        plain(json!({ ">=": ["a", 1] }), false),
        plain(json!({ "<": [{ "var": "missing" }, 1] }), true),
        plain(json!({ ">": [{ "var": "missing" }, 0] }), false),
        plain(json!({ ">": [true, 0] }), true),
        plain(json!({ ">": [[2], 1] }), true),
        plain(json!({ ">": [[2, 3], 1] }), false),
    ]);
}

#[test]
fn in_looks_for_elements_and_for_parts_of_text() {
    let context = json!({ "who": "Ringo", "band": ["John", "Paul", "Ringo", 4, null], "text": "Springfield", "n": 4 });
    let of = |needle: Value, haystack: Value, expected: bool| {
        (json!({ "in": [needle, haystack] }), context.clone(), json!(expected))
    };
    let many: Vec<String> = (0..500).map(|index| format!("user-{index}")).collect();
    hold(&[
        of(json!("Ringo"), json!(["John", "Ringo"]), true),
        of(json!({ "var": "who" }), json!(["John", "Ringo"]), true),
        of(json!({ "var": "who" }), json!(["John", "ringo", "Ring", "Ringos"]), false),
        of(json!({ "var": "n" }), json!(["4", "John"]), false),
        of(json!({ "var": "missing" }), json!(["", "null"]), false),
        of(json!({ "var": "who" }), json!([]), false),
        of(json!({ "var": "who" }), json!({ "var": "band" }), true),
        of(json!({ "var": "n" }), json!({ "var": "band" }), true),
        of(json!("4"), json!({ "var": "band" }), false),
        of(json!(4.0), json!([4, "a"]), true),
        of(json!("Spring"), json!({ "var": "text" }), true),
        of(json!("spring"), json!({ "var": "text" }), false),
        of(json!(""), json!({ "var": "text" }), true),
        of(json!(4), json!("1234"), true),
        of(json!({ "var": "missing" }), json!("null"), false),
        of(json!("a"), json!({ "var": "missing" }), false),
        of(json!("a"), json!({ "var": "n" }), false),
        of(json!("user-499"), json!(many), true),
        of(json!("user-500"), json!(many), false),
        of(json!([1]), json!([[1], 2]), true),
    ]);
}

#[test]
fn arithmetic_takes_numbers_and_what_reads_as_one() {
    let plain = |rule: Value, expected: Value| (rule, json!({ "n": 7 }), expected);
    hold(&[
        plain(json!({ "+": [4, 2] }), json!(6)),
        plain(json!({ "+": [2, 2, 2, 2, 2] }), json!(10)),
        plain(json!({ "+": ["3.25"] }), json!(3.25)),
        plain(json!({ "+": "3.25" }), json!(3.25)),
        plain(json!({ "+": [1, "2"] }), json!(3)),
        plain(json!({ "+": ["a", 1] }), json!(null)),
        plain(json!({ "-": [4, 2] }), json!(2)),
        plain(json!({ "-": [2] }), json!(-2)),
        plain(json!({ "-": 2 }), json!(-2)),
        plain(json!({ "-": ["5", 2] }), json!(3)),
        plain(json!({ "*": [4, 2] }), json!(8)),
        plain(json!({ "*": [2, 2, 2, 2, 2] }), json!(32)),
        plain(json!({ "/": [4, 2] }), json!(2)),
        plain(json!({ "/": [1, 4] }), json!(0.25)),
        plain(json!({ "/": [1, 0] }), json!(null)),
        plain(json!({ "/": [0, 0] }), json!(null)),
        plain(json!({ "%": [101, 2] }), json!(1)),
        plain(json!({ "%": [-1, 2] }), json!(-1)),
        plain(json!({ "%": [5.5, 2] }), json!(1.5)),
        plain(json!({ "%": [1, 0] }), json!(null)),
        plain(json!({ "min": [1, 2, 3] }), json!(1)),
        plain(json!({ "max": [1, 2, 3] }), json!(3)),
        plain(json!({ "max": [1] }), json!(1)),
        plain(json!({ "max": ["2", 1] }), json!(2)),
        plain(json!({ "min": ["a", 1] }), json!(null)),
        plain(json!({ "max": [-1, -2] }), json!(-1)),
        plain(json!({ "+": [{ "var": "n" }, { "*": [2, { "var": "n" }] }] }), json!(21)),
        plain(json!({ "*": [1e308, 10] }), json!(null)),
    ]);
}

#[test]
fn texts_are_joined_and_cut() {
    let plain = |rule: Value, expected: Value| (rule, json!({}), expected);
    hold(&[
        plain(json!({ "cat": ["I love", " pie"] }), json!("I love pie")),
        plain(json!({ "cat": [] }), json!("")),
        plain(json!({ "cat": "a" }), json!("a")),
        plain(json!({ "cat": ["a", 1, 2.5, true, null, { "var": "z" }] }), json!("a12.5true")),
        plain(json!({ "cat": [1.0, "-", 1e21, "-", 0.1] }), json!("1-1e+21-0.1")),
        plain(json!({ "cat": [["a", ["b", null]], "c"] }), json!("a,b,c")),
        plain(json!({ "substr": ["jsonlogic", 4] }), json!("logic")),
        plain(json!({ "substr": ["jsonlogic", -5] }), json!("logic")),
        plain(json!({ "substr": ["jsonlogic", 1, 3] }), json!("son")),
        plain(json!({ "substr": ["jsonlogic", 4, -2] }), json!("log")),
        plain(json!({ "substr": ["jsonlogic", -5, -2] }), json!("log")),
        plain(json!({ "substr": ["jsonlogic", 0, -100] }), json!("")),
        plain(json!({ "substr": ["jsonlogic", 100] }), json!("")),
        plain(json!({ "substr": ["jsonlogic", -100, 4] }), json!("json")),
        plain(json!({ "substr": ["jsonlogic", 5, -6] }), json!("")),
        plain(json!({ "substr": ["水曜日", 1, 1] }), json!("曜")),
        plain(json!({ "substr": [12345, 1, 2] }), json!("23")),
        plain(json!({ "substr": ["abc", "x"] }), json!("abc")),
        plain(json!({ "substr": ["abc", 0, 1e300] }), json!("abc")),
    ]);
}

#[test]
fn lists_are_merged_mapped_filtered_and_folded() {
    let context =
        json!({ "integers": [1, 2, 3, 4, 5], "pies": [{ "filling": "apple" }, { "filling": "pumpkin" }], "top": 9 });
    let of = |rule: Value, expected: Value| (rule, context.clone(), expected);
    let element = json!({ "var": "" });
    hold(&[
        of(json!({ "merge": [[1, 2], [3, 4]] }), json!([1, 2, 3, 4])),
        of(json!({ "merge": [1, 2, [3, 4]] }), json!([1, 2, 3, 4])),
        of(json!({ "merge": [] }), json!([])),
        of(json!({ "merge": 1 }), json!([1])),
        of(json!({ "merge": [[1, [2]], null] }), json!([1, [2], null])),
        of(json!({ "map": [{ "var": "integers" }, { "*": [element, 2] }] }), json!([2, 4, 6, 8, 10])),
        of(json!({ "map": [{ "var": "missing" }, { "*": [element, 2] }] }), json!([])),
        of(json!({ "map": [{ "var": "pies" }, { "var": "filling" }] }), json!(["apple", "pumpkin"])),
        of(json!({ "map": [{ "var": "integers" }, { "var": "top" }] }), json!([null, null, null, null, null])),
        of(json!({ "filter": [{ "var": "integers" }, { "%": [element, 2] }] }), json!([1, 3, 5])),
        of(json!({ "filter": [{ "var": "top" }, true] }), json!([])),
        of(
            json!({ "reduce": [{ "var": "integers" }, { "+": [{ "var": "current" }, { "var": "accumulator" }] }, 0] }),
            json!(15),
        ),
        of(json!({ "reduce": [{ "var": "missing" }, { "var": "current" }, 3] }), json!(3)),
        of(json!({ "reduce": [{ "var": "integers" }, { "var": "accumulator" }] }), json!(null)),
        of(
            json!({ "reduce": [{ "var": "pies" }, { "cat": [{ "var": "accumulator" }, { "var": "current.filling" }] }, ""] }),
            json!("applepumpkin"),
        ),
        of(json!({ "all": [{ "var": "integers" }, { ">": [element, 0] }] }), json!(true)),
        of(json!({ "all": [{ "var": "integers" }, { ">": [element, 1] }] }), json!(false)),
        of(json!({ "all": [[], true] }), json!(false)),
        of(json!({ "some": [{ "var": "pies" }, { "==": [{ "var": "filling" }, "apple"] }] }), json!(true)),
        of(json!({ "some": [[], true] }), json!(false)),
        of(json!({ "some": [{ "var": "missing" }, true] }), json!(false)),
        of(json!({ "none": [[-3, -2, -1], { ">": [element, 0] }] }), json!(true)),
        of(json!({ "none": [{ "var": "integers" }, { ">": [element, 4] }] }), json!(false)),
        of(json!({ "none": [[], true] }), json!(true)),
        of(json!({ "map": [[[1, 2], [3]], { "map": [element, { "+": [element, 1] }] }] }), json!([[2, 3], [4]])),
        of(json!({ "in": [9, { "map": [[7, 8], { "+": [element, 1] }] }] }), json!(true)),
    ]);
}
