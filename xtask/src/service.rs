//! A running `lotwise demo` for the checks that need a real service.

use crate::{failure::Failure, process, server::Server, workspace};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

const ANSWER_MAX: Duration = Duration::from_secs(30);

/// Builds the binary that is tested.
///
/// # Errors
///
/// When cargo fails.
pub fn build_binary() -> Result<(), Failure> {
    process::run(process::cargo(&["build", "--package", "lotwise"]))
}

/// The service and how to reach it. Dropping it stops it.
pub struct Service(Server);

impl Service {
    /// Starts the demo on a free port, without its rollout and simulated users; its log goes to `target/e2e-server.log`.
    ///
    /// # Errors
    ///
    /// When it does not print its login link within a minute.
    pub fn start() -> Result<Self, Failure> {
        Self::demo(&["--without-rollout"], "e2e-server.log")
    }

    /// Starts the demo as a visitor does; its log goes to `target/e2e-demo.log`.
    ///
    /// # Errors
    ///
    /// When it does not print its login link within a minute.
    pub fn start_with_rollout() -> Result<Self, Failure> {
        Self::demo(&[], "e2e-demo.log")
    }

    fn demo(arguments: &[&str], log: &str) -> Result<Self, Failure> {
        let mut demo = process::command(workspace::tested_binary(), &["demo", "--no-open", "--listen", "127.0.0.1:0"]);
        demo.args(arguments);
        let is_link = |address: &str| address.contains("token=");
        Server::start_wanting(demo, &workspace::target().join(log), is_link).map(Self)
    }

    /// The link that signs a browser in, once.
    pub fn login_url(&self) -> &str {
        self.0.address()
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        self.0.origin()
    }

    /// The body of a path that needs no session.
    ///
    /// # Errors
    ///
    /// When the server does not answer 200 in time.
    pub fn get(&self, path: &str) -> Result<Vec<u8>, Failure> {
        let host = self.origin().trim_start_matches("http://");
        let broken = |error: std::io::Error| Failure::new(format!("GET {path} from {host}: {error}"));
        let mut stream = TcpStream::connect(host).map_err(broken)?;
        stream.set_read_timeout(Some(ANSWER_MAX)).map_err(broken)?;
        // HTTP/1.0: the server closes when it is done and sends no chunks.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").map_err(broken)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map_err(broken)?;
        body_of_success(&answer).ok_or_else(|| {
            let status = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
            Failure::new(format!("GET {path} was answered with {}", String::from_utf8_lossy(status)))
        })
    }
}

fn body_of_success(answer: &[u8]) -> Option<Vec<u8>> {
    const BLANK_LINE: &[u8] = b"\r\n\r\n";
    let status = answer.split(|byte| *byte == b' ').nth(1)?;
    let head_end = answer.windows(BLANK_LINE.len()).position(|window| window == BLANK_LINE)?;
    let body = answer.get(head_end.checked_add(BLANK_LINE.len())?..)?;
    (status == b"200").then(|| body.to_vec())
}

#[cfg(test)]
mod tests {
    use super::body_of_success;

    #[test]
    fn only_a_success_has_a_body() {
        assert_eq!(body_of_success(b"HTTP/1.0 200 OK\r\nA: b\r\n\r\n{}"), Some(b"{}".to_vec()));
        assert_eq!(body_of_success(b"HTTP/1.0 404 Not Found\r\n\r\n{}"), None);
        assert_eq!(body_of_success(b""), None);
    }
}
