//! Requests that nobody should send.

use serde_json::json;

use crate::file_server::{BULK, FileServer, flag};

#[tokio::test]
async fn a_body_that_is_no_json_is_a_parse_error() {
    let server = FileServer::new();
    let deep = format!("{{\"context\":{{\"a\":{}{}}}}}", "[".repeat(100_000), "]".repeat(100_000));
    for body in ["", "{", "nonsense", "[]", "\"x\"", "{\"context\":{}} more", &deep] {
        for path in [BULK, &flag("static")] {
            let answer = server.post(path, body).send().await.expect(400);
            assert_eq!(answer.body["errorCode"], "PARSE_ERROR", "{path} {body:.40}");
        }
    }
    let list = server.post(BULK, "[]").send().await.expect(400);
    assert!(list.raw.contains("must be a JSON object"), "{}", list.raw);
    let request = server.post(BULK, "").raw(&b"{\"context\":{\"targetingKey\":\"\xff\"}}"[..]);
    assert_eq!(request.send().await.expect(400).body["errorCode"], "PARSE_ERROR");
}

#[tokio::test]
async fn a_name_that_comes_twice_is_a_parse_error_that_names_it() {
    let server = FileServer::new();
    for (body, name) in [
        (r#"{"context":{"targetingKey":"a","targetingKey":"b"}}"#, "targetingKey"),
        (r#"{"context":{"org":{"id":1,"id":2}}}"#, "id"),
        (r#"{"context":{},"context":{}}"#, "context"),
    ] {
        for path in [BULK, &flag("static")] {
            let answer = server.post(path, body).send().await.expect(400);
            assert_eq!(answer.body["errorCode"], "PARSE_ERROR", "{path} {body}");
            let details = answer.body["errorDetails"].as_str().unwrap();
            assert!(details.contains(&format!("{name:?} is given more than once")), "{details}");
        }
    }
}

#[tokio::test]
async fn a_context_that_is_none_is_an_invalid_context() {
    let server = FileServer::new();
    for context in
        ["[]", "\"ada\"", "7", "true", "{\"targetingKey\":7}", "{\"targetingKey\":{}}", "{\"targetingKey\":[]}"]
    {
        for path in [BULK, &flag("static")] {
            let answer = server.post(path, &format!("{{\"context\":{context}}}")).send().await.expect(400);
            assert_eq!(answer.body["errorCode"], "INVALID_CONTEXT", "{path} {context}");
        }
    }
}

#[tokio::test]
async fn a_single_failure_names_its_flag() {
    let server = FileServer::new();
    assert_eq!(server.post(&flag("static"), "{").send().await.expect(400).body["key"], "static");
    assert!(server.post(BULK, "{").send().await.expect(400).body.get("key").is_none());
}

#[tokio::test]
async fn a_body_of_ten_megabytes_is_too_large() {
    let server = FileServer::new();
    let body = json!({ "context": { "filler": "x".repeat(10_000_000) } }).to_string();
    for path in [BULK, &flag("static")] {
        let answer = server.post(path, &body).send().await.expect(413);
        assert_eq!(answer.body["errorCode"], "GENERAL");
        assert!(answer.text("errorDetails").contains("1048576"), "{}", answer.raw);
    }
}

#[tokio::test]
async fn contexts_of_odd_values_are_evaluated() {
    let server = FileServer::new();
    for email in [json!(null), json!([]), json!({}), json!(1e300), json!(u64::MAX), json!("\u{0}"), json!(true)] {
        let answer = server.evaluate("targeted", &json!({ "email": email })).await.expect(200);
        assert_eq!(answer.body["variant"], "out", "{email}");
    }
}
