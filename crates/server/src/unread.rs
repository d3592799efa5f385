//! Bodies that nobody reads. A request is often answered before its body is looked at: no token, no such fund, too large.
//! A connection closed at that moment is reset under a client that is still sending, which then never sees the answer. So
//! the rest is received and thrown away, up to a limit, before the answer leaves.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::EXPECT;
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;

/// Bytes thrown away at most.
const DISCARDED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How long throwing away may take.
const DISCARDING_TIME_MAX: Duration = Duration::from_secs(10);
/// The same where the service has too much to do, or has waited long enough for this body.
const IN_HASTE: (usize, Duration) = (1024 * 1024, Duration::from_secs(1));

/// Answers, and takes the rest of the body off the connection first.
pub(crate) async fn discard(request: Request, next: Next) -> Response {
    // Who asks before sending has not sent anything yet, and will not.
    let asks_first = request.headers().contains_key(EXPECT);
    if request.body().is_end_stream() || asks_first {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let lent = Lent { body: Arc::new(Mutex::new(body)) };
    let response = next.run(Request::from_parts(parts, Body::new(lent.clone()))).await;
    if !lent.is_end_stream() {
        // A client that goes on for longer than this is cut off.
        let is_hasty = response.status() == StatusCode::SERVICE_UNAVAILABLE;
        let (bytes_max, time_max) = if is_hasty { IN_HASTE } else { (DISCARDED_BYTES_MAX, DISCARDING_TIME_MAX) };
        let _ = tokio::time::timeout(time_max, rest_of(lent, bytes_max)).await;
    }
    response
}

/// Receives a body and throws it away, within the limits of what is thrown away.
pub(crate) async fn receive_and_forget(body: Body) {
    let _ = tokio::time::timeout(DISCARDING_TIME_MAX, rest_of(body, DISCARDED_BYTES_MAX)).await;
}

async fn rest_of(mut body: impl HttpBody<Data = Bytes> + Unpin, bytes_max: usize) {
    let mut discarded = 0_usize;
    while let Some(Ok(frame)) = body.frame().await {
        discarded = discarded.saturating_add(frame.data_ref().map_or(0, Bytes::len));
        if discarded > bytes_max {
            return;
        }
    }
}

/// A body that comes back when its reader is done.
#[derive(Clone)]
struct Lent {
    body: Arc<Mutex<Body>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut *self.body.lock().unwrap_or_else(PoisonError::into_inner)).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}
