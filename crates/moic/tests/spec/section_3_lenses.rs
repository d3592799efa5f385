//! §3: the seven lenses, their formulas, lots, reserve lines, sectors and the fund.

use crate::outcome::{Outcome, event, follow_on, initial, is, mark, one_company, portfolio, with};
use serde_json::{Value, json};

/// Initial 100 shares for 1000 with 60 realised, follow-on 50 shares for 1500; marked at 20. Two cases: 3/5 at 40 with
/// a reserve of 1000 at price 25 deployed with 1/2, and 2/5 at 10 with a reserve of 500 that returns 200.
fn document() -> Value {
    let big = json!({ "id": "b", "amountCents": "1000", "shareClass": "PS", "sharePriceCents": "25",
                      "deployProbability": "1/2" });
    let small = json!({ "id": "c", "amountCents": "500", "exitProceedsCents": "200" });
    one_company(
        json!([initial("seed", "2020-01-01", "100", "1000"), follow_on("a", "2021-01-01", "50", "1500")]),
        json!([
            mark("2022-01-01", "20"),
            event("distribution", "2022-01-01", json!({ "lot": "seed", "amountCents": "60" })),
        ]),
        json!([
            { "id": "up", "probability": "3/5", "exitPricesCents": { "PS": "40" }, "plannedReserves": [big] },
            { "id": "down", "probability": "0.4", "exitPricesCents": { "PS": "10" }, "plannedReserves": [small] },
        ]),
    )
}

#[test]
fn current_moic_is_value_over_cost_of_all_lots() {
    is(Outcome::of(&document()).company("current_moic"), "3060/2500");
}

#[test]
fn current_moic_on_initial() {
    is(Outcome::of(&document()).company("current_moic_initial"), "2060/1000");
}

#[test]
fn current_moic_on_deployed_reserves() {
    is(Outcome::of(&document()).company("current_moic_deployed_reserves"), "1000/1500");
}

#[test]
fn exit_moic_has_expected_proceeds_of_lots_and_reserves_over_cost_and_expected_reserves() {
    // E[X] = 0.6·150·40 + 0.4·150·10 = 4200; E[Y] = 0.6·½·1000/25·40 + 0.4·200 = 560; E[B] = 0.6·½·1000 + 0.4·500 = 500.
    is(Outcome::of(&document()).company("exit_moic"), "4820/3000");
}

#[test]
fn exit_moic_on_initial() {
    is(Outcome::of(&document()).company("exit_moic_initial"), "2860/1000");
}

#[test]
fn exit_moic_on_follow_ons_deployed_and_planned() {
    is(Outcome::of(&document()).company("exit_moic_follow_ons"), "1960/2000");
}

#[test]
fn exit_moic_on_planned_reserves_is_the_next_dollar() {
    is(Outcome::of(&document()).company("exit_moic_planned_reserves"), "560/500");
}

#[test]
fn exit_moic_on_deployed_reserves_stands_beside_the_seven() {
    is(Outcome::of(&document()).company("exit_moic_deployed_reserves"), "1400/1500");
}

#[test]
fn a_lot_has_a_current_and_an_exit_multiple() {
    let outcome = Outcome::of(&document());
    is(outcome.lot_lens("seed", "current_moic"), "2060/1000");
    is(outcome.lot_lens("seed", "exit_moic"), "2860/1000");
    is(outcome.lot_lens("a", "exit_moic"), "1400/1500");
}

#[test]
fn a_planned_reserve_line_has_a_multiple() {
    let outcome = Outcome::of(&document());
    let lines = outcome.json()["companies"][0]["plannedReserves"].as_array().expect("lines").clone();
    assert_eq!(lines.iter().map(|line| &line["id"]).collect::<Vec<_>>(), ["b", "c"]);
    is(&lines[0]["exit_moic"], "480/300");
    is(&lines[1]["exit_moic"], "80/200");
}

#[test]
fn the_same_reserve_id_in_several_cases_is_one_line_that_sums_over_them() {
    let mut document = document();
    document["companies"][0]["exitCases"][1]["plannedReserves"][0]["id"] = json!("b");
    let outcome = Outcome::of(&document);
    let lines = outcome.json()["companies"][0]["plannedReserves"].as_array().expect("lines").clone();
    assert_eq!(lines.len(), 1);
    is(&lines[0]["exit_moic"], "560/500");
}

#[test]
fn a_fund_is_the_sum_of_numerators_over_the_sum_of_denominators_and_never_a_mean_of_ratios() {
    let winner = json!({ "id": "w", "lots": [initial("seed", "2020-01-01", "100", "1000")],
                         "events": [mark("2022-01-01", "90")] });
    let loser = json!({ "id": "l", "lots": [initial("seed", "2020-01-01", "100", "3000")],
                        "events": [mark("2022-01-01", "10")] });
    is(Outcome::of(&portfolio(json!([winner, loser]))).fund("current_moic"), "10000/4000");
}

#[test]
fn a_sector_is_the_sum_of_its_companies_only() {
    let company = |id: &str, sector: Value, price: &str| {
        json!({ "id": id, "sector": sector, "lots": [initial("seed", "2020-01-01", "100", "1000")],
                "events": [mark("2022-01-01", price)] })
    };
    let document = portfolio(json!([
        company("a", json!("Fintech"), "10"),
        company("b", json!("Health"), "20"),
        company("c", json!("Fintech"), "40"),
        company("d", Value::Null, "70"),
    ]));
    let outcome = Outcome::of(&document);
    let sectors = outcome.json()["sectors"].as_array().expect("sectors");
    let lens = |name: Value| {
        let sector = sectors.iter().find(|sector| sector["sector"] == name);
        &sector.unwrap_or_else(|| panic!("no sector {name}"))["lenses"]["current_moic"]
    };
    is(lens(json!("Fintech")), "5000/2000");
    is(lens(json!("Health")), "2000/1000");
    is(lens(Value::Null), "7000/1000");
}

#[test]
fn with_one_class_and_nothing_realised_current_is_price_over_the_share_weighted_purchase_price() {
    let document = one_company(
        json!([initial("seed", "2020-01-01", "100", "1000"), follow_on("a", "2021-01-01", "300", "6000")]),
        json!([mark("2022-01-01", "35")]),
        json!([]),
    );
    // (100·10 + 300·20) / 400 = 17.5 a share, and 35 / 17.5 = 2.
    assert_eq!(Outcome::of(&document).company("current_moic")["value"], "2.000000000000");
}

#[test]
fn display_rounds_the_exact_value_half_even_to_two_decimals() {
    let display = |price: &str, cost: &str| {
        let lots = json!([initial("seed", "2020-01-01", "1", cost)]);
        let outcome = Outcome::of(&one_company(lots, json!([mark("2021-01-01", price)]), json!([])));
        outcome.company("current_moic")["display"].as_str().expect("a number").to_owned()
    };
    assert_eq!(display("1125", "1000"), "1.12x");
    assert_eq!(display("1135", "1000"), "1.14x");
    assert_eq!(display("0", "1000"), "0.00x");
    assert_eq!(display("123456789", "1"), "123456789.00x");
}

#[test]
fn display_rounds_the_exact_value_and_not_the_twelve_decimals() {
    // 1.12500000000001: its 12 decimals are 1.125000000000, which would round to 1.12.
    let lots = json!([initial("seed", "2020-01-01", "1", "100000000000000")]);
    let outcome = Outcome::of(&one_company(lots, json!([mark("2021-01-01", "112500000000001")]), json!([])));
    let lens = outcome.company("current_moic");
    assert_eq!((lens["value"].as_str(), lens["display"].as_str()), (Some("1.125000000000"), Some("1.13x")));
}

#[test]
fn value_is_rounded_half_even_to_twelve_decimals() {
    let value = |price: &str| {
        let lots = json!([initial("seed", "2020-01-01", "1", "10000000000000")]);
        let outcome = Outcome::of(&one_company(lots, json!([mark("2021-01-01", price)]), json!([])));
        outcome.company("current_moic")["value"].as_str().expect("a number").to_owned()
    };
    assert_eq!(value("25"), "0.000000000002");
    assert_eq!(value("35"), "0.000000000004");
    assert_eq!(value("35.00000001"), "0.000000000004");
    assert_eq!(value("25.00000001"), "0.000000000003");
}

#[test]
fn numerators_are_rounded_half_even_to_six_decimals_with_trailing_zeros_cut() {
    let numerator = |price: &str| {
        let lots = json!([initial("seed", "2020-01-01", "1", "1")]);
        let outcome = Outcome::of(&one_company(lots, json!([mark("2021-01-01", price)]), json!([])));
        outcome.company("current_moic")["numeratorCents"].as_str().expect("a number").to_owned()
    };
    assert_eq!(numerator("1.2500000"), "1.25");
    assert_eq!(numerator("1.0000005"), "1");
    assert_eq!(numerator("1.0000015"), "1.000002");
    assert_eq!(numerator("1000"), "1000");
    assert_eq!(numerator("2/3"), "0.666667");
}

#[test]
fn money_is_labelled_and_counted_gross_of_nothing_but_the_lots() {
    let events = json!([mark("2021-01-01", "15")]);
    let document = one_company(json!([initial("seed", "2020-01-01", "100", "1000")]), events, json!([]));
    let named = with(document, json!({ "currency": "EUR" }));
    is(Outcome::of(&named).fund("current_moic"), "1500/1000");
}
