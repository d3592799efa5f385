//! Changes of the file, and who is told of them.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::file_server::{FileServer, flags};

/// After this a stream counts as silent.
const PATIENCE: Duration = Duration::from_secs(20);

/// A reader of events.
pub struct Reader {
    stream: TcpStream,
    pub heard: String,
}

impl Reader {
    pub async fn open(address: &str, path: &str, last_event: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let last_event = last_event.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n{last_event}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reader = Self { stream, heard: String::new() };
        reader.hear("id: ").await;
        assert!(
            reader.heard.starts_with("HTTP/1.1 200") && reader.heard.contains("text/event-stream"),
            "{}",
            reader.heard
        );
        reader
    }

    /// Reads until `text` was heard.
    pub async fn hear(&mut self, text: &str) {
        while !self.heard.contains(text) {
            assert!(self.read().await > 0, "the stream ended without {text:?}: {}", self.heard);
        }
    }

    pub async fn read(&mut self) -> usize {
        let mut bytes = [0; 1024];
        let count = tokio::time::timeout(PATIENCE, self.stream.read(&mut bytes)).await.expect("silence").unwrap();
        self.heard.push_str(&String::from_utf8_lossy(&bytes[..count]));
        count
    }
}

async fn post(address: &str, path: &str) -> Value {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("POST {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: 2\r\n\r\n{{}}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

fn with_default(variant: &str) -> String {
    let mut flags = flags();
    // A changed file is served only when nothing in it is broken.
    let definitions = flags["flags"].as_object_mut().unwrap();
    definitions.remove("broken");
    definitions["static"]["defaultVariant"] = json!(variant);
    flags.to_string()
}

#[tokio::test]
async fn a_changed_file_is_served_and_its_readers_are_told() {
    let server = FileServer::of(&with_default("on"), None).unwrap().listen().await;
    let bulk = post(&server.address, "/ofrep/v1/evaluate/flags").await;
    let path = bulk["eventStreams"][0]["endpoint"]["requestUri"].as_str().unwrap().to_owned();
    let mut reader = Reader::open(&server.address, &path, None).await;
    assert!(!reader.heard.contains("data:"), "nothing has changed yet: {}", reader.heard);
    server.change(&with_default("off"));
    reader.hear("\"type\":\"refetchEvaluation\"").await;
    assert_eq!(post(&server.address, "/ofrep/v1/evaluate/flags/static").await["variant"], "off");
    server.stop().await;
}

#[tokio::test]
async fn who_has_missed_a_change_is_told_on_coming_back() {
    let server = FileServer::of(&with_default("on"), None).unwrap().listen().await;
    let path = "/ofrep/v1/events?since=1";
    let mut reader = Reader::open(&server.address, path, None).await;
    reader.hear("refetchEvaluation").await;
    let id = reader.heard.split("id: ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let reader = Reader::open(&server.address, path, Some(&id)).await;
    assert!(!reader.heard.contains("data:"), "{}", reader.heard);
    server.stop().await;
}

#[tokio::test]
async fn a_broken_edit_changes_nothing_and_a_mended_one_does() {
    let server = FileServer::of(&with_default("on"), None).unwrap().listen().await;
    let mut reader = Reader::open(&server.address, "/ofrep/v1/events", None).await;
    for broken in ["{", "", &flags().to_string(), &with_default("nowhere")] {
        server.change(broken);
        // Longer than the file is left unread.
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(post(&server.address, "/ofrep/v1/evaluate/flags/static").await["variant"], "on", "{broken:.40}");
    }
    assert!(!reader.heard.contains("data:"), "{}", reader.heard);
    server.change(&with_default("off"));
    reader.hear("refetchEvaluation").await;
    assert_eq!(post(&server.address, "/ofrep/v1/evaluate/flags/static").await["variant"], "off");
    server.stop().await;
}

#[tokio::test]
async fn streams_end_with_the_server() {
    let server = FileServer::of(&with_default("on"), None).unwrap().listen().await;
    let mut reader = Reader::open(&server.address, "/ofrep/v1/events", None).await;
    let ended = tokio::spawn(async move { while reader.read().await > 0 {} });
    server.stop().await;
    tokio::time::timeout(PATIENCE, ended).await.expect("the stream ends").unwrap();
}
