//! The guard of requirement A6: a layer on the router, so that no handler can forget it and none has to know.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use flags::{Flag, Override};

use crate::AppState;
use crate::auth::FundScope;
use crate::error::ApiError;

/// Request header with what the caller wants for themselves, as in `enableLotLevelMoic=0`.
pub const X_FEATURE_OVERRIDE: &str = "x-feature-override";

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
    FundScope { fund_id, .. }: FundScope,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if state.is_enabled(flag, request.headers()) {
        return Ok(next.run(request).await);
    }
    Err(ApiError::FeatureDisabled { flag: flag.definition(), fund_id: fund_id.0 })
}

/// What the request's headers say the caller wants.
pub(crate) fn wish(flag: Flag<bool>, headers: &HeaderMap) -> Override {
    let mut wish = Override::None;
    for value in headers.get_all(X_FEATURE_OVERRIDE) {
        match value.to_str().map_or(Override::None, |text| Override::from_header(text, flag.key())) {
            Override::Off => return Override::Off,
            Override::On => wish = Override::On,
            Override::None => {}
        }
    }
    wish
}
