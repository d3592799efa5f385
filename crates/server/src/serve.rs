//! The running service: a socket, the router, the workers, and an orderly end.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::{AppState, router, workers};

/// How long running work may take to come to an end.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// Why a service ended that was not told to.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The socket failed.
    #[error("the listening socket failed: {0}")]
    Socket(#[from] std::io::Error),
}

/// Serves on `listener` and runs the workers until `shutdown` is done, then lets running requests and calculations come
/// to an end.
///
/// # Errors
/// [`ServeError::Socket`] when the socket fails.
pub async fn serve(
    state: AppState,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    for warning in state.warnings() {
        tracing::warn!("{warning}");
    }
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
    // With the address of the other side, which limits of signing in count by.
    let app = router(state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, app).with_graceful_shutdown(told);
    let outcome = tokio::select! {
        outcome = served.into_future() => outcome.map_err(ServeError::from),
        () = forced => {
            tracing::warn!("requests were still running at the end");
            Ok(())
        }
    };
    state.stop();
    let ended = tokio::time::timeout(GRACE, async { while tasks.join_next().await.is_some() {} }).await;
    if ended.is_err() {
        tracing::warn!("workers were still busy at the end; their jobs go on after the next start");
    }
    outcome
}
