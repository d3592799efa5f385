//! The word of a provider of OpenID Connect.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;
use store::people::{Person, PersonChange};
use store::sessions::SignInMethod;
use store::tokens::Grant;
use store::{StoreError, Transaction, people, sessions};

use super::oidc::{Identity, Journey, OidcError, Provider};
use super::{Begun, Origin, begin, record, record_refusal};
use crate::AppState;
use crate::error::ApiError;
use crate::fields;
use crate::metrics::{SignInOutcome, SignInWay};

/// Who the audit log says acts where a provider's word changes a person.
const ACTOR: &str = "oidc";

/// Why nobody is signed in.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The provider gives no identity.
    Oidc(OidcError),
    /// None of the person's groups has a role.
    NoRole,
    /// Too many attempts, or our own fault.
    Own(ApiError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Own(error.into())
    }
}

/// Where a browser signs in, and what it takes along.
///
/// # Errors
/// [`Failure`].
pub(crate) async fn to_provider(
    state: &AppState,
    provider: &Arc<Provider>,
    origin: &Origin,
) -> Result<(String, Journey), Failure> {
    state.sign_in().admit(origin).map_err(Failure::Own)?;
    let (provider, at) = (Arc::clone(provider), state.clock().monotonic());
    waiting(state, move || provider.begin(at)).await
}

/// Signs in whoever comes back from the provider.
///
/// # Errors
/// [`Failure`].
pub(crate) async fn with_oidc(
    state: &AppState,
    provider: &Arc<Provider>,
    origin: Origin,
    journey: Option<Journey>,
    returned: Result<(String, String), String>,
) -> Result<Begun, Failure> {
    let outcome = attempt(state, provider, &origin, journey, returned).await;
    let counted = match &outcome {
        Ok(_) => Some(SignInOutcome::Accepted),
        Err(Failure::Own(ApiError::TooManyAttempts { .. })) => Some(SignInOutcome::Locked),
        Err(Failure::Oidc(OidcError::Unavailable(_)) | Failure::Own(_)) => None,
        Err(Failure::Oidc(_) | Failure::NoRole) => Some(SignInOutcome::Refused),
    };
    if let Some(counted) = counted {
        state.metrics().sign_ins.count(SignInWay::Oidc, counted);
    }
    if let Err(Failure::Oidc(error @ (OidcError::Refused(_) | OidcError::OtherJourney))) = &outcome {
        let (reason, now) = (error.to_string(), state.clock().now());
        let details = json!({ "method": "oidc", "reason": reason, "from": origin.as_str() });
        state.store().write(move |tx| record_refusal(tx, "sign_in:oidc", &details, now)).await?;
    }
    outcome
}

async fn attempt(
    state: &AppState,
    provider: &Arc<Provider>,
    origin: &Origin,
    journey: Option<Journey>,
    returned: Result<(String, String), String>,
) -> Result<Begun, Failure> {
    state.sign_in().admit(origin).map_err(Failure::Own)?;
    let journey = journey.ok_or(Failure::Oidc(OidcError::OtherJourney))?;
    let (code, returned_state) = returned.map_err(|error| Failure::Oidc(OidcError::Refused(error)))?;
    let (now, at) = (state.clock().now(), state.clock().monotonic());
    let asked = Arc::clone(provider);
    let identity = waiting(state, move || asked.finish(journey, &returned_state, code, (at, now))).await?;
    let grant = provider.settings().grant_of(&identity.groups);
    let (issuer, origin) = (provider.settings().issuer().to_owned(), origin.clone());
    let settled = state.store().write(move |tx| settle(tx, &issuer, &identity, grant.as_ref(), &origin, now)).await?;
    // Sessions may have ended.
    state.memory().forget_callers();
    settled.ok_or(Failure::NoRole)
}

/// Waits for a provider on a thread that may block.
async fn waiting<T: Send + 'static>(
    state: &AppState,
    work: impl FnOnce() -> Result<T, OidcError> + Send + 'static,
) -> Result<T, Failure> {
    let done = state.sign_in().waiting_for_provider(work).await.map_err(Failure::Own)?;
    done.map_err(Failure::Oidc)
}

/// The session of a person that the provider knows: found by issuer and subject, never by an address of e-mail, which
/// another may have had; entered where there is none yet. What they may do is what the provider says now.
fn settle(
    tx: &mut Transaction<'_>,
    issuer: &str,
    identity: &Identity,
    grant: Option<&Grant>,
    origin: &Origin,
    now: Timestamp,
) -> Result<Option<Begun>, StoreError> {
    let known = people::by_identity(tx, issuer, &identity.subject)?;
    let (known, grant) = match (known, grant) {
        (None, None) => {
            let details = json!({ "method": "oidc", "reason": "no group with a role", "from": origin.as_str() });
            record_refusal(tx, "sign_in:oidc", &details, now)?;
            return Ok(None);
        }
        (None, Some(grant)) => (enter(tx, issuer, identity, now)?, Some(grant)),
        (Some(person), grant) => (person, grant),
    };
    let person = with_access(tx, known, grant, now)?;
    let Some(grant) = grant else {
        let details = json!({ "method": "oidc", "reason": "no group with a role", "from": origin.as_str() });
        record_refusal(tx, &person.id.key(), &details, now)?;
        return Ok(None);
    };
    begin(tx, person, grant, SignInMethod::Oidc, origin, now).map(Some)
}

fn enter(tx: &mut Transaction<'_>, issuer: &str, identity: &Identity, now: Timestamp) -> Result<Person, StoreError> {
    let name = fields::name(&identity.name).unwrap_or_else(|_| "(without a name)".to_owned());
    let person = people::create(tx, &name, now)?;
    people::link_identity(tx, person.id, issuer, &identity.subject, now)?;
    let details = json!({ "issuer": issuer });
    record(tx, ACTOR, "person.create", &person.id.key(), &details, now)?;
    Ok(person)
}

/// The person with what they may do now. Where that changes, older sessions end.
fn with_access(
    tx: &mut Transaction<'_>,
    person: Person,
    grant: Option<&Grant>,
    now: Timestamp,
) -> Result<Person, StoreError> {
    if person.access.as_ref() == grant {
        return Ok(person);
    }
    let change = PersonChange { name: person.name, sign_in_name: person.sign_in_name, access: grant.cloned() };
    let changed = people::change(tx, person.id, person.version, &change, now)?;
    let ended = sessions::end_all(tx, person.id, None)?;
    let details = json!({ "role": grant.map(|grant| grant.role), "sessionsEnded": ended });
    record(tx, ACTOR, "person.change", &person.id.key(), &details, now)?;
    Ok(changed)
}
