use flags::EARLY_ADOPTERS;
use store::{
    InvitationId, Page, StoreError, Transaction, ids,
    invitations::{self, Invitation, NewInvitation, Redemption},
    segments::{self, MemberSource},
};

use crate::{database::TestDatabase, story::*};

const FLAG: &str = "enableLotLevelMoic";

/// An invitation for `max_uses` people until second 100.
fn invite(tx: &mut Transaction<'_>, max_uses: i64) -> Result<Invitation, StoreError> {
    let new = NewInvitation {
        id: InvitationId(ids::uuid_v7(at(0))?),
        flag_key: FLAG.to_owned(),
        environment: "production".to_owned(),
        expires_at: at(100),
        max_uses,
    };
    invitations::create(tx, &new, "person:9", at(0))
}

fn refused_by(error: &StoreError) -> &str {
    match error {
        StoreError::Conflict { constraint, .. } => constraint,
        other => panic!("{other}"),
    }
}

on_both! {
    async fn whoever_redeems_an_invitation_is_an_early_adopter(database: TestDatabase) {
        let invitation = database.write(|tx| invite(tx, 2)).await;
        let id = invitation.id;
        assert_eq!(database.write(move |tx| invitations::redeem(tx, id, "person:1", at(99))).await, Redemption { first: true });
        let members = database.read(|tx| segments::members(tx, EARLY_ADOPTERS, &Page::default())).await.items;
        assert_eq!(members.len(), 1);
        assert_eq!((members[0].targeting_key.as_str(), members[0].source), ("person:1", MemberSource::Invitation));
        let stored = database.read(move |tx| invitations::get(tx, id)).await;
        assert_eq!(stored, Invitation { uses: 1, ..invitation });
        assert_eq!(database.read(|tx| invitations::list(tx, FLAG, &Page::default())).await.items, [stored]);
        assert_eq!(database.read(|tx| invitations::list(tx, "other", &Page::default())).await.items, []);
    }

    async fn redeeming_again_changes_nothing_whatever_has_happened_since(database: TestDatabase) {
        let id = database.write(|tx| invite(tx, 1)).await.id;
        database.write(move |tx| invitations::redeem(tx, id, "person:1", at(1)).map(|_| ())).await;
        database.write(move |tx| {
            invitations::revoke(tx, id, "person:9", at(2))?;
            segments::remove_member(tx, EARLY_ADOPTERS, "person:1").map(|_| ())
        }).await;
        let again = database.write(move |tx| invitations::redeem(tx, id, "person:1", at(500))).await;
        assert_eq!(again, Redemption { first: false });
        assert_eq!(database.count("SELECT COUNT(*) FROM segment_members").await, 0, "an operator took them out");
    }

    async fn an_expired_a_revoked_and_a_used_up_invitation_are_told_apart(database: TestDatabase) {
        let id = database.write(|tx| invite(tx, 1)).await.id;
        let expired = database.refused(move |tx| invitations::redeem(tx, id, "person:1", at(100))).await;
        assert_eq!(refused_by(&expired), "invitation_expired");
        database.write(move |tx| invitations::redeem(tx, id, "person:1", at(1)).map(|_| ())).await;
        let used_up = database.refused(move |tx| invitations::redeem(tx, id, "person:2", at(2))).await;
        assert_eq!(refused_by(&used_up), "invitation_used_up");
        let revoked = database.write(move |tx| invitations::revoke(tx, id, "person:9", at(3))).await;
        assert_eq!((revoked.revoked_at, revoked.revoked_by.as_deref()), (Some(at(3)), Some("person:9")));
        let again = database.write(move |tx| invitations::revoke(tx, id, "person:8", at(4))).await;
        assert_eq!(again, revoked, "the first revocation stays");
        let refused = database.refused(move |tx| invitations::redeem(tx, id, "person:2", at(5))).await;
        assert_eq!(refused_by(&refused), "invitation_revoked");
        let unknown = database.refused(|tx| invitations::redeem(tx, InvitationId(ids::uuid_v7(at(0))?), "person:1", at(1))).await;
        assert!(matches!(unknown, StoreError::NotFound { what: "invitation", .. }), "{unknown}");
        assert_eq!(database.count("SELECT COUNT(*) FROM segment_members").await, 1);
    }

    async fn of_ten_who_race_for_three_places_three_get_in(database: TestDatabase) {
        let id = database.write(|tx| invite(tx, 3)).await.id;
        let store = database.store();
        let racers: Vec<_> = (0..10).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store.write(move |tx| invitations::redeem(tx, id, &format!("person:{number}"), at(1))).await
            })
        }).collect();
        let mut redeemed = 0;
        for racer in racers {
            match racer.await.expect("the task ends") {
                Ok(redemption) => redeemed += i32::from(redemption.first),
                Err(error) => assert_eq!(refused_by(&error), "invitation_used_up"),
            }
        }
        assert_eq!(redeemed, 3);
        assert_eq!(database.read(move |tx| invitations::get(tx, id)).await.uses, 3);
        assert_eq!(database.count("SELECT COUNT(*) FROM segment_members").await, 3);
        assert_eq!(database.count("SELECT COUNT(*) FROM flag_invitation_redemptions").await, 3);
    }

    async fn one_person_who_clicks_ten_times_takes_one_place(database: TestDatabase) {
        let id = database.write(|tx| invite(tx, 3)).await.id;
        let store = database.store();
        let clicks: Vec<_> = (0..10).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.write(move |tx| invitations::redeem(tx, id, "person:1", at(1))).await })
        }).collect();
        let mut first = 0;
        for click in clicks {
            first += i32::from(click.await.expect("the task ends").expect("every click is answered").first);
        }
        assert_eq!(first, 1);
        assert_eq!(database.read(move |tx| invitations::get(tx, id)).await.uses, 1);
    }
}
