//! The embedded web client: its files, and its page for every address that is not the API's.

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use quick_cache::sync::Cache;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::AppState;
use crate::answer;
use crate::encoded::Encoded;
use crate::error::ApiError;
use crate::evaluation::off_thread;
use crate::first_evaluation;
use crate::ofrep::is_known;
use crate::random;

/// What the page may load: itself, from here, and nothing else. Scripts and styles are files: the client writes no style
/// element, so that it needs no nonce either.
const CLIENT_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

const PAGE: &str = "index.html";
/// Files below this folder carry a hash of their content in their name.
const HASHED_FOLDER: &str = "assets/";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ALWAYS_ASK: HeaderValue = HeaderValue::from_static("no-cache");
/// The page carries what is so for one person at one moment.
const NEVER_KEPT: HeaderValue = HeaderValue::from_static("no-store");
/// The end of the page's head: what the page is served with goes before it.
const END_OF_HEAD: &str = "</head>";

const NOT_BUILT: &str = "Lotwise is running, but this binary was built without the web client.\n\
    Build it with `npm ci && npm run build` in web/ and build the binary again.\n\
    The API is at /api, its documentation at /docs.\n";

/// Files that were asked for, by the SHA-256 of their content: a build that reads them from the folder may see them change.
static FILES: LazyLock<Cache<[u8; 32], Encoded>> = LazyLock::new(|| Cache::new(FILES_MAX));
/// More than the client has.
const FILES_MAX: usize = 256;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Client;

/// Answers whatever no route does: a file of the client, its page for its own addresses, or a problem.
pub(crate) async fn serve(
    State(state): State<AppState>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let path = uri.path().trim_start_matches('/');
    if is_of_the_api(path) {
        return Err(ApiError::RouteNotFound);
    }
    if method != Method::GET && method != Method::HEAD {
        return Err(ApiError::MethodNotAllowed { allow: Some(HeaderValue::from_static("GET,HEAD")) });
    }
    if let Some(file) = Client::get(path).filter(|_| path != PAGE) {
        return answer(path, file, &headers).await;
    }
    if path.starts_with(HASHED_FOLDER) {
        return Err(ApiError::RouteNotFound);
    }
    Ok(match Client::get(PAGE) {
        Some(page) => answer_page(&page, first_evaluation::element(&state, &headers).await.as_deref()),
        None => (StatusCode::OK, [(CONTENT_TYPE, "text/plain; charset=utf-8")], NOT_BUILT).into_response(),
    })
}

fn is_of_the_api(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or("");
    matches!(first, "api" | "ofrep" | "docs" | "healthz" | "readyz" | "metrics")
}

fn answer_page(page: &EmbeddedFile, element: Option<&str>) -> Response {
    let body = with_element(String::from_utf8_lossy(&page.data).into_owned(), element);
    let kept = [(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")), (CACHE_CONTROL, NEVER_KEPT)];
    let mut response = (StatusCode::OK, kept, body).into_response();
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, CLIENT_POLICY);
    response
}

/// The page with an element at the end of its head, which is there before a module of the page runs.
fn with_element(page: String, element: Option<&str>) -> String {
    match element {
        Some(element) => page.replacen(END_OF_HEAD, &format!("{element}{END_OF_HEAD}"), 1),
        None => page,
    }
}

async fn answer(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Result<Response, ApiError> {
    let hash = file.metadata.sha256_hash();
    let tag = format!("\"{}\"", random::hex(&hash));
    let kind = file.metadata.mimetype().to_owned();
    let kind = if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind };
    let kind = HeaderValue::from_str(&kind).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = if is_known(tag.as_bytes(), headers) {
        (StatusCode::NOT_MODIFIED, [(CONTENT_TYPE, kind)]).into_response()
    } else {
        answer::encoded(kind, &encoded(hash, file).await?, headers)
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    headers.insert(CACHE_CONTROL, if path.starts_with(HASHED_FOLDER) { FOREVER } else { ALWAYS_ASK });
    headers.insert(CONTENT_SECURITY_POLICY, CLIENT_POLICY);
    Ok(response)
}

/// A file's bytes, compressed when they are first asked for.
async fn encoded(hash: [u8; 32], file: EmbeddedFile) -> Result<Encoded, ApiError> {
    if let Some(known) = FILES.get(&hash) {
        return Ok(known);
    }
    let encoded = off_thread(move || Encoded::new(Bytes::from(file.data.into_owned()), Compression::default())).await?;
    FILES.insert(hash, encoded.clone());
    Ok(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_page_is_served_with_stands_once_in_its_head() {
        let page = "<html><head><title>x</title></head><body></head></body></html>";
        let served = with_element(page.to_owned(), Some("<script></script>"));
        assert_eq!(served, page.replacen("</head>", "<script></script></head>", 1));
        assert_eq!(with_element(page.to_owned(), None), page);
    }

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
