//! `/api/funds/{fundId}/investments`: one cheque in one round, the record of the legacy MOIC.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use moic::json::{Fields, Problems};
use moic::quantity::parse_date;
use serde::Serialize;
use serde_json::json;
use store::investments::{self, Investment, NewInvestment};
use store::{CompanyId, InvestmentId};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{self, Created, Pagination};
use crate::auth::{Caller, FundScope};
use crate::body::Submission;
use crate::error::ApiError;
use crate::fields;
use crate::idempotency;
use crate::query::QueryFields;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_investments)).routes(routes!(get_investment))
}

pub(crate) fn writes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_investment))
}

/// What a client sends to create an investment.
#[derive(ToSchema)]
#[schema(as = NewInvestment, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct InvestmentBody {
    /// Company of the same fund.
    company_id: i64,
    /// Name of the round.
    #[schema(example = "Seed")]
    round: String,
    /// Date of the cheque.
    #[schema(example = "2022-01-31")]
    investment_date: String,
    /// Amount in cents.
    #[schema(example = "250000000")]
    amount_cents: String,
    /// Share of the company, 0 to 1.
    #[schema(example = "0.15")]
    ownership: Option<String>,
    /// Post-money valuation in cents.
    #[schema(example = "1666666700")]
    post_money_valuation_cents: Option<String>,
}

/// An investment.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Investment)]
struct InvestmentView {
    /// Id.
    id: i64,
    /// The fund that invested.
    fund_id: i64,
    /// The company it invested in.
    company_id: i64,
    /// Name of the round.
    round: String,
    /// Date of the cheque.
    #[schema(value_type = String, format = Date)]
    investment_date: jiff::civil::Date,
    /// Amount in cents.
    amount_cents: String,
    /// Share of the company, 0 to 1.
    ownership: Option<String>,
    /// Post-money valuation in cents.
    post_money_valuation_cents: Option<String>,
    /// Version.
    version: i64,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    created_at: jiff::Timestamp,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    updated_at: jiff::Timestamp,
}

/// A page of investments.
#[derive(Serialize, ToSchema)]
struct InvestmentList {
    investments: Vec<InvestmentView>,
    pagination: Pagination,
}

fn view(investment: Investment) -> InvestmentView {
    InvestmentView {
        id: investment.id.0,
        fund_id: investment.fund_id.0,
        company_id: investment.company_id.0,
        round: investment.round,
        investment_date: investment.investment_date,
        amount_cents: investment.amount_cents.to_string(),
        ownership: investment.ownership,
        post_money_valuation_cents: investment.post_money_valuation_cents.map(|cents| cents.to_string()),
        version: investment.version,
        created_at: investment.created_at,
        updated_at: investment.updated_at,
    }
}

fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<NewInvestment> {
    let company_id = fields::required_id(fields, "companyId", problems);
    let round = fields.required("round", problems, fields::name);
    let investment_date = fields.required("investmentDate", problems, parse_date);
    let amount_cents = fields.required("amountCents", problems, fields::cents);
    let ownership = fields.parsed("ownership", problems, fields::ownership);
    let post_money_valuation_cents = fields.parsed("postMoneyValuationCents", problems, fields::cents);
    Some(NewInvestment {
        company_id: CompanyId(company_id?),
        round: round?,
        investment_date: investment_date?,
        amount_cents: amount_cents?,
        ownership,
        post_money_valuation_cents,
    })
}

/// The investments of a fund.
#[utoipa::path(get, path = "/api/funds/{fundId}/investments", operation_id = "list_investments", tag = "investments",
    params(("fundId" = i64, Path), ("companyId" = Option<i64>, Query), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = InvestmentList)))]
async fn list_investments(
    State(state): State<AppState>,
    scope: FundScope,
    mut query: QueryFields,
) -> Result<Json<InvestmentList>, ApiError> {
    let page = query.page();
    let company = query.id("companyId").map(CompanyId);
    query.finish()?;
    let listing = state.store().read(move |tx| investments::list(tx, scope.fund_id, company, &page)).await?;
    let pagination = Pagination::of(&listing);
    Ok(Json(InvestmentList { investments: listing.items.into_iter().map(view).collect(), pagination }))
}

/// Creates an investment.
#[utoipa::path(post, path = "/api/funds/{fundId}/investments", operation_id = "create_investment", tag = "investments",
    params(("fundId" = i64, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = InvestmentBody, responses((status = 201, body = InvestmentView)))]
async fn create_investment(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    submission: Submission,
) -> Result<Response, ApiError> {
    let fund_id = scope.fund_id;
    idempotency::create(&state, &caller, Some(fund_id), &submission, read, move |tx, act, new| {
        let investment = investments::create(tx, fund_id, new, act.now)?;
        act.record(tx, "investment.create", &format!("investment:{}", investment.id), &json!({}))?;
        Created::record(format!("/api/funds/{fund_id}/investments/{}", investment.id), &view(investment))
    })
    .await
}

/// One investment.
#[utoipa::path(get, path = "/api/funds/{fundId}/investments/{investmentId}", operation_id = "get_investment", tag = "investments",
    params(("fundId" = i64, Path), ("investmentId" = i64, Path)), responses((status = 200, body = InvestmentView)))]
async fn get_investment(
    State(state): State<AppState>,
    scope: FundScope,
    path: Path<(i64, i64)>,
) -> Result<Response, ApiError> {
    let Path((_, investment)) = path;
    let id = InvestmentId(investment);
    let investment = state.store().read(move |tx| investments::get(tx, scope.fund_id, id)).await?;
    answer::record(investment.version, &view(investment))
}
