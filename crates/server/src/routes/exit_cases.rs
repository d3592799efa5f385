//! `/api/funds/{fundId}/companies/{companyId}/exit-cases`: futures of a company, replaced as a whole because their
//! probabilities only make sense together.

use axum::extract::{Path, State};
use axum::response::Response;
use moic::json::{Fields, Path as JsonPath, Problems, Value, shown};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use store::CompanyId;
use store::exit_cases::{self, ExitCaseSet};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::act::Act;
use crate::answer;
use crate::auth::{Caller, FundScope};
use crate::body::{Change, Submission};
use crate::error::ApiError;

const EXIT_CASES: &str = "exitCases";

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_exit_cases))
}

pub(crate) fn guarded_writes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(replace_exit_cases))
}

/// What a client sends to replace a company's exit cases.
#[derive(ToSchema)]
#[schema(as = NewExitCases, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct ExitCasesBody {
    /// The cases as in the portfolio document; probabilities sum to exactly 1.
    exit_cases: Vec<serde_json::Value>,
}

/// A company's exit cases.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExitCases)]
struct ExitCasesView {
    /// The fund.
    fund_id: i64,
    /// The company.
    company_id: i64,
    /// The cases as they were entered.
    #[schema(value_type = Vec<Object>)]
    exit_cases: Box<RawValue>,
    /// Raised by every replacement, 0 before the first; send it with a PUT.
    version: i64,
    /// RFC 3339; null before the first.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<jiff::Timestamp>,
}

fn answer(set: ExitCaseSet) -> Result<Response, ApiError> {
    let exit_cases = RawValue::from_string(set.body)
        .map_err(|error| ApiError::Internal(format!("stored exit cases are not JSON: {error}")))?;
    let view = ExitCasesView {
        fund_id: set.fund_id.0,
        company_id: set.company_id.0,
        exit_cases,
        version: set.version,
        updated_at: set.recorded_at,
    };
    answer::record(set.version, &view)
}

/// Takes the array; what is in it is the engine's to check.
fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<String> {
    let path = JsonPath::root();
    match fields.take(EXIT_CASES) {
        Some(cases @ Value::Array(_)) => Some(cases.to_string()),
        Some(other) => {
            problems.push(&path.field(EXIT_CASES), shown(other), "must be an array of exit cases");
            None
        }
        None => {
            fields.missing(EXIT_CASES, problems);
            None
        }
    }
}

/// The exit cases of a company.
#[utoipa::path(get, path = "/api/funds/{fundId}/companies/{companyId}/exit-cases", operation_id = "get_exit_cases",
    tag = "exit cases", params(("fundId" = i64, Path), ("companyId" = i64, Path)),
    responses((status = 200, body = ExitCasesView)))]
async fn get_exit_cases(
    State(state): State<AppState>,
    scope: FundScope,
    path: Path<(i64, i64)>,
) -> Result<Response, ApiError> {
    let Path((_, company)) = path;
    answer(state.store().read(move |tx| exit_cases::get(tx, scope.fund_id, CompanyId(company))).await?)
}

/// Replaces the exit cases of a company. The sets before stay in history.
#[utoipa::path(put, path = "/api/funds/{fundId}/companies/{companyId}/exit-cases", operation_id = "replace_exit_cases",
    tag = "exit cases", params(("fundId" = i64, Path), ("companyId" = i64, Path), ("If-Match" = Option<String>, Header)),
    request_body = Change<ExitCasesBody>, responses((status = 200, body = ExitCasesView)))]
async fn replace_exit_cases(
    State(state): State<AppState>,
    caller: Caller,
    scope: FundScope,
    path: Path<(i64, i64)>,
    submission: Submission,
) -> Result<Response, ApiError> {
    let Path((_, company)) = path;
    let (version, cases) = submission.read_change(read)?;
    let act = Act::new(&state, &caller, Some(scope.fund_id));
    let company = CompanyId(company);
    let set = state
        .store()
        .write(move |tx| {
            let set = exit_cases::replace(tx, scope.fund_id, company, version, &cases, act.now)?;
            act.record(tx, "exit_cases.replace", &format!("company:{company}"), &json!({ "version": set.version }))?;
            Ok(set)
        })
        .await?;
    answer(set)
}
