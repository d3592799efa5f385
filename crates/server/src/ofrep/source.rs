//! Where flags come from and who may ask: the running service or a file. The protocol is the same for both.

use std::sync::Arc;

use arc_swap::Guard;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;
use flags::{Context, Definition, Evaluation, FlagSet};
use jiff::Timestamp;
use tokio::sync::watch;

use super::events::Streams;

/// The flags as they are now.
pub(super) trait Flags: Send + Sync {
    /// Their definitions.
    fn set(&self) -> &FlagSet;

    /// What a flag is for a context, with the caller's wishes among the request's headers.
    fn evaluate<'s>(&'s self, key: &str, context: &Context<'_>, headers: &HeaderMap, now_s: i64) -> Evaluation<'s>;

    /// The same for one of their definitions, which need not be looked for.
    fn evaluate_definition<'s>(
        &'s self,
        definition: &'s Definition,
        context: &Context<'_>,
        headers: &HeaderMap,
        now_s: i64,
    ) -> Evaluation<'s>;
}

/// A caller who may ask.
pub(super) struct Admitted {
    /// Who the flags are for, whatever the request's context says; none where the context is trusted.
    pub(super) targeting_key: Option<String>,
}

/// How an admitted caller gets to the events.
pub(super) enum Pass {
    /// Everybody may read them.
    Free,
    /// With this ticket in the address.
    Ticket(String),
    /// Not at present: nothing is announced.
    None,
}

/// Flags, their changes, and the gate before them.
pub(super) trait Source: Clone + Send + Sync + 'static {
    /// The flags as they are now.
    type Flags: Flags;

    /// The flags of this moment; they stay the same for as long as they are held.
    fn flags(&self) -> Guard<Arc<Self::Flags>>;

    /// A number for the flags of this moment: another one after a change. It changes after [`Source::flags`] has.
    fn configuration(&self) -> u64;

    /// Tells of each change, with the configuration's number then.
    fn changes(&self) -> watch::Receiver<u64>;

    /// Waits, not for long, for a configuration that the caller was told of, perhaps by another replica.
    fn caught_up(&self, configuration: u64) -> impl Future<Output = ()> + Send;

    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Notes that a flag was evaluated.
    fn evaluated(&self, key: &str, evaluation: &Evaluation<'_>);

    /// Lets a request pass, or answers it.
    fn admit(&self, request: &Parts) -> impl Future<Output = Result<Admitted, Response>> + Send;

    /// Lets a reader of events pass, or answers it.
    fn admit_reader(&self, request: &Parts) -> impl Future<Output = Result<(), Response>> + Send;

    /// The places of readers.
    fn streams(&self) -> &Streams;

    /// What an admitted caller presents when it comes back as a reader of events.
    fn pass(&self) -> impl Future<Output = Pass> + Send;

    /// Waits until the server is told to stop.
    fn stopping(&self) -> impl Future<Output = ()> + Send + 'static;
}
