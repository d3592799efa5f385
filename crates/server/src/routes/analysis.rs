//! `/api/funds/{fundId}/analysis`: around the lenses (moic.md §7). The fund table with rates of return and the legacy MOIC
//! beside the lot-level one, and what a partial sale has to be worth.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use moic::analysis::{
    ExitTime, FundTableRow, InternalRate, LegacyDifference, LegacyPosition, LegacyReason, NoRate, PartialSale,
    PartialSaleError, PartialSaleValuation, Rate,
};
use moic::json::{Fields, Path as JsonPath, Problems, Value, shown};
use moic::quantity::{Cents, Ratio, parse_date};
use moic::{CASES_PER_COMPANY_MAX, Portfolio};
use serde::Serialize;
use store::legacy_moic::{self, LegacyCompany};
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
use crate::query::QueryFields;

pub(crate) fn guarded_reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_fund_table)).routes(routes!(value_partial_sale))
}

/// A number, or why there is none.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Figure {
    /// The number, rounded half-even to 12 decimals.
    value: Option<String>,
    /// As people read it, rounded half-even to 2 decimals.
    display: Option<String>,
    /// Why there is none.
    reason: Option<&'static str>,
    /// `several_roots` where other rates of return solve the same equation.
    flags: Vec<&'static str>,
}

/// One part of the difference between lot-level and legacy MOIC.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DifferencePartView {
    /// What it comes from.
    cause: &'static str,
    /// How much of the difference of the multiples it is.
    difference: String,
    /// The cause in words, with its numbers.
    explanation: String,
}

/// A row of the fund table. Gross of fees and carry; money in cents.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FundTableRowView {
    /// Number of the company; absent for the fund.
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<String>,
    /// Its name; absent for the fund.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What all lots cost.
    invested_cents: String,
    /// What came back.
    realised_cents: String,
    /// What is held is worth; null while a lot has no price.
    unrealised_cents: Option<String>,
    /// Both together.
    total_value_cents: Option<String>,
    /// Total value over cost.
    total_value_over_cost: Figure,
    /// The yearly rate of return of all payments, what is held counted as received on the date.
    xirr: Figure,
    /// The legacy MOIC of the same company.
    legacy_moic: Figure,
    /// Lot-level less legacy; null where one of them has no multiple.
    difference: Option<String>,
    /// Its parts, which sum to it.
    difference_parts: Vec<DifferencePartView>,
    /// The difference in words.
    explanation: String,
}

/// Invested, realised, unrealised, by company and for the fund.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FundTableView {
    /// As of this date.
    #[schema(value_type = String, format = Date)]
    as_of: Date,
    /// ISO 4217.
    currency: Option<String>,
    /// The sums.
    fund: FundTableRowView,
    /// The companies.
    companies: Vec<FundTableRowView>,
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
    let as_of = query.parsed("asOf", parse_date).unwrap_or_else(|| today(state.clock()));
    let known_at = query.parsed("knownAt", fields::instant);
    query.finish()?;
    let portfolio = portfolio_of(&state, scope.fund_id, as_of, known_at).await?;
    let legacy = state.store().read(move |tx| legacy_moic::inputs(tx, scope.fund_id)).await?;
    off_thread(move || fund_table(&portfolio, &legacy.companies)).await.map(Json)
}

fn fund_table(portfolio: &Portfolio, legacy: &[LegacyCompany]) -> FundTableView {
    let analysis = portfolio.analyse();
    let positions: Vec<LegacyPosition> = legacy.iter().map(position).collect();
    let table = analysis.fund_table(&positions);
    let rates = analysis.company_rates();
    let names: BTreeMap<String, &str> =
        legacy.iter().map(|company| (company.id.to_string(), company.name.as_str())).collect();
    // Companies that only the legacy records know have no payments.
    let rates = rates.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
    let companies = table.companies.into_iter().zip(rates).map(|(company, rate)| {
        let name = names.get(&company.id).map_or_else(|| company.name.clone(), |name| (*name).to_owned());
        let named = (company.id.clone(), name);
        row(&company, &rate.unwrap_or(Err(NoRate::NoCashFlows)), Some(named))
    });
    FundTableView {
        as_of: portfolio.as_of(),
        currency: portfolio.currency().map(str::to_owned),
        companies: companies.collect(),
        fund: row(&table.fund, &analysis.xirr(), None),
    }
}

fn position(company: &LegacyCompany) -> LegacyPosition {
    let mut ratios = company.investments.iter().map(|investment| Ratio::parse(investment.ownership.as_deref()?).ok());
    let cents = |cents: i128| Cents::parse(&cents.to_string()).unwrap_or(Cents::ZERO);
    LegacyPosition {
        company: company.id.to_string(),
        amount: cents(company.investments.iter().map(|investment| i128::from(investment.amount_cents)).sum()),
        // None as soon as one does not say.
        ownership: ratios.try_fold(Ratio::ZERO, |sum, ratio| ratio.map(|ratio| sum.plus(&ratio))),
        latest_valuation: company.latest_valuation.map(|(valuation, _)| cents(i128::from(valuation))),
        realised: cents(company.realised_cents),
    }
}

fn row(row: &FundTableRow, rate: &Result<InternalRate, NoRate>, named: Option<(String, String)>) -> FundTableRowView {
    let (company_id, name) = named.unzip();
    let (difference, difference_parts) = match &row.difference {
        LegacyDifference::Explained { difference, parts } => {
            let part = |part: &moic::analysis::DifferencePart| DifferencePartView {
                cause: part.cause.name(),
                difference: part.difference.value(),
                explanation: part.explanation.clone(),
            };
            (Some(difference.value()), parts.iter().map(part).collect())
        }
        LegacyDifference::NotComparable { .. } => (None, Vec::new()),
    };
    FundTableRowView {
        company_id,
        name,
        invested_cents: row.lots.invested().to_string(),
        realised_cents: row.lots.realised().to_string(),
        unrealised_cents: row.lots.unrealised().map(|cents| cents.to_string()),
        total_value_cents: row.lots.total_value().map(|cents| cents.to_string()),
        total_value_over_cost: multiple(row.lots.total_value_over_cost().map_err(moic::Reason::name)),
        xirr: rate_figure(rate),
        legacy_moic: multiple(row.legacy.multiple().map_err(LegacyReason::name)),
        difference,
        difference_parts,
        explanation: row.difference.explanation(),
    }
}

fn multiple(multiple: Result<Ratio, &'static str>) -> Figure {
    const VALUE_DECIMALS: u32 = 12;
    const SHOWN_DECIMALS: u32 = 2;
    match multiple {
        Ok(ratio) => Figure {
            value: Some(ratio.to_decimal(VALUE_DECIMALS)),
            display: Some(format!("{}x", ratio.to_decimal(SHOWN_DECIMALS))),
            reason: None,
            flags: Vec::new(),
        },
        Err(reason) => Figure { value: None, display: None, reason: Some(reason), flags: Vec::new() },
    }
}

fn rate_figure(rate: &Result<InternalRate, NoRate>) -> Figure {
    match rate {
        Ok(found) => Figure {
            value: Some(found.rate().value()),
            display: Some(found.rate().percent()),
            reason: None,
            flags: found.has_several_roots().then_some("several_roots").into_iter().collect(),
        },
        Err(reason) => Figure { value: None, display: None, reason: Some(reason.name()), flags: Vec::new() },
    }
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
