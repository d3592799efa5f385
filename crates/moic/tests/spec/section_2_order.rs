//! §2: the order of facts within a day, and across days.

use crate::outcome::{Outcome, event, exit_at, follow_on, initial, is, is_null, mark, one_company, safe, with};
use serde_json::{Value, json};

const DAY: &str = "2022-06-01";

fn split(date: &str, numerator: u32, denominator: u32) -> Value {
    let ratio = json!({ "shareClass": "PS", "numerator": numerator, "denominator": denominator });
    event("split", date, ratio)
}

#[test]
fn facts_after_as_of_have_no_effect_and_appear_nowhere() {
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000"), initial("later", "2025-01-01", "100", "1000")]),
        json!([mark("2021-01-01", "15"), mark("2025-01-01", "99"), split("2025-01-02", 2, 1)]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    is(outcome.company("current_moic"), "1500/1000");
    assert_eq!(outcome.json()["companies"][0]["lots"].as_array().map(Vec::len), Some(1));
}

#[test]
fn facts_on_the_day_of_as_of_count() {
    let document = one_company(
        json!([initial("seed", "2024-12-31", "100", "1000")]),
        json!([mark("2024-12-31", "15")]),
        json!([]),
    );
    is(Outcome::of(&document).company("current_moic"), "1500/1000");
}

#[test]
fn a_purchase_on_the_day_of_a_split_is_in_post_split_shares() {
    let document = one_company(
        json!([initial("before", "2020-01-01", "100", "1000"), follow_on("same-day", DAY, "100", "500")]),
        json!([mark(DAY, "6"), split(DAY, 2, 1)]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    is(outcome.lot_lens("before", "current_moic"), "1200/1000");
    is(outcome.lot_lens("same-day", "current_moic"), "600/500");
}

#[test]
fn a_disposal_on_the_day_of_a_split_is_in_post_split_shares() {
    let sale = json!({ "shares": "150", "proceedsCents": "900", "lots": { "seed": "150" } });
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000")]),
        json!([event("disposal", DAY, sale), mark(DAY, "6"), split(DAY, 2, 1)]),
        json!([]),
    );
    is(Outcome::of(&document).company("current_moic"), "1200/1000");
}

#[test]
fn a_lot_conversion_on_the_day_of_a_split_is_in_post_split_shares() {
    let conversion = json!({ "lot": "safe", "toClass": "PS", "shares": "100" });
    let document = one_company(
        json!([safe("safe", "1000")]),
        json!([event("lot_conversion", DAY, conversion), split(DAY, 3, 1), mark(DAY, "20")]),
        json!([]),
    );
    is(Outcome::of(&document).company("current_moic"), "2000/1000");
}

#[test]
fn a_distribution_counts_the_shares_after_the_days_purchases_and_before_its_disposals() {
    let sale = json!({ "shares": "100", "proceedsCents": "0", "lots": { "seed": "100" } });
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000"), follow_on("bought", DAY, "300", "1000")]),
        json!([
            event("disposal", DAY, sale),
            event("distribution", DAY, json!({ "shareClass": "PS", "amountCents": "400" })),
            mark(DAY, "0"),
        ]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    is(outcome.lot_lens("seed", "current_moic"), "100/1000");
    is(outcome.lot_lens("bought", "current_moic"), "300/1000");
}

#[test]
fn a_converted_and_an_exercised_lot_take_part_in_the_distribution_of_their_day() {
    let warrant = crate::outcome::warrant("warrant", "100", "1", "0");
    let conversion = json!({ "lot": "safe", "toClass": "PS", "shares": "100" });
    let exercise = json!({ "lot": "warrant", "newLot": "exercised", "lotType": "follow_on", "cashCents": "100" });
    let document = one_company(
        json!([safe("safe", "100"), warrant]),
        json!([
            event("distribution", DAY, json!({ "shareClass": "PS", "amountCents": "50" })),
            event("exercise", DAY, exercise),
            event("lot_conversion", DAY, conversion),
            mark(DAY, "0"),
        ]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    is(outcome.lot_lens("safe", "current_moic"), "25/100");
    is(outcome.lot_lens("exercised", "current_moic"), "25/100");
}

#[test]
fn a_warrant_bought_on_a_day_can_be_exercised_on_it() {
    let exercise = json!({ "lot": "warrant", "newLot": "exercised", "lotType": "initial", "cashCents": "300" });
    let document = one_company(
        json!([crate::outcome::warrant("warrant", "100", "3", "50")]),
        json!([event("exercise", "2020-01-01", exercise), mark("2020-01-01", "7")]),
        json!([]),
    );
    is(Outcome::of(&document).lot_lens("exercised", "current_moic"), "700/350");
}

#[test]
fn a_disposal_comes_before_the_marks_of_its_day() {
    let sale = json!({ "shares": "50", "proceedsCents": "0", "lots": { "seed": "50" } });
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000")]),
        json!([event("lot_mark", DAY, json!({ "lot": "seed", "valueCents": "800" })), event("disposal", DAY, sale),]),
        json!([]),
    );
    is(Outcome::of(&document).company("current_moic"), "800/1000");
}

#[test]
fn of_two_marks_on_a_day_the_later_in_the_document_wins() {
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000")]),
        json!([mark(DAY, "11"), mark(DAY, "12"), mark("2021-01-01", "13")]),
        json!([]),
    );
    is(Outcome::of(&document).company("current_moic"), "1200/1000");
}

#[test]
fn splits_and_class_conversions_of_a_day_run_in_document_order() {
    let conversion = json!({ "fromClass": "PS", "toClass": "CS", "numerator": 1, "denominator": 1 });
    let conversion = event("class_conversion", DAY, conversion);
    let price = event("mark", DAY, json!({ "shareClass": "CS", "sharePriceCents": "10" }));
    let lots = json!([initial("seed", "2020-01-01", "100", "1000")]);
    let split_first = json!([split(DAY, 2, 1), conversion, price]);
    is(Outcome::of(&one_company(lots.clone(), split_first, json!([]))).company("current_moic"), "2000/1000");
    let split_second = json!([conversion, split(DAY, 2, 1), price]);
    is(Outcome::of(&one_company(lots, split_second, json!([]))).company("current_moic"), "1000/1000");
}

#[test]
fn the_order_of_events_of_different_days_in_the_document_has_no_meaning() {
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000")]),
        json!([mark("2023-01-01", "20"), mark("2022-01-01", "10"), split("2022-06-01", 2, 1)]),
        json!([]),
    );
    is(Outcome::of(&document).company("current_moic"), "4000/1000");
}

#[test]
fn allocations_are_exact_and_never_rounded_to_cents() {
    let document = one_company(
        json!([
            initial("a", "2020-01-01", "1", "1"),
            initial("b", "2020-01-01", "1", "1"),
            initial("c", "2020-01-01", "1", "1"),
        ]),
        json!([mark(DAY, "0"), event("distribution", DAY, json!({ "shareClass": "PS", "amountCents": "100" }))]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    let third = outcome.lot_lens("a", "current_moic");
    assert_eq!(third["numeratorCents"], "33.333333");
    assert_eq!(third["value"], "33.333333333333");
    is(outcome.company("current_moic"), "100/3");
}

#[test]
fn split_shares_are_exact_and_never_rounded_to_share_decimals() {
    let document = one_company(
        json!([initial("seed", "2020-01-01", "1", "1")]),
        json!([split("2021-01-01", 1, 3), split("2021-01-02", 3, 1), mark(DAY, "1")]),
        json!([]),
    );
    is(Outcome::of(&document).company("current_moic"), "1/1");
}

#[test]
fn exit_and_reserve_prices_are_per_share_as_of_the_date() {
    let reserve = json!([{ "id": "b", "amountCents": "100", "shareClass": "PS", "sharePriceCents": "10" }]);
    let mut cases = exit_at("30");
    cases[0] = with(cases[0].clone(), json!({ "plannedReserves": reserve }));
    let document =
        one_company(json!([initial("seed", "2020-01-01", "100", "1000")]), json!([split("2022-01-01", 2, 1)]), cases);
    let outcome = Outcome::of(&document);
    is(outcome.company("exit_moic_initial"), "6000/1000");
    is(outcome.company("exit_moic_planned_reserves"), "300/100");
    is_null(outcome.company("current_moic"), "unpriced");
}
