//! `/api/funds/{fundId}/reserves/ranking`: where the next dollar goes, as planned and as it could be planned.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use moic::json::{Fields, Path as JsonPath, Problems, Value};
use moic::quantity::{Cents, Ratio};
use moic::{PLAN_CHANGES_MAX, PlanChange, PlannedAmount, Portfolio, Problem, UnknownTarget, parse_factor};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::auth::FundScope;
use crate::body::Submission;
use crate::error::ApiError;
use crate::evaluation::{evaluated, portfolio_of};
use crate::fields;
use crate::query::QueryFields;
use crate::reserve_ranking::ReserveRanking;
use crate::result_cache::Question;

const CHANGES: &str = "changes";

pub(crate) fn guarded_reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_reserve_ranking, try_reserve_plan))
}

/// What a client sends to ask "what if".
#[derive(ToSchema)]
#[schema(as = ReservePlan)]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct PlanBody {
    /// What is to be other than planned, at most 1000 changes; each company and each reserve once.
    changes: Vec<PlanChangeBody>,
}

/// What is to be other than planned of a company, or of one planned reserve of it, in every exit case. What is left out
/// stays as planned; what is said of a reserve counts instead of what is said of its company.
#[derive(ToSchema)]
#[schema(as = PlanChange, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct PlanChangeBody {
    /// The company.
    company_id: i64,
    /// Id of the planned reserve; left out: all of the company's.
    reserve_id: Option<String>,
    /// Planned amounts times this, 0 to 1000: a decimal or an exact fraction such as 2/3. Given proceeds follow.
    amount_factor: Option<String>,
    /// This amount instead of the reserve's, in whole cents; of a reserve only, and without `amountFactor`.
    amount_cents: Option<String>,
    /// Exit prices and given proceeds times this, 0 to 1000; of a company only.
    exit_price_factor: Option<String>,
    /// The probability that the reserve is deployed, 0 to 1.
    deploy_probability: Option<String>,
}

/// The ranking as planned, and as it would be.
#[derive(Serialize, ToSchema)]
#[schema(as = ReserveWhatIf)]
struct WhatIfView {
    /// As planned.
    before: ReserveRanking,
    /// As it would be.
    after: ReserveRanking,
}

/// Companies by exit MOIC on planned reserves, with planned and deployed amounts, exact.
#[utoipa::path(get, path = "/api/funds/{fundId}/reserves/ranking", operation_id = "get_reserve_ranking", tag = "moic",
    params(("fundId" = i64, Path), ("asOf" = Option<String>, Query, description = "YYYY-MM-DD, today by default"),
        ("knownAt" = Option<String>, Query, description = "RFC 3339: only what was recorded until then")),
    responses((status = 200, body = ReserveRanking)))]
async fn get_reserve_ranking(
    State(state): State<AppState>,
    scope: FundScope,
    headers: HeaderMap,
    query: QueryFields,
) -> Result<Response, ApiError> {
    let (as_of, known_at) = moment(&state, query)?;
    let question = Question::ReserveRanking { as_of, known_at };
    let compute = async {
        let portfolio = portfolio_of(&state, scope.fund_id, as_of, known_at).await?;
        let (ranking, _) = ranking_of(&state, portfolio).await?;
        serde_json::to_vec(&ranking)
            .map_err(|error| ApiError::Internal(format!("a ranking cannot be written: {error}")))
    };
    state.results().answer(&state, scope.fund_id, question, &headers, compute).await
}

/// What if reserves were planned otherwise: the ranking before and after. Nothing is stored.
#[utoipa::path(post, path = "/api/funds/{fundId}/reserves/ranking", operation_id = "try_reserve_plan", tag = "moic",
    params(("fundId" = i64, Path), ("asOf" = Option<String>, Query, description = "YYYY-MM-DD, today by default"),
        ("knownAt" = Option<String>, Query, description = "RFC 3339: only what was recorded until then")),
    request_body = PlanBody, responses((status = 200, body = WhatIfView)))]
async fn try_reserve_plan(
    State(state): State<AppState>,
    scope: FundScope,
    query: QueryFields,
    submission: Submission,
) -> Result<Json<WhatIfView>, ApiError> {
    let (as_of, known_at) = moment(&state, query)?;
    let changes = submission.read(read)?;
    let portfolio = portfolio_of(&state, scope.fund_id, as_of, known_at).await?;
    let (before, portfolio) = ranking_of(&state, portfolio).await?;
    let planned = portfolio.with_plan(&changes).map_err(|unknown| ApiError::Invalid(problems_of(unknown)))?;
    let (after, _) = ranking_of(&state, planned).await?;
    Ok(Json(WhatIfView { before, after }))
}

async fn ranking_of(state: &AppState, portfolio: Portfolio) -> Result<(ReserveRanking, Portfolio), ApiError> {
    let (ranking, portfolio) = evaluated(state, portfolio, ReserveRanking::of).await?;
    Ok((ranking?, portfolio))
}

fn moment(state: &AppState, mut query: QueryFields) -> Result<(Date, Option<Timestamp>), ApiError> {
    let moment = query.moment(state.clock());
    query.finish()?;
    Ok(moment)
}

fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Vec<PlanChange>> {
    if !fields.has(CHANGES) {
        fields.missing(CHANGES, problems);
    }
    let values = fields.array(CHANGES, PLAN_CHANGES_MAX, problems);
    let root = JsonPath::root();
    let path = root.field(CHANGES);
    let (mut changes, mut seen) = (Vec::with_capacity(values.len()), BTreeSet::new());
    for (index, value) in values.iter().enumerate() {
        let path = path.index(index);
        let Some(change) = read_change(value, &path, problems) else { continue };
        if !seen.insert((change.company_id.clone(), change.reserve_id.clone())) {
            let (name, id) = match &change.reserve_id {
                Some(reserve) => ("reserveId", reserve),
                None => ("companyId", &change.company_id),
            };
            problems.push(&path.field(name), id, "is changed by an earlier entry already");
        }
        changes.push(change);
    }
    Some(changes)
}

fn read_change(value: &Value<'_>, path: &JsonPath<'_>, problems: &mut Problems) -> Option<PlanChange> {
    let before = problems.len();
    let mut fields = Fields::of(value, path, problems)?;
    let company_id = fields::required_id(&mut fields, "companyId", problems);
    let reserve_id = fields.text("reserveId", problems).map(str::to_owned);
    let amount_factor = fields.parsed("amountFactor", problems, parse_factor);
    let amount_cents = fields.parsed("amountCents", problems, Cents::parse);
    let exit_price_factor = fields.parsed("exitPriceFactor", problems, parse_factor);
    let deploy_probability = fields.parsed("deployProbability", problems, Ratio::parse_probability);
    let rules = [
        (amount_cents.is_some() && amount_factor.is_some(), "amountCents", "cannot stand beside amountFactor"),
        (amount_cents.is_some() && reserve_id.is_none(), "amountCents", "needs the reserveId whose amount it is"),
        (
            exit_price_factor.is_some() && reserve_id.is_some(),
            "exitPriceFactor",
            "belongs to the company: its reserves share its exit prices, so leave reserveId out",
        ),
    ];
    for (_, name, message) in rules.into_iter().filter(|(is_broken, ..)| *is_broken) {
        problems.push(&path.field(name), fields.shown(name), message);
    }
    fields.finish(problems);
    let amount = amount_factor.map(PlannedAmount::Factor).or_else(|| amount_cents.map(PlannedAmount::Cents));
    let says_nothing = amount.is_none() && exit_price_factor.is_none() && deploy_probability.is_none();
    if problems.len() == before && says_nothing {
        let message = "must change something: amountFactor, amountCents, exitPriceFactor or deployProbability";
        problems.push(path, "", message);
    }
    let company_id = company_id?.to_string();
    let change = PlanChange { company_id, reserve_id, amount, exit_price_factor, deploy_probability };
    (problems.len() == before).then_some(change)
}

fn problems_of(unknown: Vec<UnknownTarget>) -> Vec<Problem> {
    let problem = |target: UnknownTarget| {
        let message = target.to_string();
        let (change, field, id) = match target {
            UnknownTarget::Company { change, id } => (change, "companyId", id),
            UnknownTarget::Reserve { change, id, .. } => (change, "reserveId", id),
        };
        Problem::new(format!("{CHANGES}[{change}].{field}"), id, message)
    };
    unknown.into_iter().map(problem).collect()
}
