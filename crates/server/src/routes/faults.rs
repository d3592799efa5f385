//! `/api/faults`: faults on purpose, for rehearsals and demonstrations. Only where the process was started with them.

use axum::Json;
use axum::extract::State;
use moic::Problem;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::act::Act;
use crate::auth::Caller;
use crate::body::{Reading, Submission};
use crate::error::ApiError;
use crate::rollouts::faults::{ArmFaults, DELAY_MS_MAX, FaultSettings};

pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_faults, set_faults, clear_faults))
}

/// What goes wrong on purpose in this process.
#[derive(Serialize, ToSchema)]
#[schema(as = FaultState)]
struct FaultView {
    /// Null while nothing does.
    faults: Option<FaultSettings>,
}

fn offered(state: &AppState) -> Result<(), ApiError> {
    if state.config().offers_faults {
        return Ok(());
    }
    let message = "this process lets no faults in on purpose: start it with --faults true, outside of production";
    Err(ApiError::Conflict(message.to_owned()))
}

/// What goes wrong on purpose.
#[utoipa::path(get, path = "/api/faults", operation_id = "get_faults", tag = "faults",
    responses((status = 200, body = FaultView)))]
async fn get_faults(State(state): State<AppState>) -> Result<Json<FaultView>, ApiError> {
    offered(&state)?;
    Ok(Json(FaultView { faults: state.faults().settings() }))
}

/// Lets something go wrong in one arm, or in both, from the next request on. Only requests of rollouts are hit.
#[utoipa::path(put, path = "/api/faults", operation_id = "set_faults", tag = "faults",
    request_body = FaultSettings, responses((status = 200, body = FaultView)))]
async fn set_faults(
    State(state): State<AppState>,
    caller: Caller,
    submission: Submission,
) -> Result<Json<FaultView>, ApiError> {
    offered(&state)?;
    caller.must_see_all_funds("let faults in")?;
    let Reading { value, .. } = submission.read_object()?;
    let settings: FaultSettings = serde_json::from_str(&value?)
        .map_err(|error| ApiError::invalid("", "", format!("must have treatment and control: {error}")))?;
    let problems: Vec<Problem> =
        problems("treatment", settings.treatment).chain(problems("control", settings.control)).collect();
    if !problems.is_empty() {
        return Err(ApiError::Invalid(problems));
    }
    note(&state, &caller, Some(settings)).await?;
    tracing::warn!(actor = caller.key(), ?settings, "faults are let in on purpose");
    state.faults().set(Some(settings));
    Ok(Json(FaultView { faults: Some(settings) }))
}

/// Writes down who lets what go wrong, before it does.
async fn note(state: &AppState, caller: &Caller, settings: Option<FaultSettings>) -> Result<(), ApiError> {
    let act = Act::new(state, caller, None);
    let (subject, details) = (format!("process:{}", state.replica()), json!({ "faults": settings }));
    Ok(state.store().write(move |tx| act.record(tx, "faults.set", &subject, &details)).await?)
}

fn problems(arm: &'static str, faults: ArmFaults) -> impl Iterator<Item = Problem> {
    let ranges = [
        ("errorRate", faults.error_rate, 1.0),
        ("delayMs", faults.delay_ms, DELAY_MS_MAX),
        ("delaySigma", faults.delay_sigma, 5.0),
    ];
    ranges.into_iter().filter(|(_, value, most)| !(0.0..=*most).contains(value)).map(move |(name, value, most)| {
        Problem::new(format!("{arm}.{name}"), value.to_string(), format!("must be a number from 0 to {most}"))
    })
}

/// Lets nothing go wrong any more.
#[utoipa::path(delete, path = "/api/faults", operation_id = "clear_faults", tag = "faults",
    responses((status = 200, body = FaultView)))]
async fn clear_faults(State(state): State<AppState>, caller: Caller) -> Result<Json<FaultView>, ApiError> {
    offered(&state)?;
    caller.must_see_all_funds("take faults away")?;
    note(&state, &caller, None).await?;
    tracing::warn!(actor = caller.key(), "no more faults on purpose");
    state.faults().set(None);
    Ok(Json(FaultView { faults: None }))
}
