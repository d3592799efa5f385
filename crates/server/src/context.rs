//! What every request and response have in common: the request's id, the continued trace, and the problem document of
//! an error. Only the count of requests stands outside it, so that nothing leaves the server without them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::AppState;
use crate::error::ApiError;
use crate::random;

/// Response and request header with the request's id.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// W3C trace context.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

const REQUEST_ID_LENGTH_MAX: usize = 128;
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Marks an answer that is complete although its status is an error's: readiness has its own form.
#[derive(Clone, Copy)]
pub(crate) struct Finished;

/// Gives the request its id, runs it, and finishes the response.
pub(crate) async fn describe(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let started = state.clock().monotonic();
    let identity = Identity::of(request.headers());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let span =
        tracing::info_span!("request", %method, path, request_id = %identity.request_id, trace_id = %identity.trace_id);
    identity.continue_trace(&span);
    let response = next.run(request).instrument(span.clone()).await;
    let elapsed = state.clock().monotonic().saturating_sub(started);
    let mut response = span.in_scope(|| finish(response, &path, &identity, elapsed));
    let headers = response.headers_mut();
    headers.insert(X_REQUEST_ID, identity.request_id_header());
    headers.insert(TRACEPARENT, identity.traceparent());
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Who this request is, here and in the caller's trace.
struct Identity {
    request_id: String,
    trace_id: String,
    span_id: String,
    trace_flags: String,
    /// Span of the caller; none where the trace begins here.
    #[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "only an exported span has a parent"))]
    parent_id: Option<String>,
}

impl Identity {
    fn of(headers: &HeaderMap) -> Self {
        let random: [u8; 24] = random::bytes();
        let (fresh, span) = random.split_at(16);
        let fresh = random::hex(fresh);
        let continued = headers.get(TRACEPARENT).and_then(|value| value.to_str().ok()).and_then(continued_trace);
        let (trace_id, parent_id, trace_flags) = match continued {
            Some((trace_id, parent_id, trace_flags)) => (trace_id, Some(parent_id), trace_flags),
            None => (fresh.clone(), None, "00".to_owned()),
        };
        let request_id = headers
            .get(X_REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|value| is_request_id(value))
            .map_or(fresh, str::to_owned);
        Self { request_id, trace_id, span_id: random::hex(span), trace_flags, parent_id }
    }

    /// Makes the span a part of the caller's trace, or the first of a new one with the id that log and answer have.
    #[cfg(feature = "otlp")]
    fn continue_trace(&self, span: &tracing::Span) {
        use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
        use tracing_opentelemetry::OpenTelemetrySpanExt;

        let parent_id = self.parent_id.as_ref().unwrap_or(&self.span_id);
        let ids = (TraceId::from_hex(&self.trace_id), SpanId::from_hex(parent_id));
        let (Ok(trace), Ok(parent)) = ids else { return };
        let is_refused = self.trace_flags == "00" && self.parent_id.is_some();
        let flags = if is_refused { TraceFlags::default() } else { TraceFlags::SAMPLED };
        let remote = SpanContext::new(trace, parent, flags, true, TraceState::default());
        let context = opentelemetry::Context::new().with_remote_span_context(remote);
        // Without a collector there is no layer that takes it, and nothing to continue.
        let _ = span.set_parent(context);
    }

    #[cfg(not(feature = "otlp"))]
    #[expect(clippy::unused_self, reason = "the other one has it")]
    fn continue_trace(&self, _: &tracing::Span) {}

    fn request_id_header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.request_id).unwrap_or(HeaderValue::from_static("unknown"))
    }

    fn traceparent(&self) -> HeaderValue {
        HeaderValue::from_str(&format!("00-{}-{}-{}", self.trace_id, self.span_id, self.trace_flags))
            .unwrap_or(HeaderValue::from_static("unknown"))
    }
}

/// An id taken over from the caller must be safe in logs and headers.
fn is_request_id(value: &str) -> bool {
    (1..=REQUEST_ID_LENGTH_MAX).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

/// Trace id, the caller's span id and flags of a `traceparent`, if it is one.
fn continued_trace(value: &str) -> Option<(String, String, String)> {
    let mut parts = value.split('-');
    let (version, trace, parent, trace_flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let nonzero = |text: &str| text.bytes().any(|byte| byte != b'0');
    let valid = is_hex(version, 2)
        && version != "ff"
        && is_hex(trace, 32)
        && nonzero(trace)
        && is_hex(parent, 16)
        && nonzero(parent)
        && is_hex(trace_flags, 2)
        && (version != "00" || parts.next().is_none());
    valid.then(|| (trace.to_owned(), parent.to_owned(), trace_flags.to_owned()))
}

/// Writes the problem document of an error and the log line of the request.
fn finish(mut response: Response, path: &str, identity: &Identity, elapsed: Duration) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || response.extensions().get::<Finished>().is_some() {
        tracing::debug!(status = status.as_u16(), elapsed_microseconds = elapsed.as_micros(), "answered");
        return response;
    }
    if response.extensions().get::<Arc<ApiError>>().is_none() {
        // With the headers of our own errors, such as Retry-After, and those that the layers inside have added.
        let mut own = error_of_foreign_response(&response).into_response();
        for (name, value) in response.headers() {
            own.headers_mut().entry(name).or_insert_with(|| value.clone());
        }
        response = own;
    }
    let Some(error) = response.extensions_mut().remove::<Arc<ApiError>>() else { return response };
    log(&error, elapsed);
    let body = serde_json::to_vec(&error.document(path, &identity.request_id)).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts.status = error.status();
    parts.headers.insert(CONTENT_TYPE, PROBLEM_JSON);
    parts.headers.remove(CONTENT_LENGTH);
    // Layers around the resources count errors by their kind.
    parts.extensions.insert(error);
    Response::from_parts(parts, Body::from(body))
}

/// Errors that the framework answers by itself: unknown routes, methods, timeouts.
fn error_of_foreign_response(response: &Response) -> ApiError {
    match response.status() {
        StatusCode::NOT_FOUND => ApiError::RouteNotFound,
        StatusCode::METHOD_NOT_ALLOWED => ApiError::MethodNotAllowed { allow: response.headers().get(ALLOW).cloned() },
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge { limit: crate::body::BODY_BYTES_MAX },
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            ApiError::TimedOut
        }
        status if status.is_client_error() => ApiError::Malformed {
            message: "the request cannot be read; see /docs for what this path expects".to_owned(),
            details: Vec::new(),
        },
        status => ApiError::Internal(format!("a layer answered {status} by itself")),
    }
}

fn log(error: &ApiError, elapsed: Duration) {
    let (status, code) = (error.status().as_u16(), error.code());
    let elapsed_microseconds = elapsed.as_micros();
    match (error, error.cause()) {
        (ApiError::Internal(_), cause) => {
            tracing::error!(status, code, elapsed_microseconds, cause = cause.unwrap_or(""), "failed");
        }
        (_, Some(cause)) => tracing::warn!(status, code, elapsed_microseconds, cause, "failed"),
        (_, None) => tracing::debug!(status, code, elapsed_microseconds, "refused"),
    }
}

/// Turns a panic in a handler into a 500; the text of the panic goes to the log.
#[expect(clippy::needless_pass_by_value, reason = "the signature the catch-panic layer asks for")]
pub(crate) fn panicked(payload: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    ApiError::Internal(format!("a handler panicked: {text}")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_traceparent_is_continued() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let continued = continued_trace(&format!("00-{trace}-00f067aa0ba902b7-01"));
        let parent = "00f067aa0ba902b7".to_owned();
        assert_eq!(continued, Some((trace.to_owned(), parent, "01".to_owned())));
    }

    #[test]
    fn a_broken_traceparent_starts_a_new_trace() {
        for value in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        ] {
            assert_eq!(continued_trace(value), None, "{value}");
        }
    }

    #[test]
    fn a_request_id_that_could_confuse_a_log_is_not_taken_over() {
        assert!(is_request_id("req-1.a:b_C"));
        for value in ["", "a b", "a\"b", "ä", &"x".repeat(129)] {
            assert!(!is_request_id(value), "{value}");
        }
    }
}
