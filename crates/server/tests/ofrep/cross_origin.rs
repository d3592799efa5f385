//! Pages of other sites, with a key of their own.

use axum::http::Method;
use serde_json::json;

use crate::app::Request;
use crate::file_server::{BULK, FileServer, flag};

#[tokio::test]
async fn any_page_may_ask_and_read_what_it_needs() {
    let server = FileServer::new();
    for (path, body, status) in [(BULK, "{}", 200), (BULK, "{", 400), (&flag("none"), "{}", 404)] {
        let answer = server.post(path, body).header("origin", "https://app.example").send().await.expect(status);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        let exposed = answer.header("access-control-expose-headers").to_ascii_lowercase();
        assert!(exposed.contains("etag") && exposed.contains("retry-after"), "{exposed}");
    }
}

#[tokio::test]
async fn a_browser_that_asks_first_is_told_what_it_may_send() {
    let server = FileServer::new();
    for path in [BULK, &flag("static"), "/ofrep/v1/events"] {
        let asked = Request::new(server.router.clone(), Method::OPTIONS, path)
            .header("origin", "https://app.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type,if-none-match,x-own");
        let answer = asked.send().await.expect(204);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(answer.header("access-control-allow-methods").contains("POST"));
        let allowed = answer.header("access-control-allow-headers");
        assert!(["authorization", "content-type", "if-none-match", "x-own"].iter().all(|name| allowed.contains(name)));
        assert!(!answer.header("access-control-max-age").is_empty());
    }
}

#[tokio::test]
async fn an_unchanged_answer_can_be_read_by_any_page_too() {
    let server = FileServer::new();
    let tag = server.evaluate_all(&json!({})).await.header("etag");
    let again = server.post(BULK, "{}").header("origin", "https://app.example").header("if-none-match", &tag);
    assert_eq!(again.send().await.expect(304).header("access-control-allow-origin"), "*");
}
