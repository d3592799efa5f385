//! Invitations to a flag. A person who redeems one becomes a member of [`EARLY_ADOPTERS`]; what ends with the invitation
//! is its redemption, not the membership. The signature that a link carries is the server's affair.

use flags::EARLY_ADOPTERS;
use jiff::Timestamp;

use crate::{
    InvitationId, Listing, Page, StoreError, Transaction,
    row::{Row, params},
    segments::{self, MemberSource},
    statements::statements,
};

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The flag it invites to.
    pub flag_key: String,
    /// The environment it counts in, as in `production`.
    pub environment: String,
    /// From when on it cannot be redeemed.
    pub expires_at: Timestamp,
    /// How many people can redeem it.
    pub max_uses: i64,
    /// How many have.
    pub uses: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it, as in `person:1`.
    pub created_by: String,
    /// When it was revoked; none while it counts.
    pub revoked_at: Option<Timestamp>,
    /// Who revoked it.
    pub revoked_by: Option<String>,
}

/// What is needed to create an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewInvitation {
    /// A new UUID v7, from [`crate::ids::uuid_v7`].
    pub id: InvitationId,
    /// The flag it invites to.
    pub flag_key: String,
    /// The environment it counts in.
    pub environment: String,
    /// From when on it cannot be redeemed.
    pub expires_at: Timestamp,
    /// How many people can redeem it, at least 1.
    pub max_uses: i64,
}

/// What came of a redemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// False when the same person had redeemed the invitation before, and nothing was stored.
    pub first: bool,
}

macro_rules! columns {
    () => {
        "id, flag_key, environment, expires_at, max_uses, uses, created_at, created_by, revoked_at, revoked_by"
    };
}

statements! { "invitations";
    INSERT = concat!("INSERT INTO flag_invitations (id, flag_key, environment, expires_at, max_uses, uses, created_at, \
        created_by) VALUES ($1, $2, $3, $4, $5, 0, $6, $7) RETURNING ", columns!());
    GET = concat!("SELECT ", columns!(), " FROM flag_invitations WHERE id = $1");
    LIST = concat!("SELECT ", columns!(), " FROM flag_invitations WHERE flag_key = $1 AND id > $2 ORDER BY id LIMIT $3");
    REVOKE = concat!("UPDATE flag_invitations SET revoked_at = COALESCE(revoked_at, $1), \
        revoked_by = COALESCE(revoked_by, $2) WHERE id = $3 RETURNING ", columns!());
    LOCK = concat!("UPDATE flag_invitations SET uses = uses WHERE id = $1 RETURNING ", columns!());
    USE = "UPDATE flag_invitations SET uses = uses + 1 WHERE id = $1";
    INSERT_REDEMPTION = "INSERT INTO flag_invitation_redemptions (invitation_id, targeting_key, redeemed_at) \
        VALUES ($1, $2, $3)";
    REDEEMED = "SELECT redeemed_at FROM flag_invitation_redemptions WHERE invitation_id = $1 AND targeting_key = $2";
}

/// Creates an invitation.
///
/// # Errors
/// `Conflict` when it could be used less than once.
pub fn create(
    tx: &mut Transaction<'_>,
    new: &NewInvitation,
    actor: &str,
    now: Timestamp,
) -> Result<Invitation, StoreError> {
    let values = params![new.id, &new.flag_key, &new.environment, new.expires_at, new.max_uses, now, actor];
    invitation(&tx.one(INSERT, values)?)
}

/// Reads an invitation.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut Transaction<'_>, id: InvitationId) -> Result<Invitation, StoreError> {
    found(tx.row(GET, params![id])?, id)
}

/// Lists a flag's invitations in the order of their creation, revoked, expired and used ones too.
///
/// # Errors
/// What the database answers.
pub fn list(tx: &mut Transaction<'_>, flag_key: &str, page: &Page) -> Result<Listing<Invitation>, StoreError> {
    let invitations = tx.list(LIST, params![flag_key, page.after_text(), page.fetch()], invitation)?;
    Ok(Listing::cut(invitations, page, |invitation| invitation.id.to_string()))
}

/// Revokes an invitation; again is no error and keeps who did it first. Those who redeemed it stay members.
///
/// # Errors
/// `NotFound`.
pub fn revoke(
    tx: &mut Transaction<'_>,
    id: InvitationId,
    actor: &str,
    now: Timestamp,
) -> Result<Invitation, StoreError> {
    found(tx.row(REVOKE, params![now, actor, id])?, id)
}

/// Redeems an invitation for a person, who is an early adopter then. Redeeming it again changes nothing, whatever has
/// become of the invitation or the membership since.
///
/// # Errors
/// `NotFound`; `Conflict` by `invitation_revoked`, `invitation_expired` or `invitation_used_up`.
pub fn redeem(
    tx: &mut Transaction<'_>,
    id: InvitationId,
    targeting_key: &str,
    now: Timestamp,
) -> Result<Redemption, StoreError> {
    // The row is locked, so that whoever comes at the same instant waits for this transaction and counts its use.
    let invitation = found(tx.row(LOCK, params![id])?, id)?;
    if tx.row(REDEEMED, params![id, targeting_key])?.is_some() {
        return Ok(Redemption { first: false });
    }
    refuse_unless_open(&invitation, now)?;
    tx.execute(USE, params![id])?;
    tx.execute(INSERT_REDEMPTION, params![id, targeting_key, now])?;
    segments::add_member(tx, EARLY_ADOPTERS, targeting_key, MemberSource::Invitation, targeting_key, now)?;
    Ok(Redemption { first: true })
}

fn refuse_unless_open(invitation: &Invitation, now: Timestamp) -> Result<(), StoreError> {
    let (constraint, message) = if let Some(revoked_at) = invitation.revoked_at {
        ("invitation_revoked", format!("the invitation was revoked at {revoked_at}"))
    } else if invitation.expires_at <= now {
        ("invitation_expired", format!("the invitation expired at {}", invitation.expires_at))
    } else if invitation.uses >= invitation.max_uses {
        ("invitation_used_up", format!("the invitation was redeemed {} times, as often as it can be", invitation.uses))
    } else {
        return Ok(());
    };
    Err(StoreError::Conflict { constraint: constraint.to_owned(), message: format!("{message}: ask for another one") })
}

fn found(row: Option<Row>, id: InvitationId) -> Result<Invitation, StoreError> {
    match row {
        Some(row) => invitation(&row),
        None => Err(StoreError::not_found("invitation", &id)),
    }
}

fn invitation(row: &Row) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: row.parsed(0)?,
        flag_key: row.text(1)?,
        environment: row.text(2)?,
        expires_at: row.timestamp(3)?,
        max_uses: row.integer(4)?,
        uses: row.integer(5)?,
        created_at: row.timestamp(6)?,
        created_by: row.text(7)?,
        revoked_at: row.optional_timestamp(8)?,
        revoked_by: row.optional_text(9)?,
    })
}
