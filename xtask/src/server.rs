//! A running server of ours, found by the address it prints and stopped in every case.

use crate::{failure::Failure, process};
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

const START_MAX: Duration = Duration::from_secs(60);
const STOP_MAX: Duration = Duration::from_secs(10);
const STOP_POLL: Duration = Duration::from_millis(50);

/// The process and the first address it printed. Dropping it stops it.
pub struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts `command`, whose log goes to `log`, and waits for the address that it prints.
    ///
    /// # Errors
    ///
    /// When it prints no address that `is_wanted` within a minute.
    pub fn start_wanting(mut command: Command, log: &Path, is_wanted: fn(&str) -> bool) -> Result<Self, Failure> {
        let log_file = File::create(log).map_err(|error| Failure::file(log, &error))?;
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(log_file)
            .spawn()
            .map_err(|error| Failure::start("lotwise", &error))?;
        let output = child.stdout.take();
        let mut server = Self { child, address: String::new() };
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            // To the end, also after the address: a full pipe would stop the server.
            for line in output.into_iter().flat_map(|output| BufReader::new(output).lines()).map_while(Result::ok) {
                if let Some(address) = address_in(&line, is_wanted) {
                    // Nobody listens once the first address has been taken.
                    let _ = sender.send(address.to_owned());
                }
            }
        });
        server.address = receiver
            .recv_timeout(START_MAX)
            .map_err(|_| Failure::new(format!("lotwise printed no address; its log is {}", log.display())))?;
        Ok(server)
    }

    /// Starts `command` and waits for any address.
    ///
    /// # Errors
    ///
    /// When it prints none within a minute.
    pub fn start(command: Command, log: &Path) -> Result<Self, Failure> {
        Self::start_wanting(command, log, |_| true)
    }

    /// The address as it was printed.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        origin_of(&self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first, so that it removes what it has made.
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

/// The first wanted address in a line of text.
fn address_in(line: &str, is_wanted: fn(&str) -> bool) -> Option<&str> {
    line.split_whitespace().find(|word| word.starts_with("http://") && is_wanted(word))
}

fn origin_of(url: &str) -> &str {
    let host_start = url.find("://").map_or(0, |at| at.saturating_add(3));
    let host_end = url[host_start..].find('/').map_or(url.len(), |at| host_start.saturating_add(at));
    &url[..host_end]
}

#[cfg(test)]
mod tests {
    use super::{address_in, origin_of};

    #[test]
    fn the_address_is_found_among_other_words() {
        let line = "Open http://127.0.0.1:40123/?token=abc in a browser";
        assert_eq!(address_in(line, |word| word.contains("token=")), Some("http://127.0.0.1:40123/?token=abc"));
        assert_eq!(address_in("Listening on http://127.0.0.1:40123", |word| word.contains("token=")), None);
        assert_eq!(address_in("Listening on http://127.0.0.1:40123", |_| true), Some("http://127.0.0.1:40123"));
    }

    #[test]
    fn the_origin_has_no_path() {
        assert_eq!(origin_of("http://127.0.0.1:40123/?token=abc"), "http://127.0.0.1:40123");
        assert_eq!(origin_of("http://127.0.0.1:40123"), "http://127.0.0.1:40123");
    }
}
