//! `/api/funds`: funds.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use moic::json::{Fields, Problems};
use serde::Serialize;
use serde_json::json;
use store::funds::{self, Fund, NewFund};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::act::Act;
use crate::answer::{self, Created, Pagination};
use crate::auth::{Caller, FundScope};
use crate::body::Submission;
use crate::error::ApiError;
use crate::fields::{self, VINTAGE_YEARS};
use crate::idempotency;
use crate::policy;
use crate::query::QueryFields;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_funds)).routes(routes!(get_fund))
}

pub(crate) fn writes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_fund)).routes(routes!(update_fund))
}

/// What a client sends to create or replace a fund.
#[derive(ToSchema)]
#[schema(as = NewFund, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct FundBody {
    /// Name, up to 200 characters.
    #[schema(example = "Fund I")]
    name: String,
    /// ISO 4217 code of all amounts.
    #[schema(example = "USD")]
    currency: String,
    /// Year the fund was raised.
    #[schema(example = 2021, minimum = 1900, maximum = 2200)]
    vintage_year: Option<i64>,
    /// Committed capital in cents.
    #[schema(example = "10000000000")]
    committed_cents: Option<String>,
    /// How lots are relieved, bucketed and priced; the defaults where absent.
    policy: Option<policy::PolicyBody>,
}

/// A fund.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Fund)]
struct FundView {
    /// Id.
    id: i64,
    /// Name.
    name: String,
    /// ISO 4217 code of all amounts.
    currency: String,
    /// Year the fund was raised.
    vintage_year: Option<i64>,
    /// Committed capital in cents.
    committed_cents: Option<String>,
    /// How lots are relieved, bucketed and priced; null for the defaults.
    #[schema(value_type = Option<policy::PolicyBody>)]
    policy: Option<Box<serde_json::value::RawValue>>,
    /// Raised by every change; send it with a PUT.
    version: i64,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    created_at: jiff::Timestamp,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    updated_at: jiff::Timestamp,
}

/// A page of funds.
#[derive(Serialize, ToSchema)]
struct FundList {
    funds: Vec<FundView>,
    pagination: Pagination,
}

fn view(fund: Fund) -> FundView {
    FundView {
        id: fund.id.0,
        name: fund.name,
        currency: fund.currency,
        vintage_year: fund.vintage_year,
        committed_cents: fund.committed_cents.map(|cents| cents.to_string()),
        policy: fund.policy.and_then(|policy| serde_json::value::RawValue::from_string(policy).ok()),
        version: fund.version,
        created_at: fund.created_at,
        updated_at: fund.updated_at,
    }
}

fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<NewFund> {
    let name = fields.required("name", problems, fields::name);
    let currency = fields.required("currency", problems, fields::currency);
    let vintage_year = fields.integer("vintageYear", VINTAGE_YEARS.0, VINTAGE_YEARS.1, problems);
    let committed_cents = fields.parsed("committedCents", problems, fields::cents);
    let policy = policy::read(fields, problems);
    Some(NewFund { name: name?, currency: currency?, vintage_year, committed_cents, policy })
}

/// The funds the caller may see.
#[utoipa::path(get, path = "/api/funds", operation_id = "list_funds", tag = "funds",
    params(("limit" = Option<i64>, Query, description = "1 to 100, default 50"), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = FundList)))]
async fn list_funds(
    State(state): State<AppState>,
    caller: Caller,
    mut query: QueryFields,
) -> Result<Json<FundList>, ApiError> {
    let page = query.page();
    query.finish()?;
    let visible = caller.visible_funds();
    let listing = state.store().read(move |tx| funds::list(tx, visible.as_deref(), &page)).await?;
    let pagination = Pagination::of(&listing);
    Ok(Json(FundList { funds: listing.items.into_iter().map(view).collect(), pagination }))
}

/// Creates a fund. The caller must see all funds, or it could not see the new one.
#[utoipa::path(post, path = "/api/funds", operation_id = "create_fund", tag = "funds",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = FundBody, responses((status = 201, body = FundView)))]
async fn create_fund(
    State(state): State<AppState>,
    caller: Caller,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("create one")?;
    idempotency::create(&state, &caller, None, &submission, read, |tx, act, new| {
        let fund = funds::create(tx, new, act.now)?;
        let act = Act { fund_id: Some(fund.id), ..act.clone() };
        act.record(tx, "fund.create", &format!("fund:{}", fund.id), &json!({}))?;
        Created::record(format!("/api/funds/{}", fund.id), &view(fund))
    })
    .await
}

/// One fund.
#[utoipa::path(get, path = "/api/funds/{fundId}", operation_id = "get_fund", tag = "funds",
    params(("fundId" = i64, Path)), responses((status = 200, body = FundView)))]
async fn get_fund(State(state): State<AppState>, scope: FundScope) -> Result<Response, ApiError> {
    let fund = state.store().read(move |tx| funds::get(tx, scope.fund_id)).await?;
    answer::record(fund.version, &view(fund))
}

/// Replaces a fund. Its currency cannot change once it has investments.
#[utoipa::path(put, path = "/api/funds/{fundId}", operation_id = "update_fund", tag = "funds",
    params(("fundId" = i64, Path), ("If-Match" = Option<String>, Header, description = "The version, unless the body has it")),
    request_body = crate::body::Change<FundBody>, responses((status = 200, body = FundView)))]
async fn update_fund(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    submission: Submission,
) -> Result<Response, ApiError> {
    let (version, new) = submission.read_change(read)?;
    let act = Act::new(&state, &caller, Some(scope.fund_id));
    let fund = state
        .store()
        .write(move |tx| {
            let fund = funds::update(tx, scope.fund_id, version, &new, act.now)?;
            act.record(tx, "fund.update", &format!("fund:{}", fund.id), &json!({ "version": fund.version }))?;
            Ok(fund)
        })
        .await?;
    answer::record(fund.version, &view(fund))
}
