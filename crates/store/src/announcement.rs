//! What everyone is told on every page: one text, or none. It is kept among the settings and read with the flag book, so
//! that a change reaches every process, and every open page, the way a change of flags does.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{StoreError, Transaction, flag_revision, settings};

const KEY: &str = "announcement";

/// What everyone is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Announcement {
    /// The text.
    pub text: String,
    /// Where it leads, if it leads anywhere.
    pub link: Option<Link>,
}

/// Where an announcement leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// An address of the web, or a path of our own.
    pub address: String,
    /// What the link says.
    pub label: String,
}

/// An announcement and its version: each version is one that a reader has not put away yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Announced {
    /// Raised by every change; from 1.
    pub version: i64,
    /// What everyone is told.
    #[serde(flatten)]
    pub announcement: Announcement,
}

/// What is announced, who changed it last, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// What everyone is told; none for nothing.
    pub announcement: Option<Announcement>,
    /// Raised by every change; 0 when there never was an announcement.
    pub version: i64,
    /// Who changed it last, as in `person:1`.
    pub changed_by: Option<String>,
    /// When it was last changed.
    pub changed_at: Option<Timestamp>,
}

/// The setting's value.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    announcement: Option<Announcement>,
    changed_by: String,
}

/// Reads what is announced.
///
/// # Errors
/// What the database answers; `Internal` for a setting that is no announcement.
pub fn get(tx: &mut Transaction<'_>) -> Result<Board, StoreError> {
    let Some(setting) = settings::get(tx, KEY)? else {
        return Ok(Board { announcement: None, version: 0, changed_by: None, changed_at: None });
    };
    let Stored { announcement, changed_by } = serde_json::from_str(&setting.value)
        .map_err(|error| StoreError::Internal(format!("the setting {KEY} is none of ours: {error}")))?;
    Ok(Board {
        announcement,
        version: setting.version,
        changed_by: Some(changed_by),
        changed_at: Some(setting.updated_at),
    })
}

/// What is announced now, if anything is.
pub(crate) fn announced(tx: &mut Transaction<'_>) -> Result<Option<Announced>, StoreError> {
    let Board { announcement, version, .. } = get(tx)?;
    Ok(announcement.map(|announcement| Announced { version, announcement }))
}

/// Announces something else, or nothing, in place of what has this `version`; 0 where nothing ever was announced.
///
/// # Errors
/// `VersionConflict`.
pub fn replace(
    tx: &mut Transaction<'_>,
    version: i64,
    announcement: Option<&Announcement>,
    actor: &str,
    now: Timestamp,
) -> Result<Board, StoreError> {
    flag_revision::lock(tx)?;
    let stored = Stored { announcement: announcement.cloned(), changed_by: actor.to_owned() };
    let value = serde_json::to_string(&stored)
        .map_err(|error| StoreError::Internal(format!("an announcement cannot be written: {error}")))?;
    let setting = settings::put(tx, KEY, version, &value, now)?;
    flag_revision::raise(tx)?;
    Ok(Board {
        announcement: stored.announcement,
        version: setting.version,
        changed_by: Some(stored.changed_by),
        changed_at: Some(now),
    })
}
