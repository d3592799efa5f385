//! Forgets what has run out: sessions, idempotency keys that no retry will bring again, processes that are gone; and rolls
//! up old evidence of rollouts.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rollout::Stage;
use store::rollouts::Observes;
use store::{
    Page, RolloutId, StoreError, Transaction, flag_book, flag_users, idempotency, replicas, rollout_evidence,
    rollout_proof, rollouts, sessions, sign_in_attempts,
};

use crate::AppState;

/// Before the first cleaning: a process that is started every day cleans, too.
const FIRST_AFTER: Duration = Duration::from_secs(60);
const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// Hours for which a key's first answer is kept.
const IDEMPOTENCY_KEYS_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How long ticks of rollouts are kept one by one: a rollout of the default policy can be replayed as a whole.
const TICKS_KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How long a process is remembered that is not seen any more.
const REPLICAS_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long requests are counted after a release, for its reports (B6).
const OBSERVED_AFTER_RELEASE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long it is known who used a flag: five quarters, for a report of the last four.
const FLAG_USERS_KEPT: SignedDuration = SignedDuration::from_hours(460 * 24);
/// Ticks that are rolled up in one transaction.
const TICKS_PER_TRANSACTION: i64 = 500;

/// Cleans up soon after the start and every hour until the server stops.
pub(crate) async fn run(state: AppState) {
    let mut pause = FIRST_AFTER;
    loop {
        tokio::select! {
            () = state.stopping() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = INTERVAL;
        let now = state.clock().now();
        state.sign_in().forget_idle();
        let oldest = now.checked_sub(IDEMPOTENCY_KEYS_KEPT).unwrap_or(Timestamp::MIN);
        let flags: Vec<String> =
            state.live_flags().switchboard().set.iter().map(|flag| flag.key().to_owned()).collect();
        let cleaned = state
            .store()
            .write(move |tx| {
                sessions::prune(tx, now)?;
                sign_in_attempts::prune(tx, now)?;
                replicas::prune(tx, now.checked_sub(REPLICAS_KEPT).unwrap_or(Timestamp::MIN))?;
                end_observation(tx, now)?;
                forget_rollouts(tx, now)?;
                for key in &flags {
                    flag_users::forget(tx, key, &month_before(now))?;
                }
                idempotency::prune(tx, oldest)
            })
            .await;
        let cleaned = match cleaned {
            Ok(_) => roll_up(&state, now).await,
            Err(error) => Err(error),
        };
        if let Err(error) = cleaned {
            tracing::warn!(%error, "what has run out cannot be forgotten now; the next hour tries again");
        }
    }
}

/// Forgets who was seen in entries of the newest rollouts that are over, and what was proven with.
fn forget_rollouts(tx: &mut Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    for rollout in rollouts::list(tx, None, &Page::default())?.items {
        let before = if rollout.observes == Observes::Nothing { i64::MAX } else { rollout.entry };
        rollout_evidence::forget_users(tx, rollout.id, before)?;
        if rollout.ended_at.is_some_and(|ended_at| now.duration_since(ended_at) > TICKS_KEPT) {
            rollout_proof::forget(tx, rollout.id)?;
        }
    }
    Ok(())
}

/// The month that the figures of adoption go back to.
fn month_before(now: Timestamp) -> String {
    now.checked_sub(FLAG_USERS_KEPT).unwrap_or(Timestamp::MIN).strftime("%Y-%m").to_string()
}

/// Adds old ticks to their hours, some at a time.
async fn roll_up(state: &AppState, now: Timestamp) -> Result<(), StoreError> {
    let until = now.checked_sub(TICKS_KEPT).unwrap_or(Timestamp::MIN);
    while !state.is_stopping() {
        let rolled = state.store().write(move |tx| rollout_evidence::roll_up(tx, until, TICKS_PER_TRANSACTION)).await?;
        if rolled == 0 {
            break;
        }
    }
    Ok(())
}

/// Ends the counting of rollouts whose reports are over.
fn end_observation(tx: &mut Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    flag_book::lock(tx)?;
    for observed in rollouts::observed(tx)? {
        let mut rollout = rollouts::get(tx, RolloutId(observed.id))?;
        let ended_at = rollout.ended_at.filter(|_| rollout.state.stage == Stage::Completed);
        if ended_at.is_some_and(|ended_at| now.duration_since(ended_at) > OBSERVED_AFTER_RELEASE) {
            rollout.observes = Observes::Nothing;
            rollouts::save(tx, &rollout, now)?;
            flag_book::raise(tx)?;
        }
    }
    Ok(())
}
