use std::time::Duration;

use store::{
    StoreError,
    leases::{self, Held},
    replicas,
};

use crate::{database::TestDatabase, story::*};

const LENGTH: Duration = Duration::from_secs(10);

async fn take(database: &mut TestDatabase, holder: &'static str, now: i64) -> Option<Held> {
    database.write(move |tx| leases::take(tx, "controller", holder, LENGTH, at(now))).await
}

async fn seen_since(database: &mut TestDatabase, now: i64) -> Vec<String> {
    let found = database.read(move |tx| replicas::since(tx, at(now))).await;
    found.into_iter().map(|one| one.id).collect()
}

on_both! {
    async fn one_process_at_a_time_holds_a_lease(database: TestDatabase) {
        let first = take(&mut database, "a", 0).await.expect("nobody has it");
        assert_eq!(first.token, 1);
        assert_eq!(take(&mut database, "b", 5).await, None);
        assert_eq!(take(&mut database, "a", 8).await.as_ref(), Some(&first), "renewed, with the same token");
        assert_eq!(take(&mut database, "b", 17).await, None, "renewed until 18");
        let second = take(&mut database, "b", 18).await.expect("it has run out");
        assert_eq!(second.token, 2);
        let stale = database.refused(move |tx| leases::check(tx, &first)).await;
        assert!(matches!(&stale, StoreError::Conflict { constraint, .. } if constraint == "lease"), "{stale}");
        let held = second.clone();
        database.write(move |tx| leases::check(tx, &held)).await;
        database.write(move |tx| leases::release(tx, &second)).await;
        assert_eq!(take(&mut database, "a", 19).await.expect("it was given back").token, 3);
    }

    async fn of_many_who_ask_at_once_one_gets_it(database: TestDatabase) {
        let store = database.store();
        let asking: Vec<_> = (0..8).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store.write(move |tx| leases::take(tx, "controller", &format!("process {number}"), LENGTH, at(0))).await
            })
        }).collect();
        let mut held = 0;
        for asked in asking {
            held += usize::from(asked.await.expect("the task ends").expect("nothing is refused").is_some());
        }
        assert_eq!(held, 1);
    }

    async fn replicas_are_seen_until_they_stop_or_are_not_seen_any_more(database: TestDatabase) {
        database.write(|tx| {
            replicas::see(tx, "a", at(0), at(0))?;
            replicas::see(tx, "b", at(1), at(1))?;
            replicas::see(tx, "a", at(0), at(20))
        }).await;
        assert_eq!(seen_since(&mut database, 0).await, ["b", "a"]);
        assert_eq!(seen_since(&mut database, 5).await, ["a"]);
        database.write(|tx| { replicas::prune(tx, at(10))?; replicas::remove(tx, "a") }).await;
        assert!(seen_since(&mut database, 0).await.is_empty());
    }
}
