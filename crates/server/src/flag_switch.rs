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
        write_kill(state, &key, kill).await?;
    }
    Ok(())
}

async fn store_kill(state: &AppState, key: &str, kill: PendingKill) -> Result<(), StoreError> {
    let _turn = state.switching().lock().await;
    write_kill(state, key, kill).await
}

async fn write_kill(state: &AppState, key: &str, kill: PendingKill) -> Result<(), StoreError> {
    let (flag, now) = (key.to_owned(), state.clock().now());
    state
        .store()
        .write(move |tx| {
            let act = Act { actor: kill.actor.clone(), now, fund_id: None };
            switch(tx, &act, &flag, &kill.reason, "flag.kill", flag_state::kill)
        })
        .await?;
    settle(state, key).await
}

/// The write of a restore, for whoever restores together with something else.
///
/// # Errors
/// What the database answers.
pub(crate) fn write_restore(tx: &mut Transaction<'_>, act: &Act, key: &str, reason: &str) -> Result<(), StoreError> {
    switch(tx, act, key, reason, "flag.restore", flag_state::restore)
}

/// Takes over what a write has settled about `key`: its kill is stored, or taken back. In this order, so that the flag is
/// at no moment on in between.
///
/// # Errors
/// What the database answers; a kill that waits then goes on waiting.
pub(crate) async fn settle(state: &AppState, key: &str) -> Result<(), StoreError> {
    state.refresh_flags().await?;
    state.live_flags().settle_kill(key);
    Ok(())
}

type Switch = fn(&mut Transaction<'_>, &str, &str, &str, Timestamp) -> Result<Change, StoreError>;

fn switch(
    tx: &mut Transaction<'_>,
    act: &Act,
    key: &str,
    reason: &str,
    action: &str,
    change: Switch,
) -> Result<(), StoreError> {
    let Change { changed, .. } = change(tx, key, &act.actor, reason, act.now)?;
    act.record(tx, action, &format!("flag:{key}"), &json!({ "reason": reason, "changed": changed }))
}
