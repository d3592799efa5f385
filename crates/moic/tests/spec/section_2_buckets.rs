//! §2: initial, deployed follow-on, and where secondaries go.

use crate::outcome::{Outcome, event, exit_at, follow_on, initial, is, is_null, mark, one_company, warrant, with};
use serde_json::{Value, json};

fn secondary(id: &str, date: &str, cost: &str) -> Value {
    with(initial(id, date, "100", cost), json!({ "lotType": "secondary" }))
}

fn company(lots: Value, policy: Value) -> Outcome {
    let document = one_company(lots, json!([mark("2023-01-01", "10")]), exit_at("20"));
    Outcome::of(&with(document, json!({ "policy": policy })))
}

#[test]
fn lots_go_by_type_whatever_their_date() {
    let outcome = company(
        json!([follow_on("early", "2020-01-01", "100", "300"), initial("late", "2022-01-01", "100", "500")]),
        json!({}),
    );
    is(outcome.company("current_moic_initial"), "1000/500");
    is(outcome.company("current_moic_deployed_reserves"), "1000/300");
}

#[test]
fn an_exercised_lot_goes_by_its_own_type() {
    let terms = json!({ "lot": "w", "newLot": "wx", "lotType": "initial", "cashCents": "300" });
    let document = one_company(
        json!([warrant("w", "100", "3", "50")]),
        json!([event("exercise", "2021-01-01", terms), mark("2022-01-01", "7")]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    is(outcome.company("current_moic_initial"), "700/350");
    is_null(outcome.company("current_moic_deployed_reserves"), "zero_cost");
}

#[test]
fn a_secondary_on_the_date_of_the_first_purchase_is_initial() {
    let outcome =
        company(json!([secondary("s", "2020-01-01", "400"), follow_on("f", "2020-01-01", "100", "300")]), json!({}));
    is(outcome.company("current_moic_initial"), "1000/400");
    is(outcome.company("current_moic_deployed_reserves"), "1000/300");
}

#[test]
fn a_secondary_before_all_other_purchases_is_initial() {
    let outcome = company(
        json!([secondary("s", "2019-01-01", "400"), initial("i", "2020-01-01", "100", "300")]),
        json!({ "secondaryBucket": "by_position" }),
    );
    is(outcome.company("current_moic_initial"), "2000/700");
    is_null(outcome.company("current_moic_deployed_reserves"), "no_lots");
}

#[test]
fn a_later_secondary_is_follow_on() {
    let outcome =
        company(json!([initial("i", "2020-01-01", "100", "300"), secondary("s", "2020-01-02", "400")]), json!({}));
    is(outcome.company("current_moic_initial"), "1000/300");
    is(outcome.company("current_moic_deployed_reserves"), "1000/400");
}

#[test]
fn the_first_purchase_is_of_any_class_and_instrument() {
    let safe = crate::outcome::safe("safe", "100");
    let outcome = company(json!([safe, secondary("s", "2020-06-01", "400")]), json!({}));
    is(outcome.company("current_moic_deployed_reserves"), "1000/400");
}

#[test]
fn the_policy_follow_on_makes_every_secondary_a_follow_on() {
    let outcome = company(
        json!([initial("i", "2020-01-01", "100", "300"), secondary("s", "2020-01-01", "400")]),
        json!({ "secondaryBucket": "follow_on" }),
    );
    is(outcome.company("current_moic_initial"), "1000/300");
    is(outcome.company("exit_moic_deployed_reserves"), "2000/400");
}

#[test]
fn under_separate_secondaries_are_in_neither_bucket_now_or_at_exit_but_stay_in_all() {
    let outcome = company(
        json!([
            initial("i", "2020-01-01", "100", "300"),
            follow_on("f", "2021-01-01", "100", "500"),
            secondary("s", "2020-01-01", "400"),
        ]),
        json!({ "secondaryBucket": "separate" }),
    );
    is(outcome.company("current_moic"), "3000/1200");
    is(outcome.company("current_moic_initial"), "1000/300");
    is(outcome.company("current_moic_deployed_reserves"), "1000/500");
    is(outcome.company("current_moic_secondary"), "1000/400");
    is(outcome.company("exit_moic"), "6000/1200");
    is(outcome.company("exit_moic_initial"), "2000/300");
    is(outcome.company("exit_moic_follow_ons"), "2000/500");
    is(outcome.company("exit_moic_deployed_reserves"), "2000/500");
    is(outcome.company("exit_moic_secondary"), "2000/400");
    is(outcome.fund("exit_moic_secondary"), "2000/400");
}

#[test]
fn the_secondary_lenses_exist_only_under_separate() {
    let outcome = company(json!([secondary("s", "2020-01-01", "400")]), json!({}));
    let lenses = outcome.json()["fund"]["lenses"].as_object().expect("lenses");
    assert_eq!(lenses.len(), 8);
    assert!(!lenses.contains_key("current_moic_secondary"));
}
