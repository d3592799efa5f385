//! OFREP of the running service: its flags, for callers with a session or a key.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::Guard;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::options;
use flags::{Context, Definition, Evaluation, FlagSet, Switchboard};
use hmac::Mac;
use jiff::Timestamp;
use tokio::sync::{OnceCell, watch};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::cross_origin::{self, readable};
use super::events::Streams;
use super::refused::Refused;
use super::source::{Admitted, Flags, Pass, Source};
use super::ticket::Tickets;
use super::{BULK_PATH, EVENTS_PATH, FLAG_PATH, evaluation, events};
use crate::AppState;
use crate::auth::{self, Credential, Identity};
use crate::error::ApiError;
use crate::live_flags::Published;
use crate::rate::Limiter;
use crate::wishes::wish;

/// What event tickets are signed for, beside whatever else the secret signs.
const TICKETS_LABEL: &str = "event-ticket";

/// How long an answer waits for a change that another replica has announced: it is here in less than a second.
const CATCHING_UP_MAX: Duration = Duration::from_secs(1);

/// The routes, with their own admission: a key that is good for nothing else is good here.
pub(crate) fn routes(state: &AppState) -> OpenApiRouter<AppState> {
    let rate = NonZeroU32::new(state.config().ofrep_requests_per_second);
    let live = Live {
        limiter: rate.map(|rate| Limiter::new(rate, state.shared_clock())),
        tickets: Arc::default(),
        streams: Streams::default(),
        state: state.clone(),
    };
    OpenApiRouter::new()
        .routes(routes!(evaluate_flags))
        .routes(routes!(evaluate_flag))
        .routes(routes!(watch_flags))
        .route(BULK_PATH, options(preflight))
        .route(FLAG_PATH, options(preflight))
        .route(EVENTS_PATH, options(preflight))
        .with_state(live)
}

/// All flags for the context in the body: `{"flags":[…],"metadata":{…},"eventStreams":[…]}`.
#[utoipa::path(post, path = "/ofrep/v1/evaluate/flags", operation_id = "evaluate_flags", tag = "ofrep",
    params(("If-None-Match" = Option<String>, Header)),
    request_body(content = Object, description = "`{\"context\":{\"targetingKey\":\"…\",…}}`"),
    responses((status = 200, body = Object), (status = 304), (status = 400, body = Object), (status = 429, body = Object)))]
async fn evaluate_flags(State(live): State<Live>, request: Request) -> Response {
    readable(evaluation::all(live, request).await)
}

/// One flag for the context in the body: `{"key","reason","variant","value","metadata"}`.
#[utoipa::path(post, path = "/ofrep/v1/evaluate/flags/{key}", operation_id = "evaluate_flag", tag = "ofrep",
    params(("key" = String, Path)),
    request_body(content = Object, description = "`{\"context\":{\"targetingKey\":\"…\",…}}`"),
    responses((status = 200, body = Object), (status = 400, body = Object), (status = 404, body = Object),
        (status = 429, body = Object)))]
async fn evaluate_flag(State(live): State<Live>, request: Request) -> Response {
    readable(evaluation::one(live, request).await)
}

/// Server-sent events `{"type":"refetchEvaluation"}`, one for each change of the flags. The address, with a ticket that
/// is good for an hour or two, stands in the answer for all flags.
#[utoipa::path(get, path = "/ofrep/v1/events", operation_id = "watch_flags", tag = "ofrep",
    params(("since" = Option<u64>, Query), ("ticket" = Option<String>, Query)),
    responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn watch_flags(State(live): State<Live>, request: Request) -> Response {
    readable(events::read(live, request).await)
}

async fn preflight(headers: HeaderMap) -> Response {
    cross_origin::preflight(&headers)
}

impl Flags for Published {
    fn set(&self) -> &FlagSet {
        &self.set
    }

    fn evaluate<'s>(&'s self, key: &str, context: &Context<'_>, headers: &HeaderMap, now_s: i64) -> Evaluation<'s> {
        Switchboard::evaluate(self, key, context, wish(key, headers), now_s)
    }

    fn evaluate_definition<'s>(
        &'s self,
        definition: &'s Definition,
        context: &Context<'_>,
        headers: &HeaderMap,
        now_s: i64,
    ) -> Evaluation<'s> {
        Switchboard::evaluate_definition(self, definition, context, wish(definition.key(), headers), now_s)
    }
}

#[derive(Clone)]
struct Live {
    state: AppState,
    limiter: Option<Limiter<Identity>>,
    tickets: Arc<OnceCell<Tickets>>,
    streams: Streams,
}

impl Live {
    async fn tickets(&self) -> Result<&Tickets, ApiError> {
        let made = async || {
            let secret = self.state.invitation_secret().await?;
            Ok(Tickets::new(&secret.mac(TICKETS_LABEL).finalize().into_bytes()))
        };
        self.tickets.get_or_try_init(made).await
    }

    async fn is_ticket_good(&self, ticket: &str) -> Result<bool, ApiError> {
        Ok(self.tickets().await?.is_good(ticket, self.now()))
    }
}

impl Source for Live {
    type Flags = Published;

    fn flags(&self) -> Guard<Arc<Published>> {
        self.state.live_flags().switchboard()
    }

    fn configuration(&self) -> u64 {
        *self.state.live_flags().changed().borrow()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.state.live_flags().changed()
    }

    async fn caught_up(&self, configuration: u64) {
        let mut changes = self.changes();
        // Later than this the flags of before are better than none.
        let _ = tokio::time::timeout(CATCHING_UP_MAX, changes.wait_for(|known| *known >= configuration)).await;
    }

    fn now(&self) -> Timestamp {
        self.state.clock().now()
    }

    fn evaluated(&self, key: &str, evaluation: &Evaluation<'_>) {
        if let Ok(resolution) = &evaluation.result {
            self.state.live_flags().note_usage(key, resolution.variant, self.now().as_second());
        }
    }

    async fn admit(&self, request: &Parts) -> Result<Admitted, Response> {
        let credential = Credential::with_api_key(&request.headers);
        let by_session = matches!(credential, Credential::Session(_));
        if by_session && request.method != Method::GET && !auth::is_same_origin(&request.headers) {
            return Err(ApiError::Forbidden(auth::FOREIGN_PAGE.to_owned()).into_response());
        }
        let caller = auth::authenticate_any(&self.state, credential).await.map_err(IntoResponse::into_response)?;
        if let Some(limiter) = &self.limiter {
            limiter.check(&caller.identity).map_err(|too_often| Refused::from(too_often).into_response())?;
        }
        Ok(Admitted { targeting_key: by_session.then(|| caller.key()) })
    }

    async fn admit_reader(&self, request: &Parts) -> Result<(), Response> {
        match events::parameter(request, "ticket") {
            Some(ticket) => match self.is_ticket_good(ticket).await {
                Ok(true) => Ok(()),
                Ok(false) => {
                    let message = "the ticket is expired or not ours: evaluate the flags again for another";
                    Err(ApiError::Unauthenticated(message).into_response())
                }
                Err(error) => Err(error.into_response()),
            },
            None => self.admit(request).await.map(|_| ()),
        }
    }

    async fn pass(&self) -> Pass {
        match self.tickets().await {
            Ok(tickets) => Pass::Ticket(tickets.issue(self.now())),
            Err(error) => {
                tracing::debug!(%error, "no event stream is announced for want of a secret to sign its ticket");
                Pass::None
            }
        }
    }

    fn streams(&self) -> &Streams {
        &self.streams
    }

    fn stopping(&self) -> impl Future<Output = ()> + Send + 'static {
        let state = self.state.clone();
        async move { state.stopping().await }
    }
}
