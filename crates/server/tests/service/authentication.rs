//! Tokens, roles and fund scope: api.md, "Auth" and "Order of checks".

use std::time::Duration;

use axum::http::Method;
use serde_json::json;

use crate::app::{Setup, TestApp};

#[tokio::test]
async fn without_a_good_token_there_is_only_401() {
    let app = TestApp::start().await;
    app.fund("Fund I").await;
    for path in ["/api/funds", "/api/funds/1", "/api/funds/99", "/api/funds/x", "/api/flags/none", "/api/people"] {
        let nobody = app.anonymous(Method::GET, path).send().await.expect_problem(401, "unauthenticated");
        assert!(nobody.header("www-authenticate").starts_with("Bearer"), "{path}");
        app.anonymous(Method::GET, path).bearer("lotwise_wrong").send().await.expect_problem(401, "unauthenticated");
        app.anonymous(Method::GET, path)
            .header("authorization", "Basic eDp5")
            .send()
            .await
            .expect_problem(401, "unauthenticated");
        app.anonymous(Method::GET, path)
            .header("cookie", "lotwise_session=x")
            .send()
            .await
            .expect_problem(401, "unauthenticated");
    }
}

#[tokio::test]
async fn each_role_may_do_what_it_says_and_not_more() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    let reason = json!({ "reason": "drill" });
    let acts = [
        ("viewer", Method::GET, fund.path(""), json!(null)),
        ("viewer", Method::GET, fund.path("/portfolio/lots/moic"), json!(null)),
        ("viewer", Method::GET, "/api/flags".to_owned(), json!(null)),
        ("analyst", Method::POST, fund.path("/companies"), json!({ "name": "BetaWorks" })),
        ("analyst", Method::POST, fund.path("/portfolio/lots"), company.lot_body()),
        ("analyst", Method::POST, fund.path("/portfolio/snapshots"), json!({ "name": "s" })),
        ("operator", Method::POST, "/api/flags/enableLotLevelMoic/restore".to_owned(), reason),
        ("admin", Method::GET, "/api/tokens".to_owned(), json!(null)),
        ("admin", Method::POST, "/api/people".to_owned(), json!({ "name": "Ada" })),
    ];
    let roles = ["viewer", "analyst", "approver", "operator", "admin"];
    for (rank, role) in roles.iter().enumerate() {
        let token = app.token(role, None).await;
        for (needed, method, path, body) in &acts {
            let may = rank >= roles.iter().position(|role| role == needed).unwrap();
            let answer = app.anonymous(method.clone(), path).bearer(&token).json(body).send().await;
            if may {
                assert!(answer.status.is_success(), "{role} {method} {path}: {}", answer.raw);
            } else {
                answer.expect_problem(403, "forbidden");
            }
        }
    }
}

#[tokio::test]
async fn what_belongs_to_a_fund_out_of_sight_does_not_exist() {
    let app = TestApp::start().await;
    let (mine, other) = (app.fund("Mine").await, app.fund("Other").await);
    let (my_company, other_company) = (mine.company("AlphaTech").await, other.company("BetaWorks").await);
    let (my_lot, other_lot) = (my_company.lot().await, other_company.lot().await);
    let (my_snapshot, other_snapshot) = (mine.snapshot("m").await, other.snapshot("o").await);
    let token = app.token("analyst", Some(&[mine.id])).await;
    let get = |path: String| app.anonymous(Method::GET, &path).bearer(&token).send();
    for path in [mine.path(""), format!("/api/lots/{my_lot}"), format!("/api/snapshots/{my_snapshot}")] {
        get(path).await.expect(200);
    }
    for path in [
        other.path(""),
        other.path("/moic"),
        other.path("/companies"),
        other.path("/portfolio/lots"),
        other.path("/export.json"),
        mine.path(&format!("/companies/{}", other_company.id)),
        mine.path(&format!("/companies/{}/events", other_company.id)),
        mine.path(&format!("/investments/{}", other_company.investment)),
        format!("/api/lots/{other_lot}"),
        format!("/api/snapshots/{other_snapshot}"),
        format!("/api/snapshots/{other_snapshot}/events"),
        format!("/api/snapshots/{my_snapshot}/compare/{other_snapshot}"),
    ] {
        get(path).await.expect_problem(404, "not_found");
    }
    let listed = get("/api/funds".to_owned()).await.expect(200);
    assert_eq!(listed.body["funds"].as_array().unwrap().len(), 1);
    // An investment of the other fund is not one of this fund's, even for who sees both.
    let mut body = my_company.lot_body();
    body["investmentId"] = json!(other_company.investment);
    my_company.post_lot(&body).await.expect_problem(422, "validation_failed").naming("investmentId");
    assert_eq!(mine.count("/portfolio/lots", "lots").await, 1);
}

#[tokio::test]
async fn who_sees_some_funds_only_cannot_create_one() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let token = app.token("analyst", Some(&[fund.id])).await;
    let body = json!({ "name": "Fund II", "currency": "USD" });
    app.anonymous(Method::POST, "/api/funds").bearer(&token).json(&body).send().await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_revoked_or_expired_token_is_refused_from_the_next_request_on() {
    let app = TestApp::start().await;
    let body = json!({ "name": "ci", "role": "viewer", "expiresAt": "2026-01-05T01:00:00Z" });
    let created = app.post("/api/tokens", &body).await.expect(201);
    let get = || app.anonymous(Method::GET, "/api/funds").bearer(created.body["token"].as_str().unwrap()).send();
    get().await.expect(200);
    app.clock.advance(Duration::from_secs(3_601));
    get().await.expect_problem(401, "unauthenticated");

    let created = app.post("/api/tokens", &json!({ "name": "ci", "role": "viewer" })).await.expect(201);
    let get = || app.anonymous(Method::GET, "/api/funds").bearer(created.body["token"].as_str().unwrap()).send();
    get().await.expect(200);
    let path = created.header("location");
    assert!(app.delete(&path).await.expect(200).body["revokedAt"].is_string());
    app.delete(&path).await.expect(200);
    get().await.expect_problem(401, "unauthenticated");
    app.delete("/api/tokens/999").await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_token_belongs_to_a_person_or_a_service_that_exist() {
    let app = TestApp::start().await;
    let ada = app.post("/api/people", &json!({ "name": "Ada" })).await.expect(201).id();
    let created =
        app.post("/api/tokens", &json!({ "name": "ada", "role": "viewer", "personId": ada })).await.expect(201);
    assert_eq!(created.body["personId"], ada);
    let who = app.anonymous(Method::GET, "/api/session").bearer(&created.text("token")).send().await.expect(200);
    assert_eq!((&who.body["key"], &who.body["name"]), (&json!(format!("person:{ada}")), &json!("Ada")));
    let token = app.post("/api/tokens", &json!({ "name": "ci", "role": "viewer" })).await.expect(201);
    let who = app.anonymous(Method::GET, "/api/session").bearer(&token.text("token")).send().await.expect(200);
    assert_eq!(who.body["key"], format!("token:{}", token.id()));

    let wrong =
        json!({ "name": "x", "role": "king", "personId": 0, "fundIds": ["1"], "expiresAt": "2020-01-01T00:00:00Z" });
    let answer = app.post("/api/tokens", &wrong).await.expect_problem(422, "validation_failed");
    answer.naming("role").naming("personId").naming("fundIds[0]").naming("expiresAt");
    let unknown = json!({ "name": "x", "role": "viewer", "personId": 99, "fundIds": [99] });
    app.post("/api/tokens", &unknown)
        .await
        .expect_problem(422, "validation_failed")
        .naming("personId")
        .naming("fundIds[0]");
}

#[tokio::test]
async fn without_an_admin_token_nobody_is_the_administrator() {
    let app = Setup::new().with_config(|config| config.admin_token = None).start().await;
    app.get("/api/funds").await.expect_problem(401, "unauthenticated");
}
