//! Funds. Every write that changes a fund's numbers raises its `revision`, by which answers can be cached.

use jiff::Timestamp;

use crate::{
    FundId, Listing, Page, StoreError, Transaction, clock_floor, document_check,
    row::{Row, params},
    statements::statements,
};

/// A fund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fund {
    /// Its id.
    pub id: FundId,
    /// Its name.
    pub name: String,
    /// ISO 4217 code of the currency of all its money.
    pub currency: String,
    /// The year it was raised.
    pub vintage_year: Option<i64>,
    /// Committed capital in cents.
    pub committed_cents: Option<i64>,
    /// The `policy` object of its portfolio document (`moic.md` §6) as JSON; none for the defaults.
    pub policy: Option<String>,
    /// Raised by every write that changes its numbers.
    pub revision: i64,
    /// Raised by every change of the fund itself; from 1.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What is needed to create or replace a fund. The caller has checked names and ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFund {
    /// Its name.
    pub name: String,
    /// ISO 4217 code of its currency. It cannot change once the fund has investments.
    pub currency: String,
    /// The year it was raised.
    pub vintage_year: Option<i64>,
    /// Committed capital in cents.
    pub committed_cents: Option<i64>,
    /// The `policy` object of its portfolio document as JSON; none for the defaults.
    pub policy: Option<String>,
}

macro_rules! columns {
    () => {
        "id, name, currency, vintage_year, committed_cents, policy, revision, version, created_at, updated_at"
    };
}

statements! { "funds";
    INSERT = concat!("INSERT INTO funds (name, currency, vintage_year, committed_cents, policy, revision, version, \
        created_at, updated_at) VALUES ($1, $2, $3, $4, $5, 1, 1, $6, $7) RETURNING ", columns!());
    INSERT_VERSION = "INSERT INTO fund_versions (fund_id, version, recorded_at, name, currency, policy) \
        VALUES ($1, $2, $3, $4, $5, $6)";
    GET = concat!("SELECT ", columns!(), " FROM funds WHERE id = $1");
    LIST = concat!("SELECT ", columns!(), " FROM funds WHERE id > $1 ORDER BY id LIMIT $2");
    UPDATE = concat!("UPDATE funds SET name = $1, currency = $2, vintage_year = $3, committed_cents = $4, policy = $5, \
        revision = revision + 1, version = version + 1, updated_at = $6 WHERE id = $7 AND version = $8 RETURNING ",
        columns!());
    HAS_INVESTMENTS = "SELECT CAST(1 AS BIGINT) FROM investments WHERE fund_id = $1 AND withdrawn_at IS NULL LIMIT 1";
    RAISE_REVISION = "UPDATE funds SET revision = revision + 1 WHERE id = $1";
}

/// Creates a fund.
///
/// # Errors
/// `Invalid` at `policy` for one that the engine does not know.
pub fn create(tx: &mut Transaction<'_>, new: &NewFund, now: Timestamp) -> Result<Fund, StoreError> {
    let recorded_at = clock_floor::next(tx, now)?;
    let row = tx.one(
        INSERT,
        params![&new.name, &new.currency, new.vintage_year, new.committed_cents, new.policy.as_ref(), now, now],
    )?;
    let fund = fund(&row)?;
    record_version(tx, &fund, recorded_at)?;
    if fund.policy.is_some() {
        document_check::policy(tx, fund.id, now)?;
    }
    Ok(fund)
}

/// Reads a fund.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut Transaction<'_>, id: FundId) -> Result<Fund, StoreError> {
    match tx.row(GET, params![id])? {
        Some(row) => fund(&row),
        None => Err(StoreError::not_found("fund", &id)),
    }
}

/// Lists the funds the caller may see, by id: all when `visible` is none.
///
/// # Errors
/// What the database answers.
pub fn list(tx: &mut Transaction<'_>, visible: Option<&[FundId]>, page: &Page) -> Result<Listing<Fund>, StoreError> {
    let Some(visible) = visible else {
        let funds = tx.list(LIST, params![page.after_number(), page.fetch()], fund)?;
        return Ok(Listing::cut(funds, page, |fund| fund.id.to_string()));
    };
    // A token names a handful of funds, so one look-up each is cheaper than a list in the statement.
    let mut ids: Vec<FundId> = visible.iter().copied().filter(|id| id.0 > page.after_number()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut funds = Vec::new();
    for id in ids {
        if let Some(row) = tx.row(GET, params![id])? {
            funds.push(fund(&row)?);
            if funds.len() as i64 == page.fetch() {
                break;
            }
        }
    }
    Ok(Listing::cut(funds, page, |fund| fund.id.to_string()))
}

/// Replaces a fund that still has `version`.
///
/// # Errors
/// `NotFound`; `VersionConflict`; `Invalid` for another currency once there are investments, and at `policy` for a policy
/// under which a recorded event cannot have happened.
pub fn update(
    tx: &mut Transaction<'_>,
    id: FundId,
    version: i64,
    new: &NewFund,
    now: Timestamp,
) -> Result<Fund, StoreError> {
    let recorded_at = clock_floor::next(tx, now)?;
    let current = get(tx, id)?;
    if current.version != version {
        return Err(StoreError::VersionConflict { current: current.version });
    }
    if current.currency != new.currency && tx.row(HAS_INVESTMENTS, params![id])?.is_some() {
        let message = format!("the currency is {} and cannot change once the fund has investments", current.currency);
        return Err(StoreError::invalid("currency", &new.currency, message));
    }
    let values = params![
        &new.name,
        &new.currency,
        new.vintage_year,
        new.committed_cents,
        new.policy.as_ref(),
        now,
        id,
        version,
    ];
    let row = tx.row(UPDATE, values)?.ok_or(StoreError::VersionConflict { current: current.version })?;
    let fund = fund(&row)?;
    record_version(tx, &fund, recorded_at)?;
    if fund.policy != current.policy {
        // A disposal that leaves its method to the policy may be impossible under another one.
        document_check::policy(tx, id, now)?;
    }
    Ok(fund)
}

/// Says that a number of the fund has changed.
pub(crate) fn raise_revision(tx: &mut Transaction<'_>, id: FundId) -> Result<(), StoreError> {
    match tx.execute(RAISE_REVISION, params![id])? {
        0 => Err(StoreError::not_found("fund", &id)),
        _ => Ok(()),
    }
}

fn record_version(tx: &mut Transaction<'_>, fund: &Fund, recorded_at: Timestamp) -> Result<(), StoreError> {
    let values = params![fund.id, fund.version, recorded_at, &fund.name, &fund.currency, fund.policy.as_ref()];
    tx.execute(INSERT_VERSION, values).map(|_| ())
}

fn fund(row: &Row) -> Result<Fund, StoreError> {
    Ok(Fund {
        id: FundId(row.integer(0)?),
        name: row.text(1)?,
        currency: row.text(2)?,
        vintage_year: row.optional_integer(3)?,
        committed_cents: row.optional_integer(4)?,
        policy: row.optional_text(5)?,
        revision: row.integer(6)?,
        version: row.integer(7)?,
        created_at: row.timestamp(8)?,
        updated_at: row.timestamp(9)?,
    })
}
