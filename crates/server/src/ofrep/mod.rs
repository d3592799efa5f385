//! The OpenFeature Remote Evaluation Protocol, 0.3: flags for OpenFeature's released clients.
//!
//! One implementation serves two sources: the running service, where a caller brings a session or a key, and a file alone
//! ([`standalone`]). Answers are OFREP's JSON, failures too; only what happens before the protocol (no key, no such
//! route) is a problem document where the service answers those.

mod answer;
mod body;
mod etag;
mod evaluation;
mod events;
mod flag_file;
mod json;
mod live;
mod rate;
mod refused;
mod source;
mod standalone;
mod ticket;

pub use flag_file::FlagFileError;
pub(crate) use live::routes;
pub use standalone::{FlagServer, FlagServerSettings, serve_flags};

use std::time::Duration;

use axum::http::Method;
use axum::http::header::{ETAG, RETRY_AFTER};
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

/// All flags.
const BULK_PATH: &str = "/ofrep/v1/evaluate/flags";
/// One flag.
const FLAG_PATH: &str = "/ofrep/v1/evaluate/flags/{key}";
/// The announcements of changes.
const EVENTS_PATH: &str = "/ofrep/v1/events";

/// How long a browser may remember that it may ask.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// Any page may ask, with a key of its own: never with our cookies.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([ETAG, RETRY_AFTER])
        .max_age(PREFLIGHT_MAX_AGE)
}
