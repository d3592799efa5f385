//! `/api/flags/{key}/invitations`: signed, expiring links that make their readers early adopters.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use moic::json::{Fields, Problems};
use serde::Serialize;
use serde_json::json;
use store::invitations::{self, Invitation, NewInvitation};
use store::{InvitationId, StoreError, ids};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::AppState;
use crate::act::Act;
use crate::answer::{self, Created, Pagination};
use crate::auth::{Caller, Identity};
use crate::body::Submission;
use crate::config::{Environment, SigningSecret};
use crate::error::ApiError;
use crate::fields;
use crate::idempotency;
use crate::invitation_link::Invite;
use crate::query::QueryFields;

/// People who may redeem one link, at most.
const USES_MAX: i64 = 1_000_000;

pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_invitations, create_invitation))
        .routes(routes!(get_invitation, revoke_invitation))
}

/// What the invited do.
pub(crate) fn redemptions() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(redeem_invitation))
}

/// What a client sends to create an invitation.
#[derive(ToSchema)]
#[schema(as = NewInvitation, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct InvitationBody {
    /// RFC 3339, in the future: from when on it cannot be redeemed.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// How many people may redeem it; 1 if left out.
    #[schema(maximum = 1_000_000)]
    max_uses: Option<i64>,
}

/// An invitation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Invitation)]
struct InvitationView {
    /// Id.
    id: Uuid,
    /// The flag it invites to.
    flag_key: String,
    /// Path and query of the link, to be put behind the address of the service.
    url: String,
    /// Environment it is good in.
    environment: String,
    /// open, expired, revoked or used_up.
    status: &'static str,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// How many people may redeem it.
    max_uses: i64,
    /// How many have.
    uses: i64,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Who created it.
    created_by: String,
    /// RFC 3339; null while it counts.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
    /// Who revoked it.
    revoked_by: Option<String>,
}

/// A page of invitations.
#[derive(Serialize, ToSchema)]
struct InvitationList {
    invitations: Vec<InvitationView>,
    pagination: Pagination,
}

/// The text of `ff_invite`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body that the handler takes apart")]
struct RedemptionBody {
    /// What stands behind `ff_invite=` in the link.
    invite: String,
}

/// What came of a redemption.
#[derive(Serialize, ToSchema)]
#[schema(as = Redemption)]
struct RedemptionView {
    /// The flag.
    flag: String,
    /// The segment the person is in now.
    segment: &'static str,
    /// False when they had redeemed it before.
    first: bool,
}

fn view(invitation: Invitation, secret: &SigningSecret, now: Timestamp) -> Result<InvitationView, StoreError> {
    let environment: Environment = invitation
        .environment
        .parse()
        .map_err(|error| StoreError::Internal(format!("a stored invitation: {error}")))?;
    let invite = Invite {
        id: invitation.id.0,
        flag: invitation.flag_key.clone(),
        environment,
        expires_at: invitation.expires_at,
    };
    Ok(InvitationView {
        id: invitation.id.0,
        url: invite.url(secret),
        flag_key: invitation.flag_key,
        environment: invitation.environment,
        status: match () {
            () if invitation.revoked_at.is_some() => "revoked",
            () if invitation.expires_at <= now => "expired",
            () if invitation.uses >= invitation.max_uses => "used_up",
            () => "open",
        },
        expires_at: invitation.expires_at,
        max_uses: invitation.max_uses,
        uses: invitation.uses,
        created_at: invitation.created_at,
        created_by: invitation.created_by,
        revoked_at: invitation.revoked_at,
        revoked_by: invitation.revoked_by,
    })
}

fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems, now: Timestamp) -> Option<(Timestamp, i64)> {
    let expires_at = fields.required("expiresAt", problems, |text| {
        let expires_at = fields::instant(text)?;
        if expires_at > now { Ok(expires_at) } else { Err("must be in the future") }
    });
    let given = fields.has("maxUses");
    let max_uses = fields.integer("maxUses", 1, USES_MAX, problems);
    let max_uses = if given { max_uses } else { Some(1) };
    Some((expires_at?, max_uses?))
}

/// A flag's invitations, in the order they were created.
#[utoipa::path(get, path = "/api/flags/{key}/invitations", operation_id = "list_invitations", tag = "invitations",
    params(("key" = String, Path), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = InvitationList)))]
async fn list_invitations(
    State(state): State<AppState>,
    Path(key): Path<String>,
    mut query: QueryFields,
) -> Result<Json<InvitationList>, ApiError> {
    let page = query.page();
    query.finish()?;
    let (secret, now) = (state.invitation_secret().await?, state.clock().now());
    let listing = state.store().read(move |tx| invitations::list(tx, &key, &page)).await?;
    let pagination = Pagination::of(&listing);
    let views = listing.items.into_iter().map(|invitation| view(invitation, &secret, now));
    Ok(Json(InvitationList { invitations: views.collect::<Result<_, _>>()?, pagination }))
}

/// Creates an invitation to a flag.
#[utoipa::path(post, path = "/api/flags/{key}/invitations", operation_id = "create_invitation", tag = "invitations",
    params(("key" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = InvitationBody, responses((status = 201, body = InvitationView)))]
async fn create_invitation(
    State(state): State<AppState>,
    caller: Caller,
    Path(key): Path<String>,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("invite people to a flag")?;
    let (secret, now) = (state.invitation_secret().await?, state.clock().now());
    let environment = state.config().environment;
    let read = |fields: &mut Fields<'_, '_>, problems: &mut Problems| read(fields, problems, now);
    idempotency::create(&state, &caller, None, &submission, read, move |tx, act, (expires_at, max_uses)| {
        let new = NewInvitation {
            id: InvitationId(ids::uuid_v7(act.now)?),
            flag_key: key.clone(),
            environment: environment.to_string(),
            expires_at: *expires_at,
            max_uses: *max_uses,
        };
        let invitation = invitations::create(tx, &new, &act.actor, act.now)?;
        let details = json!({ "invitation": invitation.id.to_string(), "expiresAt": expires_at, "maxUses": max_uses });
        act.record(tx, "invitation.create", &format!("flag:{key}"), &details)?;
        let path = format!("/api/flags/{}/invitations/{}", answer::segment(&key), invitation.id);
        Created::record(path, &view(invitation, &secret, act.now)?)
    })
    .await
}

/// One invitation.
#[utoipa::path(get, path = "/api/flags/{key}/invitations/{invitationId}", operation_id = "get_invitation",
    tag = "invitations", params(("key" = String, Path), ("invitationId" = Uuid, Path)),
    responses((status = 200, body = InvitationView)))]
async fn get_invitation(
    State(state): State<AppState>,
    Path((key, id)): Path<(String, Uuid)>,
) -> Result<Json<InvitationView>, ApiError> {
    let (secret, now) = (state.invitation_secret().await?, state.clock().now());
    let invitation = state.store().read(move |tx| of_flag(invitations::get(tx, InvitationId(id))?, &key)).await?;
    Ok(Json(view(invitation, &secret, now)?))
}

/// An invitation of another flag is not there.
fn of_flag(invitation: Invitation, key: &str) -> Result<Invitation, StoreError> {
    if invitation.flag_key == key {
        return Ok(invitation);
    }
    Err(StoreError::NotFound { what: "invitation", id: invitation.id.to_string() })
}

/// Revokes an invitation. Those who redeemed it stay members. Again is no error.
#[utoipa::path(delete, path = "/api/flags/{key}/invitations/{invitationId}", operation_id = "revoke_invitation",
    tag = "invitations", params(("key" = String, Path), ("invitationId" = Uuid, Path)),
    responses((status = 200, body = InvitationView)))]
async fn revoke_invitation(
    State(state): State<AppState>,
    caller: Caller,
    Path((key, id)): Path<(String, Uuid)>,
) -> Result<Json<InvitationView>, ApiError> {
    caller.must_see_all_funds("revoke invitations")?;
    let (secret, act) = (state.invitation_secret().await?, Act::new(&state, &caller, None));
    let now = act.now;
    let invitation = state
        .store()
        .write(move |tx| {
            of_flag(invitations::get(tx, InvitationId(id))?, &key)?;
            let invitation = invitations::revoke(tx, InvitationId(id), &act.actor, act.now)?;
            let details = json!({ "invitation": id.to_string() });
            act.record(tx, "invitation.revoke", &format!("flag:{key}"), &details)?;
            Ok(invitation)
        })
        .await?;
    Ok(Json(view(invitation, &secret, now)?))
}

/// Redeems an invitation: the person who is signed in becomes an early adopter. Again is no error.
#[utoipa::path(post, path = "/api/flags/{key}/invitations/redeem", operation_id = "redeem_invitation",
    tag = "invitations", params(("key" = String, Path)), request_body = RedemptionBody,
    responses((status = 200, body = RedemptionView)))]
async fn redeem_invitation(
    State(state): State<AppState>,
    caller: Caller,
    Path(key): Path<String>,
    submission: Submission,
) -> Result<Json<RedemptionView>, ApiError> {
    if !matches!(caller.identity, Identity::Person(_)) {
        return Err(ApiError::Forbidden("an invitation is redeemed by a person, not by a service".to_owned()));
    }
    let text = submission
        .read(|fields, problems| fields.required("invite", problems, |text| Ok::<_, String>(text.to_owned())))?;
    let invite = Invite::verify(&text, &state.invitation_secret().await?)
        .map_err(|error| ApiError::InvitationRefused { code: "invitation_malformed", message: error.to_string() })?;
    if invite.flag != key || invite.environment != state.config().environment {
        return Err(elsewhere(&invite));
    }
    let (id, act) = (InvitationId(invite.id), Act::new(&state, &caller, None));
    let flag = key.clone();
    let redeemed = state
        .store()
        .write(move |tx| {
            let redemption = invitations::redeem(tx, id, &act.actor, act.now)?;
            let details = json!({ "invitation": id.to_string(), "first": redemption.first });
            act.record(tx, "invitation.redeem", &format!("flag:{flag}"), &details)?;
            Ok(redemption)
        })
        .await;
    let redemption = match redeemed {
        Ok(redemption) => redemption,
        // Signed with this secret, but not in this database: another environment shares the secret.
        Err(StoreError::NotFound { .. }) => return Err(elsewhere(&invite)),
        Err(error) => return Err(error.into()),
    };
    state.refresh_flags().await?;
    Ok(Json(RedemptionView { flag: key, segment: flags::EARLY_ADOPTERS, first: redemption.first }))
}

fn elsewhere(invite: &Invite) -> ApiError {
    let message = format!(
        "the invitation is for the flag {} in another place ({}): open it there, or ask for one to this",
        invite.flag, invite.environment
    );
    ApiError::InvitationRefused { code: "invitation_elsewhere", message }
}
