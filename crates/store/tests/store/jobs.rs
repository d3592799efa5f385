use std::time::Duration;

use store::{
    StoreError,
    jobs::{self, Fate, Progress},
};

use crate::{database::TestDatabase, story::*};

const LEASE: Duration = Duration::from_secs(8);

on_both! {
    async fn a_job_is_claimed_once_and_finished(database: TestDatabase) {
        database.write(|tx| jobs::enqueue(tx, "test", "one", at(0))).await;
        database.write(|tx| jobs::enqueue(tx, "test", "one", at(0))).await;
        let lease = database.write(|tx| jobs::claim(tx, "test", "w1", LEASE, at(1))).await.expect("a job");
        assert_eq!((lease.attempt, lease.lease_until, lease.subject.as_str()), (1, at(9), "one"));
        assert_eq!(database.write(|tx| jobs::claim(tx, "test", "w2", LEASE, at(1))).await, None);
        assert_eq!(database.read(|tx| jobs::depth(tx, "test")).await, jobs::Depth { running: 1, ..Default::default() });
        database.write(move |tx| jobs::finish(tx, &lease)).await;
        assert_eq!(database.count("SELECT COUNT(*) FROM jobs").await, 0);
    }

    async fn simultaneous_workers_share_the_jobs_without_overlap(database: TestDatabase) {
        database.write(|tx| (0..20).try_for_each(|n| jobs::enqueue(tx, "test", &n.to_string(), at(0)))).await;
        let store = database.store();
        let claims: Vec<_> = (0..20).map(|worker| {
            let store = store.clone();
            tokio::spawn(async move {
                // A claim may find its candidates taken by others and come back empty-handed; a worker asks again.
                loop {
                    let claimed = store.write(move |tx| {
                        jobs::claim(tx, "test", &format!("w{worker}"), LEASE, at(1))
                    }).await.expect("the claim runs");
                    if let Some(lease) = claimed {
                        return lease.subject;
                    }
                }
            })
        }).collect();
        let mut subjects = Vec::new();
        for claim in claims {
            subjects.push(claim.await.expect("the task ends"));
        }
        subjects.sort();
        subjects.dedup();
        assert_eq!(subjects.len(), 20);
    }

    async fn a_job_whose_worker_died_goes_on_elsewhere_and_the_dead_write_nothing(database: TestDatabase) {
        database.write(|tx| jobs::enqueue(tx, "test", "one", at(0))).await;
        let first = database.write(|tx| jobs::claim(tx, "test", "w1", LEASE, at(0))).await.expect("a job");
        let early = first.clone();
        database.write(move |tx| {
            jobs::renew(tx, &early, Progress { current: 3, total: 9 }, Duration::from_secs(3600), at(2))
        }).await;
        assert_eq!(database.write(|tx| jobs::requeue_expired(tx, 10, at(11))).await, [], "a lease lasts 10 s at most");
        let expired = database.write(|tx| jobs::requeue_expired(tx, 10, at(12))).await;
        assert_eq!(expired.len(), 1);
        assert_eq!(expired[0].fate, Fate::Requeued(at(12)));
        let second = database.write(|tx| jobs::claim(tx, "test", "w2", LEASE, at(12))).await.expect("the job again");
        assert_eq!((second.attempt, second.progress), (2, Progress { current: 3, total: 9 }));

        let lost = StoreError::LeaseLost { job: first.job_id.0, attempt: 1 };
        let (a, b, c) = (first.clone(), first.clone(), first);
        assert_eq!(database.refused(move |tx| jobs::renew(tx, &a, Progress::default(), LEASE, at(13))).await, lost);
        assert_eq!(database.refused(move |tx| jobs::finish(tx, &b)).await, lost);
        assert_eq!(database.refused(move |tx| jobs::fail(tx, &c, "late", true, at(13))).await, lost);
        database.write(move |tx| jobs::finish(tx, &second)).await;
    }

    async fn a_job_that_keeps_failing_becomes_a_dead_letter_and_can_be_revived(database: TestDatabase) {
        database.write(|tx| jobs::enqueue(tx, "test", "one", at(0))).await;
        let mut now = 0;
        for attempt in 1..=jobs::ATTEMPTS_MAX {
            now += 100;
            let lease = database.write(move |tx| jobs::claim(tx, "test", "w1", LEASE, at(now))).await.expect("a job");
            assert_eq!(lease.attempt, attempt);
            let fate = database.write(move |tx| jobs::fail(tx, &lease, "no luck", true, at(now))).await;
            if attempt < jobs::ATTEMPTS_MAX {
                assert!(matches!(fate, Fate::Requeued(run_at) if run_at > at(now)), "{fate:?}");
                let too_early = database.write(move |tx| jobs::claim(tx, "test", "w1", LEASE, at(now))).await;
                assert_eq!(too_early, None, "a failed job pauses");
            } else {
                assert_eq!(fate, Fate::Dead);
            }
        }
        assert_eq!(database.read(|tx| jobs::depth(tx, "test")).await.dead, 1);
        assert_eq!(database.count("SELECT COUNT(*) FROM jobs WHERE state = 'dead' AND last_error = 'no luck'").await, 1);
        assert!(database.write(|tx| jobs::revive(tx, "test", "one", at(1000))).await);
        let lease = database.write(|tx| jobs::claim(tx, "test", "w1", LEASE, at(1000))).await.expect("the job again");
        assert_eq!(lease.attempt, jobs::ATTEMPTS_MAX + 1, "the fencing token never goes back");
    }
}
