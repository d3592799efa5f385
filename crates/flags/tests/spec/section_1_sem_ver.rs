//! `flags.md` §1, `sem_ver`: `v`, partial versions, numbers; build metadata ignored.

use serde_json::{Value, json};

use crate::flag::outcome;

fn compared(left: Value, range: &str, right: &str) -> String {
    outcome(json!({ "sem_ver": [{ "var": "version" }, range, right] }), json!({ "version": left }))
}

#[test]
fn versions_are_equal_greater_or_lesser() {
    for (version, equal, greater, lesser) in [
        ("2.0.0", true, false, false),
        ("2.1.0", false, true, false),
        ("1.9.0", false, false, true),
        ("2.0.0-alpha", false, false, true),
        ("2.0.1-alpha", false, true, false),
        ("10.0.0", false, true, false),
    ] {
        for (range, expected) in [
            ("=", equal),
            ("!=", !equal),
            (">", greater),
            ("<", lesser),
            (">=", greater || equal),
            ("<=", lesser || equal),
        ] {
            assert_eq!(compared(json!(version), range, "2.0.0"), expected.to_string(), "{version} {range} 2.0.0");
        }
    }
}

#[test]
fn the_same_minor_or_the_same_major() {
    for (version, minor, major) in
        [("3.0.1", true, true), ("3.1.0", false, true), ("4.0.0", false, false), ("3.0.0-rc.1", true, true)]
    {
        assert_eq!(compared(json!(version), "~", "3.0.0"), minor.to_string(), "{version}");
        assert_eq!(compared(json!(version), "^", "3.0.0"), major.to_string(), "{version}");
    }
}

#[test]
fn prereleases_are_ordered_as_the_specification_says() {
    let ordered = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
    ];
    for pair in ordered.windows(2) {
        assert_eq!(compared(json!(pair[0]), "<", pair[1]), "true", "{pair:?}");
        assert_eq!(compared(json!(pair[1]), "<", pair[0]), "false", "{pair:?}");
    }
}

#[test]
fn versions_as_people_write_them() {
    for (version, range, other, expected) in [
        (json!("v1.0.0"), "=", "1.0.0", true),
        (json!("V1.0.0"), "=", "v1.0.0", true),
        (json!("1.0.0"), "=", "v1.0.0", true),
        (json!("1.5.0"), "^", "1", true),
        (json!("1.0"), "^", "1", true),
        (json!("1"), "^", "1", true),
        (json!("2.0.0"), "^", "1", false),
        (json!(1), "^", "1", true),
        (json!(1.0), "^", "1", true),
        (json!(1.2), "^", "1", true),
        (json!(1.2), ">", "1.1", true),
        (json!(1.1), ">", "1.1", false),
        (json!(2), ">", "1.1", true),
        (json!(1), ">", "1.1", false),
        (json!("1.2"), ">", "1.1", true),
        (json!("1.0.0+other"), "=", "1.0.0+build", true),
        (json!("1.0.0+other"), "!=", "1.0.0", false),
    ] {
        assert_eq!(compared(version.clone(), range, other), expected.to_string(), "{version} {range} {other}");
    }
}

#[test]
fn what_is_no_version_fails() {
    for version in [
        json!("not-a-version"),
        json!("2.0.0.0"),
        json!(""),
        json!("1.x"),
        json!("01.0.0"),
        json!(" 1.0.0"),
        json!(-1),
        json!(1e21),
        json!(true),
        json!(null),
        json!(["1.0.0"]),
        json!("99999999999999999999.0.0"),
    ] {
        assert_eq!(compared(version.clone(), "=", "1.0.0"), "failed", "{version}");
    }
}

#[test]
fn range_and_other_side_may_be_rules() {
    let rule = json!({ "sem_ver": ["1.2.3", { "var": "range" }, { "cat": ["1.", { "var": "minor" }] }] });
    for (range, minor, expected) in [("~", 2, "true"), ("^", 9, "true"), ("=", 2, "false"), ("==", 2, "failed")] {
        assert_eq!(outcome(rule.clone(), json!({ "range": range, "minor": minor })), expected, "{range}");
    }
}
