//! The layer before every protected route: who calls, is what they ask about theirs to see, and is their role enough.
//! What is not remembered is settled by one reading of the database.

use std::time::Duration;

use axum::extract::{RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use store::tokens::Role;
use store::{FundId, StoreError, Transaction, sessions, tokens};

use super::caller::{Caller, FundScope};
use super::credential::{Credential, is_same_origin, is_unsafe};
use super::secret::Secret;
use super::subject::{Subject, refuse_unknown_flag};
use crate::AppState;
use crate::config::Config;
use crate::error::{ApiError, is_passing};
use crate::metrics::{SignInOutcome, SignInWay};

/// What [`admit`] is layered with.
#[derive(Clone)]
pub(crate) struct Admission {
    pub(crate) state: AppState,
    /// The role the route asks for.
    pub(crate) role: Role,
    /// Who is let in while the database does not answer.
    pub(crate) without_database: WithoutDatabase,
}

/// Whom a route lets in while the database does not answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum WithoutDatabase {
    /// Nobody but those who are in the configuration: the route could not answer anyway.
    Nobody,
    /// Whoever was good when it last answered: flags are evaluated and killed without it.
    LastKnown,
}

/// Lets a request through with its [`Caller`] and, where it is about one, its [`FundScope`].
///
/// # Errors
/// 401, 404 and 403, in this order.
pub(crate) async fn admit(
    State(Admission { state, role, without_database }): State<Admission>,
    path: RawPathParams,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let credential = Credential::of(request.headers());
    let by_cookie = matches!(credential, Credential::Session(_));
    let subjects = Subject::of(&path);
    let (caller, fund) = settle(&state, credential, subjects.as_deref().unwrap_or_default(), without_database).await?;
    subjects?;
    let fund = fund?;
    refuse_unknown_flag(&state, &path).await?;
    if by_cookie && is_unsafe(request.method()) && !is_same_origin(request.headers()) {
        return Err(ApiError::Forbidden(FOREIGN_PAGE.to_owned()));
    }
    if !caller.grant.role.includes(role) {
        let message = format!("this needs the role {role}; yours is {}", caller.grant.role);
        return Err(ApiError::Forbidden(message));
    }
    request.extensions_mut().insert(caller);
    if let Some(fund_id) = fund {
        request.extensions_mut().insert(FundScope { fund_id });
    }
    Ok(next.run(request).await)
}

/// What a request with a session is told that another site made a browser send.
pub(crate) const FOREIGN_PAGE: &str =
    "a request with a session cookie must come from our own page: Sec-Fetch-Site or Origin does not say so";

/// The caller of a credential, for routes that are about no record, good for every role and answered without the database.
///
/// # Errors
/// 401 for a caller who is nobody; what the database answers.
pub(crate) async fn authenticate_any(state: &AppState, credential: Credential) -> Result<Caller, ApiError> {
    settle(state, credential, &[], WithoutDatabase::LastKnown).await.map(|(caller, _)| caller)
}

/// The caller whose token the process was started with.
fn configured_caller(config: &Config, presented: &Secret) -> Option<Caller> {
    if config.admin_token.as_ref().is_some_and(|token| token.matches(presented)) {
        return Some(Caller::administrator());
    }
    let command_line = config.command_line_token.as_ref()?;
    command_line.matches(presented).then(Caller::command_line)
}

/// How long admission waits for the database where it knows who was accepted last: a kill acts within a second.
const ANSWERS_WITHIN: Duration = Duration::from_millis(500);

/// The fund a request is about, if it is about one, or why the caller does not see it.
type Visible = Result<Option<FundId>, ApiError>;

/// The caller, and whether what they ask about is theirs to see.
///
/// # Errors
/// 401 for a caller who is nobody; what the database answers.
async fn settle(
    state: &AppState,
    credential: Credential,
    subjects: &[Subject],
    without_database: WithoutDatabase,
) -> Result<(Caller, Visible), ApiError> {
    let (memory, now) = (state.memory(), state.clock().now());
    let presented = match &credential {
        Credential::Absent => return Err(ApiError::Unauthenticated("a token is required: Authorization: Bearer …")),
        Credential::Bearer(text) | Credential::Session(text) => Secret::new(text),
    };
    let configured = match &credential {
        Credential::Bearer(_) => configured_caller(state.config(), &presented),
        _ => None,
    };
    let known = configured.or_else(|| memory.caller_of(&presented, now));
    let funds: Option<Vec<FundId>> = subjects.iter().map(|subject| memory.fund_of(subject)).collect();
    if let (Some(caller), Some(funds)) = (&known, &funds) {
        return Ok((caller.clone(), visible(caller, subjects, funds)));
    }
    let looked_up = memory.generation();
    let (is_new, asked) = (known.is_none(), subjects.to_vec());
    let is_token = matches!(credential, Credential::Bearer(_));
    let session = match &credential {
        Credential::Session(secret) => Some(secret.clone()),
        _ => None,
    };
    let stand_in = if is_new && without_database == WithoutDatabase::LastKnown {
        memory.last_known_caller_of(&presented, now).zip(funds)
    } else {
        None
    };
    let reading = state.store().read(move |tx| {
        let caller = match &known {
            Some(caller) => Some(Found { caller: caller.clone(), good_until: None, is_to_be_seen: false }),
            None => authenticate(tx, &credential, now)?,
        };
        let Some(found) = caller else { return Ok(None) };
        // A company is looked for only in a fund that is visible: what is out of sight is not there either way.
        if let Some(hidden) = asked.iter().find(|subject| subject.is_hidden_from(&found.caller)) {
            return Ok(Some((found, Err(hidden.not_found()))));
        }
        let funds = match asked.iter().map(|subject| subject.fund(tx)).collect::<Result<Vec<_>, _>>() {
            Err(StoreError::NotFound { what, id }) => Err(ApiError::NotFound { what, id }),
            other => Ok(other?),
        };
        Ok(Some((found, funds)))
    });
    let found = match stand_in {
        None => reading.await?,
        Some((caller, funds)) => match tokio::time::timeout(ANSWERS_WITHIN, reading).await {
            Ok(Err(error)) if !is_passing(&error) => return Err(error.into()),
            Ok(Ok(found)) => found,
            Ok(Err(_)) | Err(_) => {
                let visible = visible(&caller, subjects, &funds);
                return Ok((caller, visible));
            }
        },
    };
    let count = |outcome| {
        if is_new && is_token {
            state.metrics().sign_ins.count(SignInWay::Token, outcome);
        }
    };
    let Some((Found { caller, good_until, is_to_be_seen }, funds)) = found else {
        memory.forget_caller(&presented);
        count(SignInOutcome::Refused);
        return Err(ApiError::Unauthenticated("the token or session is unknown, expired or revoked"));
    };
    count(SignInOutcome::Accepted);
    if is_new {
        memory.remember_caller(presented, caller.clone(), good_until, looked_up);
    }
    if let Some(secret) = session.filter(|_| is_to_be_seen) {
        note_use(state, secret, now);
    }
    let visible = funds.and_then(|funds| {
        subjects.iter().zip(&funds).for_each(|(subject, fund)| memory.remember_fund(subject.clone(), *fund));
        visible(&caller, subjects, &funds)
    });
    Ok((caller, visible))
}

/// Notes behind the request that its session is used: no reading waits for a database that cannot write.
fn note_use(state: &AppState, secret: String, now: Timestamp) {
    let store = state.store().clone();
    tokio::spawn(async move {
        if let Err(error) = store.write(move |tx| sessions::see(tx, &secret, now)).await {
            tracing::debug!(%error, "the use of a session cannot be noted now");
        }
    });
}

/// The fund of the first record, if the caller may see all of them. A record of a fund out of sight does not exist.
fn visible(caller: &Caller, subjects: &[Subject], funds: &[FundId]) -> Visible {
    match subjects.iter().zip(funds).find(|(_, fund)| !caller.may_see(**fund)) {
        Some((subject, _)) => Err(subject.not_found()),
        None => Ok(funds.first().copied()),
    }
}

/// How often it is noted that a session is used.
const SEEN_INTERVAL: SignedDuration = SignedDuration::from_mins(5);

/// A caller who was looked up.
struct Found {
    caller: Caller,
    /// From when on the credential has to be looked up again.
    good_until: Option<Timestamp>,
    /// Whether the use of the session is to be noted.
    is_to_be_seen: bool,
}

/// The caller of a credential.
fn authenticate(
    tx: &mut Transaction<'_>,
    credential: &Credential,
    now: Timestamp,
) -> Result<Option<Found>, StoreError> {
    Ok(match credential {
        Credential::Bearer(token) => tokens::authenticate(tx, token, now)?.map(|token| {
            let good_until = token.expires_at;
            Found { caller: Caller::of_token(token), good_until, is_to_be_seen: false }
        }),
        Credential::Session(secret) => sessions::authenticate(tx, secret, now)?.map(|session| {
            let good_until = session.expires_at.min(now.checked_add(SEEN_INTERVAL).unwrap_or(Timestamp::MAX));
            let is_to_be_seen = now.duration_since(session.seen_at) >= SEEN_INTERVAL;
            Found { caller: Caller::of_session(session), good_until: Some(good_until), is_to_be_seen }
        }),
        Credential::Absent => None,
    })
}
