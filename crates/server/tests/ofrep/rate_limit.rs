//! Asking too often.

use serde_json::json;

use crate::file_server::{FileServer, flags};

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_back() {
    let server = FileServer::of(&flags().to_string(), Some(2)).unwrap();
    server.evaluate("static", &json!({})).await.expect(200);
    server.evaluate_all(&json!({})).await.expect(200);
    let refused = server.evaluate("static", &json!({})).await.expect(429);
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(refused.body["errorCode"], "GENERAL");
}

#[tokio::test]
async fn without_a_limit_nobody_asks_too_often() {
    let server = FileServer::new();
    for _ in 0..5_000 {
        server.evaluate("static", &json!({})).await.expect(200);
    }
}
