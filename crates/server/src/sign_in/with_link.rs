//! The token of a one-time link.

use serde_json::json;
use store::{people, sessions};

use super::{Begun, Origin, SESSION_LENGTH, record_refusal, record_success};
use crate::AppState;
use crate::error::ApiError;
use crate::metrics::{SignInOutcome, SignInWay};

/// Signs in with the token of a link, which works once.
///
/// # Errors
/// 401 for a token that is unknown, used or expired; 429; what the database answers.
pub(crate) async fn with_link(state: &AppState, origin: Origin, token: String) -> Result<Begun, ApiError> {
    let count = |outcome| state.metrics().sign_ins.count(SignInWay::Link, outcome);
    state.sign_in().admit(&origin).inspect_err(|_| count(SignInOutcome::Locked))?;
    let now = state.clock().now();
    let expires_at = now.checked_add(SESSION_LENGTH).unwrap_or(jiff::Timestamp::MAX);
    let begun = state
        .store()
        .write(move |tx| {
            let Some((session, secret)) = sessions::redeem_login(tx, &token, expires_at, now)? else {
                record_refusal(tx, "sign_in:link", &json!({ "from": origin.as_str() }), now)?;
                return Ok(None);
            };
            record_success(tx, &session, &origin, now)?;
            let person = people::get(tx, session.person_id)?;
            Ok(Some(Begun { session, secret, person }))
        })
        .await?;
    count(if begun.is_some() { SignInOutcome::Accepted } else { SignInOutcome::Refused });
    begun.ok_or(ApiError::Unauthenticated("this login token is unknown, used or expired; ask for a new link"))
}
