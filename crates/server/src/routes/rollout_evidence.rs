//! What was seen of a rollout: ticks as a file that can be replayed, the arms compared, reports, and signed records.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use moic::quantity::parse_date;
use rollout::{ArmCounts, Latencies, Stage, Tick, write_tick};
use serde::Serialize;
use serde_json::json;
use store::audit::{self, Filter};
use store::rollout_records::RolloutRecord;
use store::{RolloutId, RolloutRecordId, StoreError, Transaction, ids, rollout_evidence, rollout_records, rollouts};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::rollouts::found;
use crate::AppState;
use crate::act::Act;
use crate::auth::Caller;
use crate::body::{Reading, Submission};
use crate::clock::today;
use crate::error::ApiError;
use crate::fields;
use crate::query::QueryFields;
use crate::rollouts::comparison::{self, PhaseComparison};
use crate::rollouts::record::Record;
use crate::rollouts::report::{self, Kind, Report};
use crate::rollouts::step::{controller_of, subject};

/// Ticks of one answer: a day, some ten megabytes.
const TICKS_MAX: i64 = 24 * 60 * 4;
/// Entries of the audit log about one rollout.
const ENTRIES_MAX: i64 = 100_000;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get_rollout_evidence))
        .routes(routes!(get_rollout_baseline))
        .routes(routes!(compare_rollout_arms))
        .routes(routes!(get_rollout_report))
}

pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(export_rollout_record)).routes(routes!(import_rollout_record))
}

/// The arms, phase by phase.
#[derive(Serialize, ToSchema)]
#[schema(as = RolloutComparison)]
struct ComparisonView {
    phases: Vec<PhaseComparison>,
}

/// How long the work of a rollout's treatment took: what a later rollout can be compared with.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RolloutBaseline)]
struct BaselineView {
    /// For `latencyBaseline` of a new rollout; null where nothing was measured.
    #[schema(value_type = Option<Object>)]
    latency_baseline: Option<Latencies>,
    /// Requests it is made of.
    requests: u64,
}

/// Evidence of a rollout, a JSON object a line and tick, from after an instant on: what `lotwise rollout replay` reads.
#[utoipa::path(get, path = "/api/rollouts/{rolloutId}/evidence", operation_id = "get_rollout_evidence", tag = "rollouts",
    params(("rolloutId" = Uuid, Path), ("after" = Option<String>, Query, description = "RFC 3339; end of the last tick seen")),
    responses((status = 200, content_type = "application/x-ndjson", body = String)))]
async fn get_rollout_evidence(
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
    mut query: QueryFields,
) -> Result<Response, ApiError> {
    let after = query.parsed("after", fields::instant).unwrap_or(Timestamp::UNIX_EPOCH);
    query.finish()?;
    let read = move |tx: &mut Transaction<'_>| {
        rollouts::get(tx, RolloutId(id))?;
        rollout_evidence::ticks(tx, RolloutId(id), after, TICKS_MAX)
    };
    let periods = state.store().read(read).await?;
    let lines: String = periods
        .into_iter()
        .map(|period| {
            let tick = Tick {
                at: period.at,
                source: period.counts.source(),
                control: period.counts.control,
                treatment: period.counts.treatment,
                shared: period.counts.shared,
            };
            write_tick(&tick) + "\n"
        })
        .collect();
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], lines).into_response())
}

/// How long the treatment's work took in a rollout, over all that was seen.
#[utoipa::path(get, path = "/api/rollouts/{rolloutId}/baseline", operation_id = "get_rollout_baseline", tag = "rollouts",
    params(("rolloutId" = Uuid, Path)), responses((status = 200, body = BaselineView)))]
async fn get_rollout_baseline(
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
) -> Result<Json<BaselineView>, ApiError> {
    let read = move |tx: &mut Transaction<'_>| {
        rollouts::get(tx, RolloutId(id))?;
        rollout_evidence::between(tx, RolloutId(id), Timestamp::UNIX_EPOCH, Timestamp::MAX)
    };
    let mut sum = ArmCounts::default();
    for period in state.store().read(read).await? {
        sum.add(&period.counts.treatment);
    }
    Ok(Json(BaselineView { requests: sum.requests, latency_baseline: sum.latency }))
}

/// The two arms of every phase: errors and latency, with intervals that hold however often one looks.
#[utoipa::path(get, path = "/api/rollouts/{rolloutId}/comparison", operation_id = "compare_rollout_arms", tag = "rollouts",
    params(("rolloutId" = Uuid, Path)), responses((status = 200, body = ComparisonView)))]
async fn compare_rollout_arms(
    State(state): State<AppState>,
    Path(id): Path<Uuid>,
) -> Result<Json<ComparisonView>, ApiError> {
    let read = move |tx: &mut Transaction<'_>| {
        let rollout = rollouts::get(tx, RolloutId(id))?;
        comparison::compare(tx, &rollout)
    };
    Ok(Json(ComparisonView { phases: state.store().read(read).await? }))
}

/// A report after the release: daily errors, weekly performance, monthly satisfaction, quarterly adoption.
#[utoipa::path(get, path = "/api/rollouts/{rolloutId}/reports/{kind}", operation_id = "get_rollout_report", tag = "rollouts",
    params(("rolloutId" = Uuid, Path), ("kind" = String, Path), ("date" = Option<String>, Query, description = "A day of the period, today without one")),
    responses((status = 200, body = Report)))]
async fn get_rollout_report(
    State(state): State<AppState>,
    Path((id, kind)): Path<(Uuid, String)>,
    mut query: QueryFields,
) -> Result<Json<Report>, ApiError> {
    let day: Date = query.parsed("date", parse_date).unwrap_or_else(|| today(state.clock()));
    query.finish()?;
    let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind);
    let kind = kind.ok_or_else(|| {
        let known = Kind::ALL.map(Kind::as_str).join(", ");
        ApiError::malformed("kind", "", format!("must be one of {known}"))
    })?;
    let now = state.shared_now();
    let read = move |tx: &mut Transaction<'_>| {
        let rollout = rollouts::get(tx, RolloutId(id))?;
        report::report(tx, &rollout, kind, day, now)
    };
    Ok(Json(state.store().read(read).await?))
}

/// Signs what this environment has done of a rollout, for the next environment. The rollout must be completed.
#[utoipa::path(get, path = "/api/rollouts/{rolloutId}/record", operation_id = "export_rollout_record", tag = "rollouts",
    params(("rolloutId" = Uuid, Path)), responses((status = 200, body = Record)))]
async fn export_rollout_record(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Record>, ApiError> {
    caller.must_see_all_funds("sign the record of a rollout")?;
    let rollout = found(&state, id).await?;
    let Some(secret) = state.config().rollout_secret.clone() else { return Err(no_secret()) };
    if rollout.state.stage != Stage::Completed {
        let message = format!("the rollout is {}: only what is completed is signed", rollout.state.stage);
        return Err(ApiError::Conflict(message));
    }
    let phases = controller_of(&rollout)?.phases().map(|(_, phase)| phase.name.clone()).collect();
    let about = subject(rollout.id);
    let read = move |tx: &mut Transaction<'_>| {
        audit::list(tx, &Filter { subject: Some(&about), fund_id: None }, 0, ENTRIES_MAX)
    };
    let entries = state.store().read(read).await?;
    let record = Record {
        flag: rollout.flag_key,
        environment: rollout.environment.as_str().to_owned(),
        policy_hash: rollout.policy_hash,
        rollout_id: rollout.id.to_string(),
        phases,
        completed_at: rollout.ended_at.unwrap_or(rollout.updated_at),
        audit_hash: entries.last().map(|entry| entry.hash.clone()).unwrap_or_default(),
        signed_by: caller.key(),
        signature: String::new(),
    };
    Ok(Json(record.signed(&secret)))
}

fn no_secret() -> ApiError {
    let message = "records are signed with LOTWISE_ROLLOUT_SECRET: start every environment with the same one";
    ApiError::Conflict(message.to_owned())
}

/// Takes the signed record of an earlier environment: its phases count here, for rollouts of the same flag by the same
/// policy.
#[utoipa::path(post, path = "/api/rollout-records", operation_id = "import_rollout_record", tag = "rollouts",
    request_body = Record, responses((status = 201, body = Record)))]
async fn import_rollout_record(
    State(state): State<AppState>,
    caller: Caller,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("import the record of a rollout")?;
    let Some(secret) = state.config().rollout_secret.clone() else { return Err(no_secret()) };
    let Reading { value, .. } = submission.read_object()?;
    let text = value?;
    let record: Record = serde_json::from_str(&text)
        .map_err(|error| ApiError::invalid("", "", format!("must be a record as it was exported: {error}")))?;
    if !record.is_signed_by(&secret) {
        let message = "is not by this environment's LOTWISE_ROLLOUT_SECRET, or the record was changed";
        return Err(ApiError::invalid("signature", &record.signature, message));
    }
    if record.environment == state.config().environment.as_str() {
        let message = "must be another environment's: what is done here counts by itself";
        return Err(ApiError::invalid("environment", &record.environment, message));
    }
    let act = Act::new(&state, &caller, None);
    let kept = record.clone();
    let write = move |tx: &mut Transaction<'_>| -> Result<(), StoreError> {
        let known = rollout_records::of_flag(tx, &kept.flag)?;
        let is_known = known.iter().any(|known| {
            serde_json::from_str::<Record>(&known.record).is_ok_and(|known| known.signature == kept.signature)
        });
        if is_known {
            return Ok(());
        }
        let record = RolloutRecord {
            id: RolloutRecordId(ids::uuid_v7(act.now)?),
            flag_key: kept.flag.clone(),
            environment: kept.environment.clone(),
            record: text.clone(),
            imported_at: act.now,
            imported_by: act.actor.clone(),
        };
        rollout_records::keep(tx, &record)?;
        let details = json!({ "environment": kept.environment, "rollout": kept.rollout_id, "phases": kept.phases });
        act.record(tx, "rollout_record.import", &format!("flag:{}", kept.flag), &details)
    };
    state.store().write(write).await?;
    Ok((StatusCode::CREATED, Json(record)).into_response())
}
