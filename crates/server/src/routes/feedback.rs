//! `/api/feedback`: what users say about a flag's feature.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use moic::json::{Fields, Problems};
use serde::Serialize;
use store::feedback::{self, Feedback};
use store::{FeedbackId, ids};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::answer::{Created, Pagination, is_replayed};
use crate::auth::Caller;
use crate::body::Submission;
use crate::error::ApiError;
use crate::fields;
use crate::idempotency;
use crate::query::QueryFields;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_feedback))
}

pub(crate) fn writes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(give_feedback))
}

/// What somebody says.
#[derive(ToSchema)]
#[schema(as = NewFeedback)]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct FeedbackBody {
    /// The flag whose feature it is about; without one, enableLotLevelMoic.
    flag: Option<String>,
    /// Whether it is useful.
    useful: bool,
    /// Why; up to 1000 characters.
    comment: Option<String>,
}

/// What somebody said.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Feedback)]
struct FeedbackView {
    id: String,
    /// The flag whose feature it is about.
    flag: String,
    /// Whether it is useful.
    useful: bool,
    /// Why.
    comment: Option<String>,
    /// RFC 3339.
    #[schema(value_type = String, format = DateTime)]
    given_at: Timestamp,
    /// Who said it.
    given_by: String,
}

/// A page of what was said.
#[derive(Serialize, ToSchema)]
struct FeedbackList {
    feedback: Vec<FeedbackView>,
    pagination: Pagination,
}

fn view(said: Feedback) -> FeedbackView {
    FeedbackView {
        id: said.id.to_string(),
        flag: said.flag_key,
        useful: said.useful,
        comment: said.comment,
        given_at: said.given_at,
        given_by: said.given_by,
    }
}

/// Key of the flag that a body is about: one that there is.
pub(super) fn flag(state: &AppState, fields: &mut Fields<'_, '_>, problems: &mut Problems) -> String {
    let known = |text: &str| {
        let key = fields::flag_key(text)?;
        let is_known = state.live_flags().switchboard().set.get(&key).is_some();
        if is_known { Ok(key) } else { Err("is no flag of this service".to_owned()) }
    };
    let flag = fields.parsed("flag", problems, known);
    flag.unwrap_or_else(|| flags::ENABLE_LOT_LEVEL_MOIC.key().to_owned())
}

type Said = (String, bool, Option<String>);

fn read(state: &AppState, fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Said> {
    let flag = flag(state, fields, problems);
    if !fields.has("useful") {
        fields.missing("useful", problems);
    }
    let useful = fields.boolean("useful", problems);
    let comment = fields.parsed("comment", problems, fields::reason);
    Some((flag, useful?, comment))
}

/// Says whether a feature is useful, and why.
#[utoipa::path(post, path = "/api/feedback", operation_id = "give_feedback", tag = "feedback",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = FeedbackBody, responses((status = 201, body = FeedbackView)))]
async fn give_feedback(
    State(state): State<AppState>,
    caller: Caller,
    submission: Submission,
) -> Result<Response, ApiError> {
    let mut is_useful = false;
    let read = |fields: &mut Fields<'_, '_>, problems: &mut Problems| {
        let said = read(&state, fields, problems)?;
        is_useful = said.1;
        Some(said)
    };
    let answer = idempotency::create(&state, &caller, None, &submission, read, |tx, act, (flag, useful, comment)| {
        let said = Feedback {
            id: FeedbackId(ids::uuid_v7(act.now)?),
            flag_key: flag.clone(),
            useful: *useful,
            comment: comment.clone(),
            given_at: act.now,
            given_by: act.actor.clone(),
        };
        let kept = feedback::keep(tx, &said)?;
        Created::record("/api/feedback".to_owned(), &view(kept))
    })
    .await?;
    if !is_replayed(&answer) {
        state.metrics().features.feedback_given(is_useful);
    }
    Ok(answer)
}

/// What users have said about a flag's feature, the newest first.
#[utoipa::path(get, path = "/api/feedback", operation_id = "list_feedback", tag = "feedback",
    params(("flag" = Option<String>, Query), ("limit" = Option<i64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = FeedbackList)))]
async fn list_feedback(
    State(state): State<AppState>,
    caller: Caller,
    mut query: QueryFields,
) -> Result<Json<FeedbackList>, ApiError> {
    caller.must_see_all_funds("read what everyone has said")?;
    let page = query.page();
    let flag = query.text("flag").unwrap_or_else(|| flags::ENABLE_LOT_LEVEL_MOIC.key().to_owned());
    query.finish()?;
    let listing = state.store().read(move |tx| feedback::list(tx, &flag, &page)).await?;
    let pagination = Pagination::of(&listing);
    Ok(Json(FeedbackList { feedback: listing.items.into_iter().map(view).collect(), pagination }))
}
