//! OFREP alone, from a file: no database, no key, no log line per request.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::Guard;
use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::header::ALLOW;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use flags::{Bucketing, Evaluation};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::cross_origin::{self, readable};
use super::events::Streams;
use super::flag_file::{FileFlags, FlagFile, FlagFileError};
use super::refused::Refused;
use super::source::{Admitted, Pass, Source};
use super::{BULK_PATH, EVENTS_PATH, evaluation, events};
use crate::Clock;
use crate::connections::{self, Addresses};
use crate::rate::Limiter;
use crate::serve::GRACE;
use crate::watched_file::WatchedFile;

/// What is served.
#[derive(Debug, Clone)]
pub struct FlagServerSettings {
    /// A file in flagd's format. It is watched: a change is served at once if it is without problems.
    pub file: PathBuf,
    /// What `fractional` hashes.
    pub bucketing: Bucketing,
    /// Requests per second of all callers together; none for no limit.
    pub requests_per_second: Option<NonZeroU32>,
}

/// The flags of a file, ready to be served.
pub struct FlagServer {
    standalone: Standalone,
    watched: WatchedFile,
    stop: watch::Sender<bool>,
}

impl FlagServer {
    /// Loads the file.
    ///
    /// # Errors
    /// [`FlagFileError`] for a file that cannot be read or is not well-formed. Single flags that are not usable are logged
    /// and answer `PARSE_ERROR`.
    pub fn open(settings: &FlagServerSettings, clock: Arc<dyn Clock>) -> Result<Self, FlagFileError> {
        let (file, watched) = FlagFile::open(&settings.file, settings.bucketing)?;
        let limiter = settings.requests_per_second.map(|rate| Limiter::new(rate, Arc::clone(&clock)));
        let (stop, stopping) = watch::channel(false);
        let standalone = Standalone(Arc::new(Shared { file, limiter, streams: Streams::default(), clock, stopping }));
        Ok(Self { standalone, watched, stop })
    }

    /// What answers, for tests without a socket.
    pub fn router(&self) -> Router {
        Router::new().fallback(answer).with_state(self.standalone.clone())
    }
}

/// Serves the flags on `listener`, and changes of their file, until `shutdown` is done.
pub async fn serve_flags(
    server: FlagServer,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let FlagServer { standalone, watched, stop } = server;
    let following = tokio::spawn({
        let standalone = standalone.clone();
        async move { standalone.0.file.follow(watched).await }
    });
    let told = async move {
        shutdown.await;
        stop.send_replace(true);
    };
    let forced = async {
        standalone.stopping().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = connections::serve(listener, answer.with_state(standalone.clone()), Addresses::OfClients, told) => {}
        () = forced => {}
    }
    following.abort();
}

/// The routes, three in all: finding them takes a router longer than evaluating a flag.
async fn answer(State(source): State<Standalone>, request: Request) -> Response {
    let (method, path) = (request.method(), request.uri().path());
    let wanted = match path.strip_prefix(BULK_PATH) {
        Some("") => Wanted::All,
        Some(rest) if rest.strip_prefix('/').is_some_and(is_one_part) => Wanted::One,
        _ if path == EVENTS_PATH => Wanted::Events,
        _ => return readable(StatusCode::NOT_FOUND.into_response()),
    };
    if method == Method::OPTIONS {
        return cross_origin::preflight(request.headers());
    }
    readable(match (wanted, method) {
        (Wanted::All, &Method::POST) => evaluation::all(source, request).await,
        (Wanted::One, &Method::POST) => evaluation::one(source, request).await,
        (Wanted::Events, &Method::GET) => events::read(source, request).await,
        (Wanted::Events, _) => (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET")]).into_response(),
        (Wanted::All | Wanted::One, _) => (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "POST")]).into_response(),
    })
}

enum Wanted {
    All,
    One,
    Events,
}

fn is_one_part(rest: &str) -> bool {
    !rest.is_empty() && !rest.contains('/')
}

/// A file's flags for everybody.
#[derive(Clone)]
struct Standalone(Arc<Shared>);

struct Shared {
    file: FlagFile,
    limiter: Option<Limiter<()>>,
    streams: Streams,
    clock: Arc<dyn Clock>,
    stopping: watch::Receiver<bool>,
}

impl Source for Standalone {
    type Flags = FileFlags;

    fn flags(&self) -> Guard<Arc<FileFlags>> {
        self.0.file.flags()
    }

    fn configuration(&self) -> u64 {
        self.0.file.configuration()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.0.file.changes()
    }

    /// There is nobody else who could have told.
    async fn caught_up(&self, _: u64) {}

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    fn evaluated(&self, _: &str, _: &Evaluation<'_>) {}

    async fn admit(&self, _: &Parts) -> Result<Admitted, Response> {
        match self.0.limiter.as_ref().map(|limiter| limiter.check(&())) {
            Some(Err(too_often)) => Err(Refused::from(too_often).into_response()),
            Some(Ok(())) | None => Ok(Admitted { targeting_key: None }),
        }
    }

    async fn admit_reader(&self, request: &Parts) -> Result<(), Response> {
        self.admit(request).await.map(|_| ())
    }

    async fn pass(&self) -> Pass {
        Pass::Free
    }

    fn streams(&self) -> &Streams {
        &self.0.streams
    }

    fn stopping(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut stopping = self.0.stopping.clone();
        async move {
            // The sender gone is an end too.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        }
    }
}
