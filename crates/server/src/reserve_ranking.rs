//! The reserves ranking as the API answers it: the engine's order, names and lenses.

use moic::{Evaluation, LensKey, RankedCompany};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::wire::Lens;

/// Companies by exit MOIC on planned reserves: where the next dollar goes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReserveRanking {
    /// The date it shows.
    #[schema(value_type = String, format = Date)]
    as_of: jiff::civil::Date,
    /// Hash of everything it depends on.
    inputs_hash: String,
    /// The engine that computed it.
    engine_version: &'static str,
    /// The greatest multiple first, those without one last.
    companies: Vec<CompanyReserves>,
    /// The fund: sums of values over sums of costs.
    fund: FundReserves,
}

/// A company's reserves.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CompanyReserves {
    /// 1 for the best; equal multiples share a rank. Null without a multiple.
    rank: Option<usize>,
    /// The company.
    company_id: i64,
    /// Its name.
    name: String,
    /// Its sector.
    sector: Option<String>,
    /// `exit_moic_planned_reserves`: expected proceeds over expected cost of what is planned.
    #[schema(value_type = Lens)]
    planned: Box<RawValue>,
    /// `current_moic_deployed_reserves`: value over cost of what is deployed.
    #[schema(value_type = Lens)]
    deployed: Box<RawValue>,
    /// `exit_moic`: of everything, planned reserves included.
    #[schema(value_type = Lens)]
    exit: Box<RawValue>,
    /// By planned reserve, in the order in which the exit cases first name them.
    reserves: Vec<PlannedReserve>,
}

/// A planned reserve over all exit cases.
#[derive(Serialize, ToSchema)]
struct PlannedReserve {
    /// Its id.
    id: String,
    /// Expected proceeds over expected cost.
    #[schema(value_type = Lens)]
    planned: Box<RawValue>,
}

/// The fund's reserves.
#[derive(Serialize, ToSchema)]
struct FundReserves {
    /// `exit_moic_planned_reserves`.
    #[schema(value_type = Lens)]
    planned: Box<RawValue>,
    /// `current_moic_deployed_reserves`.
    #[schema(value_type = Lens)]
    deployed: Box<RawValue>,
    /// `exit_moic`.
    #[schema(value_type = Lens)]
    exit: Box<RawValue>,
}

impl ReserveRanking {
    /// The ranking of an evaluated portfolio, whose companies are named by their number.
    ///
    /// # Errors
    /// [`ApiError::Internal`] for a company that is not, and for a lens that is not JSON.
    pub(crate) fn of(portfolio: &moic::Portfolio, evaluation: &Evaluation<'_>) -> Result<Self, ApiError> {
        let companies = evaluation.reserve_ranking();
        Ok(Self {
            as_of: portfolio.as_of(),
            inputs_hash: portfolio.inputs_hash(),
            engine_version: moic::ENGINE_VERSION,
            companies: companies.iter().map(CompanyReserves::of).collect::<Result<_, _>>()?,
            fund: FundReserves {
                planned: lens(evaluation.lens_json(LensKey::ExitMoicPlannedReserves))?,
                deployed: lens(evaluation.lens_json(LensKey::CurrentMoicDeployedReserves))?,
                exit: lens(evaluation.lens_json(LensKey::ExitMoic))?,
            },
        })
    }
}

impl CompanyReserves {
    fn of(RankedCompany { rank, company }: &RankedCompany<'_, '_>) -> Result<Self, ApiError> {
        let company_id = company.id().parse().map_err(|_| {
            ApiError::Internal(format!("the company {:?} of a stored portfolio is named by no number", company.id()))
        })?;
        let reserve = |(id, planned): (&str, String)| Ok(PlannedReserve { id: id.to_owned(), planned: lens(planned)? });
        Ok(Self {
            rank: *rank,
            company_id,
            name: company.name().to_owned(),
            sector: company.sector().map(str::to_owned),
            planned: lens(company.lens_json(LensKey::ExitMoicPlannedReserves))?,
            deployed: lens(company.lens_json(LensKey::CurrentMoicDeployedReserves))?,
            exit: lens(company.lens_json(LensKey::ExitMoic))?,
            reserves: company.planned_reserves_json().map(reserve).collect::<Result<_, ApiError>>()?,
        })
    }
}

fn lens(json: String) -> Result<Box<RawValue>, ApiError> {
    RawValue::from_string(json).map_err(|error| ApiError::Internal(format!("a lens is not JSON: {error}")))
}
