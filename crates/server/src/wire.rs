//! The engines' results as OpenAPI describes them. The engines write them themselves; nothing here is ever constructed.
#![expect(dead_code, reason = "documents results of moic, flags and rollout, which know nothing of OpenAPI")]

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

/// Why somebody gets of a flag what they get.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct FlagExplanation {
    /// The flag.
    key: String,
    /// Who was asked about.
    targeting_key: Option<String>,
    /// The variant; null for none.
    variant: Option<String>,
    /// Its value; null for none.
    value: Option<serde_json::Value>,
    /// OpenFeature's reason; null for an error.
    reason: Option<String>,
    /// OpenFeature's error code, if there is no value.
    error_code: Option<String>,
    /// What went wrong, if there is no value.
    error_details: Option<String>,
    /// The steps of the decision, highest first; one of them decided.
    steps: Vec<DecisionStep>,
    /// The parts of the targeting rule, outermost first; empty without one.
    rules: Vec<RulePart>,
}

/// A step of a decision.
#[derive(ToSchema)]
pub(crate) struct DecisionStep {
    /// environment, kill, opt-out, opt-in, definition, prerequisites, targeting, exposure or default.
    step: String,
    /// What was found there.
    finding: String,
    /// Whether this step decided.
    decided: bool,
}

/// A part of a rule: an operator with its arguments.
#[derive(ToSchema)]
pub(crate) struct RulePart {
    /// Where it stands, as in `targeting.if[0]`.
    path: String,
    /// The part itself, shortened.
    rule: String,
    /// Whether the evaluation came here.
    reached: bool,
    /// What it comes to for this context; null where it failed.
    outcome: Option<serde_json::Value>,
    /// Whether it failed, which leads to the default variant.
    failed: bool,
    /// More to know, such as the bucket somebody falls into.
    #[schema(required = false)]
    note: Option<String>,
}

/// What a policy promises and how long it will take. Shares and probabilities are numbers from 0 to 1.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct RolloutPlan {
    /// Name of the policy.
    policy: String,
    /// SHA-256 of it.
    policy_hash: String,
    /// The flag.
    flag: String,
    /// Whose phases the forecast is about.
    environment: String,
    /// The most likely that an innocent version is rolled back by a test.
    false_rollback: f64,
    /// The most likely that a version at or above the error limit passes a criterion.
    false_promotion: f64,
    /// The largest share of failures that a criterion lets pass; null where none is about failures.
    error_limit: Option<f64>,
    /// The phases of the environment.
    forecast: Vec<PhasePlan>,
}

/// What a phase is expected to take.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PhasePlan {
    /// Its name.
    phase: String,
    /// Seconds; null where its criteria will not be shown within the longest soak.
    soak_seconds: Option<i64>,
    /// By criterion.
    requests: Vec<CriterionRequests>,
    /// By trigger and fault.
    detection: Vec<FaultDetection>,
}

/// Requests of the treatment that a criterion needs.
#[derive(ToSchema)]
pub(crate) struct CriterionRequests {
    /// The criterion.
    criterion: String,
    /// Null where no number of them is enough.
    requests: Option<u64>,
}

/// How soon a trigger finds a fault.
#[derive(ToSchema)]
pub(crate) struct FaultDetection {
    /// The trigger.
    trigger: String,
    /// The fault, in words.
    fault: String,
    /// Seconds from its onset; null where it is not found.
    seconds: Option<i64>,
}

/// What the simulated rollouts of a scenario come to. Shares are numbers from 0 to 1.
#[derive(ToSchema)]
#[schema(as = SimulatedScenario, rename_all = "camelCase")]
pub(crate) struct Characteristics {
    /// What happened.
    scenario: String,
    /// Requests a second.
    rps: f64,
    /// Rollouts that were made.
    runs: u32,
    /// What they were drawn from.
    seed: u64,
    /// Share that were rolled back before the fault, or although there was none.
    false_rollback: f64,
    /// Share that were rolled back.
    rolled_back: f64,
    /// Share that completed every phase.
    promoted: f64,
    /// Share that did neither.
    held: f64,
    /// Share that were rolled back at or after the fault's onset.
    detected: f64,
    /// Seconds from the onset to the decision; null without any.
    median_detection_seconds: Option<f64>,
    /// The same for 19 of 20.
    p95_detection_seconds: Option<f64>,
    /// Seconds from the start to the completion; null without any.
    median_completion_seconds: Option<f64>,
    /// The shortest possible.
    minimum_soak_seconds: i64,
}
