//! Kill and restore: in memory first, then in the database, and in the state file for the time without one.

use jiff::Timestamp;
use serde_json::json;
use store::flag_state::{self, Change};
use store::{StoreError, Transaction};

use crate::AppState;
use crate::act::Act;
use crate::error::is_passing;
use crate::live_flags::PendingKill;

/// What came of a kill.
pub(crate) enum Killed {
    /// The database has it, so every replica will.
    Stored,
    /// It acts in this process, survives it, and is stored as soon as the database takes it.
    Pending,
}

/// Kills a flag in this process, then everywhere.
///
/// # Errors
/// What the database answers where waiting would not help; the kill acts in this process all the same.
pub(crate) async fn kill(state: &AppState, key: &str, act: Act, reason: &str) -> Result<Killed, StoreError> {
    let kill = PendingKill { actor: act.actor, reason: reason.to_owned(), at: act.now };
    state.live_flags().kill_here(key, kill.clone());
    tracing::warn!(flag = key, actor = kill.actor, reason, "flag killed");
    let ((), stored) = tokio::join!(state.save_flags(), store_kill(state, key, kill));
    match stored {
        Ok(()) => {
            state.save_flags().await;
            Ok(Killed::Stored)
        }
        Err(error) => {
            tracing::error!(flag = key, %error, "the kill holds in this process and is stored as soon as the database takes it");
            if is_passing(&error) { Ok(Killed::Pending) } else { Err(error) }
        }
    }
}

/// Stores the kills that the database has not taken yet.
///
/// # Errors
/// What the database answers.
pub(crate) async fn store_pending_kills(state: &AppState) -> Result<(), StoreError> {
    if state.live_flags().pending_kills().is_empty() {
        return Ok(());
    }
    let _turn = state.switching().lock().await;
    // Only now: whoever had the turn before may have stored one of them, or restored a flag.
    for (key, kill) in state.live_flags().pending_kills() {
        write_pending(state, &key, kill).await?;
    }
    Ok(())
}

async fn store_kill(state: &AppState, key: &str, kill: PendingKill) -> Result<(), StoreError> {
    let _turn = state.switching().lock().await;
    // Whoever had the turn before may have stored this kill, or one that came after it and counts.
    let pending = match state.live_flags().pending_kill(key) {
        Some(pending) => pending,
        None if state.live_flags().switchboard().killed.contains(key) => return Ok(()),
        // Somebody restored the flag meanwhile, and could not know of this kill.
        None => {
            state.live_flags().kill_here(key, kill.clone());
            kill
        }
    };
    write_pending(state, key, pending).await
}

async fn write_pending(state: &AppState, key: &str, kill: PendingKill) -> Result<(), StoreError> {
    let (flag, pending, now) = (key.to_owned(), kill.clone(), state.clock().now());
    state.store().write(move |tx| write_kill(tx, &flag, &pending, now)).await?;
    settle(state, key, &kill).await
}

/// The write of a kill, which holds since it was made; `now` is when the database takes it.
///
/// # Errors
/// What the database answers.
pub(crate) fn write_kill(
    tx: &mut Transaction<'_>,
    key: &str,
    kill: &PendingKill,
    now: Timestamp,
) -> Result<(), StoreError> {
    let PendingKill { actor, reason, at } = kill;
    let Change { changed, .. } = flag_state::kill(tx, key, actor, reason, *at)?;
    let act = Act { actor: actor.clone(), now, fund_id: None };
    let details = json!({ "reason": reason, "changed": changed, "killedAt": at });
    act.record(tx, "flag.kill", &format!("flag:{key}"), &details)
}

/// The write of a restore, for whoever restores together with something else.
///
/// # Errors
/// What the database answers.
pub(crate) fn write_restore(tx: &mut Transaction<'_>, act: &Act, key: &str, reason: &str) -> Result<(), StoreError> {
    let Change { changed, .. } = flag_state::restore(tx, key, &act.actor, reason, act.now)?;
    act.record(tx, "flag.restore", &format!("flag:{key}"), &json!({ "reason": reason, "changed": changed }))
}

/// Takes over that `kill` of `key` is stored, or taken back after that. In this order, so that the flag is at no moment
/// on in between. A kill that came meanwhile goes on waiting.
///
/// # Errors
/// What the database answers; the kill then goes on waiting.
pub(crate) async fn settle(state: &AppState, key: &str, kill: &PendingKill) -> Result<(), StoreError> {
    state.refresh_flags().await?;
    state.live_flags().settle_kill(key, kill);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::flag_edit::{self, Edit, Way, What};
    use crate::state::with_service;
    use store::audit::{self, Filter};

    const FLAG: &str = "enableLotLevelMoic";
    const AN_HOUR: Timestamp = Timestamp::constant(3600, 0);

    fn by(actor: &str) -> PendingKill {
        PendingKill { actor: actor.to_owned(), reason: "wrong marks".to_owned(), at: Timestamp::UNIX_EPOCH }
    }

    /// Who did what to the flag, and since when it was killed.
    async fn acts(state: &AppState) -> Vec<(String, String, serde_json::Value)> {
        let filter = Filter { subject: Some("flag:enableLotLevelMoic"), fund_id: None };
        let entries = state.store().read(move |tx| audit::list(tx, &filter, 0, 10)).await.unwrap();
        let killed_at = |details: &str| serde_json::from_str::<serde_json::Value>(details).unwrap()["killedAt"].clone();
        entries.into_iter().map(|entry| (entry.action, entry.actor, killed_at(&entry.details))).collect()
    }

    fn killed_by(actor: &str) -> (String, String, serde_json::Value) {
        ("flag.kill".to_owned(), actor.to_owned(), json!(Timestamp::UNIX_EPOCH))
    }

    #[tokio::test]
    async fn a_restore_of_a_kill_that_waits_stores_both() {
        with_service(Duration::from_secs(3600), async |state| {
            state.live_flags().kill_here(FLAG, by("person:1"));
            let what = What::Restore { key: FLAG.to_owned(), reason: "mended".to_owned() };
            let act = Act { actor: "person:2".to_owned(), now: AN_HOUR, fund_id: None };
            flag_edit::submit(state, &Edit { comment: None, what }, Way::AtOnce, act).await.unwrap();
            let restored = ("flag.restore".to_owned(), "person:2".to_owned(), serde_json::Value::Null);
            assert_eq!(acts(state).await, [killed_by("person:1"), restored]);
            assert!(state.live_flags().pending_kills().is_empty());
            assert!(!state.live_flags().switchboard().killed.contains(FLAG));
        })
        .await;
    }

    #[tokio::test]
    async fn a_kill_that_waits_is_stored_once_with_its_own_time() {
        with_service(Duration::from_secs(3600), async |state| {
            state.live_flags().kill_here(FLAG, by("person:1"));
            store_pending_kills(state).await.unwrap();
            store_kill(state, FLAG, by("person:1")).await.unwrap();
            assert_eq!(acts(state).await, [killed_by("person:1")]);
            let stored = state.store().read(|tx| flag_state::get(tx, FLAG)).await.unwrap();
            assert_eq!((stored.changed_at, stored.killed), (Some(Timestamp::UNIX_EPOCH), true));
        })
        .await;
    }

    #[tokio::test]
    async fn a_kill_that_a_restore_did_not_know_of_holds() {
        with_service(Duration::from_secs(3600), async |state| {
            store_kill(state, FLAG, by("person:1")).await.unwrap();
            assert_eq!(acts(state).await, [killed_by("person:1")]);
            assert!(state.live_flags().switchboard().killed.contains(FLAG));
        })
        .await;
    }
}
