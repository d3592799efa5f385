use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// A request on its way.
pub struct Request {
    router: Router,
    builder: axum::http::request::Builder,
    body: Body,
}

impl Request {
    pub fn new(router: Router, method: Method, path: &str) -> Self {
        Self { router, builder: axum::http::Request::builder().method(method).uri(path), body: Body::empty() }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.builder = self.builder.header(name, value);
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").raw(body.to_string())
    }

    pub fn raw(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub async fn send(self) -> Answer {
        let response = self.router.oneshot(self.builder.body(self.body).unwrap()).await.unwrap();
        Self::read(response).await
    }

    /// The answer without its body where that is a stream that only ends with the service.
    pub async fn send_for_head(self) -> Answer {
        let response = self.router.oneshot(self.builder.body(self.body).unwrap()).await.unwrap();
        let is_stream = response.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream");
        if is_stream {
            let (parts, _) = response.into_parts();
            return Answer {
                status: parts.status,
                headers: parts.headers,
                body: Value::Null,
                raw: String::new(),
                bytes: Vec::new(),
            };
        }
        Self::read(response).await
    }

    async fn read(response: axum::response::Response) -> Answer {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let raw = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&raw).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body, raw, bytes: bytes.to_vec() }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
    pub raw: String,
    /// The body as it came, for what is no text.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The answer, if it has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.raw);
        self
    }

    /// The answer, if it is a problem document with this status and code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, error: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.body["error"], error, "{}", answer.raw);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.body["status"], status);
        for member in ["type", "title", "detail", "instance", "message", "correlationId"] {
            assert!(answer.body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {}", answer.raw);
        }
        assert_eq!(answer.body["correlationId"], answer.header("x-request-id"));
        answer
    }

    /// The answer, if its details name this path.
    #[track_caller]
    pub fn naming(self, path: &str) -> Self {
        let details = self.body["details"].as_array().cloned().unwrap_or_default();
        assert!(details.iter().any(|detail| detail["path"] == path), "{path} is not named in {}", self.raw);
        self
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[track_caller]
    pub fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_else(|| panic!("no text {field} in {}", self.raw)).to_owned()
    }

    #[track_caller]
    pub fn id(&self) -> i64 {
        self.body["id"].as_i64().unwrap_or_else(|| panic!("no id in {}", self.raw))
    }
}
