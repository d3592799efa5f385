//! The requests to a provider: bounded in time and size.

use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse};
use ureq::Agent;

/// How long a provider may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 1024 * 1024;

/// A client for one provider.
pub(super) fn agent() -> Agent {
    crate::outgoing::agent(TIMEOUT)
}

/// Sends one request.
///
/// # Errors
/// The provider cannot be reached, is too slow, or says too much.
pub(super) fn send(agent: &Agent, request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let (parts, mut body) = agent.run(request)?.into_parts();
    let bytes = body.with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
    Ok(HttpResponse::from_parts(parts, bytes))
}
