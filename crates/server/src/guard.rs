//! The guard of requirement A6: a layer on the router, so that no handler can forget it and none has to know.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use flags::{Flag, Switchboard};

use crate::AppState;
use crate::auth::{Caller, FundScope};
use crate::error::{ApiError, DisabledFeature};
use crate::rollouts::observation::Decided;

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
    state.catch_up_with_flags().await;
    let decided = request.extensions().get::<Decided>().map(|decided| decided.0);
    if state.is_enabled(flag, &caller, request.headers(), decided) {
        return Ok(next.run(request).await);
    }
    let feature = disabled(&state.live_flags().switchboard(), flag, fund_id.0);
    Err(ApiError::FeatureDisabled(Box::new(feature)))
}

/// What the definition offers to a caller who is refused; what it leaves out is as the flag was seeded.
fn disabled(board: &Switchboard, flag: Flag<bool>, fund_id: i64) -> DisabledFeature {
    let key = flag.key();
    let attributes = board.set.get(key).map(flags::Definition::attributes);
    let text = |value: Option<&Box<str>>| value.map(ToString::to_string);
    let message = text(attributes.and_then(|known| known.disabled_message.as_ref()));
    let endpoint = text(attributes.and_then(|known| known.fallback_endpoint.as_ref()));
    let description = text(attributes.and_then(|known| known.fallback_description.as_ref()));
    let own = flag.own();
    let endpoint = endpoint.or_else(|| own.fallback.map(|fallback| fallback.endpoint.to_owned()));
    let description = description.or_else(|| own.fallback.map(|fallback| fallback.description.to_owned()));
    DisabledFeature {
        key,
        message: message.unwrap_or_else(|| own.disabled_message.to_owned()),
        fallback_endpoint: endpoint.map(|path| path.replace("{fundId}", &fund_id.to_string())),
        fallback_description: description.unwrap_or_default(),
    }
}
