//! §4: when a lens of a company is null, why, and which reason comes first.

use crate::outcome::{
    Outcome, event, exit_at, follow_on, initial, is, is_null, is_unpriced, mark, one_company, problems, safe, warrant,
    with,
};
use serde_json::{Value, json};

fn seed() -> Value {
    initial("seed", "2020-01-01", "100", "1000")
}

fn free() -> Value {
    initial("free", "2020-01-01", "100", "0")
}

fn reserve_only() -> Value {
    let line = json!({ "id": "b", "amountCents": "1000", "exitProceedsCents": "2500" });
    json!([{ "id": "base", "probability": "1", "exitPricesCents": {}, "plannedReserves": [line] }])
}

fn sold_out() -> Value {
    let terms = json!({ "shares": "100", "proceedsCents": "900", "lots": { "seed": "100" } });
    event("disposal", "2021-01-01", terms)
}

#[test]
fn no_lots_in_the_bucket() {
    let outcome = Outcome::of(&one_company(json!([seed()]), json!([mark("2021-01-01", "15")]), exit_at("20")));
    is_null(outcome.company("current_moic_deployed_reserves"), "no_lots");
    is_null(outcome.company("exit_moic_deployed_reserves"), "no_lots");
    is_null(outcome.company("exit_moic_follow_ons"), "no_lots");
}

#[test]
fn no_lots_at_all() {
    let outcome = Outcome::of(&one_company(json!([]), json!([]), exit_at("20")));
    for lens in ["current_moic", "current_moic_initial", "exit_moic", "exit_moic_initial", "exit_moic_follow_ons"] {
        is_null(outcome.company(lens), "no_lots");
    }
}

#[test]
fn exit_and_follow_ons_have_a_number_when_only_reserves_are_planned() {
    let outcome = Outcome::of(&one_company(json!([]), json!([]), reserve_only()));
    is(outcome.company("exit_moic"), "2500/1000");
    is(outcome.company("exit_moic_follow_ons"), "2500/1000");
    is(outcome.company("exit_moic_planned_reserves"), "2500/1000");
    is_null(outcome.company("exit_moic_initial"), "no_lots");
}

#[test]
fn zero_cost_with_lots_present() {
    let outcome = Outcome::of(&one_company(json!([free()]), json!([mark("2021-01-01", "15")]), exit_at("20")));
    for (lens, value) in [("current_moic", "1500"), ("exit_moic", "2000")] {
        is_null(outcome.company(lens), "zero_cost");
        assert_eq!(outcome.company(lens)["numeratorCents"], value);
        assert_eq!(outcome.company(lens)["denominatorCents"], "0");
    }
    is_null(outcome.lot_lens("free", "current_moic"), "zero_cost");
    is_null(outcome.lot_lens("free", "exit_moic"), "zero_cost");
}

#[test]
fn an_unexercised_warrant_without_cost_counts_in_its_company() {
    let lots = json!([warrant("w", "100", "5", "0"), seed()]);
    let outcome = Outcome::of(&one_company(lots, json!([mark("2021-01-01", "15")]), json!([])));
    is_null(outcome.company("current_moic_deployed_reserves"), "zero_cost");
    is(outcome.company("current_moic"), "2500/1000");
}

#[test]
fn planned_reserves_give_exit_moic_of_free_shares_a_denominator() {
    let mut cases = reserve_only();
    cases[0]["exitPricesCents"] = json!({ "PS": "20" });
    let outcome = Outcome::of(&one_company(json!([free()]), json!([]), cases));
    is(outcome.company("exit_moic"), "4500/1000");
    is_null(outcome.company("exit_moic_initial"), "zero_cost");
}

#[test]
fn unpriced_names_the_lots_of_the_lens_own_bucket() {
    let common = with(follow_on("a", "2021-01-01", "10", "500"), json!({ "shareClass": "CS" }));
    let outcome = Outcome::of(&one_company(json!([seed(), common]), json!([mark("2021-01-01", "15")]), json!([])));
    is_unpriced(outcome.company("current_moic"), "unpriced", &["c/a"]);
    is_unpriced(outcome.company("current_moic_deployed_reserves"), "unpriced", &["c/a"]);
    is(outcome.company("current_moic_initial"), "1500/1000");
    is_unpriced(outcome.lot_lens("a", "current_moic"), "unpriced", &["c/a"]);
}

#[test]
fn a_missing_mark_does_not_matter_once_no_shares_are_held() {
    let outcome = Outcome::of(&one_company(json!([seed()]), json!([sold_out()]), json!([])));
    is(outcome.company("current_moic"), "900/1000");
}

#[test]
fn a_lot_mark_is_a_price() {
    let value = event("lot_mark", "2021-01-01", json!({ "lot": "seed", "valueCents": "1234" }));
    let outcome = Outcome::of(&one_company(json!([seed()]), json!([value]), json!([])));
    is(outcome.company("current_moic"), "1234/1000");
}

#[test]
fn no_exit_case_when_the_cases_are_absent_or_empty() {
    for cases in [json!([]), Value::Null] {
        let document = one_company(json!([seed()]), json!([mark("2021-01-01", "15")]), cases);
        let outcome = Outcome::of(&document);
        for lens in [
            "exit_moic",
            "exit_moic_initial",
            "exit_moic_follow_ons",
            "exit_moic_planned_reserves",
            "exit_moic_deployed_reserves",
        ] {
            is_null(outcome.company(lens), "no_exit_case");
        }
        is_null(outcome.lot_lens("seed", "exit_moic"), "no_exit_case");
        is(outcome.company("current_moic"), "1500/1000");
    }
}

#[test]
fn no_exit_case_comes_before_no_lots_and_also_for_a_company_without_lots_or_fully_sold() {
    let outcome = Outcome::of(&one_company(json!([]), json!([]), json!([])));
    is_null(outcome.company("exit_moic"), "no_exit_case");
    is_null(outcome.company("exit_moic_planned_reserves"), "no_exit_case");
    let outcome = Outcome::of(&one_company(json!([seed()]), json!([sold_out()]), json!([])));
    is_null(outcome.company("exit_moic"), "no_exit_case");
}

#[test]
fn no_exit_case_comes_before_zero_cost() {
    let outcome = Outcome::of(&one_company(json!([free()]), json!([]), json!([])));
    is_null(outcome.company("exit_moic"), "no_exit_case");
}

#[test]
fn exit_unpriced_names_the_lots() {
    let common = with(follow_on("a", "2021-01-01", "10", "500"), json!({ "shareClass": "CS" }));
    let outcome = Outcome::of(&one_company(json!([seed(), common]), json!([]), exit_at("20")));
    is_unpriced(outcome.company("exit_moic"), "exit_unpriced", &["c/a"]);
    is_unpriced(outcome.company("exit_moic_follow_ons"), "exit_unpriced", &["c/a"]);
    is_unpriced(outcome.lot_lens("a", "exit_moic"), "exit_unpriced", &["c/a"]);
    is(outcome.company("exit_moic_initial"), "2000/1000");
}

#[test]
fn a_certainly_impossible_case_still_needs_prices() {
    let cases = json!([
        { "id": "sure", "probability": "1", "exitPricesCents": { "PS": "20" } },
        { "id": "never", "probability": "0", "exitPricesCents": {} },
    ]);
    let outcome = Outcome::of(&one_company(json!([seed()]), json!([]), cases));
    is_unpriced(outcome.company("exit_moic"), "exit_unpriced", &["c/seed"]);
}

#[test]
fn no_planned_reserves_when_none_are_expected() {
    let none = Outcome::of(&one_company(json!([seed()]), json!([]), exit_at("20")));
    is_null(none.company("exit_moic_planned_reserves"), "no_planned_reserves");
    let mut cases = reserve_only();
    cases[0]["plannedReserves"][0]["deployProbability"] = json!("0");
    let never = Outcome::of(&one_company(json!([seed()]), json!([]), cases));
    is_null(never.company("exit_moic_planned_reserves"), "no_planned_reserves");
    is_null(&never.json()["companies"][0]["plannedReserves"][0]["exit_moic"], "no_planned_reserves");
}

#[test]
fn marked_at_zero_is_a_real_number_and_stays_in_the_denominator() {
    let outcome = Outcome::of(&one_company(json!([seed()]), json!([mark("2021-01-01", "0")]), exit_at("0")));
    is(outcome.company("current_moic"), "0/1000");
    assert_eq!(outcome.company("current_moic")["display"], "0.00x");
    is(outcome.company("exit_moic"), "0/1000");
    is(outcome.fund("current_moic"), "0/1000");
}

#[test]
fn unpriced_comes_before_zero_cost() {
    let outcome = Outcome::of(&one_company(json!([free()]), json!([]), json!([])));
    is_unpriced(outcome.company("current_moic"), "unpriced", &["c/free"]);
}

#[test]
fn exit_unpriced_comes_before_zero_cost() {
    let cases = json!([{ "id": "base", "probability": "1" }]);
    let outcome = Outcome::of(&one_company(json!([free()]), json!([]), cases));
    is_unpriced(outcome.company("exit_moic"), "exit_unpriced", &["c/free"]);
}

#[test]
fn no_lots_comes_before_exit_unpriced() {
    let mut cases = reserve_only();
    cases[0]["plannedReserves"] = json!([{ "id": "b", "amountCents": "1000", "deployProbability": "0" }]);
    let outcome = Outcome::of(&one_company(json!([]), json!([]), cases));
    is_null(outcome.company("exit_moic"), "no_lots");
}

#[test]
fn for_planned_reserves_exit_unpriced_comes_before_no_planned_reserves() {
    let mut cases = reserve_only();
    cases[0]["plannedReserves"] = json!([{ "id": "b", "amountCents": "1000", "deployProbability": "0" }]);
    let outcome = Outcome::of(&one_company(json!([seed()]), json!([]), cases));
    is_null(outcome.company("exit_moic_planned_reserves"), "exit_unpriced");
}

#[test]
fn planned_reserves_do_not_care_for_lots_without_an_exit_price() {
    let outcome = Outcome::of(&one_company(json!([seed(), safe("s", "7")]), json!([]), reserve_only()));
    is(outcome.company("exit_moic_planned_reserves"), "2500/1000");
    is_null(outcome.company("exit_moic"), "exit_unpriced");
}

fn refused_probabilities(probabilities: &[&str]) -> String {
    let cases: Vec<Value> = probabilities
        .iter()
        .enumerate()
        .map(|(index, probability)| json!({ "id": format!("case-{index}"), "probability": probability }))
        .collect();
    let found = problems(&one_company(json!([]), json!([]), json!(cases)));
    assert!(found.iter().all(|problem| problem.path.starts_with("companies[0].exitCases")), "{found:?}");
    format!("{found:?}")
}

#[test]
fn probabilities_that_do_not_sum_to_exactly_one_are_refused_with_the_sum() {
    let tenths = refused_probabilities(&["0.5", "0.4"]);
    assert!(tenths.contains("0.9") || tenths.contains("9/10"), "{tenths}");
    let tenths = refused_probabilities(&["0.5", "0.6"]);
    assert!(tenths.contains("1.1") || tenths.contains("11/10"), "{tenths}");
    assert!(refused_probabilities(&["1/3", "1/3"]).contains("2/3"));
    refused_probabilities(&["0.333333333333", "0.333333333333", "0.333333333333"]);
    refused_probabilities(&["0"]);
}

#[test]
fn probabilities_that_are_negative_or_above_one_are_refused() {
    assert!(refused_probabilities(&["-0.5", "1.5"]).contains("-0.5"));
    assert!(refused_probabilities(&["1.5"]).contains("1.5"));
    assert!(refused_probabilities(&["3/2", "-1/2"]).contains("3/2"));
}

#[test]
fn thirds_sum_to_exactly_one() {
    let case = |id: &str| json!({ "id": id, "probability": "1/3", "exitPricesCents": { "PS": "20" } });
    let cases = json!([case("a"), case("b"), case("c")]);
    is(Outcome::of(&one_company(json!([seed()]), json!([]), cases)).company("exit_moic"), "2000/1000");
}
