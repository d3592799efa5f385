//! API tokens of people and services. The secret is shown once; its SHA-256 is stored.

use jiff::Timestamp;

use crate::{
    FundId, Listing, Page, PersonId, Secret, StoreError, TokenId, Transaction, people,
    row::{Parameter, Row, params},
    secret,
    statements::statements,
    words::words,
};

/// How a token's secret begins, so that people and scanners recognise it.
const PREFIX: &str = "lotwise_";

words! {
    /// What a caller may do; each role may do what those before it may.
    Role {
        /// Asks for flags over OFREP, with a context that is trusted, and nothing else.
        Ofrep = "ofrep",
        /// Reads.
        Viewer = "viewer",
        /// Also writes portfolio data and snapshots.
        Analyst = "analyst",
        /// Also signs checks and second approvals.
        Approver = "approver",
        /// Also kills, restores and edits flags and runs rollouts.
        Operator = "operator",
        /// Also tokens, people and settings.
        Admin = "admin",
    }
}

impl Role {
    /// True when this role may do what `needed` may.
    pub fn includes(self, needed: Self) -> bool {
        self as u8 >= needed as u8
    }
}

/// What a token or a session allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What its holder may do.
    pub role: Role,
    /// The funds its holder may see; none for all.
    pub funds: Option<Vec<FundId>>,
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its id; the targeting key of a service's token is `token:<id>`.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// The person it belongs to; none for a service's.
    pub person_id: Option<PersonId>,
    /// What it allows.
    pub grant: Grant,
    /// When it was created.
    pub created_at: Timestamp,
    /// From when on it is refused; none for never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What is needed to create a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    /// The person it belongs to; none for a service's.
    pub person_id: Option<PersonId>,
    /// What it allows.
    pub grant: Grant,
    /// From when on it is refused; none for never.
    pub expires_at: Option<Timestamp>,
}

macro_rules! columns {
    () => {
        "id, name, person_id, role, funds, created_at, expires_at, revoked_at"
    };
}

statements! { "tokens";
    INSERT = concat!("INSERT INTO tokens (name, secret_hash, person_id, role, funds, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ", columns!());
    GET = concat!("SELECT ", columns!(), " FROM tokens WHERE id = $1");
    BY_SECRET = concat!("SELECT ", columns!(), " FROM tokens WHERE secret_hash = $1 AND revoked_at IS NULL \
        AND (expires_at IS NULL OR expires_at > $2)");
    LIST = concat!("SELECT ", columns!(), " FROM tokens WHERE id > $1 ORDER BY id LIMIT $2");
    GOOD = concat!("SELECT ", columns!(), ", secret_hash FROM tokens WHERE revoked_at IS NULL \
        AND (expires_at IS NULL OR expires_at > $1) ORDER BY id DESC LIMIT $2");
    REVOKE = concat!("UPDATE tokens SET revoked_at = COALESCE(revoked_at, $1) WHERE id = $2 RETURNING ", columns!());
}

/// Creates a token; its secret is to be shown once.
///
/// # Errors
/// `NotFound` without the person.
pub fn create(tx: &mut Transaction<'_>, new: &NewToken, now: Timestamp) -> Result<(Token, Secret), StoreError> {
    if let Some(person) = new.person_id {
        people::get(tx, person)?;
    }
    let secret = Secret::generate(PREFIX)?;
    let values = params![
        &new.name,
        secret.hash(),
        new.person_id,
        new.grant.role.as_str(),
        fund_list(&new.grant),
        now,
        new.expires_at,
    ];
    Ok((token(&tx.one(INSERT, values)?)?, secret))
}

/// The token that a caller presents, unless it is unknown, revoked or expired by `now`.
///
/// # Errors
/// What the database answers.
pub fn authenticate(tx: &mut Transaction<'_>, presented: &str, now: Timestamp) -> Result<Option<Token>, StoreError> {
    match tx.row(BY_SECRET, params![secret::hash(presented), now])? {
        Some(row) => token(&row).map(Some),
        None => Ok(None),
    }
}

/// Reads a token.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut Transaction<'_>, id: TokenId) -> Result<Token, StoreError> {
    match tx.row(GET, params![id])? {
        Some(row) => token(&row),
        None => Err(StoreError::not_found("token", &id)),
    }
}

/// Lists tokens by id, revoked and expired ones included.
///
/// # Errors
/// What the database answers.
pub fn list(tx: &mut Transaction<'_>, page: &Page) -> Result<Listing<Token>, StoreError> {
    let tokens = tx.list(LIST, params![page.after_number(), page.fetch()], token)?;
    Ok(Listing::cut(tokens, page, |token| token.id.to_string()))
}

/// The tokens that are good at `now`, each with the SHA-256 of its secret in hexadecimal, the newest first and at most `most`.
///
/// # Errors
/// What the database answers.
pub fn good(tx: &mut Transaction<'_>, now: Timestamp, most: u32) -> Result<Vec<(String, Token)>, StoreError> {
    tx.list(GOOD, params![now, i64::from(most)], |row| Ok((row.text(8)?, token(row)?)))
}

/// Revokes a token; again is no error and keeps the first instant.
///
/// # Errors
/// `NotFound`.
pub fn revoke(tx: &mut Transaction<'_>, id: TokenId, now: Timestamp) -> Result<Token, StoreError> {
    match tx.row(REVOKE, params![now, id])? {
        Some(row) => token(&row),
        None => Err(StoreError::not_found("token", &id)),
    }
}

/// A grant's funds as a column: numbers separated by commas, null for all.
pub(crate) fn fund_list(grant: &Grant) -> Parameter<'static> {
    let funds = grant.funds.as_ref();
    funds.map(|funds| funds.iter().map(FundId::to_string).collect::<Vec<_>>().join(",")).into()
}

/// A grant from the columns `role` and, next to it, `funds`.
pub(crate) fn grant(row: &Row, at: usize) -> Result<Grant, StoreError> {
    let funds = match row.optional_text(at + 1)? {
        None => None,
        Some(list) => {
            let ids: Result<Vec<FundId>, _> = list.split(',').filter(|id| !id.is_empty()).map(str::parse).collect();
            Some(ids.map_err(|_| StoreError::Internal(format!("stored list of funds {list:?}")))?)
        }
    };
    Ok(Grant { role: row.parsed(at)?, funds })
}

fn token(row: &Row) -> Result<Token, StoreError> {
    Ok(Token {
        id: TokenId(row.integer(0)?),
        name: row.text(1)?,
        person_id: row.optional_integer(2)?.map(PersonId),
        grant: grant(row, 3)?,
        created_at: row.timestamp(5)?,
        expires_at: row.optional_timestamp(6)?,
        revoked_at: row.optional_timestamp(7)?,
    })
}
