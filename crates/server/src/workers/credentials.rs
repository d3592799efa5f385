//! Keeps which tokens and sessions are good, for the time when the database does not answer.

use std::time::Duration;

use store::{StoreError, sessions, tokens};

use crate::AppState;
use crate::auth::{CREDENTIALS_MAX, Caller, Secret};

/// How old what is known can be when the database goes away: for so long before, what another process revoked is still
/// good for flags and kills during the outage.
const INTERVAL: Duration = Duration::from_secs(10);

/// Looks at all of them again and again, until the server stops.
pub(crate) async fn follow_database(state: AppState) {
    loop {
        if let Err(error) = learn(&state).await {
            // Whoever follows the flags warns of a database that is away.
            tracing::debug!(%error, "the credentials cannot be read; those that were good last are kept");
        }
        tokio::select! {
            () = state.stopping() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

async fn learn(state: &AppState) -> Result<(), StoreError> {
    let (looked_up, now) = (state.memory().generation(), state.clock().now());
    let most = u32::try_from(CREDENTIALS_MAX).unwrap_or(u32::MAX);
    let read = state.store().read(move |tx| Ok((tokens::good(tx, now, most)?, sessions::good(tx, now, most)?)));
    let (tokens, sessions) = read.await?;
    let tokens = tokens.into_iter().map(|(hash, token)| {
        let expires_at = token.expires_at;
        (hash, Caller::of_token(token), expires_at)
    });
    let sessions = sessions.into_iter().map(|(hash, session)| {
        let idle_at = session.seen_at.checked_add(sessions::IDLE_LENGTH).unwrap_or(session.expires_at);
        let expires_at = session.expires_at.min(idle_at);
        (hash, Caller::of_session(session), Some(expires_at))
    });
    let known = tokens
        .chain(sessions)
        .filter_map(|(hash, caller, expires_at)| Secret::of_hash(&hash).map(|secret| (secret, caller, expires_at)));
    state.memory().learn_callers(known, looked_up);
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};
    use store::people;
    use store::sessions::SignInMethod;
    use store::tokens::{Grant, NewToken, Role};

    use super::*;
    use crate::state::with_service;

    const NOON: Timestamp = Timestamp::constant(43_200, 0);

    #[tokio::test]
    async fn good_tokens_and_sessions_are_known_before_they_are_used_until_they_expire() {
        with_service(Duration::from_secs(43_200), async |state| {
            let grant = Grant { role: Role::Operator, funds: None };
            let in_an_hour = NOON + SignedDuration::from_hours(1);
            let made = state.store().write(move |tx| {
                let token = |tx: &mut _, expires_at| {
                    let new =
                        NewToken { name: "on call".to_owned(), person_id: None, grant: grant.clone(), expires_at };
                    tokens::create(tx, &new, NOON)
                };
                let (good, good_secret) = token(tx, Some(in_an_hour))?;
                let (revoked, revoked_secret) = token(tx, None)?;
                tokens::revoke(tx, revoked.id, NOON)?;
                let person = people::create(tx, "Ada", NOON)?.id;
                let in_a_day = NOON + SignedDuration::from_hours(24);
                let (_, session) = sessions::create(tx, person, &grant, SignInMethod::Link, in_a_day, NOON)?;
                Ok((good.id, good_secret, revoked_secret, session))
            });
            let (good, good_secret, revoked_secret, session) = made.await.unwrap();
            learn(state).await.unwrap();
            let at =
                |secret: &store::Secret, now| state.memory().last_known_caller_of(&Secret::new(secret.reveal()), now);
            assert_eq!(at(&good_secret, NOON).unwrap().key(), format!("token:{good}"));
            assert!(at(&good_secret, in_an_hour).is_none());
            assert!(at(&revoked_secret, NOON).is_none());
            assert!(at(&session, in_an_hour).is_some());
            assert!(at(&session, NOON + sessions::IDLE_LENGTH).is_none(), "left unused for too long");
        })
        .await;
    }
}
