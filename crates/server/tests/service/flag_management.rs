//! Flags through the API: create, change, archive, history, explanation, remarks, import and export.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{FLAG, TestApp, boolean_flag, own_flag};

const CHECKOUT: &str = "/api/flags/checkout";

async fn with_checkout() -> TestApp {
    let app = TestApp::start().await;
    let body = json!({ "key": "checkout", "definition": boolean_flag("off"), "comment": "first" });
    app.post("/api/flags", &body).await.expect(201);
    app
}

#[tokio::test]
async fn a_flag_is_created_changed_and_archived_by_version() {
    let app = TestApp::start().await;
    let body = json!({ "key": "checkout", "definition": boolean_flag("off") });
    let created = app.post("/api/flags", &body).await.expect(201);
    assert_eq!(created.header("location"), CHECKOUT);
    assert_eq!((&created.body["version"], &created.body["source"]), (&json!(1), &json!("stored")));
    assert_eq!(created.body["definition"], boolean_flag("off"));
    app.post("/api/flags", &body).await.expect_problem(409, "conflict");

    let changed = app.put(CHECKOUT, &json!({ "version": 1, "definition": boolean_flag("on") })).await.expect(200);
    assert_eq!((&changed.body["version"], &changed.body["enabled"]), (&json!(2), &json!(true)));
    assert_eq!(changed.header("etag"), "\"2\"");
    let late = app.put(CHECKOUT, &json!({ "version": 1, "definition": boolean_flag("off") })).await;
    assert_eq!(late.expect_problem(409, "version_conflict").body["currentVersion"], 2);
    app.put(CHECKOUT, &json!({ "definition": boolean_flag("off") })).await.expect(422).naming("version");

    app.request(Method::DELETE, CHECKOUT)
        .header("if-match", "\"1\"")
        .send()
        .await
        .expect_problem(409, "version_conflict");
    let archived = app.request(Method::DELETE, CHECKOUT).header("if-match", "\"2\"").send().await.expect(200);
    assert_eq!((&archived.body["archived"], &archived.body["version"]), (&json!(true), &json!(3)));
    assert_eq!(app.flag("checkout").await["archived"], true);
    let listed = app.get("/api/flags").await.expect(200);
    let keys: Vec<_> = listed.body["flags"].as_array().unwrap().iter().map(|flag| flag["key"].clone()).collect();
    assert_eq!(keys, [FLAG, "useFundStore"]);
    app.post(&format!("{CHECKOUT}/kill"), &json!({ "reason": "x" })).await.expect_problem(404, "not_found");
    assert_eq!(
        app.post("/api/flags", &body).await.expect(201).body["version"],
        4,
        "an archived key can be taken again"
    );
}

#[tokio::test]
async fn a_broken_edit_is_refused_with_every_problem_and_the_last_good_set_stays() {
    let app = with_checkout().await;
    let broken = json!({
        "state": "MAYBE",
        "variants": { "on": true, "off": false },
        "defaultVariant": "blue",
        "targeting": { "if": [{ "frobnicate": [1] }, "on"] },
    });
    let body = json!({ "version": 1, "definition": broken });
    let refused = app.put(CHECKOUT, &body).await.expect_problem(422, "validation_failed");
    let refused = refused.naming("definition.state").naming("definition.defaultVariant");
    let details = refused.body["details"].as_array().unwrap();
    assert!(
        details.iter().any(|one| one["path"].as_str().unwrap().starts_with("definition.targeting")),
        "{}",
        refused.raw
    );
    let flag = app.flag("checkout").await;
    assert_eq!((&flag["version"], &flag["definition"]), (&json!(1), &boolean_flag("off")));
    for (body, field) in [
        (json!({ "version": 1 }), "definition"),
        (json!({ "version": 1, "definition": [] }), "definition"),
        (json!({ "version": 1, "definition": {}, "extra": 1 }), "extra"),
        (json!({ "version": 1, "definition": { "variants": {} } }), "definition.state"),
    ] {
        app.put(CHECKOUT, &body).await.expect_problem(422, "validation_failed").naming(field);
    }
    for key in ["", "no spaces", "lint", &"k".repeat(201)] {
        let body = json!({ "key": key, "definition": boolean_flag("on") });
        app.post("/api/flags", &body).await.expect_problem(422, "validation_failed").naming("key");
    }
}

#[tokio::test]
async fn what_flags_share_is_checked_with_the_flags_that_use_it() {
    let app = with_checkout().await;
    let rule = json!({ "staff": { "in": ["@example.com", { "var": "email" }] } });
    let shared = json!({ "version": 0, "evaluators": rule, "metadata": { "team": "growth" }, "bucketing": "v2" });
    let set = app.put("/api/flag-set", &shared).await.expect(200);
    assert_eq!(
        (&set.body["evaluators"], &set.body["bucketing"], &set.body["version"]),
        (&rule, &json!("v2"), &json!(1))
    );
    let mut definition = boolean_flag("off");
    definition["targeting"] = json!({ "if": [{ "$ref": "staff" }, "on", null] });
    app.define("checkout", &definition).await.expect(200);
    let dangling = app.put("/api/flag-set", &json!({ "version": 1 })).await.expect_problem(422, "validation_failed");
    assert!(dangling.raw.contains("staff"), "{}", dangling.raw);
    app.put("/api/flag-set", &shared).await.expect_problem(409, "version_conflict");
    app.put("/api/flag-set", &json!({ "version": 1, "bucketing": "v4" })).await.expect(422).naming("bucketing");
    app.put("/api/flag-set", &json!({ "version": 1, "metadata": 3 })).await.expect(422).naming("metadata");
}

#[tokio::test]
async fn the_servers_own_flags_are_typed_and_stay() {
    let app = TestApp::start().await;
    let path = format!("/api/flags/{FLAG}");
    let mut text = own_flag("on", &json!({}));
    text["variants"]["on"] = json!("yes");
    let refused = app.define(FLAG, &text).await.expect_problem(422, "validation_failed");
    refused.naming("definition.variants.on");
    let body = json!({ "version": 0 });
    app.request(Method::DELETE, &path).json(&body).send().await.expect_problem(409, "conflict");
    assert_eq!(
        (app.flag(FLAG).await["version"].clone(), app.flag(FLAG).await["source"].clone()),
        (json!(0), json!("seeded"))
    );
}

#[tokio::test]
async fn history_shows_each_version_with_what_changed_who_and_why() {
    let app = TestApp::start().await;
    let ada = app.person("Ada", "operator").await;
    let path = format!("/api/flags/{FLAG}");
    let mut definition = app.flag(FLAG).await["definition"].clone();
    definition["defaultVariant"] = json!("off");
    let body = json!({ "version": 0, "definition": definition, "comment": "off by default" });
    app.by(&ada, Method::PUT, &path).json(&body).send().await.expect(200);
    definition["metadata"]["owner"] = json!("growth");
    app.define(FLAG, &definition).await.expect(200);

    let history = app.get(&format!("{path}/history?limit=1")).await.expect(200);
    let newest = &history.body["versions"][0];
    assert_eq!((&newest["version"], &newest["by"]), (&json!(2), &json!("service:admin")));
    assert_eq!(newest["changes"], json!([{ "path": "metadata.owner", "before": "portfolio", "after": "growth" }]));
    let cursor = history.body["pagination"]["nextCursor"].as_str().unwrap().to_owned();
    let history = app.get(&format!("{path}/history?cursor={cursor}")).await.expect(200);
    let first = &history.body["versions"][0];
    assert_eq!((&first["by"], &first["comment"]), (&json!(ada.key()), &json!("off by default")));
    assert_eq!(first["changes"], json!([{ "path": "defaultVariant", "before": "on", "after": "off" }]));
    assert_eq!(history.body["pagination"]["hasMore"], false);
}

#[tokio::test]
async fn an_explanation_says_which_step_and_which_rule_decided() {
    let app = TestApp::start().await;
    let mut definition = own_flag("off", &json!({}));
    definition["targeting"] = json!({ "if": [{ "==": [{ "var": "country" }, "NL"] }, "on", null] });
    app.define(FLAG, &definition).await.expect(200);
    let explain = async |body: Value| app.post(&format!("/api/flags/{FLAG}/explain"), &body).await;
    let decided = |answer: &Value| {
        let steps = answer["steps"].as_array().unwrap().iter();
        steps.filter(|step| step["decided"] == true).map(|step| step["step"].clone()).collect::<Vec<_>>()
    };
    let dutch = explain(json!({ "context": { "targetingKey": "person:1", "country": "NL" } })).await.expect(200).body;
    assert_eq!(
        (&dutch["key"], &dutch["value"], &dutch["reason"]),
        (&json!(FLAG), &json!(true), &json!("TARGETING_MATCH"))
    );
    assert_eq!(decided(&dutch), ["targeting"]);
    assert!(!dutch["rules"].as_array().unwrap().is_empty());
    let other = explain(json!({ "context": { "country": "BE" } })).await.expect(200).body;
    assert_eq!((&other["value"], decided(&other)), (&json!(false), vec![json!("default")]));
    let out = explain(json!({ "context": { "country": "NL" }, "override": 0 })).await.expect(200).body;
    assert_eq!(decided(&out), ["opt-out"]);
    app.kill("drill").await.expect(200);
    assert_eq!(decided(&explain(json!({})).await.expect(200).body), ["kill"]);
    for body in [json!({ "context": 3 }), json!({ "context": { "targetingKey": 3 } })] {
        explain(body).await.expect_problem(422, "validation_failed").naming("context");
    }
    explain(json!({ "override": 2 })).await.expect_problem(422, "validation_failed").naming("override");
    let twice = r#"{"context":{"country":"NL","country":"BE"}}"#;
    let request = app.request(Method::POST, &format!("/api/flags/{FLAG}/explain"));
    let twice = request.header("content-type", "application/json").raw(twice).send().await;
    assert!(twice.expect(422).naming("context").raw.contains("country"));
}

#[tokio::test]
async fn remarks_and_use_are_shown() {
    let app = with_checkout().await;
    let mut definition = boolean_flag("off");
    definition["targeting"] = json!({ "if": [true, "on", "off"] });
    definition["metadata"] = json!({ "kind": "release", "owner": "growth", "expectedLifetimeDays": 1 });
    app.define("checkout", &definition).await.expect(200);
    app.clock.advance(Duration::from_secs(40 * 24 * 60 * 60));
    let flag = app.flag("checkout").await;
    assert_eq!((&flag["kind"], &flag["owner"]), (&json!("release"), &json!("growth")));
    let codes: Vec<_> = flag["staleness"].as_array().unwrap().iter().map(|one| one["code"].clone()).collect();
    for code in ["constant_rule", "past_lifetime", "never_evaluated"] {
        assert!(codes.contains(&json!(code)), "{code} is missing from {codes:?}");
    }
    let lint = app.get("/api/flags/lint").await.expect(200);
    let of_checkout = lint.body["findings"].as_array().unwrap().iter().filter(|one| one["flag"] == "checkout");
    assert_eq!(of_checkout.count(), codes.len());
}

#[tokio::test]
async fn use_is_stored_when_the_service_stops_and_goes_on_after_a_restart() {
    let app = TestApp::start().await;
    let path = app.fund("Fund I").await.path("/portfolio/lots/moic");
    for _ in 0..3 {
        app.get(&path).await.expect(200);
    }
    let app = crate::app::Setup::new().on(app.stop().await).start().await;
    let usage = app.flag(FLAG).await["usage"].clone();
    assert_eq!((&usage["evaluations"], &usage["lastVariant"]), (&json!(3), &json!("on")));
    assert_eq!((&usage["variants"], usage["lastEvaluatedAt"].is_string()), (&json!({ "on": 3 }), true));
}

#[tokio::test]
async fn a_document_comes_in_whole_or_not_at_all_and_goes_out_again() {
    let app = with_checkout().await;
    let document = json!({
        "flags": { "checkout": boolean_flag("off"), "banner": boolean_flag("on"), FLAG: own_flag("off", &json!({})) },
        "$evaluators": { "staff": { "in": ["@example.com", { "var": "email" }] } },
        "metadata": { "flagSetId": "shop" },
    });
    let report = app.post("/api/flag-set/import?dryRun=true", &document).await.expect(200).body;
    let expected = json!({ "created": ["banner"], "changed": [FLAG], "unchanged": ["checkout"], "setChanged": true });
    assert_eq!(report, expected);
    app.get("/api/flags/banner").await.expect(404);

    let mut broken = document.clone();
    broken["flags"]["banner"]["defaultVariant"] = json!("blue");
    let refused = app.post("/api/flag-set/import", &broken).await.expect_problem(422, "validation_failed");
    refused.naming("flags.banner.defaultVariant");
    assert_eq!(app.flag(FLAG).await["version"], 0);

    assert_eq!(app.post("/api/flag-set/import", &document).await.expect(200).body, expected);
    let exported = app.get("/api/flag-set/export").await.expect(200).body;
    for part in ["$evaluators", "metadata"] {
        assert_eq!(exported[part], document[part], "{part}");
    }
    for (key, definition) in document["flags"].as_object().unwrap() {
        assert_eq!(&exported["flags"][key], definition, "{key}");
    }
    let again = app.post("/api/flag-set/import", &exported).await.expect(200).body;
    assert_eq!((&again["created"], &again["changed"], &again["setChanged"]), (&json!([]), &json!([]), &json!(false)));

    app.request(Method::POST, "/api/flag-set/import")
        .header("content-type", "application/json")
        .raw("{")
        .send()
        .await
        .expect_problem(400, "malformed");
    app.post("/api/flag-set/import", &json!([])).await.expect(422);
    let bad_key = json!({ "flags": { "no spaces": boolean_flag("on") } });
    app.post("/api/flag-set/import", &bad_key).await.expect_problem(422, "validation_failed");
    let huge = format!("{{\"flags\":{{}},\"metadata\":{{\"x\":\"{}\"}}}}", "x".repeat(flags::DOCUMENT_BYTES_MAX));
    let request = app.request(Method::POST, "/api/flag-set/import").header("content-type", "application/json");
    request.raw(huge).send().await.expect_problem(413, "payload_too_large");
}

#[tokio::test]
async fn any_flag_can_be_killed_and_restored() {
    let app = with_checkout().await;
    app.define("checkout", &boolean_flag("on")).await.expect(200);
    let killed = app.post(&format!("{CHECKOUT}/kill"), &json!({ "reason": "drill" })).await.expect(200).body;
    assert_eq!(
        (&killed["enabled"], &killed["reasonCode"], &killed["killPending"]),
        (&json!(false), &json!("killed"), &json!(false))
    );
    let restored = app.post(&format!("{CHECKOUT}/restore"), &json!({ "reason": "over" })).await.expect(200).body;
    assert_eq!((&restored["enabled"], &restored["killed"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn flags_are_listed_in_pages_and_created_once_under_a_key() {
    let app = TestApp::start().await;
    let body = json!({ "key": "a.flag:1", "definition": boolean_flag("on") });
    let post = || app.request(Method::POST, "/api/flags").key("k").json(&body).send();
    let (first, again) = (post().await.expect(201), post().await.expect(201));
    assert_eq!((first.raw, again.header("idempotent-replayed").as_str()), (again.raw, "true"));
    let (mut keys, mut path) = (Vec::new(), "/api/flags?limit=1".to_owned());
    loop {
        let page = app.get(&path).await.expect(200).body;
        keys.extend(page["flags"].as_array().unwrap().iter().map(|flag| flag["key"].clone()));
        let Some(cursor) = page["pagination"]["nextCursor"].as_str() else { break };
        path = format!("/api/flags?limit=1&cursor={cursor}");
    }
    assert_eq!(keys, ["a.flag:1", FLAG, "useFundStore"]);
}

#[tokio::test]
async fn only_an_operator_who_sees_all_funds_edits_flags() {
    let app = TestApp::start().await;
    let fund = app.fund("Fund I").await.id;
    let body = json!({ "key": "checkout", "definition": boolean_flag("on") });
    let limited = app.token("operator", Some(&[fund])).await;
    app.anonymous(Method::POST, "/api/flags")
        .bearer(&limited)
        .json(&body)
        .send()
        .await
        .expect_problem(403, "forbidden");
    let approver = app.token("approver", None).await;
    app.anonymous(Method::POST, "/api/flags")
        .bearer(&approver)
        .json(&body)
        .send()
        .await
        .expect_problem(403, "forbidden");
    let kill = format!("/api/flags/{FLAG}/kill");
    let reason = json!({ "reason": "wrong marks" });
    app.anonymous(Method::POST, &kill).bearer(&limited).json(&reason).send().await.expect(200);
}

#[tokio::test]
async fn hostile_definitions_are_refused_and_never_a_500() {
    let app = with_checkout().await;
    let deep = |levels: usize| format!("{}1{}", "{\"!\":".repeat(levels), "}".repeat(levels));
    let with_rule = |rule: &str| {
        format!(r#"{{"state":"ENABLED","variants":{{"on":true}},"defaultVariant":"on","targeting":{rule}}}"#)
    };
    for (definition, status) in [
        (r#"{"state":"ENABLED","state":"DISABLED","variants":{"on":true},"defaultVariant":"on"}"#.to_owned(), 422),
        (with_rule(&deep(70)), 422),
        (with_rule(&deep(200)), 400),
        (with_rule(r#"{"fractional":[["on",4294967295],["on",4294967295]]}"#), 422),
        (with_rule(r#"{"fractional":[["on",1e400]]}"#), 400),
        (with_rule(r#"{"starts_with":["a"]}"#), 422),
        (with_rule(r#"{"$ref":"nowhere"}"#), 422),
        (with_rule(&format!("{{\"and\":[{}1]}}", "1,".repeat(20_000))), 422),
    ] {
        let body = format!(r#"{{"version":1,"definition":{definition}}}"#);
        let request = app.request(Method::PUT, CHECKOUT).header("content-type", "application/json");
        let answer = request.raw(body).send().await;
        let shown: String = definition.chars().take(80).collect();
        assert_eq!(answer.status.as_u16(), status, "{shown}: {}", answer.raw);
    }
    assert_eq!(app.flag("checkout").await["version"], 1);

    let twice = r#"{"a":{"in":[1,2]},"a":{"in":[3,4]}}"#;
    let put = app.request(Method::PUT, "/api/flag-set").header("content-type", "application/json");
    let put = put.raw(format!(r#"{{"version":0,"evaluators":{twice}}}"#)).send().await;
    put.expect_problem(422, "validation_failed").naming("evaluators");
    let flag = boolean_flag("on");
    let import = app.request(Method::POST, "/api/flag-set/import").header("content-type", "application/json");
    let import = import.raw(format!(r#"{{"flags":{{"a":{flag},"a":{flag}}}}}"#)).send().await;
    assert!(import.expect_problem(400, "malformed").raw.contains("comes twice"));
}

#[tokio::test]
async fn a_key_with_slashes_is_found_where_its_creation_says() {
    let app = TestApp::start().await;
    let created = app.post("/api/flags", &json!({ "key": "web/checkout:v2", "definition": boolean_flag("on") })).await;
    let location = created.expect(201).header("location");
    assert_eq!(app.get(&location).await.expect(200).body["key"], "web/checkout:v2");
    app.post(&format!("{location}/kill"), &json!({ "reason": "drill" })).await.expect(200);
    assert_eq!(app.get(&format!("{location}/audit")).await.expect(200).body["audit"][1]["action"], "flag.kill");

    let invitation = json!({ "expiresAt": "2026-02-01T00:00:00Z", "maxUses": 1 });
    let invited = app.post(&format!("{location}/invitations"), &invitation).await.expect(201);
    app.get(&invited.header("location")).await.expect(200);

    let segment = app.post("/api/segments", &json!({ "key": "team/web", "name": "Web" })).await.expect(201);
    app.get(&segment.header("location")).await.expect(200);
    for key in [".", ".."] {
        let refused = app.post("/api/flags", &json!({ "key": key, "definition": boolean_flag("on") })).await;
        refused.expect_problem(422, "validation_failed").naming("key");
    }
}
