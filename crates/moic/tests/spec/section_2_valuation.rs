//! §2: receivables, marks, lot marks, and what a lot is worth.

use crate::outcome::{
    Outcome, event, exit_at, follow_on, initial, is, is_unpriced, mark, one_company, problems, safe, warrant, with,
};
use serde_json::{Value, json};

fn receivable(date: &str, carrying: &str, allocation: Value) -> Value {
    event("receivable", date, json!({ "carryingCents": carrying, "allocation": allocation }))
}

fn lot_mark(date: &str, lot: &str, value: &str) -> Value {
    event("lot_mark", date, json!({ "lot": lot, "valueCents": value }))
}

fn seed(events: Value) -> Outcome {
    Outcome::of(&one_company(json!([initial("seed", "2020-01-01", "100", "1000")]), events, exit_at("20")))
}

#[test]
fn a_receivable_counts_as_unrealised_and_at_exit() {
    let outcome = seed(json!([mark("2021-01-01", "10"), receivable("2021-01-01", "50", json!({ "seed": "1" }))]));
    is(outcome.company("current_moic"), "1050/1000");
    is(outcome.company("exit_moic"), "2050/1000");
}

#[test]
fn receivables_add_up() {
    let one = receivable("2021-01-01", "50", json!({ "seed": "1" }));
    let outcome = seed(json!([mark("2021-01-01", "10"), one, one]));
    is(outcome.company("current_moic"), "1100/1000");
}

#[test]
fn a_receivable_with_an_id_replaces_the_earlier_of_the_same_id_and_no_other() {
    let named = |date: &str, carrying: &str, id: &str| {
        with(receivable(date, carrying, json!({ "seed": "1" })), json!({ "id": id }))
    };
    let escrow = named("2021-01-01", "50", "escrow");
    let other = named("2021-01-01", "7", "other");
    let nameless = receivable("2021-01-01", "3", json!({ "seed": "1" }));
    let lowered = named("2022-01-01", "20", "escrow");
    let outcome = seed(json!([mark("2021-01-01", "10"), escrow, other, nameless, lowered]));
    is(outcome.company("current_moic"), "1030/1000");
}

#[test]
fn a_paid_receivable_is_replaced_by_zero_and_a_distribution_that_names_the_lot() {
    let escrow = with(receivable("2021-01-01", "50", json!({ "seed": "1" })), json!({ "id": "escrow" }));
    let paid = with(receivable("2022-01-01", "0", json!({ "seed": "1" })), json!({ "id": "escrow" }));
    let cash = event("distribution", "2022-01-01", json!({ "lot": "seed", "amountCents": "45" }));
    let outcome = seed(json!([mark("2021-01-01", "10"), escrow, paid, cash]));
    is(outcome.company("current_moic"), "1045/1000");
}

#[test]
fn a_replacing_receivable_may_have_another_allocation() {
    let escrow = |date: &str, allocation: Value| with(receivable(date, "60", allocation), json!({ "id": "e" }));
    let document = one_company(
        json!([initial("a", "2020-01-01", "1", "100"), initial("b", "2020-01-01", "1", "100")]),
        json!([
            mark("2021-01-01", "0"),
            escrow("2021-01-01", json!({ "a": "1" })),
            escrow("2022-01-01", json!({ "b": "1" })),
        ]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    is(outcome.lot_lens("a", "current_moic"), "0/100");
    is(outcome.lot_lens("b", "current_moic"), "60/100");
}

#[test]
fn allocation_values_are_weights_divided_by_their_sum() {
    let document = one_company(
        json!([
            initial("a", "2020-01-01", "1", "100"),
            follow_on("b", "2020-01-01", "1", "100"),
            follow_on("none", "2020-01-01", "1", "100"),
        ]),
        json!([mark("2021-01-01", "0"), receivable("2021-01-01", "90", json!({ "a": "0.5", "b": "4", "none": "0" }))]),
        json!([]),
    );
    let outcome = Outcome::of(&document);
    is(outcome.lot_lens("a", "current_moic"), "10/100");
    is(outcome.lot_lens("b", "current_moic"), "80/100");
    is(outcome.lot_lens("none", "current_moic"), "0/100");
}

#[test]
fn weights_without_a_positive_sum_are_refused() {
    let document = one_company(
        json!([initial("a", "2020-01-01", "1", "100")]),
        json!([receivable("2021-01-01", "90", json!({ "a": "0" }))]),
        json!([]),
    );
    assert!(problems(&document)[0].path.starts_with("companies[0].events[0].allocation"));
}

#[test]
fn a_receivable_stays_with_a_lot_that_is_sold() {
    let sale = json!({ "shares": "100", "proceedsCents": "700", "lots": { "seed": "100" } });
    let outcome =
        seed(json!([receivable("2021-01-01", "50", json!({ "seed": "1" })), event("disposal", "2021-06-01", sale)]));
    is(outcome.company("current_moic"), "750/1000");
    is(outcome.company("exit_moic"), "750/1000");
}

#[test]
fn a_mark_is_a_price_in_the_security_currency_times_the_fx_rate() {
    let euro = json!({ "shareClass": "PS", "sharePriceCents": "8", "fxRate": "1.0825" });
    is(seed(json!([event("mark", "2021-01-01", euro)])).company("current_moic"), "866/1000");
}

#[test]
fn the_later_mark_wins() {
    is(seed(json!([mark("2022-01-01", "12"), mark("2021-01-01", "8")])).company("current_moic"), "1200/1000");
}

#[test]
fn a_strike_is_in_the_fund_currency() {
    let euro = json!({ "shareClass": "PS", "sharePriceCents": "10", "fxRate": "1.2" });
    let document =
        one_company(json!([warrant("w", "100", "5", "100")]), json!([event("mark", "2021-01-01", euro)]), json!([]));
    is(Outcome::of(&document).company("current_moic"), "700/100");
}

#[test]
fn exit_prices_are_in_the_fund_currency() {
    let euro = json!({ "shareClass": "PS", "sharePriceCents": "10", "fxRate": "1.2" });
    is(seed(json!([event("mark", "2021-01-01", euro)])).company("exit_moic"), "2000/1000");
}

#[test]
fn a_lot_mark_overrides_price_times_shares_also_over_later_class_marks() {
    let outcome =
        seed(json!([mark("2021-01-01", "8"), lot_mark("2021-06-01", "seed", "555"), mark("2022-01-01", "9")]));
    is(outcome.company("current_moic"), "555/1000");
}

#[test]
fn a_lot_mark_holds_until_the_next_lot_mark() {
    let outcome = seed(json!([lot_mark("2021-06-01", "seed", "555"), lot_mark("2022-06-01", "seed", "444")]));
    is(outcome.company("current_moic"), "444/1000");
}

#[test]
fn a_lot_mark_is_for_one_lot() {
    let document = one_company(
        json!([initial("a", "2020-01-01", "100", "1000"), initial("b", "2020-01-01", "100", "1000")]),
        json!([mark("2021-01-01", "8"), lot_mark("2021-06-01", "a", "555")]),
        json!([]),
    );
    is(Outcome::of(&document).company("current_moic"), "1355/2000");
}

#[test]
fn a_receivable_is_added_to_a_lot_mark() {
    let outcome =
        seed(json!([lot_mark("2021-06-01", "seed", "555"), receivable("2021-01-01", "50", json!({ "seed": "1" }))]));
    is(outcome.company("current_moic"), "605/1000");
}

#[test]
fn a_disposal_scales_a_lot_mark_by_remaining_over_held_shares() {
    let sale = |shares: &str| json!({ "shares": shares, "proceedsCents": "0", "lots": { "seed": shares } });
    let outcome = seed(json!([
        lot_mark("2021-06-01", "seed", "600"),
        event("disposal", "2021-07-01", sale("25")),
        event("disposal", "2021-08-01", sale("25")),
    ]));
    is(outcome.company("current_moic"), "300/1000");
}

#[test]
fn a_disposal_of_everything_leaves_nothing_of_a_lot_mark() {
    let sale = json!({ "shares": "100", "proceedsCents": "10", "lots": { "seed": "100" } });
    let outcome = seed(json!([lot_mark("2021-06-01", "seed", "600"), event("disposal", "2021-07-01", sale)]));
    is(outcome.company("current_moic"), "10/1000");
}

#[test]
fn a_lot_conversion_clears_a_lot_mark() {
    let conversion = json!({ "lot": "safe", "toClass": "PS", "shares": "100" });
    let document = one_company(
        json!([safe("safe", "1000")]),
        json!([
            mark("2021-01-01", "8"),
            lot_mark("2021-06-01", "safe", "555"),
            event("lot_conversion", "2022-01-01", conversion),
        ]),
        json!([]),
    );
    is(Outcome::of(&document).company("current_moic"), "800/1000");
}

#[test]
fn an_exercise_clears_a_lot_mark() {
    let terms = json!({ "lot": "w", "newLot": "wx", "lotType": "initial", "cashCents": "300" });
    let document = one_company(
        json!([warrant("w", "100", "3", "50")]),
        json!([mark("2021-01-01", "7"), lot_mark("2021-06-01", "w", "555"), event("exercise", "2022-01-01", terms),]),
        json!([]),
    );
    is(Outcome::of(&document).company("current_moic"), "700/350");
}

#[test]
fn a_warrant_is_worth_its_shares_times_mark_over_strike_and_never_less_than_nothing() {
    let at = |price: &str| {
        let lots = json!([warrant("w", "100", "6", "100")]);
        Outcome::of(&one_company(lots, json!([mark("2021-01-01", price)]), json!([])))
    };
    is(at("10").company("current_moic"), "400/100");
    is(at("5").company("current_moic"), "0/100");
}

#[test]
fn an_unconverted_safe_or_note_is_carried_at_cost_and_flagged() {
    for instrument in ["safe", "note"] {
        let lot = with(safe("s", "1000"), json!({ "instrument": instrument }));
        let outcome = Outcome::of(&one_company(json!([lot]), json!([]), json!([])));
        is(outcome.company("current_moic"), "1000/1000");
        assert_eq!(outcome.company("current_moic")["flags"], json!(["at_cost"]));
        assert_eq!(outcome.lot_lens("s", "current_moic")["flags"], json!(["at_cost"]));
    }
}

#[test]
fn the_policy_null_makes_an_unconverted_safe_or_note_unpriced() {
    let document = one_company(json!([safe("s", "1000")]), json!([]), json!([]));
    let strict = with(document, json!({ "policy": { "unpricedConvertible": "null" } }));
    is_unpriced(Outcome::of(&strict).company("current_moic"), "unpriced", &["c/s"]);
}

#[test]
fn a_lot_mark_overrides_at_cost_and_the_policy_null() {
    let events = json!([lot_mark("2021-01-01", "s", "1500")]);
    let document = one_company(json!([safe("s", "1000")]), events, json!([]));
    let outcome = Outcome::of(&document);
    is(outcome.company("current_moic"), "1500/1000");
    assert_eq!(outcome.company("current_moic")["flags"], json!([]));
    let strict = with(document, json!({ "policy": { "unpricedConvertible": "null" } }));
    is(Outcome::of(&strict).company("current_moic"), "1500/1000");
}

#[test]
fn value_is_unrealised_plus_realised() {
    let outcome = seed(json!([
        mark("2021-01-01", "8"),
        event("distribution", "2022-01-01", json!({ "lot": "seed", "amountCents": "45" }))
    ]));
    is(outcome.company("current_moic"), "845/1000");
    is(outcome.company("exit_moic"), "2045/1000");
}
