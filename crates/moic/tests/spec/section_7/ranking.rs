//! Where the next dollar goes.

use crate::generate::{self, Scale};
use crate::oracle;
use crate::oracle::number::rational;
use crate::outcome::{accepted, follow_on, initial, portfolio, with};
use moic::Portfolio;
use num_rational::BigRational;
use proptest::prelude::*;
use serde_json::{Value, json};

fn company(id: &str, reserves: Value) -> Value {
    let lots = json!([initial("a", "2020-01-01", "10", "100"), follow_on("b", "2021-01-01", "10", "70")]);
    json!({ "id": id, "lots": lots,
            "exitCases": [{ "id": "base", "probability": "1", "exitPricesCents": { "PS": "20" }, "plannedReserves": reserves }] })
}

fn reserve(amount: &str, proceeds: &str) -> Value {
    json!([{ "id": "r", "amountCents": amount, "exitProceedsCents": proceeds }])
}

type Row = (String, Option<String>, Option<&'static str>, Option<String>, String);

fn ranking(portfolio: &Portfolio) -> Vec<Row> {
    let evaluation = portfolio.evaluate();
    let rows = evaluation.reserves_ranking().into_iter().map(|row| {
        (
            row.company.id().to_owned(),
            row.planned.display(),
            row.planned.reason().map(moic::Reason::name),
            row.planned_cost.map(|cents| cents.to_string()),
            row.deployed_cost.to_string(),
        )
    });
    rows.collect()
}

#[test]
fn companies_rank_by_the_exact_multiple_and_those_without_one_come_last() {
    let third = reserve("3000000000000", "4000000000000");
    let document = portfolio(json!([
        company("none", json!([])),
        company("equal-b", third.clone()),
        with(company("caseless", json!([])), json!({ "exitCases": null })),
        company("equal-a", third),
        // Above by less than any rounding shows.
        company("best", reserve("3000000000000", "4000000000001")),
        company("unpriced", json!([{ "id": "r", "amountCents": "5" }])),
        company("loss", reserve("100", "0")),
    ]));
    let row = |id: &str, display: Option<&str>, reason, planned: Option<&str>| {
        (id.to_owned(), display.map(str::to_owned), reason, planned.map(str::to_owned), "70".to_owned())
    };
    assert_eq!(
        ranking(&accepted(&document)),
        [
            row("best", Some("1.33x"), None, Some("3000000000000")),
            row("equal-a", Some("1.33x"), None, Some("3000000000000")),
            row("equal-b", Some("1.33x"), None, Some("3000000000000")),
            row("loss", Some("0.00x"), None, Some("100")),
            row("caseless", None, Some("no_exit_case"), None),
            row("none", None, Some("no_planned_reserves"), Some("0")),
            row("unpriced", None, Some("exit_unpriced"), Some("5")),
        ]
    );
}

proptest! {
    #![proptest_config(generate::config(200))]

    #[test]
    fn the_order_is_that_of_the_oracles_fractions(document in generate::documents(Scale::Fund)) {
        let exact = |lens: &Value| -> Option<BigRational> {
            lens["reason"].is_null().then(|| rational(lens["value"].as_str().expect("a value")))
        };
        let mut expected: Vec<(Option<BigRational>, String)> = oracle::evaluate(&document)["companies"]
            .as_array()
            .expect("companies")
            .iter()
            .map(|company| (exact(&company["lenses"]["exit_moic_planned_reserves"]), company["id"].as_str().expect("id").to_owned()))
            .collect();
        // To 12 decimals; random multiples do not come closer to each other without being the same.
        expected.sort_by(|(one, id), (other, other_id)| {
            other.is_some().cmp(&one.is_some()).then_with(|| other.cmp(one)).then_with(|| id.cmp(other_id))
        });
        let ids: Vec<String> = ranking(&accepted(&document)).into_iter().map(|row| row.0).collect();
        prop_assert_eq!(ids, expected.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
    }
}
