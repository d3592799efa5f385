//! `/api/session`: a browser signs in, with name and password or a one-time login token, and gets a cookie that no script can
//! read.

use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use moic::json::{Fields, Problems};
use serde::Serialize;
use serde_json::json;
use store::people::{self, Person};
use store::sessions;
use store::tokens::Grant;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::act::Act;
use crate::auth::{Caller, CurrentSession, Identity, clear_cookie, is_cross_origin, session_cookie, session_secret};
use crate::body::Submission;
use crate::config::Environment;
use crate::error::ApiError;
use crate::sign_in::{self, Origin, SESSION_LENGTH};

pub(crate) fn public() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_session))
}

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_session)).routes(routes!(end_session))
}

/// A login token, or a name and a password.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
enum LoginBody {
    /// A login link.
    Link {
        /// Its one-time token.
        token: String,
    },
    /// A name and a password.
    Password {
        /// What the person signs in as; capitals do not matter.
        name: String,
        /// Their password.
        password: String,
    },
}

/// What somebody signs in with.
enum Login {
    Link(String),
    Password { name: String, password: String },
}

fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Login> {
    let text = |text: &str| Ok::<_, String>(text.to_owned());
    // All three are asked for: of one way the fields of the other may be null.
    let [_, has_name, has_password] = ["token", "name", "password"].map(|name| fields.has(name));
    if !has_name && !has_password {
        return fields.required("token", problems, text).map(Login::Link);
    }
    let name = fields.required("name", problems, text);
    let password = fields.required("password", problems, text);
    Some(Login::Password { name: name?, password: password? })
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
    /// What the person signs in as; null for a service, and for somebody who has no such name.
    sign_in_name: Option<String>,
    /// Whether the person has a password.
    has_password: bool,
    /// Whether the person has to give their password in order to change it.
    needs_old_password: bool,
    /// How the session began: password, oidc or link; null for a token.
    method: Option<&'static str>,
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
    person: Option<Person>,
    session: Option<&CurrentSession>,
    grant: &Grant,
    expires_at: Option<Timestamp>,
) -> SessionView {
    SessionView {
        key,
        needs_old_password: session
            .zip(person.as_ref())
            .is_some_and(|(session, person)| session.needs_old_password(person)),
        has_password: person.as_ref().is_some_and(|person| person.password_changed_at.is_some()),
        sign_in_name: person.as_ref().and_then(|person| person.sign_in_name.clone()),
        name: person.map(|person| person.name),
        method: session.map(|session| session.method.as_str()),
        role: grant.role.as_str(),
        fund_ids: grant.funds.as_ref().map(|funds| funds.iter().map(|fund| fund.0).collect()),
        environment: state.config().environment,
        four_eyes: state.config().four_eyes,
        expires_at,
    }
}

/// Begins a session, with a name and a password or with a login token, which works once.
#[utoipa::path(post, path = "/api/session", operation_id = "create_session", tag = "session", security(()),
    request_body = LoginBody, responses((status = 200, body = SessionView)))]
async fn create_session(
    State(state): State<AppState>,
    origin: Origin,
    headers: HeaderMap,
    submission: Submission,
) -> Result<Response, ApiError> {
    if is_cross_origin(&headers) {
        return Err(ApiError::Forbidden("another site may not sign this browser in".to_owned()));
    }
    let sign_in::Begun { session, secret, person } = match submission.read(read)? {
        Login::Link(token) => sign_in::with_link(&state, origin, token).await?,
        Login::Password { name, password } => sign_in::with_password(&state, origin, &name, &password).await?,
    };
    let key = person.id.key();
    let view =
        view(&state, key, Some(person), Some(&CurrentSession::of(&session)), &session.grant, Some(session.expires_at));
    let cookie = session_cookie(secret.reveal(), SESSION_LENGTH.as_secs(), state.config().secure_cookies);
    with_cookie(Json(view).into_response(), &cookie)
}

/// Who the caller is.
#[utoipa::path(get, path = "/api/session", operation_id = "get_session", tag = "session", responses((status = 200, body = SessionView)))]
async fn get_session(State(state): State<AppState>, caller: Caller) -> Result<Json<SessionView>, ApiError> {
    let person = match caller.identity {
        Identity::Person(id) => Some(state.store().read(move |tx| people::get(tx, id)).await?),
        Identity::Service(_) | Identity::Administrator | Identity::CommandLine => None,
    };
    Ok(Json(view(&state, caller.key(), person, caller.session.as_ref(), &caller.grant, None)))
}

/// Ends the session. A bearer token is not ended by this: revoke it.
#[utoipa::path(delete, path = "/api/session", operation_id = "end_session", tag = "session", responses((status = 204)))]
async fn end_session(State(state): State<AppState>, caller: Caller, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(session) = &caller.session
        && let Some(secret) = session_secret(&headers)
    {
        let (secret, id, act) = (secret.to_owned(), session.id.clone(), Act::new(&state, &caller, None));
        state
            .store()
            .write(move |tx| {
                sessions::end(tx, &secret)?;
                act.record(tx, "session.end", &act.actor, &json!({ "session": id }))
            })
            .await?;
        state.memory().forget_callers();
    }
    with_cookie(StatusCode::NO_CONTENT.into_response(), &clear_cookie(state.config().secure_cookies))
}

pub(super) fn with_cookie(mut response: Response, cookie: &str) -> Result<Response, ApiError> {
    let cookie = HeaderValue::from_str(cookie).map_err(|error| ApiError::Internal(format!("cookie: {error}")))?;
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
