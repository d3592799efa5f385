//! `/api/funds/{fundId}/export.json`, `.csv`, `.xlsx`: a fund's facts, which are never guarded. Lenses are only in the
//! workbook, and only for those who have the feature.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use flags::ENABLE_LOT_LEVEL_MOIC;
use formats::draft::Draft;
use formats::template::TemplateError;
use formats::workbook::{self, FIRST_DATE, WorkbookError};
use formats::{lot_list, template};
use jiff::Timestamp;
use jiff::civil::Date;
use moic::Portfolio;
use store::imports;
use store::portfolio::{self, Scope};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::imports::XLSX;
use crate::AppState;
use crate::answer;
use crate::auth::{Caller, FundScope};
use crate::error::ApiError;
use crate::evaluation::off_thread;
use crate::imports::draft_of;
use crate::query::QueryFields;
use crate::rollouts::observation::Decided;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(export_portfolio)).routes(routes!(export_lots)).routes(routes!(export_workbook))
}

/// The portfolio document, as `lotwise moic` reads it and the import takes it: companies and lots are called as the file
/// they came from called them, otherwise by their ids.
#[utoipa::path(get, path = "/api/funds/{fundId}/export.json", operation_id = "export_portfolio", tag = "portfolio",
    params(("fundId" = i64, Path), ("asOf" = Option<String>, Query), ("knownAt" = Option<String>, Query)),
    responses((status = 200, body = serde_json::Value, content_type = "application/json")))]
async fn export_portfolio(
    State(state): State<AppState>,
    scope: FundScope,
    mut query: QueryFields,
) -> Result<Response, ApiError> {
    let (draft, as_of) = stored(&state, scope, &mut query).await?;
    let body = draft.to_document(as_of).map_err(ApiError::Internal)?;
    let name = format!("fund-{}-{as_of}.json", scope.fund_id);
    Ok(answer::file(HeaderValue::from_static("application/json"), &name, body))
}

/// The lots as CSV, in the columns of the import template.
#[utoipa::path(get, path = "/api/funds/{fundId}/export.csv", operation_id = "export_lots", tag = "portfolio",
    params(("fundId" = i64, Path), ("asOf" = Option<String>, Query), ("knownAt" = Option<String>, Query)),
    responses((status = 200, body = String, content_type = "text/csv")))]
async fn export_lots(
    State(state): State<AppState>,
    scope: FundScope,
    mut query: QueryFields,
) -> Result<Response, ApiError> {
    let (draft, as_of) = stored(&state, scope, &mut query).await?;
    let body = lot_list::write(&draft).map_err(ApiError::Internal)?;
    let name = format!("fund-{}-lots-{as_of}.csv", scope.fund_id);
    Ok(answer::file(HeaderValue::from_static("text/csv; charset=utf-8"), &name, body))
}

/// A workbook. With the feature on for the caller its lenses are live formulas; otherwise, and with `content=facts`, it
/// holds the facts in the import template.
#[utoipa::path(get, path = "/api/funds/{fundId}/export.xlsx", operation_id = "export_workbook", tag = "portfolio",
    params(("fundId" = i64, Path), ("asOf" = Option<String>, Query), ("knownAt" = Option<String>, Query),
        ("content" = Option<String>, Query, description = "`lenses` (default) or `facts`")),
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
async fn export_workbook(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    mut query: QueryFields,
    decided: Option<Extension<Decided>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let wants_facts = query.parsed("content", |text| match text {
        "lenses" => Ok(false),
        "facts" => Ok(true),
        _ => Err("must be lenses or facts"),
    });
    let decided = decided.map(|Extension(decided)| decided.0);
    let has_feature = state.is_enabled(ENABLE_LOT_LEVEL_MOIC, &caller, &headers, decided);
    // Before the facts are read, and until the workbook is written, also where nobody waits for it any more.
    let permit = Arc::clone(state.exporting()).try_acquire_owned().map_err(|_| ApiError::Overloaded)?;
    let (draft, as_of) = stored(&state, scope, &mut query).await?;
    if wants_facts == Some(true) || !has_feature {
        let body = off_thread(move || {
            let _held = permit;
            template::write(&draft).map_err(not_a_template)
        });
        return Ok(answer::file(XLSX, &format!("fund-{}-facts-{as_of}.xlsx", scope.fund_id), body.await??));
    }
    if as_of < FIRST_DATE {
        let message = format!(
            "must not be before {FIRST_DATE}, where dates of spreadsheets begin; export.json and content=facts have no such limit"
        );
        return Err(ApiError::malformed("asOf", as_of.to_string(), message));
    }
    let workbook = off_thread(move || {
        let _held = permit;
        let document = draft.to_document(as_of).map_err(ApiError::Internal)?;
        let portfolio = Portfolio::from_json(&document).map_err(|error| ApiError::Internal(error.to_string()))?;
        workbook::write(&portfolio, &portfolio.evaluate()).map_err(not_a_workbook)
    });
    Ok(answer::file(XLSX, &format!("fund-{}-moic-{as_of}.xlsx", scope.fund_id), workbook.await??))
}

/// What a template cannot hold, the document can.
fn not_a_template(error: TemplateError) -> ApiError {
    match error {
        TemplateError::Writer(_) => ApiError::Internal(error.to_string()),
        other @ TemplateError::TooManyRows { .. } => {
            ApiError::Conflict(format!("{other}; export.json has no such limit"))
        }
    }
}

/// What a workbook cannot hold, the other formats can.
fn not_a_workbook(error: WorkbookError) -> ApiError {
    match error {
        WorkbookError::Writer(_) => ApiError::Internal(error.to_string()),
        other => ApiError::Conflict(format!("{other}; export.json and content=facts have no such limit")),
    }
}

/// The fund's facts with the date they are asked for as of.
async fn stored(state: &AppState, scope: FundScope, query: &mut QueryFields) -> Result<(Draft, Date), ApiError> {
    let (as_of, known_at) = query.moment(state.clock());
    std::mem::take(query).finish()?;
    let known_at = known_at.unwrap_or(Timestamp::MAX);
    let draft = state
        .store()
        .read(move |tx| {
            let facts = portfolio::facts(tx, scope.fund_id, Scope::Fund, known_at)?;
            let references = imports::references(tx, scope.fund_id)?;
            Ok(draft_of(&facts, &references))
        })
        .await?;
    Ok((Draft { as_of: Some(as_of.to_string()), ..draft }, as_of))
}
