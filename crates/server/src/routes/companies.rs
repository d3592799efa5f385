//! `/api/funds/{fundId}/companies`: the positions of a fund.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use moic::json::{Fields, Problems};
use serde::Serialize;
use serde_json::json;
use store::CompanyId;
use store::companies::{self, Company, NewCompany};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::act::Act;
use crate::answer::{self, Created, Pagination};
use crate::auth::{Caller, FundScope};
use crate::body::{Change, Submission};
use crate::error::ApiError;
use crate::fields;
use crate::idempotency;
use crate::query::QueryFields;

const STATUS_DEFAULT: &str = "active";

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_companies)).routes(routes!(get_company))
}

pub(crate) fn writes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_company)).routes(routes!(update_company))
}

/// What a client sends to create or replace a company.
#[derive(ToSchema)]
#[schema(as = NewCompany)]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct CompanyBody {
    /// Name, up to 200 characters.
    #[schema(example = "AlphaTech")]
    name: String,
    /// Sector, by which lenses are summed.
    #[schema(example = "Fintech")]
    sector: Option<String>,
    /// Stage.
    #[schema(example = "Series A")]
    stage: Option<String>,
    /// Status; active by default.
    #[schema(example = "active")]
    status: Option<String>,
}

/// A company.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Company)]
struct CompanyView {
    /// Id.
    id: i64,
    /// The fund whose position it is.
    fund_id: i64,
    /// Name.
    name: String,
    /// Sector.
    sector: Option<String>,
    /// Stage.
    stage: Option<String>,
    /// Status.
    status: String,
    /// Raised by every change; send it with a PUT.
    version: i64,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    created_at: jiff::Timestamp,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    updated_at: jiff::Timestamp,
}

/// A page of companies.
#[derive(Serialize, ToSchema)]
struct CompanyList {
    companies: Vec<CompanyView>,
    pagination: Pagination,
}

fn view(company: Company) -> CompanyView {
    CompanyView {
        id: company.id.0,
        fund_id: company.fund_id.0,
        name: company.name,
        sector: company.sector,
        stage: company.stage,
        status: company.status,
        version: company.version,
        created_at: company.created_at,
        updated_at: company.updated_at,
    }
}

fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<NewCompany> {
    let name = fields.required("name", problems, fields::name);
    let sector = fields.parsed("sector", problems, fields::name);
    let stage = fields.parsed("stage", problems, fields::name);
    let status = fields.parsed("status", problems, fields::name);
    Some(NewCompany { name: name?, sector, stage, status: status.unwrap_or_else(|| STATUS_DEFAULT.to_owned()) })
}

/// The companies of a fund.
#[utoipa::path(get, path = "/api/funds/{fundId}/companies", operation_id = "list_companies", tag = "companies",
    params(("fundId" = i64, Path), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = CompanyList)))]
async fn list_companies(
    State(state): State<AppState>,
    scope: FundScope,
    mut query: QueryFields,
) -> Result<Json<CompanyList>, ApiError> {
    let page = query.page();
    query.finish()?;
    let listing = state.store().read(move |tx| companies::list(tx, scope.fund_id, &page)).await?;
    let pagination = Pagination::of(&listing);
    Ok(Json(CompanyList { companies: listing.items.into_iter().map(view).collect(), pagination }))
}

/// Creates a company.
#[utoipa::path(post, path = "/api/funds/{fundId}/companies", operation_id = "create_company", tag = "companies",
    params(("fundId" = i64, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = CompanyBody, responses((status = 201, body = CompanyView)))]
async fn create_company(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    submission: Submission,
) -> Result<Response, ApiError> {
    let fund_id = scope.fund_id;
    idempotency::create(&state, &caller, Some(fund_id), &submission, read, move |tx, act, new| {
        let company = companies::create(tx, fund_id, new, act.now)?;
        act.record(tx, "company.create", &format!("company:{}", company.id), &json!({}))?;
        Created::record(format!("/api/funds/{fund_id}/companies/{}", company.id), &view(company))
    })
    .await
}

/// One company.
#[utoipa::path(get, path = "/api/funds/{fundId}/companies/{companyId}", operation_id = "get_company", tag = "companies",
    params(("fundId" = i64, Path), ("companyId" = i64, Path)), responses((status = 200, body = CompanyView)))]
async fn get_company(
    State(state): State<AppState>,
    scope: FundScope,
    path: Path<(i64, i64)>,
) -> Result<Response, ApiError> {
    let Path((_, company)) = path;
    let company = state.store().read(move |tx| companies::get(tx, scope.fund_id, CompanyId(company))).await?;
    answer::record(company.version, &view(company))
}

/// Replaces a company.
#[utoipa::path(put, path = "/api/funds/{fundId}/companies/{companyId}", operation_id = "update_company", tag = "companies",
    params(("fundId" = i64, Path), ("companyId" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = Change<CompanyBody>, responses((status = 200, body = CompanyView)))]
async fn update_company(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    path: Path<(i64, i64)>,
    submission: Submission,
) -> Result<Response, ApiError> {
    let Path((_, company)) = path;
    let (version, new) = submission.read_change(read)?;
    let act = Act::new(&state, &caller, Some(scope.fund_id));
    let company = state
        .store()
        .write(move |tx| {
            let company = companies::update(tx, scope.fund_id, CompanyId(company), version, &new, act.now)?;
            act.record(
                tx,
                "company.update",
                &format!("company:{}", company.id),
                &json!({ "version": company.version }),
            )?;
            Ok(company)
        })
        .await?;
    answer::record(company.version, &view(company))
}
