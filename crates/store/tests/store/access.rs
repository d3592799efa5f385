//! Tokens, one-time logins, sessions.

use store::{
    FundId, PersonId, StoreError, people, sessions,
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

#[test]
fn each_role_includes_those_before_it() {
    for (position, role) in Role::ALL.iter().enumerate() {
        let included = Role::ALL.iter().filter(|needed| role.includes(**needed)).count();
        assert_eq!(included, position + 1, "{role}");
    }
}
