//! `flags.md` §1, `prerequisites`: variants that other flags must have for the same context.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use flags::{Arena, Bucketing, Context, Override, PREREQUISITES_MAX, Switchboard, read_context};
use serde_json::{Value, json};

use crate::flag::{NOW_S, loaded, paths_of, variant};

fn flag(default: &str, prerequisites: &str, targeting: Value) -> Value {
    json!({
        "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": default,
        "targeting": targeting, "metadata": { "prerequisites": prerequisites },
    })
}

/// `checkout` needs `payments=on`, which is on in France.
fn shop() -> Value {
    json!({ "flags": {
        "payments": flag("off", "", json!({ "if": [{ "==": [{ "var": "country" }, "FR"] }, "on", null] })),
        "checkout": flag("on", "payments=on", json!({ "if": [{ "var": "vip" }, "on", null] })),
    } })
}

#[test]
fn met_the_flag_is_evaluated_as_if_there_were_none() {
    let set = loaded(&shop(), Bucketing::V3);
    assert_eq!(paths_of(&shop()), [""; 0]);
    assert_eq!(variant(&set, "checkout", &json!({ "country": "FR" })), (Some("on".into()), "DEFAULT"));
    let context = json!({ "country": "FR", "vip": true });
    assert_eq!(variant(&set, "checkout", &context), (Some("on".into()), "TARGETING_MATCH"));
}

#[test]
fn unmet_a_boolean_flag_is_off_and_another_has_its_default_without_its_rule_being_asked() {
    let set = loaded(&shop(), Bucketing::V3);
    let context = json!({ "country": "DE", "vip": true });
    assert_eq!(variant(&set, "checkout", &context), (Some("off".into()), "DEFAULT"));
    let mut document = shop();
    document["flags"]["checkout"]["variants"] = json!({ "on": "a", "off": "b" });
    document["flags"]["checkout"]["targeting"] = json!({ "if": [true, "off"] });
    let set = loaded(&document, Bucketing::V3);
    assert_eq!(variant(&set, "checkout", &context), (Some("on".into()), "DEFAULT"));
    document["flags"]["checkout"]["defaultVariant"] = json!(null);
    let set = loaded(&document, Bucketing::V3);
    assert_eq!(variant(&set, "checkout", &context), (None, "DEFAULT"));
}

#[test]
fn one_of_several_is_not_enough() {
    let all = |second: &str| {
        json!({ "flags": {
            "a": flag("on", "", json!(null)),
            "b": flag(second, "", json!(null)),
            "both": flag("on", " a=on , b = on ", json!(null)),
        } })
    };
    assert_eq!(variant(&loaded(&all("on"), Bucketing::V3), "both", &json!({})), (Some("on".into()), "STATIC"));
    assert_eq!(variant(&loaded(&all("off"), Bucketing::V3), "both", &json!({})), (Some("off".into()), "DEFAULT"));
}

#[test]
fn a_prerequisite_without_a_variant_is_not_met() {
    for needed in [
        json!({ "state": "DISABLED", "variants": { "on": true }, "defaultVariant": "on" }),
        json!({ "state": "ENABLED", "variants": { "on": true }, "defaultVariant": null }),
        json!({ "state": "ENABLED", "variants": { "on": true }, "defaultVariant": "on", "targeting": { "if": [true, "x"] } }),
        json!({ "state": "ENABLED", "variants": { "on": true }, "defaultVariant": "on", "targeting": { "xor": [] } }),
    ] {
        let document = json!({ "flags": { "needed": needed, "flag": flag("on", "needed=on", json!(null)) } });
        let set = loaded(&document, Bucketing::V3);
        assert_eq!(
            variant(&set, "flag", &json!({})),
            (Some("off".into()), "DEFAULT"),
            "{}",
            document["flags"]["needed"]
        );
    }
}

#[test]
fn unknown_flags_and_variants_break_what_needs_them_and_are_named() {
    for prerequisites in ["nowhere=on", "a=blue", "a=on,nowhere=on", "a", "=on", "a=", "a=on,"] {
        let document =
            json!({ "flags": { "a": flag("on", "", json!(null)), "b": flag("on", prerequisites, json!(null)) } });
        let set = loaded(&document, Bucketing::V3);
        assert_eq!(variant(&set, "b", &json!({})), (None, "PARSE_ERROR"), "{prerequisites}");
        assert_eq!(variant(&set, "a", &json!({})).1, "STATIC");
        assert_eq!(paths_of(&document), ["flags.b.metadata.prerequisites"], "{prerequisites}");
    }
}

#[test]
fn a_cycle_breaks_everything_that_leads_into_it_and_nothing_else() {
    let document = json!({ "flags": {
        "self": flag("on", "self=on", json!(null)),
        "a": flag("on", "b=on", json!(null)),
        "b": flag("on", "c=on", json!(null)),
        "c": flag("on", "a=on", json!(null)),
        "behind": flag("on", "a=on", json!(null)),
        "free": flag("on", "", json!(null)),
        "fine": flag("on", "free=on", json!(null)),
    } });
    let set = loaded(&document, Bucketing::V3);
    for key in ["self", "a", "b", "c", "behind"] {
        assert_eq!(variant(&set, key, &json!({})), (None, "PARSE_ERROR"), "{key}");
    }
    for key in ["free", "fine"] {
        assert_eq!(variant(&set, key, &json!({})), (Some("on".into()), "STATIC"), "{key}");
    }
    assert_eq!(paths_of(&document).len(), 5);
}

#[test]
fn a_chain_is_followed_up_to_its_limit() {
    let chain = |length: usize| {
        let mut flags = serde_json::Map::new();
        flags.insert("f0".to_owned(), flag("on", "", json!(null)));
        for index in 1..=length {
            flags.insert(format!("f{index}"), flag("on", &format!("f{}=on", index - 1), json!(null)));
        }
        loaded(&json!({ "flags": flags }), Bucketing::V3)
    };
    let set = chain(PREREQUISITES_MAX + 1);
    let (longest, beyond) = (format!("f{PREREQUISITES_MAX}"), format!("f{}", PREREQUISITES_MAX + 1));
    assert_eq!(variant(&set, &longest, &json!({})), (Some("on".into()), "STATIC"));
    assert_eq!(variant(&set, &beyond, &json!({})), (None, "PARSE_ERROR"));
}

#[test]
fn flags_that_need_the_same_over_and_over_are_refused_before_they_take_for_ever() {
    let mut flags = serde_json::Map::new();
    flags.insert("f0".to_owned(), flag("on", "", json!(null)));
    for index in 1..40 {
        let needed = format!("f{0}=on,f{0}=on", index - 1);
        flags.insert(format!("f{index}"), flag("on", &needed, json!(null)));
    }
    let set = loaded(&json!({ "flags": flags }), Bucketing::V3);
    assert_eq!(variant(&set, "f5", &json!({})).1, "STATIC");
    assert_eq!(variant(&set, "f39", &json!({})).1, "PARSE_ERROR");
}

#[test]
fn a_killed_flag_is_no_prerequisite_that_is_met() {
    let board = |killed: BTreeSet<String>| Switchboard {
        set: Arc::new(loaded(&shop(), Bucketing::V3)),
        switches: HashMap::new(),
        killed,
        segments: Arc::new(BTreeMap::<String, HashSet<String>>::new()),
        unsigned_opt_in: false,
    };
    let arena = Arena::new();
    let context = read_context(br#"{"country":"FR"}"#, &arena).unwrap();
    let asked = |board: &Switchboard, context: &Context<'_>| {
        let resolution = board.evaluate("checkout", context, Override::None, NOW_S).result.unwrap();
        (resolution.variant.map(str::to_owned), resolution.reason.as_str(), resolution.killed)
    };
    assert_eq!(asked(&board(BTreeSet::new()), &context), (Some("on".to_owned()), "DEFAULT", false));
    let killed = board(BTreeSet::from(["payments".to_owned()]));
    assert_eq!(asked(&killed, &context), (Some("off".to_owned()), "DEFAULT", false));
    let itself = board(BTreeSet::from(["checkout".to_owned()]));
    assert_eq!(asked(&itself, &context), (Some("off".to_owned()), "STATIC", true));
}
