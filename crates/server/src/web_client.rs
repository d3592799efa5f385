//! The embedded web client: its files, and its page for every address that is not the API's.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::ApiError;
use crate::random;

/// What the page may load: itself, from here, and nothing else.
pub(crate) const CLIENT_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

const PAGE: &str = "index.html";
/// Files below this folder carry a hash of their content in their name.
const HASHED_FOLDER: &str = "assets/";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ALWAYS_ASK: HeaderValue = HeaderValue::from_static("no-cache");

const NOT_BUILT: &str = "Lotwise is running, but this binary was built without the web client.\n\
    Build it with `npm ci && npm run build` in web/ and build the binary again.\n\
    The API is at /api, its documentation at /docs.\n";

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Client;

/// Answers whatever no route does: a file of the client, its page for its own addresses, or a problem.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Result<Response, ApiError> {
    let path = uri.path().trim_start_matches('/');
    if is_of_the_api(path) {
        return Err(ApiError::RouteNotFound);
    }
    if method != Method::GET && method != Method::HEAD {
        return Err(ApiError::MethodNotAllowed { allow: Some(HeaderValue::from_static("GET,HEAD")) });
    }
    if let Some(file) = Client::get(path) {
        return Ok(answer(path, &file, &headers));
    }
    if path.starts_with(HASHED_FOLDER) {
        return Err(ApiError::RouteNotFound);
    }
    Ok(match Client::get(PAGE) {
        Some(page) => answer(PAGE, &page, &headers),
        None => (StatusCode::OK, [(CONTENT_TYPE, "text/plain; charset=utf-8")], NOT_BUILT).into_response(),
    })
}

fn is_of_the_api(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or("");
    matches!(first, "api" | "ofrep" | "docs" | "healthz" | "readyz" | "metrics")
}

fn answer(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", random::hex(&file.metadata.sha256_hash()));
    let cache = if path.starts_with(HASHED_FOLDER) { FOREVER } else { ALWAYS_ASK };
    let fresh = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let body = if fresh { Body::empty() } else { Body::from(file.data.to_vec()) };
    let status = if fresh { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let kind = file.metadata.mimetype().to_owned();
    let kind = if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind };
    let mut response = (status, [(CONTENT_TYPE, kind), (ETAG, tag)], body).into_response();
    response.headers_mut().insert(CACHE_CONTROL, cache);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, CLIENT_POLICY);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_apis_addresses_are_never_the_clients() {
        for path in ["api", "api/nothing", "ofrep/v1", "metrics", "docs/x"] {
            assert!(is_of_the_api(path), "{path}");
        }
        for path in ["", "funds/1", "apiary", "favicon.svg"] {
            assert!(!is_of_the_api(path), "{path}");
        }
    }
}
