//! A server of a file's flags under test.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use flags::Bucketing;
use serde_json::{Value, json};
use server::{FlagFileError, FlagServer, FlagServerSettings};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::app::{Answer, ManualClock, Request};

/// All flags.
pub const BULK: &str = "/ofrep/v1/evaluate/flags";

/// One flag.
pub fn flag(key: &str) -> String {
    format!("{BULK}/{key}")
}

/// Flags of every kind.
pub fn flags() -> Value {
    json!({
        "metadata": { "flagSetId": "tests", "version": "7", "owner": "everyone" },
        "flags": {
            "static": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on",
                "metadata": { "owner": "portfolio", "kind": "release" } },
            "object": { "state": "ENABLED", "variants": { "a": { "b": [1, 2.5, "c"] } }, "defaultVariant": "a" },
            "targeted": { "state": "ENABLED", "variants": { "in": 1, "out": 0 }, "defaultVariant": "out",
                "targeting": { "if": [{ "==": [{ "var": "email" }, "ada@lotwise.test"] }, "in", null] } },
            "for-ada": { "state": "ENABLED", "variants": { "yes": "yes", "no": "no" }, "defaultVariant": "no",
                "targeting": { "if": [{ "==": [{ "var": "targetingKey" }, "ada"] }, "yes", "no"] } },
            "undecided": { "state": "ENABLED", "variants": { "on": true }, "defaultVariant": null },
            "disabled": { "state": "DISABLED", "variants": { "on": true, "off": false }, "defaultVariant": "on" },
            "broken": { "state": "ENABLED", "variants": { "on": true }, "defaultVariant": "on",
                "targeting": { "no_such_operator": [1] } },
            "misnamed": { "state": "ENABLED", "variants": { "on": true }, "defaultVariant": "on",
                "targeting": { "cat": ["no", "where"] } },
            "exposed": { "state": "ENABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off",
                "metadata": { "exposure": 50 } }
        }
    })
}

/// A file with flags, and its server.
pub struct FileServer {
    pub router: Router,
    pub file: PathBuf,
    folder: TempDir,
}

impl FileServer {
    pub fn new() -> Self {
        Self::of(&flags().to_string(), None).unwrap()
    }

    pub fn of(document: &str, requests_per_second: Option<u32>) -> Result<Self, FlagFileError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("flags.json");
        std::fs::write(&file, document).unwrap();
        let server = open(&file, requests_per_second)?;
        Ok(Self { router: server.router(), file, folder })
    }

    /// A request for flags.
    pub fn post(&self, path: &str, body: &str) -> Request {
        Request::new(self.router.clone(), Method::POST, path)
            .header("content-type", "application/json")
            .raw(body.to_owned())
    }

    /// One flag for a context.
    pub async fn evaluate(&self, key: &str, context: &Value) -> Answer {
        self.post(&flag(key), &json!({ "context": context }).to_string()).send().await
    }

    /// All flags for a context.
    pub async fn evaluate_all(&self, context: &Value) -> Answer {
        self.post(BULK, &json!({ "context": context }).to_string()).send().await
    }

    /// The same flags on a socket.
    pub async fn listen(self) -> ListeningServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let server = open(&self.file, None).unwrap();
        let service = tokio::spawn(server::serve_flags(server, listener, async {
            let _ = stopped.await;
        }));
        ListeningServer { address, file: self.file, stop, service, _folder: self.folder }
    }
}

fn open(file: &std::path::Path, requests_per_second: Option<u32>) -> Result<FlagServer, FlagFileError> {
    let settings = FlagServerSettings {
        file: file.to_owned(),
        bucketing: Bucketing::V3,
        requests_per_second: requests_per_second.and_then(NonZeroU32::new),
    };
    FlagServer::open(&settings, Arc::new(ManualClock::new()))
}

/// A server of a file's flags on a socket.
pub struct ListeningServer {
    pub address: String,
    pub file: PathBuf,
    stop: oneshot::Sender<()>,
    service: tokio::task::JoinHandle<()>,
    _folder: TempDir,
}

impl ListeningServer {
    pub fn change(&self, document: &str) {
        std::fs::write(&self.file, document).unwrap();
    }

    /// Ends the server; what was open comes to an end by itself.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        self.service.await.unwrap();
    }
}

#[tokio::test]
async fn a_file_that_is_not_well_formed_is_not_served() {
    for (document, said) in [("{\n  \"flags\": {,}", "line 2"), ("", "line 1"), ("\"text\"", "flags"), ("{}", "flags")]
    {
        let Err(error) = FileServer::of(document, None) else { panic!("{document:?} is served") };
        let error = error.to_string();
        assert!(error.contains("flags.json") && error.contains(said), "{document:?}: {error}");
    }
    let Err(error) = open(std::path::Path::new("/no/such/flags.json"), None) else { panic!("nothing is served") };
    assert!(error.to_string().contains("/no/such/flags.json"), "{error}");
}

#[tokio::test]
async fn single_broken_flags_do_not_keep_the_others_from_being_served() {
    FileServer::new().evaluate("static", &json!({})).await.expect(200);
}
