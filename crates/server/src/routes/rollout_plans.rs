//! `/api/rollouts/plan` and `/api/rollouts/simulate`: what a policy promises, before anybody starts it.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use moic::json::{Fields, Problems, shown};
use rollout::{Characteristics, Controller, Environment, Plan, RPS_MAX, Scenario, Simulation, Traffic};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::body::Submission;
use crate::error::ApiError;
use crate::rollouts::start::read_policy;
use crate::wire;

/// Runs of a scenario that are made for a request.
const RUNS_MAX: i64 = 500;
const RUNS_DEFAULT: i64 = 200;
/// Runs that are too few to say anything: a scenario with fewer is left out of the answer.
const RUNS_MIN: u32 = 20;
/// How long all scenarios of a request may take together.
const SIMULATION_TIME_MAX: Duration = Duration::from_secs(8);
/// Requests a second, both arms together, that a plan and a simulation are made for unless they say so.
const PLAN_RPS: f64 = 5.0;
const SIMULATION_RPS: f64 = 50.0;
/// Shares of requests that fail, and that are slow, when nothing is wrong.
const ERROR_RATE: f64 = 0.002;
const SLOW_RATE: f64 = 0.005;

pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(plan_rollout)).routes(routes!(simulate_rollout))
}

/// What a client sends to have a policy planned.
#[derive(ToSchema)]
#[schema(as = RolloutPlanRequest, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that is taken apart")]
struct PlanBody {
    /// The policy, as TOML; without one the default policy of lot-level MOIC.
    policy: Option<String>,
    /// Requests a second, both arms together; without them, 5.
    #[schema(exclusive_minimum = 0, maximum = 100_000)]
    requests_per_second: Option<f64>,
    /// Share of requests that fail when nothing is wrong; without it, 0.002.
    #[schema(exclusive_minimum = 0, maximum = 1)]
    error_rate: Option<f64>,
    /// Share of requests beyond a latency limit when nothing is wrong; without it, 0.005.
    #[schema(exclusive_minimum = 0, maximum = 1)]
    slow_rate: Option<f64>,
}

/// What a client sends to have a policy simulated.
#[derive(ToSchema)]
#[schema(as = RolloutSimulationRequest, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that is taken apart")]
struct SimulationBody {
    /// The policy, as TOML; without one the default policy of lot-level MOIC.
    policy: Option<String>,
    /// What happens, as `lotwise rollout simulate --scenario` has it; without one, every scenario.
    scenario: Option<String>,
    /// Requests a second, both arms together; without them, 50.
    #[schema(exclusive_minimum = 0, maximum = 100_000)]
    requests_per_second: Option<f64>,
    /// Rollouts a scenario, 20 to 500; without it, 200. Fewer are made where the time does not suffice.
    #[schema(minimum = 20, maximum = 500)]
    runs: Option<i64>,
}

/// What a policy comes to on simulated traffic.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RolloutSimulation)]
struct SimulationView {
    /// Name of the policy.
    policy: String,
    /// Whose phases were run.
    environment: &'static str,
    /// By scenario, each with the number of its runs.
    #[schema(value_type = Vec<wire::Characteristics>)]
    scenarios: Vec<Characteristics>,
    /// Scenarios with fewer than 20 runs in the time there was; `lotwise rollout simulate` takes its time.
    unfinished: Vec<&'static str>,
}

/// What a policy promises and how long it will take. Nothing is started.
#[utoipa::path(post, path = "/api/rollouts/plan", operation_id = "plan_rollout", tag = "rollouts",
    request_body = PlanBody, responses((status = 200, body = wire::RolloutPlan)))]
async fn plan_rollout(submission: Submission) -> Result<Json<Plan>, ApiError> {
    let (policy, traffic) = submission.read(|fields, problems| {
        let policy = fields.text("policy", problems).map(str::to_owned);
        let requests_per_s = number(fields, "requestsPerSecond", RPS_MAX, PLAN_RPS, problems);
        let error_rate = number(fields, "errorRate", 1.0, ERROR_RATE, problems);
        let slow_rate = number(fields, "slowRate", 1.0, SLOW_RATE, problems);
        Some((policy, Traffic { requests_per_s: requests_per_s?, error_rate: error_rate?, slow_rate: slow_rate? }))
    })?;
    let (controller, environment) = controller_of(policy.as_deref())?;
    Ok(Json(Plan::of(&controller, environment, traffic)))
}

/// What a policy does on simulated traffic: hundreds of rollouts a scenario. Nothing is started. One at a time, and for a
/// few seconds.
#[utoipa::path(post, path = "/api/rollouts/simulate", operation_id = "simulate_rollout", tag = "rollouts",
    request_body = SimulationBody, responses((status = 200, body = SimulationView)))]
async fn simulate_rollout(
    State(state): State<AppState>,
    submission: Submission,
) -> Result<Json<SimulationView>, ApiError> {
    let (policy, scenario, rps, runs) = submission.read(|fields, problems| {
        let policy = fields.text("policy", problems).map(str::to_owned);
        let scenario = fields.parsed("scenario", problems, str::parse::<Scenario>);
        let rps = number(fields, "requestsPerSecond", RPS_MAX, SIMULATION_RPS, problems);
        let runs = fields.integer("runs", i64::from(RUNS_MIN), RUNS_MAX, problems).unwrap_or(RUNS_DEFAULT);
        Some((policy, scenario, rps?, u32::try_from(runs).ok()?))
    })?;
    let (controller, environment) = controller_of(policy.as_deref())?;
    let Ok(turn) = Arc::clone(state.simulating()).try_acquire_owned() else { return Err(ApiError::Overloaded) };
    let scenarios = scenario.map_or_else(|| Scenario::ALL.to_vec(), |scenario| vec![scenario]);
    let work = move || {
        let _turn = turn;
        simulated(&state, &controller, environment, &scenarios, rps, runs)
    };
    let view = tokio::task::spawn_blocking(work).await;
    view.map(Json).map_err(|error| ApiError::Internal(format!("the simulation stopped: {error}")))
}

/// Each scenario has its part of the time, so that a slow one leaves the others theirs.
fn simulated(
    state: &AppState,
    controller: &Controller,
    environment: Environment,
    scenarios: &[Scenario],
    rps: f64,
    runs: u32,
) -> SimulationView {
    let (mut finished, mut unfinished) = (Vec::with_capacity(scenarios.len()), Vec::new());
    let started = state.clock().monotonic();
    for (index, scenario) in scenarios.iter().enumerate() {
        let left = u32::try_from(scenarios.len().saturating_sub(index)).unwrap_or(1).max(1);
        let now = state.clock().monotonic();
        let part = SIMULATION_TIME_MAX.saturating_sub(now.saturating_sub(started)) / left;
        let go_on = || !state.is_stopping() && state.clock().monotonic().saturating_sub(now) < part;
        let simulation = Simulation { controller, scenario: *scenario, rps, runs, seed: 1 };
        match simulation.run_while(&go_on) {
            found if found.runs >= RUNS_MIN => finished.push(found),
            _ => unfinished.push(scenario.as_str()),
        }
    }
    let policy = controller.policy().name.clone();
    SimulationView { policy, environment: environment.as_str(), scenarios: finished, unfinished }
}

/// The policy's controller in the environment of its last phase, which is what `lotwise rollout plan` shows, too.
fn controller_of(policy: Option<&str>) -> Result<(Controller, Environment), ApiError> {
    let policy = read_policy(policy.unwrap_or(rollout::DEFAULT))?;
    let environment = policy.last_environment();
    Ok((Controller::new(Arc::new(policy), environment, None), environment))
}

/// A JSON number above 0 and up to `most`; `otherwise` where there is none, none where a problem was noted.
fn number(
    fields: &mut Fields<'_, '_>,
    name: &'static str,
    most: f64,
    otherwise: f64,
    problems: &mut Problems,
) -> Option<f64> {
    let Some(value) = fields.take(name) else { return Some(otherwise) };
    let number = value.as_f64().filter(|number| *number > 0.0 && *number <= most);
    if number.is_none() {
        let message = format!("must be a number above 0 and up to {most}, without quotes");
        problems.push(&fields.path().field(name), shown(value), message);
    }
    number
}
