//! A proxy between a service and its PostgreSQL server whose connections break in all the ways that a network's do.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often a thread that waits for bytes looks whether its connection has been broken.
const LOOK: Duration = Duration::from_millis(20);

/// Listens on a port of its own; ends with the test process.
pub struct FaultProxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    /// Where the server listens.
    socket: PathBuf,
    refuses: AtomicBool,
    stalls: AtomicBool,
    connections: Mutex<Vec<Arc<Connection>>>,
}

struct Connection {
    client: TcpStream,
    server: UnixStream,
    /// The server has gone, and nobody tells the client.
    is_half_open: AtomicBool,
}

impl FaultProxy {
    /// Before the server whose URL names the folder of its socket as `postgres://lotwise@FOLDER/postgres`.
    pub fn before(url: &str) -> Self {
        let folder = url.split_once('@').unwrap().1.split_once('/').unwrap().0.replace("%2F", "/");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            socket: PathBuf::from(folder).join(".s.PGSQL.5432"),
            refuses: AtomicBool::new(false),
            stalls: AtomicBool::new(false),
            connections: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                accepting.accept(client);
            }
        });
        Self { port, shared }
    }

    /// The database through this proxy.
    pub fn url(&self) -> String {
        format!("postgres://lotwise@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends every connection, as a restart of something in between does.
    pub fn drop_all(&self) {
        for connection in self.shared.connections.lock().unwrap().drain(..) {
            connection.end();
        }
    }

    /// The server's side of every connection ends, and the client's stays open and silent.
    pub fn half_open_all(&self) {
        for connection in self.shared.connections.lock().unwrap().drain(..) {
            connection.is_half_open.store(true, Ordering::SeqCst);
            let _ = connection.server.shutdown(Shutdown::Both);
        }
    }

    /// Whether new connections are accepted and closed at once.
    pub fn refuse(&self, refuses: bool) {
        self.shared.refuses.store(refuses, Ordering::SeqCst);
    }

    /// Whether nothing is passed on any more; what was held back is passed on afterwards.
    pub fn stall(&self, stalls: bool) {
        self.shared.stalls.store(stalls, Ordering::SeqCst);
    }
}

impl Shared {
    fn accept(self: &Arc<Self>, client: TcpStream) {
        if self.refuses.load(Ordering::SeqCst) {
            return;
        }
        let Ok(server) = UnixStream::connect(&self.socket) else { return };
        client.set_nodelay(true).unwrap();
        client.set_read_timeout(Some(LOOK)).unwrap();
        server.set_read_timeout(Some(LOOK)).unwrap();
        let connection = Arc::new(Connection { client, server, is_half_open: AtomicBool::new(false) });
        self.connections.lock().unwrap().push(Arc::clone(&connection));
        let (shared, other) = (Arc::clone(self), Arc::clone(&connection));
        std::thread::spawn(move || shared.pump(&connection, &connection.client, &connection.server));
        let shared = Arc::clone(self);
        std::thread::spawn(move || shared.pump(&other, &other.server, &other.client));
    }

    /// Passes bytes on until either side ends; what a half-open connection sends is swallowed.
    fn pump<'c, From, To>(&self, connection: &'c Connection, mut from: &'c From, mut to: &'c To)
    where
        &'c From: Read,
        &'c To: Write,
    {
        let mut bytes = [0; 16 * 1024];
        loop {
            let length = match from.read(&mut bytes) {
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
                Ok(length @ 1..) => length,
                Ok(_) | Err(_) => break,
            };
            while self.stalls.load(Ordering::SeqCst) {
                std::thread::sleep(LOOK);
            }
            let is_swallowed = connection.is_half_open.load(Ordering::SeqCst);
            if !is_swallowed && to.write_all(&bytes[..length]).is_err() {
                break;
            }
        }
        if !connection.is_half_open.load(Ordering::SeqCst) {
            connection.end();
        }
    }
}

impl Connection {
    fn end(&self) {
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}
