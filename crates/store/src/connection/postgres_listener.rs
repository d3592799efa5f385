//! Hears from PostgreSQL that flags were changed, by whichever process. What was missed while there was no connection is
//! made good by one notice after each new one.

use std::future::poll_fn;

use tokio::sync::{oneshot, watch};
use tokio_postgres::{AsyncMessage, Client, Connection, Socket};

use super::{
    postgres_session::{Connector, PAUSE_MAX, PAUSE_MIN},
    postgres_tls::TlsStream,
    postgres_values::failure,
};
use crate::StoreError;

/// The channel that the schema's trigger tells of changes on.
const LISTEN: &str = "LISTEN lotwise_flags";

/// Starts the listener's thread, which counts `changes` up until the sender of `end` is gone.
pub(crate) fn spawn(
    connector: Connector,
    changes: watch::Sender<u64>,
    end: oneshot::Receiver<()>,
) -> Result<(), StoreError> {
    let no_thread = |error| StoreError::Unavailable(format!("no thread that listens to the database: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(no_thread)?;
    let body = move || {
        runtime.block_on(async {
            tokio::select! {
                _ = end => {}
                () = listen(&connector, &changes) => {}
            }
        });
    };
    std::thread::Builder::new().name("store-listener".to_owned()).spawn(body).map(|_| ()).map_err(no_thread)
}

/// Listens, over one connection after the other.
async fn listen(connector: &Connector, changes: &watch::Sender<u64>) {
    let mut pause = PAUSE_MIN;
    loop {
        let error = match connector.dial().await {
            Ok((client, connection)) => {
                pause = PAUSE_MIN;
                listen_on(client, connection, changes).await
            }
            Err(error) => error,
        };
        tracing::debug!(%error, "nothing is heard of flags until the database is back");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Listens until the connection breaks, and answers why.
async fn listen_on(
    client: Client,
    mut connection: Connection<Socket, TlsStream>,
    changes: &watch::Sender<u64>,
) -> StoreError {
    let subscribe = async {
        match client.batch_execute(LISTEN).await {
            Ok(()) => count_up(changes),
            Err(error) => return failure(&error),
        }
        // The connection ends with its client, which therefore stays here.
        std::future::pending().await
    };
    let relay = async {
        loop {
            match poll_fn(|context| connection.poll_message(context)).await {
                Some(Ok(AsyncMessage::Notification(_))) => count_up(changes),
                Some(Ok(_)) => {}
                Some(Err(error)) => return failure(&error),
                None => return StoreError::Unavailable("the server has ended the connection".to_owned()),
            }
        }
    };
    tokio::select! {
        error = subscribe => error,
        error = relay => error,
    }
}

/// Tells everybody who watches that flags may answer differently now.
pub(crate) fn count_up(changes: &watch::Sender<u64>) {
    changes.send_modify(|count| *count = count.wrapping_add(1));
}
