use store::{
    FlagChangeId, Page, StoreError, Transaction,
    flag_changes::{self, FlagAction, FlagChange, FlagChangeStatus, NewFlagChange},
    ids,
};

use crate::{database::TestDatabase, story::*};

fn propose(tx: &mut Transaction<'_>, flag_key: Option<&str>, now: i64) -> Result<FlagChange, StoreError> {
    let action = if flag_key.is_some() { FlagAction::Change } else { FlagAction::ChangeSet };
    let id = FlagChangeId(ids::uuid_v7(at(now))?);
    let new =
        NewFlagChange { id, flag_key, action, base_version: 3, body: r#"{"state":"DISABLED"}"#, comment: Some("over") };
    flag_changes::propose(tx, &new, "person:1", at(now))
}

on_both! {
    async fn a_change_waits_until_a_second_person_decides_it(database: TestDatabase) {
        let asked = database.write(|tx| propose(tx, Some("banner"), 1)).await;
        assert_eq!((asked.status, asked.base_version, asked.requested_at), (FlagChangeStatus::Pending, 3, at(1)));
        let id = asked.id;
        let own = database.refused(move |tx| flag_changes::decide(tx, id, FlagChangeStatus::Approved, None, "person:1", at(2))).await;
        assert!(matches!(&own, StoreError::Conflict { constraint, .. } if constraint == "second_person"), "{own}");
        let foreign = database.refused(move |tx| flag_changes::decide(tx, id, FlagChangeStatus::Withdrawn, None, "person:2", at(2))).await;
        assert!(matches!(&foreign, StoreError::Conflict { constraint, .. } if constraint == "second_person"), "{foreign}");
        let approved = database.write(move |tx| {
            flag_changes::decide(tx, id, FlagChangeStatus::Approved, Some("agreed"), "person:2", at(3))
        }).await;
        assert_eq!(
            (approved.status, approved.decided_by.as_deref(), approved.decided_at, approved.reason.as_deref()),
            (FlagChangeStatus::Approved, Some("person:2"), Some(at(3)), Some("agreed"))
        );
        assert_eq!(database.read(move |tx| flag_changes::get(tx, id)).await, approved);
    }

    async fn what_is_decided_stays_decided(database: TestDatabase) {
        let id = database.write(|tx| propose(tx, Some("banner"), 1)).await.id;
        database.write(move |tx| flag_changes::decide(tx, id, FlagChangeStatus::Withdrawn, None, "person:1", at(2)).map(|_| ())).await;
        for status in [FlagChangeStatus::Approved, FlagChangeStatus::Rejected, FlagChangeStatus::Pending] {
            let late = database.refused(move |tx| flag_changes::decide(tx, id, status, None, "person:2", at(3))).await;
            assert!(matches!(&late, StoreError::WrongState { state, .. } if state == "withdrawn"), "{late}");
        }
    }

    async fn of_two_who_decide_at_once_one_is_heard(database: TestDatabase) {
        let id = database.write(|tx| propose(tx, Some("banner"), 1)).await.id;
        let store = database.store();
        let deciders: Vec<_> = [FlagChangeStatus::Approved, FlagChangeStatus::Rejected].into_iter().map(|status| {
            let store = store.clone();
            tokio::spawn(async move {
                store.write(move |tx| flag_changes::decide(tx, id, status, None, "person:2", at(2))).await
            })
        }).collect();
        let mut heard = Vec::new();
        for decider in deciders {
            match decider.await.expect("the task ends") {
                Ok(change) => heard.push(change.status),
                Err(error) => assert!(matches!(error, StoreError::WrongState { .. }), "{error}"),
            }
        }
        assert_eq!(heard, [database.read(move |tx| flag_changes::get(tx, id)).await.status]);
    }

    async fn changes_are_listed_by_what_became_of_them(database: TestDatabase) {
        let id = database.write(|tx| propose(tx, Some("banner"), 1)).await.id;
        let second = [database.write(|tx| propose(tx, None, 2)).await];
        let rejected = database.write(move |tx| {
            flag_changes::decide(tx, id, FlagChangeStatus::Rejected, Some("not now"), "person:2", at(3))
        }).await;
        let pending = Some(FlagChangeStatus::Pending);
        assert_eq!(database.read(move |tx| flag_changes::list(tx, pending, &Page::default())).await.items, second);
        assert_eq!(database.read(|tx| flag_changes::list(tx, None, &Page::default())).await.items, [[rejected], second].concat());
    }
}
