//! A service that starts before its database.

use std::time::Duration;

use store::{Store, StoreError, flag_state, migrations};

use crate::{database::TestDatabase, postgres_server::PostgresServer, story::*};

async fn crashed(server: PostgresServer) -> PostgresServer {
    let crash = move || {
        server.crash();
        server
    };
    tokio::task::spawn_blocking(crash).await.expect("the server stops")
}

async fn recovered(server: PostgresServer) -> PostgresServer {
    let recover = move || {
        server.recover();
        server
    };
    tokio::task::spawn_blocking(recover).await.expect("the server starts")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_opened_without_its_server_migrates_and_serves_once_it_is_there() {
    let server = PostgresServer::start();
    let mut database = TestDatabase::on_server(&server.database("postgres")).await;
    let server = crashed(server).await;
    let options = database.options().clone();
    let store = Store::open_unreachable_ok(database.url(), &options).expect("it opens all the same");
    let mut changes = store.flag_changes();
    changes.borrow_and_update();
    assert!(!store.is_migrated());
    for _ in 0..3 {
        let kill = store.write(|tx| flag_state::kill(tx, "banner", "person:1", "wrong", at(0)).map(|_| ())).await;
        assert!(matches!(kill, Err(StoreError::Unavailable(_))), "{kill:?}");
        let read = store.read(store::flag_book::read).await;
        assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    }

    let _server = recovered(server).await;
    let served = tokio::time::timeout(Duration::from_secs(60), async {
        while store.read(store::flag_book::read).await.is_err() {
            changes.changed().await.expect("the store is open");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    served.await.expect("the store migrates and serves by itself, and tells that flags are known");
    assert!(store.is_migrated());
    assert_eq!(store.read(migrations::stored_version).await, Ok(migrations::LATEST_VERSION));
    store.write(|tx| flag_state::kill(tx, "banner", "person:1", "wrong", at(0)).map(|_| ())).await.expect("a kill");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_schema_is_refused_at_once_or_named_as_soon_as_it_is_seen() {
    let server = PostgresServer::start();
    let mut database = TestDatabase::on_server(&server.database("postgres")).await;
    database.reopen().expect("the database opens");
    database.close();
    let newer = "INSERT INTO schema_migrations (version, name, checksum) VALUES (99, 'from_the_future', 'x')";
    database.behind_the_back(newer).await.expect("a row of a newer program");
    let options = database.options().clone();
    let refused = Store::open_unreachable_ok(database.url(), &options).expect_err("a newer schema is refused");
    assert!(matches!(&refused, StoreError::Unusable(message) if message.contains("from_the_future")), "{refused}");

    let server = crashed(server).await;
    let store = Store::open_unreachable_ok(database.url(), &options).expect("nobody has seen the schema yet");
    let _server = recovered(server).await;
    let named = tokio::time::timeout(Duration::from_secs(60), async {
        loop {
            match store.read(store::flag_book::read).await {
                Err(StoreError::Unavailable(reason)) if reason.contains("from_the_future") => break,
                Err(StoreError::Unavailable(_)) => tokio::time::sleep(Duration::from_millis(20)).await,
                other => panic!("{other:?}"),
            }
        }
    });
    named.await.expect("the refusals name the schema");
    assert!(!store.is_migrated());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sqlite_file_is_there_or_refused_as_ever() {
    let mut database = TestDatabase::sqlite();
    let options = database.options().clone();
    let store = Store::open_unreachable_ok(database.url(), &options).expect("the file is made");
    assert!(store.is_migrated());
    let second = Store::open_unreachable_ok(database.url(), &options).expect_err("the file is in use");
    assert!(matches!(second, StoreError::Unusable(_)), "{second}");
}
