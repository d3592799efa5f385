//! The layer before every protected route: who calls, is what they ask about theirs to see, and is their role enough.
//! One reading of the database settles all of it.

use axum::extract::{RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;
use store::tokens::Role;
use store::{StoreError, Transaction, sessions, tokens};

use super::caller::{Caller, FundScope};
use super::credential::{Credential, is_same_origin, is_unsafe};
use super::subject::Subject;
use crate::AppState;
use crate::error::ApiError;

/// What [`admit`] is layered with.
#[derive(Clone)]
pub(crate) struct Admission {
    pub(crate) state: AppState,
    /// The role the route asks for.
    pub(crate) role: Role,
}

/// Lets a request through with its [`Caller`] and, where it is about one, its [`FundScope`].
///
/// # Errors
/// 401, 404 and 403, in this order.
pub(crate) async fn admit(
    State(Admission { state, role }): State<Admission>,
    path: RawPathParams,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let credential = Credential::of(request.headers());
    let by_cookie = matches!(credential, Credential::Session(_));
    let subject = Subject::of(&path);
    let known = settle(&state, credential, subject.as_ref().unwrap_or(&Subject::Nothing).clone()).await?;
    let Settled { caller, scope } = known?;
    subject?;
    let scope = scope?;
    if by_cookie && is_unsafe(request.method()) && !is_same_origin(request.headers()) {
        return Err(ApiError::Forbidden(
            "a request with a session cookie must come from our own page: Sec-Fetch-Site or Origin does not say so"
                .to_owned(),
        ));
    }
    if !caller.grant.role.includes(role) {
        let message = format!("this needs the role {role}; yours is {}", caller.grant.role);
        return Err(ApiError::Forbidden(message));
    }
    request.extensions_mut().insert(caller);
    if let Some(scope) = scope {
        request.extensions_mut().insert(scope);
    }
    Ok(next.run(request).await)
}

/// A known caller, and whether what they ask about is theirs to see.
struct Settled {
    caller: Caller,
    scope: Result<Option<FundScope>, ApiError>,
}

async fn settle(
    state: &AppState,
    credential: Credential,
    subject: Subject,
) -> Result<Result<Settled, ApiError>, ApiError> {
    let administrator = match &credential {
        Credential::Absent => {
            return Ok(Err(ApiError::Unauthenticated("a token is required: Authorization: Bearer …")));
        }
        Credential::Bearer(token) => state.config().admin_token.as_ref().is_some_and(|admin| admin.matches(token)),
        Credential::Session(_) => false,
    };
    if administrator && subject == Subject::Nothing {
        return Ok(Ok(Settled { caller: Caller::administrator(), scope: Ok(None) }));
    }
    let now = state.clock().now();
    let settled = state
        .store()
        .read(move |tx| {
            let caller =
                if administrator { Some(Caller::administrator()) } else { authenticate(tx, &credential, now)? };
            let Some(caller) = caller else { return Ok(None) };
            let scope = match subject.visible_to(&caller, tx) {
                Err(StoreError::NotFound { what, id }) => Err(ApiError::NotFound { what, id }),
                other => Ok(other?),
            };
            Ok(Some(Settled { caller, scope }))
        })
        .await?;
    Ok(settled.ok_or(ApiError::Unauthenticated("the token or session is unknown, expired or revoked")))
}

fn authenticate(
    tx: &mut Transaction<'_>,
    credential: &Credential,
    now: Timestamp,
) -> Result<Option<Caller>, StoreError> {
    Ok(match credential {
        Credential::Bearer(token) => tokens::authenticate(tx, token, now)?.map(Caller::of_token),
        Credential::Session(secret) => sessions::authenticate(tx, secret, now)?.map(Caller::of_session),
        Credential::Absent => None,
    })
}
