//! Whatever is sent, an answer of OFREP comes back.

use axum::http::HeaderValue;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::app::Answer;
use crate::file_server::{BULK, FileServer, flag};

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// JSON of every form, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(".{0,6}|email|targetingKey", inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn is_an_answer(answer: &Answer) -> bool {
    let is_value = answer.body["reason"].is_string() || answer.body["flags"].is_array();
    match answer.status.as_u16() {
        200 => is_value,
        304 => answer.raw.is_empty(),
        400 | 404 => answer.body["errorCode"].is_string() && answer.body["errorDetails"].is_string(),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_answered(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let server = FileServer::new();
        for path in [BULK, &flag("targeted")] {
            let answer = run(server.post(path, "").raw(body.clone()).send());
            prop_assert!(is_an_answer(&answer), "{answer:?}");
        }
    }

    #[test]
    fn any_context_is_answered(context in any_json(), tag in "[ -~]{0,40}") {
        let server = FileServer::new();
        let body = json!({ "context": context }).to_string();
        let answer = run(server.post(BULK, &body).header("if-none-match", &tag).send());
        prop_assert!(is_an_answer(&answer), "{answer:?}");
        for key in ["static", "targeted", "for-ada", "exposed"] {
            let answer = run(server.post(&flag(key), &body).send());
            prop_assert!(is_an_answer(&answer), "{key}: {answer:?}");
        }
    }

    #[test]
    fn any_key_is_answered(key in "[^/]{1,40}") {
        let encoded: String = key.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let answer = run(FileServer::new().evaluate(&encoded, &json!({})));
        prop_assert!(is_an_answer(&answer) && answer.body["key"] == key.as_str(), "{answer:?}");
    }

    #[test]
    fn any_header_is_survived(value in prop::collection::vec(0x20_u8..=0xff, 0..40)) {
        let Ok(value) = HeaderValue::from_bytes(&value) else { return Ok(()) };
        let server = FileServer::new();
        let mut request = axum::http::Request::post(BULK).body(axum::body::Body::from("{}")).unwrap();
        for name in ["if-none-match", "content-type", "origin", "last-event-id", "x-feature-override", "x-api-key"] {
            request.headers_mut().insert(name, value.clone());
        }
        let response = run(tower::ServiceExt::oneshot(server.router.clone(), request)).unwrap();
        prop_assert!(matches!(response.status().as_u16(), 200 | 304), "{response:?}");
    }
}
