//! `flags.md` §1 and requirement A2: raising a percentage only adds users, lowering it removes the last added, 0 and 100
//! are exact, flags are independent, shares are kept within what chance allows.

use flags::{Bucketing, Context, FlagSet, document};
use serde_json::{Value, json};

use crate::flag::{NOW_S, loaded, paths_of, variant};

const BOTH: [Bucketing; 2] = [Bucketing::V2, Bucketing::V3];

fn exposed(key: &str, percent: &str, bucketing: Bucketing) -> FlagSet {
    let flag = format!(
        r#"{{"state":"ENABLED","variants":{{"on":true,"off":false}},"defaultVariant":"off","metadata":{{"exposure":{percent}}}}}"#
    );
    FlagSet::check(document([(key, &*flag)], None, None).as_bytes(), bucketing).unwrap()
}

fn has(set: &FlagSet, key: &str, user: &str) -> bool {
    let resolution = set.evaluate(key, &Context::of(Some(user)), NOW_S).result.unwrap();
    let is_on = resolution.variant == Some("on");
    assert_eq!(resolution.reason.as_str(), if is_on { "SPLIT" } else { "DEFAULT" });
    is_on
}

fn users(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|index| format!("person:{index}"))
}

#[test]
fn raising_only_adds_and_lowering_removes_the_last_added() {
    for bucketing in BOTH {
        let steps = ["0", "0.01", "0.5", "1", "5", "10", "25", "50", "75", "99.99", "100"];
        let sets: Vec<FlagSet> = steps.iter().map(|percent| exposed("checkout", percent, bucketing)).collect();
        for user in users(20_000) {
            let has: Vec<bool> = sets.iter().map(|set| has(set, "checkout", &user)).collect();
            // Once on, on at every higher percentage; so lowering goes back the same way.
            assert!(has.is_sorted(), "{user}: {has:?}");
        }
    }
}

#[test]
fn raising_the_first_weight_of_a_split_only_adds_to_it() {
    let share = |weight: u32| {
        let rule = json!({ "fractional": [["on", weight], ["off", 100 - weight]] });
        loaded(&crate::flag::ruled(&["on", "off"], "off", rule), Bucketing::V3)
    };
    let sets: Vec<FlagSet> = [0, 1, 10, 30, 31, 99, 100].into_iter().map(share).collect();
    for user in users(5_000) {
        let context = Context::of(Some(&user));
        let on: Vec<bool> = sets
            .iter()
            .map(|set| set.evaluate("flag", &context, NOW_S).result.unwrap().variant == Some("on"))
            .collect();
        assert!(on.is_sorted() && !on[0] && on[6], "{user}: {on:?}");
    }
}

#[test]
fn nobody_and_everybody_are_exact() {
    for bucketing in BOTH {
        let (none, all) = (exposed("f", "0", bucketing), exposed("f", "100", bucketing));
        let rarest = users(100_000).chain(["ejOoVL", "bY9fO-", "ceQdGm", ""].map(str::to_owned));
        for user in rarest {
            assert!(!has(&none, "f", &user) && has(&all, "f", &user), "{user}");
        }
        // The highest hash of all, reached by the targeting key alone where the key is empty of influence: v2.
        assert_eq!(variant(&none, "f", &json!({})), (Some("off".into()), "DEFAULT"));
        assert_eq!(variant(&all, "f", &json!({})), (Some("on".into()), "SPLIT"));
    }
}

#[test]
fn a_share_of_the_users_needs_a_targeting_key() {
    let set = exposed("f", "50", Bucketing::V3);
    assert_eq!(variant(&set, "f", &json!({ "email": "a@b" })), (None, "TARGETING_KEY_MISSING"));
}

#[test]
fn the_share_is_kept_within_what_chance_allows() {
    for bucketing in BOTH {
        for (percent, share) in [("0.5", 0.005), ("10", 0.1), ("33.33", 0.3333), ("90", 0.9)] {
            let set = exposed("f", percent, bucketing);
            let count = 200_000;
            let on = users(count).filter(|user| has(&set, "f", user)).count();
            let (on, count) = (f64::from(u32::try_from(on).unwrap()), 200_000.0);
            // Five standard deviations of a binomial draw: one run in 1.7 million by chance, and users are fixed.
            let spread = 5.0 * f64::sqrt(share * (1.0 - share) * count);
            assert!((on - share * count).abs() < spread, "{percent} %: {on} of {count}");
        }
    }
}

#[test]
fn two_flags_at_ten_percent_share_about_one_percent() {
    for bucketing in BOTH {
        let (one, other) = (exposed("one", "10", bucketing), exposed("other", "10", bucketing));
        let count = 200_000;
        let both = users(count).filter(|user| has(&one, "one", user) && has(&other, "other", user)).count();
        let share = f64::from(u32::try_from(both).unwrap()) / 200_000.0;
        // Five standard deviations are 0.11 points.
        assert!((share - 0.01).abs() < 0.001_2, "{share}");
    }
}

#[test]
fn a_split_keeps_its_proportions_over_a_million_users() {
    // 99.99 % of the chi-squared distribution with three degrees of freedom.
    const CHI_SQUARED_MAX: f64 = 21.11;
    let weights = [40.0, 30.0, 20.0, 10.0];
    let names = ["clubs", "diamonds", "hearts", "spades"];
    for bucketing in BOTH {
        let rule = json!({ "fractional": [["clubs", 40], ["diamonds", 30], ["hearts", 20], ["spades", 10]] });
        let set = loaded(&crate::flag::ruled(&names, "clubs", rule), bucketing);
        let mut counts = [0_u32; 4];
        for user in users(1_000_000) {
            let resolution = set.evaluate("flag", &Context::of(Some(&user)), NOW_S).result.unwrap();
            let place = names.iter().position(|name| Some(*name) == resolution.variant).unwrap();
            counts[place] += 1;
        }
        let distances = counts.iter().zip(weights).map(|(count, weight)| {
            let expected = weight * 10_000.0;
            (f64::from(*count) - expected).powi(2) / expected
        });
        let chi_squared: f64 = distances.sum();
        assert!(chi_squared < CHI_SQUARED_MAX, "{counts:?}: {chi_squared}");
    }
}

#[test]
fn a_rule_that_names_a_variant_comes_before_the_draw() {
    let mut document = crate::flag::ruled(&[], "off", json!({ "if": [{ "var": "vip" }, "on", null] }));
    document["flags"]["flag"]["variants"] = json!({ "on": true, "off": false });
    document["flags"]["flag"]["metadata"] = json!({ "exposure": 0 });
    let set = loaded(&document, Bucketing::V3);
    let of = |vip: bool| variant(&set, "flag", &json!({ "targetingKey": "u", "vip": vip }));
    assert_eq!(of(true), (Some("on".into()), "TARGETING_MATCH"));
    assert_eq!(of(false), (Some("off".into()), "DEFAULT"));
    document["flags"]["flag"]["metadata"]["exposure"] = json!(100);
    let set = loaded(&document, Bucketing::V3);
    assert_eq!(variant(&set, "flag", &json!({ "targetingKey": "u" })), (Some("on".into()), "SPLIT"));
}

#[test]
fn an_exposure_needs_a_boolean_flag_and_a_percentage() {
    let with = |variants: Value, exposure: Value| {
        let default = variants.as_object().unwrap().keys().next().unwrap().clone();
        json!({ "flags": { "f": {
            "state": "ENABLED", "variants": variants, "defaultVariant": default, "metadata": { "exposure": exposure },
        } } })
    };
    let boolean = json!({ "on": true, "off": false });
    for exposure in [json!(0), json!(0.01), json!(12.5), json!(100), json!(100.0)] {
        assert_eq!(paths_of(&with(boolean.clone(), exposure)), [""; 0]);
    }
    for exposure in [json!(-1), json!(100.01), json!(0.001), json!("10"), json!(true), json!(1e300)] {
        assert_eq!(paths_of(&with(boolean.clone(), exposure.clone())), ["flags.f.metadata.exposure"], "{exposure}");
    }
    for variants in [json!({ "a": "x", "b": "y" }), json!({ "a": true, "b": true }), json!({ "off": false })] {
        assert_eq!(paths_of(&with(variants, json!(10))), ["flags.f.metadata.exposure"]);
    }
}
