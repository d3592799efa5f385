use rollout::{ArmCounts, Environment, Shared, State};
use store::{
    Page, RolloutId, StoreError, Transaction, UserHash, flag_book, ids,
    rollout_evidence::{self, Counts, NewUsers, Recorded, SeenUser},
    rollout_proof::{self, Reading, SampledContext},
    rollouts::{self, NewRollout, Observes, Rollout},
};

use crate::{database::TestDatabase, story::*};

/// A rollout of the flag, written down.
fn draft(tx: &mut Transaction<'_>, flag_key: &str, now: i64) -> Result<Rollout, StoreError> {
    let new = NewRollout {
        id: RolloutId(ids::uuid_v7(at(now))?),
        flag_key,
        environment: Environment::Production,
        policy: rollout::REFERENCE,
        policy_hash: "sha256:0",
        latency_baseline: None,
        state: &State::draft(at(now)),
    };
    rollouts::create(tx, &new, "person:1", at(now))
}

/// A rollout whose entry 1 is observed.
async fn observed(database: &mut TestDatabase) -> RolloutId {
    database
        .write(|tx| {
            let mut rollout = draft(tx, "enableLotLevelMoic", 0)?;
            rollout.observes = Observes::Hashed;
            rollout.entry = 1;
            rollouts::save(tx, &rollout, at(0))?;
            Ok(rollout.id)
        })
        .await
}

fn counts(requests: u64, failures: u64) -> Counts {
    let treatment = ArmCounts { requests, failures, ..ArmCounts::default() };
    let control = ArmCounts { requests: requests * 9, ..ArmCounts::default() };
    let shared = Shared { queue_depth: Some(3.0), ..Shared::default() };
    Counts { treatment, control, shared, opted_in: 1, opted_out: 0, is_unseen: false, has_failed: false, problem: None }
}

/// Rollout, entry, second, replica and users of what is handed in.
type HandedIn = (RolloutId, i64, i64, &'static str, Vec<SeenUser>);

async fn record(database: &mut TestDatabase, (id, entry, seconds, replica, users): HandedIn) -> Recorded {
    database
        .write(move |tx| rollout_evidence::record(tx, id, entry, at(seconds), replica, &counts(10, 1), &users))
        .await
}

const ADA: UserHash = UserHash(1);
const BEN: UserHash = UserHash(u128::MAX);

fn user(hash: UserHash, failed: bool) -> SeenUser {
    SeenUser { hash, in_treatment: true, failed }
}

on_both! {
    async fn a_flag_has_one_rollout_at_a_time(database: TestDatabase) {
        let first = database.write(|tx| draft(tx, "banner", 0)).await;
        assert_eq!((first.version, first.observes, first.ended_at), (1, Observes::Nothing, None));
        let second = database.refused(|tx| draft(tx, "banner", 1)).await;
        assert!(matches!(second, StoreError::Conflict { .. }), "{second}");
        let other = database.write(|tx| draft(tx, "checkout", 1)).await;
        let mut ended = first.clone();
        ended.ended_at = Some(at(2));
        database.write(move |tx| rollouts::save(tx, &ended, at(2))).await;
        let next = database.write(|tx| draft(tx, "banner", 3)).await;
        let (live, last, running, all) = database.read(|tx| Ok((
            rollouts::live_of_flag(tx, "banner")?,
            rollouts::last_of_flag(tx, "banner")?,
            rollouts::running(tx)?,
            rollouts::list(tx, None, &Page::default())?.items,
        ))).await;
        assert_eq!((live.map(|one| one.id), last.map(|one| one.id)), (Some(next.id), Some(next.id)));
        assert_eq!(running, [next.id, other.id]);
        assert_eq!(all.iter().map(|one| one.id).collect::<Vec<_>>(), [next.id, other.id, first.id]);
    }

    async fn a_change_of_an_older_version_is_refused(database: TestDatabase) {
        let rollout = database.write(|tx| draft(tx, "banner", 0)).await;
        let (one, two) = (rollout.clone(), rollout);
        database.write(move |tx| rollouts::save(tx, &one, at(1))).await;
        let late = database.refused(move |tx| rollouts::save(tx, &two, at(2))).await;
        assert_eq!(late, StoreError::VersionConflict { current: 2 });
    }

    async fn what_is_observed_is_in_the_book_of_flags(database: TestDatabase) {
        assert!(database.read(flag_book::read).await.rollouts.is_empty());
        let id = observed(&mut database).await;
        let book = database.read(flag_book::read).await;
        let found = &book.rollouts[0];
        assert_eq!((found.id, found.flag_key.as_str(), found.entry), (id.0, "enableLotLevelMoic", 1));
        assert_eq!(found.observes, Observes::Hashed);
    }

    async fn each_user_counts_once_whichever_replica_sees_them(database: TestDatabase) {
        let id = observed(&mut database).await;
        let first = (id, 1, 15, "a", vec![user(ADA, false), user(BEN, true)]);
        let second = (id, 1, 15, "b", vec![user(ADA, true), user(BEN, true)]);
        assert!(matches!(record(&mut database, first).await, Recorded::Stored(_)));
        assert!(matches!(record(&mut database, second.clone()).await, Recorded::Stored(_)));
        assert_eq!(record(&mut database, second).await, Recorded::Stored(NewUsers::default()), "handed in again");
        let periods = database.read(move |tx| rollout_evidence::of_tick(tx, id, at(15))).await;
        let of = |replica: &str| {
            let counts = &periods.iter().find(|period| period.replica == replica).expect("it handed in").counts;
            (counts.treatment.requests, counts.treatment.users, counts.treatment.first_failures)
        };
        assert_eq!((of("a"), of("b")), ((10, 2, 1), (10, 0, 1)));
    }

    async fn a_crowd_is_counted_in_its_arms(database: TestDatabase) {
        let id = observed(&mut database).await;
        let one = |number: u128| SeenUser { hash: UserHash(number), in_treatment: number.is_multiple_of(10), failed: number.is_multiple_of(7) };
        let crowd: Vec<SeenUser> = (0..1_000).map(one).collect();
        record(&mut database, (id, 1, 15, "a", crowd.clone())).await;
        record(&mut database, (id, 1, 30, "a", crowd)).await;
        let of = async |database: &mut TestDatabase, seconds: i64| {
            let periods = database.read(move |tx| rollout_evidence::of_tick(tx, id, at(seconds))).await;
            let Counts { treatment, control, .. } = periods[0].counts.clone();
            (treatment.users, treatment.first_failures, control.users, control.first_failures)
        };
        assert_eq!(of(&mut database, 15).await, (100, 15, 900, 128));
        assert_eq!(of(&mut database, 30).await, (0, 0, 0, 0));
    }

    async fn counts_that_come_late_or_for_another_entry_are_told_so(database: TestDatabase) {
        let id = observed(&mut database).await;
        database.write(move |tx| {
            let mut rollout = rollouts::get(tx, id)?;
            rollout.closed_tick = Some(at(30));
            rollouts::save(tx, &rollout, at(31))
        }).await;
        for (entry, seconds, expected) in
            [(1, 15, Recorded::Late), (1, 30, Recorded::Late), (2, 45, Recorded::Over), (1, 45, Recorded::Stored(NewUsers::default()))]
        {
            assert_eq!(record(&mut database, (id, entry, seconds, "a", Vec::new())).await, expected);
        }
        let next = database.read(move |tx| rollout_evidence::next_tick(tx, id, at(30))).await;
        assert_eq!(next, Some(at(45)));
    }

    async fn a_closed_tick_is_one_row_and_old_ones_are_rolled_up_by_the_hour(database: TestDatabase) {
        let id = observed(&mut database).await;
        for seconds in [15, 30, 3_615] {
            for replica in ["a", "b"] {
                database.write(move |tx| {
                    rollout_evidence::record(tx, id, 1, at(seconds), replica, &counts(10, 1), &[])
                }).await;
            }
            database.write(move |tx| {
                let mut sum = Counts::default();
                for period in rollout_evidence::of_tick(tx, id, at(seconds))? {
                    sum.add(&period.counts);
                }
                rollout_evidence::close(tx, id, 1, at(seconds), &sum)
            }).await;
        }
        let ticks = database.read(move |tx| rollout_evidence::ticks(tx, id, at(0), 10)).await;
        assert_eq!(ticks.len(), 3);
        assert_eq!((ticks[0].counts.treatment.requests, ticks[0].counts.opted_in), (20, 2));
        assert_eq!(ticks[0].counts.shared.queue_depth, Some(3.0), "a level is not added up");
        let rolled = database.write(|tx| rollout_evidence::roll_up(tx, at(60), 100)).await;
        assert_eq!(rolled, 2);
        let all = database.read(move |tx| rollout_evidence::between(tx, id, at(0), at(7_200))).await;
        let requests: Vec<_> = all.iter().map(|period| (period.at, period.counts.treatment.requests)).collect();
        assert_eq!(requests, [(at(3_600), 40), (at(3_615), 20)]);
        assert_eq!(database.write(|tx| rollout_evidence::roll_up(tx, at(60), 100)).await, 0);
    }

    async fn samples_and_readings_are_kept(database: TestDatabase) {
        let id = observed(&mut database).await;
        let sampled = SampledContext { context: r#"{"targetingKey":"person:1"}"#.to_owned(), variant: Some("off".to_owned()) };
        let reading = Reading {
            replica: "a".to_owned(),
            revision: 7,
            config_hash: "sha256:1".to_owned(),
            contexts_equal: 1,
            contexts: 1,
            in_flight: 0,
            first_good_at: Some(at(3)),
            read_at: at(4),
        };
        let (kept, known) = (sampled.clone(), reading.clone());
        database.write(move |tx| {
            rollout_proof::keep_context(tx, id, &kept)?;
            rollout_proof::keep_reading(tx, id, &Reading { in_flight: 2, ..known.clone() })?;
            rollout_proof::keep_reading(tx, id, &known)
        }).await;
        let found = database.read(move |tx| Ok((rollout_proof::contexts(tx, id)?, rollout_proof::readings(tx, id)?))).await;
        assert_eq!(found, (vec![sampled], vec![reading]));
    }
}
