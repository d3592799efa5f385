//! The engine's result as OpenAPI describes it. The engine writes the bytes itself; nothing here is ever constructed.
#![expect(dead_code, reason = "documents moic's result, which knows nothing of OpenAPI")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

/// The seven lenses of a fund, its sectors and companies.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct LensResult {
    /// The date it shows.
    as_of: String,
    /// Hash of everything it depends on.
    inputs_hash: String,
    /// The engine that computed it.
    engine_version: String,
    /// The fund.
    fund: FundLenses,
    /// By sector.
    sectors: Vec<SectorLenses>,
    /// By company.
    companies: Vec<CompanyLenses>,
    /// Differences that do not stop the evaluation.
    warnings: Vec<crate::error::FieldProblem>,
}

/// The fund's lenses.
#[derive(ToSchema)]
pub(crate) struct FundLenses {
    /// The seven lenses and `exit_moic_deployed_reserves`, by key.
    lenses: BTreeMap<String, Lens>,
    /// Priced cost over total cost.
    coverage: Option<String>,
}

/// A sector's lenses.
#[derive(ToSchema)]
pub(crate) struct SectorLenses {
    /// The sector; null for companies without one.
    sector: Option<String>,
    /// By key.
    lenses: BTreeMap<String, Lens>,
}

/// A company's lenses.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct CompanyLenses {
    /// The company.
    id: String,
    /// By key.
    lenses: BTreeMap<String, Lens>,
    /// By lot.
    lots: Vec<LotLenses>,
    /// By planned reserve.
    planned_reserves: Vec<ReserveLens>,
}

/// A lot's multiples.
#[derive(ToSchema)]
pub(crate) struct LotLenses {
    /// The lot.
    id: String,
    /// (U + R) / C.
    current_moic: Lens,
    /// (R + E[X]) / C.
    exit_moic: Lens,
    /// Cost relieved by sales, in cents.
    #[schema(rename = "relievedCostCents")]
    relieved_cost_cents: String,
}

/// A planned reserve's multiple.
#[derive(ToSchema)]
pub(crate) struct ReserveLens {
    /// The reserve.
    id: String,
    /// E[Y] / E[B].
    exit_moic: Lens,
}

/// A multiple, or null with the reason.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct Lens {
    /// Cents, half-even to 6 decimals.
    numerator_cents: Option<String>,
    /// Cents, half-even to 6 decimals.
    denominator_cents: Option<String>,
    /// Half-even to 12 decimals.
    value: Option<String>,
    /// Half-even to 2 decimals, such as 1.75x.
    display: Option<String>,
    /// Why there is no number.
    reason: Option<String>,
    /// Notes on how it came about.
    flags: Vec<String>,
    /// The lots without a price.
    #[schema(required = false)]
    lots: Vec<String>,
}
