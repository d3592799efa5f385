//! Requests that are not evaluated, with the statuses and failures of OFREP.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use flags::{ErrorCode, Refusal, RequestError};

use super::answer;
use crate::context::Finished;
use crate::rate::TooOften;

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A failure before any flag was looked at.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    refusal: Refusal,
    retry_after: Option<u64>,
}

impl Refused {
    pub(super) fn bad_request(code: ErrorCode, details: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, details)
    }

    pub(super) fn too_large(limit: usize) -> Self {
        let details = format!("the body is larger than the {limit} bytes accepted here");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::General, details)
    }

    pub(super) fn too_many_streams(retry_after: u64) -> Self {
        let details = "too many event streams are open; ask again later, or poll";
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::General, details)
        }
    }

    fn new(status: StatusCode, code: ErrorCode, details: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self { status, refusal: answer::refusal(code, details), retry_after: None }
    }

    /// The answer; `key` names the flag that was asked about, if it was one.
    pub(super) fn answer(&self, key: Option<&str>) -> Response {
        let mut body = Vec::new();
        answer::write_refusal(&mut body, key, &self.refusal, "{}");
        let mut response = failure(self.status, body);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<RequestError> for Refused {
    fn from(error: RequestError) -> Self {
        let code = match error {
            RequestError::Syntax(_) | RequestError::Shape(_) => ErrorCode::ParseError,
            RequestError::Context(_) => ErrorCode::InvalidContext,
        };
        Self::bad_request(code, error.to_string())
    }
}

impl From<TooOften> for Refused {
    fn from(TooOften { retry_after }: TooOften) -> Self {
        let details = format!("too many requests with this key; ask again in {retry_after} s");
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::TOO_MANY_REQUESTS, ErrorCode::General, details) }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.answer(None)
    }
}

/// The status of a flag that could not be evaluated.
pub(super) fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::FlagNotFound => StatusCode::NOT_FOUND,
        ErrorCode::ParseError | ErrorCode::TargetingKeyMissing | ErrorCode::InvalidContext | ErrorCode::General => {
            StatusCode::BAD_REQUEST
        }
    }
}

/// A failure as OFREP writes it, which is not to be made a problem document.
pub(super) fn failure(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response.extensions_mut().insert(Finished);
    response
}
