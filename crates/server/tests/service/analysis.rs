//! Around the lenses (moic.md §7): the fund table with rates, the legacy MOIC beside, and partial sales.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Fund, TestApp};

/// 1,000,000.00 paid on 1 January 2020 for shares worth 2,000,000.00 on 31 December 2022, three years of 365 days later,
/// with a leap day between; expected to be sold for 4,000,000.00.
const LOTS: &str = "Company,Lot type,Round,Share class,Purchase date,Shares,Cost,Ownership,Post-money valuation,Mark per share,Mark date\n\
    AlphaTech,initial,Seed,PS,2020-01-01,1000000,1000000,10%,10000000,2,2022-12-31\n";
const CASES: &str = "Company,Case,Probability,Share class,Exit price\nAlphaTech,base,1,PS,4\n";

async fn invested(app: &TestApp) -> Fund<'_> {
    let fund = app.fund("Fund I").await;
    for file in [LOTS, CASES] {
        app.request(Method::POST, &fund.path("/import")).raw(file).send().await.expect(201);
    }
    fund
}

#[tokio::test]
async fn the_fund_table_has_rates_and_explains_the_difference_to_legacy() {
    let app = TestApp::start().await;
    let fund = invested(&app).await;
    let table = app.get(&fund.path("/analysis?asOf=2022-12-30")).await.expect(200).body;
    let unpriced = &table["companies"][0];
    assert_eq!((&unpriced["unrealisedCents"], &unpriced["xirr"]["reason"]), (&Value::Null, &json!("unpriced")));
    let table = app.get(&fund.path("/analysis?asOf=2022-12-31")).await.expect(200).body;
    let company = &table["companies"][0];
    assert_eq!((&company["name"], &company["investedCents"]), (&json!("AlphaTech"), &json!("100000000")));
    assert_eq!(company["totalValueOverCost"]["display"], "2.00x");
    // 2^(365/1095) − 1, the days from 1 January 2020 to 31 December 2022 being 1,095.
    assert_eq!((&company["xirr"]["value"], &company["xirr"]["display"]), (&json!("0.259921049895"), &json!("25.99%")));
    assert_eq!(
        (&company["legacyMoic"]["display"], &company["difference"]),
        (&json!("1.00x"), &json!("1.000000000000"))
    );
    let part = &company["differenceParts"][0];
    assert_eq!(part["difference"], "1.000000000000");
    assert!(company["explanation"].as_str().unwrap().starts_with("Lot-level differs from legacy by"), "{company}");
    assert_eq!(table["fund"]["xirr"], company["xirr"]);
    assert!(table["fund"].get("companyId").is_none());
}

#[tokio::test]
async fn a_partial_sale_is_valued_by_the_exits_it_gives_up() {
    let app = TestApp::start().await;
    let fund = invested(&app).await;
    let table = app.get(&fund.path("/analysis?asOf=2022-12-31")).await.expect(200).body;
    let company: i64 = table["companies"][0]["companyId"].as_str().unwrap().parse().unwrap();
    let path = fund.path("/analysis/partial-sale");
    let asked =
        json!({ "companyId": company, "irr": "1", "ownership": "1/10", "asOf": "2022-12-31", "yearsToExit": "2" });
    let valued = app.post(&path, &asked).await.expect(200).body;
    // 4,000,000.00 in two years at 100 % a year are 1,000,000.00 today: a tenth of the company.
    assert_eq!((&valued["presentValueCents"], &valued["valuationCents"]), (&json!("100000000"), &json!("1000000000")));
    assert_eq!(valued["cases"][0]["proceedsCents"], "400000000");
    let change = |field: &str, value: Value| {
        let mut body = asked.clone();
        body[field] = value;
        body
    };
    for (field, value) in [
        ("irr", json!("-2")),
        ("ownership", json!("0")),
        ("companyId", json!(99)),
        ("exitDates", json!({ "base": "never" })),
        ("exitDates", json!({ "other": "2024-01-01" })),
        ("exitDate", json!("2024-01-01")),
    ] {
        let refused = app.post(&path, &change(field, value.clone())).await;
        assert_eq!(refused.status.as_u16(), 422, "{field} {value}: {}", refused.raw);
    }
}

#[tokio::test]
async fn the_analysis_is_guarded() {
    let app = TestApp::start().await;
    let fund = invested(&app).await;
    app.kill("drill").await.expect(200);
    app.get(&fund.path("/analysis")).await.expect_problem(503, "feature_disabled");
    app.post(&fund.path("/analysis/partial-sale"), &json!({})).await.expect_problem(503, "feature_disabled");
}
