use std::time::Duration;

use store::{
    StoreError, Transaction,
    idempotency::{self, Begun, IdempotencyKey, StoredAnswer},
};

use crate::{database::TestDatabase, story::*};

fn key(name: &str, request: &str) -> IdempotencyKey {
    IdempotencyKey { scope: "person:1/fund:1".to_owned(), key: name.to_owned(), request_hash: request.to_owned() }
}

/// What the server does with a POST: the key, the lot, the answer, in one transaction.
fn create_once(
    tx: &mut Transaction<'_>,
    position: Position,
    key: &IdempotencyKey,
) -> Result<(bool, String), StoreError> {
    match idempotency::begin(tx, key, at(1))? {
        Begun::Replay(answer) => Ok((true, answer.body)),
        Begun::First => {
            let lot = lot(tx, position, at(1))?;
            let answer = StoredAnswer { status: 201, location: None, body: lot.id.to_string() };
            idempotency::finish(tx, key, &answer)?;
            Ok((false, answer.body))
        }
    }
}

on_both! {
    async fn twelve_requests_at_once_create_one_lot(database: TestDatabase) {
        database.options().writers = 12;
        let position = database.write(|tx| position(tx, at(0))).await;
        let store = database.store();
        let requests: Vec<_> = (0..12).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.write(move |tx| create_once(tx, position, &key("k1", "a"))).await })
        }).collect();
        let mut answers = Vec::new();
        for request in requests {
            answers.push(request.await.expect("the task ends").expect("the request succeeds"));
        }
        assert_eq!(answers.iter().filter(|(replayed, _)| !replayed).count(), 1, "{answers:?}");
        assert!(answers.iter().all(|(_, body)| *body == answers[0].1), "{answers:?}");
        assert_eq!(database.count("SELECT COUNT(*) FROM lots").await, 1);
    }

    async fn a_key_with_another_body_is_refused(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        database.write(move |tx| create_once(tx, position, &key("k1", "a"))).await;
        let reused = database.refused(move |tx| create_once(tx, position, &key("k1", "b"))).await;
        assert_eq!(reused, StoreError::IdempotencyKeyReused);
        let elsewhere = IdempotencyKey { scope: "person:2/fund:1".to_owned(), ..key("k1", "b") };
        let (replayed, _) = database.write(move |tx| create_once(tx, position, &elsewhere)).await;
        assert!(!replayed, "another caller's key is another key");
    }

    async fn a_failed_request_leaves_no_key(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let failed = database.refused(move |tx| {
            create_once(tx, position, &key("k1", "a"))?;
            Err::<(), _>(StoreError::VersionConflict { current: 7 })
        }).await;
        assert_eq!(failed, StoreError::VersionConflict { current: 7 });
        let (replayed, _) = database.write(move |tx| create_once(tx, position, &key("k1", "b"))).await;
        assert!(!replayed);
    }

    async fn old_keys_are_forgotten(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        database.write(move |tx| create_once(tx, position, &key("k1", "a"))).await;
        assert_eq!(database.write(|tx| idempotency::prune(tx, at(1))).await, 0);
        assert_eq!(database.write(|tx| idempotency::prune(tx, at(2))).await, 1);
    }
}

/// On SQLite the second request can only come after the first; on PostgreSQL it waits, and not for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_request_that_does_not_end_answers_in_progress() {
    let mut database = TestDatabase::postgres().await;
    database.options().lock_timeout = Duration::from_millis(200);
    let position = database.write(|tx| position(tx, at(0))).await;
    let (begun, has_begun) = std::sync::mpsc::sync_channel(1);
    let (end, may_end) = std::sync::mpsc::sync_channel::<()>(1);
    let may_end = std::sync::Mutex::new(may_end);
    let store = database.store();
    let first = tokio::spawn(async move {
        store
            .write(move |tx| {
                let answer = create_once(tx, position, &key("k1", "a"))?;
                let _ = begun.send(());
                let _ = may_end.lock().expect("one user").recv();
                Ok(answer)
            })
            .await
    });
    tokio::task::spawn_blocking(move || has_begun.recv()).await.expect("the task ends").expect("the first has begun");
    let second = database.refused(move |tx| create_once(tx, position, &key("k1", "a"))).await;
    assert_eq!(second, StoreError::IdempotencyInProgress);
    end.send(()).expect("the first waits");
    let (replayed, _) = first.await.expect("the task ends").expect("the first succeeds");
    assert!(!replayed);
}
