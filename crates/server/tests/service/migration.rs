//! C7: legacy investments become lots, with a dry run, a report, and a way back.

use serde_json::{Value, json};
use store::companies::{self, NewCompany};
use store::investments::{self, NewInvestment};
use store::{CompanyId, FundId, StoreError, Transaction};

use crate::app::{Setup, TestApp};
use crate::postgres_server::PostgresServer;

/// An investment of 1,500,000.00 at a valuation of 10,000,000.00 and a follow-on of 1,000,000.00 at 20,000,000.00.
async fn alpha(app: &TestApp) -> (String, i64, [i64; 2]) {
    let fund = app.fund("Fund I").await;
    let company = app.post(&fund.path("/companies"), &json!({ "name": "AlphaTech" })).await.expect(201).id();
    let mut ids = [0; 2];
    for (id, (round, date, amount, ownership, valuation)) in ids.iter_mut().zip([
        ("Seed", "2022-01-31", "150000000", "0.15", "1000000000"),
        ("Series A", "2023-01-31", "100000000", "0.06", "2000000000"),
    ]) {
        let body = json!({ "companyId": company, "round": round, "investmentDate": date, "amountCents": amount,
            "ownership": ownership, "postMoneyValuationCents": valuation });
        *id = app.post(&fund.path("/investments"), &body).await.expect(201).id();
    }
    (fund.path(""), company, ids)
}

#[tokio::test]
async fn nothing_is_assumed_for_a_share_count_that_nobody_gave() {
    let app = TestApp::start().await;
    let (fund, ..) = alpha(&app).await;
    let path = format!("{fund}/migrations/lots");
    let report = app.post(&path, &json!({ "dryRun": true })).await.expect(200).body;
    assert_eq!((&report["investmentCount"], &report["migratedCount"]), (&json!(2), &json!(0)));
    assert_eq!(report["investments"][0]["obstacle"]["reason"], "no_share_count");
    app.post(&path, &json!({ "dryRun": false })).await.expect_problem(422, "validation_failed");
    app.post(&path, &json!({})).await.expect_problem(422, "validation_failed").naming("dryRun");
}

#[tokio::test]
async fn c7_investments_become_lots_and_are_themselves_again() {
    let app = TestApp::start().await;
    let (fund, company, [seed, series_a]) = alpha(&app).await;
    let path = format!("{fund}/migrations/lots");
    let counts = json!({ company.to_string(): { "2022-01-31": "10000000", "2023-01-31": "12500000" } });
    let asked = |is_dry_run: bool| json!({ "dryRun": is_dry_run, "fullyDilutedByCompany": counts.clone(), "reviewAboveCents": "120000000" });
    let report = app.post(&path, &asked(true)).await.expect(200).body;
    let first = &report["investments"][0];
    assert_eq!((&first["investmentId"], &first["lot"]["pricingConfidence"]), (&json!(seed), &json!("verified")));
    // 10,000,000.00 / 10,000,000 shares: 1.00 each.
    assert_eq!((&first["lot"]["sharePriceCents"], &first["lot"]["sharesAcquired"]), (&json!("100"), &json!("1500000")));
    assert_eq!(first["review"][0]["cause"], "above_threshold");
    let second = &report["investments"][1];
    assert_eq!(
        (&second["lot"]["lotType"], &second["lot"]["pricingConfidence"]),
        (&json!("follow_on"), &json!("calculated"))
    );
    let fund_lenses = &report["fund"];
    // (15 % + 6 %) × 20,000,000.00 / 2,500,000.00, beside 2,125,000 shares at 1.60.
    assert_eq!(
        (&fund_lenses["legacy"], &fund_lenses["lotLevel"]),
        (&json!("1.680000000000"), &json!("1.360000000000"))
    );
    assert!(!fund_lenses["parts"].as_array().unwrap().is_empty());

    let before = app.get(&format!("{fund}/investments")).await.expect(200).body;
    let moic = app.get(&format!("{fund}/moic")).await.expect(200).body;
    let applied = app.post(&path, &asked(false)).await.expect(201);
    assert_eq!((&applied.body["source"], &applied.body["counts"]["lotsCreated"]), (&json!("legacy"), &json!(2)));
    let lots = app.get(&format!("{fund}/portfolio/lots")).await.expect(200).body["lots"].clone();
    assert_eq!((&lots[1]["investmentId"], &lots[1]["pricingConfidence"]), (&json!(series_a), &json!("calculated")));
    let lenses = app.get(&format!("{fund}/portfolio/lots/moic")).await.expect(200).body;
    assert_eq!(lenses["fund"]["lenses"]["current_moic"]["value"], fund_lenses["lotLevel"]);
    assert_eq!(
        app.get(&format!("{fund}/investments")).await.expect(200).body,
        before,
        "the legacy records are untouched"
    );
    assert_eq!(app.get(&format!("{fund}/moic")).await.expect(200).body["fund"], moic["fund"]);
    let again = app.post(&path, &asked(true)).await.expect(200).body;
    assert_eq!(again["investmentCount"], 0, "each investment is migrated once");

    app.post(&format!("{}/undo", applied.header("location")), &json!({})).await.expect(200);
    assert_eq!(app.get(&format!("{fund}/portfolio/lots")).await.expect(200).body["lots"], json!([]));
    assert_eq!(app.get(&format!("{fund}/investments")).await.expect(200).body, before);
    assert_eq!(app.post(&path, &asked(true)).await.expect(200).body, report, "and it can be done again");
}

#[tokio::test]
async fn given_terms_win_and_wrong_ones_are_named() {
    let app = TestApp::start().await;
    let (fund, _, [seed, series_a]) = alpha(&app).await;
    let path = format!("{fund}/migrations/lots");
    let body = json!({ "dryRun": true, "givenTerms": { seed.to_string(): { "priceCents": "200" } },
        "fullyDilutedByInvestment": { series_a.to_string(): "12500000" }, "shareClassByRound": { "Seed": "PS" } });
    let report = app.post(&path, &body).await.expect(200).body;
    let lot = &report["investments"][0]["lot"];
    assert_eq!(
        (&lot["sharesAcquired"], &lot["pricingConfidence"], &lot["shareClass"]),
        (&json!("750000"), &json!("manual"), &json!("PS"))
    );
    let wrong = json!({ "dryRun": true, "givenTerms": { "x": {}, "1": { "shares": "many" } }, "tolerance": "2",
        "fullyDilutedByInvestment": { "1": 5 }, "fullyDilutedByCompany": { "1": { "soon": "1" } } });
    let refused = app.post(&path, &wrong).await.expect_problem(422, "validation_failed");
    let refused = refused.naming("givenTerms.x").naming("givenTerms.1.shares").naming("tolerance");
    refused.naming("fullyDilutedByInvestment.1").naming("fullyDilutedByCompany.1.soon");
}

/// A thousand investments in two hundred companies with the gaps and oddities that such records have.
fn write_oddities(tx: &mut Transaction<'_>, fund: FundId, now: jiff::Timestamp) -> Result<(), StoreError> {
    let mut company = CompanyId(0);
    for number in 0..1000_i64 {
        if number % 5 == 0 {
            let new = NewCompany {
                name: format!("Company {number}"),
                sector: None,
                stage: None,
                status: "active".to_owned(),
            };
            company = companies::create(tx, fund, &new, now)?.id;
        }
        let new = NewInvestment {
            company_id: company,
            round: if number % 11 == 0 { "Seed, 2nd closing".to_owned() } else { format!("Round {}", number % 5) },
            investment_date: jiff::civil::date(i16::try_from(2015 + number % 5).unwrap(), 1, 31),
            amount_cents: match number % 13 {
                0 => 0,
                1 => 1,
                _ => 100_000_000 + number * 7_919,
            },
            ownership: match number % 7 {
                0 => None,
                1 => Some("1".to_owned()),
                _ => Some("0.05".to_owned()),
            },
            post_money_valuation_cents: match number % 17 {
                0 => None,
                1 => Some(0),
                2 => Some(50_000_000),
                _ => Some(2_000_000_000 + number * 104_729),
            },
        };
        investments::create(tx, fund, &new, now)?;
    }
    Ok(())
}

async fn a_thousand_investments_are_migrated_and_taken_back(app: TestApp) {
    let fund = app.fund("Fund I").await;
    let (id, now) = (FundId(fund.id), "2026-01-05T00:00:00Z".parse().unwrap());
    app.store.write(move |tx| write_oddities(tx, id, now)).await.unwrap();
    let path = fund.path("/migrations/lots");
    let listed = app.post(&path, &json!({ "dryRun": true })).await.expect(200).body;
    let companies: Vec<String> =
        listed["companies"].as_array().unwrap().iter().map(|company| company["companyId"].to_string()).collect();
    let counts: serde_json::Map<String, Value> =
        companies.iter().map(|company| (company.clone(), json!({ "2015-01-31": "10000000" }))).collect();
    let asked = |is_dry_run: bool| json!({ "dryRun": is_dry_run, "fullyDilutedByCompany": counts.clone(), "reviewAboveCents": "107000000" });
    let report = app.post(&path, &asked(true)).await.expect(200).body;
    let (all, migrated) = (report["investmentCount"].as_u64().unwrap(), report["migratedCount"].as_u64().unwrap());
    assert_eq!(all, 1000);
    let reasons: std::collections::BTreeSet<&str> = report["investments"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|investment| investment["obstacle"]["reason"].as_str())
        .collect();
    let expected = ["amount_above_valuation", "no_valuation", "valuation_not_positive", "zero_amount"];
    assert!(expected.iter().all(|reason| reasons.contains(reason)), "{reasons:?}");
    let with_lot =
        report["investments"].as_array().unwrap().iter().filter(|investment| !investment["lot"].is_null()).count();
    assert_eq!(with_lot as u64, migrated);
    let moic = app.get(&fund.path("/moic")).await.expect(200).body;
    let applied = app.post(&path, &asked(false)).await.expect(201);
    assert_eq!(applied.body["counts"]["lotsCreated"], migrated);
    assert_eq!(app.get(&fund.path("/moic")).await.expect(200).body["fund"], moic["fund"], "legacy stays as it was");
    let exported = app.get(&fund.path("/export.json")).await.expect(200).body;
    let lots: usize =
        exported["companies"].as_array().unwrap().iter().map(|company| company["lots"].as_array().unwrap().len()).sum();
    assert_eq!(lots as u64, migrated);
    app.post(&format!("{}/undo", applied.header("location")), &json!({})).await.expect(200);
    assert_eq!(app.post(&path, &asked(true)).await.expect(200).body, report);
}

#[tokio::test]
async fn c7_a_thousand_odd_investments_on_sqlite() {
    a_thousand_investments_are_migrated_and_taken_back(TestApp::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c7_a_thousand_odd_investments_on_postgresql() {
    let server = PostgresServer::start();
    let app = Setup::new().on_database(&server.database("postgres")).start().await;
    a_thousand_investments_are_migrated_and_taken_back(app).await;
}
