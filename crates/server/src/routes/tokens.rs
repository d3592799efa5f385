//! `/api/tokens`: API tokens of people and services. The secret is shown once, when a token is created.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use moic::Problem;
use moic::json::{Fields, Path as JsonPath, Problems, shown};
use serde::Serialize;
use serde_json::json;
use store::tokens::{self, Grant, NewToken, Role, Token};
use store::{FundId, PersonId, StoreError, TokenId, Transaction, funds, people};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::act::Act;
use crate::answer::{Created, Pagination};
use crate::auth::Caller;
use crate::body::Submission;
use crate::error::ApiError;
use crate::fields;
use crate::idempotency;
use crate::query::QueryFields;

/// Funds one token may name.
const FUNDS_PER_TOKEN_MAX: usize = 100;

pub(crate) fn administration() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_tokens, create_token)).routes(routes!(get_token, revoke_token))
}

/// What a client sends to create a token.
#[derive(ToSchema)]
#[schema(as = NewToken, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct TokenBody {
    /// What it is for.
    name: String,
    /// ofrep, viewer, analyst, approver, operator or admin.
    role: String,
    /// The person it belongs to; none for a service's.
    person_id: Option<i64>,
    /// Funds it may see; all by default.
    fund_ids: Option<Vec<i64>>,
    /// RFC 3339, in the future; never by default.
    expires_at: Option<String>,
}

/// A token.
#[derive(Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Token)]
struct TokenView {
    /// Id.
    id: i64,
    /// What it is for.
    name: String,
    /// The secret, in the answer to its creation only.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    /// ofrep, viewer, analyst, approver, operator or admin.
    role: &'static str,
    /// The person it belongs to; null for a service's.
    person_id: Option<i64>,
    /// Funds it may see; null for all.
    fund_ids: Option<Vec<i64>>,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// RFC 3339; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// RFC 3339; null while it is good.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
}

/// A page of tokens.
#[derive(Serialize, ToSchema)]
struct TokenList {
    tokens: Vec<TokenView>,
    pagination: Pagination,
}

fn view(token: Token) -> TokenView {
    TokenView {
        id: token.id.0,
        name: token.name,
        token: None,
        role: token.grant.role.as_str(),
        person_id: token.person_id.map(|id| id.0),
        fund_ids: token.grant.funds.map(|funds| funds.into_iter().map(|fund| fund.0).collect()),
        created_at: token.created_at,
        expires_at: token.expires_at,
        revoked_at: token.revoked_at,
    }
}

fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems, now: Timestamp) -> Option<NewToken> {
    let name = fields.required("name", problems, fields::name);
    let role = fields.required("role", problems, |text| fields::one_of(Role::ALL, text));
    let person_id = fields.integer("personId", 1, i64::MAX, problems).map(PersonId);
    let names_funds = fields.has("fundIds");
    let funds = read_funds(fields, problems);
    let expires_at = fields.parsed("expiresAt", problems, |text| match fields::instant(text) {
        Ok(instant) if instant <= now => Err("must be in the future"),
        other => other,
    });
    let grant = Grant { role: role?, funds: names_funds.then_some(funds) };
    Some(NewToken { name: name?, person_id, grant, expires_at })
}

pub(super) fn read_funds(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Vec<FundId> {
    const FUND_IDS: &str = "fundIds";
    let given = fields.has(FUND_IDS);
    let values = fields.array(FUND_IDS, FUNDS_PER_TOKEN_MAX, problems);
    let root = JsonPath::root();
    let path = root.field(FUND_IDS);
    if given && values.is_empty() {
        problems.push(&path, "[]", "must name a fund; leave it out for all funds");
    }
    let mut funds = Vec::with_capacity(values.len());
    for (index, value) in values.iter().enumerate() {
        match value.as_i64().filter(|id| *id > 0) {
            Some(id) => funds.push(FundId(id)),
            _ => {
                problems.push(&path.index(index), shown(value), "must be an id: a whole number from 1, without quotes");
            }
        }
    }
    funds
}

/// Every token, without its secret; revoked and expired ones included.
#[utoipa::path(get, path = "/api/tokens", operation_id = "list_tokens", tag = "tokens",
    params(("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, body = TokenList)))]
async fn list_tokens(
    State(state): State<AppState>,
    caller: Caller,
    mut query: QueryFields,
) -> Result<Json<TokenList>, ApiError> {
    caller.must_see_all_funds("administer tokens")?;
    let page = query.page();
    query.finish()?;
    let listing = state.store().read(move |tx| tokens::list(tx, &page)).await?;
    let pagination = Pagination::of(&listing);
    Ok(Json(TokenList { tokens: listing.items.into_iter().map(view).collect(), pagination }))
}

/// Creates a token. Its secret is in this answer only, and not in the answer to a repeated idempotency key.
#[utoipa::path(post, path = "/api/tokens", operation_id = "create_token", tag = "tokens",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = TokenBody, responses((status = 201, body = TokenView)))]
async fn create_token(
    State(state): State<AppState>,
    caller: Caller,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("administer tokens")?;
    let now = state.clock().now();
    let read = |fields: &mut Fields<'_, '_>, problems: &mut Problems| read(fields, problems, now);
    idempotency::create(&state, &caller, None, &submission, read, |tx, act, new| {
        check_references(tx, new)?;
        let (token, secret) = tokens::create(tx, new, act.now)?;
        let details = json!({ "role": token.grant.role.as_str(), "person": token.person_id.map(|id| id.0) });
        act.record(tx, "token.create", &format!("token:{}", token.id), &details)?;
        let kept = view(token);
        let shown = TokenView { token: Some(secret.reveal().to_owned()), ..kept.clone() };
        Created::record(format!("/api/tokens/{}", kept.id), &shown)?.keeping(&kept)
    })
    .await
}

/// The person and the funds a new token names must be there.
fn check_references(tx: &mut Transaction<'_>, new: &NewToken) -> Result<(), StoreError> {
    let mut missing = Vec::new();
    if let Some(person) = new.person_id
        && matches!(people::get(tx, person), Err(StoreError::NotFound { .. }))
    {
        missing.push(Problem::new("personId", person.to_string(), "is nobody known"));
    }
    missing.extend(missing_funds(tx, &new.grant));
    if missing.is_empty() { Ok(()) } else { Err(StoreError::Invalid(missing)) }
}

/// The funds of a grant that are not there.
pub(super) fn missing_funds(tx: &mut Transaction<'_>, grant: &Grant) -> Vec<Problem> {
    let mut missing = Vec::new();
    for (index, fund) in grant.funds.iter().flatten().enumerate() {
        if matches!(funds::get(tx, *fund), Err(StoreError::NotFound { .. })) {
            missing.push(Problem::new(format!("fundIds[{index}]"), fund.to_string(), "is no fund"));
        }
    }
    missing
}

/// One token, without its secret.
#[utoipa::path(get, path = "/api/tokens/{tokenId}", operation_id = "get_token", tag = "tokens",
    params(("tokenId" = i64, Path)), responses((status = 200, body = TokenView)))]
async fn get_token(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<TokenView>, ApiError> {
    caller.must_see_all_funds("administer tokens")?;
    let token = state.store().read(move |tx| tokens::get(tx, TokenId(id))).await?;
    Ok(Json(view(token)))
}

/// Revokes a token: refused from the next request on. Again is no error.
#[utoipa::path(delete, path = "/api/tokens/{tokenId}", operation_id = "revoke_token", tag = "tokens",
    params(("tokenId" = i64, Path)), responses((status = 200, body = TokenView)))]
async fn revoke_token(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<i64>,
) -> Result<Json<TokenView>, ApiError> {
    caller.must_see_all_funds("administer tokens")?;
    let act = Act::new(&state, &caller, None);
    let token = state
        .store()
        .write(move |tx| {
            let token = tokens::revoke(tx, TokenId(id), act.now)?;
            act.record(tx, "token.revoke", &format!("token:{id}"), &json!({}))?;
            Ok(token)
        })
        .await?;
    state.memory().forget_callers();
    Ok(Json(view(token)))
}
