//! One flag.

use serde_json::json;

use crate::file_server::{FileServer, flag};

#[tokio::test]
async fn a_flag_is_answered_with_value_variant_reason_and_metadata() {
    let server = FileServer::new();
    let answer = server.evaluate("static", &json!({ "targetingKey": "ada" })).await.expect(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        answer.body,
        json!({ "key": "static", "value": true, "variant": "on", "reason": "STATIC",
            "metadata": { "flagSetId": "tests", "version": "7", "owner": "portfolio", "kind": "release" } }),
        "the set's metadata overlaid by the flag's, and nothing else"
    );
    assert_eq!(server.evaluate("object", &json!({})).await.expect(200).body["value"], json!({ "b": [1, 2.5, "c"] }));
}

#[tokio::test]
async fn rules_see_the_context() {
    let server = FileServer::new();
    for (context, variant, reason) in [
        (json!({ "email": "ada@lotwise.test" }), "in", "TARGETING_MATCH"),
        (json!({ "email": "bob@lotwise.test" }), "out", "DEFAULT"),
        (json!({}), "out", "DEFAULT"),
    ] {
        let answer = server.evaluate("targeted", &context).await.expect(200).body;
        assert_eq!((&answer["variant"], &answer["reason"]), (&json!(variant), &json!(reason)), "{context}");
    }
}

#[tokio::test]
async fn where_the_callers_default_applies_there_is_no_value() {
    let server = FileServer::new();
    for (key, reason) in [("disabled", "DISABLED"), ("undecided", "DEFAULT")] {
        let answer = server.evaluate(key, &json!({})).await.expect(200).body;
        assert_eq!(answer["reason"], reason);
        assert!(answer.get("value").is_none() && answer.get("variant").is_none(), "{answer}");
    }
}

#[tokio::test]
async fn what_cannot_be_evaluated_has_its_status_and_code() {
    let server = FileServer::new();
    for (key, status, code) in [
        ("no-such-flag", 404, "FLAG_NOT_FOUND"),
        ("broken", 400, "PARSE_ERROR"),
        ("misnamed", 400, "GENERAL"),
        ("exposed", 400, "TARGETING_KEY_MISSING"),
    ] {
        let answer = server.evaluate(key, &json!({})).await.expect(status).body;
        assert_eq!((&answer["key"], &answer["errorCode"]), (&json!(key), &json!(code)));
        assert!(answer["errorDetails"].as_str().is_some_and(|details| !details.is_empty()), "{answer}");
    }
    server.evaluate("exposed", &json!({ "targetingKey": "ada" })).await.expect(200);
}

#[tokio::test]
async fn a_request_without_context_is_about_nobody() {
    let server = FileServer::new();
    for body in ["{}", "{\"context\":{}}", "{\"context\":{\"targetingKey\":null}}"] {
        server.post(&flag("static"), body).send().await.expect(200);
    }
}

#[tokio::test]
async fn a_key_with_special_characters_is_found_by_its_encoding() {
    let document = json!({ "flags": { "a b/ü": {
        "state": "ENABLED", "variants": { "on": true }, "defaultVariant": "on" } } });
    let server = FileServer::of(&document.to_string(), None).unwrap();
    assert_eq!(server.evaluate("a%20b%2F%C3%BC", &json!({})).await.expect(200).body["key"], "a b/ü");
    assert_eq!(server.evaluate("%22%0A", &json!({})).await.expect(404).body["key"], "\"\n");
}
