//! A running `lotwise demo` for the checks that need a real server, stopped in every case.

use crate::{failure::Failure, process, workspace};
use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

const START_MAX: Duration = Duration::from_secs(60);
const ANSWER_MAX: Duration = Duration::from_secs(30);
const STOP_MAX: Duration = Duration::from_secs(10);
const STOP_POLL: Duration = Duration::from_millis(50);

/// The server and how to reach it. Dropping it stops it.
pub struct Service {
    child: Child,
    login_url: String,
}

impl Service {
    /// Starts the release binary on a free port; its log goes to `target/e2e-server.log`.
    ///
    /// # Errors
    ///
    /// When it does not print its login link within a minute.
    pub fn start() -> Result<Self, Failure> {
        let log_path = workspace::target().join("e2e-server.log");
        let log = File::create(&log_path).map_err(|error| Failure::file(&log_path, &error))?;
        let arguments = ["demo", "--no-open", "--listen", "127.0.0.1:0"];
        let mut child = process::command(workspace::binary(), &arguments)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|error| Failure::start("lotwise demo", &error))?;
        let output = child.stdout.take();
        let mut service = Self { child, login_url: String::new() };
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            // To the end, also after the link: a full pipe would stop the server.
            for line in output.into_iter().flat_map(|output| BufReader::new(output).lines()).map_while(Result::ok) {
                if let Some(link) = login_link(&line) {
                    // Nobody listens once the first link has been taken.
                    let _ = sender.send(link.to_owned());
                }
            }
        });
        service.login_url = receiver.recv_timeout(START_MAX).map_err(|_| {
            Failure::new(format!("`lotwise demo` printed no login link; its log is {}", log_path.display()))
        })?;
        Ok(service)
    }

    /// The link that signs a browser in, once.
    pub fn login_url(&self) -> &str {
        &self.login_url
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        origin_of(&self.login_url)
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

impl Drop for Service {
    fn drop(&mut self) {
        // Asked first, so that it removes its temporary database.
        let id = self.child.id().to_string();
        if process::succeeds(process::command("kill", &["-TERM", &id])) {
            let mut waited = Duration::ZERO;
            while waited < STOP_MAX && matches!(self.child.try_wait(), Ok(None)) {
                thread::sleep(STOP_POLL);
                waited = waited.saturating_add(STOP_POLL);
            }
        }
        // An error means that it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address with a token in a line of text.
fn login_link(line: &str) -> Option<&str> {
    line.split_whitespace().find(|word| word.starts_with("http://") && word.contains("token="))
}

fn origin_of(url: &str) -> &str {
    let host_start = url.find("://").map_or(0, |at| at.saturating_add(3));
    let host_end = url[host_start..].find('/').map_or(url.len(), |at| host_start.saturating_add(at));
    &url[..host_end]
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
    use super::{body_of_success, login_link, origin_of};

    #[test]
    fn the_link_is_found_among_other_words() {
        let line = "Open http://127.0.0.1:40123/?token=abc in a browser";
        assert_eq!(login_link(line), Some("http://127.0.0.1:40123/?token=abc"));
        assert_eq!(login_link("Listening on http://127.0.0.1:40123"), None);
    }

    #[test]
    fn the_origin_has_no_path() {
        assert_eq!(origin_of("http://127.0.0.1:40123/?token=abc"), "http://127.0.0.1:40123");
        assert_eq!(origin_of("http://127.0.0.1:40123"), "http://127.0.0.1:40123");
    }

    #[test]
    fn only_a_success_has_a_body() {
        assert_eq!(body_of_success(b"HTTP/1.0 200 OK\r\nA: b\r\n\r\n{}"), Some(b"{}".to_vec()));
        assert_eq!(body_of_success(b"HTTP/1.0 404 Not Found\r\n\r\n{}"), None);
        assert_eq!(body_of_success(b""), None);
    }
}
