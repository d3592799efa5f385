//! What this process has counted of rollouts since its last tick: a few sums and the users of the tick, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rollout::{Latencies, Shared, bounds};
use sha2::{Digest, Sha256};
use store::UserHash;
use store::rollout_evidence::{Counts, SeenUser};
use store::rollouts::ObservedRollout;
use uuid::Uuid;

/// Users of an entry that are known to be stored already. More are stored again, which changes nothing.
const KNOWN_USERS_MAX: usize = 200_000;

/// Whom a request counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Arm {
    /// The draw gives the feature.
    Treatment,
    /// The draw does not.
    Control,
    /// They opted in themselves: left out.
    OptedIn,
    /// They opted out themselves: left out.
    OptedOut,
    /// Something else than the draw decided: left out.
    Elsewhere,
}

impl Arm {
    pub(crate) const ALL: [Self; 5] = [Self::Treatment, Self::Control, Self::OptedIn, Self::OptedOut, Self::Elsewhere];

    /// As the value of a label.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Treatment => "treatment",
            Self::Control => "control",
            Self::OptedIn => "opted_in",
            Self::OptedOut => "opted_out",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// The entry of a rollout that a request counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct EntryKey {
    pub(crate) rollout: Uuid,
    pub(crate) entry: i64,
}

impl EntryKey {
    pub(crate) const fn of(observed: &ObservedRollout) -> Self {
        Self { rollout: observed.id, entry: observed.entry }
    }
}

/// What came of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Served {
    /// The server's fault.
    pub(crate) failed: bool,
    /// How long it took.
    pub(crate) elapsed: Duration,
    /// When it was answered.
    pub(crate) at: Timestamp,
}

/// What is counted in this process.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    entries: Mutex<HashMap<EntryKey, Entry>>,
    shared: Mutex<SharedMeasures>,
}

#[derive(Debug, Default)]
struct Entry {
    counts: Counts,
    /// Users of the present tick by their arm and key: whether a request failed.
    users: HashMap<(Arm, String), bool>,
    /// Users that are stored: whether their failure is, too.
    known: HashMap<(Arm, String), bool>,
    in_flight: u64,
    first_good_at: Option<Timestamp>,
}

impl Entry {
    fn see(&mut self, arm: Arm, user: &str, failed: bool) {
        let user = (arm, user.to_owned());
        let is_stored = self.known.get(&user).is_some_and(|is_known| *is_known || !failed);
        if !is_stored {
            *self.users.entry(user).or_default() |= failed;
        }
    }
}

/// What both arms share, between two ticks: levels at their worst, events as a sum.
#[derive(Debug, Default)]
struct SharedMeasures {
    pool_in_use: f64,
    snapshot_seconds: Option<f64>,
    integrity_violations: u64,
    /// Those of batches that came too late.
    deadlocks: f64,
    deadlocks_before: u64,
}

/// What is to be stored of one entry and tick.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    pub(crate) key: EntryKey,
    pub(crate) counts: Counts,
    users: Vec<((Arm, String), bool)>,
}

impl Batch {
    /// The users as they are stored: by a hash that says nothing outside of the rollout. Whoever changes arms, which only
    /// people who choose for themselves do, is another user there.
    pub(crate) fn seen_users(&self) -> Vec<SeenUser> {
        let seen = self.users.iter().map(|((arm, user), failed)| {
            let in_treatment = *arm == Arm::Treatment;
            let in_arm = if in_treatment { format!("treatment {user}") } else { format!("control {user}") };
            SeenUser { hash: hash(self.key.rollout, &in_arm), in_treatment, failed: *failed }
        });
        seen.collect()
    }

    /// The users and whether they have the feature, for the figures of adoption.
    pub(crate) fn users(&self) -> impl Iterator<Item = (&str, bool)> {
        self.users.iter().map(|((arm, user), _)| (user.as_str(), matches!(arm, Arm::Treatment | Arm::OptedIn)))
    }
}

/// A hash of a user that only means something within `scope`.
pub(crate) fn hash(scope: Uuid, user: &str) -> UserHash {
    let digest = Sha256::new().chain_update(scope.as_bytes()).chain_update(user).finalize();
    // SHA-256 has 32 bytes.
    UserHash(digest.first_chunk().copied().map_or(0, u128::from_be_bytes))
}

impl Evidence {
    /// A request with the treatment begins.
    pub(crate) fn begin_treatment(&self, key: EntryKey) {
        let mut entries = self.entries();
        let entry = entries.entry(key).or_default();
        entry.in_flight = entry.in_flight.saturating_add(1);
    }

    /// A request with the treatment has ended, answered or not.
    pub(crate) fn end_treatment(&self, key: EntryKey) {
        if let Some(entry) = self.entries().get_mut(&key) {
            entry.in_flight = entry.in_flight.saturating_sub(1);
        }
    }

    /// Counts a request.
    pub(crate) fn note(&self, key: EntryKey, user: &str, arm: Arm, served: Served) {
        let mut entries = self.entries();
        let entry = entries.entry(key).or_default();
        let counts = &mut entry.counts;
        let of_arm = match arm {
            Arm::Treatment => &mut counts.treatment,
            Arm::Control => &mut counts.control,
            Arm::OptedIn => return counts.opted_in = counts.opted_in.saturating_add(1),
            Arm::OptedOut => return counts.opted_out = counts.opted_out.saturating_add(1),
            Arm::Elsewhere => return,
        };
        of_arm.requests = of_arm.requests.saturating_add(1);
        of_arm.failures = of_arm.failures.saturating_add(u64::from(served.failed));
        of_arm.latency.get_or_insert_with(|| Latencies::empty(bounds())).note(served.elapsed.as_secs_f64());
        if arm == Arm::Control && !served.failed {
            entry.first_good_at.get_or_insert(served.at);
        }
        entry.see(arm, user, served.failed);
    }

    /// Notes that a user was there whose request was not served, because the flag is off: arms are as large as the draw makes
    /// them, whatever is asked for.
    pub(crate) fn note_user(&self, key: EntryKey, user: &str, arm: Arm) {
        if matches!(arm, Arm::Treatment | Arm::Control) {
            self.entries().entry(key).or_default().see(arm, user, false);
        }
    }

    /// Takes what was counted for the entries that are observed; of others nothing is kept.
    pub(crate) fn drain(&self, observed: &[EntryKey]) -> Vec<Batch> {
        let mut entries = self.entries();
        // Requests that are still being served say so until they have ended.
        entries.retain(|key, entry| observed.contains(key) || entry.in_flight > 0);
        let take = |key: &EntryKey| {
            let entry = entries.entry(*key).or_default();
            let users = std::mem::take(&mut entry.users).into_iter().collect();
            Batch { key: *key, counts: std::mem::take(&mut entry.counts), users }
        };
        observed.iter().map(take).collect()
    }

    /// Notes that a batch is stored.
    pub(crate) fn settle(&self, batch: Batch) {
        let mut entries = self.entries();
        let Some(entry) = entries.get_mut(&batch.key) else { return };
        for (user, failed) in batch.users {
            if entry.known.len() < KNOWN_USERS_MAX {
                *entry.known.entry(user).or_default() |= failed;
            }
        }
    }

    /// Puts a batch back that came too late for its tick: it counts in the next.
    pub(crate) fn put_back(&self, batch: Batch) {
        self.put_events_back(&batch);
        let mut entries = self.entries();
        let entry = entries.entry(batch.key).or_default();
        entry.counts.add(&Counts { shared: Shared::default(), ..batch.counts });
        for (user, failed) in batch.users {
            *entry.users.entry(user).or_default() |= failed;
        }
    }

    /// Puts back what has happened to both arms: a broken identity is proof, whichever entry it is handed in for. Levels of
    /// then are no more.
    pub(crate) fn put_events_back(&self, batch: &Batch) {
        let events = &batch.counts.shared;
        let mut shared = self.shared();
        shared.integrity_violations =
            shared.integrity_violations.saturating_add(events.integrity_violations.unwrap_or_default());
        shared.deadlocks += events.deadlocks.unwrap_or_default();
    }

    /// Requests with the treatment that earlier entries of a rollout have let in and that are still being served, and
    /// when this entry first served somebody well without it.
    pub(crate) fn drained(&self, key: EntryKey) -> (u64, Option<Timestamp>) {
        let entries = self.entries();
        let is_earlier = |one: &EntryKey| one.rollout == key.rollout && one.entry < key.entry;
        let in_flight = entries.iter().filter(|(one, _)| is_earlier(one)).map(|(_, entry)| entry.in_flight);
        (in_flight.sum(), entries.get(&key).and_then(|entry| entry.first_good_at))
    }

    /// Notes how full the queues before the database are.
    pub(crate) fn note_pool(&self, in_use: f64) {
        let mut shared = self.shared();
        shared.pool_in_use = shared.pool_in_use.max(in_use);
    }

    /// Notes how long a snapshot took from its acceptance to its end.
    pub(crate) fn note_snapshot(&self, elapsed: Duration) {
        let mut shared = self.shared();
        let seconds = elapsed.as_secs_f64();
        shared.snapshot_seconds = Some(shared.snapshot_seconds.map_or(seconds, |longest| longest.max(seconds)));
    }

    /// Notes that a completed snapshot breaks an identity.
    pub(crate) fn note_integrity_violation(&self) {
        let mut shared = self.shared();
        shared.integrity_violations = shared.integrity_violations.saturating_add(1);
    }

    /// Takes what both arms have shared since the last tick. `deadlocks` counts those of this process since its start.
    pub(crate) fn take_shared(&self, deadlocks: u64) -> Shared {
        let mut shared = self.shared();
        let before = std::mem::replace(
            &mut *shared,
            SharedMeasures { deadlocks_before: deadlocks, ..SharedMeasures::default() },
        );
        let deadlocks = u32::try_from(deadlocks.saturating_sub(before.deadlocks_before)).unwrap_or(u32::MAX);
        Shared {
            pool_in_use: Some(before.pool_in_use),
            snapshot_seconds: before.snapshot_seconds,
            deadlocks: Some(before.deadlocks + f64::from(deadlocks)),
            integrity_violations: Some(before.integrity_violations),
            ..Shared::default()
        }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<EntryKey, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shared(&self) -> MutexGuard<'_, SharedMeasures> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: EntryKey = EntryKey { rollout: Uuid::from_u128(7), entry: 1 };

    fn served(failed: bool) -> Served {
        Served { failed, elapsed: Duration::from_millis(40), at: Timestamp::UNIX_EPOCH }
    }

    fn failed_users(batch: &Batch) -> Vec<bool> {
        batch.seen_users().into_iter().map(|user| user.failed).collect()
    }

    #[test]
    fn a_user_is_handed_in_once_and_once_more_with_the_first_failure() {
        let evidence = Evidence::default();
        let hand_in = |failed: bool| {
            evidence.note(KEY, "person:1", Arm::Treatment, served(failed));
            let batch = evidence.drain(&[KEY]).remove(0);
            let users = failed_users(&batch);
            assert_eq!(batch.counts.treatment.requests, 1);
            evidence.settle(batch);
            users
        };
        assert_eq!(hand_in(false), [false]);
        assert!(hand_in(false).is_empty());
        assert_eq!(hand_in(true), [true]);
        assert!(hand_in(true).is_empty() && hand_in(false).is_empty());
    }

    #[test]
    fn people_who_chose_are_reported_and_left_out() {
        let evidence = Evidence::default();
        for arm in [Arm::OptedIn, Arm::OptedOut, Arm::OptedOut, Arm::Elsewhere] {
            evidence.note(KEY, "person:1", arm, served(true));
        }
        let batch = evidence.drain(&[KEY]).remove(0);
        assert_eq!((batch.counts.opted_in, batch.counts.opted_out), (1, 2));
        assert_eq!((batch.counts.treatment.requests, batch.seen_users().len()), (0, 0));
    }

    #[test]
    fn a_broken_identity_is_handed_in_however_late() {
        let evidence = Evidence::default();
        evidence.note_integrity_violation();
        let mut batch = evidence.drain(&[KEY]).remove(0);
        batch.counts.shared = evidence.take_shared(2);
        assert_eq!(evidence.take_shared(2).integrity_violations, Some(0));
        evidence.put_back(batch);
        let shared = evidence.take_shared(3);
        assert_eq!((shared.integrity_violations, shared.deadlocks), (Some(1), Some(3.0)));
    }

    #[test]
    fn what_came_too_late_counts_in_the_next_tick() {
        let evidence = Evidence::default();
        evidence.note(KEY, "person:1", Arm::Control, served(true));
        let late = evidence.drain(&[KEY]).remove(0);
        evidence.put_back(late);
        evidence.note(KEY, "person:1", Arm::Control, served(false));
        let batch = evidence.drain(&[KEY]).remove(0);
        assert_eq!((batch.counts.control.requests, batch.counts.control.failures), (2, 1));
        assert_eq!(failed_users(&batch), [true]);
    }

    #[test]
    fn requests_that_are_being_served_are_known_until_they_end() {
        let evidence = Evidence::default();
        evidence.begin_treatment(KEY);
        let next = EntryKey { entry: 2, ..KEY };
        evidence.begin_treatment(next);
        evidence.drain(&[next]);
        assert_eq!(evidence.drained(next), (1, None), "those of this entry have a right to it");
        evidence.end_treatment(KEY);
        assert_eq!(evidence.drained(next).0, 0);
    }

    #[test]
    fn levels_are_at_their_worst_and_events_are_added_up() {
        let evidence = Evidence::default();
        evidence.note_pool(0.2);
        evidence.note_pool(0.7);
        evidence.note_pool(0.1);
        evidence.note_snapshot(Duration::from_secs(3));
        evidence.note_integrity_violation();
        let shared = evidence.take_shared(5);
        assert_eq!((shared.pool_in_use, shared.snapshot_seconds), (Some(0.7), Some(3.0)));
        assert_eq!((shared.deadlocks, shared.integrity_violations), (Some(5.0), Some(1)));
        assert_eq!(evidence.take_shared(6).deadlocks, Some(1.0));
    }
}
