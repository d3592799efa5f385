//! Name and password.

use jiff::Timestamp;
use serde_json::{Value, json};
use store::people::Person;
use store::sessions::{self, SignInMethod};
use store::sign_in_attempts::{self, Attempt};
use store::{PersonId, StoreError, Transaction, people};

use super::{Begun, NOBODY, Origin, Password, Strength, begin, record, record_refusal, sign_in_name};
use crate::AppState;
use crate::act::Act;
use crate::auth::{Caller, CurrentSession};
use crate::error::ApiError;
use crate::metrics::{SignInOutcome, SignInWay};

/// One answer for a wrong name and for a wrong password: who knows neither learns nothing about either.
const WRONG: ApiError = ApiError::Unauthenticated("the name or the password is wrong");

/// What is known of an attempt before the password is compared.
struct Candidate {
    person: Option<Person>,
    hash: Option<String>,
    /// From when on the next attempt may be made, where this one fails.
    locked_until: Option<Timestamp>,
    failures: i64,
}

/// Signs in with a name and a password.
///
/// # Errors
/// 401 for a wrong one; 403 for somebody without a role; 429 after too many that were wrong; 503 where too many wait to
/// be compared; what the database answers.
pub(crate) async fn with_password(
    state: &AppState,
    origin: Origin,
    name: &str,
    password: &str,
) -> Result<Begun, ApiError> {
    let outcome = attempt(state, origin, name, password).await;
    let counted = match &outcome {
        Ok(_) => Some(SignInOutcome::Accepted),
        Err(ApiError::TooManyAttempts { .. }) => Some(SignInOutcome::Locked),
        Err(ApiError::Unauthenticated(_) | ApiError::Forbidden(_)) => Some(SignInOutcome::Refused),
        Err(_) => None,
    };
    if let Some(counted) = counted {
        state.metrics().sign_ins.count(SignInWay::Password, counted);
    }
    outcome
}

async fn attempt(state: &AppState, origin: Origin, name: &str, password: &str) -> Result<Begun, ApiError> {
    state.sign_in().admit(&origin)?;
    let (Ok(name), Some(password)) = (sign_in_name(name), Password::new(password)) else { return Err(WRONG) };
    let place = state.sign_in().hashing().place()?;
    let now = state.shared_now();
    let (tried, from) = (name.clone(), origin.clone());
    let allowed = move |tx: &mut Transaction<'_>| {
        let (failures, locked_until) = match sign_in_attempts::begin(tx, &tried, from.as_str(), now)? {
            Attempt::Allowed { failures, locked_until } => (failures, locked_until),
            Attempt::Locked { until } => return Ok(Err(until)),
        };
        let (person, hash) = people::by_sign_in_name(tx, &tried)?.unzip();
        Ok(Ok(Candidate { person, hash: hash.flatten(), failures, locked_until }))
    };
    let candidate = state.store().write(allowed).await?.map_err(|until| too_many(until, now))?;
    let compared = candidate.hash.clone();
    let is_right = place.matches(password, compared).await?;
    let settled = state.store().write(move |tx| settle(tx, &candidate, is_right, &name, &origin, now)).await?;
    settled.map_err(|refused| match refused {
        Refused::Wrong => WRONG,
        Refused::NoRole => ApiError::Forbidden(
            "you have no role here yet: ask an administrator for one, then sign in again".to_owned(),
        ),
    })
}

/// Why somebody is not let in.
enum Refused {
    Wrong,
    NoRole,
}

fn settle(
    tx: &mut Transaction<'_>,
    candidate: &Candidate,
    is_right: bool,
    name: &str,
    origin: &Origin,
    now: Timestamp,
) -> Result<Result<Begun, Refused>, StoreError> {
    let subject = candidate.person.as_ref().map_or("sign_in:password".to_owned(), |known| known.id.key());
    let refuse = |tx: &mut Transaction<'_>, reason: &str| {
        let details = json!({ "method": "password", "reason": reason, "from": origin.as_str() });
        record_refusal(tx, &subject, &details, now)
    };
    // Read anew: the password may have been changed while this one was compared.
    let known = people::by_sign_in_name(tx, name)?;
    let Some((person, _)) = known.filter(|(_, hash)| is_right && *hash == candidate.hash) else {
        let reason = if candidate.person.is_some() { "wrong password" } else { "unknown name" };
        refuse(tx, reason)?;
        record_lock(tx, &subject, candidate.failures, candidate.locked_until, origin, now)?;
        return Ok(Err(Refused::Wrong));
    };
    sign_in_attempts::succeeded(tx, name, origin.as_str())?;
    let Some(grant) = person.access.clone() else {
        refuse(tx, "no role")?;
        return Ok(Err(Refused::NoRole));
    };
    begin(tx, person, &grant, SignInMethod::Password, origin, now).map(Ok)
}

fn record_lock(
    tx: &mut Transaction<'_>,
    subject: &str,
    failures: i64,
    locked_until: Option<Timestamp>,
    origin: &Origin,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(until) = locked_until else { return Ok(()) };
    let details: Value = json!({ "failures": failures, "until": until, "from": origin.as_str() });
    record(tx, NOBODY, "sign_in.lock", subject, &details, now)
}

/// Gives a person another password; their other sessions end. Whoever has one proves that they know it, unless a one-time
/// link has brought them here.
///
/// # Errors
/// 401 for a wrong old password, 422 for a new one that is not good enough; 429; what the database answers.
pub(crate) async fn change_password(
    state: &AppState,
    origin: Origin,
    caller: &Caller,
    (person_id, session): (PersonId, &CurrentSession),
    old: Option<String>,
    new: &str,
) -> Result<(), ApiError> {
    state.sign_in().admit(&origin)?;
    let now = state.shared_now();
    let read = state.store().read(move |tx| Ok((people::get(tx, person_id)?, people::password_hash(tx, person_id)?)));
    let (person, stored) = read.await?;
    if session.needs_old_password(&person) {
        let Some(old) = old else {
            return Err(ApiError::invalid("oldPassword", "(absent)", "is required: you have a password already"));
        };
        prove(state, &origin, person_id, &old, stored.clone(), now).await?;
    }
    let hash = hash_of_new(state, &person, new).await?;
    let act = Act::new(state, caller, None);
    let kept = session.id.clone();
    let is_stored = state.store().write(move |tx| {
        if people::password_hash(tx, person_id)? != stored {
            return Ok(false);
        }
        people::set_password(tx, person_id, &hash, act.now)?;
        let ended = sessions::end_all(tx, person_id, Some(&kept))?;
        act.record(tx, "password.change", &person_id.key(), &json!({ "sessionsEnded": ended }))?;
        Ok(true)
    });
    if !is_stored.await? {
        return Err(ApiError::Conflict("the password was changed by others meanwhile; sign in again".to_owned()));
    }
    state.memory().forget_callers();
    Ok(())
}

/// The old password is right. A session that somebody left open must not be a place to guess it.
async fn prove(
    state: &AppState,
    origin: &Origin,
    person_id: PersonId,
    old: &str,
    stored: Option<String>,
    now: Timestamp,
) -> Result<(), ApiError> {
    let place = state.sign_in().hashing().place()?;
    let name = person_id.key();
    let (tried, from) = (name.clone(), origin.clone());
    let begun = state.store().write(move |tx| sign_in_attempts::begin(tx, &tried, from.as_str(), now)).await?;
    let (failures, locked_until) = match begun {
        Attempt::Allowed { failures, locked_until } => (failures, locked_until),
        Attempt::Locked { until } => return Err(too_many(until, now)),
    };
    let is_right = match Password::new(old) {
        Some(old) => place.matches(old, stored).await?,
        None => false,
    };
    let from = origin.clone();
    let settled = state.store().write(move |tx| {
        if is_right {
            return sign_in_attempts::succeeded(tx, &name, from.as_str());
        }
        record(tx, &name, "password.refuse", &name, &json!({ "from": from.as_str() }), now)?;
        record_lock(tx, &name, failures, locked_until, &from, now)
    });
    settled.await?;
    if is_right {
        return Ok(());
    }
    Err(ApiError::invalid("oldPassword", "(hidden)", "is not your password"))
}

/// The hash of a password that is good enough for this person.
///
/// # Errors
/// 422 for one that is not; 503 where too many wait.
pub(crate) async fn hash_of_new(state: &AppState, person: &Person, new: &str) -> Result<String, ApiError> {
    let refused = |message: String| ApiError::invalid("password", "(hidden)", message);
    let Some(password) = Password::new(new) else {
        return Err(refused(format!("must have at most {} bytes", super::password::PASSWORD_BYTES_MAX)));
    };
    let known: Vec<String> = [Some(person.name.clone()), person.sign_in_name.clone()].into_iter().flatten().collect();
    let place = state.sign_in().hashing().place()?;
    let judged = password.clone();
    match place.blocking(move || judged.strength(&known)).await? {
        Strength::Good => place.hash(password).await,
        Strength::Weak(why) => Err(refused(why)),
    }
}

fn too_many(until: Timestamp, now: Timestamp) -> ApiError {
    let wait = until.duration_since(now);
    let seconds = wait.as_secs().saturating_add(i64::from(wait.subsec_nanos() > 0)).max(1);
    ApiError::TooManyAttempts { retry_after: u64::try_from(seconds).unwrap_or(1) }
}
