//! Full disks, locked files, servers that are away or silent.

use std::{net::TcpListener, sync::Mutex, time::Duration};

use store::{
    DatabaseUrl, Store, StoreError, StoreOptions, Transaction,
    audit::{self, NewEntry},
    flag_book,
    lots::{self, LotFilter},
};

use crate::{database::TestDatabase, postgres_server::PostgresServer, story::*};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_sqlite_file_refuses_writes_whole_and_still_answers_reads() {
    let mut database = TestDatabase::sqlite();
    let position = database.write(|tx| position(tx, at(0))).await;
    let pages = database.count("PRAGMA page_count").await;
    database.options().sqlite_pages_max = Some(u32::try_from(pages).expect("a small file") + 20);
    let store = database.reopen().expect("the database opens");
    let mut acknowledged = 0;
    let mut full = None;
    while full.is_none() {
        let writers: Vec<_> = (0..16)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.write(move |tx| lot(tx, position, at(1)).map(|_| ())).await })
            })
            .collect();
        for writer in writers {
            match writer.await.expect("the task ends") {
                Ok(()) => acknowledged += 1,
                Err(error) => full = Some(error),
            }
        }
    }
    assert!(matches!(full, Some(StoreError::Full(_))), "{full:?}");
    assert_eq!(database.count("SELECT COUNT(*) FROM lots").await, acknowledged);
    assert_eq!(database.count("SELECT COUNT(*) FROM lot_versions").await, acknowledged);
    database.read(move |tx| lots::list(tx, position.fund, &LotFilter::default(), &store::Page::default())).await;

    drop(store);
    database.options().sqlite_pages_max = None;
    database.reopen().expect("the database opens with more space");
    database.write(move |tx| lot(tx, position, at(2)).map(|_| ())).await;
    assert_eq!(database.count("SELECT COUNT(*) FROM lots").await, acknowledged + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_postgres_disk_is_told_apart_and_nothing_is_half_written() {
    let mut database = TestDatabase::postgres().await;
    let position = database.write(|tx| position(tx, at(0))).await;
    let full = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$; \
        CREATE TRIGGER full_disk BEFORE INSERT ON lot_versions FOR EACH ROW EXECUTE FUNCTION full_disk()";
    database.behind_the_back(full).await.expect("the trigger is made");
    let refused = database.refused(move |tx| lot(tx, position, at(1))).await;
    assert!(matches!(&refused, StoreError::Full(message) if message.contains("No space left")), "{refused}");
    assert_eq!(database.count("SELECT COUNT(*) FROM lots").await, 0);
}

on_both! {
    async fn a_clock_that_jumps_back_puts_nothing_before_what_is_there(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let record = |tx: &mut Transaction<'_>, now| {
            let entry = NewEntry { actor: "a", action: "b", subject: "c", fund_id: None, details: "{}" };
            audit::append(tx, &entry, now).map(|entry| entry.at)
        };
        let mark = mark("300", "2023-01-01");
        let later = database.write(move |tx| {
            let event = event(tx, position, &mark, at(7200))?;
            Ok((event.recorded_at, record(tx, at(7200))?))
        }).await;
        let mark = self::mark("400", "2023-01-02");
        let after_the_jump = database.write(move |tx| {
            let event = event(tx, position, &mark, at(60))?;
            Ok((event.recorded_at, record(tx, at(60))?))
        }).await;
        assert!(after_the_jump.0 > later.0 && after_the_jump.1 >= later.1, "{later:?}, then {after_the_jump:?}");
        assert_eq!(database.read(audit::verify).await, None);
        // What is asked for as known before the jump is what was known then.
        let known_then = database.read(move |tx| store::portfolio::document(tx, position.fund, store::portfolio::Scope::Fund, date("2023-12-31"), later.0)).await;
        let known_then = String::from_utf8(known_then).expect("UTF-8");
        assert!(known_then.contains("2023-01-01") && !known_then.contains("2023-01-02"), "{known_then}");
    }
}

#[test]
fn a_second_process_is_refused_the_file_and_told_the_other_way() {
    let mut database = TestDatabase::sqlite();
    let first = database.reopen().expect("the database opens");
    let refused = Store::open(database.url(), &StoreOptions::default()).expect_err("the file is in use");
    let StoreError::Unusable(message) = &refused else { panic!("{refused:?}") };
    assert!(message.contains("test.db") && message.contains("--server"), "{message}");
    drop(first);
    database.reopen().expect("the lock goes with the store");
}

#[test]
fn a_file_that_is_no_database_and_a_folder_that_is_not_there_are_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "this is not a database, although it is long enough to look like a page".repeat(100))
        .expect("a text file");
    let missing = folder.path().join("nowhere/test.db");
    for path in [text, missing] {
        let refused =
            Store::open(&DatabaseUrl::Sqlite(path.clone()), &StoreOptions::default()).expect_err("no database");
        let StoreError::Unusable(message) = &refused else { panic!("{refused:?}") };
        assert!(message.contains(path.to_str().expect("UTF-8")), "{message}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    // A port that was free a moment ago and that nobody listens on.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let url: DatabaseUrl = format!("postgres://me:secret@127.0.0.1:{port}/lotwise").parse().expect("a URL");
    let refused = Store::open(&url, &StoreOptions::default()).expect_err("nobody listens");
    assert!(matches!(&refused, StoreError::Unavailable(message) if !message.contains("secret")), "{refused}");
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let url: DatabaseUrl = format!("postgres://me@127.0.0.1:{port}/lotwise").parse().expect("a URL");
    let options = StoreOptions { connect_timeout: Duration::from_millis(100), ..StoreOptions::default() };
    let refused = Store::open(&url, &options).expect_err("nobody answers");
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
}

/// What hangs here for as long as the other write takes is a process that the machine has stopped, or whose network has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_hangs_in_a_write_holds_its_locks_no_longer_than_a_statement_may_take() {
    let mut database = TestDatabase::postgres().await;
    database.options().statement_timeout = Duration::from_secs(1);
    let hanging = database.reopen().expect("it opens");
    database.options().statement_timeout = StoreOptions::default().statement_timeout;
    let other = database.another_store().expect("it opens");
    let (locked, is_locked) = tokio::sync::oneshot::channel();
    let (go_on, goes_on) = std::sync::mpsc::channel::<()>();
    let (locked, goes_on) = (Mutex::new(Some(locked)), Mutex::new(goes_on));
    let hung = tokio::spawn(async move {
        let work = move |tx: &mut Transaction<'_>| {
            flag_book::lock(tx)?;
            if let Some(locked) = locked.lock().expect("one thread").take() {
                let _ = locked.send(());
            }
            let _ = goes_on.lock().expect("one thread").recv();
            flag_book::raise(tx)
        };
        hanging.write(work).await
    });
    is_locked.await.expect("the lock is taken");
    other.write(|tx| flag_book::lock(tx).and_then(|_| flag_book::raise(tx))).await.expect("the lock is free again");
    drop(go_on);
    assert!(matches!(hung.await.expect("it ends"), Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn wrong_names_are_unusable_and_not_tried_again() {
    let mut database = TestDatabase::postgres().await;
    let DatabaseUrl::Postgres(url) = database.url() else { panic!("a PostgreSQL database") };
    let url: DatabaseUrl = format!("{url}_of_somebody_else").parse().expect("a URL");
    let refused = Store::open(&url, database.options()).expect_err("no such database");
    assert!(matches!(refused, StoreError::Unusable(_)), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgres_is_away_requests_are_refused_and_afterwards_all_is_there() {
    let server = PostgresServer::start();
    let mut database = TestDatabase::on_server(&server.database("postgres")).await;
    let position = database.write(|tx| position(tx, at(0))).await;
    database.write(move |tx| lot(tx, position, at(1)).map(|_| ())).await;
    let store = database.store();

    let server = tokio::task::spawn_blocking(move || {
        server.crash();
        server
    })
    .await
    .expect("the server stops");
    for _ in 0..20 {
        let write = store.write(move |tx| lot(tx, position, at(2)).map(|_| ())).await;
        assert!(matches!(write, Err(StoreError::Unavailable(_))), "{write:?}");
        let read = store.read(move |tx| store::funds::get(tx, position.fund)).await;
        assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    }

    let _server = tokio::task::spawn_blocking(move || {
        server.recover();
        server
    })
    .await
    .expect("the server starts");
    // The store looks for the server by itself; how soon it finds it is its own affair, within a minute.
    let found = tokio::time::timeout(Duration::from_secs(60), async {
        while store.read(move |tx| store::funds::get(tx, position.fund)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    found.await.expect("the store finds the server again");
    database.write(move |tx| lot(tx, position, at(3)).map(|_| ())).await;
    assert_eq!(database.count("SELECT COUNT(*) FROM lots").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_failover_a_standby_is_read_and_refuses_writes_until_it_is_promoted() {
    let server = PostgresServer::start();
    let mut database = TestDatabase::on_server(&server.database("postgres")).await;
    let position = database.write(|tx| position(tx, at(0))).await;
    let DatabaseUrl::Postgres(url) = database.url().clone() else { panic!("a PostgreSQL database") };
    let (standby, server) = tokio::task::spawn_blocking(move || (server.standby(), server)).await.expect("a standby");
    let both = format!("{},{}", server.folder(), standby.folder());
    let url: DatabaseUrl = url.replace(server.folder(), &both).parse().expect("a URL of two servers");
    let store = Store::open(&url, database.options()).expect("the primary is there");
    store.write(move |tx| lot(tx, position, at(1)).map(|_| ())).await.expect("the primary takes writes");

    let (standby, _server) = tokio::task::spawn_blocking(move || {
        server.crash();
        (standby, server)
    })
    .await
    .expect("the primary stops");
    let read = || store.read(move |tx| store::funds::get(tx, position.fund));
    let eventually = tokio::time::timeout(Duration::from_secs(60), async {
        while read().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    eventually.await.expect("the standby is found, and read");
    for _ in 0..5 {
        let refused = store.write(move |tx| lot(tx, position, at(2)).map(|_| ())).await;
        assert!(
            matches!(&refused, Err(StoreError::Unavailable(message)) if message.contains("begins no Write transaction")),
            "{refused:?}"
        );
        read().await.expect("what is refused to writers harms no reader");
    }
    let _standby = tokio::task::spawn_blocking(move || {
        standby.promote();
        standby
    })
    .await
    .expect("the standby is promoted");
    store.write(move |tx| lot(tx, position, at(3)).map(|_| ())).await.expect("it takes writes, without a restart");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_beyond_the_queue_are_refused_at_once() {
    let mut database = TestDatabase::sqlite();
    database.options().queue_length_max = 2;
    let store = database.store();
    let (begun, has_begun) = std::sync::mpsc::sync_channel(1);
    let (end, may_end) = std::sync::mpsc::sync_channel::<()>(1);
    let may_end = Mutex::new(may_end);
    let busy = store.clone();
    let first = tokio::spawn(async move {
        busy.write(move |_| {
            let _ = begun.send(());
            let _ = may_end.lock().expect("one user").recv();
            Ok(())
        })
        .await
    });
    tokio::task::spawn_blocking(move || has_begun.recv()).await.expect("the task ends").expect("the first has begun");
    let waiting: Vec<_> = (0..10)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.write(|tx| position(tx, at(0)).map(|_| ())).await })
        })
        .collect();
    // Eight of the ten are refused while the writer is busy; the other two wait in the queue.
    let mut refused = 0;
    let mut queued = Vec::new();
    for request in waiting {
        queued.push(request);
    }
    while refused < 8 {
        let finished = queued.iter().position(tokio::task::JoinHandle::is_finished);
        match finished {
            Some(position) => {
                let answer = queued.swap_remove(position).await.expect("the task ends");
                assert!(matches!(answer, Err(StoreError::Overloaded(_))), "{answer:?}");
                refused += 1;
            }
            None => tokio::task::yield_now().await,
        }
    }
    end.send(()).expect("the first waits");
    first.await.expect("the task ends").expect("the first succeeds");
    for request in queued {
        request.await.expect("the task ends").expect("what waited is carried out");
    }
}
