use store::{
    DatabaseUrl, FundId,
    audit::{self, Filter, NewEntry},
};

use crate::{database::TestDatabase, story::*};

fn entry(subject: &str) -> NewEntry<'_> {
    NewEntry {
        actor: "person:1",
        action: "lot.create",
        subject,
        fund_id: Some(FundId(3)),
        details: r#"{"shares":"1000"}"#,
    }
}

on_both! {
    async fn entries_are_numbered_and_chained(database: TestDatabase) {
        database.write(|tx| {
            audit::append(tx, &entry("lot:1"), at(0))?;
            audit::append(tx, &entry("lot:2"), at(0)).map(|_| ())
        }).await;
        let entries = database.read(|tx| audit::list(tx, &Filter::default(), 0, 10)).await;
        assert_eq!(entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(entries[1].previous_hash, entries[0].hash);
        assert_eq!(database.read(audit::verify).await, None);
        let of_lot = Filter { subject: Some("lot:2"), fund_id: None };
        assert_eq!(database.read(move |tx| audit::list(tx, &of_lot, 0, 10)).await, entries[1..]);
        let of_fund = Filter { subject: None, fund_id: Some(FundId(3)) };
        assert_eq!(database.read(move |tx| audit::list(tx, &of_fund, 1, 10)).await, entries[1..]);
    }

    async fn nobody_can_change_or_delete_an_entry(database: TestDatabase) {
        database.write(|tx| audit::append(tx, &entry("lot:1"), at(0)).map(|_| ())).await;
        for script in ["UPDATE audit_log SET actor = 'nobody'", "DELETE FROM audit_log"] {
            let refused = database.behind_the_back(script).await.expect_err("the log is append-only");
            assert!(refused.contains("append-only"), "{refused}");
        }
        assert_eq!(database.count("SELECT COUNT(*) FROM audit_log").await, 1);
    }

    async fn simultaneous_entries_make_one_chain(database: TestDatabase) {
        let store = database.store();
        let writers: Vec<_> = (0..40).map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                store.write(move |tx| audit::append(tx, &entry(&format!("lot:{number}")), at(0)).map(|_| ())).await
            })
        }).collect();
        for writer in writers {
            writer.await.expect("the task ends").expect("the entry is added");
        }
        assert_eq!(database.read(audit::verify).await, None);
        assert_eq!(database.count("SELECT COUNT(*) FROM audit_log").await, 40);
    }

    async fn an_entry_that_somebody_changed_past_the_triggers_is_found(database: TestDatabase) {
        database.write(|tx| {
            for lot in 1..=3 {
                audit::append(tx, &entry(&format!("lot:{lot}")), at(0))?;
            }
            Ok(())
        }).await;
        let without_trigger = if matches!(database.url(), DatabaseUrl::Sqlite(_)) {
            "DROP TRIGGER audit_log_no_UPDATE"
        } else {
            "DROP TRIGGER audit_log_no_change ON audit_log"
        };
        database.behind_the_back(without_trigger).await.expect("the owner of a database can");
        database.behind_the_back("UPDATE audit_log SET actor = 'nobody' WHERE sequence = 2").await.expect("a change");
        assert_eq!(database.read(audit::verify).await, Some(2));
    }

    async fn a_forged_entry_is_found(database: TestDatabase) {
        database.write(|tx| audit::append(tx, &entry("lot:1"), at(0)).map(|_| ())).await;
        let forged = "INSERT INTO audit_log (sequence, at, actor, action, subject, details, previous_hash, hash) \
            VALUES (2, 5, 'person:1', 'flag.kill', 'flag:x', '{}', 'a', 'b')";
        database.behind_the_back(forged).await.expect("rows can be added");
        assert_eq!(database.read(audit::verify).await, Some(2));
    }
}
