//! Segments: lists of targeting keys that rules and opt-ins ask for.

use axum::http::Method;
use serde_json::json;

use crate::app::{FLAG, TestApp, own_flag};

#[tokio::test]
async fn a_segment_is_created_renamed_and_filled() {
    let app = TestApp::start().await;
    let created = app.post("/api/segments", &json!({ "key": "friends", "name": "Friends" })).await.expect(201);
    assert_eq!(created.header("location"), "/api/segments/friends");
    app.post("/api/segments", &json!({ "key": "friends", "name": "Others" })).await.expect_problem(409, "conflict");
    app.post("/api/segments", &json!({ "key": "no spaces", "name": "x" })).await.expect(422).naming("key");
    app.put("/api/segments/friends", &json!({ "version": 1, "name": "Good friends" })).await.expect(200);
    app.put("/api/segments/friends", &json!({ "version": 1, "name": "Late" }))
        .await
        .expect_problem(409, "version_conflict");

    let member = |key: &str| format!("/api/segments/friends/members/{key}");
    for key in ["person:1", "person:2", "person:1", "user%40example.com"] {
        app.request(Method::PUT, &member(key)).send().await.expect(204);
    }
    app.delete(&member("person:2")).await.expect(204);
    app.delete(&member("person:2")).await.expect(204);
    let page = app.get("/api/segments/friends/members?limit=1").await.expect(200);
    assert_eq!(page.body["members"][0]["targetingKey"], "person:1");
    let cursor = page.body["pagination"]["nextCursor"].as_str().unwrap().to_owned();
    let page = app.get(&format!("/api/segments/friends/members?cursor={cursor}")).await.expect(200);
    assert_eq!(page.body["members"][0]["targetingKey"], "user@example.com");
    assert_eq!(page.body["pagination"]["hasMore"], false);

    let keys: Vec<_> = app.get("/api/segments").await.expect(200).body["segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|segment| segment["key"].clone())
        .collect();
    assert_eq!(keys, ["early-adopters", "friends"]);
    app.get("/api/segments/nobody").await.expect_problem(404, "not_found");
    for (method, key) in
        [(Method::PUT, "a".repeat(201)), (Method::DELETE, "a".repeat(201)), (Method::PUT, "a%20b".to_owned())]
    {
        app.request(method, &member(&key)).send().await.expect_problem(400, "malformed");
    }
    app.request(Method::PUT, "/api/segments/nobody/members/person:1").send().await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_rule_sees_the_segments_of_the_one_who_asks() {
    let app = TestApp::start().await;
    let path = app.fund("Fund I").await.path("/portfolio/lots/moic");
    let ada = app.person("Ada", "viewer").await;
    let mut definition = own_flag("off", &json!({}));
    definition["targeting"] =
        json!({ "if": [{ "in": ["early-adopters", { "var": "$lotwise.segments" }] }, "on", "off"] });
    app.define(FLAG, &definition).await.expect(200);
    app.by(&ada, Method::GET, &path).send().await.expect(503);
    let member = format!("/api/segments/early-adopters/members/{}", ada.key());
    app.request(Method::PUT, &member).send().await.expect(204);
    app.by(&ada, Method::GET, &path).send().await.expect(200);
    app.delete(&member).await.expect(204);
    app.by(&ada, Method::GET, &path).send().await.expect(503);
}
