//! The guard: requirements A1, A4, A5, A6, A7, D3.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Setup, TestApp};

const FLAG: &str = "enableLotLevelMoic";

/// Every guarded route of a fund with a lot, a company and a snapshot.
async fn guarded_routes(app: &TestApp) -> (i64, Vec<(Method, String, Value)>) {
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    let lot = company.lot().await;
    let snapshot = fund.snapshot("first").await;
    app.finished(&snapshot).await;
    let routes = vec![
        (Method::POST, fund.path("/portfolio/lots"), company.lot_body()),
        (Method::PUT, format!("/api/lots/{lot}"), company.lot_body()),
        (Method::POST, fund.path("/portfolio/snapshots"), json!({ "name": "second" })),
        (Method::GET, fund.path("/portfolio/lots/moic"), Value::Null),
        (Method::POST, company.path("/events"), json!({})),
        (Method::PUT, company.path("/exit-cases"), json!({})),
        (Method::GET, format!("/api/snapshots/{snapshot}/compare/{snapshot}"), Value::Null),
        (Method::POST, format!("/api/snapshots/{snapshot}/retry"), Value::Null),
    ];
    (fund.id, routes)
}

#[tokio::test]
async fn a6_the_body_of_the_503_is_exact_and_names_the_real_fund() {
    let app = TestApp::start().await;
    let (fund, routes) = guarded_routes(&app).await;
    app.kill("drill").await.expect(200);
    for (method, path, body) in routes {
        let answer =
            app.request(method.clone(), &path).json(&body).send().await.expect_problem(503, "feature_disabled");
        assert_eq!(answer.body["message"], "The lot-level MOIC feature is currently disabled", "{method} {path}");
        assert_eq!(answer.body["feature"], FLAG);
        let fallback = json!({
            "endpoint": format!("/api/funds/{fund}/moic"),
            "description": "Use legacy MOIC endpoint for basic calculations",
        });
        assert_eq!(answer.body["fallback"], fallback, "{method} {path}");
    }
}

#[tokio::test]
async fn a7_what_worked_before_works_while_the_feature_is_off() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    company.lot().await;
    app.kill("drill").await.expect(200);
    for path in ["", "/moic", "/companies", "/investments", "/portfolio/lots", "/portfolio/snapshots", "/export.json"] {
        app.get(&fund.path(path)).await.expect(200);
    }
    app.get(&company.path("/events")).await.expect(200);
    app.get(&company.path("/exit-cases")).await.expect(200);
    fund.company("BetaWorks").await;
}

#[tokio::test]
async fn a1_only_the_exact_value_true_enables() {
    for (value, on) in [
        (None, false),
        (Some("true"), true),
        (Some("false"), false),
        (Some(""), false),
        (Some("TRUE"), false),
        (Some("1"), false),
    ] {
        let app = Setup::new().with_variable(value).start().await;
        let fund = app.fund("Fund I").await;
        let answer = app.get(&fund.path("/portfolio/lots/moic")).await;
        assert_eq!(answer.status.as_u16(), if on { 200 } else { 503 }, "{value:?}: {}", answer.raw);
        app.get(&fund.path("/moic")).await.expect(200);
    }
}

#[tokio::test]
async fn a1_neither_true_nor_false_is_reported_by_name_and_value_and_is_no_503() {
    for value in ["", "yes"] {
        let app = Setup::new().with_variable(Some(value)).start().await;
        let ready = app.anonymous(Method::GET, "/readyz").send().await.expect(200);
        let warning = ready.body["warnings"][0].as_str().unwrap().to_owned();
        assert!(warning.contains("ENABLE_LOT_LEVEL_MOIC") && warning.contains(&format!("{value:?}")), "{warning}");
    }
    for value in [None, Some("true"), Some("false")] {
        let app = Setup::new().with_variable(value).start().await;
        let ready = app.anonymous(Method::GET, "/readyz").send().await.expect(200);
        assert_eq!(ready.body, json!({ "status": "ready", "warnings": [] }));
    }
}

#[tokio::test]
async fn a5_kill_and_restore_act_from_the_next_request_on_and_are_recorded() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let lenses = fund.path("/portfolio/lots/moic");
    app.get(&lenses).await.expect(200);

    let killed = app.kill("wrong marks").await.expect(200);
    assert_eq!((&killed.body["killed"], &killed.body["enabled"]), (&json!(true), &json!(false)));
    assert_eq!((&killed.body["reason"], &killed.body["changedBy"]), (&json!("wrong marks"), &json!("service:admin")));
    app.get(&lenses).await.expect_problem(503, "feature_disabled");

    let version = app.kill("wrong marks again").await.expect(200).body["version"].clone();
    assert_eq!(version, killed.body["version"], "killing again changes nothing");

    app.restore("marks mended").await.expect(200);
    app.get(&lenses).await.expect(200);
    app.restore("once more").await.expect(200);

    let audit = app.get("/api/flags/enableLotLevelMoic/audit").await.expect(200);
    let now = &killed.body["changedAt"];
    let acts: Vec<_> = audit.body["audit"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["action"].clone(), entry["details"].clone()))
        .collect();
    assert_eq!(
        acts,
        [
            (json!("flag.kill"), json!({ "reason": "wrong marks", "changed": true, "killedAt": now })),
            (json!("flag.kill"), json!({ "reason": "wrong marks again", "changed": false, "killedAt": now })),
            (json!("flag.restore"), json!({ "reason": "marks mended", "changed": true })),
            (json!("flag.restore"), json!({ "reason": "once more", "changed": false })),
        ]
    );
}

#[tokio::test]
async fn a5_a_kill_survives_a_restart() {
    let app = TestApp::start().await;
    let path = app.fund("Fund I").await.path("/portfolio/lots/moic");
    app.kill("drill").await.expect(200);
    let app = Setup::new().on(app.stop().await).start().await;
    app.get(&path).await.expect_problem(503, "feature_disabled");
    app.restore("drill over").await.expect(200);
    let app = Setup::new().on(app.stop().await).start().await;
    app.get(&path).await.expect(200);
}

#[tokio::test]
async fn a5_a_restore_does_not_lift_a_kill_by_environment_and_says_so() {
    let app = Setup::new().with_variable(Some("false")).start().await;
    let path = app.fund("Fund I").await.path("/portfolio/lots/moic");
    let restored = app.restore("please").await.expect(200);
    assert_eq!(
        (&restored.body["enabled"], &restored.body["reasonCode"]),
        (&json!(false), &json!("killed_by_environment"))
    );
    assert!(restored.body["notes"][0].as_str().unwrap().contains("ENABLE_LOT_LEVEL_MOIC"));
    app.get(&path).await.expect(503);
}

#[tokio::test]
async fn a4_a_caller_opts_out_for_themselves_and_an_opt_in_never_beats_a_kill() {
    let app = TestApp::start().await;
    let path = app.fund("Fund I").await.path("/portfolio/lots/moic");
    let asked = |wish: &'static str| app.request(Method::GET, &path).header("x-feature-override", wish).send();
    asked("enableLotLevelMoic=0").await.expect_problem(503, "feature_disabled");
    asked("enableLotLevelMoic=1").await.expect(200);
    app.get(&path).await.expect(200);
    app.kill("drill").await.expect(200);
    asked("enableLotLevelMoic=1").await.expect_problem(503, "feature_disabled");
}

#[tokio::test]
async fn a6_token_then_visibility_then_role_then_guard_then_idempotency_then_body() {
    let app = TestApp::start().await;
    let (fund, hidden) = (app.fund("Fund I").await, app.fund("Fund II").await);
    let viewer = app.token("viewer", Some(&[fund.id])).await;
    let analyst = app.token("analyst", Some(&[fund.id])).await;
    let garbage = |path: String, token: &str| app.anonymous(Method::POST, &path).bearer(token).key("k").raw("{").send();
    app.kill("drill").await.expect(200);
    app.anonymous(Method::POST, &hidden.path("/portfolio/lots"))
        .raw("{")
        .send()
        .await
        .expect_problem(401, "unauthenticated");
    garbage(hidden.path("/portfolio/lots"), &viewer).await.expect_problem(404, "not_found");
    garbage(fund.path("/portfolio/lots"), &viewer).await.expect_problem(403, "forbidden");
    garbage(fund.path("/portfolio/lots"), &analyst).await.expect_problem(503, "feature_disabled");
    app.restore("drill over").await.expect(200);

    let company = fund.company("AlphaTech").await;
    let lots = fund.path("/portfolio/lots");
    app.anonymous(Method::POST, &lots).bearer(&analyst).key("k").json(&company.lot_body()).send().await.expect(201);
    garbage(lots.clone(), &analyst).await.expect_problem(422, "idempotency_key_reused");
    app.anonymous(Method::POST, &lots)
        .bearer(&analyst)
        .raw("{")
        .send()
        .await
        .expect_problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn a6_while_off_a_snapshots_status_is_readable_and_its_result_is_withheld() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    fund.company("AlphaTech").await.lot().await;
    let snapshot = fund.snapshot("first").await;
    assert!(app.finished(&snapshot).await["result"].is_object());
    app.kill("drill").await.expect(200);
    let shown = app.get(&format!("/api/snapshots/{snapshot}")).await.expect(200);
    assert_eq!(shown.body["status"], "complete");
    assert_eq!(shown.body["resultWithheld"], "feature_disabled");
    assert!(shown.body.get("result").is_none());
    app.restore("drill over").await.expect(200);
    let shown = app.get(&format!("/api/snapshots/{snapshot}")).await.expect(200);
    assert!(shown.body["result"].is_object() && shown.body.get("resultWithheld").is_none());
}

#[tokio::test]
async fn d3_the_client_is_told_of_a_kill() {
    let app = TestApp::start().await;
    let on = app.get("/api/client-state").await.expect(200);
    assert_eq!(on.body["flags"][FLAG], json!({ "enabled": true, "reason": "default", "killed": false }));
    assert_eq!(on.body["banner"], Value::Null);
    app.kill("drill").await.expect(200);
    let off = app.get("/api/client-state").await.expect(200);
    assert_eq!(off.body["flags"][FLAG], json!({ "enabled": false, "reason": "killed", "killed": true }));
    assert_eq!(off.body["banner"], json!({ "kind": "unavailable", "text": "Lot-level MOIC temporarily unavailable" }));
}

#[tokio::test]
async fn an_unknown_flag_is_404_and_a_kill_wants_its_reason() {
    let app = TestApp::start().await;
    app.get("/api/flags/enableEverything").await.expect_problem(404, "not_found");
    app.post("/api/flags/enableEverything/kill", &json!({ "reason": "x" })).await.expect_problem(404, "not_found");
    let kill = "/api/flags/enableLotLevelMoic/kill";
    app.post(kill, &json!({})).await.expect_problem(422, "validation_failed").naming("reason");
    app.post(kill, &json!({ "reason": "x", "force": true }))
        .await
        .expect_problem(422, "validation_failed")
        .naming("force");
    let flags = app.get("/api/flags").await.expect(200);
    assert_eq!(flags.body["flags"][0]["key"], FLAG);
    assert_eq!(flags.body["flags"][0]["killed"], false);
    assert_eq!(flags.body["pagination"], json!({ "hasMore": false, "nextCursor": null }));
}

#[tokio::test]
async fn e1_every_check_of_the_flag_is_counted() {
    let app = TestApp::start().await;
    let path = app.fund("Fund I").await.path("/portfolio/lots/moic");
    app.get(&path).await.expect(200);
    app.kill("drill").await.expect(200);
    app.get(&path).await.expect(503);
    app.get(&path).await.expect(503);
    assert_eq!(app.metric(r#"feature_flag_checks_total{flag_name="enableLotLevelMoic",enabled="true"}"#).await, 1.0);
    assert_eq!(app.metric(r#"feature_flag_checks_total{flag_name="enableLotLevelMoic",enabled="false"}"#).await, 2.0);
}
