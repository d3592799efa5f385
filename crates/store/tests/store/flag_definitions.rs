use flags::Bucketing;
use store::{
    Limit, Page, StoreError, Transaction,
    flag_definitions::{self, Definition, NewDefinition},
    flag_set::{self, FlagSet, NewFlagSet},
};

use crate::{database::TestDatabase, story::*};

const OFF: &str = r#"{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off"}"#;
const ON: &str = r#"{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}"#;

fn new(key: &str) -> NewDefinition<'_> {
    NewDefinition { key, definition: OFF, comment: Some("first") }
}

fn change(tx: &mut Transaction<'_>, key: &str, version: i64, now: i64) -> Result<Definition, StoreError> {
    flag_definitions::change(tx, key, version, ON, Some("on for all"), "person:2", at(now))
}

on_both! {
    async fn a_definition_is_created_changed_and_archived_and_every_version_stays(database: TestDatabase) {
        let created = database.write(|tx| flag_definitions::create(tx, &new("banner"), "person:1", at(0))).await;
        assert_eq!((created.version, created.created_by.as_str(), created.created_at), (1, "person:1", at(0)));
        let changed = database.write(|tx| change(tx, "banner", 1, 5)).await;
        assert_eq!((changed.version, changed.definition.as_str()), (2, ON));
        assert_eq!((changed.created_by.as_str(), changed.updated_by.as_str(), changed.updated_at), ("person:1", "person:2", at(5)));
        let archived = database.write(|tx| flag_definitions::archive(tx, "banner", 2, "person:3", at(9))).await;
        assert_eq!((archived.version, archived.archived_at), (3, Some(at(9))));
        assert_eq!(database.read(|tx| flag_definitions::get(tx, "banner")).await, Some(archived.clone()));
        assert_eq!(database.read(flag_definitions::all).await, [archived]);

        let history = database.read(|tx| flag_definitions::history(tx, "banner", &Page::default())).await.items;
        let told: Vec<_> = history.iter().map(|version| (version.version, version.changed_by.as_str(), version.is_archived)).collect();
        assert_eq!(told, [(3, "person:3", true), (2, "person:2", false), (1, "person:1", false)]);
        assert_eq!((history[1].definition.as_str(), history[1].previous.as_deref()), (ON, Some(OFF)));
        assert_eq!((history[2].previous.as_deref(), history[2].comment.as_deref()), (None, Some("first")));
    }

    async fn history_comes_in_pages_from_the_newest(database: TestDatabase) {
        database.write(|tx| {
            flag_definitions::create(tx, &new("banner"), "person:1", at(0))?;
            (1..5).try_for_each(|version| change(tx, "banner", version, version).map(|_| ()))
        }).await;
        let mut page = Page { limit: Limit::new(2).expect("a limit"), after: None };
        let mut seen = Vec::new();
        loop {
            let asked = page.clone();
            let listing = database.read(move |tx| flag_definitions::history(tx, "banner", &asked)).await;
            seen.extend(listing.items.iter().map(|version| version.version));
            let Some(next) = listing.next else { break };
            page.after = Some(next);
        }
        assert_eq!(seen, [5, 4, 3, 2, 1]);
    }

    async fn a_key_is_taken_once_and_again_after_the_archive(database: TestDatabase) {
        database.write(|tx| flag_definitions::create(tx, &new("banner"), "person:1", at(0)).map(|_| ())).await;
        let taken = database.refused(|tx| flag_definitions::create(tx, &new("banner"), "person:2", at(1))).await;
        assert!(matches!(&taken, StoreError::Conflict { constraint, .. } if constraint == "flag_exists"), "{taken}");
        database.write(|tx| flag_definitions::archive(tx, "banner", 1, "person:1", at(2)).map(|_| ())).await;
        let edit = database.refused(|tx| change(tx, "banner", 2, 3)).await;
        assert!(matches!(&edit, StoreError::WrongState { state, .. } if state == "archived"), "{edit}");
        let back = database.write(|tx| flag_definitions::create(tx, &new("banner"), "person:2", at(4))).await;
        assert_eq!((back.version, back.archived_at, back.created_by.as_str()), (3, None, "person:1"));
    }

    async fn a_late_edit_is_told_the_version_that_is_there(database: TestDatabase) {
        assert_eq!(database.refused(|tx| change(tx, "banner", 1, 0)).await, StoreError::VersionConflict { current: 0 });
        let seeded = database.write(|tx| change(tx, "banner", 0, 1)).await;
        assert_eq!(seeded.version, 1, "a seeded flag has no row until its first edit");
        for stale in [0, 2] {
            let refused = database.refused(move |tx| change(tx, "banner", stale, 2)).await;
            assert_eq!(refused, StoreError::VersionConflict { current: 1 });
        }
        let archive = database.refused(|tx| flag_definitions::archive(tx, "banner", 7, "person:1", at(3))).await;
        assert_eq!(archive, StoreError::VersionConflict { current: 1 });
    }

    async fn of_ten_edits_of_one_version_one_is_stored(database: TestDatabase) {
        database.write(|tx| flag_definitions::create(tx, &new("banner"), "person:1", at(0)).map(|_| ())).await;
        let store = database.store();
        let edits: Vec<_> = (0..10).map(|second| {
            let store = store.clone();
            tokio::spawn(async move { store.write(move |tx| change(tx, "banner", 1, second)).await })
        }).collect();
        let mut stored = 0;
        for edit in edits {
            match edit.await.expect("the task ends") {
                Ok(_) => stored += 1,
                Err(error) => assert_eq!(error, StoreError::VersionConflict { current: 2 }),
            }
        }
        assert_eq!(stored, 1);
        assert_eq!(database.count("SELECT COUNT(*) FROM flag_definition_versions").await, 2);
    }

    async fn what_definitions_share_has_versions_too(database: TestDatabase) {
        assert_eq!(database.read(flag_set::get).await, FlagSet::untouched());
        let shared = NewFlagSet {
            evaluators: Some(r#"{"staff":{"==":[1,1]}}"#),
            metadata: Some(r#"{"team":"portfolio"}"#),
            bucketing: Bucketing::V2,
            comment: Some("as the old clients hash"),
        };
        let first = database.write(move |tx| flag_set::change(tx, 0, &shared, "person:1", at(1))).await;
        assert_eq!((first.version, first.bucketing, first.updated_at), (1, Bucketing::V2, Some(at(1))));
        assert_eq!(database.read(flag_set::get).await, first);
        let late = database.refused(move |tx| flag_set::change(tx, 0, &shared, "person:2", at(2))).await;
        assert_eq!(late, StoreError::VersionConflict { current: 1 });
        let plain = NewFlagSet { evaluators: None, metadata: None, bucketing: Bucketing::V3, comment: None };
        let second = database.write(move |tx| flag_set::change(tx, 1, &plain, "person:2", at(3))).await;
        assert_eq!((second.version, second.bucketing), (2, Bucketing::V3));
        let kept = "SELECT COUNT(*) FROM flag_set_versions WHERE bucketing = 'v2' AND comment = 'as the old clients hash'";
        assert_eq!(database.count(kept).await, 1);
    }

    async fn nobody_can_change_or_delete_what_was(database: TestDatabase) {
        database.write(|tx| {
            flag_definitions::create(tx, &new("banner"), "person:1", at(0))?;
            let plain = NewFlagSet { evaluators: None, metadata: None, bucketing: Bucketing::V3, comment: None };
            flag_set::change(tx, 0, &plain, "person:1", at(0)).map(|_| ())
        }).await;
        for table in ["flag_definition_versions", "flag_set_versions"] {
            for script in [format!("UPDATE {table} SET changed_by = 'nobody'"), format!("DELETE FROM {table}")] {
                let refused = database.behind_the_back(&script).await.expect_err("history is append-only");
                assert!(refused.contains("append-only"), "{refused}");
            }
            assert_eq!(database.count(&format!("SELECT COUNT(*) FROM {table}")).await, 1);
        }
    }
}
