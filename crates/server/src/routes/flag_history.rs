//! `/api/flags/{key}/history` and `/audit`: what a flag was before, and what was done to it.

use axum::Json;
use axum::extract::{Path, State};
use flags::OwnFlag;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use store::flag_definitions::{self, DefinitionVersion};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::Pagination;
use crate::audit_trail::{self, AuditList};
use crate::error::ApiError;
use crate::flag_difference::{Difference, differences};
use crate::flag_view::raw;
use crate::query::QueryFields;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_flag_history)).routes(routes!(list_flag_audit))
}

/// A version of a flag's definition.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct FlagVersion {
    /// Number, from 1.
    version: i64,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who stored it.
    by: String,
    /// Why, in the author's words.
    comment: Option<String>,
    /// Whether this version archived the flag.
    archived: bool,
    /// The definition.
    #[schema(value_type = Object)]
    definition: Box<RawValue>,
    /// What is different from the version before, or from what the program is seeded with.
    changes: Vec<Difference>,
}

/// A page of versions.
#[derive(Serialize, ToSchema)]
struct FlagHistory {
    versions: Vec<FlagVersion>,
    pagination: Pagination,
}

/// The versions of a flag's definition, the newest first; none for a flag that nobody has changed.
#[utoipa::path(get, path = "/api/flags/{key}/history", operation_id = "list_flag_history", tag = "flags",
    params(("key" = String, Path), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = FlagHistory)))]
async fn list_flag_history(
    State(state): State<AppState>,
    Path(key): Path<String>,
    mut query: QueryFields,
) -> Result<Json<FlagHistory>, ApiError> {
    let page = query.page();
    query.finish()?;
    let seeded = OwnFlag::find(&key).map(OwnFlag::definition);
    let listing = state.store().read(move |tx| flag_definitions::history(tx, &key, &page)).await?;
    let pagination = Pagination::of(&listing);
    let version = |version| version_view(version, seeded.as_deref());
    Ok(Json(FlagHistory { versions: listing.items.into_iter().map(version).collect::<Result<_, _>>()?, pagination }))
}

fn version_view(version: DefinitionVersion, seeded: Option<&str>) -> Result<FlagVersion, ApiError> {
    let previous = version.previous.as_deref().or(seeded);
    let value = |text: &str| {
        let not_json = |error| ApiError::Internal(format!("a stored definition is not JSON: {error}"));
        serde_json::from_str(text).map_err(not_json)
    };
    let changes = match previous {
        Some(previous) => differences(&value(previous)?, &value(&version.definition)?),
        None => Vec::new(),
    };
    Ok(FlagVersion {
        version: version.version,
        at: version.changed_at,
        by: version.changed_by,
        comment: version.comment,
        archived: version.is_archived,
        definition: raw(&version.definition)?,
        changes,
    })
}

/// What was done to a flag, the oldest first.
#[utoipa::path(get, path = "/api/flags/{key}/audit", operation_id = "list_flag_audit", tag = "flags",
    params(("key" = String, Path), ("limit" = Option<i64>, Query), ("cursor" = Option<i64>, Query, description = "The last sequence seen")),
    responses((status = 200, body = AuditList)))]
async fn list_flag_audit(
    State(state): State<AppState>,
    Path(key): Path<String>,
    query: QueryFields,
) -> Result<Json<AuditList>, ApiError> {
    audit_trail::of_subject(&state, format!("flag:{key}"), query).await
}
