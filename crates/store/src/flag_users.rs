//! Who used a flag's feature, by month and by a hash of their key: how many people have adopted it.

use crate::{
    StoreError, Transaction,
    row::params,
    statements::statements,
    user_list::{self, UserHash, listed_users},
};

/// People by what they had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Adoption {
    /// People who had the feature at least once.
    pub with_feature: i64,
    /// People who asked, with the feature or without.
    pub all: i64,
}

statements! { "flag_users";
    SEE = concat!(listed_users!(), "INSERT INTO flag_users (flag_key, month, user_hash, enabled) \
        SELECT CAST($2 AS TEXT), CAST($3 AS TEXT), user_hash, mark FROM listed WHERE true ON CONFLICT DO NOTHING");
    COUNT = "SELECT COUNT(DISTINCT CASE WHEN enabled = 1 THEN user_hash END), COUNT(DISTINCT user_hash) FROM flag_users \
        WHERE flag_key = $1 AND month >= $2 AND month <= $3";
    FORGET = "DELETE FROM flag_users WHERE flag_key = $1 AND month < $2";
}

/// Notes that people used a flag in a month (`2026-01`), each with its feature or without.
///
/// # Errors
/// What the database answers.
pub fn see(
    tx: &mut Transaction<'_>,
    flag_key: &str,
    month: &str,
    users: impl Iterator<Item = (UserHash, bool)>,
) -> Result<(), StoreError> {
    for text in user_list::texts(users) {
        tx.execute(SEE, params![text, flag_key, month])?;
    }
    Ok(())
}

/// Forgets who used a flag before a month (`2026-01`).
///
/// # Errors
/// What the database answers.
pub fn forget(tx: &mut Transaction<'_>, flag_key: &str, month: &str) -> Result<(), StoreError> {
    tx.execute(FORGET, params![flag_key, month]).map(|_| ())
}

/// How many people used a flag from one month to another, both included.
///
/// # Errors
/// What the database answers.
pub fn adoption(tx: &mut Transaction<'_>, flag_key: &str, from: &str, to: &str) -> Result<Adoption, StoreError> {
    let row = tx.one(COUNT, params![flag_key, from, to])?;
    Ok(Adoption { with_feature: row.integer(0)?, all: row.integer(1)? })
}
