//! Successful answers: records with their version as ETag, lists with their pagination, creations with their Location.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER, VARY};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, CONTROLS, PercentEncode, utf8_percent_encode};
use serde::Serialize;
use store::{Listing, StoreError};
use utoipa::ToSchema;

use crate::encoded::Encoded;
use crate::error::ApiError;

/// Set on the repetition of an answer that was given before.
pub(crate) const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Whether an answer is one that was given before.
pub(crate) fn is_replayed(answer: &Response) -> bool {
    answer.headers().contains_key(IDEMPOTENT_REPLAYED)
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Where a list goes on.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Pagination {
    /// Whether there are further records.
    has_more: bool,
    /// Pass as `cursor` to get them.
    next_cursor: Option<String>,
}

impl Pagination {
    /// Of a page of the store.
    pub(crate) fn of<T>(listing: &Listing<T>) -> Self {
        Self::after(listing.next.as_ref().map(ToString::to_string))
    }

    /// With this cursor, or at its end.
    pub(crate) fn after(next_cursor: Option<String>) -> Self {
        Self { has_more: next_cursor.is_some(), next_cursor }
    }
}

/// A record and its version, which the client sends back to change it.
pub(crate) fn record<T: Serialize>(version: i64, view: &T) -> Result<Response, ApiError> {
    let mut response = json(StatusCode::OK, text(view)?.into_bytes());
    response.headers_mut().insert(ETAG, tag(version));
    Ok(response)
}

/// A view that has no version.
pub(crate) fn plain<T: Serialize>(status: StatusCode, view: &T) -> Result<Response, ApiError> {
    Ok(json(status, text(view)?.into_bytes()))
}

/// A file that a browser saves.
pub(crate) fn file(media_type: HeaderValue, name: &str, body: Vec<u8>) -> Response {
    let mut response = (StatusCode::OK, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media_type);
    if let Ok(disposition) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    response
}

/// JSON that is already written.
pub(crate) fn json(status: StatusCode, body: impl Into<axum::body::Body>) -> Response {
    let mut response = (status, body.into()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// JSON that is kept, in the encoding that a request's headers accept.
pub(crate) fn encoded_json(body: &Encoded, headers: &HeaderMap) -> Response {
    encoded(JSON, body, headers)
}

/// What is kept, in the encoding that a request's headers accept.
pub(crate) fn encoded(media_type: HeaderValue, body: &Encoded, headers: &HeaderMap) -> Response {
    let accepted = body.accepted_by(headers);
    let mut response = accepted.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, media_type);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if accepted.is_gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn text<T: Serialize>(view: &T) -> Result<String, ApiError> {
    serde_json::to_string(view).map_err(|error| ApiError::Internal(format!("an answer cannot be written: {error}")))
}

fn tag(version: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// The answer to a creation, as it is given and as it is kept for a repeated key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Created {
    pub(crate) status: StatusCode,
    /// Path of the new record.
    pub(crate) location: String,
    /// JSON.
    pub(crate) body: String,
    /// JSON to keep for a repeated key instead, where the body holds a secret that is shown once.
    pub(crate) kept: Option<String>,
}

impl Created {
    /// 201 with the record.
    ///
    /// # Errors
    /// `Internal` if the record cannot be written as JSON.
    pub(crate) fn record<T: Serialize>(location: String, view: &T) -> Result<Self, StoreError> {
        Self::with_status(StatusCode::CREATED, location, view)
    }

    /// 202 for work that goes on after the answer.
    ///
    /// # Errors
    /// `Internal` if the record cannot be written as JSON.
    pub(crate) fn accepted<T: Serialize>(location: String, view: &T) -> Result<Self, StoreError> {
        Self::with_status(StatusCode::ACCEPTED, location, view)
    }

    fn with_status<T: Serialize>(status: StatusCode, location: String, view: &T) -> Result<Self, StoreError> {
        let body = serde_json::to_string(view)
            .map_err(|error| StoreError::Internal(format!("an answer cannot be written: {error}")))?;
        Ok(Self { status, location, body, kept: None })
    }

    /// Keeps another view for a repeated key: one without the secret that the answer shows once.
    ///
    /// # Errors
    /// `Internal` if the view cannot be written as JSON.
    pub(crate) fn keeping<T: Serialize>(self, view: &T) -> Result<Self, StoreError> {
        let kept = Self::with_status(self.status, String::new(), view)?.body;
        Ok(Self { kept: Some(kept), ..self })
    }

    pub(crate) fn into_response(self, replayed: bool) -> Response {
        let mut response = json(self.status, self.body);
        let headers = response.headers_mut();
        if let Ok(location) = HeaderValue::from_str(&self.location) {
            headers.insert(LOCATION, location);
        }
        if self.status == StatusCode::ACCEPTED {
            headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS.into());
        }
        if replayed {
            headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

/// What means something in a path, or must not stand there.
const NOT_IN_SEGMENT: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'/').add(b'<').add(b'>').add(b'?').add(b'\\');

/// A key as one segment of a path.
pub(crate) fn segment(key: &str) -> PercentEncode<'_> {
    utf8_percent_encode(key, NOT_IN_SEGMENT)
}

/// Seconds after which a client that polls should ask for an accepted snapshot.
pub(crate) const RETRY_AFTER_SECONDS: u32 = 1;
