//! Server-sent events that tell a client to ask again: ADR-0008 of OFREP.
//!
//! An event's id is the number of the configuration it tells about. A client that comes back names the last one it heard
//! of (`Last-Event-ID`), a new one the one its flags are of (`since`): who has missed a change is told at once.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;

use super::EVENTS_PATH;
use super::refused::Refused;
use super::source::{Pass, Source};

/// Streams open at once; each takes a connection.
const STREAMS_MAX: usize = 10_000;
/// Seconds after which one who finds them all taken may try again.
const RETRY_AFTER_SECONDS: u64 = 30;
/// Seconds after which a hidden page closes its stream.
const INACTIVITY_DELAY_SECONDS: u32 = 120;
/// How often a comment tells proxies that the stream is alive.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);
/// Events that wait for a slow reader; more become one.
const EVENTS_WAITING_MAX: usize = 2;

/// The places of a source's readers.
#[derive(Clone)]
pub(super) struct Streams(Arc<Semaphore>);

impl Default for Streams {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(STREAMS_MAX)))
    }
}

/// The last field of a bulk answer whose flags are of this configuration.
pub(super) fn write_streams(out: &mut Vec<u8>, configuration: u64, pass: &Pass) {
    let ticket = match pass {
        Pass::Free => String::new(),
        Pass::Ticket(ticket) => format!("&ticket={ticket}"),
        Pass::None => return,
    };
    let streams = format!(
        ",\"eventStreams\":[{{\"type\":\"sse\",\"endpoint\":{{\"requestUri\":\"{EVENTS_PATH}?since={configuration}{ticket}\"}},\
        \"inactivityDelaySec\":{INACTIVITY_DELAY_SECONDS}}}]"
    );
    out.extend_from_slice(streams.as_bytes());
}

/// The stream of a reader.
pub(super) async fn read<S: Source>(source: S, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if let Err(answered) = source.admit_reader(&parts).await {
        return answered;
    }
    let Ok(place) = Arc::clone(&source.streams().0).try_acquire_owned() else {
        return Refused::too_many_streams(RETRY_AFTER_SECONDS).into_response();
    };
    let (sender, receiver) = mpsc::channel(EVENTS_WAITING_MAX);
    tokio::spawn(follow(source.changes(), heard_of(&parts), sender, source.stopping(), place));
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE_INTERVAL);
    Sse::new(ReceiverStream::new(receiver)).keep_alive(keep_alive).into_response()
}

/// Tells of each change until the reader or the server goes.
async fn follow(
    mut changes: watch::Receiver<u64>,
    heard_of: Option<u64>,
    sender: mpsc::Sender<Result<Event, Infallible>>,
    stopping: impl Future<Output = ()> + Send,
    place: OwnedSemaphorePermit,
) {
    tokio::pin!(stopping);
    let current = *changes.borrow_and_update();
    let mut event =
        if heard_of.is_none_or(|heard_of| heard_of == current) { position(current) } else { refetch(current) };
    loop {
        if sender.send(Ok(event)).await.is_err() {
            break;
        }
        tokio::select! {
            () = sender.closed() => break,
            () = &mut stopping => break,
            changed = changes.changed() => if changed.is_err() { break },
        }
        event = refetch(*changes.borrow_and_update());
    }
    drop(place);
}

/// What the client asks again for.
fn refetch(configuration: u64) -> Event {
    position(configuration).data(format!("{{\"type\":\"refetchEvaluation\",\"etag\":\"{configuration}\"}}"))
}

/// Only an id, which a browser keeps for its return without telling the page.
fn position(configuration: u64) -> Event {
    Event::default().id(configuration.to_string())
}

/// The configuration that the reader knows of.
fn heard_of(parts: &Parts) -> Option<u64> {
    let last_event = parts.headers.get("last-event-id").and_then(|value| value.to_str().ok());
    last_event.or_else(|| parameter(parts, "since"))?.parse().ok()
}

/// The value of a parameter of the query; none of ours needs decoding.
pub(super) fn parameter<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    let pairs = parts.uri.query()?.split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(found, _)| *found == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(uri: &str, last_event: Option<&str>) -> Parts {
        let mut request = axum::http::Request::get(uri);
        if let Some(id) = last_event {
            request = request.header("last-event-id", id);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn streams_are_announced_with_configuration_and_ticket() {
        let written = |pass| {
            let mut out = b"{\"x\":1".to_vec();
            write_streams(&mut out, 7, &pass);
            out.push(b'}');
            serde_json::from_slice::<serde_json::Value>(&out).unwrap()["eventStreams"].clone()
        };
        let stream =
            |uri| serde_json::json!([{"type": "sse", "endpoint": {"requestUri": uri}, "inactivityDelaySec": 120}]);
        assert_eq!(written(Pass::Ticket("1.ab".to_owned())), stream("/ofrep/v1/events?since=7&ticket=1.ab"));
        assert_eq!(written(Pass::Free), stream("/ofrep/v1/events?since=7"));
        assert!(written(Pass::None).is_null());
    }

    #[test]
    fn what_was_heard_last_counts_before_what_the_address_says() {
        assert_eq!(heard_of(&parts("/ofrep/v1/events?since=7&ticket=x", None)), Some(7));
        assert_eq!(heard_of(&parts("/ofrep/v1/events?since=7", Some("9"))), Some(9));
        assert_eq!(heard_of(&parts("/ofrep/v1/events", None)), None);
        assert_eq!(heard_of(&parts("/ofrep/v1/events?since=x&sinc=1", None)), None);
    }
}
