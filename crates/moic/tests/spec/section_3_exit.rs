//! §3: X of a lot and Y of a planned reserve.

use crate::outcome::{
    Outcome, event, exit_at, follow_on, initial, is, is_null, is_unpriced, one_company, safe, warrant, with,
};
use serde_json::{Value, json};

fn certain(fields: Value) -> Value {
    json!([with(json!({ "id": "base", "probability": "1" }), fields)])
}

fn receivable(lot: &str, carrying: &str) -> Value {
    let allocation = json!({ "carryingCents": carrying, "allocation": { lot: "1" } });
    event("receivable", "2021-01-01", allocation)
}

#[test]
fn lot_proceeds_are_the_whole_amount_with_any_receivable_included() {
    let cases = certain(json!({ "exitPricesCents": { "PS": "40" }, "lotProceedsCents": { "seed": "777" } }));
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000"), follow_on("a", "2021-01-01", "10", "500")]),
        json!([receivable("seed", "50")]),
        cases,
    );
    let outcome = Outcome::of(&document);
    is(outcome.company("exit_moic_initial"), "777/1000");
    is(outcome.company("exit_moic_deployed_reserves"), "400/500");
}

#[test]
fn a_lot_is_worth_its_receivable_plus_remaining_shares_times_the_exit_price() {
    let sale = json!({ "shares": "40", "proceedsCents": "300", "lots": { "seed": "40" } });
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000")]),
        json!([receivable("seed", "50"), event("disposal", "2021-01-01", sale)]),
        exit_at("20"),
    );
    is(Outcome::of(&document).company("exit_moic"), "1550/1000");
}

#[test]
fn a_warrant_exits_at_price_over_strike_with_the_strike_cash_not_counted_as_cost() {
    let at =
        |price: &str| Outcome::of(&one_company(json!([warrant("w", "100", "6", "50")]), json!([]), exit_at(price)));
    is(at("10").company("exit_moic"), "400/50");
    is(at("6").company("exit_moic"), "0/50");
    is(at("2").company("exit_moic"), "0/50");
}

#[test]
fn a_warrant_adds_its_receivable_at_exit() {
    let lots = json!([warrant("w", "100", "6", "50")]);
    let outcome = Outcome::of(&one_company(lots, json!([receivable("w", "7")]), exit_at("10")));
    is(outcome.company("exit_moic"), "407/50");
}

#[test]
fn an_unconverted_safe_or_note_has_no_exit_price() {
    for instrument in ["safe", "note"] {
        let lot = with(safe("s", "1000"), json!({ "instrument": instrument }));
        let outcome = Outcome::of(&one_company(json!([lot]), json!([]), exit_at("10")));
        is_unpriced(outcome.company("exit_moic"), "exit_unpriced", &["c/s"]);
        is(outcome.company("current_moic"), "1000/1000");
    }
}

#[test]
fn an_unconverted_safe_exits_at_its_lot_proceeds() {
    let cases = certain(json!({ "lotProceedsCents": { "s": "4000" } }));
    is(Outcome::of(&one_company(json!([safe("s", "1000")]), json!([]), cases)).company("exit_moic"), "4000/1000");
}

#[test]
fn lot_marks_play_no_part_at_exit() {
    let value = |lot: &str| event("lot_mark", "2021-01-01", json!({ "lot": lot, "valueCents": "5000" }));
    let safe_only = one_company(json!([safe("s", "1000")]), json!([value("s")]), exit_at("10"));
    is_unpriced(Outcome::of(&safe_only).company("exit_moic"), "exit_unpriced", &["c/s"]);
    let equity = one_company(json!([initial("e", "2020-01-01", "100", "1000")]), json!([value("e")]), exit_at("10"));
    is(Outcome::of(&equity).company("exit_moic"), "1000/1000");
}

#[test]
fn a_lot_without_shares_exits_at_its_receivable_whatever_the_prices() {
    let sale = json!({ "shares": "100", "proceedsCents": "300", "lots": { "seed": "100" } });
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000")]),
        json!([receivable("seed", "50"), event("disposal", "2021-01-01", sale)]),
        certain(json!({})),
    );
    is(Outcome::of(&document).company("exit_moic"), "350/1000");
}

#[test]
fn exit_needs_no_mark() {
    let document = one_company(json!([initial("seed", "2020-01-01", "100", "1000")]), json!([]), exit_at("20"));
    let outcome = Outcome::of(&document);
    is_null(outcome.company("current_moic"), "unpriced");
    is(outcome.company("exit_moic"), "2000/1000");
}

#[test]
fn every_case_must_price_every_held_lot() {
    let cases = json!([
        { "id": "a", "probability": "0.5", "exitPricesCents": { "PS": "20" } },
        { "id": "b", "probability": "0.5", "exitPricesCents": { "CS": "20" } },
    ]);
    let document = one_company(json!([initial("seed", "2020-01-01", "100", "1000"), safe("s", "5")]), json!([]), cases);
    is_unpriced(Outcome::of(&document).company("exit_moic"), "exit_unpriced", &["c/seed", "c/s"]);
}

#[test]
fn an_exit_price_for_a_class_that_nobody_holds_is_allowed() {
    let cases = certain(json!({ "exitPricesCents": { "PS": "20", "ZZ": "1" } }));
    let document = one_company(json!([initial("seed", "2020-01-01", "100", "1000")]), json!([]), cases);
    is(Outcome::of(&document).company("exit_moic"), "2000/1000");
}

fn reserve(fields: Value) -> Outcome {
    let line = with(json!({ "id": "b", "amountCents": "1000" }), fields);
    let cases = certain(json!({ "exitPricesCents": { "PS": "30" }, "plannedReserves": [line] }));
    Outcome::of(&one_company(json!([initial("seed", "2020-01-01", "100", "1000")]), json!([]), cases))
}

#[test]
fn a_reserve_buys_at_its_price_and_sells_at_the_exit_price_of_its_class() {
    let outcome = reserve(json!({ "shareClass": "PS", "sharePriceCents": "8" }));
    is(outcome.company("exit_moic_planned_reserves"), "3750/1000");
}

#[test]
fn exit_proceeds_of_a_reserve_come_before_its_price() {
    let outcome = reserve(json!({ "shareClass": "PS", "sharePriceCents": "8", "exitProceedsCents": "1" }));
    is(outcome.company("exit_moic_planned_reserves"), "1/1000");
}

#[test]
fn a_reserve_with_neither_proceeds_nor_price_nor_exit_price_is_exit_unpriced() {
    for fields in [json!({}), json!({ "shareClass": "PS" }), json!({ "sharePriceCents": "8", "shareClass": "CS" })] {
        let outcome = reserve(fields);
        is_null(outcome.company("exit_moic_planned_reserves"), "exit_unpriced");
        is_null(outcome.company("exit_moic"), "exit_unpriced");
        is_null(outcome.company("exit_moic_follow_ons"), "exit_unpriced");
        is(outcome.company("exit_moic_initial"), "3000/1000");
        is_null(&outcome.json()["companies"][0]["plannedReserves"][0]["exit_moic"], "exit_unpriced");
    }
}

#[test]
fn reserves_are_weighted_with_the_probability_that_they_are_deployed() {
    let outcome = reserve(json!({ "exitProceedsCents": "5000", "deployProbability": "1/4" }));
    is(outcome.company("exit_moic_planned_reserves"), "1250/250");
    is(outcome.company("exit_moic"), "4250/1250");
}

#[test]
fn reserve_shares_are_exact() {
    let outcome = reserve(json!({ "shareClass": "PS", "sharePriceCents": "7" }));
    let lens = outcome.company("exit_moic_planned_reserves");
    assert_eq!(lens["numeratorCents"], "4285.714286");
    assert_eq!(lens["value"], "4.285714285714");
}
