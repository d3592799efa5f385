//! How often flags were asked for, and with which outcome: what shows that a flag is stale.

use jiff::Timestamp;

use crate::{
    StoreError, Transaction,
    row::{Row, params},
    statements::statements,
};

/// The evaluations of one flag that gave one variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantUsage {
    /// The flag's key.
    pub flag_key: String,
    /// The variant's name; empty where the evaluation gave none.
    pub variant: String,
    /// The first evaluation.
    pub first_at: Timestamp,
    /// The last one.
    pub last_at: Timestamp,
    /// How many there were.
    pub evaluations: i64,
}

macro_rules! columns {
    () => {
        "flag_key, variant, first_at, last_at, evaluations"
    };
}

statements! { "flag_usage";
    ADD = concat!("INSERT INTO flag_usage (", columns!(), ") VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (flag_key, variant) DO UPDATE SET evaluations = flag_usage.evaluations + excluded.evaluations, \
        first_at = CASE WHEN excluded.first_at < flag_usage.first_at THEN excluded.first_at ELSE flag_usage.first_at END, \
        last_at = CASE WHEN excluded.last_at > flag_usage.last_at THEN excluded.last_at ELSE flag_usage.last_at END");
    ALL = concat!("SELECT ", columns!(), " FROM flag_usage ORDER BY flag_key, variant");
}

/// Adds evaluations to those that were counted before. Does not change what flags answer.
///
/// # Errors
/// What the database answers.
pub fn add(tx: &mut Transaction<'_>, counted: &VariantUsage) -> Result<(), StoreError> {
    let values = params![&counted.flag_key, &counted.variant, counted.first_at, counted.last_at, counted.evaluations,];
    tx.execute(ADD, values).map(|_| ())
}

/// The usage of every flag, by key and variant.
///
/// # Errors
/// What the database answers.
pub fn all(tx: &mut Transaction<'_>) -> Result<Vec<VariantUsage>, StoreError> {
    tx.list(ALL, params![], usage)
}

fn usage(row: &Row) -> Result<VariantUsage, StoreError> {
    Ok(VariantUsage {
        flag_key: row.text(0)?,
        variant: row.text(1)?,
        first_at: row.timestamp(2)?,
        last_at: row.timestamp(3)?,
        evaluations: row.integer(4)?,
    })
}
