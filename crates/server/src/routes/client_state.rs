//! `/api/client-state`: what the page shows beside its data: the flags for the one who asks, the banner, and what is
//! announced.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use flags::{Decision, ENABLE_LOT_LEVEL_MOIC, EnvironmentSwitch, Flag, Override, USE_FUND_STORE};
use serde::Serialize;
use store::announcement::Announced;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::Caller;
use crate::config::Environment;
use crate::guard::OWN_FLAGS;
use crate::wishes::wish;

/// Requirement D3.
const UNAVAILABLE_BANNER: &str = "Lot-level MOIC temporarily unavailable";

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_client_state))
}

/// What the page shows beside its data.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClientState {
    /// development, staging or production.
    environment: Environment,
    /// What to tell everyone; null for nothing.
    banner: Option<Banner>,
    /// What operators announce; null for nothing.
    announcement: Option<AnnouncedView>,
    /// The flags for the one who asks, by key.
    flags: BTreeMap<&'static str, FlagOfCaller>,
    /// Whether the page keeps funds in one shared store; off means a fetch per page.
    use_fund_store: bool,
    /// What the page's own settings say, as the server was started with them.
    client_settings: ClientSettingsView,
}

/// The deploy settings of the page: `false` always turns a feature off, `true` counts where nobody else decides; null for
/// a setting that is neither.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ClientSettings)]
struct ClientSettingsView {
    /// `VITE_ENABLE_LOT_LEVEL_MOIC`.
    enable_lot_level_moic: Option<bool>,
    /// `VITE_USE_FUND_STORE`.
    use_fund_store: Option<bool>,
}

/// A sentence for everyone.
#[derive(Serialize, ToSchema)]
struct Banner {
    /// unavailable.
    kind: &'static str,
    /// The sentence.
    text: &'static str,
}

/// What operators announce to everyone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Announced)]
struct AnnouncedView {
    /// Whoever puts an announcement away does so with one version of it.
    version: i64,
    /// One line.
    text: String,
    /// Where it leads: an address of the web, or a path of our own; null for nowhere.
    link: Option<String>,
    /// What the link says; null without one.
    link_label: Option<String>,
}

/// A flag for the one who asks.
#[derive(Serialize, ToSchema)]
struct FlagOfCaller {
    /// Whether they get the feature.
    enabled: bool,
    /// What decided: `not_configured`, `killed_by_environment`, `killed`, `opted_out`, `opted_in`, `disabled`, `broken`,
    /// `targeting_key_missing`, `prerequisite_unmet`, `targeted`, `exposed`, `not_exposed` or `default`.
    reason: &'static str,
    /// Whether it is killed; the page then ignores its own overrides.
    killed: bool,
}

/// The flags for the one who asks, the banner, and what is announced.
#[utoipa::path(get, path = "/api/client-state", operation_id = "get_client_state", tag = "client",
    responses((status = 200, body = ClientState)))]
async fn get_client_state(State(state): State<AppState>, caller: Caller, headers: HeaderMap) -> Json<ClientState> {
    for flag in OWN_FLAGS {
        if wish(flag.key(), &headers) == Override::None {
            // The page says with each request what its person wants: here no wish means that they are back.
            state.see_wish(flag, caller.key(), false);
        }
    }
    Json(ClientState::of(&state, &caller, &headers))
}

impl ClientState {
    /// The state for a caller and what their request says they wish.
    pub(crate) fn of(state: &AppState, caller: &Caller, headers: &HeaderMap) -> Self {
        let flags =
            BTreeMap::from(OWN_FLAGS.map(|flag| (flag.key(), FlagOfCaller::of(state.decide(flag, caller, headers)))));
        let is_on = |flag: Flag<bool>| flags.get(flag.key()).is_some_and(|known| known.enabled);
        let is_killed = flags.get(ENABLE_LOT_LEVEL_MOIC.key()).is_some_and(|known| known.killed);
        let settings = &state.config().client_settings;
        let announcement = state.live_flags().switchboard().announcement().map(AnnouncedView::of);
        Self {
            announcement,
            environment: state.config().environment,
            banner: is_killed.then_some(Banner { kind: "unavailable", text: UNAVAILABLE_BANNER }),
            use_fund_store: is_on(USE_FUND_STORE),
            client_settings: ClientSettingsView {
                enable_lot_level_moic: setting(&settings.enable_lot_level_moic),
                use_fund_store: setting(&settings.use_fund_store),
            },
            flags,
        }
    }
}

impl AnnouncedView {
    fn of(Announced { version, announcement }: &Announced) -> Self {
        let link = announcement.link.as_ref();
        Self {
            version: *version,
            text: announcement.text.clone(),
            link: link.map(|link| link.address.clone()),
            link_label: link.map(|link| link.label.clone()),
        }
    }
}

impl FlagOfCaller {
    fn of(decision: Decision) -> Self {
        Self { enabled: decision.enabled, reason: decision.reason.as_str(), killed: decision.reason.is_kill() }
    }
}

fn setting(switch: &EnvironmentSwitch) -> Option<bool> {
    match switch {
        EnvironmentSwitch::On => Some(true),
        EnvironmentSwitch::Off => Some(false),
        EnvironmentSwitch::Unset | EnvironmentSwitch::Invalid(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use flags::DecisionReason;
    use utoipa::PartialSchema;

    use super::*;

    #[test]
    fn the_description_names_every_reason() {
        let description = serde_json::to_string(&FlagOfCaller::schema()).unwrap();
        for reason in DecisionReason::ALL {
            assert!(description.contains(&format!("`{}`", reason.as_str())), "{}", reason.as_str());
        }
    }
}
