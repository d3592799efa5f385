//! Bodies that keep coming: who stops sending must not keep a place that others wait for.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// How long a body may take that brings nothing.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes that buy a further second: half a megabit a second, which a bad mobile line has.
const BYTES_PER_SECOND_MIN: usize = 64 * 1024;

/// Why a body is not here.
#[derive(Debug)]
pub(crate) enum NotReceived {
    /// It has more bytes than it may.
    TooLarge,
    /// It does not come fast enough.
    TooSlow,
    /// Its sender has gone, or sends what is no body.
    BrokeOff(String),
}

/// The whole body, of at most `bytes_max`.
///
/// # Errors
/// [`NotReceived`].
pub(crate) async fn receive(body: &mut Body, bytes_max: usize) -> Result<Bytes, NotReceived> {
    let mut body = Limited::new(body, bytes_max);
    let mut received = Vec::new();
    let mut until = std::pin::pin!(tokio::time::sleep(PATIENCE));
    loop {
        let frame = tokio::select! {
            biased;
            frame = body.frame() => frame,
            () = &mut until => return Err(NotReceived::TooSlow),
        };
        let frame = match frame {
            None => return Ok(Bytes::from(received)),
            Some(Ok(frame)) => frame,
            Some(Err(error)) if error.is::<LengthLimitError>() => return Err(NotReceived::TooLarge),
            Some(Err(error)) => return Err(NotReceived::BrokeOff(error.to_string())),
        };
        let Some(bytes) = frame.data_ref() else { continue };
        received.extend_from_slice(bytes);
        let earned = Duration::from_micros(u64::try_from(bytes.len() * 1_000_000 / BYTES_PER_SECOND_MIN).unwrap_or(0));
        let later = until.deadline() + earned;
        until.as_mut().reset(later);
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tokio_stream::StreamExt;

    use super::*;

    /// A body of parts, each so long after the one before.
    fn body(parts: usize, bytes: usize, pause: Duration) -> Body {
        let parts = tokio_stream::iter(vec![vec![b'x'; bytes]; parts]).throttle(pause);
        Body::from_stream(parts.map(Ok::<_, Infallible>))
    }

    #[tokio::test(start_paused = true)]
    async fn who_keeps_sending_is_waited_for() {
        let received = receive(&mut body(100, 64 * 1024, Duration::from_millis(900)), 8 << 20).await;
        assert_eq!(received.unwrap().len(), 100 * 64 * 1024);
        assert_eq!(receive(&mut Body::empty(), 0).await.unwrap().len(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_or_dribbles_is_not() {
        let silent = Body::from_stream(tokio_stream::pending::<Result<Bytes, Infallible>>());
        assert!(matches!(receive(&mut { silent }, 10).await, Err(NotReceived::TooSlow)));
        let dribbling = receive(&mut body(1_000, 100, Duration::from_millis(100)), 8 << 20).await;
        assert!(matches!(dribbling, Err(NotReceived::TooSlow)));
    }

    #[tokio::test]
    async fn what_is_too_large_is_not_received() {
        assert!(matches!(receive(&mut Body::from("12345"), 4).await, Err(NotReceived::TooLarge)));
        assert_eq!(receive(&mut Body::from("12345"), 5).await.unwrap(), "12345");
    }
}
