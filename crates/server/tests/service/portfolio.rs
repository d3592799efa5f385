//! Funds, companies, investments, lots, events, exit cases: what is sent comes back.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

#[tokio::test]
async fn a_fund_comes_back_as_it_was_sent() {
    let app = TestApp::start().await;
    let body = json!({ "name": "Fund I", "currency": "USD", "vintageYear": 2021, "committedCents": "10000000000",
        "policy": { "lotRelief": "fifo" } });
    let created = app.post("/api/funds", &body).await.expect(201);
    let path = created.header("location");
    assert_eq!(path, format!("/api/funds/{}", created.id()));
    let read = app.get(&path).await.expect(200);
    assert_eq!(read.body, created.body);
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&read.body[field], value);
    }
    assert_eq!((&read.body["version"], read.header("etag").as_str()), (&json!(1), "\"1\""));
    assert_eq!(read.body["createdAt"], "2026-01-05T00:00:00Z");
}

#[tokio::test]
async fn the_currency_of_a_fund_with_investments_stays() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    fund.company("AlphaTech").await;
    let body = json!({ "name": "Fund I", "currency": "EUR", "version": 1 });
    app.put(&fund.path(""), &body).await.expect_problem(422, "validation_failed").naming("currency");
}

#[tokio::test]
async fn c1_a_lot_is_created_with_its_id_and_comes_back_in_shortest_form() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    let created = company.post_lot(&company.lot_body()).await.expect(201);
    let id = created.text("id");
    assert_eq!(created.header("location"), format!("/api/lots/{id}"));
    let read = app.get(&format!("/api/lots/{id}")).await.expect(200);
    assert_eq!(read.body, created.body);
    assert_eq!(read.body["sharePriceCents"], "289.498");
    assert_eq!(read.body["sharesAcquired"], "518138.294565");
    assert_eq!((&read.body["instrument"], &read.body["companyId"]), (&json!("equity"), &json!(company.id)));
}

#[tokio::test]
async fn of_shares_price_and_cost_any_two_give_the_third() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    for (missing, expected) in
        [("sharesAcquired", "518138.29456507"), ("sharePriceCents", "289.498"), ("costBasisCents", "150000000")]
    {
        let mut body = company.lot_body();
        body.as_object_mut().unwrap().remove(missing);
        assert_eq!(company.post_lot(&body).await.expect(201).text(missing), expected);
    }
}

#[tokio::test]
async fn safes_have_only_a_cost_and_warrants_a_strike() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    let safe = json!({ "investmentId": company.investment, "lotType": "initial", "instrument": "safe", "purchaseDate": "2022-01-31", "costBasisCents": "5000" });
    let created = company.post_lot(&safe).await.expect(201);
    assert_eq!((&created.body["shareClass"], &created.body["sharesAcquired"]), (&Value::Null, &Value::Null));
    let mut with_shares = safe.clone();
    with_shares["sharesAcquired"] = json!("1");
    company.post_lot(&with_shares).await.expect_problem(422, "validation_failed").naming("sharesAcquired");
    let mut warrant = company.lot_body();
    warrant["instrument"] = json!("warrant");
    company.post_lot(&warrant).await.expect_problem(422, "validation_failed").naming("strikeCents");
    warrant["strikeCents"] = json!("100.50");
    assert_eq!(company.post_lot(&warrant).await.expect(201).body["strikeCents"], "100.5");
    let mut common = company.lot_body();
    common.as_object_mut().unwrap().remove("shareClass");
    assert_eq!(company.post_lot(&common).await.expect(201).body["shareClass"], "COMMON");
}

#[tokio::test]
async fn lists_come_in_pages_and_are_filtered() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let (alpha, beta) = (fund.company("AlphaTech").await, fund.company("BetaWorks").await);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(alpha.lot().await);
    }
    let mut secondary = beta.lot_body();
    secondary["lotType"] = json!("secondary");
    ids.push(beta.post_lot(&secondary).await.expect(201).text("id"));

    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&fund.path(&format!("/portfolio/lots?limit=2{cursor}"))).await.expect(200);
        seen.extend(page.body["lots"].as_array().unwrap().iter().map(|lot| lot["id"].as_str().unwrap().to_owned()));
        let Some(next) = page.body["pagination"]["nextCursor"].as_str() else {
            assert_eq!(page.body["pagination"]["hasMore"], false);
            break;
        };
        assert_eq!(page.body["pagination"]["hasMore"], true);
        cursor = format!("&cursor={next}");
    }
    ids.sort();
    seen.sort();
    assert_eq!(seen, ids);
    for (filter, count) in [
        (format!("companyId={}", beta.id), 1),
        (format!("investmentId={}", alpha.investment), 3),
        ("lotType=secondary".to_owned(), 1),
        (format!("lotType=secondary&companyId={}", alpha.id), 0),
    ] {
        assert_eq!(fund.count(&format!("/portfolio/lots?{filter}"), "lots").await, count, "{filter}");
    }
    assert_eq!(fund.count(&format!("/investments?companyId={}", beta.id), "investments").await, 1);
}

#[tokio::test]
async fn events_are_added_reversed_and_entered_anew() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    company.lot().await;
    let mark = company.mark("650.407").await;
    let id = mark.text("id");
    assert_eq!(mark.header("location"), company.path(&format!("/events/{id}")));
    assert_eq!((&mark.body["type"], &mark.body["sharePriceCents"]), (&json!("mark"), &json!("650.407")));
    assert_eq!(app.get(&mark.header("location")).await.expect(200).body, mark.body);

    app.clock.advance(Duration::from_millis(1));
    let reversal = json!({ "type": "reversal", "event": id });
    let reversed = company.post_event(&reversal).await.expect(201);
    assert_eq!(reversed.body["reverses"], id);
    company.post_event(&reversal).await.expect_problem(422, "validation_failed").naming("event");
    company.mark("700").await;
    let events = app.get(&company.path("/events")).await.expect(200);
    assert_eq!(events.body["events"].as_array().unwrap().len(), 3);
    assert_eq!(events.body["events"][0]["reversedBy"], reversed.body["id"]);
}

#[tokio::test]
async fn an_event_that_contradicts_the_portfolio_is_refused_and_not_kept() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    let lot = company.lot().await;
    let sale = |shares: &str| json!({ "type": "disposal", "date": "2023-01-31", "shareClass": "PS", "shares": shares, "proceedsCents": "1000", "lots": { lot.as_str(): shares } });
    company.post_event(&sale("518139")).await.expect_problem(422, "validation_failed");
    company
        .post_event(&json!({ "type": "lot_mark", "date": "2023-01-31", "lot": "nobody", "valueCents": "1" }))
        .await
        .expect_problem(422, "validation_failed")
        .naming("lot");
    assert_eq!(app.get(&company.path("/events")).await.expect(200).body["events"], json!([]));
    company.post_event(&sale("1000")).await.expect(201);
}

#[tokio::test]
async fn exit_cases_are_replaced_as_a_whole_and_must_sum_to_one() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    company.lot().await;
    let path = company.path("/exit-cases");
    let empty = app.get(&path).await.expect(200);
    assert_eq!((&empty.body["exitCases"], &empty.body["version"]), (&json!([]), &json!(0)));
    let case = |id: &str, probability: &str| json!({ "id": id, "probability": probability, "exitPricesCents": { "PS": "1300" } });
    let wrong = json!({ "version": 0, "exitCases": [case("base", "3/5"), case("best", "1/5")] });
    app.put(&path, &wrong).await.expect_problem(422, "validation_failed");
    let right = json!({ "version": 0, "exitCases": [case("base", "3/5"), case("best", "2/5")] });
    let stored = app.put(&path, &right).await.expect(200);
    assert_eq!((&stored.body["exitCases"], &stored.body["version"]), (&right["exitCases"], &json!(1)));
    for not_an_array in [json!({ "version": 1 }), json!({ "version": 1, "exitCases": {} })] {
        app.put(&path, &not_an_array).await.expect_problem(422, "validation_failed").naming("exitCases");
    }
}

#[tokio::test]
async fn c3_the_legacy_moic_is_there_for_an_empty_fund_too() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let empty = app.get(&fund.path("/moic")).await.expect(200);
    assert_eq!(empty.body["fund"]["moic"]["reason"], "no_investments");
    fund.company("AlphaTech").await;
    let moic = app.get(&fund.path("/moic")).await.expect(200);
    assert_eq!(moic.body["fund"]["moic"]["display"], "2.00x");
    assert_eq!(moic.body["companies"][0]["basis"], "ownership × latest post-money valuation + realised");
    assert_eq!((&moic.body["basis"], &moic.body["currency"]), (&json!("gross"), &json!("USD")));
}

#[tokio::test]
async fn the_export_is_a_portfolio_document_the_engine_reads() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    company.lot().await;
    company.mark("650.407").await;
    company.exit_at("1300").await;
    let export = app.get(&fund.path("/export.json?asOf=2022-12-31")).await.expect(200);
    assert!(export.header("content-disposition").contains("2022-12-31.json"));
    let portfolio = moic::Portfolio::from_json(export.raw.as_bytes()).unwrap();
    let result: Value = serde_json::from_slice(&portfolio.evaluate().to_json()).unwrap();
    let served = app.get(&fund.path("/portfolio/lots/moic?asOf=2022-12-31")).await.expect(200);
    assert_eq!(served.body, result);
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::start().await;
    let head = app.request(Method::HEAD, "/api/funds").send().await.expect(200);
    assert_eq!(head.raw, "");
}
