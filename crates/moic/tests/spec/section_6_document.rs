//! §6: the document's fields and defaults, and the result document.

use crate::outcome::{
    Outcome, accepted, event, exit_at, follow_on, initial, is, mark, one_company, portfolio, problems, with,
};
use serde_json::{Value, json};

/// The specification's example, completed by the follow-on that its figures imply.
const ALPHATECH: &str = include_str!("../../../../examples/alphatech.json");

fn alphatech() -> Outcome {
    Outcome::of(&serde_json::from_str(ALPHATECH).expect("JSON"))
}

#[test]
fn alphatech_has_the_figures_of_the_specification() {
    let outcome = alphatech();
    let expected = json!({
        "numeratorCents": "437000850.003138",
        "denominatorCents": "250000076",
        "value": "1.748002868620",
        "display": "1.75x",
        "reason": null,
        "flags": [],
    });
    assert_eq!(*outcome.fund("current_moic"), expected);
    assert_eq!(*outcome.company("current_moic"), expected);
    assert_eq!(outcome.json()["fund"]["coverage"], "1");
}

#[test]
fn the_other_examples_are_valid_agree_with_the_oracle_and_have_all_fund_lenses() {
    for document in
        [include_str!("../../../../examples/early-stage.json"), include_str!("../../../../examples/demo-fund.json")]
    {
        let outcome = Outcome::of(&serde_json::from_str(document).expect("JSON"));
        for (key, lens) in outcome.json()["fund"]["lenses"].as_object().expect("lenses") {
            assert!(lens["value"].is_string(), "{key}: {lens}");
        }
        assert_eq!(outcome.json()["warnings"], json!([]));
    }
}

#[test]
fn every_lens_of_alphatech_has_a_number() {
    let outcome = alphatech();
    for (key, lens) in outcome.json()["fund"]["lenses"].as_object().expect("lenses") {
        assert!(lens["value"].is_string(), "{key}: {lens}");
    }
}

#[test]
fn the_result_names_its_date_its_inputs_and_the_engine() {
    let outcome = alphatech();
    let result = outcome.json();
    assert_eq!(result["asOf"], "2022-12-31");
    assert_eq!(result["engineVersion"], moic::ENGINE_VERSION);
    let hash = result["inputsHash"].as_str().expect("a hash");
    let digits = hash.strip_prefix("sha256:").expect("the algorithm");
    assert!(digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{hash}");
    assert_eq!(result["warnings"], json!([]));
}

#[test]
fn the_lenses_are_the_seven_and_the_one_beside_them() {
    let outcome = alphatech();
    for owner in [&outcome.json()["fund"], &outcome.json()["companies"][0], &outcome.json()["sectors"][0]] {
        let mut keys: Vec<&str> = owner["lenses"].as_object().expect("lenses").keys().map(String::as_str).collect();
        keys.sort_unstable();
        let expected = [
            "current_moic",
            "current_moic_deployed_reserves",
            "current_moic_initial",
            "exit_moic",
            "exit_moic_deployed_reserves",
            "exit_moic_follow_ons",
            "exit_moic_initial",
            "exit_moic_planned_reserves",
        ];
        assert_eq!(keys, expected);
    }
}

#[test]
fn a_null_lens_has_null_value_and_display_and_a_reason() {
    let outcome = Outcome::of(&one_company(json!([]), json!([]), json!([])));
    let lens = outcome.company("current_moic").as_object().expect("a figure");
    assert_eq!((&lens["value"], &lens["display"]), (&Value::Null, &Value::Null));
    assert_eq!(lens["reason"], "no_lots");
}

#[test]
fn unknown_numerators_are_null() {
    let outcome = Outcome::of(&one_company(json!([initial("a", "2020-01-01", "1", "1")]), json!([]), json!([])));
    let lens = outcome.company("current_moic").as_object().expect("a figure");
    assert_eq!((&lens["numeratorCents"], &lens["reason"]), (&Value::Null, &json!("unpriced")));
}

#[test]
fn a_document_without_companies_is_valid() {
    let outcome = Outcome::of(&portfolio(json!([])));
    assert_eq!(outcome.json()["companies"], json!([]));
}

#[test]
fn optional_fields_may_be_absent() {
    let lot = json!({ "id": "s", "lotType": "initial", "instrument": "note", "purchaseDate": "2020-01-01",
                      "costBasisCents": "1000" });
    let outcome = Outcome::of(&portfolio(json!([{ "id": "c", "lots": [lot] }])));
    is(outcome.company("current_moic"), "1000/1000");
}

#[test]
fn instrument_is_equity_and_fx_rate_and_deploy_probability_are_one_unless_given() {
    let line = json!({ "id": "b", "amountCents": "100", "exitProceedsCents": "300" });
    let cases = json!([{ "id": "base", "probability": "1", "exitPricesCents": { "PS": "20" },
                         "plannedReserves": [line] }]);
    let lots = json!([initial("seed", "2020-01-01", "100", "1000")]);
    let outcome = Outcome::of(&one_company(lots, json!([mark("2021-01-01", "15")]), cases));
    is(outcome.company("current_moic"), "1500/1000");
    is(outcome.company("exit_moic"), "2300/1100");
}

#[test]
fn an_explicit_null_is_the_same_as_absent() {
    let lot = json!({ "id": "seed", "lotType": "initial", "instrument": null, "purchaseDate": "2020-01-01",
        "shareClass": "PS", "sharesAcquired": "100", "sharePriceCents": null, "costBasisCents": "1000",
        "strikeCents": null });
    let price = json!({ "type": "mark", "date": "2021-01-01", "shareClass": "PS", "sharePriceCents": "15",
        "fxRate": null });
    let case = json!({ "id": "base", "probability": "1", "exitPricesCents": { "PS": "20" }, "lotProceedsCents": null,
        "plannedReserves": null });
    let company = json!({ "id": "c", "name": null, "sector": null, "stage": null, "lots": [lot], "events": [price],
        "exitCases": [case] });
    let document = json!({ "asOf": "2024-12-31", "currency": "USD", "policy": null, "companies": [company] });
    let mut short = document.clone();
    crate::determinism::drop_nulls(&mut short);
    assert_eq!(accepted(&document).inputs_hash(), accepted(&short).inputs_hash());
    is(Outcome::of(&document).company("exit_moic"), "2000/1000");
}

#[test]
fn every_optional_field_may_be_null() {
    let sale = json!({ "shareClass": "PS", "shares": "10", "proceedsCents": "5", "relief": "fifo" });
    let line = json!({ "id": "b", "amountCents": "100" });
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000")]),
        json!([
            mark("2021-01-01", "15"),
            event("distribution", "2021-01-01", json!({ "lot": "seed", "amountCents": "5" })),
            event("distribution", "2021-01-01", json!({ "shareClass": "PS", "amountCents": "5" })),
            event("disposal", "2021-01-01", sale),
            event("disposal", "2021-01-01", json!({ "shares": "10", "proceedsCents": "5", "lots": { "seed": "10" } })),
            event("receivable", "2021-01-01", json!({ "carryingCents": "5", "allocation": { "seed": "1" } })),
        ]),
        json!([{ "id": "base", "probability": "1", "plannedReserves": [line] }]),
    );
    let document = with(document, json!({ "policy": {} }));
    let hash = accepted(&document).inputs_hash();
    for (parent, fields) in [
        ("/policy", &["lotRelief", "secondaryBucket", "unpricedConvertible", "excludeUnpriced"][..]),
        ("/companies/0", &["name", "sector", "stage"]),
        ("/companies/0/lots/0", &["instrument", "sharePriceCents", "strikeCents"]),
        ("/companies/0/events/0", &["fxRate"]),
        ("/companies/0/events/1", &["shareClass"]),
        ("/companies/0/events/2", &["lot"]),
        ("/companies/0/events/3", &["lots"]),
        ("/companies/0/events/4", &["shareClass", "relief"]),
        ("/companies/0/events/5", &["id"]),
        ("/companies/0/exitCases/0", &["exitPricesCents", "lotProceedsCents"]),
        (
            "/companies/0/exitCases/0/plannedReserves/0",
            &["shareClass", "sharePriceCents", "exitProceedsCents", "deployProbability"],
        ),
    ] {
        for field in fields {
            let mut nulled = document.clone();
            nulled.pointer_mut(parent).expect("it is there")[field] = Value::Null;
            assert_eq!(accepted(&nulled).inputs_hash(), hash, "{parent}/{field}");
        }
    }
}

#[test]
fn prices_may_be_exact_fractions() {
    let document = one_company(
        json!([with(initial("seed", "2020-01-01", "300", "1000"), json!({ "sharePriceCents": "10/3" }))]),
        json!([mark("2021-01-01", "20/3")]),
        exit_at("40/3"),
    );
    let outcome = Outcome::of(&document);
    is(outcome.company("current_moic"), "2000/1000");
    is(outcome.company("exit_moic"), "4000/1000");
}

#[test]
fn weights_and_probabilities_may_be_exact_fractions() {
    let event =
        event("receivable", "2021-01-01", json!({ "carryingCents": "90", "allocation": { "a": "1/3", "b": "2/3" } }));
    let document = one_company(
        json!([initial("a", "2020-01-01", "1", "100"), follow_on("b", "2020-01-01", "1", "100")]),
        json!([event, mark("2021-01-01", "0")]),
        json!([]),
    );
    is(Outcome::of(&document).lot_lens("b", "current_moic"), "60/100");
}

fn priced(shares: &str, price: &str, cost: &str) -> Value {
    let lot = with(initial("seed", "2020-01-01", shares, cost), json!({ "sharePriceCents": price }));
    one_company(json!([lot]), json!([]), json!([]))
}

#[test]
fn a_price_within_half_a_unit_of_its_last_decimal_and_a_cent_agrees_with_the_cost() {
    // 1,000,000 shares at 10.5 ± 0.05 cents: 10,500,000 ± 50,001.
    for cost in ["10450000", "10500000", "10550001"] {
        assert!(accepted(&priced("1000000", "10.5", cost)).warnings().is_empty(), "{cost}");
    }
}

#[test]
fn a_larger_difference_of_price_and_cost_is_a_warning_with_the_difference() {
    let portfolio = accepted(&priced("1000000", "10.5", "10550002"));
    let [warning] = portfolio.warnings() else { panic!("{:?}", portfolio.warnings()) };
    assert!(warning.path.starts_with("companies[0].lots[0]"), "{warning:?}");
    assert!(warning.message.contains("50002"), "{warning:?}");
    let outcome = Outcome::of(&priced("1000000", "10.5", "10550002"));
    assert_eq!(outcome.json()["warnings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn trailing_decimals_of_a_price_narrow_what_agrees() {
    assert_eq!(accepted(&priced("1000000", "10.50000000", "10500001")).warnings(), []);
    assert_eq!(accepted(&priced("1000000", "10.50000000", "10500002")).warnings().len(), 1);
}

#[test]
fn a_difference_above_one_percent_of_price_and_cost_is_an_error() {
    let found = problems(&priced("1000000", "10.50", "11000000"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].path.starts_with("companies[0].lots[0]"), "{found:?}");
}

#[test]
fn the_cost_counts_as_given_and_not_as_shares_times_price() {
    let mut document = priced("1000000", "10.5", "10550001");
    document["companies"][0]["events"] = json!([mark("2021-01-01", "21")]);
    is(Outcome::of(&document).company("current_moic"), "21000000/10550001");
}

#[test]
fn an_exit_price_for_a_class_nobody_holds_is_allowed() {
    let cases = json!([{ "id": "base", "probability": "1", "exitPricesCents": { "PS": "20", "Series Z": "1" } }]);
    accepted(&one_company(json!([initial("seed", "2020-01-01", "1", "1")]), json!([]), cases));
}

#[test]
fn lots_and_events_after_as_of_are_checked() {
    let mut document = one_company(
        json!([initial("seed", "2030-02-30", "100", "1000")]),
        json!([mark("2031-01-01", "-1")]),
        json!([]),
    );
    assert_eq!(problems(&document).len(), 2);
    let sale = json!({ "shares": "101", "proceedsCents": "1", "lots": { "seed": "101" } });
    document["companies"][0]["lots"] = json!([initial("seed", "2030-01-01", "100", "1000")]);
    document["companies"][0]["events"] = json!([event("disposal", "2031-01-01", sale)]);
    assert_eq!(problems(&document).len(), 1);
}
