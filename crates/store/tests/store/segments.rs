use flags::EARLY_ADOPTERS;
use store::{
    Limit, Page, StoreError,
    segments::{self, MemberSource},
};

use crate::{database::TestDatabase, story::*};

on_both! {
    async fn the_early_adopters_are_there_from_the_start(database: TestDatabase) {
        let segments = database.read(|tx| segments::list(tx, &Page::default())).await.items;
        assert_eq!(segments.iter().map(|segment| segment.key.as_str()).collect::<Vec<_>>(), [EARLY_ADOPTERS]);
        assert_eq!(database.read(|tx| segments::members(tx, EARLY_ADOPTERS, &Page::default())).await.items, []);
    }

    async fn a_segment_is_created_once_and_renamed_by_its_version(database: TestDatabase) {
        let created = database.write(|tx| segments::create(tx, "staff", "Staff", "person:1", at(0))).await;
        assert_eq!(database.read(|tx| segments::get(tx, "staff")).await, created);
        let taken = database.refused(|tx| segments::create(tx, "staff", "Other", "person:1", at(1))).await;
        assert!(matches!(&taken, StoreError::Conflict { constraint, .. } if constraint == "segment_exists"), "{taken}");
        let renamed = database.write(|tx| segments::rename(tx, "staff", 1, "All staff", "person:2", at(2))).await;
        assert_eq!((renamed.version, renamed.name.as_str(), renamed.updated_by.as_str()), (2, "All staff", "person:2"));
        let late = database.refused(|tx| segments::rename(tx, "staff", 1, "Staff", "person:1", at(3))).await;
        assert_eq!(late, StoreError::VersionConflict { current: 2 });
    }

    async fn members_come_and_go_and_are_listed_in_pages(database: TestDatabase) {
        let names = ["person:2", "token:1", "person:1", "Zoë & co"];
        let added = database.write(move |tx| {
            names.iter().chain(&names[..1])
                .map(|name| segments::add_member(tx, EARLY_ADOPTERS, name, MemberSource::Operator, "person:9", at(1)))
                .collect::<Result<Vec<_>, _>>()
        }).await;
        assert_eq!(added, [true, true, true, true, false], "the second time is no change");
        let first = Page { limit: Limit::new(3).expect("a limit"), after: None };
        let listing = database.read(move |tx| segments::members(tx, EARLY_ADOPTERS, &first)).await;
        let keys = |members: &[segments::Member]| members.iter().map(|member| member.targeting_key.clone()).collect::<Vec<_>>();
        assert_eq!(keys(&listing.items), ["Zoë & co", "person:1", "person:2"]);
        assert_eq!((listing.items[1].source, listing.items[1].added_by.as_str()), (MemberSource::Operator, "person:9"));
        // As a client sends it back.
        let cursor = listing.next.expect("another page").to_string().parse().expect("a cursor");
        let second = Page { limit: Limit::default(), after: Some(cursor) };
        assert_eq!(keys(&database.read(move |tx| segments::members(tx, EARLY_ADOPTERS, &second)).await.items), ["token:1"]);

        assert!(database.write(|tx| segments::remove_member(tx, EARLY_ADOPTERS, "person:1")).await);
        assert!(!database.write(|tx| segments::remove_member(tx, EARLY_ADOPTERS, "person:1")).await);
        assert_eq!(database.count("SELECT COUNT(*) FROM segment_members").await, 3);
    }

    async fn an_unknown_segment_is_named(database: TestDatabase) {
        let refused = database.refused(|tx| {
            segments::add_member(tx, "nobody", "person:1", MemberSource::Operator, "person:1", at(0))
        }).await;
        assert_eq!(refused, StoreError::NotFound { what: "segment", id: "nobody".to_owned() });
    }
}
