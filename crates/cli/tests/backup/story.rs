//! A database with every kind of record, copied while it is written to, put back, and compared.

use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::postgres_server::PostgresServer;
use crate::service::{Service, Setup, WATCHED_POLICY, doctor, lotwise};

fn staging() -> Setup {
    Setup::new().with(&["--environment", "staging"])
}

/// What can be asked of a service before the backup and after the restore.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    document: String,
    lots: String,
    flags: Value,
    rollout: Value,
    decisions: Value,
    snapshots: Value,
}

fn known(service: &Service, fund: &str, rollout: &str) -> Known {
    let at_server = |command: &str, arguments: &[&str]| {
        lotwise(command, &[arguments, &["--server", &service.address]].concat()).done()
    };
    let export = |format: &str| at_server("export", &["--fund", fund, "--as-of", "2024-12-31", "--format", format]);
    let json = |text: String| serde_json::from_str::<Value>(&text).unwrap();
    let status = json(at_server("rollout", &["status", rollout, "--json"]));
    let part = |name: &str| (name.to_owned(), status[name].clone());
    Known {
        document: export("json"),
        lots: export("csv"),
        flags: json(at_server("flags", &["list", "--json"])),
        rollout: Value::Object(["id", "stage", "phase", "exposure", "policy"].map(part).into_iter().collect()),
        decisions: json(at_server("rollout", &["decisions", rollout, "--json"])),
        snapshots: service.ask("GET", &format!("/api/funds/{fund}/portfolio/snapshots"), None).1,
    }
}

/// A fund with lots, events and cases, a snapshot, a rollout that was held and rolled back, and a killed flag; the ids of
/// the fund and the rollout.
pub fn fill(service: &Service) -> (String, String) {
    let (status, fund) = service.ask("POST", "/api/funds", Some(&json!({ "name": "Fund I", "currency": "USD" })));
    assert_eq!(status, 201, "{fund}");
    let fund = fund["id"].to_string();
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/demo-fund.json");
    lotwise("import", &[document, "--apply", "--fund", &fund, "--server", &service.address]).done();
    let snapshots = format!("/api/funds/{fund}/portfolio/snapshots");
    let (status, snapshot) = service.ask("POST", &snapshots, Some(&json!({ "name": "Year end" })));
    assert_eq!(status, 202, "{snapshot}");
    let path = format!("/api/snapshots/{}", snapshot["snapshotId"].as_str().unwrap_or_else(|| panic!("{snapshot}")));
    while service.ask("GET", &path, None).1["status"] != "complete" {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let policy = service.file("policy.toml", WATCHED_POLICY);
    let started = service.rollout(&["start", "--policy", &policy, "--json"]).json();
    let rollout = started["id"].as_str().unwrap().to_owned();
    service.rollout(&["hold", &rollout, "--reason", "lunch"]).done();
    service.rollout(&["rollback", &rollout, "--reason", "marks are doubled"]).done();
    service.flags(&["kill", "enableLotLevelMoic", "--reason", "wrong numbers"]).done();
    (fund, rollout)
}

/// Makes the backup while three writers create funds as fast as they can; every fund that was acknowledged before it began
/// has to be in it, and the numbers of the funds in it have no gap.
fn backed_up_under_load(service: &Service, backup: impl FnOnce() -> Value) -> (Value, u64) {
    let (end, acknowledged) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !end.load(Ordering::SeqCst) {
                    let body = json!({ "name": "Meanwhile", "currency": "USD" });
                    let (status, answer) = service.ask("POST", "/api/funds", Some(&body));
                    assert_eq!(status, 201, "nobody who writes is held up or refused: {answer}");
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        while acknowledged.load(Ordering::SeqCst) < 20 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let before = acknowledged.load(Ordering::SeqCst);
        let report = backup();
        end.store(true, Ordering::SeqCst);
        (report, before)
    })
}

fn compare(report: &Value, restored: &Value, written_before: u64) {
    assert_eq!(report["tables"], restored["tables"]);
    assert_eq!(report["sha256"], restored["sha256"]);
    for table in
        ["lots", "events", "exit_case_sets", "snapshots", "imports", "rollouts", "rollout_readings", "audit_log"]
    {
        assert!(report["tables"][table].as_i64().unwrap_or_else(|| panic!("no {table}: {report}")) > 0, "{table}");
    }
    assert!(report["tables"]["funds"].as_u64().unwrap() > written_before, "{report}");
}

/// The service on the restored database knows what was known when it was copied.
fn same_as_before(restored: &Service, before: &Known, fund: &str, rollout: &str) {
    assert_eq!(&known(restored, fund, rollout), before);
    assert!(restored.rollout(&["verify"]).done().contains("as it was written"));
    assert_eq!(restored.flag()["killed"], true);
    let (status, _) = restored.ask("POST", "/api/funds", Some(&json!({ "name": "Next", "currency": "USD" })));
    assert_eq!(status, 201, "it is written to like any other");
}

#[test]
fn sqlite_is_backed_up_online_restored_and_the_same() {
    let service = staging().start();
    let (fund, rollout) = fill(&service);
    let before = known(&service, &fund, &rollout);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lotwise.backup");
    let file = file.to_str().unwrap();
    let back_up = || lotwise("backup", &["--server", &service.address, "-o", file, "--json"]).json();
    let (report, written_before) = backed_up_under_load(&service, back_up);
    let url = format!("sqlite:{}", folder.path().join("restored.db").display());
    let restored = lotwise("restore", &[file, "--into", &url, "--json"]).json();
    compare(&report, &restored, written_before);
    let checked = doctor(&url);
    assert!(checked.out.contains("every entry is as it was written"), "{checked:?}");
    same_as_before(&staging().on_database(&url).start(), &before, &fund, &rollout);

    // The same of the stopped service; nothing is overwritten, whichever way.
    let (database, _kept) = service.stop();
    let taken = lotwise("backup", &["--database", &database, "-o", file]).failed(2);
    assert!(taken.contains("is there already"), "{taken}");
    let second = folder.path().join("stopped.backup");
    lotwise("backup", &["--database", &database, "-o", second.to_str().unwrap()]).done();
    let occupied = lotwise("restore", &[second.to_str().unwrap(), "--into", &url]).failed(1);
    assert!(occupied.contains("exists and is not empty") && occupied.contains("--into"), "{occupied}");
}

#[test]
fn a_running_file_is_refused_without_its_server_and_a_viewer_gets_no_backup() {
    let service = Service::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lotwise.backup");
    let token = json!({ "name": "watcher", "role": "operator" });
    let (_, token) = service.ask("POST", "/api/tokens", Some(&token));
    let (status, refused) = service.ask_as(token["token"].as_str().unwrap(), "POST", "/api/backup", None);
    assert_eq!((status, &refused["error"]), (403, &json!("forbidden")), "{refused}");
    let one_fund = json!({ "name": "one", "role": "admin", "fundIds": [service.fund()] });
    let (_, token) = service.ask("POST", "/api/tokens", Some(&one_fund));
    let (status, refused) = service.ask_as(token["token"].as_str().unwrap(), "POST", "/api/backup", None);
    assert_eq!(status, 403, "{refused}");
    let database = service.database();
    let refused = lotwise("backup", &["--database", &database, "-o", file.to_str().unwrap()]).failed(1);
    assert!(refused.contains("--server URL"), "{refused}");
    assert!(!file.exists());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

pub fn psql(url: &str, statement: &str) {
    let status = Command::new("psql").args([url, "--quiet", "--command", statement]).status().unwrap();
    assert!(status.success(), "{statement}");
}

#[test]
fn postgres_is_backed_up_online_restored_and_the_same() {
    let server = PostgresServer::start();
    psql(&server.database("postgres"), "CREATE DATABASE source");
    psql(&server.database("postgres"), "CREATE DATABASE target");
    let (source, target) = (server.database("source"), server.database("target"));
    let service = staging().on_database(&source).start();
    let (fund, rollout) = fill(&service);
    let before = known(&service, &fund, &rollout);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lotwise.dump");
    let file = file.to_str().unwrap();
    let refused = lotwise("backup", &["--server", &service.address, "-o", file]).failed(1);
    assert!(refused.contains("pg_dump"), "{refused}");
    let back_up = || lotwise("backup", &["--database", &source, "-o", file, "--json"]).json();
    let (report, written_before) = backed_up_under_load(&service, back_up);

    let occupied = lotwise("restore", &[file, "--into", &source]).failed(1);
    assert!(occupied.contains("is not empty") && occupied.contains("createdb"), "{occupied}");
    let mixed = lotwise("restore", &[file, "--into", "sqlite:/nowhere/x.db"]).failed(2);
    assert!(mixed.contains("a backup of PostgreSQL"), "{mixed}");
    let nowhere = lotwise("restore", &[file, "--into", &server.database("nowhere")]).failed(1);
    assert!(nowhere.contains("nowhere"), "{nowhere}");
    let restored = lotwise("restore", &[file, "--into", &target, "--json"]).json();
    compare(&report, &restored, written_before);
    same_as_before(&staging().on_database(&target).start(), &before, &fund, &rollout);
}
