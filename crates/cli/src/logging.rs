//! Logs on standard error: standard output is for data. Spans go to an OpenTelemetry collector where one is named.

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt};

use crate::tracing_export::{self, TraceExport};

/// Starts logging. `LOTWISE_LOG` sets the level or a filter (default `info`), `LOTWISE_LOG_FORMAT=json` the format. Spans are
/// exported until the returned value is dropped.
#[must_use]
pub fn start() -> Option<TraceExport> {
    let filter = || EnvFilter::try_from_env("LOTWISE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = fmt::layer().with_writer(std::io::stderr);
    let logs = if std::env::var("LOTWISE_LOG_FORMAT").is_ok_and(|format| format == "json") {
        logs.json().with_filter(filter()).boxed()
    } else {
        logs.with_ansi(std::io::stderr().is_terminal()).with_filter(filter()).boxed()
    };
    let export = tracing_export::start();
    let spans = export.as_ref().map(TraceExport::layer);
    tracing_subscriber::registry().with(logs).with(spans).init();
    tracing_export::warn_if_impossible(export.is_some());
    export
}
