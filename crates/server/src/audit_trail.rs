//! What the audit log says, about one thing or about all, page by page.

use axum::Json;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use store::audit::{self, Entry, Filter};
use utoipa::ToSchema;

use crate::AppState;
use crate::answer::Pagination;
use crate::error::ApiError;
use crate::query::QueryFields;

/// An entry of the audit log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditEntry {
    /// Number of the entry.
    sequence: i64,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who.
    actor: String,
    /// Did what.
    action: String,
    /// To what.
    subject: String,
    /// What else there is to say.
    #[schema(value_type = Object)]
    details: Box<RawValue>,
    /// Hash of the entry before, whatever it is about.
    previous_hash: String,
    /// Hash of this entry.
    hash: String,
}

/// A page of the audit log.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditList {
    audit: Vec<AuditEntry>,
    pagination: Pagination,
}

/// What was done to one thing, the oldest first.
///
/// # Errors
/// 400 for a query that cannot be read; what the database answers.
pub(crate) async fn of_subject(
    state: &AppState,
    subject: String,
    query: QueryFields,
) -> Result<Json<AuditList>, ApiError> {
    list(state, Some(subject), query).await
}

/// What was done to one thing, or to all, the oldest first.
///
/// # Errors
/// As [`of_subject`].
pub(crate) async fn list(
    state: &AppState,
    subject: Option<String>,
    mut query: QueryFields,
) -> Result<Json<AuditList>, ApiError> {
    let limit = query.page_limit();
    let after = query.id("cursor").unwrap_or(0);
    query.finish()?;
    let mut entries = state
        .store()
        .read(move |tx| {
            let filter = Filter { subject: subject.as_deref(), fund_id: None };
            audit::list(tx, &filter, after, limit.get() + 1)
        })
        .await?;
    let fits = usize::try_from(limit.get()).unwrap_or(usize::MAX);
    let has_more = entries.len() > fits;
    entries.truncate(fits);
    let next = entries.last().filter(|_| has_more).map(|entry| entry.sequence.to_string());
    let audit = entries.into_iter().map(view).collect::<Result<_, _>>()?;
    Ok(Json(AuditList { audit, pagination: Pagination::after(next) }))
}

fn view(entry: Entry) -> Result<AuditEntry, ApiError> {
    let details = RawValue::from_string(entry.details).map_err(|error| {
        ApiError::Internal(format!("details of audit entry {} are not JSON: {error}", entry.sequence))
    })?;
    Ok(AuditEntry {
        sequence: entry.sequence,
        at: entry.at,
        actor: entry.actor,
        action: entry.action,
        subject: entry.subject,
        details,
        previous_hash: entry.previous_hash,
        hash: entry.hash,
    })
}
