//! Which database this is, wherever it is moved to.

use uuid::Uuid;

use crate::{StoreError, Transaction, settings};

/// The setting that the migration writes it into, as JSON.
const KEY: &str = "database_id";

/// The database's own id: random, made with its schema, never changed. A copy of the database has the same.
///
/// # Errors
/// `Internal` when somebody has taken the setting away or made it something else.
pub fn database_id(tx: &mut Transaction<'_>) -> Result<Uuid, StoreError> {
    let setting = settings::get(tx, KEY)?;
    let id = setting.as_ref().and_then(|setting| serde_json::from_str(&setting.value).ok());
    id.ok_or_else(|| StoreError::Internal(format!("setting {KEY:?} should be a UUID but is {setting:?}")))
}
