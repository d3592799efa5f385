//! `/api/funds/{fundId}/analysis`: around the lenses (moic.md §7). The fund table, and what a partial sale has to be worth.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use moic::CASES_PER_COMPANY_MAX;
use moic::analysis::{ExitTime, PartialSale, PartialSaleError, PartialSaleValuation, Rate};
use moic::json::{Fields, Path as JsonPath, Problems, Value, shown};
use moic::quantity::{Ratio, parse_date};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::FundScope;
use crate::body::Submission;
use crate::clock::today;
use crate::error::ApiError;
use crate::evaluation::{off_thread, portfolio_of};
use crate::fields;
use crate::fund_table::{self, FundTableView};
use crate::query::QueryFields;

pub(crate) fn guarded_reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_fund_table)).routes(routes!(value_partial_sale))
}

/// The fund table: invested, realised, unrealised, total value over cost and rate of return, with the legacy MOIC beside
/// the lot-level one and the reasons for any difference. Legacy figures are those of now, whatever the date.
#[utoipa::path(get, path = "/api/funds/{fundId}/analysis", operation_id = "get_fund_table", tag = "analysis",
    params(("fundId" = i64, Path), ("asOf" = Option<String>, Query), ("knownAt" = Option<String>, Query)),
    responses((status = 200, body = FundTableView)))]
async fn get_fund_table(
    State(state): State<AppState>,
    scope: FundScope,
    mut query: QueryFields,
) -> Result<Json<FundTableView>, ApiError> {
    let (as_of, known_at) = query.moment(state.clock());
    query.finish()?;
    fund_table::of(&state, scope.fund_id, as_of, known_at).await.map(Json)
}

/// What a client sends to have a partial sale valued.
#[derive(ToSchema)]
#[schema(as = PartialSale, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct PartialSaleBody {
    /// The company.
    company_id: i64,
    /// The yearly return that holding on has to bring, as in `0.25`.
    irr: String,
    /// The fund's part of the company today, above 0 and at most 1.
    ownership: String,
    /// As of this date; today without it.
    as_of: Option<String>,
    /// When the exit is expected, as a date; or `yearsToExit`.
    exit_date: Option<String>,
    /// In how many years the exit is expected: a decimal or fraction.
    years_to_exit: Option<String>,
    /// Other dates for single cases, by the case's id.
    exit_dates: Option<BTreeMap<String, String>>,
}

/// A case of the valuation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PartialSaleCase)]
struct PartialSaleCaseView {
    /// The case.
    id: String,
    /// Its probability, to 12 decimals.
    probability: String,
    /// Expected proceeds of what is held, in cents.
    proceeds_cents: String,
    /// Years to the exit, to 6 decimals.
    years: String,
    /// The same proceeds today, in cents.
    present_value_cents: String,
}

/// The least valuation at which selling is as good as holding. In cents, gross.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PartialSaleValuation)]
struct PartialSaleView {
    /// As of this date.
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    /// The company's minimum valuation: present value over ownership. It does not depend on the fraction sold.
    valuation_cents: String,
    /// Σ probability × proceeds / (1 + irr)^years.
    present_value_cents: String,
    /// Σ probability × proceeds.
    expected_proceeds_cents: String,
    /// The cases.
    cases: Vec<PartialSaleCaseView>,
}

struct Asked {
    sale: PartialSale,
    as_of: Option<Date>,
}

fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Asked> {
    let company = fields::required_id(fields, "companyId", problems);
    let irr = fields.required("irr", problems, Rate::parse);
    let ownership = fields.required("ownership", problems, Ratio::parse);
    let as_of = fields.parsed("asOf", problems, parse_date);
    let exit_date = fields.parsed("exitDate", problems, parse_date);
    let years = fields.parsed("yearsToExit", problems, Ratio::parse);
    let path = fields.path().field("exitDates");
    let mut times_by_case = BTreeMap::new();
    for (case, value) in fields.map("exitDates", CASES_PER_COMPANY_MAX, problems) {
        match date_of(value) {
            Ok(date) => {
                times_by_case.insert(case.to_owned(), ExitTime::On(date));
            }
            Err(message) => problems.push(&JsonPath::field(&path, case), shown(value), message),
        }
    }
    if exit_date.is_some() && years.is_some() {
        problems.push(&fields.path().field("yearsToExit"), "", "stands beside exitDate; give one of the two");
    }
    let time = exit_date.map(ExitTime::On).or(years.map(ExitTime::InYears));
    let sale = PartialSale { company: company?.to_string(), irr: irr?, ownership: ownership?, time, times_by_case };
    Some(Asked { sale, as_of })
}

fn date_of(value: &Value<'_>) -> Result<Date, String> {
    match value {
        Value::Str(text) => parse_date(text).map_err(|error| error.to_string()),
        _ => Err("must be a date as text, as in \"2027-12-31\"".to_owned()),
    }
}

/// What a company has to be valued at so that selling a part today is as good as holding it to the expected exits.
#[utoipa::path(post, path = "/api/funds/{fundId}/analysis/partial-sale", operation_id = "value_partial_sale", tag = "analysis",
    params(("fundId" = i64, Path)), request_body = PartialSaleBody, responses((status = 200, body = PartialSaleView)))]
async fn value_partial_sale(
    State(state): State<AppState>,
    scope: FundScope,
    submission: Submission,
) -> Result<Json<PartialSaleView>, ApiError> {
    let Asked { sale, as_of } = submission.read(read)?;
    let as_of = as_of.unwrap_or_else(|| today(state.clock()));
    let portfolio = portfolio_of(&state, scope.fund_id, as_of, None).await?;
    let valued = off_thread(move || portfolio.partial_sale(&sale)).await?;
    let PartialSaleValuation { cases, expected_proceeds, present_value, valuation } =
        valued.map_err(|error| refused(&error))?;
    let case = |case: moic::analysis::PartialSaleCase| PartialSaleCaseView {
        id: case.id,
        probability: case.probability.to_decimal(12),
        proceeds_cents: case.proceeds.to_string(),
        years: case.years.to_decimal(6),
        present_value_cents: case.present_value.rounded_to_cents().to_string(),
    };
    Ok(Json(PartialSaleView {
        as_of,
        valuation_cents: valuation.rounded_to_cents().to_string(),
        present_value_cents: present_value.rounded_to_cents().to_string(),
        expected_proceeds_cents: expected_proceeds.to_string(),
        cases: cases.into_iter().map(case).collect(),
    }))
}

fn refused(error: &PartialSaleError) -> ApiError {
    let path = match error {
        PartialSaleError::UnknownCompany(_) => "companyId",
        PartialSaleError::OwnershipOutOfRange => "ownership",
        PartialSaleError::UnknownCase(_) => "exitDates",
        _ => "exitDate",
    };
    ApiError::invalid(path, "", error.to_string())
}
