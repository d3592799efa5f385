//! Who hears of a changed flag, and when.

use std::time::Duration;

use store::{Store, flag_state};
use tokio::sync::watch;

use crate::{database::TestDatabase, postgres_server::PostgresServer, story::*};

/// What every process has to know a kill within.
const WELL_UNDER: Duration = Duration::from_secs(1);

async fn switch(store: &Store, killed: bool, second: i64) -> Result<(), store::StoreError> {
    let act = if killed { flag_state::kill } else { flag_state::restore };
    store.write(move |tx| act(tx, "enableLotLevelMoic", "person:1", "a test", at(second)).map(|_| ())).await
}

/// Waits until the store's listener has subscribed, as the server sees it.
async fn has_listener(database: &mut TestDatabase, listeners: i64) {
    let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%' AND state = 'idle'";
    let subscribed = tokio::time::timeout(Duration::from_secs(60), async {
        while database.count(sql).await < listeners {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    subscribed.await.expect("the listener subscribes");
}

/// Kills and restores on `writer`, and expects each change to be heard in time.
async fn hears_each(changes: &mut watch::Receiver<u64>, writer: &Store) {
    for second in 0..6 {
        changes.borrow_and_update();
        switch(writer, second % 2 == 0, second).await.expect("the flag is switched");
        tokio::time::timeout(WELL_UNDER, changes.changed()).await.expect("heard in time").expect("the store is open");
    }
}

on_both! {
    async fn a_process_hears_of_its_own_change_before_the_answer(database: TestDatabase) {
        let store = database.store();
        let mut changes = store.flag_changes();
        for second in 0..4 {
            changes.borrow_and_update();
            switch(&store, second % 2 == 0, second).await.expect("the flag is switched");
            assert!(changes.has_changed().expect("the store is open"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_changes_no_flag_or_fails_is_not_heard() {
    let mut database = TestDatabase::sqlite();
    let store = database.store();
    let mut changes = store.flag_changes();
    changes.borrow_and_update();
    database.write(|tx| position(tx, at(0)).map(|_| ())).await;
    switch(&store, false, 0).await.expect("nothing to restore");
    database
        .refused(|tx| {
            flag_state::kill(tx, "enableLotLevelMoic", "person:1", "a test", at(1))?;
            Err::<(), _>(store::StoreError::Unavailable("a test".to_owned()))
        })
        .await;
    assert!(!changes.has_changed().expect("the store is open"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_of_another_process_is_heard_in_time() {
    let mut database = TestDatabase::postgres().await;
    let mut changes = database.store().flag_changes();
    has_listener(&mut database, 1).await;
    let other = database.another_store().expect("another replica");
    hears_each(&mut changes, &other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_listener_survives_a_crash_of_the_server() {
    let server = PostgresServer::start();
    let mut database = TestDatabase::on_server(&server.database("postgres")).await;
    let mut changes = database.store().flag_changes();
    let other = database.another_store().expect("another replica");
    has_listener(&mut database, 2).await;
    changes.borrow_and_update();
    let _server = tokio::task::spawn_blocking(move || {
        server.crash();
        server.recover();
        server
    })
    .await
    .expect("the server restarts");

    // What happened meanwhile was not heard: the new connection tells that something may have.
    tokio::time::timeout(Duration::from_secs(60), changes.changed()).await.expect("told").expect("the store is open");
    has_listener(&mut database, 2).await;
    let back = tokio::time::timeout(Duration::from_secs(60), async {
        while other.read(store::flag_book::revision).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    back.await.expect("the other replica finds the server again");
    hears_each(&mut changes, &other).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_listener_goes_with_its_store() {
    let mut database = TestDatabase::postgres().await;
    let mut changes = database.store().flag_changes();
    has_listener(&mut database, 1).await;
    database.close();
    let ended = tokio::time::timeout(Duration::from_secs(60), async { while changes.changed().await.is_ok() {} });
    ended.await.expect("nobody is left who could tell of changes");
}
