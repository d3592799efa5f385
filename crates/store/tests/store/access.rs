//! Tokens, one-time logins, sessions.

use store::{
    FundId, Page, PersonId, StoreError, funds,
    people::{self, PersonChange},
    sessions::{self, SignInMethod},
    sign_in_attempts::{self, Attempt},
    tokens::{self, Grant, NewToken, Role},
};

use crate::{database::TestDatabase, story::*};

fn grant(role: Role) -> Grant {
    Grant { role, funds: Some(vec![FundId(1), FundId(7)]) }
}

on_both! {
    async fn a_token_opens_until_it_expires_or_is_revoked(database: TestDatabase) {
        let new = NewToken {
            name: "nightly export".to_owned(),
            person_id: None,
            grant: grant(Role::Viewer),
            expires_at: Some(at(100)),
        };
        let (token, secret) = database.write(move |tx| tokens::create(tx, &new, at(0))).await;
        let presented = secret.reveal().to_owned();
        let (a, b, c, d) = (presented.clone(), presented.clone(), presented.clone(), presented.clone());
        assert_eq!(database.read(move |tx| tokens::authenticate(tx, &a, at(99))).await, Some(token.clone()));
        assert_eq!(database.read(move |tx| tokens::authenticate(tx, &b, at(100))).await, None);
        assert_eq!(database.read(move |tx| tokens::authenticate(tx, &c[1..], at(1))).await, None);
        let id = token.id;
        let revoked = database.write(move |tx| tokens::revoke(tx, id, at(5))).await;
        assert_eq!(revoked.revoked_at, Some(at(5)));
        assert_eq!(database.write(move |tx| tokens::revoke(tx, id, at(9))).await.revoked_at, Some(at(5)));
        assert_eq!(database.read(move |tx| tokens::authenticate(tx, &d, at(6))).await, None);
        let stored = format!("SELECT COUNT(*) FROM tokens WHERE secret_hash LIKE '%{presented}%'");
        assert_eq!(database.count(&stored).await, 0, "the secret itself is nowhere");
        assert!(!format!("{secret:?}").contains(&presented));
    }

    async fn a_login_link_works_once(database: TestDatabase) {
        let (person, login) = database.write(|tx| {
            let person = people::create(tx, "Ada", at(0))?.id;
            Ok((person, sessions::create_login(tx, person, &grant(Role::Admin), at(60), at(0))?))
        }).await;
        let presented = login.reveal().to_owned();
        let again = presented.clone();
        let redeemed = database.write(move |tx| sessions::redeem_login(tx, &presented, at(3600), at(10))).await;
        let (session, cookie) = redeemed.expect("a session");
        assert_eq!((session.person_id, &session.grant), (person, &grant(Role::Admin)));
        assert_eq!(database.write(move |tx| sessions::redeem_login(tx, &again, at(3600), at(11))).await, None);

        let cookie = cookie.reveal().to_owned();
        let (a, b, c, d) = (cookie.clone(), cookie.clone(), cookie.clone(), cookie);
        assert_eq!(database.read(move |tx| sessions::authenticate(tx, &a, at(20))).await, Some(session));
        assert_eq!(database.read(move |tx| sessions::authenticate(tx, &b, at(3600))).await, None);
        database.write(move |tx| sessions::end(tx, &c)).await;
        assert_eq!(database.read(move |tx| sessions::authenticate(tx, &d, at(20))).await, None);
    }

    async fn an_expired_link_and_an_unknown_person_open_nothing(database: TestDatabase) {
        let login = database.write(|tx| {
            let person = people::create(tx, "Ada", at(0))?.id;
            sessions::create_login(tx, person, &grant(Role::Viewer), at(60), at(0))
        }).await;
        let presented = login.reveal().to_owned();
        assert_eq!(database.write(move |tx| sessions::redeem_login(tx, &presented, at(3600), at(60))).await, None);
        let nobody = database.refused(|tx| {
            sessions::create_login(tx, PersonId(99), &grant(Role::Viewer), at(60), at(0))
        }).await;
        assert!(matches!(nobody, StoreError::NotFound { what: "person", .. }), "{nobody}");
    }
}

on_both! {
    async fn a_person_signs_in_as_one_name_that_nobody_else_has(database: TestDatabase) {
        let change = |name: &str| PersonChange {
            name: "Ada".to_owned(),
            sign_in_name: Some(name.to_owned()),
            access: Some(grant(Role::Analyst)),
        };
        let (first, second) = (change("ada"), change("ada"));
        let (ada, bob) = database.write(move |tx| {
            let (ada, bob) = (people::create(tx, "Ada", at(0))?, people::create(tx, "Bob", at(0))?);
            let ada = people::change(tx, ada.id, ada.version, &first, at(1))?;
            Ok((people::set_password(tx, ada.id, "$argon2id$…", at(2))?, bob))
        }).await;
        assert_eq!((ada.version, ada.password_changed_at, &ada.access), (3, Some(at(2)), &Some(grant(Role::Analyst))));
        let found = database.read(|tx| people::by_sign_in_name(tx, "ada")).await;
        assert_eq!(found, Some((ada, Some("$argon2id$…".to_owned()))));
        let taken = database.refused(move |tx| people::change(tx, bob.id, bob.version, &second, at(3))).await;
        assert!(matches!(taken, StoreError::Invalid(_)), "{taken}");
        let again = change("bob");
        let stale = database.refused(move |tx| people::change(tx, bob.id, 9, &again, at(3))).await;
        assert!(matches!(stale, StoreError::VersionConflict { current: 1 }), "{stale}");
    }

    async fn an_identity_is_one_persons(database: TestDatabase) {
        let (ada, bob) = database.write(|tx| {
            let (ada, bob) = (people::create(tx, "Ada", at(0))?, people::create(tx, "Bob", at(0))?);
            people::link_identity(tx, ada.id, "https://a.example", "1", at(0))?;
            people::link_identity(tx, bob.id, "https://b.example", "1", at(0))?;
            Ok((ada, bob))
        }).await;
        let (theirs, id) = (ada.clone(), bob.id);
        assert_eq!(database.read(|tx| people::by_identity(tx, "https://a.example", "1")).await, Some(theirs));
        assert_eq!(database.read(|tx| people::by_identity(tx, "https://b.example", "1")).await, Some(bob));
        assert_eq!(database.read(|tx| people::by_identity(tx, "https://a.example", "2")).await, None);
        database.refused(move |tx| people::link_identity(tx, id, "https://a.example", "1", at(1))).await;
    }

    async fn sessions_end_unused_one_by_one_or_all_but_one(database: TestDatabase) {
        let begin = move |tx: &mut store::Transaction<'_>, person| {
            sessions::create(tx, person, &grant(Role::Viewer), SignInMethod::Password, at(100_000), at(0))
        };
        let (person, [(a, secret), (b, _), (c, _)]) = database.write(move |tx| {
            let person = people::create(tx, "Ada", at(0))?.id;
            Ok((person, [begin(tx, person)?, begin(tx, person)?, begin(tx, person)?]))
        }).await;
        let idle = sessions::IDLE_LENGTH.as_secs();
        let presented = secret.reveal().to_owned();
        let (before, after) = (presented.clone(), presented.clone());
        assert!(database.read(move |tx| sessions::authenticate(tx, &before, at(idle - 1))).await.is_some());
        database.write(move |tx| sessions::see(tx, &presented, at(idle - 1))).await;
        let seen = database.read(move |tx| sessions::authenticate(tx, &after, at(2 * idle - 2))).await;
        assert_eq!(seen.map(|session| session.seen_at), Some(at(idle - 1)));
        assert_eq!(database.read(move |tx| sessions::list(tx, person, at(idle))).await.len(), 1);
        assert_eq!(database.read(move |tx| sessions::list(tx, person, at(1))).await.len(), 3);
        let other = PersonId(person.0 + 1);
        let id = b.id.clone();
        let foreign = database.refused(move |tx| sessions::end_one(tx, other, &id)).await;
        assert!(matches!(foreign, StoreError::NotFound { what: "session", .. }), "{foreign}");
        database.write(move |tx| sessions::end_one(tx, person, &b.id)).await;
        assert_eq!(database.write(move |tx| sessions::end_all(tx, person, Some(&c.id))).await, 1);
        assert_eq!(database.write(move |tx| sessions::end_all(tx, person, None)).await, 1);
        assert_ne!(a.id, "");
    }

    async fn attempts_wait_by_name_and_origin(database: TestDatabase) {
        let try_at = |second: i64| move |tx: &mut store::Transaction<'_>| {
            sign_in_attempts::begin(tx, "ada", "192.0.2.1", at(second))
        };
        for failures in 1..sign_in_attempts::FREE_FAILURES {
            assert_eq!(database.write(try_at(0)).await, Attempt::Allowed { failures, locked_until: None });
        }
        assert_eq!(database.write(try_at(0)).await, Attempt::Allowed { failures: 5, locked_until: Some(at(30)) });
        assert_eq!(database.write(try_at(29)).await, Attempt::Locked { until: at(30) });
        let elsewhere = database.write(|tx| sign_in_attempts::begin(tx, "ada", "192.0.2.2", at(0))).await;
        assert_eq!(elsewhere, Attempt::Allowed { failures: 1, locked_until: None });
        assert_eq!(database.write(try_at(30)).await, Attempt::Allowed { failures: 6, locked_until: Some(at(90)) });
        database.write(|tx| sign_in_attempts::succeeded(tx, "ada", "192.0.2.1")).await;
        assert_eq!(database.write(try_at(31)).await, Attempt::Allowed { failures: 1, locked_until: None });
        assert_eq!(database.write(|tx| sign_in_attempts::prune(tx, at(86_400))).await, 1);
        let named = "SELECT COUNT(*) FROM sign_in_attempts WHERE key LIKE '%ada%'";
        assert_eq!(database.count(named).await, 0, "names are not kept");
    }
}

#[test]
fn each_role_includes_those_before_it() {
    for (position, role) in Role::ALL.iter().enumerate() {
        let included = Role::ALL.iter().filter(|needed| role.includes(**needed)).count();
        assert_eq!(included, position + 1, "{role}");
    }
}

/// What is read after the count was taken is true while the count is the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_count_of_commits_changes_before_a_write_is_answered_and_only_then() {
    let mut database = TestDatabase::sqlite();
    let store = database.store();
    let mut known = store.commits().expect("a SQLite file has one process");
    for second in 0..5 {
        database.write(move |tx| position(tx, at(second)).map(|_| ())).await;
        let after = store.commits().expect("a SQLite file has one process");
        assert_ne!(after, known);
        known = after;
        store.read(|tx| funds::list(tx, None, &Page::default()).map(|_| ())).await.expect("it is read");
        assert_eq!(store.commits(), Some(known), "reading changes nothing");
    }
}
