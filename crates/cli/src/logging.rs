//! Logs on standard error: standard output is for data.

use tracing_subscriber::EnvFilter;

/// Starts logging. `LOTWISE_LOG` sets the level or a filter (default `info`), `LOTWISE_LOG_FORMAT=json` the format.
pub fn start() {
    let filter = EnvFilter::try_from_env("LOTWISE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::env::var("LOTWISE_LOG_FORMAT").is_ok_and(|format| format == "json") {
        logs.json().init();
    } else {
        logs.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init();
    }
}
