//! Guarded rollouts: a flag moves through the phases of a policy while evidence is gathered, and at every tick it is
//! decided whether to stay, promote, hold, step back or roll back.
//!
//! Pure: no I/O, no clock, no randomness without a seed. Time and evidence are arguments, so a decision can be made
//! again from its inputs. `step(state, event, now) → (state, effects)` is [`Controller::step`]; the caller carries the
//! effects out and tells what came of them as further events.

mod assessment;
mod comparison;
mod controller;
mod decision;
mod distinct;
mod event;
mod evidence;
mod explanation;
mod forecast;
mod latency;
mod plan;
mod policy;
mod problem;
mod reading;
mod replay;
mod scores;
mod simulator;
mod state;
pub mod statistics;

pub use assessment::{Assessment, CheckView, CriterionView, TriggerView, assess};
pub use comparison::{ArmFigures, Comparison, Estimate};
pub use controller::{Controller, Step, ready, rule};
pub use decision::{Decision, Numbers, Verdict};
pub use event::{Command, Effect, Event, Refusal};
pub use evidence::{
    ArmCounts, EvidenceError, LINE_BYTES_MAX, LineProblem, Measure, Shared, Source, TICK, TICKS_MAX, Tick,
    read_evidence, write_tick,
};
pub use explanation::{grouped, lasting, percent, score};
pub use forecast::{Need, PhaseForecast, Traffic, forecast, need};
pub use latency::{Latencies, bounds};
pub use plan::{CriterionRequests, FaultDetection, PhasePlan, Plan};
pub use policy::{
    APPROVAL, Action, ArmQueries, Audience, Budget, Class, Condition, Criterion, DEFAULT, Deadlines, Design,
    Environment, NAME_LENGTH_MAX, PHASES_MAX, POLICY_BYTES_MAX, Phase, PhaseBudget, Policy, PolicyError, Proof,
    Queries, REFERENCE, RULES_MAX, Trigger,
};
pub use problem::{PROBLEMS_KEPT_MAX, Problem};
pub use replay::{Line, LineDecision, Replay, Replayed, exposure};
pub use scores::{Estimates, LN_SAMPLE_RATIO_MISMATCH, RECENT_TICKS, Recent, Scores, Totals};
pub use simulator::{Characteristics, RPS_MAX, RUNS_MAX, Scenario, Simulation, ThresholdRule};
pub use state::{Check, Entered, Experiment, Hold, Run, Stage, State};
