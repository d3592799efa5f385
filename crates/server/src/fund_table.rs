//! The fund table: invested, realised, unrealised and rates of return, with the legacy MOIC beside the lot-level one.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use moic::Portfolio;
use moic::analysis::{FundTableRow, InternalRate, LegacyDifference, LegacyPosition, LegacyReason, NoRate};
use moic::quantity::{Cents, Ratio};
use serde::Serialize;
use store::FundId;
use store::legacy_moic::{self, LegacyCompany};
use store::portfolio::{self, Scope};
use utoipa::ToSchema;

use crate::AppState;
use crate::error::ApiError;
use crate::evaluation::{checked, off_thread};

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
pub(crate) struct FundTableView {
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

/// The table of a fund as of `as_of`, from the facts recorded up to `known_at`, or up to now. Facts and legacy records are read
/// at once, so that they belong together.
///
/// # Errors
/// Those of the store; [`ApiError::Internal`] when the engine refuses what is stored.
pub(crate) async fn of(
    state: &AppState,
    fund_id: FundId,
    as_of: Date,
    known_at: Option<Timestamp>,
) -> Result<FundTableView, ApiError> {
    let known_at = known_at.unwrap_or(Timestamp::MAX);
    let (document, legacy) = state
        .store()
        .read(move |tx| {
            let document = portfolio::document(tx, fund_id, Scope::Fund, as_of, known_at)?;
            Ok((document, legacy_moic::inputs(tx, fund_id)?))
        })
        .await?;
    off_thread(move || Ok(table(&checked(fund_id, &document)?, &legacy.companies))).await?
}

fn table(portfolio: &Portfolio, legacy: &[LegacyCompany]) -> FundTableView {
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
