//! `/api/announcement`: what everyone is told on every page, until they put it away.

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use moic::json::{Fields, Problems};
use serde::Serialize;
use serde_json::json;
use store::announcement::{self, Announcement, Board, Link};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::act::Act;
use crate::answer;
use crate::auth::Caller;
use crate::body::{Change, Submission};
use crate::error::ApiError;
use crate::fields;

/// What a link says that was given no words.
const LINK_LABEL: &str = "Read more";

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_announcement))
}

pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(replace_announcement))
}

/// What a client sends to announce something, or nothing.
#[derive(ToSchema)]
#[schema(as = NewAnnouncement, rename_all = "camelCase")]
#[expect(dead_code, reason = "documents the body that `read` takes apart")]
struct AnnouncementBody {
    /// What everyone is told, one line of up to 200 characters; null or left out: nothing.
    text: Option<String>,
    /// Where it leads: http://…, https://…, or a path of our own such as /flags.
    link: Option<String>,
    /// What the link says; without one, Read more.
    link_label: Option<String>,
}

/// What is announced.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Announcement)]
struct AnnouncementView {
    /// What everyone is told; null for nothing.
    text: Option<String>,
    /// Where it leads; null for nowhere.
    link: Option<String>,
    /// What the link says; null without one.
    link_label: Option<String>,
    /// Raised by every change, 0 before the first; send it with a PUT.
    version: i64,
    /// RFC 3339; null before the first change.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
    /// Who changed it last.
    updated_by: Option<String>,
}

fn answer(board: Board) -> Result<Response, ApiError> {
    let (text, link) = board.announcement.map_or((None, None), |announced| (Some(announced.text), announced.link));
    let (link, link_label) = link.map_or((None, None), |link| (Some(link.address), Some(link.label)));
    let view = AnnouncementView {
        text,
        link,
        link_label,
        version: board.version,
        updated_at: board.changed_at,
        updated_by: board.changed_by,
    };
    answer::record(view.version, &view)
}

/// The announcement that a body makes; none for one without a text.
fn read(fields: &mut Fields<'_, '_>, problems: &mut Problems) -> Option<Option<Announcement>> {
    let before = problems.len();
    let text = fields.parsed("text", problems, fields::name);
    let address = fields.parsed("link", problems, fields::page_link);
    let label = fields.parsed("linkLabel", problems, fields::name);
    if problems.len() > before {
        return None;
    }
    for (needed, name, given) in [
        ("text", "link", text.is_some() || address.is_none()),
        ("link", "linkLabel", address.is_some() || label.is_none()),
    ] {
        if !given {
            problems.push(&fields.path().field(name), fields.shown(name), format!("needs a {needed} to stand beside"));
        }
    }
    let link = address.map(|address| Link { address, label: label.unwrap_or_else(|| LINK_LABEL.to_owned()) });
    Some(text.map(|text| Announcement { text, link }))
}

/// What everyone is told on every page.
#[utoipa::path(get, path = "/api/announcement", operation_id = "get_announcement", tag = "client",
    responses((status = 200, body = AnnouncementView)))]
async fn get_announcement(State(state): State<AppState>) -> Result<Response, ApiError> {
    answer(state.store().read(announcement::get).await?)
}

/// Announces something else, or nothing. Whoever put the last announcement away sees the new one.
#[utoipa::path(put, path = "/api/announcement", operation_id = "replace_announcement", tag = "client",
    params(("If-Match" = Option<String>, Header)), request_body = Change<AnnouncementBody>,
    responses((status = 200, body = AnnouncementView)))]
async fn replace_announcement(
    State(state): State<AppState>,
    caller: Caller,
    submission: Submission,
) -> Result<Response, ApiError> {
    caller.must_see_all_funds("announce something to everyone")?;
    let (version, announced) = submission.read_change(read)?;
    let act = Act::new(&state, &caller, None);
    let board = state
        .store()
        .write(move |tx| {
            let board = announcement::replace(tx, version, announced.as_ref(), &act.actor, act.now)?;
            let details = json!({ "version": board.version, "announcement": board.announcement });
            act.record(tx, "announcement.replace", "announcement", &details)?;
            Ok(board)
        })
        .await?;
    state.refresh_flags().await?;
    answer(board)
}
