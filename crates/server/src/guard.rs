//! The guard of requirement A6: a layer on the router, so that no handler can forget it and none has to know.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use flags::{Flag, Override, Switchboard};

use crate::AppState;
use crate::auth::{Caller, FundScope};
use crate::error::{ApiError, DisabledFeature};

/// Request header with what the caller wants for themselves, as in `enableLotLevelMoic=0`.
pub const X_FEATURE_OVERRIDE: &str = "x-feature-override";

/// Response header with the wishes of the request that say nothing: unknown flags, and values that are neither 0 nor 1.
const X_FEATURE_OVERRIDE_IGNORED: HeaderName = HeaderName::from_static("x-feature-override-ignored");

/// Characters of ignored wishes that are repeated.
const IGNORED_LENGTH_MAX: usize = 200;

/// The server's own flags.
pub(crate) const OWN_FLAGS: [Flag<bool>; 2] = [flags::ENABLE_LOT_LEVEL_MOIC, flags::USE_FUND_STORE];

/// What [`require`] is layered with.
#[derive(Clone)]
pub(crate) struct Guarded {
    pub(crate) state: AppState,
    pub(crate) flag: Flag<bool>,
}

/// Lets a request through when the flag is on for its caller; otherwise answers 503 `feature_disabled` with the way out.
///
/// Stands inside the layers that settle the caller, the fund and the role: the answer names the real fund, and a flag
/// tells nobody which funds there are.
///
/// # Errors
/// [`ApiError::FeatureDisabled`].
pub(crate) async fn require(
    State(Guarded { state, flag }): State<Guarded>,
    caller: Caller,
    FundScope { fund_id, .. }: FundScope,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if state.is_enabled(flag, &caller, request.headers()) {
        return Ok(next.run(request).await);
    }
    let feature = disabled(&state.live_flags().switchboard(), flag, fund_id.0);
    Err(ApiError::FeatureDisabled(Box::new(feature)))
}

/// What the definition offers to a caller who is refused.
fn disabled(board: &Switchboard, flag: Flag<bool>, fund_id: i64) -> DisabledFeature {
    let key = flag.key();
    let attributes = board.set.get(key).map(flags::Definition::attributes);
    let text = |value: Option<&Box<str>>| value.map(ToString::to_string);
    let message = text(attributes.and_then(|known| known.disabled_message.as_ref()));
    let endpoint = text(attributes.and_then(|known| known.fallback_endpoint.as_ref()));
    let description = text(attributes.and_then(|known| known.fallback_description.as_ref()));
    DisabledFeature {
        key,
        message: message.unwrap_or_else(|| format!("The feature {key} is currently disabled")),
        fallback_endpoint: endpoint.map(|path| path.replace("{fundId}", &fund_id.to_string())),
        fallback_description: description.unwrap_or_default(),
    }
}

/// What the request's headers say the caller wants of a flag.
pub(crate) fn wish(key: &str, headers: &HeaderMap) -> Override {
    let mut wish = Override::None;
    for value in headers.get_all(X_FEATURE_OVERRIDE) {
        match value.to_str().map_or(Override::None, |text| Override::from_header(text, key)) {
            Override::Off => return Override::Off,
            Override::On => wish = Override::On,
            Override::None => {}
        }
    }
    wish
}

/// Names in the answer the wishes of a request that were ignored, so that a typing error is not a riddle.
pub(crate) async fn name_ignored_wishes(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let ignored = match request.headers().contains_key(X_FEATURE_OVERRIDE) {
        true => ignored_wishes(&state.live_flags().switchboard(), request.headers()),
        false => None,
    };
    let mut response = next.run(request).await;
    if let Some(ignored) = ignored {
        response.headers_mut().insert(X_FEATURE_OVERRIDE_IGNORED, ignored);
    }
    response
}

fn ignored_wishes(board: &Switchboard, headers: &HeaderMap) -> Option<HeaderValue> {
    let mut ignored = String::new();
    for value in headers.get_all(X_FEATURE_OVERRIDE) {
        for entry in String::from_utf8_lossy(value.as_bytes()).split(',') {
            let (key, wish) = entry.split_once('=').unwrap_or((entry, ""));
            let key = key.trim();
            let is_understood = matches!(wish.trim(), "0" | "1") && board.set.get(key).is_some();
            if is_understood || entry.trim().is_empty() {
                continue;
            }
            if !ignored.is_empty() {
                ignored.push_str(", ");
            }
            ignored.extend(key.chars().map(|character| if character.is_ascii_graphic() { character } else { '?' }));
        }
    }
    if ignored.is_empty() {
        return None;
    }
    tracing::debug!(ignored, "wishes for unknown flags, or with values that are neither 0 nor 1");
    ignored.truncate(IGNORED_LENGTH_MAX);
    HeaderValue::from_str(&ignored).ok()
}
