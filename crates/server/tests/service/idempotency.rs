//! Idempotency keys: api.md, "Conventions".

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

#[tokio::test]
async fn twelve_simultaneous_posts_under_one_key_create_one_lot() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    let posts: Vec<_> = (0..12)
        .map(|_| {
            let request = app.request(Method::POST, &fund.path("/portfolio/lots")).key("one").json(&company.lot_body());
            tokio::spawn(request.send())
        })
        .collect();
    let mut answers = Vec::new();
    for post in posts {
        answers.push(post.await.unwrap().expect(201));
    }
    assert!(answers.iter().all(|answer| answer.raw == answers[0].raw), "every answer is the first one");
    assert!(answers.iter().all(|answer| answer.header("location") == answers[0].header("location")));
    let replayed = answers.iter().filter(|answer| answer.header("idempotent-replayed") == "true").count();
    assert_eq!(replayed, 11);
    assert_eq!(fund.count("/portfolio/lots", "lots").await, 1);
}

#[tokio::test]
async fn every_creation_takes_a_key_in_the_header_or_in_the_body() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await;
    let company = fund.company("AlphaTech").await;
    company.lot().await;
    let creations = [
        ("/api/funds".to_owned(), json!({ "name": "Fund II", "currency": "EUR" }), 201),
        (fund.path("/companies"), json!({ "name": "BetaWorks" }), 201),
        (
            fund.path("/investments"),
            json!({ "companyId": company.id, "round": "A", "investmentDate": "2023-01-31", "amountCents": "5" }),
            201,
        ),
        (fund.path("/portfolio/lots"), company.lot_body(), 201),
        (
            company.path("/events"),
            json!({ "type": "mark", "date": "2022-03-31", "shareClass": "PS", "sharePriceCents": "650.407" }),
            201,
        ),
        (fund.path("/portfolio/snapshots"), json!({ "name": "first" }), 202),
        ("/api/people".to_owned(), json!({ "name": "Ada" }), 201),
    ];
    for (path, body, status) in creations {
        let first =
            app.request(Method::POST, &path).key(&format!("header {path}")).json(&body).send().await.expect(status);
        assert_eq!(first.header("idempotent-replayed"), "");
        let second =
            app.request(Method::POST, &path).key(&format!("header {path}")).json(&body).send().await.expect(status);
        assert_eq!((second.header("idempotent-replayed").as_str(), &second.raw), ("true", &first.raw), "{path}");
        assert_eq!(second.header("location"), first.header("location"));

        let mut with_field = body.clone();
        with_field["idempotencyKey"] = json!(format!("body {path}"));
        let first = app.post(&path, &with_field).await.expect(status);
        let second = app.post(&path, &with_field).await.expect(status);
        assert_eq!((second.header("idempotent-replayed").as_str(), &second.raw), ("true", &first.raw), "{path}");

        let mut other = body;
        other["surprise"] = json!(1);
        app.request(Method::POST, &path)
            .key(&format!("header {path}"))
            .json(&other)
            .send()
            .await
            .expect_problem(422, "idempotency_key_reused");
    }
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let app = TestApp::start().await;
    let post = |body: Value| app.request(Method::POST, "/api/funds").key("k").json(&body).send();
    post(json!({ "name": "Fund I" })).await.expect_problem(422, "validation_failed").naming("currency");
    post(json!({ "name": "Fund I", "currency": "USD" })).await.expect(201);
}

#[tokio::test]
async fn keys_are_scoped_to_caller_and_fund() {
    let app = TestApp::start().await;
    let (first, second) = (app.fund("Fund I").await, app.fund("Fund II").await);
    let analyst = app.token("analyst", None).await;
    let body = json!({ "name": "AlphaTech" });
    for fund in [&first, &second] {
        let path = fund.path("/companies");
        let mine = app.request(Method::POST, &path).key("k").json(&body).send().await.expect(201);
        let theirs = app.anonymous(Method::POST, &path).bearer(&analyst).key("k").json(&body).send().await.expect(201);
        assert_ne!(mine.id(), theirs.id());
        assert_eq!(fund.count("/companies", "companies").await, 2);
    }
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_by_name() {
    let app = TestApp::start().await;
    let body = json!({ "name": "Fund I", "currency": "USD" });
    let long = "k".repeat(256);
    app.request(Method::POST, "/api/funds")
        .key(&long)
        .json(&body)
        .send()
        .await
        .expect_problem(400, "malformed")
        .naming("Idempotency-Key");
    let mut with_field = body.clone();
    with_field["idempotencyKey"] = json!("");
    app.post("/api/funds", &with_field).await.expect_problem(422, "validation_failed").naming("idempotencyKey");
    with_field["idempotencyKey"] = json!("a");
    app.request(Method::POST, "/api/funds")
        .key("b")
        .json(&with_field)
        .send()
        .await
        .expect_problem(422, "validation_failed")
        .naming("idempotencyKey");
    assert_eq!(app.get("/api/funds").await.expect(200).body["funds"], json!([]));
}

#[tokio::test]
async fn a_tokens_secret_is_shown_once_and_not_to_a_repeated_key() {
    let app = TestApp::start().await;
    let body = json!({ "name": "ci", "role": "viewer" });
    let post = || app.request(Method::POST, "/api/tokens").key("k").json(&body).send();
    let first = post().await.expect(201);
    let second = post().await.expect(201);
    assert_eq!(first.body["id"], second.body["id"]);
    assert!(first.body["token"].is_string() && second.body.get("token").is_none());
    let listed = app.get("/api/tokens").await.expect(200);
    assert!(!listed.raw.contains(first.text("token").as_str()));
}
