//! §4: reasons of sectors and funds, and companies left out by policy.

use crate::outcome::{Outcome, exit_at, follow_on, initial, is, is_null, is_unpriced, mark, portfolio, with};
use serde_json::{Value, json};

fn company(id: &str, lots: Value, events: Value, exit_cases: Value) -> Value {
    json!({ "id": id, "sector": "One", "lots": lots, "events": events, "exitCases": exit_cases })
}

fn priced(id: &str) -> Value {
    let lots = json!([initial("seed", "2020-01-01", "100", "1000")]);
    company(id, lots, json!([mark("2021-01-01", "15")]), exit_at("20"))
}

fn unpriced(id: &str) -> Value {
    let lots = json!([initial("seed", "2020-01-01", "100", "3000"), follow_on("a", "2021-01-01", "100", "1000")]);
    company(id, lots, json!([]), exit_at("20"))
}

fn without_cases(id: &str) -> Value {
    with(priced(id), json!({ "exitCases": null }))
}

fn without_exit_price(id: &str) -> Value {
    with(priced(id), json!({ "exitCases": [{ "id": "base", "probability": "1" }] }))
}

fn free(id: &str) -> Value {
    let lots = json!([initial("seed", "2020-01-01", "100", "0")]);
    company(id, lots, json!([mark("2021-01-01", "15")]), exit_at("20"))
}

fn empty(id: &str) -> Value {
    company(id, json!([]), json!([]), exit_at("20"))
}

fn fund(companies: Value) -> Outcome {
    Outcome::of(&portfolio(companies))
}

#[test]
fn a_fund_is_unpriced_if_one_of_its_companies_is_and_names_the_lots() {
    let outcome = fund(json!([priced("a"), unpriced("b"), unpriced("c")]));
    is_unpriced(outcome.fund("current_moic_initial"), "unpriced", &["b/seed", "c/seed"]);
    is_unpriced(outcome.fund("current_moic"), "unpriced", &["b/seed", "b/a", "c/seed", "c/a"]);
    is_null(&outcome.json()["sectors"][0]["lenses"]["current_moic"], "unpriced");
}

#[test]
fn only_the_same_lens_of_a_company_counts() {
    let unpriced = unpriced("b");
    let mut partly = with(unpriced, json!({ "events": [mark("2021-06-01", "15")] }));
    partly["lots"][1]["shareClass"] = json!("CS");
    let outcome = fund(json!([priced("a"), partly]));
    is_null(outcome.fund("current_moic"), "unpriced");
    is(outcome.fund("current_moic_initial"), "3000/4000");
}

#[test]
fn a_fund_without_an_exit_case_in_one_company_has_no_exit_lens() {
    let outcome = fund(json!([priced("a"), without_cases("b")]));
    is_null(outcome.fund("exit_moic"), "no_exit_case");
    is_null(outcome.fund("exit_moic_planned_reserves"), "no_exit_case");
    is(outcome.fund("current_moic"), "3000/2000");
}

#[test]
fn a_fund_without_an_exit_price_in_one_company_has_no_exit_lens() {
    is_unpriced(fund(json!([priced("a"), without_exit_price("b")])).fund("exit_moic"), "exit_unpriced", &["b/seed"]);
}

#[test]
fn for_a_fund_no_exit_case_comes_before_exit_unpriced() {
    let outcome = fund(json!([without_exit_price("b"), without_cases("a")]));
    is_null(outcome.fund("exit_moic"), "no_exit_case");
}

#[test]
fn a_company_without_lots_adds_nothing_to_nothing() {
    is(fund(json!([priced("a"), empty("b")])).fund("current_moic"), "1500/1000");
    is(fund(json!([priced("a"), empty("b")])).fund("exit_moic"), "2000/1000");
}

#[test]
fn a_company_at_zero_cost_adds_its_numerator() {
    is(fund(json!([priced("a"), free("b")])).fund("current_moic"), "3000/1000");
}

#[test]
fn a_fund_of_free_shares_is_zero_cost() {
    let outcome = fund(json!([free("a"), empty("b")]));
    is_null(outcome.fund("current_moic"), "zero_cost");
    assert_eq!(outcome.fund("current_moic")["numeratorCents"], "1500");
}

#[test]
fn a_fund_with_no_lots_in_the_bucket_is_no_lots() {
    is_null(fund(json!([priced("a"), empty("b")])).fund("current_moic_deployed_reserves"), "no_lots");
    is_null(fund(json!([])).fund("current_moic"), "no_lots");
}

#[test]
fn a_fund_with_no_planned_reserves_says_so() {
    is_null(fund(json!([priced("a"), empty("b")])).fund("exit_moic_planned_reserves"), "no_planned_reserves");
}

fn excluding(companies: Value) -> Outcome {
    Outcome::of(&with(portfolio(companies), json!({ "policy": { "excludeUnpriced": true } })))
}

#[test]
fn unpriced_companies_can_be_left_out_of_numerator_and_denominator() {
    let outcome = excluding(json!([priced("a"), unpriced("b")]));
    is(outcome.fund("current_moic"), "1500/1000");
    is(outcome.fund("current_moic_initial"), "1500/1000");
    is_null(outcome.company("current_moic_deployed_reserves"), "no_lots");
    is_null(&outcome.json()["companies"][1]["lenses"]["current_moic"], "unpriced");
}

#[test]
fn left_out_companies_stay_in_the_exit_lenses() {
    is(excluding(json!([priced("a"), unpriced("b")])).fund("exit_moic"), "6000/5000");
}

#[test]
fn coverage_is_priced_cost_over_total_cost() {
    let outcome = excluding(json!([priced("a"), unpriced("b")]));
    assert_eq!(outcome.json()["fund"]["coverage"], "0.2");
    assert_eq!(excluding(json!([priced("a")])).json()["fund"]["coverage"], "1");
}

#[test]
fn nothing_is_left_out_by_default() {
    let outcome = Outcome::of(&with(portfolio(json!([priced("a"), unpriced("b")])), json!({ "policy": {} })));
    is_null(outcome.fund("current_moic"), "unpriced");
}
