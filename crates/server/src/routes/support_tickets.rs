//! `/api/support-tickets`: what users complain about, as far as it concerns a flag's feature.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use moic::json::{Fields, Problems};
use serde::Serialize;
use store::support_tickets::{self, Severity, SupportTicket};
use store::{SupportTicketId, ids};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::feedback::flag;
use crate::AppState;
use crate::answer::{Created, Pagination, is_replayed};
use crate::auth::Caller;
use crate::body::Submission;
use crate::error::ApiError;
use crate::fields;
use crate::idempotency;
use crate::query::QueryFields;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_support_tickets))
}

pub(crate) fn writes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(report_support_ticket))
}

/// What a client sends to report a ticket.
#[derive(ToSchema)]
#[schema(as = NewSupportTicket)]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct TicketBody {
    /// The flag whose feature it is about; without one, enableLotLevelMoic.
    flag: Option<String>,
    /// What it is about; up to 1000 characters.
    summary: String,
    /// low, normal, high or critical; without one, normal.
    severity: Option<String>,
    /// Where it is worked on: http://… or https://…
    link: Option<String>,
}

/// A ticket.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SupportTicket)]
struct TicketView {
    id: String,
    /// The flag whose feature it is about.
    flag: String,
    /// What it is about.
    summary: String,
    /// low, normal, high or critical.
    severity: &'static str,
    /// Where it is worked on.
    link: Option<String>,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    reported_at: Timestamp,
    /// Who reported it.
    reported_by: String,
}

/// A page of tickets.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TicketList {
    support_tickets: Vec<TicketView>,
    pagination: Pagination,
}

fn view(ticket: SupportTicket) -> TicketView {
    TicketView {
        id: ticket.id.to_string(),
        flag: ticket.flag_key,
        summary: ticket.summary,
        severity: ticket.severity.as_str(),
        link: ticket.link,
        reported_at: ticket.reported_at,
        reported_by: ticket.reported_by,
    }
}

type Ticket = (String, String, Severity, Option<String>);

fn read(state: &AppState, fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Ticket> {
    let flag = flag(state, fields, problems);
    let summary = fields.required("summary", problems, fields::reason);
    let severity = fields.parsed("severity", problems, |text| fields::one_of(Severity::ALL, text));
    let link = fields.parsed("link", problems, fields::web_link);
    Some((flag, summary?, severity.unwrap_or(Severity::Normal), link))
}

/// Reports a ticket about a feature.
#[utoipa::path(post, path = "/api/support-tickets", operation_id = "report_support_ticket", tag = "feedback",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = TicketBody, responses((status = 201, body = TicketView)))]
async fn report_support_ticket(
    State(state): State<AppState>,
    caller: Caller,
    submission: Submission,
) -> Result<Response, ApiError> {
    let mut reported = Severity::Normal;
    let read = |fields: &mut Fields<'_, '_>, problems: &mut Problems| {
        let ticket = read(&state, fields, problems)?;
        reported = ticket.2;
        Some(ticket)
    };
    let answer =
        idempotency::create(&state, &caller, None, &submission, read, |tx, act, (flag, summary, severity, link)| {
            let ticket = SupportTicket {
                id: SupportTicketId(ids::uuid_v7(act.now)?),
                flag_key: flag.clone(),
                summary: summary.clone(),
                severity: *severity,
                link: link.clone(),
                reported_at: act.now,
                reported_by: act.actor.clone(),
            };
            let kept = support_tickets::keep(tx, &ticket)?;
            Created::record("/api/support-tickets".to_owned(), &view(kept))
        })
        .await?;
    if !is_replayed(&answer) {
        state.metrics().features.ticket_reported(reported);
    }
    Ok(answer)
}

/// Tickets about a flag's feature, the newest first.
#[utoipa::path(get, path = "/api/support-tickets", operation_id = "list_support_tickets", tag = "feedback",
    params(("flag" = Option<String>, Query), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = TicketList)))]
async fn list_support_tickets(
    State(state): State<AppState>,
    caller: Caller,
    mut query: QueryFields,
) -> Result<Json<TicketList>, ApiError> {
    caller.must_see_all_funds("read everyone's tickets")?;
    let page = query.page();
    let flag = query.text("flag").unwrap_or_else(|| flags::ENABLE_LOT_LEVEL_MOIC.key().to_owned());
    query.finish()?;
    let listing = state.store().read(move |tx| support_tickets::list(tx, &flag, &page)).await?;
    let pagination = Pagination::of(&listing);
    Ok(Json(TicketList { support_tickets: listing.items.into_iter().map(view).collect(), pagination }))
}
