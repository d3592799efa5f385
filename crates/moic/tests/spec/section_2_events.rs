//! §2: splits, conversions, exercises, distributions.

use crate::outcome::{
    Outcome, event, exit_at, follow_on, initial, is, is_null, is_unpriced, mark, one_company, problems, safe, warrant,
    with,
};
use serde_json::{Value, json};

fn split(date: &str, class: &str) -> Value {
    event("split", date, json!({ "shareClass": class, "numerator": 3, "denominator": 2 }))
}

fn to_common(date: &str) -> Value {
    let conversion = json!({ "fromClass": "PS", "toClass": "CS", "numerator": 5, "denominator": 4 });
    event("class_conversion", date, conversion)
}

fn mark_of(date: &str, class: &str, price: &str) -> Value {
    event("mark", date, json!({ "shareClass": class, "sharePriceCents": price }))
}

fn exercise(date: &str) -> Value {
    let terms = json!({ "lot": "w", "newLot": "wx", "lotType": "initial", "cashCents": "300" });
    event("exercise", date, terms)
}

#[test]
fn a_split_restates_shares_and_earlier_marks_so_that_the_value_stays() {
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000")]),
        json!([mark("2021-01-01", "15"), split("2022-01-01", "PS")]),
        exit_at("12"),
    );
    let outcome = Outcome::of(&document);
    is(outcome.company("current_moic"), "1500/1000");
    is(outcome.company("exit_moic"), "1800/1000");
}

#[test]
fn a_split_restates_strikes() {
    let document = one_company(
        json!([warrant("w", "100", "6", "200")]),
        json!([split("2021-01-01", "PS"), mark("2022-01-01", "10")]),
        json!([]),
    );
    is(Outcome::of(&document).company("current_moic"), "900/200");
}

#[test]
fn a_split_leaves_other_classes_and_their_marks_alone() {
    let common = with(initial("common", "2020-01-01", "100", "1000"), json!({ "shareClass": "CS" }));
    let document =
        one_company(json!([common]), json!([mark_of("2021-01-01", "CS", "15"), split("2022-01-01", "PS")]), json!([]));
    is(Outcome::of(&document).company("current_moic"), "1500/1000");
}

#[test]
fn a_split_leaves_cost_date_type_lot_marks_and_receivables_alone() {
    let document = one_company(
        json!([
            initial("seed", "2020-01-01", "100", "1000"),
            with(initial("sec", "2020-01-01", "100", "500"), json!({ "lotType": "secondary" })),
        ]),
        json!([
            mark("2021-01-01", "15"),
            event("lot_mark", "2021-01-01", json!({ "lot": "seed", "valueCents": "700" })),
            event("receivable", "2021-01-01", json!({ "carryingCents": "40", "allocation": { "seed": "1" } })),
            split("2022-01-01", "PS"),
        ]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    is(outcome.lot_lens("seed", "current_moic"), "740/1000");
    is(outcome.company("current_moic_initial"), "2240/1500");
}

#[test]
fn a_class_conversion_changes_shares_class_and_strike_and_keeps_the_cost() {
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000"), warrant("w", "100", "10", "100")]),
        json!([to_common("2021-01-01"), mark_of("2022-01-01", "CS", "12")]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    is(outcome.lot_lens("seed", "current_moic"), "1500/1000");
    is(outcome.lot_lens("w", "current_moic"), "500/100");
}

#[test]
fn the_old_class_mark_is_not_carried_over_by_a_class_conversion() {
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000")]),
        json!([mark("2021-01-01", "15"), to_common("2022-01-01")]),
        json!([]),
    );
    is_unpriced(Outcome::of(&document).company("current_moic"), "unpriced", &["c/seed"]);
}

#[test]
fn a_mark_that_the_new_class_already_has_applies_after_a_class_conversion() {
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000")]),
        json!([mark("2021-06-01", "15"), mark_of("2021-01-01", "CS", "8"), to_common("2022-01-01")]),
        json!([]),
    );
    is(Outcome::of(&document).company("current_moic"), "1000/1000");
}

#[test]
fn a_class_conversion_keeps_lot_marks() {
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000")]),
        json!([
            event("lot_mark", "2021-01-01", json!({ "lot": "seed", "valueCents": "700" })),
            to_common("2022-01-01"),
        ]),
        json!([]),
    );
    is(Outcome::of(&document).company("current_moic"), "700/1000");
}

#[test]
fn the_exit_price_is_that_of_the_class_held_as_of_the_date() {
    let cases = json!([{ "id": "base", "probability": "1", "exitPricesCents": { "PS": "1", "CS": "16" } }]);
    let document =
        one_company(json!([initial("seed", "2020-01-01", "100", "1000")]), json!([to_common("2022-01-01")]), cases);
    is(Outcome::of(&document).company("exit_moic"), "2000/1000");
}

#[test]
fn a_lot_conversion_sets_shares_and_class_and_keeps_cost_and_bucket() {
    let conversion = json!({ "lot": "safe", "toClass": "PS", "shares": "125.5" });
    let document = one_company(
        json!([safe("safe", "1000")]),
        json!([event("lot_conversion", "2021-01-01", conversion), mark("2022-01-01", "10")]),
        exit_at("20"),
    );
    let outcome = Outcome::of(&document);
    is(outcome.company("current_moic_initial"), "1255/1000");
    is(outcome.company("exit_moic_initial"), "2510/1000");
}

#[test]
fn a_converted_lot_without_a_mark_is_unpriced_and_no_longer_at_cost() {
    let conversion = json!({ "lot": "safe", "toClass": "PS", "shares": "125" });
    let document = one_company(
        json!([safe("safe", "1000")]),
        json!([event("lot_conversion", "2021-01-01", conversion)]),
        json!([]),
    );
    is_unpriced(Outcome::of(&document).company("current_moic"), "unpriced", &["c/safe"]);
}

#[test]
fn an_exercise_moves_the_cost_to_a_new_lot_and_leaves_the_warrant_with_nothing() {
    let document = one_company(
        json!([warrant("w", "100", "3", "50")]),
        json!([exercise("2021-01-01"), mark("2022-01-01", "7")]),
        exit_at("14"),
    );
    let outcome = Outcome::of(&document);
    is(outcome.lot_lens("wx", "current_moic"), "700/350");
    is(outcome.lot_lens("wx", "exit_moic"), "1400/350");
    is_null(outcome.lot_lens("w", "current_moic"), "zero_cost");
    assert_eq!(outcome.lot_lens("w", "current_moic")["numeratorCents"], "0");
    assert_eq!(outcome.lot_lens("w", "current_moic")["denominatorCents"], "0");
    is(outcome.company("current_moic"), "700/350");
}

#[test]
fn an_exercised_warrant_keeps_its_realised_proceeds_and_receivable() {
    let document = one_company(
        json!([warrant("w", "100", "3", "50")]),
        json!([
            event("distribution", "2020-06-01", json!({ "lot": "w", "amountCents": "11" })),
            event("receivable", "2020-06-01", json!({ "carryingCents": "5", "allocation": { "w": "1" } })),
            exercise("2021-01-01"),
            mark("2022-01-01", "7"),
        ]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    assert_eq!(outcome.lot_lens("w", "current_moic")["numeratorCents"], "16");
    is(outcome.company("current_moic"), "716/350");
}

#[test]
fn an_exercise_never_re_marks_the_company() {
    let document = one_company(json!([warrant("w", "100", "3", "50")]), json!([exercise("2021-01-01")]), json!([]));
    is_unpriced(Outcome::of(&document).company("current_moic"), "unpriced", &["c/wx"]);
}

#[test]
fn an_exercised_lot_is_as_old_as_the_exercise() {
    let sale = json!({ "shareClass": "PS", "shares": "100", "proceedsCents": "900", "relief": "fifo" });
    let document = one_company(
        json!([warrant("w", "100", "3", "50"), initial("seed", "2020-06-01", "100", "1000")]),
        json!([exercise("2021-01-01"), event("disposal", "2021-06-01", sale), mark("2022-01-01", "1")]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    is(outcome.lot_lens("seed", "current_moic"), "900/1000");
    is(outcome.lot_lens("wx", "current_moic"), "100/350");
}

#[test]
fn a_split_and_a_class_conversion_before_the_exercise_carry_over_to_the_new_lot() {
    let document = one_company(
        json!([warrant("w", "100", "3", "50")]),
        json!([
            split("2020-03-01", "PS"),
            to_common("2020-06-01"),
            exercise("2021-01-01"),
            mark_of("2022-01-01", "CS", "2"),
        ]),
        json!([]),
    );
    is(Outcome::of(&document).lot_lens("wx", "current_moic"), "375/350");
}

#[test]
fn a_distribution_goes_by_shares_to_the_equity_lots_of_the_class() {
    let common = with(initial("common", "2020-01-01", "100", "1000"), json!({ "shareClass": "CS" }));
    let document = one_company(
        json!([
            initial("a", "2020-01-01", "100", "1000"),
            follow_on("b", "2020-01-01", "300", "1000"),
            common,
            warrant("w", "100", "3", "50"),
        ]),
        json!([
            event("distribution", "2021-01-01", json!({ "shareClass": "PS", "amountCents": "400" })),
            mark("2021-01-01", "0"),
            mark_of("2021-01-01", "CS", "0"),
        ]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    is(outcome.lot_lens("a", "current_moic"), "100/1000");
    is(outcome.lot_lens("b", "current_moic"), "300/1000");
    is(outcome.lot_lens("common", "current_moic"), "0/1000");
    is(outcome.lot_lens("w", "current_moic"), "0/50");
}

#[test]
fn a_distribution_to_a_class_that_nobody_holds_is_refused() {
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000"), warrant("w", "100", "3", "50")]),
        json!([event("distribution", "2021-01-01", json!({ "shareClass": "CS", "amountCents": "400" }))]),
        json!([]),
    );
    let found = problems(&document);
    assert!(found.iter().any(|problem| problem.path.starts_with("companies[0].events[0]")), "{found:?}");
}

#[test]
fn a_distribution_to_a_class_held_only_by_unexercised_warrants_is_refused() {
    let document = one_company(
        json!([warrant("w", "100", "3", "50")]),
        json!([event("distribution", "2021-01-01", json!({ "shareClass": "PS", "amountCents": "400" }))]),
        json!([]),
    );
    assert_eq!(problems(&document).len(), 1);
}

#[test]
fn a_distribution_may_name_a_lot_without_shares() {
    let sale = json!({ "shares": "100", "proceedsCents": "700", "lots": { "seed": "100" } });
    let document = one_company(
        json!([safe("safe", "1000"), initial("seed", "2020-01-01", "100", "1000")]),
        json!([
            event("distribution", "2021-01-01", json!({ "lot": "safe", "amountCents": "30" })),
            event("disposal", "2021-01-01", sale),
            event("distribution", "2022-01-01", json!({ "lot": "seed", "amountCents": "50" })),
        ]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    is(outcome.lot_lens("safe", "current_moic"), "1030/1000");
    is(outcome.lot_lens("seed", "current_moic"), "750/1000");
}
