//! What is acknowledged stays, whatever happens to the process.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use store::{
    DatabaseUrl, LotId, Page, Store, StoreError, StoreOptions,
    audit::{self, NewEntry},
    idempotency::{self, IdempotencyKey, StoredAnswer},
    jobs,
    lots::{self, LotFilter},
    snapshots,
};

use crate::{database::TestDatabase, story::*};

const URL: &str = "LOTWISE_TEST_WRITER_URL";

/// What the server does for a POST: key, lot, audit entry and a snapshot's job, in one transaction.
async fn write_everything(store: &Store, position: Position) -> Result<LotId, StoreError> {
    store
        .write(move |tx| {
            let new = new_lot(position.investment, equity(), at(0))?;
            let key = IdempotencyKey { scope: "test".to_owned(), key: new.id.to_string(), request_hash: String::new() };
            idempotency::begin(tx, &key, at(0))?;
            let lot = lots::create(tx, position.fund, &new, at(0))?;
            let subject = lot.id.to_string();
            let entry = NewEntry {
                actor: "test",
                action: "lot.create",
                subject: &subject,
                fund_id: Some(position.fund),
                details: "{}",
            };
            audit::append(tx, &entry, at(0))?;
            jobs::enqueue(tx, "test", &subject, at(0))?;
            idempotency::finish(tx, &key, &StoredAnswer { status: 201, location: None, body: subject })?;
            Ok(lot.id)
        })
        .await
}

/// The process that is killed: eight writers who say what was acknowledged.
#[test]
#[ignore = "run by the tests of this file, as a process of its own"]
fn writer() {
    let url: DatabaseUrl = std::env::var(URL).expect("the parent names the database").parse().expect("a URL");
    let store = Store::open(&url, &StoreOptions::default()).expect("the database opens");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let position = store.write(|tx| position(tx, at(0))).await.expect("a position");
        let writers: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    for _ in 0..usize::MAX {
                        let id = write_everything(&store, position).await.expect("the write succeeds");
                        println!("acknowledged {id}");
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.expect("a writer ends only with the process");
        }
    });
}

/// Starts the writer, kills it after `count` acknowledgements, and returns everything it said before it died.
fn kill_after(url: &str, count: usize) -> BTreeSet<LotId> {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "durability::writer", "--ignored", "--nocapture"])
        .env(URL, url)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the writer starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut acknowledged = BTreeSet::new();
    let mut read = |lines: &mut dyn Iterator<Item = std::io::Result<String>>, wanted: usize| {
        for line in lines.map_while(Result::ok) {
            // The test harness writes on the same line before the first of ours.
            if let Some((_, id)) = line.split_once("acknowledged ")
                && let Ok(id) = id.parse()
            {
                acknowledged.insert(id);
            }
            if acknowledged.len() >= wanted {
                break;
            }
        }
    };
    read(&mut lines, count);
    // On Unix this is SIGKILL.
    child.kill().expect("the writer is killed");
    child.wait().expect("the writer is gone");
    read(&mut lines, usize::MAX);
    assert!(acknowledged.len() >= count, "the writer ended by itself");
    acknowledged
}

async fn everything_acknowledged_is_there(mut database: TestDatabase) {
    let url = match database.url() {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let mut acknowledged = BTreeSet::new();
    for count in [1, 40, 250] {
        let url = url.clone();
        let round = tokio::task::spawn_blocking(move || kill_after(&url, count)).await.expect("the round ends");
        acknowledged.extend(round);
        // The operating system's lock has gone with the process, so the file opens at once.
        database.reopen().expect("the database opens after the kill");
        for id in acknowledged.clone() {
            database.read(move |tx| lots::get(tx, id)).await;
        }
        let stored = database.count("SELECT COUNT(*) FROM lots").await;
        for table in ["lot_versions", "idempotency_keys WHERE status = 201", "audit_log", "jobs"] {
            let count = database.count(&format!("SELECT COUNT(*) FROM {table}")).await;
            assert_eq!(count, stored, "{table}: a write is there as a whole or not at all");
        }
        assert_eq!(database.read(audit::verify).await, None);
        database.close();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_what_was_acknowledged_before_a_kill() {
    everything_acknowledged_is_there(TestDatabase::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_what_was_acknowledged_before_a_kill() {
    everything_acknowledged_is_there(TestDatabase::postgres().await).await;
}

on_both! {
    async fn a_failed_transaction_stores_nothing_of_it(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let failed = database.refused(move |tx| {
            lot(tx, position, at(1))?;
            snapshot(tx, position.fund, at(2))?;
            Err::<(), _>(StoreError::LeaseLost { job: 1, attempt: 1 })
        }).await;
        assert_eq!(failed, StoreError::LeaseLost { job: 1, attempt: 1 });
        for table in ["lots", "lot_versions", "snapshots", "jobs"] {
            assert_eq!(database.count(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
    }

    async fn a_panic_rolls_back_and_harms_nobody_else(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let panicked = database.refused(move |tx| {
            lot(tx, position, at(1))?;
            if position.fund.0 > 0 {
                panic!("a defect");
            }
            Ok(())
        }).await;
        assert!(matches!(panicked, StoreError::Internal(_)), "{panicked}");
        database.write(move |tx| lot(tx, position, at(2)).map(|_| ())).await;
        assert_eq!(database.count("SELECT COUNT(*) FROM lots").await, 1);
    }

    async fn a_swallowed_failure_of_the_database_still_fails_the_transaction(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let twice = database.refused(move |tx| {
            let new = new_lot(position.investment, equity(), at(1))?;
            lots::create(tx, position.fund, &new, at(1))?;
            let again = lots::create(tx, position.fund, &new, at(1));
            assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
            Ok(())
        }).await;
        assert!(matches!(twice, StoreError::Conflict { .. }), "{twice}");
        assert_eq!(database.count("SELECT COUNT(*) FROM lots").await, 0);
    }

    async fn a_read_cannot_write(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let refused = database.store().read(move |tx| lot(tx, position, at(1))).await;
        assert!(matches!(refused, Err(StoreError::Internal(_))), "{refused:?}");
        assert_eq!(database.count("SELECT COUNT(*) FROM lots").await, 0);
    }

    async fn one_failure_in_a_group_harms_nobody_else(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let store = database.store();
        let writers: Vec<_> = (0..64).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store.write(move |tx| {
                    lot(tx, position, at(1))?;
                    if number % 3 == 0 { Err(StoreError::VersionConflict { current: number }) } else { Ok(()) }
                }).await
            })
        }).collect();
        let mut succeeded = 0;
        for writer in writers {
            succeeded += i64::from(writer.await.expect("the task ends").is_ok());
        }
        assert_eq!(succeeded, 42);
        assert_eq!(database.count("SELECT COUNT(*) FROM lots").await, 42);
        let listed = database.read(move |tx| lots::list(tx, position.fund, &LotFilter::default(), &Page::default())).await;
        assert_eq!(listed.items.len(), 42);
    }

    async fn what_was_being_calculated_goes_on_after_a_restart(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        database.write(move |tx| (0..20).try_for_each(|_| snapshot(tx, position.fund, at(0)).map(|_| ()))).await;
        let lease = std::time::Duration::from_secs(10);
        for _ in 0..20 {
            database.write(move |tx| snapshots::claim(tx, "dead", lease, at(1)).map(|claim| assert!(claim.is_some()))).await;
        }
        database.reopen().expect("the database opens again");
        assert_eq!(database.write(|tx| snapshots::requeue_expired(tx, 100, at(10))).await, 0, "leases still hold");
        assert_eq!(database.write(|tx| snapshots::requeue_expired(tx, 100, at(11))).await, 20);
        for _ in 0..20 {
            let claim = database.write(move |tx| snapshots::claim(tx, "alive", lease, at(11))).await;
            assert_eq!(claim.expect("a snapshot to go on with").0.attempt, 2);
        }
    }
}
