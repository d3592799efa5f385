use std::time::Duration;

use store::{
    Page, SnapshotId, StoreError,
    jobs::{Fate, Lease, Progress},
    snapshots::{self, Outcome, Snapshot, SnapshotStatus},
};

use crate::{database::TestDatabase, story::*};

const LEASE: Duration = Duration::from_secs(8);

fn outcome(result: Option<&str>) -> Outcome {
    Outcome {
        inputs_hash: "sha256:ab".to_owned(),
        engine_version: "1".to_owned(),
        result: result.map(str::to_owned),
        total: 4,
    }
}

async fn claimed(database: &mut TestDatabase, seconds: i64) -> (Lease, Snapshot) {
    database.write(move |tx| snapshots::claim(tx, "w1", LEASE, at(seconds))).await.expect("a snapshot to calculate")
}

on_both! {
    async fn a_snapshot_goes_from_pending_to_complete(database: TestDatabase) {
        let fund = database.write(|tx| position(tx, at(0))).await.fund;
        let created = database.write(move |tx| snapshot(tx, fund, at(1))).await;
        assert_eq!((created.status, created.cached), (SnapshotStatus::Pending, false));
        let (lease, calculating) = claimed(&mut database, 2).await;
        assert_eq!((calculating.id, calculating.status), (created.id, SnapshotStatus::Calculating));
        let renewed = lease.clone();
        database.write(move |tx| {
            snapshots::progress(tx, &renewed, Progress { current: 1, total: 4 }, LEASE, at(3))
        }).await;
        let id = created.id;
        let half_way = database.read(move |tx| snapshots::get(tx, id)).await;
        assert_eq!(half_way.progress, Progress { current: 1, total: 4 });

        let done = database.write(move |tx| snapshots::complete(tx, &lease, &outcome(Some("{}")), at(4))).await;
        assert_eq!((done.status, done.progress.current, done.cached), (SnapshotStatus::Complete, 4, false));
        assert_eq!(database.read(move |tx| snapshots::result(tx, &done)).await.as_deref(), Some("{}"));
        assert_eq!(database.write(|tx| snapshots::claim(tx, "w1", LEASE, at(99))).await, None);
    }

    async fn the_same_inputs_are_answered_from_the_cache(database: TestDatabase) {
        let fund = database.write(|tx| position(tx, at(0))).await.fund;
        database.write(move |tx| snapshot(tx, fund, at(1)).and(snapshot(tx, fund, at(1)))).await;
        let (first, _) = claimed(&mut database, 2).await;
        database.write(move |tx| snapshots::complete(tx, &first, &outcome(Some("{\"a\":1}")), at(3))).await;
        let (second, _) = claimed(&mut database, 4).await;
        let done = database.write(move |tx| snapshots::complete(tx, &second, &outcome(None), at(5))).await;
        assert!(done.cached);
        assert_eq!(database.read(move |tx| snapshots::result(tx, &done)).await.as_deref(), Some("{\"a\":1}"));
        assert_eq!(database.count("SELECT COUNT(*) FROM snapshot_results").await, 1);
    }

    async fn a_snapshot_continues_after_its_worker_died_and_the_process_restarted(database: TestDatabase) {
        let fund = database.write(|tx| position(tx, at(0))).await.fund;
        let created = database.write(move |tx| snapshot(tx, fund, at(1))).await;
        let (dead, _) = claimed(&mut database, 2).await;
        database.reopen().expect("the database opens again");
        assert_eq!(database.write(|tx| snapshots::requeue_expired(tx, 100, at(10))).await, 1);
        let (second, again) = claimed(&mut database, 10).await;
        assert_eq!((second.attempt, again.id, again.status), (2, created.id, SnapshotStatus::Calculating));

        let late = database.refused(move |tx| snapshots::complete(tx, &dead, &outcome(Some("{}")), at(11))).await;
        assert!(matches!(late, StoreError::LeaseLost { attempt: 1, .. }), "{late}");
        assert_eq!(database.count("SELECT COUNT(*) FROM snapshot_results").await, 0, "the dead write nothing");
        database.write(move |tx| snapshots::complete(tx, &second, &outcome(Some("{}")), at(12))).await;
    }

    async fn a_snapshot_that_cannot_be_calculated_says_why_and_can_be_retried(database: TestDatabase) {
        let fund = database.write(|tx| position(tx, at(0))).await.fund;
        let id = database.write(move |tx| snapshot(tx, fund, at(1))).await.id;
        let too_early = database.refused(move |tx| snapshots::retry(tx, id, at(2))).await;
        assert!(matches!(too_early, StoreError::WrongState { .. }), "{too_early}");
        let (lease, _) = claimed(&mut database, 2).await;
        let fate = database.write(move |tx| snapshots::fail(tx, &lease, "a price is missing", false, at(3))).await;
        assert_eq!(fate, Fate::Dead);
        let failed = database.read(move |tx| snapshots::get(tx, id)).await;
        assert_eq!((failed.status, failed.error.as_deref()), (SnapshotStatus::Error, Some("a price is missing")));

        let retried = database.write(move |tx| snapshots::retry(tx, id, at(4))).await;
        assert_eq!((retried.status, retried.error), (SnapshotStatus::Pending, None));
        let (lease, _) = claimed(&mut database, 5).await;
        assert_eq!(lease.attempt, 2);
        database.write(move |tx| snapshots::complete(tx, &lease, &outcome(Some("{}")), at(6))).await;
    }

    async fn a_snapshot_that_kills_its_workers_ends_in_error(database: TestDatabase) {
        let fund = database.write(|tx| position(tx, at(0))).await.fund;
        let id = database.write(move |tx| snapshot(tx, fund, at(1))).await.id;
        for round in 0..store::jobs::ATTEMPTS_MAX {
            claimed(&mut database, 100 * round + 2).await;
            database.write(move |tx| snapshots::requeue_expired(tx, 100, at(100 * round + 50))).await;
        }
        let failed = database.read(move |tx| snapshots::get(tx, id)).await;
        assert_eq!(failed.status, SnapshotStatus::Error);
        assert!(failed.error.is_some());
    }

    async fn a_deleted_snapshot_is_gone_and_its_worker_stops(database: TestDatabase) {
        let fund = database.write(|tx| position(tx, at(0))).await.fund;
        let id = database.write(move |tx| snapshot(tx, fund, at(1))).await.id;
        let (lease, _) = claimed(&mut database, 2).await;
        database.write(move |tx| snapshots::delete(tx, id, None)).await;
        let late = database.refused(move |tx| snapshots::complete(tx, &lease, &outcome(Some("{}")), at(3))).await;
        assert!(matches!(late, StoreError::LeaseLost { .. }), "{late}");
        let gone = StoreError::NotFound { what: "snapshot", id: id.to_string() };
        assert_eq!(database.refused(move |tx| snapshots::get(tx, id)).await, gone);
        assert_eq!(database.refused(move |tx| snapshots::delete(tx, id, None)).await, gone);
    }

    async fn snapshots_are_listed_newest_first_by_status_and_renamed(database: TestDatabase) {
        let fund = database.write(|tx| position(tx, at(0))).await.fund;
        let ids: Vec<SnapshotId> = database.write(move |tx| {
            (1..4).map(|seconds| Ok(snapshot(tx, fund, at(seconds))?.id)).collect()
        }).await;
        claimed(&mut database, 9).await;
        let all = database.read(move |tx| snapshots::list(tx, fund, None, &Page::default())).await;
        assert_eq!(all.items.iter().map(|s| s.id).collect::<Vec<_>>(), [ids[2], ids[1], ids[0]]);
        let pending = Some(SnapshotStatus::Pending);
        let waiting = database.read(move |tx| snapshots::list(tx, fund, pending, &Page::default())).await;
        assert_eq!(waiting.items.iter().map(|s| s.id).collect::<Vec<_>>(), [ids[2], ids[1]]);
        let first = ids[0];
        let renamed = database.write(move |tx| snapshots::rename(tx, first, 1, "Year end", at(10))).await;
        assert_eq!((renamed.name.as_str(), renamed.version), ("Year end", 2));
        let late = database.refused(move |tx| snapshots::rename(tx, first, 1, "No", at(11))).await;
        assert_eq!(late, StoreError::VersionConflict { current: 2 });
    }

    async fn the_snapshot_knows_everything_recorded_before_it_also_on_a_standing_clock(database: TestDatabase) {
        let position = database.write(|tx| position(tx, at(0))).await;
        let (snapshot, lot) = database.write(move |tx| {
            let lot = lot(tx, position, at(0))?;
            Ok((snapshot(tx, position.fund, at(0))?, lot))
        }).await;
        assert!(snapshot.known_at > lot.recorded_at);
    }
}
