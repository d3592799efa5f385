//! Where flags come from, and what is left of them without a database: the watched file, the state file, kills that wait.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::app::{FLAG, Setup, TestApp, boolean_flag};
use crate::postgres_server::PostgresServer;

/// A folder with a flags file in it.
struct FlagsFile {
    folder: TempDir,
}

impl FlagsFile {
    fn new(document: &Value) -> Self {
        let file = Self { folder: tempfile::tempdir().unwrap() };
        file.write(&document.to_string());
        file
    }

    fn write(&self, text: &str) {
        std::fs::write(self.path(), text).unwrap();
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("flags.json")
    }

    async fn served(&self) -> TestApp {
        Setup::new().with_config(|config| config.flags_file = Some(self.path())).start().await
    }
}

fn document(default: &str) -> Value {
    json!({ "flags": { "checkout": boolean_flag(default) } })
}

#[tokio::test]
async fn the_flags_of_a_watched_file_follow_it_and_are_read_only_here() {
    let file = FlagsFile::new(&document("off"));
    let app = file.served().await;
    let path = "/api/flags/checkout";
    let flag = app.flag("checkout").await;
    assert_eq!((&flag["source"], &flag["enabled"], &flag["version"]), (&json!("file"), &json!(false), &json!(0)));

    file.write(&document("on").to_string());
    app.until(path, |answer| answer.body["enabled"] == true).await;

    let body = json!({ "version": 0, "definition": boolean_flag("off") });
    app.put(path, &body).await.expect_problem(409, "managed_by_file");
    app.request(Method::DELETE, path)
        .json(&json!({ "version": 0 }))
        .send()
        .await
        .expect_problem(409, "managed_by_file");
    app.post("/api/flag-set/import", &document("off")).await.expect_problem(409, "managed_by_file");
    app.post(&format!("{path}/kill"), &json!({ "reason": "drill" })).await.expect(200);
    assert_eq!(app.flag("checkout").await["enabled"], false);
}

#[tokio::test]
async fn a_broken_edit_of_the_file_leaves_the_last_good_flags_until_it_is_mended() {
    let file = FlagsFile::new(&document("off"));
    let app = file.served().await;
    let sound = |default: &str| {
        json!({ "flags": { "checkout": boolean_flag(default), "sound": boolean_flag("on") } }).to_string()
    };
    for (broken, named) in [
        (sound("blue"), "flags.checkout.defaultVariant"),
        ("{".to_owned(), "line 1"),
        ("[1]".to_owned(), "not taken over"),
    ] {
        file.write(&broken);
        let is_noticed = |warnings: &Value| {
            warnings[0].as_str().is_some_and(|warning| warning.contains("flags.json") && warning.contains(named))
        };
        app.until("/api/health", |answer| is_noticed(&answer.body["warnings"])).await;
        assert_eq!(app.flag("checkout").await["enabled"], false, "{broken}");
        app.get("/api/flags/sound").await.expect(404);
    }
    file.write(&sound("on"));
    app.until("/api/flags/checkout", |answer| answer.body["enabled"] == true).await;
    app.get("/api/flags/sound").await.expect(200);
    app.until("/api/health", |answer| answer.body["warnings"] == json!([])).await;
}

#[tokio::test]
async fn a_start_takes_a_file_with_a_broken_flag_and_no_file_that_is_none() {
    let mut flags = document("on");
    flags["flags"]["broken"] = json!({ "state": "ENABLED", "variants": { "on": true }, "defaultVariant": "blue" });
    let app = FlagsFile::new(&flags).served().await;
    assert_eq!(app.flag("checkout").await["enabled"], true);
    let broken = app.flag("broken").await;
    assert_eq!(broken["staleness"][0]["code"], "broken", "{broken}");

    for (text, wrong) in [(Some("{"), "not valid JSON"), (None, "cannot be read")] {
        let file = FlagsFile::new(&document("on"));
        match text {
            Some(text) => file.write(text),
            None => std::fs::remove_file(file.path()).unwrap(),
        }
        let error = Setup::new().with_config(|config| config.flags_file = Some(file.path())).refused().await;
        assert!(error.contains("flags.json") && error.contains(wrong), "{error}");
    }
}

#[tokio::test]
async fn an_edit_of_the_servers_own_flag_in_the_file_decides_at_the_guard() {
    let file = FlagsFile::new(&json!({ "flags": { FLAG: boolean_flag("off") } }));
    let app = file.served().await;
    let path = app.fund("Fund I").await.path("/portfolio/lots/moic");
    app.get(&path).await.expect_problem(503, "feature_disabled");
    file.write(&json!({ "flags": { FLAG: boolean_flag("on") } }).to_string());
    app.eventually(&path, 200).await;
}

/// Whether the flag is off by a kill, as the page is told; asks nothing of the database.
async fn is_killed(app: &TestApp) -> bool {
    let state = app.get("/api/client-state").await.expect(200);
    assert_eq!(state.body["flags"][FLAG]["enabled"], json!(state.body["flags"][FLAG]["killed"] == false));
    state.body["flags"][FLAG]["killed"] == true
}

async fn replica(url: &str, folder: &TempDir) -> TestApp {
    let state_dir = folder.path().to_owned();
    let setup = Setup::new().without_workers().with_config(|config| config.state_dir = Some(state_dir));
    setup.even_without_database().on_database(url).start().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_survives_a_restart_without_the_database() {
    let server = PostgresServer::start();
    let (url, folder) = (server.database("postgres"), tempfile::tempdir().unwrap());
    let app = replica(&url, &folder).await;
    let path = app.fund("Fund I").await.path("/portfolio/lots/moic");
    app.kill("drill").await.expect(200);
    app.stop().await;
    server.crash();

    let app = replica(&url, &folder).await;
    assert!(is_killed(&app).await);
    server.recover();
    app.eventually(&path, 503).await;
    app.until(&path, |answer| answer.body["error"] == "feature_disabled").await;
    app.restore("drill over").await.expect(200);
    app.get(&path).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_without_the_database_acts_at_once_survives_a_restart_and_is_stored_when_it_is_back() {
    let server = PostgresServer::start();
    let (url, folder) = (server.database("postgres"), tempfile::tempdir().unwrap());
    let app = replica(&url, &folder).await;
    assert!(!is_killed(&app).await);
    server.crash();
    app.eventually("/api/funds", 503).await;
    let killed = app.kill("wrong marks").await.expect(202).body;
    assert_eq!((&killed["killed"], &killed["killPending"]), (&json!(true), &json!(true)));
    assert_eq!((&killed["reason"], &killed["changedBy"]), (&json!("wrong marks"), &json!("service:admin")));
    assert!(is_killed(&app).await);
    let ready = app.anonymous(Method::GET, "/readyz").send().await;
    assert!(ready.raw.contains("acts in this process only"), "{}", ready.raw);
    app.restore("too soon").await.expect_problem(503, "database_unavailable");
    app.stop().await;

    let app = replica(&url, &folder).await;
    assert!(is_killed(&app).await, "the kill survives the process");
    app.clock.advance(Duration::from_secs(3600));
    server.recover();
    let flag = app.until(&format!("/api/flags/{FLAG}"), |answer| answer.body["killPending"] == false).await;
    for field in ["killed", "reason", "changedBy", "changedAt"] {
        assert_eq!(flag.body[field], killed[field], "{field} is what it was without the database");
    }
    let other = tempfile::tempdir().unwrap();
    assert!(is_killed(&replica(&url, &other).await).await, "the other replicas know of it now");
    let audit = app.get(&format!("/api/flags/{FLAG}/audit")).await.expect(200);
    let entry = &audit.body["audit"][0];
    let details = json!({ "reason": "wrong marks", "changed": true, "killedAt": killed["changedAt"] });
    assert_eq!((&entry["details"], &entry["actor"]), (&details, &killed["changedBy"]));
    assert_ne!(entry["at"], killed["changedAt"], "the log says when it was told");
    app.restore("marks mended").await.expect(200);
    assert!(!is_killed(&app).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_database_and_without_anything_known_the_servers_own_flags_are_off() {
    let server = PostgresServer::start();
    let (url, folder) = (server.database("postgres"), tempfile::tempdir().unwrap());
    server.crash();
    let app = replica(&url, &folder).await;
    assert!(is_killed(&app).await);
    let ready = app.anonymous(Method::GET, "/readyz").send().await.expect(503);
    assert_eq!(ready.body["status"], "notReady");
    server.recover();
    app.until("/api/client-state", |answer| answer.body["flags"][FLAG]["enabled"] == true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_known_flags_of_another_database_are_forgotten() {
    let (one, other) = (PostgresServer::start(), PostgresServer::start());
    let folder = tempfile::tempdir().unwrap();
    let app = replica(&one.database("postgres"), &folder).await;
    one.crash();
    app.eventually("/api/funds", 503).await;
    app.kill("drill").await.expect(202);
    app.stop().await;
    // The file is given to a service on the other database, as if its address had been taken over.
    let app = replica(&other.database("postgres"), &folder).await;
    app.stop().await;
    let files = |folder: &TempDir| -> Vec<std::path::PathBuf> {
        let all = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = all.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
        files.sort_by_key(|path| std::fs::read_to_string(path).unwrap().contains("drill"));
        files
    };
    let known = files(&folder);
    assert_eq!(known.len(), 2, "each database has a file of its own");
    std::fs::copy(&known[1], &known[0]).unwrap();
    let app = replica(&other.database("postgres"), &folder).await;
    app.until("/api/client-state", |answer| answer.body["flags"][FLAG]["enabled"] == true).await;
    assert_eq!(app.flag(FLAG).await["killed"], false);
}
