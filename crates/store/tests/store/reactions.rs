//! What users say and complain about, and how many of them there are.

use store::{
    FeedbackId, Page, SupportTicketId, UserHash,
    feedback::{self, Feedback, FeedbackCount},
    flag_users::{self, Adoption},
    ids,
    support_tickets::{self, Severity, SupportTicket},
};

use crate::{database::TestDatabase, story::*};

const FLAG: &str = "enableLotLevelMoic";
const ADA: UserHash = UserHash(1);
const BEN: UserHash = UserHash(2);
const EVE: UserHash = UserHash(3);

on_both! {
    async fn feedback_is_listed_newest_first_and_counted_by_time(database: TestDatabase) {
        for (seconds, useful, person) in [(1, true, 1), (2, true, 2), (3, false, 3), (4, true, 3), (5, false, 1)] {
            database.write(move |tx| feedback::keep(tx, &Feedback {
                id: FeedbackId(ids::uuid_v7(at(seconds))?),
                flag_key: FLAG.to_owned(),
                useful,
                comment: Some("the next dollar is clear".to_owned()),
                given_at: at(seconds),
                given_by: format!("person:{person}"),
            })).await;
        }
        let listed = database.read(|tx| feedback::list(tx, FLAG, &Page::default())).await.items;
        assert_eq!(listed.iter().map(|said| said.useful).collect::<Vec<_>>(), [false, true, false, true, true]);
        let counted = database.read(|tx| feedback::count(tx, FLAG, at(1), at(5))).await;
        assert_eq!(counted, FeedbackCount { useful: 2, not_useful: 1 }, "the last word of each");
    }

    async fn tickets_are_listed_newest_first_and_counted_by_time(database: TestDatabase) {
        for seconds in [1, 2] {
            database.write(move |tx| support_tickets::keep(tx, &SupportTicket {
                id: SupportTicketId(ids::uuid_v7(at(seconds))?),
                flag_key: FLAG.to_owned(),
                summary: format!("ticket {seconds}"),
                severity: Severity::High,
                link: None,
                reported_at: at(seconds),
                reported_by: "person:1".to_owned(),
            })).await;
        }
        let listed = database.read(|tx| support_tickets::list(tx, FLAG, &Page::default())).await.items;
        assert_eq!(listed.iter().map(|one| one.summary.as_str()).collect::<Vec<_>>(), ["ticket 2", "ticket 1"]);
        assert_eq!(database.read(|tx| support_tickets::count(tx, FLAG, at(1), at(9))).await, 1);
    }

    async fn a_person_is_counted_once_however_many_months(database: TestDatabase) {
        database.write(|tx| {
            flag_users::see(tx, FLAG, "2026-01", [(ADA, true)].into_iter())?;
            flag_users::see(tx, FLAG, "2026-01", [(ADA, true)].into_iter())?;
            flag_users::see(tx, FLAG, "2026-02", [(ADA, false)].into_iter())?;
            flag_users::see(tx, FLAG, "2026-02", [(BEN, false)].into_iter())?;
            flag_users::see(tx, FLAG, "2026-04", [(EVE, true)].into_iter())
        }).await;
        let quarter = database.read(|tx| flag_users::adoption(tx, FLAG, "2026-01", "2026-03")).await;
        assert_eq!(quarter, Adoption { with_feature: 1, all: 2 });
    }
}
