//! `/api/backup`: a copy of the whole database while the server runs.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use store::{DatabaseUrl, StoreError, backup};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::AppState;
use crate::act::Act;
use crate::auth::Caller;
use crate::error::ApiError;

/// Bytes that are read and sent at a time.
const CHUNK_BYTES: usize = 256 * 1024;
/// Chunks that wait for a slow reader: what one copy takes of the memory.
const CHUNKS_WAITING_MAX: usize = 4;
/// The part of the time a handler has during which the copy is waited for before its sending begins.
const PATIENCE_DIVISOR: u32 = 2;

type Chunk = io::Result<Vec<u8>>;

pub(crate) fn administration() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(back_up))
}

/// A consistent copy of the SQLite database, as a database file of its own; writing goes on meanwhile. A copy that breaks
/// off was not complete. 409 where the data is in PostgreSQL, and while another copy is made.
#[utoipa::path(post, path = "/api/backup", operation_id = "back_up", tag = "operation",
    responses((status = 200, body = Vec<u8>, content_type = "application/vnd.sqlite3")))]
async fn back_up(State(state): State<AppState>, caller: Caller) -> Result<Response, ApiError> {
    caller.must_see_all_funds("back up the database")?;
    let DatabaseUrl::Sqlite(file) = state.store().url().clone() else {
        let message =
            "the data is in PostgreSQL: copy it with lotwise backup --database postgres://…, which runs pg_dump";
        return Err(ApiError::Conflict(message.to_owned()));
    };
    let Ok(permit) = state.backing_up().clone().try_acquire_owned() else {
        return Err(ApiError::Conflict("another backup is being made; repeat this one when it is done".to_owned()));
    };
    let act = Act::new(&state, &caller, None);
    state.store().write(move |tx| act.record(tx, "database.backup", "database", &json!({}))).await?;
    let (chunks, body) = mpsc::channel(CHUNKS_WAITING_MAX);
    let (made, is_made) = oneshot::channel();
    // A thread of its own, which the end of the process does not wait for: the reader may be slow.
    std::thread::Builder::new()
        .name("backup".to_owned())
        .spawn(move || copy(&file, made, &chunks, permit))
        .map_err(|error| ApiError::Internal(format!("no thread for the backup: {error}")))?;
    let length = within(state.config().handler_timeout / PATIENCE_DIVISOR, is_made).await?;
    let mut response = Body::from_stream(ReceiverStream::new(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/vnd.sqlite3"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"lotwise.db\""));
    if let Some(length) = length {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    Ok(response)
}

/// The length of the copy; none for one that takes longer, whose sending begins all the same and breaks off if it fails.
async fn within(
    patience: Duration,
    is_made: oneshot::Receiver<Result<u64, StoreError>>,
) -> Result<Option<u64>, ApiError> {
    match tokio::time::timeout(patience, is_made).await {
        Ok(Ok(length)) => Ok(Some(length?)),
        Ok(Err(_)) => Err(ApiError::Internal("the backup broke off".to_owned())),
        Err(_) => Ok(None),
    }
}

fn copy(
    file: &Path,
    made: oneshot::Sender<Result<u64, StoreError>>,
    chunks: &mpsc::Sender<Chunk>,
    permit: OwnedSemaphorePermit,
) {
    let copied = backup::sqlite_copy_beside(file).and_then(|copy| {
        let length = copy.metadata().map_err(|error| StoreError::Unavailable(error.to_string()))?.len();
        Ok((copy, length))
    });
    match copied {
        Ok((copy, length)) => {
            // Whoever is not waited for any more has begun to read.
            let _ = made.send(Ok(length));
            send(&copy, chunks);
        }
        Err(error) => {
            tracing::error!(%error, "the database could not be copied");
            let broken_off = io::Error::other(error.to_string());
            if made.send(Err(error)).is_err() {
                let _ = chunks.blocking_send(Err(broken_off));
            }
        }
    }
    drop(permit);
}

/// Sends the copy to its end, or until nobody reads it any more.
fn send(mut copy: &File, chunks: &mpsc::Sender<Chunk>) {
    let limit = u64::try_from(CHUNK_BYTES).unwrap_or(u64::MAX);
    loop {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let read = copy.by_ref().take(limit).read_to_end(&mut chunk);
        let is_last = !matches!(read, Ok(1..));
        let chunk = read.map(|_| chunk);
        if matches!(&chunk, Ok(chunk) if chunk.is_empty()) || chunks.blocking_send(chunk).is_err() || is_last {
            return;
        }
    }
}
