//! Connections: how many there may be, and when one is given up. A client that sends nothing, or that is gone without a word,
//! must not hold what others need.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::Service;

/// Connections at once. Further ones wait in the operating system's queue.
const CONNECTIONS_MAX: usize = 4_096;
/// Connections from one address: whoever opens more than this leaves the others theirs. Not counted behind proxies, whose
/// address everybody has.
const CONNECTIONS_PER_ADDRESS_MAX: usize = 1_024;
/// How long the head of a request may take to arrive, which is also how long a connection may be idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// When a silent connection is asked whether its client is still there, and how long it may owe the answer.
const KEEPALIVE: Duration = Duration::from_secs(30);
/// How long data may stay unacknowledged before the client counts as gone.
const UNACKNOWLEDGED_MAX: Duration = Duration::from_secs(30);
/// How long accepting pauses when the process has no more files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Accepts connections and serves them until `told` is done; then no further one is accepted, idle ones are closed, and
/// requests that are being served come to an end. Addresses are those of clients, or of proxies before them.
pub(crate) async fn serve<S>(listener: TcpListener, service: S, addresses: Addresses, told: impl Future<Output = ()>)
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let crowds = Crowds::default();
    let graceful = GracefulShutdown::new();
    let mut told = std::pin::pin!(told);
    loop {
        let accepted = async {
            // The semaphore is never closed: without a place there is none to be had, ever.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (listener.accept().await, place)
        };
        let (stream, peer, place) = tokio::select! {
            () = &mut told => break,
            (accepted, place) = accepted => match accepted {
                Ok((stream, peer)) => (stream, peer, place),
                Err(error) => {
                    note_refusal(&error).await;
                    continue;
                }
            },
        };
        let Some(member) = crowds.enter(peer.ip(), addresses) else {
            tracing::debug!(%peer, "an address has too many connections");
            continue;
        };
        if let Err(error) = give_up_on_the_dead(&stream) {
            tracing::debug!(%error, "a connection is served without its time limits");
        }
        // With the address of the other side, which limits of signing in count by.
        let service = service_fn({
            let service = service.clone();
            move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                service.clone().call(request)
            }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            let _held = (place, member);
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// Whose addresses connections come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Addresses {
    /// Each client's own.
    OfClients,
    /// A proxy's, for all its clients.
    OfProxies,
}

/// How many connections each address has.
#[derive(Debug, Clone, Default)]
struct Crowds(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Crowds {
    /// Counts a connection until what is returned is dropped; none where its address has enough.
    fn enter(&self, address: IpAddr, addresses: Addresses) -> Option<Member> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if addresses == Addresses::OfClients && *count >= CONNECTIONS_PER_ADDRESS_MAX {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Member { crowds: self.clone(), address })
    }
}

/// A connection that counts.
#[derive(Debug)]
struct Member {
    crowds: Crowds,
    address: IpAddr,
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut counts = self.crowds.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut count) = counts.entry(self.address) {
            match count.get().checked_sub(1) {
                None | Some(0) => drop(count.remove()),
                Some(left) => *count.get_mut() = left,
            }
        }
    }
}

/// A client that has gone away before it was accepted is nobody's business; a process without files waits a moment.
async fn note_refusal(error: &io::Error) {
    let is_of_the_client = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    if !is_of_the_client {
        tracing::error!(%error, "no connection can be accepted now");
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

fn give_up_on_the_dead(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 3))?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED_MAX))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_share_and_gets_it_back() {
        let crowds = Crowds::default();
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let mut members: Vec<_> =
            (0..CONNECTIONS_PER_ADDRESS_MAX).map(|_| crowds.enter(one, Addresses::OfClients).unwrap()).collect();
        assert!(crowds.enter(one, Addresses::OfClients).is_none());
        assert!(crowds.enter(one, Addresses::OfProxies).is_some());
        assert!(crowds.enter(other, Addresses::OfClients).is_some());
        members.pop();
        members.push(crowds.enter(one, Addresses::OfClients).unwrap());
        drop(members);
        assert!(crowds.0.lock().unwrap().is_empty(), "addresses that are gone are not remembered");
    }
}
