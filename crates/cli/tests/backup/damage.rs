//! Backups that break off, that disks do not take, and that were damaged on their way.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::postgres_server::PostgresServer;
use crate::service::{Service, Setup, binary, lotwise};

/// A database large enough that copying it takes a moment; the folder that holds it.
fn large() -> tempfile::TempDir {
    let service = Service::start();
    service.fund();
    let (database, folder) = service.stop();
    let statement = "CREATE TABLE ballast (id INTEGER PRIMARY KEY, text TEXT NOT NULL); \
        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000) \
        INSERT INTO ballast SELECT n, hex(randomblob(1000)) FROM numbers";
    let path = database.strip_prefix("sqlite:").unwrap();
    rusqlite::Connection::open(path).unwrap().execute_batch(statement).unwrap();
    folder
}

fn database(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("lotwise.db").display())
}

/// Flips one bit in the middle of a file.
fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_backup_that_was_cut_short_or_changed_is_refused_and_leaves_nothing() {
    let service = Service::start();
    service.fund();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lotwise.backup");
    let name = file.to_str().unwrap();
    lotwise("backup", &["--server", &service.address, "-o", name]).done();
    let good = fs::read(&file).unwrap();
    let into = folder.path().join("restored.db");
    let restore = |more: &[&str]| {
        let url = format!("sqlite:{}", into.display());
        lotwise("restore", &[&[name, "--into", &url], more].concat())
    };
    let unchanged = || assert!(!into.exists(), "a refused restore makes no database");
    // A name within a row: SQLite itself would not notice.
    let name_at = good.windows(9).rposition(|window| window == b"AlphaTech").unwrap();
    for at in [name_at, good.len() / 2] {
        flip(&file, at);
        assert!(restore(&[]).failed(1).contains("is not as it was written"));
        unchanged();
        flip(&file, at);
    }
    fs::write(&file, &good[..good.len() - 4096]).unwrap();
    assert!(restore(&[]).failed(1).contains("is not as it was written"));
    let torn = restore(&["--without-checksum"]).failed(1);
    assert!(torn.contains("cannot be restored"), "{torn}");
    unchanged();
    fs::write(&file, &good).unwrap();
    fs::rename(folder.path().join("lotwise.backup.sha256"), folder.path().join("elsewhere")).unwrap();
    assert!(restore(&[]).failed(1).contains("--without-checksum"));
    unchanged();
    fs::write(&file, b"").unwrap();
    assert!(restore(&[]).failed(2).contains("is no backup"));
    fs::write(&file, &good).unwrap();
    restore(&["--without-checksum"]).done();
    assert!(into.exists());
}

#[test]
fn a_database_whose_audit_log_was_changed_is_backed_up_with_a_warning_and_not_restored() {
    let service = Service::start();
    service.fund();
    let (database, folder) = service.stop();
    let path = database.strip_prefix("sqlite:").unwrap();
    let tampering = "DROP TRIGGER audit_log_no_UPDATE; UPDATE audit_log SET actor = 'nobody' WHERE sequence = 2";
    rusqlite::Connection::open(path).unwrap().execute_batch(tampering).unwrap();
    let file = folder.path().join("lotwise.backup");
    let file = file.to_str().unwrap();
    let warned = lotwise("backup", &["--database", &database, "-o", file]);
    assert!(warned.err.contains("entry 2 of the audit log"), "{warned:?}");
    warned.done();
    let into = format!("sqlite:{}", folder.path().join("restored.db").display());
    let refused = lotwise("restore", &[file, "--into", &into]).failed(1);
    assert!(refused.contains("entry 2 of the audit log"), "{refused}");
    assert!(!folder.path().join("restored.db").exists());
}

#[test]
fn a_disk_that_is_full_fails_the_backup_and_leaves_nothing_of_it() {
    let folder = large();
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("lotwise.backup");
    // Files may grow to a megabyte, and writing more is an error instead of a signal.
    let limited = "trap '' XFSZ; ulimit -f 1024; exec \"$@\"";
    let backup = binary();
    let ended = Command::new("sh")
        .args(["-c", limited, "sh"])
        .arg(backup.get_program())
        .args(["backup", "--database", &database(folder.path()), "-o", file.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 0, "{ended:?}");
    lotwise("backup", &["--database", &database(folder.path()), "-o", file.to_str().unwrap()]).done();
}

#[test]
fn a_backup_that_is_killed_leaves_no_file_of_its_name_and_the_database_as_it_was() {
    let folder = large();
    let out = tempfile::tempdir().unwrap();
    let mut finished = 0;
    for (round, pause_ms) in [5, 40, 90, 150, 300].into_iter().enumerate() {
        let file = out.path().join(format!("{round}.backup"));
        let mut child = binary()
            .args(["backup", "--database", &database(folder.path()), "-o", file.to_str().unwrap()])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(pause_ms));
        child.kill().unwrap();
        child.wait().unwrap();
        if file.exists() {
            finished += 1;
            let into = format!("sqlite:{}", out.path().join(format!("{round}.db")).display());
            lotwise("restore", &[file.to_str().unwrap(), "--into", &into]).done();
        }
    }
    let last = out.path().join("last.backup");
    lotwise("backup", &["--database", &database(folder.path()), "-o", last.to_str().unwrap()]).done();
    assert!(finished < 5, "at least the first was killed before its end");
}

#[test]
fn a_service_that_is_killed_while_it_copies_leaves_no_backup_and_copies_after_its_restart() {
    let folder = large();
    let out = tempfile::tempdir().unwrap();
    for pause_ms in [10, 60, 120] {
        let file = out.path().join(format!("{pause_ms}.backup"));
        let service = Setup::new().on(folder.path()).start();
        let child = binary()
            .args(["backup", "--server", &service.address, "-o", file.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        std::thread::sleep(Duration::from_millis(pause_ms));
        service.crash();
        let has_succeeded = child.unwrap().wait().unwrap().success();
        assert_eq!(file.exists(), has_succeeded);
    }
    let service = Setup::new().on(folder.path()).start();
    let file = out.path().join("last.backup");
    lotwise("backup", &["--server", &service.address, "-o", file.to_str().unwrap()]).done();
    assert!(!folder.path().join("lotwise.db.copy").exists());
}

#[test]
fn an_archive_of_postgres_that_was_changed_or_fails_leaves_the_target_empty() {
    let server = PostgresServer::start();
    let source = server.database("postgres");
    let service = Setup::new().on_database(&source).start();
    service.fund();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lotwise.dump");
    let name = file.to_str().unwrap();
    lotwise("backup", &["--database", &source, "-o", name]).done();
    let created =
        Command::new("psql").args([source.as_str(), "--quiet", "--command", "CREATE DATABASE target"]).status();
    assert!(created.unwrap().success());
    let target = server.database("target");
    let good = fs::read(&file).unwrap();
    flip(&file, good.len() / 2);
    assert!(lotwise("restore", &[name, "--into", &target]).failed(1).contains("is not as it was written"));
    // Half of it: pg_restore itself gives up, and its one transaction leaves nothing.
    fs::write(&file, &good[..good.len() / 2]).unwrap();
    let torn = lotwise("restore", &[name, "--into", &target, "--without-checksum"]).failed(1);
    assert!(torn.contains("pg_restore failed"), "{torn}");
    fs::write(&file, &good).unwrap();
    lotwise("restore", &[name, "--into", &target]).done();
}
