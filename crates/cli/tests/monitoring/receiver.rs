//! Where notifications arrive: a pager and a chat in one.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

/// What Alertmanager presents.
pub const RECEIVER_TOKEN: &str = "receiver-token-of-a-test";
/// How long a notification may take: several times what it needs on an idle machine.
const ARRIVAL_MAX: Duration = Duration::from_secs(180);

/// An alert as it arrived.
#[derive(Debug, Clone)]
pub struct Notice {
    /// `page` or `chat`.
    pub receiver: String,
    /// `firing` or `resolved`.
    pub status: String,
    /// Its name.
    pub alert: String,
    /// Labels and annotations.
    pub body: Value,
}

/// A receiver on a free port.
pub struct Receiver {
    pub address: String,
    notices: mpsc::Receiver<Notice>,
    /// What arrived while something else was waited for.
    others: RefCell<Vec<Notice>>,
}

impl Receiver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (sender, notices) = mpsc::channel();
        // It ends with the test's process; a sender that nobody hears is no fault.
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                take(connection.unwrap()).into_iter().for_each(|notice| drop(sender.send(notice)));
            }
        });
        Self { address, notices, others: RefCell::default() }
    }

    /// The next notice of this alert with this status.
    pub fn wait_for(&self, alert: &str, status: &str) -> Notice {
        let until = deadline();
        loop {
            match self.notices.recv_timeout(left(until)) {
                Ok(notice) if notice.alert == alert && notice.status == status => return notice,
                Ok(notice) => self.others.borrow_mut().push(notice),
                Err(_) => panic!("{alert} was never told as {status}; these were: {:#?}", self.others),
            }
        }
    }

    /// Receiver and alert of everything that has arrived and was not waited for.
    pub fn others(&self) -> Vec<(String, String)> {
        self.others.borrow_mut().extend(self.notices.try_iter());
        self.others.take().into_iter().map(|notice| (notice.receiver, notice.alert)).collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "the test waits for other programs, which have a clock of their own")]
fn deadline() -> Instant {
    Instant::now() + ARRIVAL_MAX
}

#[expect(clippy::disallowed_methods, reason = "the test waits for other programs, which have a clock of their own")]
fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now())
}

/// The alerts of one request. Whoever does not present the token is refused.
fn take(stream: TcpStream) -> Vec<Notice> {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let header = |name: &str| {
        let found =
            head.iter().find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)));
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let mut body = vec![0; header("content-length").parse().unwrap_or_default()];
    reader.read_exact(&mut body).unwrap();
    let is_allowed = header("authorization") == format!("Bearer {RECEIVER_TOKEN}");
    let status = if is_allowed { "200 OK" } else { "401 Unauthorized" };
    let mut stream = stream;
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    if !is_allowed {
        return Vec::new();
    }
    let receiver = head[0].split(['/', ' ']).nth(2).unwrap().to_owned();
    let message: Value = serde_json::from_slice(&body).unwrap();
    let alerts = message["alerts"].as_array().unwrap().iter();
    let notice = |alert: &Value| Notice {
        receiver: receiver.clone(),
        status: alert["status"].as_str().unwrap().to_owned(),
        alert: alert["labels"]["alertname"].as_str().unwrap().to_owned(),
        body: alert.clone(),
    };
    alerts.map(notice).collect()
}
