//! `/api/session`: a browser signs in with a one-time login token and gets a cookie that no script can read.

use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use store::tokens::Grant;
use store::{people, sessions};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::{Caller, Identity, clear_cookie, is_cross_origin, session_cookie, session_secret};
use crate::body::Submission;
use crate::config::Environment;
use crate::error::ApiError;

/// How long a session lasts.
pub const SESSION_LENGTH: SignedDuration = SignedDuration::from_hours(12);

pub(crate) fn public() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_session))
}

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_session)).routes(routes!(end_session))
}

/// A login token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body that the handler takes apart")]
struct LoginBody {
    /// The one-time token of a login link.
    token: String,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
struct SessionView {
    /// Targeting key, such as person:1.
    key: String,
    /// Name of the person; null for a service.
    name: Option<String>,
    /// viewer, analyst, approver, operator or admin.
    role: &'static str,
    /// Funds the caller may see; null for all.
    fund_ids: Option<Vec<i64>>,
    /// development, staging or production.
    environment: Environment,
    /// Whether a change of a flag waits for a second person here.
    four_eyes: bool,
    /// RFC 3339, for a session that was just begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

fn view(
    state: &AppState,
    key: String,
    name: Option<String>,
    grant: &Grant,
    expires_at: Option<Timestamp>,
) -> SessionView {
    SessionView {
        key,
        name,
        role: grant.role.as_str(),
        fund_ids: grant.funds.as_ref().map(|funds| funds.iter().map(|fund| fund.0).collect()),
        environment: state.config().environment,
        four_eyes: state.config().four_eyes,
        expires_at,
    }
}

/// Begins a session. The token works once.
#[utoipa::path(post, path = "/api/session", operation_id = "create_session", tag = "session", security(()),
    request_body = LoginBody, responses((status = 200, body = SessionView)))]
async fn create_session(
    State(state): State<AppState>,
    headers: HeaderMap,
    submission: Submission,
) -> Result<Response, ApiError> {
    if is_cross_origin(&headers) {
        return Err(ApiError::Forbidden("another site may not sign this browser in".to_owned()));
    }
    let token = submission
        .read(|fields, problems| fields.required("token", problems, |text| Ok::<_, String>(text.to_owned())))?;
    let now = state.clock().now();
    let expires_at = now.checked_add(SESSION_LENGTH).unwrap_or(Timestamp::MAX);
    let begun = state
        .store()
        .write(move |tx| {
            let Some((session, secret)) = sessions::redeem_login(tx, &token, expires_at, now)? else { return Ok(None) };
            let person = people::get(tx, session.person_id)?;
            Ok(Some((session, secret, person)))
        })
        .await?;
    let Some((session, secret, person)) = begun else {
        return Err(ApiError::Unauthenticated("this login token is unknown, used or expired; ask for a new link"));
    };
    let key = format!("person:{}", person.id);
    let view = view(&state, key, Some(person.name), &session.grant, Some(session.expires_at));
    let cookie = session_cookie(secret.reveal(), SESSION_LENGTH.as_secs(), state.config().secure_cookies);
    with_cookie(Json(view).into_response(), &cookie)
}

/// Who the caller is.
#[utoipa::path(get, path = "/api/session", operation_id = "get_session", tag = "session", responses((status = 200, body = SessionView)))]
async fn get_session(State(state): State<AppState>, caller: Caller) -> Result<Json<SessionView>, ApiError> {
    let name = match caller.identity {
        Identity::Person(id) => Some(state.store().read(move |tx| people::get(tx, id)).await?.name),
        Identity::Service(_) | Identity::Administrator | Identity::CommandLine => None,
    };
    Ok(Json(view(&state, caller.key(), name, &caller.grant, None)))
}

/// Ends the session. A bearer token is not ended by this: revoke it.
#[utoipa::path(delete, path = "/api/session", operation_id = "end_session", tag = "session", responses((status = 204)))]
async fn end_session(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(secret) = session_secret(&headers) {
        let secret = secret.to_owned();
        state.store().write(move |tx| sessions::end(tx, &secret)).await?;
        state.memory().forget_callers();
    }
    with_cookie(StatusCode::NO_CONTENT.into_response(), &clear_cookie(state.config().secure_cookies))
}

fn with_cookie(mut response: Response, cookie: &str) -> Result<Response, ApiError> {
    let cookie = HeaderValue::from_str(cookie).map_err(|error| ApiError::Internal(format!("cookie: {error}")))?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
