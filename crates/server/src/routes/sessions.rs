//! `/api/sessions` and `/api/session/password`: what a signed-in person sees and does about how they are signed in.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::sessions::{self, Session};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::session::with_cookie;
use crate::AppState;
use crate::act::Act;
use crate::auth::{Caller, clear_cookie};
use crate::body::Submission;
use crate::error::ApiError;
use crate::sign_in::{self, Origin};

pub(crate) fn own() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_sessions, end_all_sessions))
        .routes(routes!(end_one_session))
        .routes(routes!(change_password))
}

/// A session of the caller.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OwnSession)]
struct SessionView {
    /// Id.
    id: String,
    /// How it began: password, oidc or link.
    method: &'static str,
    /// viewer, analyst, approver, operator or admin.
    role: &'static str,
    /// Whether it is the one that asks.
    is_current: bool,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used, to some minutes. RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
    /// From when on it is refused, however it is used. RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// The sessions of the caller.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnSessions)]
struct SessionList {
    sessions: Vec<SessionView>,
}

fn view(session: Session, current: &str) -> SessionView {
    SessionView {
        is_current: session.id == current,
        id: session.id,
        method: session.method.as_str(),
        role: session.grant.role.as_str(),
        created_at: session.created_at,
        seen_at: session.seen_at,
        expires_at: session.expires_at,
    }
}

/// Where the caller is signed in.
#[utoipa::path(get, path = "/api/sessions", operation_id = "list_sessions", tag = "session",
    responses((status = 200, body = SessionList)))]
async fn list_sessions(State(state): State<AppState>, caller: Caller) -> Result<Json<SessionList>, ApiError> {
    let (person_id, current) = caller.signed_in()?;
    let now = state.clock().now();
    let found = state.store().read(move |tx| sessions::list(tx, person_id, now)).await?;
    Ok(Json(SessionList { sessions: found.into_iter().map(|session| view(session, &current.id)).collect() }))
}

/// Signs the caller out everywhere, here too.
#[utoipa::path(delete, path = "/api/sessions", operation_id = "end_all_sessions", tag = "session",
    responses((status = 204)))]
async fn end_all_sessions(State(state): State<AppState>, caller: Caller) -> Result<Response, ApiError> {
    let (person_id, _) = caller.signed_in()?;
    sign_in::end_everywhere(&state, &caller, person_id).await?;
    with_cookie(StatusCode::NO_CONTENT.into_response(), &clear_cookie(state.config().secure_cookies))
}

/// Ends one session of the caller.
#[utoipa::path(delete, path = "/api/sessions/{sessionId}", operation_id = "end_one_session", tag = "session",
    params(("sessionId" = String, Path)), responses((status = 204)))]
async fn end_one_session(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let (person_id, _) = caller.signed_in()?;
    let act = Act::new(&state, &caller, None);
    state
        .store()
        .write(move |tx| {
            sessions::end_one(tx, person_id, &id)?;
            act.record(tx, "session.end", &act.actor, &json!({ "session": id }))
        })
        .await?;
    state.memory().forget_callers();
    Ok(StatusCode::NO_CONTENT)
}

/// A new password.
#[derive(ToSchema)]
#[schema(as = OwnPassword, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that the handler takes apart")]
struct PasswordBody {
    /// The password that holds; not needed without one, and in a session that a one-time link began.
    old_password: Option<String>,
    /// The new one: at least 12 characters, at most 256 bytes, and not easily guessed.
    #[schema(min_length = 12)]
    password: String,
}

/// Changes the caller's password, or sets their first; their other sessions end.
#[utoipa::path(put, path = "/api/session/password", operation_id = "change_password", tag = "session",
    request_body = PasswordBody, responses((status = 204)))]
async fn change_password(
    State(state): State<AppState>,
    origin: Origin,
    caller: Caller,
    submission: Submission,
) -> Result<StatusCode, ApiError> {
    let signed_in = caller.signed_in()?;
    let text = |text: &str| Ok::<_, String>(text.to_owned());
    let (old, new) = submission.read(|fields, problems| {
        let old = fields.parsed("oldPassword", problems, text);
        let new = fields.required("password", problems, text);
        Some((old, new?))
    })?;
    sign_in::change_password(&state, origin, &caller, signed_in, old, &new).await?;
    Ok(StatusCode::NO_CONTENT)
}
