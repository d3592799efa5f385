//! Signing in: what a browser proves, how often it may try, and the session that it gets.

mod hashing;
mod name;
mod oidc;
mod origin;
mod password;
mod with_link;
mod with_oidc;
mod with_password;

use std::num::NonZeroU32;
use std::sync::Arc;

use governor::Quota;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::audit::{self, NewEntry};
use store::people::{self, Person};
use store::sessions::{self, Session, SignInMethod};
use store::tokens::Grant;
use store::{PersonId, Secret, StoreError, Transaction};
use tokio::sync::Semaphore;

use crate::act::Act;
use crate::auth::Caller;
use crate::config::Config;
use crate::error::ApiError;
use crate::rate::Limiter;
use crate::{AppState, Clock};

pub(crate) use hashing::Hashing;
pub(crate) use name::sign_in_name;
pub use oidc::{GroupRole, OidcSettings, OidcTexts};
pub(crate) use oidc::{Journey, OidcError, Provider};
pub(crate) use origin::Origin;
pub(crate) use password::PASSWORD_BYTES_MAX;
use password::{Password, Strength};
pub(crate) use with_link::with_link;
pub(crate) use with_oidc::{Failure as OidcFailure, to_provider, with_oidc};
pub(crate) use with_password::{change_password, hash_of_new, with_password};

/// How long a session lasts, however it is used; [`sessions::IDLE_LENGTH`] ends an unused one earlier.
pub const SESSION_LENGTH: SignedDuration = SignedDuration::from_hours(12);

/// Attempts to sign in that one network may make at once, and in each minute.
const ATTEMPTS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(30).unwrap();

/// Sign-ins that wait for the provider at the same time; more are told to come back.
const AT_PROVIDER_MAX: usize = 16;

/// What signing in needs in a process.
pub(crate) struct SignIn {
    hashing: Hashing,
    attempts: Limiter<Origin>,
    provider: Option<Arc<Provider>>,
    /// Requests that wait for the provider: a slow one holds no more threads than these.
    at_provider: Arc<Semaphore>,
}

impl SignIn {
    pub(crate) fn new(config: &Config, clock: &Arc<dyn Clock>) -> Self {
        let attempts = Limiter::with_quota(Quota::per_minute(ATTEMPTS_PER_MINUTE), Arc::clone(clock));
        let provider = config.oidc.clone().map(|settings| Arc::new(Provider::new(settings)));
        Self { hashing: Hashing::new(), attempts, provider, at_provider: Arc::new(Semaphore::new(AT_PROVIDER_MAX)) }
    }

    pub(crate) fn hashing(&self) -> &Hashing {
        &self.hashing
    }

    /// The provider of identities, if there is one.
    pub(crate) fn provider(&self) -> Option<&Arc<Provider>> {
        self.provider.as_ref()
    }

    /// Runs what waits for the provider on a thread that may block.
    ///
    /// # Errors
    /// 503 `overloaded` where too many wait already.
    pub(crate) async fn waiting_for_provider<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let permit = Arc::clone(&self.at_provider).try_acquire_owned().map_err(|_| ApiError::Overloaded)?;
        let running = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        running.await.map_err(|error| ApiError::Internal(format!("asking the provider broke off: {error}")))
    }

    /// Counts an attempt of a network, whatever it is.
    ///
    /// # Errors
    /// 429 for one too many.
    pub(crate) fn admit(&self, origin: &Origin) -> Result<(), ApiError> {
        self.attempts
            .check(origin)
            .map_err(|too_often| ApiError::TooManyAttempts { retry_after: too_often.retry_after })
    }

    /// Forgets networks that have not tried lately.
    pub(crate) fn forget_idle(&self) {
        self.attempts.forget_idle();
    }
}

/// A session that was just begun.
pub(crate) struct Begun {
    pub(crate) session: Session,
    /// For the browser's cookie.
    pub(crate) secret: Secret,
    pub(crate) person: Person,
}

/// Begins a session for somebody who has proved who they are, and records it. Every way of signing in ends here.
///
/// # Errors
/// What the database answers.
fn begin(
    tx: &mut Transaction<'_>,
    person: Person,
    grant: &Grant,
    method: SignInMethod,
    origin: &Origin,
    now: Timestamp,
) -> Result<Begun, StoreError> {
    let expires_at = now.checked_add(SESSION_LENGTH).unwrap_or(Timestamp::MAX);
    let (session, secret) = sessions::create(tx, person.id, grant, method, expires_at, now)?;
    record_success(tx, &session, origin, now)?;
    Ok(Begun { session, secret, person })
}

fn record_success(
    tx: &mut Transaction<'_>,
    session: &Session,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), StoreError> {
    let key = session.person_id.key();
    let details = json!({ "method": session.method, "role": session.grant.role, "session": session.id,
        "from": origin.as_str() });
    record(tx, &key, "sign_in.accept", &key, &details, now)
}

/// Signs a person out everywhere, here and in the links that nobody has opened.
///
/// # Errors
/// 404 without the person; what the database answers.
pub(crate) async fn end_everywhere(state: &AppState, caller: &Caller, person_id: PersonId) -> Result<(), ApiError> {
    let act = Act::new(state, caller, None);
    let write = move |tx: &mut Transaction<'_>| {
        people::get(tx, person_id)?;
        let ended = sessions::end_all(tx, person_id, None)?;
        act.record(tx, "session.end_all", &person_id.key(), &json!({ "sessionsEnded": ended }))
    };
    state.store().write(write).await?;
    state.memory().forget_callers();
    Ok(())
}

/// Who acts before anybody is known.
const NOBODY: &str = "nobody";

/// Records that somebody was not let in; `subject` is a person, or the way where nobody is known.
fn record_refusal(tx: &mut Transaction<'_>, subject: &str, details: &Value, now: Timestamp) -> Result<(), StoreError> {
    record(tx, NOBODY, "sign_in.refuse", subject, details, now)
}

fn record(
    tx: &mut Transaction<'_>,
    actor: &str,
    action: &str,
    subject: &str,
    details: &Value,
    now: Timestamp,
) -> Result<(), StoreError> {
    let entry = NewEntry { actor, action, subject, fund_id: None, details: &details.to_string() };
    audit::append(tx, &entry, now).map(|_| ())
}
