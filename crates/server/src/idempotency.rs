//! Creations that happen once: a key, the business write and its answer are one transaction of the database.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use moic::json::{Fields, Problems};
use store::idempotency::{self, Begun, IdempotencyKey, StoredAnswer};
use store::{FundId, StoreError, Transaction};

use crate::AppState;
use crate::act::Act;
use crate::answer::Created;
use crate::auth::Caller;
use crate::body::{Reading, Submission};
use crate::error::ApiError;

/// Request header with the key.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Characters a key may have.
pub(crate) const KEY_LENGTH_MAX: usize = 255;

/// A key the caller chose for one creation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key(String);

/// Text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {KEY_LENGTH_MAX} visible ASCII characters")]
pub(crate) struct KeyError;

impl Key {
    pub(crate) fn parse(text: &str) -> Result<Self, KeyError> {
        let valid = (1..=KEY_LENGTH_MAX).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if valid { Ok(Self(text.to_owned())) } else { Err(KeyError) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key a request's header carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HeaderKey {
    /// None.
    Absent,
    /// One.
    Present(Key),
    /// Something that is no key, or several.
    Unreadable(String),
}

impl HeaderKey {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => {
                let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
                Key::parse(&text).map_or(Self::Unreadable(text), Self::Present)
            }
            (Some(_), Some(_)) => Self::Unreadable("several headers".to_owned()),
        }
    }
}

/// Carries out a creation: reads the body, writes, answers. With a key the first answer is kept, and given again when
/// the same request comes again.
///
/// The key is looked at before the body counts: a reused key is answered as such even when the new body is wrong.
///
/// # Errors
/// Those of the body, of `write`, and 422 `idempotency_key_reused`.
pub(crate) async fn create<T, W>(
    state: &AppState,
    caller: &Caller,
    fund_id: Option<FundId>,
    submission: &Submission,
    read: impl FnOnce(&mut Fields<'_, '_>, &mut Problems) -> Option<T>,
    write: W,
) -> Result<Response, ApiError>
where
    T: Send + 'static,
    W: Fn(&mut Transaction<'_>, &Act, &T) -> Result<Created, StoreError> + Send + 'static,
{
    let reading = submission.read_creation(read)?;
    create_from(state, caller, fund_id, submission, reading, write).await
}

/// Carries out a creation whose body is read already.
///
/// # Errors
/// As [`create`].
pub(crate) async fn create_from<T, W>(
    state: &AppState,
    caller: &Caller,
    fund_id: Option<FundId>,
    submission: &Submission,
    Reading { value, key }: Reading<T>,
    write: W,
) -> Result<Response, ApiError>
where
    T: Send + 'static,
    W: Fn(&mut Transaction<'_>, &Act, &T) -> Result<Created, StoreError> + Send + 'static,
{
    let act = Act::new(state, caller, fund_id);
    let Some(key) = key else {
        let value = value?;
        return Ok(state.store().write(move |tx| write(tx, &act, &value)).await?.into_response(false));
    };
    let key = IdempotencyKey {
        scope: fund_id.map_or_else(|| format!("{}/", act.actor), |fund| format!("{}/fund:{fund}", act.actor)),
        key: key.0,
        request_hash: submission.fingerprint(),
    };
    match value {
        Ok(value) => {
            let (created, replayed) = state.store().write(move |tx| once(tx, &act, &key, &value, &write)).await?;
            Ok(created.into_response(replayed))
        }
        Err(error) => match known(state, act, key).await? {
            Some(created) => Ok(created.into_response(true)),
            None => Err(error),
        },
    }
}

fn once<T>(
    tx: &mut Transaction<'_>,
    act: &Act,
    key: &IdempotencyKey,
    value: &T,
    write: &impl Fn(&mut Transaction<'_>, &Act, &T) -> Result<Created, StoreError>,
) -> Result<(Created, bool), StoreError> {
    match idempotency::begin(tx, key, act.now)? {
        Begun::Replay(answer) => Ok((answered(answer), true)),
        Begun::First => {
            let created = write(tx, act, value)?;
            let answer = StoredAnswer {
                status: created.status.as_u16(),
                location: Some(created.location.clone()),
                body: created.kept.clone().unwrap_or_else(|| created.body.clone()),
            };
            idempotency::finish(tx, key, &answer)?;
            Ok((created, false))
        }
    }
}

fn answered(answer: StoredAnswer) -> Created {
    Created {
        status: StatusCode::from_u16(answer.status).unwrap_or(StatusCode::CREATED),
        location: answer.location.unwrap_or_default(),
        body: answer.body,
        kept: None,
    }
}

/// The answer kept under a key, without taking the key.
async fn known(state: &AppState, act: Act, key: IdempotencyKey) -> Result<Option<Created>, ApiError> {
    const UNTAKEN: &str = "idempotency key";
    let looked_up = state
        .store()
        .write(move |tx| match idempotency::begin(tx, &key, act.now)? {
            Begun::Replay(answer) => Ok(answered(answer)),
            // An error rolls the key back: a body that was refused leaves no trace.
            Begun::First => Err(StoreError::NotFound { what: UNTAKEN, id: key.key.clone() }),
        })
        .await;
    match looked_up {
        Ok(created) => Ok(Some(created)),
        Err(StoreError::NotFound { what: UNTAKEN, .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_and_visible() {
        for text in ["a", "018f-…".replace('…', "x").as_str(), &"k".repeat(255)] {
            assert!(Key::parse(text).is_ok(), "{text}");
        }
        for text in ["", "ä", "a\nb", &"k".repeat(256)] {
            assert_eq!(Key::parse(text), Err(KeyError), "{text}");
        }
    }
}
