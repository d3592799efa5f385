//! `/api/snapshots/{snapshotId}/events`: a snapshot's progress as server-sent events, until its end.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use store::snapshots::{self, Snapshot, SnapshotStatus};
use store::{SnapshotId, StoreError};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::snapshots::view;
use crate::AppState;
use crate::error::ApiError;

pub(crate) fn reads() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(watch_snapshot))
}

/// How often the database is asked for what another replica's worker did.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How often a comment tells proxies that the stream is alive.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);
/// Events that wait for a slow reader.
const EVENTS_WAITING_MAX: usize = 4;

/// The progress of a snapshot: an event named after its status whenever something changed, the last one `complete` or
/// `error`. Results are not in it.
#[utoipa::path(get, path = "/api/snapshots/{snapshotId}/events", operation_id = "watch_snapshot", tag = "snapshots",
    params(("snapshotId" = Uuid, Path)), responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn watch_snapshot(State(state): State<AppState>, Path(id): Path<Uuid>) -> Result<Response, ApiError> {
    let id = SnapshotId(id);
    let first = state.store().read(move |tx| snapshots::get(tx, id)).await?;
    let (sender, receiver) = mpsc::channel(EVENTS_WAITING_MAX);
    tokio::spawn(follow(state, first, sender));
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE_INTERVAL);
    Ok(Sse::new(ReceiverStream::new(receiver)).keep_alive(keep_alive).into_response())
}

/// Sends what changes until the snapshot's end, the reader's or the server's.
async fn follow(state: AppState, first: Snapshot, sender: mpsc::Sender<Result<Event, Infallible>>) {
    let id = first.id;
    let mut changes = state.snapshots().changes();
    let mut shown: Option<Snapshot> = None;
    let mut current = Some(first);
    loop {
        if let Some(snapshot) = current.take()
            && shown.as_ref() != Some(&snapshot)
        {
            let ended = matches!(snapshot.status, SnapshotStatus::Complete | SnapshotStatus::Error);
            shown = Some(snapshot.clone());
            if sender.send(Ok(event(snapshot))).await.is_err() || ended {
                return;
            }
        }
        tokio::select! {
            () = sender.closed() => return,
            () = state.stopping() => return,
            _ = changes.changed() => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
        match state.store().read(move |tx| snapshots::get(tx, id)).await {
            Ok(snapshot) => current = Some(snapshot),
            Err(StoreError::NotFound { .. }) => {
                let _ = sender.send(Ok(Event::default().event("deleted").data("{}"))).await;
                return;
            }
            // The next round may succeed; the stream tells nothing that is not known.
            Err(error) => tracing::warn!(%error, "a snapshot's progress cannot be read"),
        }
    }
}

fn event(snapshot: Snapshot) -> Event {
    let view = view(snapshot);
    let name = view.status;
    Event::default().event(name).json_data(&view).unwrap_or_else(|_| Event::default().event(name).data("{}"))
}
