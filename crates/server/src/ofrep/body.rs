//! Receiving a request's body, up to a limit.

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, EXPECT};
use flags::ErrorCode;

use super::refused::Refused;
use crate::paced_body::{self, NotReceived};
use crate::unread;

/// Bytes a request may have: contexts are small.
pub(super) const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// The whole body.
///
/// # Errors
/// 413 for one that is too large, 400 for one that broke off.
pub(super) async fn receive(headers: &HeaderMap, mut body: Body) -> Result<Bytes, Refused> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > REQUEST_BYTES_MAX) {
        // Who asks before sending has not sent anything yet, and will not. Others see the answer once all is sent.
        if !headers.contains_key(EXPECT) {
            unread::receive_and_forget(body).await;
        }
        return Err(Refused::too_large(REQUEST_BYTES_MAX));
    }
    match paced_body::receive(&mut body, REQUEST_BYTES_MAX).await {
        Ok(received) => Ok(received),
        Err(NotReceived::TooLarge) => {
            unread::receive_and_forget(body).await;
            Err(Refused::too_large(REQUEST_BYTES_MAX))
        }
        Err(NotReceived::TooSlow) => {
            Err(Refused::bad_request(ErrorCode::ParseError, "the body does not come fast enough".to_owned()))
        }
        Err(NotReceived::BrokeOff(error)) => {
            Err(Refused::bad_request(ErrorCode::ParseError, format!("the body broke off: {error}")))
        }
    }
}
