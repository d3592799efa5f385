//! `/api/session/oidc`: the way of a browser to a provider of identities and back, and which ways of signing in there are.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::session_cookie;
use crate::error::ApiError;
use crate::query::QueryFields;
use crate::sign_in::{self, Begun, Journey, OidcError, OidcFailure, Origin, Provider, SESSION_LENGTH};

pub(crate) fn public() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_sign_in_methods)).routes(routes!(begin_oidc)).routes(routes!(finish_oidc))
}

/// How people can sign in here.
#[derive(Serialize, ToSchema)]
#[schema(as = SignInMethods)]
struct MethodsView {
    /// Whether with a name and a password.
    password: bool,
    /// The provider of identities; null without one.
    oidc: Option<OidcView>,
}

/// A provider of identities.
#[derive(Serialize, ToSchema)]
#[schema(as = OidcMethod)]
struct OidcView {
    /// What to call it.
    label: String,
    /// Where a browser goes to sign in there.
    path: &'static str,
}

const BEGIN_PATH: &str = "/api/session/oidc";

/// How people can sign in here.
#[utoipa::path(get, path = "/api/session/methods", operation_id = "list_sign_in_methods", tag = "session", security(()),
    responses((status = 200, body = MethodsView)))]
async fn list_sign_in_methods(State(state): State<AppState>) -> Json<MethodsView> {
    let oidc = state.sign_in().provider();
    let oidc = oidc.map(|provider| OidcView { label: provider.settings().label.clone(), path: BEGIN_PATH });
    Json(MethodsView { password: true, oidc })
}

/// Sends a browser to the provider of identities.
#[utoipa::path(get, path = "/api/session/oidc", operation_id = "begin_oidc", tag = "session", security(()),
    responses((status = 303, description = "To the provider; or to our own page, which tells what is wrong")))]
async fn begin_oidc(State(state): State<AppState>, origin: Origin) -> Result<Response, ApiError> {
    let provider = provider(&state)?;
    match sign_in::to_provider(&state, &provider, &origin).await {
        Ok((url, journey)) => see_other(&url, &[journey.cookie(state.config().secure_cookies)]),
        Err(failure) => told_on_page(&state, &failure),
    }
}

/// Takes a browser back from the provider and gives it a session.
#[utoipa::path(get, path = "/api/session/oidc/callback", operation_id = "finish_oidc", tag = "session", security(()),
    params(("code" = Option<String>, Query), ("state" = Option<String>, Query), ("error" = Option<String>, Query)),
    responses((status = 303, description = "To our own page, which tells what is wrong if something is")))]
async fn finish_oidc(
    State(state): State<AppState>,
    origin: Origin,
    headers: HeaderMap,
    mut query: QueryFields,
) -> Result<Response, ApiError> {
    let provider = provider(&state)?;
    // What else a provider adds, such as iss or session_state, is its own affair.
    let (code, returned_state, error) = (query.text("code"), query.text("state"), query.text("error"));
    let returned = match (code, returned_state, error) {
        (Some(code), Some(state), None) => Ok((code, state)),
        (_, _, Some(error)) => Err(format!("the provider says {}", error.chars().take(100).collect::<String>())),
        _ => Err("the provider sent no code".to_owned()),
    };
    match sign_in::with_oidc(&state, &provider, origin, Journey::of(&headers), returned).await {
        Ok(Begun { secret, .. }) => {
            let secure = state.config().secure_cookies;
            let session = session_cookie(secret.reveal(), SESSION_LENGTH.as_secs(), secure);
            see_other("/", &[session, Journey::end(secure)])
        }
        Err(failure) => told_on_page(&state, &failure),
    }
}

fn provider(state: &AppState) -> Result<Arc<Provider>, ApiError> {
    let none = || ApiError::NotFound { what: "provider of identities", id: "here".to_owned() };
    state.sign_in().provider().cloned().ok_or_else(none)
}

/// A browser is on its way here, not a program: it is led to the page, which has the words.
fn told_on_page(state: &AppState, failure: &OidcFailure) -> Result<Response, ApiError> {
    let code = match failure {
        OidcFailure::Oidc(OidcError::Unavailable(_)) => "unavailable",
        OidcFailure::Oidc(OidcError::OtherJourney) => "expired",
        OidcFailure::Oidc(OidcError::Refused(_)) => "refused",
        OidcFailure::NoRole => "no_role",
        OidcFailure::Own(ApiError::TooManyAttempts { .. }) => "too_many",
        OidcFailure::Own(_) => "internal",
    };
    match failure {
        OidcFailure::Oidc(error) => tracing::warn!(%error, code, "nobody is signed in"),
        OidcFailure::Own(error) => tracing::warn!(%error, cause = error.cause(), code, "nobody is signed in"),
        OidcFailure::NoRole => tracing::info!(code, "nobody is signed in"),
    }
    see_other(&format!("/?signInFailed={code}"), &[Journey::end(state.config().secure_cookies)])
}

fn see_other(location: &str, cookies: &[String]) -> Result<Response, ApiError> {
    let value = |text: &str| {
        HeaderValue::from_str(text).map_err(|error| ApiError::Internal(format!("a header of a sign-in: {error}")))
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, value(location)?);
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, value(cookie)?);
    }
    Ok(response)
}
