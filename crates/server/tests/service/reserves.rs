//! The reserves ranking, and what it would be with another plan.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Company, Fund, TestApp};

/// Plans two reserves for a company: one bought by shares, one with given proceeds.
async fn plan(company: &Company<'_>, exit_price: &str) {
    let reserves = json!([
        { "id": "b", "amountCents": "1000", "shareClass": "PS", "sharePriceCents": "100" },
        { "id": "bridge", "amountCents": "500", "exitProceedsCents": "500", "deployProbability": "0.5" },
    ]);
    let prices = json!({ "PS": exit_price });
    let case = json!({ "id": "base", "probability": "1", "exitPricesCents": prices, "plannedReserves": reserves });
    let body = json!({ "exitCases": [case], "version": 0 });
    company.fund.app.put(&company.path("/exit-cases"), &body).await.expect(200);
}

fn names(ranking: &Value) -> Vec<&str> {
    ranking["companies"].as_array().unwrap().iter().map(|company| company["name"].as_str().unwrap()).collect()
}

async fn three_companies<'a>(fund: &'a Fund<'a>) -> Vec<Company<'a>> {
    let companies = vec![fund.company("Good").await, fund.company("Better").await, fund.company("Unplanned").await];
    plan(&companies[0], "200").await;
    plan(&companies[1], "300").await;
    companies
}

#[tokio::test]
async fn companies_are_ranked_by_what_their_planned_reserves_bring() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    three_companies(&fund).await;
    let ranking = app.get(&fund.path("/reserves/ranking")).await.expect(200).body;
    assert_eq!(names(&ranking), ["Better", "Good", "Unplanned"]);
    let ranks: Vec<&Value> = ranking["companies"].as_array().unwrap().iter().map(|company| &company["rank"]).collect();
    assert_eq!(ranks, [&json!(1), &json!(2), &json!(null)]);
    let good = &ranking["companies"][1];
    // 1000 at 100 a share exit at 200; half of 500 brings half of 500.
    assert_eq!(
        (&good["planned"]["numeratorCents"], &good["planned"]["denominatorCents"]),
        (&json!("2250"), &json!("1250"))
    );
    assert_eq!(good["planned"]["display"], "1.80x");
    assert_eq!(
        good["reserves"][1],
        json!({ "id": "bridge", "planned": { "numeratorCents": "250", "denominatorCents": "250",
        "value": "1.000000000000", "display": "1.00x", "reason": null, "flags": [] } })
    );
    assert_eq!(good["deployed"]["reason"], "no_lots");
    assert_eq!(ranking["companies"][2]["planned"]["reason"], "no_exit_case");

    let lenses = app.get(&fund.path("/portfolio/lots/moic")).await.expect(200).body;
    assert_eq!(ranking["fund"]["planned"], lenses["fund"]["lenses"]["exit_moic_planned_reserves"]);
    assert_eq!(ranking["inputsHash"], lenses["inputsHash"]);
}

#[tokio::test]
async fn another_plan_is_answered_beside_the_present_one_and_stored_nowhere() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let companies = three_companies(&fund).await;
    let path = fund.path("/reserves/ranking");
    let before = app.get(&path).await.expect(200).body;
    let changes = json!({ "changes": [
        { "companyId": companies[0].id, "exitPriceFactor": "2", "amountFactor": "3/2" },
        { "companyId": companies[0].id, "reserveId": "bridge", "deployProbability": "0" },
        { "companyId": companies[1].id, "reserveId": "b", "amountCents": "10" },
    ] });
    let answer = app.post(&path, &changes).await.expect(200).body;
    assert_eq!(answer["before"], before);
    assert_eq!(names(&answer["after"]), ["Good", "Better", "Unplanned"]);
    let good = &answer["after"]["companies"][0]["planned"];
    assert_eq!((&good["denominatorCents"], &good["display"]), (&json!("1500"), &json!("4.00x")));
    assert_eq!(answer["after"]["companies"][1]["planned"]["denominatorCents"], "260");
    assert_ne!(answer["after"]["inputsHash"], before["inputsHash"]);
    assert_eq!(app.get(&path).await.expect(200).body, before);
    assert_eq!(app.post(&path, &json!({ "changes": [] })).await.expect(200).body["after"], before);
}

#[tokio::test]
async fn a_plan_that_makes_no_sense_is_refused_with_every_problem_at_its_path() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let companies = three_companies(&fund).await;
    let (path, id) = (fund.path("/reserves/ranking"), companies[0].id);
    let changes = json!({ "changes": [
        { "companyId": id, "amountCents": "5" },
        { "companyId": id, "reserveId": "b", "amountCents": "5", "amountFactor": "1" },
        { "companyId": id, "reserveId": "b", "exitPriceFactor": "2" },
        { "companyId": id, "deployProbability": "1.1", "amountFactor": "1001", "price": "3" },
        { "companyId": id },
        { "companyId": id, "deployProbability": "1" },
        { "companyId": id, "deployProbability": "0" },
        { "amountFactor": 2 },
    ] });
    let refused = app.post(&path, &changes).await.expect_problem(422, "validation_failed");
    let paths: Vec<&str> =
        refused.body["details"].as_array().unwrap().iter().map(|detail| detail["path"].as_str().unwrap()).collect();
    assert_eq!(
        paths,
        [
            "changes[0].amountCents",
            "changes[1].amountCents",
            "changes[2].exitPriceFactor",
            "changes[3].amountFactor",
            "changes[3].deployProbability",
            "changes[3].price",
            "changes[4]",
            "changes[6].companyId",
            "changes[7].companyId",
            "changes[7].amountFactor",
        ]
    );
    let unknown = json!({ "changes": [
        { "companyId": 999, "amountFactor": "1" },
        { "companyId": id, "reserveId": "gone", "amountFactor": "1" },
    ] });
    let refused = app.post(&path, &unknown).await.expect_problem(422, "validation_failed");
    let refused = refused.naming("changes[0].companyId").naming("changes[1].reserveId");
    assert!(refused.raw.contains("plans a reserve gone"), "{}", refused.raw);
    app.post(&path, &json!({})).await.expect_problem(422, "validation_failed").naming("changes");
}

#[tokio::test]
async fn viewers_may_ask_and_a_flag_that_is_off_guards_both() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let viewer = app.person("Ada", "viewer").await;
    let path = fund.path("/reserves/ranking");
    let ask = || app.by(&viewer, Method::POST, &path).json(&json!({ "changes": [] })).send();
    ask().await.expect(200);
    app.kill("drill").await.expect(200);
    let refused = ask().await.expect_problem(503, "feature_disabled");
    assert_eq!(refused.body["fallback"]["endpoint"], fund.path("/moic"));
    app.get(&path).await.expect_problem(503, "feature_disabled");
}
