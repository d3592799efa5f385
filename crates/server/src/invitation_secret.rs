//! The secret of invitation links where none is configured: generated once, and kept by the database for all replicas.

use jiff::Timestamp;
use store::{Store, StoreError, settings};

use crate::config::{INVITATION_SECRET_VARIABLE, SigningSecret};
use crate::random;

const SETTING: &str = "invitation_secret";

/// The database's secret, which is made by whoever asks first.
///
/// # Errors
/// What the database answers; `Internal` when there is no randomness to make a secret of, or the stored one is none.
pub(crate) async fn stored(store: &Store, now: Timestamp) -> Result<SigningSecret, StoreError> {
    let broken = |what: String| StoreError::Internal(format!("the invitation secret: {what}"));
    if let Some(known) = store.read(|tx| settings::get(tx, SETTING)).await? {
        return of_setting(&known.value).map_err(broken);
    }
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| broken(error.to_string()))?;
    let fresh = format!("\"{}\"", random::hex(&bytes));
    let setting = store
        .write(move |tx| match settings::get(tx, SETTING)? {
            Some(known) => Ok(known),
            None => settings::put(tx, SETTING, 0, &fresh, now),
        })
        .await;
    match setting {
        Ok(setting) => of_setting(&setting.value).map_err(broken),
        // Another replica was faster; its secret is everybody's.
        Err(StoreError::VersionConflict { .. }) => {
            let known = store.read(|tx| settings::get(tx, SETTING)).await?;
            of_setting(&known.map(|setting| setting.value).unwrap_or_default()).map_err(broken)
        }
        Err(error) => Err(error),
    }
}

fn of_setting(value: &str) -> Result<SigningSecret, String> {
    let text: String = serde_json::from_str(value).map_err(|error| error.to_string())?;
    SigningSecret::new(INVITATION_SECRET_VARIABLE, &text).map_err(|error| error.to_string())
}
