//! Hands in what this process has counted, every 15 seconds. Counts that the database does not take now are handed in
//! later for the same tick; when that is decided about, they count in the next.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use rollout::{Shared, TICK};
use store::rollout_evidence::{self, Recorded};
use store::rollouts::Observes;
use store::{RolloutId, StoreError, Transaction, flag_users, jobs, snapshots};
use uuid::Uuid;

use store::jobs::Backlog;

use crate::AppState;
use crate::metrics::usage;
use crate::rollouts::evidence::{Batch, EntryKey, hash};
use crate::rollouts::start::tick_before;

/// How often the levels of what is shared are looked at, and whether a tick is over.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// Batches that wait for the database; beyond, the oldest are counted together with the next.
const WAITING_MAX: usize = 240;
/// Batches that are late one after the other: a minute of them is no accident.
const LATE_IN_A_ROW_MAX: u32 = 4;

/// Until the server stops, and once more then.
pub(in crate::workers) async fn run(state: AppState) {
    let mut handing_in = HandingIn {
        last_tick: tick_before(state.shared_now()),
        last_at: state.clock().monotonic(),
        waiting: VecDeque::new(),
        late_in_a_row: 0,
    };
    loop {
        tokio::select! {
            () = state.stopping() => break,
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
        state.evidence().note_pool(state.store().queue_in_use());
        if let Some(tick) = handing_in.next_tick(&state) {
            handing_in.drain(&state, tick).await;
        }
        handing_in.send(&state).await;
    }
    let last = handing_in.last_tick.checked_add(TICK).unwrap_or(handing_in.last_tick);
    handing_in.drain(&state, last).await;
    handing_in.send(&state).await;
}

struct HandingIn {
    last_tick: Timestamp,
    last_at: Duration,
    waiting: VecDeque<(Timestamp, Batch)>,
    /// Batches that came too late, since one did not.
    late_in_a_row: u32,
}

impl HandingIn {
    /// The tick that is over. Where the clock has gone back, ticks go on from the last one, by time that passes.
    fn next_tick(&mut self, state: &AppState) -> Option<Timestamp> {
        let (boundary, at) = (tick_before(state.shared_now()), state.clock().monotonic());
        let has_passed = at.saturating_sub(self.last_at) >= TICK.unsigned_abs();
        let tick = if boundary > self.last_tick {
            boundary
        } else if has_passed {
            self.last_tick.checked_add(TICK).ok()?
        } else {
            return None;
        };
        (self.last_tick, self.last_at) = (tick, at);
        Some(tick)
    }

    /// Takes what was counted, and what both arms share.
    async fn drain(&mut self, state: &AppState, tick: Timestamp) {
        let published = state.live_flags().switchboard();
        let observed = published.rollouts().iter().filter(|one| one.observes != Observes::Nothing);
        let keys: Vec<EntryKey> = observed.map(EntryKey::of).collect();
        let batches = state.evidence().drain(&keys);
        // Taken at every tick: what happened before a rollout is none of its evidence.
        let shared = state.evidence().take_shared(state.store().deadlocks());
        if batches.is_empty() {
            return;
        }
        let shared = measured(state, shared).await;
        for mut batch in batches {
            batch.counts.shared = shared;
            self.waiting.push_back((tick, batch));
        }
        while self.waiting.len() > WAITING_MAX {
            if let Some((_, oldest)) = self.waiting.pop_front() {
                state.evidence().put_back(oldest);
            }
        }
    }

    /// Hands in what waits, the oldest first, until the database does not take it.
    async fn send(&mut self, state: &AppState) {
        while let Some((tick, batch)) = self.waiting.front().cloned() {
            match record(state, tick, &batch).await {
                Ok(Recorded::Stored(new_users)) => {
                    state.metrics().lot_level.users_seen(&new_users);
                    self.late_in_a_row = 0;
                    state.evidence().settle(batch);
                }
                Ok(Recorded::Late) => {
                    self.late_in_a_row = self.late_in_a_row.saturating_add(1);
                    if self.late_in_a_row == LATE_IN_A_ROW_MAX {
                        tracing::error!(%tick, "this process is always too late with what it counts of a rollout");
                    }
                    state.evidence().put_back(batch);
                }
                Ok(Recorded::Over) => state.evidence().put_events_back(&batch),
                Err(error) => {
                    tracing::warn!(%error, %tick, "what was counted of a rollout cannot be handed in now; it is tried again");
                    return;
                }
            }
            self.waiting.pop_front();
        }
    }
}

async fn record(state: &AppState, tick: Timestamp, batch: &Batch) -> Result<Recorded, StoreError> {
    let published = state.live_flags().switchboard();
    let observed = published.rollouts().iter().find(|one| one.id == batch.key.rollout);
    let flag_key = observed.map(|observed| observed.flag_key.clone());
    let (batch, replica) = (batch.clone(), state.replica().to_owned());
    let month = tick.strftime("%Y-%m").to_string();
    let write = move |tx: &mut Transaction<'_>| {
        let EntryKey { rollout, entry } = batch.key;
        let users = batch.seen_users();
        let recorded = rollout_evidence::record(tx, RolloutId(rollout), entry, tick, &replica, &batch.counts, &users)?;
        if let (Recorded::Stored(_), Some(flag_key)) = (recorded, &flag_key) {
            let users = batch.users().map(|(user, enabled)| (hash(Uuid::nil(), user), enabled));
            flag_users::see(tx, flag_key, &month, users)?;
        }
        Ok(recorded)
    };
    state.store().write(write).await
}

/// What both arms share, with what is measured when it is asked for.
async fn measured(state: &AppState, mut shared: Shared) -> Shared {
    shared.worker_memory_bytes = usage().map(|usage| bytes(usage.resident_memory_bytes));
    let now = state.shared_now();
    match state.store().read(move |tx| jobs::backlog(tx, snapshots::JOB_KIND, now)).await {
        Ok(Backlog { depth, oldest_age_seconds }) => {
            shared.queue_depth = Some(f64::from(u32::try_from(depth.queued).unwrap_or(u32::MAX)));
            shared.snapshot_seconds = Some(shared.snapshot_seconds.unwrap_or(0.0).max(oldest_age_seconds));
        }
        Err(error) => tracing::debug!(%error, "the queue of snapshots cannot be measured now"),
    }
    shared
}

/// Bytes, to the kibibyte.
fn bytes(count: u64) -> f64 {
    f64::from(u32::try_from(count / 1024).unwrap_or(u32::MAX)) * 1024.0
}
