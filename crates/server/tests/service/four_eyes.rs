//! Four eyes: a change of flags waits for a second person.

use axum::http::Method;
use serde_json::{Value, json};

use crate::app::{Answer, FLAG, Person, Setup, TestApp, boolean_flag, own_flag};

async fn strict() -> (TestApp, Person, Person) {
    let app = Setup::new().with_config(|config| config.four_eyes = true).start().await;
    let (ada, ben) = (app.person("Ada", "operator").await, app.person("Ben", "approver").await);
    (app, ada, ben)
}

/// The change of a flag's default that a person asks for.
async fn ask(app: &TestApp, person: &Person, default: &str) -> Value {
    let version = app.flag(FLAG).await["version"].clone();
    let body = json!({ "version": version, "definition": own_flag(default, &json!({})), "comment": "as agreed" });
    let asked = app.by(person, Method::PUT, &format!("/api/flags/{FLAG}")).json(&body).send().await.expect(202);
    assert_eq!(asked.header("location"), format!("/api/flag-changes/{}", asked.text("id")));
    assert_eq!((&asked.body["status"], &asked.body["requestedBy"]), (&json!("pending"), &json!(person.key())));
    asked.body
}

async fn decide(app: &TestApp, person: &Person, change: &Value, verb: &str) -> Answer {
    let path = format!("/api/flag-changes/{}/{verb}", change["id"].as_str().unwrap());
    app.by(person, Method::POST, &path).json(&json!({ "reason": "not now" })).send().await
}

#[tokio::test]
async fn a_change_acts_once_a_second_person_agrees() {
    let (app, ada, ben) = strict().await;
    let change = ask(&app, &ada, "off").await;
    assert_eq!(app.flag(FLAG).await["enabled"], true);
    let approved = decide(&app, &ben, &change, "approve").await.expect(200);
    assert_eq!((&approved.body["status"], &approved.body["decidedBy"]), (&json!("approved"), &json!(ben.key())));
    let flag = app.flag(FLAG).await;
    assert_eq!((&flag["enabled"], &flag["version"], &flag["updatedBy"]), (&json!(false), &json!(1), &json!(ada.key())));
    decide(&app, &ben, &change, "approve").await.expect_problem(409, "conflict");
    let audit = app.get(&format!("/api/flags/{FLAG}/audit")).await.expect(200);
    let acts: Vec<_> = audit.body["audit"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["action"].clone(), entry["actor"].clone()))
        .collect();
    let by = |action: &str, person: &Person| (json!(action), json!(person.key()));
    assert_eq!(acts, [by("flag_change.propose", &ada), by("flag_change.approved", &ben), by("flag.change", &ada)]);
}

#[tokio::test]
async fn the_second_person_is_another_person() {
    let (app, ada, ben) = strict().await;
    let change = ask(&app, &ada, "off").await;
    decide(&app, &ada, &change, "approve").await.expect_problem(403, "second_person_required");
    decide(&app, &ada, &change, "reject").await.expect_problem(403, "second_person_required");
    let approve = format!("/api/flag-changes/{}/approve", change["id"].as_str().unwrap());
    app.request(Method::POST, &approve).send().await.expect_problem(403, "second_person_required");
    let service = app.token("admin", None).await;
    let by_service = app.anonymous(Method::POST, &approve).bearer(&service).send().await;
    by_service.expect_problem(403, "second_person_required");
    let viewer = app.person("Vera", "viewer").await;
    decide(&app, &viewer, &change, "approve").await.expect_problem(403, "forbidden");
    assert_eq!(app.flag(FLAG).await["version"], 0);

    // The same person by another token of theirs is the same person.
    let body = json!({ "name": "other", "role": "admin", "personId": ada.id });
    let token = app.post("/api/tokens", &body).await.expect(201).text("token");
    let disguised = Person { id: ada.id, token };
    decide(&app, &disguised, &change, "approve").await.expect_problem(403, "second_person_required");
    decide(&app, &ben, &change, "approve").await.expect(200);
}

#[tokio::test]
async fn a_change_can_be_rejected_by_the_other_and_withdrawn_by_its_author_only() {
    let (app, ada, ben) = strict().await;
    let change = ask(&app, &ada, "off").await;
    let path = format!("/api/flag-changes/{}/reject", change["id"].as_str().unwrap());
    app.by(&ben, Method::POST, &path).json(&json!({})).send().await.expect(422).naming("reason");
    let rejected = decide(&app, &ben, &change, "reject").await.expect(200);
    assert_eq!((&rejected.body["status"], &rejected.body["reason"]), (&json!("rejected"), &json!("not now")));

    let change = ask(&app, &ada, "off").await;
    let bea = app.person("Bea", "operator").await;
    decide(&app, &bea, &change, "withdraw").await.expect_problem(403, "second_person_required");
    assert_eq!(decide(&app, &ada, &change, "withdraw").await.expect(200).body["status"], "withdrawn");
    decide(&app, &ben, &change, "approve").await.expect_problem(409, "conflict");
    assert_eq!(app.flag(FLAG).await["version"], 0);

    let of = async |status: &str| {
        let list = app.get(&format!("/api/flag-changes?status={status}")).await.expect(200);
        list.body["flagChanges"].as_array().unwrap().len()
    };
    assert_eq!((of("pending").await, of("rejected").await, of("withdrawn").await), (0, 1, 1));
    app.get("/api/flag-changes?status=lost").await.expect_problem(400, "malformed");
}

#[tokio::test]
async fn a_change_of_what_has_changed_meanwhile_is_outdated() {
    let (app, ada, ben) = strict().await;
    let (first, second) = (ask(&app, &ada, "off").await, ask(&app, &ada, "off").await);
    decide(&app, &ben, &first, "approve").await.expect(200);
    let refused = decide(&app, &ben, &second, "approve").await.expect_problem(409, "version_conflict");
    assert_eq!(refused.body["currentVersion"], 1);
    let path = format!("/api/flag-changes/{}", second["id"].as_str().unwrap());
    assert_eq!(app.get(&path).await.expect(200).body["status"], "outdated");
}

/// Approves a change that the flags do not take any more.
async fn outdated(app: &TestApp, person: &Person, change: &Value, status: u16, code: &str) {
    decide(app, person, change, "approve").await.expect_problem(status, code);
    let kept = app.get(&format!("/api/flag-changes/{}", change["id"].as_str().unwrap())).await.expect(200).body;
    assert_eq!(kept["status"], "outdated", "{kept}");
    assert!(kept["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{kept}");
    decide(app, person, change, "approve").await.expect_problem(409, "conflict");
}

#[tokio::test]
async fn a_creation_whose_key_is_taken_meanwhile_is_outdated() {
    let (app, ada, ben) = strict().await;
    let new = json!({ "key": "checkout", "definition": boolean_flag("on") });
    let ask = async || app.by(&ada, Method::POST, "/api/flags").json(&new).send().await.expect(202).body;
    let (first, second) = (ask().await, ask().await);
    decide(&app, &ben, &first, "approve").await.expect(200);
    outdated(&app, &ben, &second, 409, "conflict").await;
}

#[tokio::test]
async fn a_change_of_a_flag_that_the_watched_file_has_taken_over_is_outdated() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flags.json");
    std::fs::write(&file, r#"{"flags":{}}"#).unwrap();
    let watched = file.clone();
    let setup = Setup::new().with_config(|config| (config.four_eyes, config.flags_file) = (true, Some(watched)));
    let app = setup.start().await;
    let (ada, ben) = (app.person("Ada", "operator").await, app.person("Ben", "approver").await);
    let change = ask(&app, &ada, "off").await;
    std::fs::write(&file, json!({ "flags": { FLAG: boolean_flag("on") } }).to_string()).unwrap();
    app.until(&format!("/api/flags/{FLAG}"), |answer| answer.body["source"] == "file").await;
    outdated(&app, &ben, &change, 409, "managed_by_file").await;
}

#[tokio::test]
async fn a_definition_that_is_not_valid_any_more_is_outdated() {
    let (app, ada, ben) = strict().await;
    let set = async |version: i64, evaluators: Value| {
        let body = json!({ "version": version, "evaluators": evaluators });
        let change = app.by(&ada, Method::PUT, "/api/flag-set").json(&body).send().await.expect(202).body;
        decide(&app, &ben, &change, "approve").await.expect(200);
    };
    set(0, json!({ "everyone": true })).await;
    let mut definition = boolean_flag("on");
    definition["targeting"] = json!({ "if": [{ "$ref": "everyone" }, "on", "off"] });
    let new = json!({ "key": "checkout", "definition": definition });
    let change = app.by(&ada, Method::POST, "/api/flags").json(&new).send().await.expect(202).body;
    set(1, json!({})).await;
    outdated(&app, &ben, &change, 422, "validation_failed").await;
}

#[tokio::test]
async fn an_import_never_overwrites_what_nobody_compared_it_with() {
    let (app, ada, ben) = strict().await;
    let import = async |default: &str| {
        let document = json!({ "flags": { "checkout": boolean_flag(default) } });
        app.by(&ada, Method::POST, "/api/flag-set/import").json(&document).send().await.expect(202).body
    };
    let (first, second) = (import("on").await, import("off").await);
    decide(&app, &ben, &first, "approve").await.expect(200);
    outdated(&app, &ben, &second, 409, "conflict").await;
    assert_eq!(app.flag("checkout").await["enabled"], true);

    // Flags that are not in the document may change, and so may kills.
    let third = import("off").await;
    let other = ask(&app, &ada, "off").await;
    decide(&app, &ben, &other, "approve").await.expect(200);
    app.post("/api/flags/checkout/kill", &json!({ "reason": "drill" })).await.expect(200);
    decide(&app, &ben, &third, "approve").await.expect(200);
    assert_eq!(app.flag("checkout").await["version"], 2);
}

#[tokio::test]
async fn a_kill_never_waits_and_a_restore_does() {
    let (app, ada, ben) = strict().await;
    app.by(&ada, Method::POST, &format!("/api/flags/{FLAG}/kill"))
        .json(&json!({ "reason": "wrong marks" }))
        .send()
        .await
        .expect(200);
    assert_eq!(app.flag(FLAG).await["killed"], true);
    let restore = app.by(&ada, Method::POST, &format!("/api/flags/{FLAG}/restore"));
    let change = restore.json(&json!({ "reason": "mended" })).send().await.expect(202).body;
    assert_eq!((&change["action"], &change["body"]), (&json!("restore"), &json!({ "reason": "mended" })));
    assert_eq!(app.flag(FLAG).await["killed"], true);
    decide(&app, &ben, &change, "approve").await.expect(200);
    assert_eq!(app.flag(FLAG).await["killed"], false);
}

#[tokio::test]
async fn creating_archiving_importing_and_the_shared_parts_wait_too() {
    let (app, ada, ben) = strict().await;
    let ask = async |method: Method, path: &str, body: Value| {
        app.by(&ada, method, path).json(&body).send().await.expect(202).body
    };
    let new = json!({ "key": "checkout", "definition": boolean_flag("on") });
    let created = ask(Method::POST, "/api/flags", new).await;
    app.get("/api/flags/checkout").await.expect(404);
    decide(&app, &ben, &created, "approve").await.expect(200);
    assert_eq!(app.flag("checkout").await["enabled"], true);

    let shared = ask(Method::PUT, "/api/flag-set", json!({ "version": 0, "metadata": { "team": "growth" } })).await;
    decide(&app, &ben, &shared, "approve").await.expect(200);
    assert_eq!(app.get("/api/flag-set").await.expect(200).body["metadata"], json!({ "team": "growth" }));

    let document = json!({ "flags": { "checkout": boolean_flag("off") } });
    let imported = ask(Method::POST, "/api/flag-set/import", document).await;
    assert_eq!(app.flag("checkout").await["enabled"], true);
    decide(&app, &ben, &imported, "approve").await.expect(200);
    assert_eq!(app.flag("checkout").await["enabled"], false);

    let archived = ask(Method::DELETE, "/api/flags/checkout", json!({ "version": 2 })).await;
    decide(&app, &ben, &archived, "approve").await.expect(200);
    assert_eq!(app.flag("checkout").await["archived"], true);
}

#[tokio::test]
async fn a_broken_change_is_refused_before_anybody_is_asked() {
    let (app, ada, _) = strict().await;
    let body = json!({ "version": 0, "definition": { "state": "MAYBE" } });
    let refused = app.by(&ada, Method::PUT, &format!("/api/flags/{FLAG}")).json(&body).send().await;
    refused.expect_problem(422, "validation_failed").naming("definition.state");
    assert_eq!(app.get("/api/flag-changes").await.expect(200).body["flagChanges"], json!([]));
    assert_eq!(app.get("/api/session").await.expect(200).body["fourEyes"], true);
}
