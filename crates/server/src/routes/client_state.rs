//! `/api/client-state`: what the page shows beside its data: the flags for the one who asks, and the banner.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::config::Environment;
use crate::guard::wish;

/// Requirement D3.
const UNAVAILABLE_BANNER: &str = "Lot-level MOIC temporarily unavailable";

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_client_state))
}

/// What the page shows beside its data.
#[derive(Serialize, ToSchema)]
struct ClientState {
    /// development, staging or production.
    environment: Environment,
    /// What to tell everyone; null for nothing.
    banner: Option<Banner>,
    /// The flags for the one who asks, by key.
    flags: BTreeMap<&'static str, FlagOfCaller>,
}

/// A sentence for everyone.
#[derive(Serialize, ToSchema)]
struct Banner {
    /// unavailable.
    kind: &'static str,
    /// The sentence.
    text: &'static str,
}

/// A flag for the one who asks.
#[derive(Serialize, ToSchema)]
struct FlagOfCaller {
    /// Whether they get the feature.
    enabled: bool,
    /// What decided: `not_configured`, `killed_by_environment`, `killed`, `opted_out` or `default`.
    reason: &'static str,
    /// Whether it is killed; the page then ignores its own overrides.
    killed: bool,
}

/// The flags for the one who asks, and the banner.
#[utoipa::path(get, path = "/api/client-state", operation_id = "get_client_state", tag = "client",
    responses((status = 200, body = ClientState)))]
async fn get_client_state(State(state): State<AppState>, headers: HeaderMap) -> Json<ClientState> {
    let flag = flags::ENABLE_LOT_LEVEL_MOIC;
    let decision = state.flags().decide(flag, wish(flag, &headers));
    let killed = decision.reason.is_kill();
    let banner = killed.then_some(Banner { kind: "unavailable", text: UNAVAILABLE_BANNER });
    let of_caller = FlagOfCaller { enabled: decision.enabled, reason: decision.reason.as_str(), killed };
    Json(ClientState {
        environment: state.config().environment,
        banner,
        flags: BTreeMap::from([(flag.key(), of_caller)]),
    })
}
