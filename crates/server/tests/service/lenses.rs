//! The seven lenses now, as of a date, as known at a time: C4, and performance.md's fund page.

use std::io::Read;
use std::time::Duration;

use axum::http::Method;
use serde_json::json;
use server::Clock;

use crate::app::TestApp;

#[tokio::test]
async fn c4_a_marked_lot_has_its_multiple_at_every_level() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    let lot = company.lot().await;
    company.mark("650.407").await;
    company.exit_at("1300").await;
    let result = app.get(&fund.path("/portfolio/lots/moic?asOf=2022-12-31")).await.expect(200).body;
    assert_eq!(result["asOf"], "2022-12-31");
    assert_eq!(result["engineVersion"], moic::ENGINE_VERSION);
    for lenses in [&result["fund"]["lenses"], &result["companies"][0]["lenses"], &result["sectors"][0]["lenses"]] {
        assert_eq!(lenses["current_moic"]["display"], "2.25x", "{result}");
        assert_eq!(lenses["exit_moic"]["display"], "4.49x");
        assert_eq!(lenses["exit_moic_planned_reserves"]["reason"], "no_planned_reserves");
    }
    assert_eq!(result["companies"][0]["lots"][0]["id"], lot.as_str());
}

#[tokio::test]
async fn an_earlier_date_shows_the_state_of_then() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    company.lot().await;
    company.mark("650.407").await;
    let at =
        async |date: &str| app.get(&fund.path(&format!("/portfolio/lots/moic?asOf={date}"))).await.expect(200).body;
    assert_eq!(at("2022-03-30").await["fund"]["lenses"]["current_moic"]["reason"], "unpriced");
    assert_eq!(at("2022-03-31").await["fund"]["lenses"]["current_moic"]["display"], "2.25x");
    assert_eq!(at("2022-01-30").await["fund"]["lenses"]["current_moic"]["reason"], "no_lots");
}

#[tokio::test]
async fn an_earlier_knowledge_shows_what_was_known_then() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    let lot = company.lot().await;
    company.mark("650.407").await;
    app.clock.advance(Duration::from_secs(60));
    let before = app.clock.now();
    app.clock.advance(Duration::from_secs(60));
    let mut corrected = company.lot_body();
    corrected["costBasisCents"] = json!("151000000");
    corrected["version"] = json!(1);
    app.put(&format!("/api/lots/{lot}"), &corrected).await.expect(200);
    let lenses = async |query: String| {
        app.get(&fund.path(&format!("/portfolio/lots/moic?asOf=2022-12-31{query}"))).await.expect(200).body
    };
    let now = lenses(String::new()).await;
    let then = lenses(format!("&knownAt={before}")).await;
    assert_eq!(now["fund"]["lenses"]["current_moic"]["denominatorCents"], "151000000");
    assert_eq!(then["fund"]["lenses"]["current_moic"]["denominatorCents"], "150000000");
    assert_ne!(now["inputsHash"], then["inputsHash"]);
}

#[tokio::test]
async fn the_same_question_is_computed_once_and_a_write_makes_it_a_new_one() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    company.lot().await;
    let path = fund.path("/portfolio/lots/moic");
    let calculations = || app.metric(r#"lot_moic_calculation_duration_seconds_count{lens_type="current_moic"}"#);
    let first = app.get(&path).await.expect(200).raw;
    let second = app.get(&path).await.expect(200).raw;
    assert_eq!(first, second);
    assert_eq!(calculations().await, 1.0);
    company.mark("650.407").await;
    assert_ne!(app.get(&path).await.expect(200).raw, first, "a reader sees every write that was acknowledged");
    assert_eq!(calculations().await, 2.0);
}

#[tokio::test]
async fn without_a_date_it_is_today() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    assert_eq!(app.get(&fund.path("/portfolio/lots/moic")).await.expect(200).body["asOf"], "2026-01-05");
    app.clock.advance(Duration::from_secs(24 * 3_600));
    assert_eq!(app.get(&fund.path("/portfolio/lots/moic")).await.expect(200).body["asOf"], "2026-01-06");
}

#[tokio::test]
async fn a_kept_result_is_sent_compressed_to_whom_takes_it_and_is_the_same() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    company.lot().await;
    for path in ["/portfolio/lots/moic", "/reserves/ranking", "/moic"] {
        let asked = || app.request(Method::GET, &fund.path(path));
        let plain = asked().send().await.expect(200);
        let packed = asked().header("accept-encoding", "gzip, br").send().await.expect(200);
        assert_eq!(plain.header("vary"), "accept-encoding", "{path}");
        assert!(!plain.headers.contains_key("content-encoding"), "{path}");
        if plain.bytes.len() < 1024 {
            assert_eq!(packed.bytes, plain.bytes, "{path}");
            continue;
        }
        assert_eq!(packed.header("content-encoding"), "gzip", "{path}");
        assert!(packed.bytes.len() < plain.bytes.len(), "{path}");
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&packed.bytes[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain.bytes, "{path}");
    }
    assert!(app.get(&fund.path("/portfolio/lots/moic")).await.bytes.len() > 1024, "one of them is long enough");
}
