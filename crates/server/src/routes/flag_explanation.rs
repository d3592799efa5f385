//! `/api/flags/{key}/explain` and `/api/flags/lint`: why a flag answers what it answers, and what is remarkable about it.

use axum::Json;
use axum::extract::{Path, State};
use flags::{Arena, Explanation, Override, RequestError, read_request};
use moic::json::{Fields, Problems};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::body::Submission;
use crate::error::ApiError;
use crate::fields;
use crate::flag_view::{FindingView, Overview};
use crate::wire::FlagExplanation;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(explain_flag)).routes(routes!(lint_flags))
}

/// Whom to explain a flag for.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct ExplainBody {
    /// As OFREP's: targetingKey and whatever the rules ask for. Without one, nobody in particular.
    #[schema(value_type = Option<Object>)]
    context: Option<serde_json::Value>,
    /// What they want for themselves: 0 or 1.
    #[schema(rename = "override", minimum = 0, maximum = 1)]
    wish: Option<i64>,
}

/// What is remarkable about flags.
#[derive(Serialize, ToSchema)]
struct FlagFindings {
    findings: Vec<FindingView>,
}

/// Explains what a flag answers for a context: each step of the decision, each part of the rule with its outcome.
#[utoipa::path(post, path = "/api/flags/{key}/explain", operation_id = "explain_flag", tag = "flags",
    params(("key" = String, Path)), request_body = ExplainBody, responses((status = 200, body = FlagExplanation)))]
async fn explain_flag(
    State(state): State<AppState>,
    Path(key): Path<String>,
    submission: Submission,
) -> Result<Json<Explanation>, ApiError> {
    let (request, wish) = submission.read(|fields, problems| read(&submission, fields, problems))?;
    let arena = Arena::new();
    let context = read_request(request.as_bytes(), &arena).map_err(|error| refused(&error))?;
    let now_s = state.clock().now().as_second();
    let explanation = state.live_flags().switchboard().explain(&key, &context, wish, now_s);
    explanation.map(Json).ok_or(ApiError::NotFound { what: "flag", id: key })
}

/// An OFREP request with the context, and the wish.
fn read(submission: &Submission, body: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<(String, Override)> {
    // As it was written: a name that comes twice in it is for the engine to refuse.
    let written = fields::object(body, "context", problems).and_then(|_| submission.raw_member("context"));
    let context = written.as_ref().map_or("{}", |context| context.get());
    let wish = match body.integer("override", 0, 1, problems) {
        None => Override::None,
        Some(0) => Override::Off,
        Some(_) => Override::On,
    };
    Some((format!("{{\"context\":{context}}}"), wish))
}

fn refused(error: &RequestError) -> ApiError {
    ApiError::invalid("context", "", error.to_string())
}

/// What is remarkable about all flags: rules that never apply, lifetimes that are over, flags that nobody asks for.
#[utoipa::path(get, path = "/api/flags/lint", operation_id = "lint_flags", tag = "flags",
    responses((status = 200, body = FlagFindings)))]
async fn lint_flags(State(state): State<AppState>) -> Result<Json<FlagFindings>, ApiError> {
    Ok(Json(FlagFindings { findings: Overview::read(&state).await?.into_findings() }))
}
