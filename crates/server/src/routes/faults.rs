//! `/api/faults`: faults on purpose, for rehearsals and demonstrations. Only where the process was started with them.

use axum::Json;
use axum::extract::State;
use moic::json::{Fields, Problems, shown};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::act::Act;
use crate::auth::Caller;
use crate::body::Submission;
use crate::error::ApiError;
use crate::rollouts::faults::{ArmFaults, DELAY_MS_MAX, DELAY_SIGMA_MAX, FaultSettings};

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
    let settings = submission.read(|fields, problems| {
        let treatment = arm(fields, "treatment", problems);
        let control = arm(fields, "control", problems);
        Some(FaultSettings { treatment: treatment?, control: control? })
    })?;
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

/// What is to go wrong in one arm.
fn arm(fields: &mut Fields<'_, '_>, name: &'static str, problems: &mut Problems) -> Option<ArmFaults> {
    if !fields.has(name) {
        fields.missing(name, problems);
        return None;
    }
    let path = fields.path().field(name);
    let mut fields = Fields::of(fields.take(name)?, &path, problems)?;
    let error_rate = number(&mut fields, "errorRate", 1.0, problems);
    let delay_ms = number(&mut fields, "delayMs", DELAY_MS_MAX, problems);
    let delay_sigma = number(&mut fields, "delaySigma", DELAY_SIGMA_MAX, problems);
    fields.finish(problems);
    Some(ArmFaults { error_rate: error_rate?, delay_ms: delay_ms?, delay_sigma: delay_sigma? })
}

fn number(fields: &mut Fields<'_, '_>, name: &'static str, most: f64, problems: &mut Problems) -> Option<f64> {
    if !fields.has(name) {
        fields.missing(name, problems);
    }
    let value = fields.take(name)?;
    let number = value.as_f64().filter(|number| (0.0..=most).contains(number));
    if number.is_none() {
        problems.push(&fields.path().field(name), shown(value), format!("must be a number from 0 to {most}"));
    }
    number
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
