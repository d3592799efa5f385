//! Bad input: each kind gets the status of api.md, names field and value, and writes nothing.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Company, Fund, TestApp};

/// A valid body of each creation of a fund's portfolio, by path.
fn creations(fund: &Fund<'_>, company: &Company<'_>) -> Vec<(String, Value)> {
    vec![
        ("/api/funds".to_owned(), json!({ "name": "Fund", "currency": "USD" })),
        (fund.path("/companies"), json!({ "name": "BetaWorks" })),
        (
            fund.path("/investments"),
            json!({ "companyId": company.id, "round": "A", "investmentDate": "2023-01-31", "amountCents": "5" }),
        ),
        (fund.path("/portfolio/lots"), company.lot_body()),
        (
            company.path("/events"),
            json!({ "type": "mark", "date": "2022-03-31", "shareClass": "PS", "sharePriceCents": "650.407" }),
        ),
        (fund.path("/portfolio/snapshots"), json!({ "name": "s" })),
        ("/api/people".to_owned(), json!({ "name": "Ada" })),
        ("/api/tokens".to_owned(), json!({ "name": "ci", "role": "viewer" })),
    ]
}

/// How much there is of everything.
async fn census(app: &TestApp, fund: &Fund<'_>, company: &Company<'_>) -> Vec<usize> {
    let mut counts = Vec::new();
    for (path, key) in [
        ("/api/funds".to_owned(), "funds"),
        (fund.path("/companies"), "companies"),
        (fund.path("/investments"), "investments"),
        (fund.path("/portfolio/lots"), "lots"),
        (company.path("/events"), "events"),
        (fund.path("/portfolio/snapshots"), "snapshots"),
        ("/api/people".to_owned(), "people"),
        ("/api/tokens".to_owned(), "tokens"),
    ] {
        counts.push(app.get(&path).await.expect(200).body[key].as_array().unwrap().len());
    }
    counts
}

#[tokio::test]
async fn bodies_that_are_no_object_of_json_are_refused_everywhere() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    let before = census(&app, &fund, &company).await;
    let deep = format!("{{\"name\":{}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    let oversized = format!("{{\"name\":\"{}\"}}", "x".repeat(server::BODY_BYTES_MAX));
    for (path, valid) in creations(&fund, &company) {
        let send = |kind: &'static str, body: Vec<u8>| {
            app.request(Method::POST, &path).header("content-type", kind).raw(body).send()
        };
        let json = "application/json";
        for broken in ["", "{", "nonsense", "{\"a\":1}{", "{\"a\":01}", "{'a':1}", "\u{0}", "{\"name\":\"\\ud800\"}"] {
            send(json, broken.into()).await.expect_problem(400, "malformed");
        }
        send(json, vec![b'{', b'"', 0xff, b'"', b':', b'1', b'}']).await.expect_problem(400, "malformed");
        send(json, deep.clone().into()).await.expect_problem(400, "malformed");
        for no_object in ["[]", "1", "\"x\"", "null", "true"] {
            send(json, no_object.into()).await.expect_problem(422, "validation_failed");
        }
        send(json, oversized.clone().into()).await.expect_problem(413, "payload_too_large");
        let valid = valid.to_string().into_bytes();
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/json; charset=latin1",
            "multipart/form-data",
        ] {
            send(kind, valid.clone()).await.expect_problem(415, "unsupported_media_type");
        }
        app.request(Method::POST, &path).raw(valid).send().await.expect_problem(415, "unsupported_media_type");
    }
    assert_eq!(census(&app, &fund, &company).await, before, "nothing was written");
}

#[tokio::test]
async fn every_field_is_checked_and_named() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    let before = census(&app, &fund, &company).await;
    let [funds, companies, investments, lots, events, snapshots] = [
        "/api/funds".to_owned(),
        fund.path("/companies"),
        fund.path("/investments"),
        fund.path("/portfolio/lots"),
        company.path("/events"),
        fund.path("/portfolio/snapshots"),
    ];
    let cases: Vec<(&str, &str, Value)> = vec![
        (&funds, "name", json!(7)),
        (&funds, "name", json!("")),
        (&funds, "name", json!("x".repeat(201))),
        (&funds, "name", json!("a\u{0}b")),
        (&funds, "name", Value::Null),
        (&funds, "currency", json!("usd")),
        (&funds, "currency", json!("DOLLAR")),
        (&funds, "vintageYear", json!("2021")),
        (&funds, "vintageYear", json!(1200)),
        (&funds, "vintageYear", json!(2021.5)),
        (&funds, "committedCents", json!(100)),
        (&funds, "committedCents", json!("-1")),
        (&funds, "committedCents", json!("1.5")),
        (&funds, "committedCents", json!("9223372036854775808")),
        (&funds, "policy", json!("fifo")),
        (&funds, "surprise", json!(1)),
        (&companies, "sector", json!(["Fintech"])),
        (&companies, "status", json!(" ")),
        (&investments, "companyId", json!("1")),
        (&investments, "companyId", json!(0)),
        (&investments, "companyId", json!(999)),
        (&investments, "companyId", json!(9_223_372_036_854_775_808_u64)),
        (&investments, "investmentDate", json!("2023-02-29")),
        (&investments, "investmentDate", json!("31.01.2023")),
        (&investments, "amountCents", Value::Null),
        (&investments, "ownership", json!("1.1")),
        (&investments, "ownership", json!("15%")),
        (&investments, "postMoneyValuationCents", json!("1e9")),
        (&lots, "investmentId", json!(999)),
        (&lots, "lotType", json!("first")),
        (&lots, "instrument", json!("bond")),
        (&lots, "purchaseDate", json!("2022-13-01")),
        (&lots, "sharesAcquired", json!("1.123456789")),
        (&lots, "sharesAcquired", json!(518138.29)),
        (&lots, "sharesAcquired", json!("-1")),
        (&lots, "sharePriceCents", json!("289.498000001")),
        (&lots, "costBasisCents", json!("150000000.5")),
        (&lots, "strikeCents", json!("100")),
        (&lots, "sharecount", json!("1")),
        (&snapshots, "asOf", json!("yesterday")),
        (&snapshots, "knownAt", json!("2022-12-31")),
        (&snapshots, "knownAt", json!("2999-01-01T00:00:00Z")),
        (&events, "type", json!("windfall")),
        (&events, "date", Value::Null),
        (&events, "sharePriceCents", json!("-5")),
        (&events, "sharePriceCents", json!("1.123456789")),
        (&events, "surprise", json!("x")),
    ];
    let valid: std::collections::HashMap<String, Value> = creations(&fund, &company).into_iter().collect();
    for (path, field, value) in cases {
        let mut body = valid[path].clone();
        body[field] = value.clone();
        app.post(path, &body).await.expect_problem(422, "validation_failed").naming(field);
    }
    assert_eq!(census(&app, &fund, &company).await, before, "nothing was written");
}

#[tokio::test]
async fn all_problems_of_a_body_are_reported_at_once_with_their_values() {
    let app = TestApp::start().await;
    let body = json!({ "name": 7, "currency": "usd", "committedCents": "1.5", "surprise": true });
    let answer = app.post("/api/funds", &body).await.expect_problem(422, "validation_failed");
    let details: Vec<_> = answer.body["details"]
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| (detail["path"].clone(), detail["value"].clone()))
        .collect();
    for (path, value) in [("name", "7"), ("currency", "usd"), ("committedCents", "1.5"), ("surprise", "true")] {
        assert!(details.contains(&(json!(path), json!(value))), "{path}: {}", answer.raw);
    }
    app.request(Method::POST, "/api/funds")
        .header("content-type", "application/json")
        .raw(r#"{"name":"a","name":"b","currency":"USD"}"#)
        .send()
        .await
        .expect_problem(422, "validation_failed")
        .naming("name");
}

#[tokio::test]
async fn a_contradiction_between_shares_price_and_cost_lists_all_three() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    let mut body = company.lot_body();
    body["costBasisCents"] = json!("300000000");
    let answer = company.post_lot(&body).await.expect_problem(422, "validation_failed");
    answer.naming("sharesAcquired").naming("sharePriceCents").naming("costBasisCents");
    let mut body = company.lot_body();
    for field in ["sharePriceCents", "costBasisCents"] {
        body.as_object_mut().unwrap().remove(field);
    }
    company
        .post_lot(&body)
        .await
        .expect_problem(422, "validation_failed")
        .naming("sharePriceCents")
        .naming("costBasisCents");
}

#[tokio::test]
async fn paths_and_queries_that_cannot_be_read_are_400() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    for path in [
        "/api/funds/x".to_owned(),
        "/api/funds/0".to_owned(),
        "/api/funds/-1".to_owned(),
        "/api/funds/9223372036854775808".to_owned(),
        "/api/lots/1".to_owned(),
        "/api/snapshots/none".to_owned(),
        "/api/tokens/x".to_owned(),
        fund.path("/companies/x"),
        fund.path("/companies?limit=0"),
        fund.path("/companies?limit=101"),
        fund.path("/companies?limit=ten"),
        fund.path("/companies?cursor=!"),
        fund.path("/companies?sort=name"),
        fund.path("/companies?limit=1&limit=2"),
        fund.path("/portfolio/lots?lotType=third"),
        fund.path("/portfolio/lots?companyId=x"),
        fund.path("/portfolio/lots/moic?asOf=2022-02-30"),
        fund.path("/portfolio/lots/moic?knownAt=yesterday"),
        fund.path("/portfolio/snapshots?status=done"),
        fund.path("/export.json?as_of=2022-01-01"),
    ] {
        app.get(&path).await.expect_problem(400, "malformed");
    }
}

#[tokio::test]
async fn unknown_ids_are_404() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let unknown = "01980000-0000-7000-8000-000000000000";
    for path in [
        "/api/funds/99".to_owned(),
        fund.path("/companies/99"),
        fund.path("/companies/99/events"),
        fund.path("/companies/99/exit-cases"),
        fund.path("/investments/99"),
        format!("/api/lots/{unknown}"),
        format!("/api/snapshots/{unknown}"),
        format!("/api/snapshots/{unknown}/events"),
        format!("/api/snapshots/{unknown}/compare/{unknown}"),
        "/api/tokens/99".to_owned(),
    ] {
        app.get(&path).await.expect_problem(404, "not_found");
    }
    app.post(&fund.path("/companies/99/events"), &json!({})).await.expect_problem(404, "not_found");
    app.put(&format!("/api/lots/{unknown}"), &json!({})).await.expect_problem(404, "not_found");
    app.delete(&format!("/api/snapshots/{unknown}")).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_stale_version_is_409_with_the_current_one_and_a_missing_one_is_named() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    let lot = company.lot().await;
    let snapshot = fund.snapshot("s").await;
    let mut lot_body = company.lot_body();
    lot_body["lotType"] = json!("secondary");
    let changes = [
        (fund.path(""), json!({ "name": "Fund I (renamed)", "currency": "USD" }), 1),
        (company.path(""), json!({ "name": "AlphaTech Inc." }), 1),
        (format!("/api/lots/{lot}"), lot_body, 1),
        (company.path("/exit-cases"), json!({ "exitCases": [] }), 0),
        (format!("/api/snapshots/{snapshot}"), json!({ "name": "renamed" }), 1),
    ];
    for (path, body, version) in changes {
        app.put(&path, &body).await.expect_problem(422, "validation_failed").naming("version");
        let mut stale = body.clone();
        stale["version"] = json!(version + 7);
        let conflict = app.put(&path, &stale).await.expect_problem(409, "version_conflict");
        assert_eq!(conflict.body["currentVersion"], version, "{path}");
        let mut right = body.clone();
        right["version"] = json!(version);
        let changed = app.put(&path, &right).await.expect(200);
        assert_eq!(changed.body["version"], version + 1, "{path}");
        assert_eq!(changed.header("etag"), format!("\"{}\"", version + 1));
        let by_header =
            app.request(Method::PUT, &path).header("if-match", &changed.header("etag")).json(&body).send().await;
        assert_eq!(by_header.expect(200).body["version"], version + 2, "{path}");
        let both = app.request(Method::PUT, &path).header("if-match", "\"1\"").json(&stale).send().await;
        both.expect_problem(422, "validation_failed").naming("version");
        let wrong = app.request(Method::PUT, &path).header("if-match", "*").json(&body).send().await;
        wrong.expect_problem(422, "validation_failed").naming("If-Match");
    }
}
