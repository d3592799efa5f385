//! `/api/funds/{fundId}/companies/{companyId}/events`: dated facts about a company. Events are only ever added; a wrong
//! one is reversed and entered anew.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value as JsonValue, json};
use store::events::{self, Event, NewEvent};
use store::{CompanyId, EventId};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::AppState;
use crate::answer::{Created, Pagination};
use crate::auth::{Caller, FundScope};
use crate::body::Submission;
use crate::error::ApiError;
use crate::idempotency;
use crate::query::QueryFields;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_events)).routes(routes!(get_event))
}

pub(crate) fn guarded_writes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_event))
}

/// A dated fact about a company, as in the portfolio document: `mark`, `lot_mark`, `split`, `class_conversion`,
/// `lot_conversion`, `exercise`, `distribution`, `disposal`, `receivable`, with lots named by id; or
/// `{"type":"reversal","event":"…"}`, which takes an earlier event back.
#[derive(ToSchema)]
#[schema(as = NewEvent, example = json!({"type": "mark", "date": "2022-03-31", "shareClass": "PS", "sharePriceCents": "650.407"}))]
#[expect(dead_code, reason = "documents the object that the engine checks")]
struct EventBody {
    /// What happened.
    #[schema(rename = "type")]
    kind: String,
    /// The day it takes effect on; none for a reversal.
    date: Option<String>,
    /// The fields of its type.
    #[serde(flatten)]
    rest: std::collections::BTreeMap<String, serde_json::Value>,
}

/// An event: its fields as they were entered, and where it stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
struct EventView {
    /// UUID v7.
    id: Uuid,
    /// The fund.
    fund_id: i64,
    /// The company it is about.
    company_id: i64,
    /// The fields as they were entered; a receivable's own `id` is `receivableId` here.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    entered: Map<String, JsonValue>,
    /// The day it takes effect on; of a reversal, that of the event it takes back.
    #[schema(value_type = String, format = Date)]
    effective_date: jiff::civil::Date,
    /// The event this one takes back.
    reverses: Option<Uuid>,
    /// The event that took this one back.
    reversed_by: Option<Uuid>,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    created_at: jiff::Timestamp,
}

/// A page of events.
#[derive(Serialize, ToSchema)]
struct EventList {
    events: Vec<EventView>,
    pagination: Pagination,
}

fn view(event: &Event) -> EventView {
    // The store keeps only objects; anything else would show as an event without fields.
    let mut entered: Map<String, JsonValue> = serde_json::from_str(&event.body).unwrap_or_default();
    if let Some(receivable) = entered.remove("id") {
        entered.insert("receivableId".to_owned(), receivable);
    }
    EventView {
        id: event.id.0,
        fund_id: event.fund_id.0,
        company_id: event.company_id.0,
        entered,
        effective_date: event.effective_date,
        reverses: event.reverses.map(|id| id.0),
        reversed_by: event.reversed_by.map(|id| id.0),
        created_at: event.recorded_at,
    }
}

/// The events of a company, in the order they were recorded; reversed ones and reversals included.
#[utoipa::path(get, path = "/api/funds/{fundId}/companies/{companyId}/events", operation_id = "list_events", tag = "events",
    params(("fundId" = i64, Path), ("companyId" = i64, Path), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = EventList)))]
async fn list_events(
    State(state): State<AppState>,
    scope: FundScope,
    path: Path<(i64, i64)>,
    mut query: QueryFields,
) -> Result<Json<EventList>, ApiError> {
    let Path((_, company)) = path;
    let page = query.page();
    query.finish()?;
    let listing = state.store().read(move |tx| events::list(tx, scope.fund_id, CompanyId(company), &page)).await?;
    let pagination = Pagination::of(&listing);
    Ok(Json(EventList { events: listing.items.iter().map(view).collect(), pagination }))
}

/// Adds an event, or takes one back. The company's whole portfolio document is checked with it.
#[utoipa::path(post, path = "/api/funds/{fundId}/companies/{companyId}/events", operation_id = "create_event", tag = "events",
    params(("fundId" = i64, Path), ("companyId" = i64, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = EventBody, responses((status = 201, body = EventView)))]
async fn create_event(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    path: Path<(i64, i64)>,
    submission: Submission,
) -> Result<Response, ApiError> {
    let Path((_, company)) = path;
    let (fund_id, company_id) = (scope.fund_id, CompanyId(company));
    let reading = submission.read_object()?;
    idempotency::create_from(&state, &caller, Some(fund_id), &submission, reading, move |tx, act, body| {
        let new = NewEvent { id: EventId(store::ids::uuid_v7(act.now)?), body: body.clone() };
        let event = events::add(tx, fund_id, company_id, &new, act.now)?;
        let details = json!({ "company": company_id.0, "type": event.event_type });
        act.record(tx, "event.create", &format!("event:{}", event.id), &details)?;
        Created::record(format!("/api/funds/{fund_id}/companies/{company_id}/events/{}", event.id), &view(&event))
    })
    .await
}

/// One event.
#[utoipa::path(get, path = "/api/funds/{fundId}/companies/{companyId}/events/{eventId}", operation_id = "get_event", tag = "events",
    params(("fundId" = i64, Path), ("companyId" = i64, Path), ("eventId" = Uuid, Path)),
    responses((status = 200, body = EventView)))]
async fn get_event(
    State(state): State<AppState>,
    scope: FundScope,
    path: Path<(i64, i64, Uuid)>,
) -> Result<Json<EventView>, ApiError> {
    let Path((_, company, event)) = path;
    let event =
        state.store().read(move |tx| events::get(tx, scope.fund_id, CompanyId(company), EventId(event))).await?;
    Ok(Json(view(&event)))
}
