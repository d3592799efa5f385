//! The running service: a socket, the router, the workers, and an orderly end.

use std::time::Duration;

use tokio::net::TcpListener;

use crate::connections::{self, Addresses};
use crate::{AppState, router, workers};

/// How long running work may take to come to an end.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// Serves on `listener` and runs the workers until `shutdown` is done, then lets running requests and calculations come
/// to an end.
pub async fn serve(state: AppState, listener: TcpListener, shutdown: impl Future<Output = ()> + Send + 'static) {
    for warning in state.warnings() {
        tracing::warn!("{warning}");
    }
    let addresses = if state.config().trusted_proxies == 0 { Addresses::OfClients } else { Addresses::OfProxies };
    let mut tasks = workers::start(&state);
    let stopping = state.clone();
    let told = async move {
        shutdown.await;
        tracing::info!("stopping: running requests and calculations come to an end");
        stopping.stop();
    };
    let forced = {
        let state = state.clone();
        async move {
            state.stopping().await;
            tokio::time::sleep(GRACE).await;
        }
    };
    tokio::select! {
        () = connections::serve(listener, router(state.clone()), addresses, told) => {}
        () = forced => tracing::warn!("requests were still running at the end"),
    }
    state.stop();
    let ended = tokio::time::timeout(GRACE, async { while tasks.join_next().await.is_some() {} }).await;
    if ended.is_err() {
        tracing::warn!("workers were still busy at the end; their jobs go on after the next start");
    }
}
