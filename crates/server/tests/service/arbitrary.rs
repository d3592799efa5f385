//! Arbitrary documents at the POST routes: never a 5xx, and nothing is written that was not accepted.

use axum::http::Method;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use crate::app::TestApp;

const DOCUMENTS: u32 = 300;

/// Any JSON, with field names and values that the API knows mixed in, so that some documents get far.
fn document() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "name",
        "currency",
        "vintageYear",
        "committedCents",
        "companyId",
        "round",
        "investmentDate",
        "amountCents",
        "investmentId",
        "lotType",
        "instrument",
        "shareClass",
        "purchaseDate",
        "sharesAcquired",
        "sharePriceCents",
        "costBasisCents",
        "type",
        "date",
        "lots",
        "shares",
        "asOf",
        "knownAt",
        "idempotencyKey",
        "role",
        "policy",
        "event",
        "strikeCents",
        "version",
        "é\u{0}",
    ]);
    let words = prop::sample::select(vec![
        "",
        "USD",
        "initial",
        "equity",
        "warrant",
        "safe",
        "mark",
        "split",
        "disposal",
        "reversal",
        "2022-01-31",
        "1",
        "-1",
        "0.5",
        "3/5",
        "1e5",
        "99999999999999999999999999999999",
        "289.498",
        "2026-01-05T00:00:00Z",
        "viewer",
        "PS",
        "\u{0}",
        "💥",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        words.prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 24, 6, {
        let names = names.clone();
        move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((names.clone(), inner), 0..6).prop_map(|fields| fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<Map<_, _>>()
                    .into()),
            ]
        }
    });
    prop::collection::vec((names, value), 0..10).prop_map(|fields| {
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()
    })
}

#[tokio::test]
async fn arbitrary_documents_never_break_the_service_and_refused_ones_write_nothing() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    company.lot().await;
    let routes = [
        ("/api/funds".to_owned(), "/api/funds".to_owned(), "funds"),
        (fund.path("/companies"), fund.path("/companies"), "companies"),
        (fund.path("/investments"), fund.path("/investments"), "investments"),
        (fund.path("/portfolio/lots"), fund.path("/portfolio/lots"), "lots"),
        (company.path("/events"), company.path("/events"), "events"),
        (fund.path("/portfolio/snapshots"), fund.path("/portfolio/snapshots"), "snapshots"),
        ("/api/tokens".to_owned(), "/api/tokens".to_owned(), "tokens"),
        ("/api/session".to_owned(), "/api/people".to_owned(), "people"),
        ("/api/flags/enableLotLevelMoic/restore".to_owned(), "/api/people".to_owned(), "people"),
    ];
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    for number in 0..DOCUMENTS {
        let document = document().new_tree(&mut runner).unwrap().current();
        let (path, list, key) = &routes[number as usize % routes.len()];
        let full = format!("{list}?limit=100");
        let before = app.get(&full).await.expect(200).body[key].clone();
        let answer = app.request(Method::POST, path).json(&document).send().await;
        assert!(answer.status.as_u16() < 500, "{path} {document}: {}", answer.raw);
        if answer.status.is_client_error() {
            assert_eq!(answer.header("content-type"), "application/problem+json");
            assert_eq!(app.get(&full).await.expect(200).body[key], before, "{path} {document} wrote something");
        }
    }
    app.get(&fund.path("/portfolio/lots/moic")).await.expect(200);
}

#[tokio::test]
async fn arbitrary_bytes_are_client_errors() {
    let app = TestApp::start().await;
    let mut runner = TestRunner::deterministic();
    let bytes = prop::collection::vec(any::<u8>(), 0..200);
    for _ in 0..DOCUMENTS {
        let body = bytes.new_tree(&mut runner).unwrap().current();
        let answer =
            app.request(Method::POST, "/api/funds").header("content-type", "application/json").raw(body).send().await;
        assert!(answer.status.is_client_error(), "{}", answer.raw);
    }
    assert_eq!(app.get("/api/funds").await.expect(200).body["funds"], json!([]));
}
