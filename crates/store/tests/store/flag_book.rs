use flags::{Bucketing, EARLY_ADOPTERS};
use store::{
    Transaction,
    announcement::{self, Announcement},
    audit, flag_book,
    flag_book::FlagBook,
    flag_definitions::{self, NewDefinition},
    flag_set::{self, NewFlagSet},
    flag_state, flag_usage,
    segments::{self, MemberSource},
};

use crate::{database::TestDatabase, story::*};

type Write = fn(&mut Transaction<'_>) -> Result<(), store::StoreError>;

/// One of each write that changes what flags answer.
const CHANGES: &[(&str, Write)] = &[
    ("create", |tx| {
        let new = NewDefinition { key: "banner", definition: "{}", comment: None };
        flag_definitions::create(tx, &new, "person:1", at(1)).map(|_| ())
    }),
    ("change", |tx| flag_definitions::change(tx, "banner", 1, "{}", None, "person:1", at(2)).map(|_| ())),
    ("set", |tx| {
        let new = NewFlagSet { evaluators: None, metadata: None, bucketing: Bucketing::V2, comment: None };
        flag_set::change(tx, 0, &new, "person:1", at(3)).map(|_| ())
    }),
    ("kill", |tx| flag_state::kill(tx, "banner", "person:1", "wrong", at(4)).map(|_| ())),
    ("default", |tx| flag_state::set_default_variant(tx, "banner", Some("off"), "person:1", at(5)).map(|_| ())),
    ("member", |tx| {
        segments::add_member(tx, EARLY_ADOPTERS, "person:2", MemberSource::Operator, "person:1", at(6)).map(|_| ())
    }),
    ("segment", |tx| segments::create(tx, "staff", "Staff", "person:1", at(7)).map(|_| ())),
    ("announcement", |tx| {
        let news = Announcement { text: "News".to_owned(), link: None };
        announcement::replace(tx, 0, Some(&news), "person:1", at(8)).map(|_| ())
    }),
];

/// Their opposites.
const UNDOINGS: &[(&str, Write)] = &[
    ("restore", |tx| flag_state::restore(tx, "banner", "person:1", "mended", at(11)).map(|_| ())),
    ("no member", |tx| segments::remove_member(tx, EARLY_ADOPTERS, "person:2").map(|_| ())),
    ("nothing announced", |tx| announcement::replace(tx, 1, None, "person:1", at(12)).map(|_| ())),
    ("archive", |tx| flag_definitions::archive(tx, "banner", 2, "person:1", at(12)).map(|_| ())),
];

async fn revision(database: &mut TestDatabase) -> i64 {
    database.read(flag_book::revision).await
}

on_both! {
    async fn every_write_that_changes_answers_raises_the_revision_and_no_other(database: TestDatabase) {
        for (name, change) in CHANGES.iter().chain(UNDOINGS) {
            let before = revision(&mut database).await;
            database.write(change).await;
            assert!(revision(&mut database).await > before, "{name}");
        }
        let before = revision(&mut database).await;
        database.write(|tx| {
            flag_state::restore(tx, "banner", "person:1", "again", at(20))?;
            segments::remove_member(tx, EARLY_ADOPTERS, "person:2")?;
            segments::rename(tx, "staff", 1, "All staff", "person:1", at(20))?;
            let usage = flag_usage::VariantUsage {
                flag_key: "banner".to_owned(), variant: "on".to_owned(), first_at: at(1), last_at: at(2), evaluations: 1,
            };
            flag_usage::add(tx, &usage)?;
            position(tx, at(20)).map(|_| ())
        }).await;
        assert_eq!(revision(&mut database).await, before);
    }

    async fn the_book_has_everything_and_survives_a_file(database: TestDatabase) {
        for (_, change) in CHANGES {
            database.write(change).await;
        }
        let book = database.read(flag_book::read).await;
        assert_eq!(book.definitions.iter().map(|definition| definition.key.as_str()).collect::<Vec<_>>(), ["banner"]);
        assert_eq!((book.set.version, book.set.bucketing), (1, Bucketing::V2));
        assert!(book.states[0].killed);
        let segments: Vec<_> = book.segments.iter().map(|known| (known.segment.as_str(), known.targeting_keys.len())).collect();
        assert_eq!(segments, [(EARLY_ADOPTERS, 1), ("staff", 0)]);
        let file = serde_json::to_vec(&book).expect("JSON");
        assert_eq!(serde_json::from_slice::<FlagBook>(&file).expect("the same book"), book);

        for (_, undoing) in UNDOINGS {
            database.write(undoing).await;
        }
        let book = database.read(flag_book::read).await;
        assert_eq!(book.definitions, [], "an archived flag is in no book");
    }

    async fn an_edit_that_was_checked_against_an_older_book_finds_out(database: TestDatabase) {
        let store = database.store();
        let checked = revision(&mut database).await;
        let editors: Vec<_> = (0..8).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store.write(move |tx| {
                    if flag_book::lock(tx)? != checked {
                        return Ok(false);
                    }
                    let key = format!("banner-{number}");
                    let new = NewDefinition { key: &key, definition: "{}", comment: None };
                    flag_definitions::create(tx, &new, "person:1", at(1))?;
                    Ok(flag_book::read(tx)?.definitions.len() == 1)
                }).await
            })
        }).collect();
        let mut stored = 0;
        for editor in editors {
            stored += i32::from(editor.await.expect("the task ends").expect("an answer"));
        }
        assert_eq!(stored, 1);
        assert_eq!(database.count("SELECT COUNT(*) FROM flag_definitions").await, 1);
    }

    async fn kills_and_edits_in_any_order_never_block_each_other_for_good(database: TestDatabase) {
        let store = database.store();
        let acts: Vec<_> = (0..40).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store.write(move |tx| match number % 4 {
                    0 => flag_state::kill(tx, "banner", "person:1", "wrong", at(number)).map(|_| ()),
                    1 => {
                        flag_book::lock(tx)?;
                        flag_state::restore(tx, "banner", "person:1", "mended", at(number)).map(|_| ())
                    }
                    2 => {
                        let key = format!("banner-{number}");
                        let new = NewDefinition { key: &key, definition: "{}", comment: None };
                        flag_definitions::create(tx, &new, "person:1", at(number))?;
                        flag_state::kill(tx, "banner", "person:1", "wrong", at(number)).map(|_| ())
                    }
                    _ => {
                        let member = format!("person:{number}");
                        segments::add_member(tx, EARLY_ADOPTERS, &member, MemberSource::Operator, "person:1", at(number))?;
                        flag_state::restore(tx, "banner", "person:1", "mended", at(number)).map(|_| ())
                    }
                }).await
            })
        }).collect();
        for act in acts {
            act.await.expect("the task ends").expect("the act is stored");
        }
        assert_eq!(database.count("SELECT COUNT(*) FROM segment_members").await, 10);
    }

    async fn a_database_keeps_its_id_and_no_two_have_the_same(database: TestDatabase) {
        let id = database.read(store::database_id).await;
        assert_eq!(id.get_version_num(), 4);
        database.reopen().expect("the database opens again");
        assert_eq!(database.read(store::database_id).await, id);
        let mut other = TestDatabase::sqlite();
        assert_ne!(other.read(store::database_id).await, id);
    }

    async fn a_change_and_its_audit_entry_are_stored_together_or_not_at_all(database: TestDatabase) {
        let before = revision(&mut database).await;
        let entry = audit::NewEntry {
            actor: "person:1", action: "flag.kill", subject: "flag:banner", fund_id: None, details: "{}",
        };
        database.refused(move |tx| {
            flag_state::kill(tx, "banner", "person:1", "wrong", at(1))?;
            audit::append(tx, &entry, at(1))?;
            Err::<(), _>(store::StoreError::Unavailable("a test".to_owned()))
        }).await;
        assert_eq!(revision(&mut database).await, before);
        assert!(!database.read(|tx| flag_state::get(tx, "banner")).await.killed);
    }
}
