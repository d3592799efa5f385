//! Keeps the flags of this process true: follows the database, stores kills it has not taken yet, follows the watched
//! file, and hands on what requests have told about usage and opt-outs.

use std::path::Path;
use std::time::Duration;

use flags::LoadError;
use store::{StoreError, flag_opt_outs, flag_usage};
use tokio::sync::mpsc;

use crate::AppState;
use crate::flag_switch;
use crate::guard::OWN_FLAGS;
use crate::live_flags::Seen;
use crate::watched_file::WatchedFile;

/// The net under the database's notices: a change acts here within this time even if its notice was lost.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// How often counted evaluations are added to the stored ones.
const USAGE_INTERVAL: Duration = Duration::from_secs(10);

/// Learns of what other replicas have stored, until the server stops. While the database is away the last known state
/// holds.
pub(crate) async fn follow_database(state: AppState) {
    let mut changes = state.store().flag_changes();
    let mut is_away = false;
    for flag in OWN_FLAGS {
        let switch = state.live_flags().switchboard().switch(flag.key()).as_str();
        tracing::info!(
            flag = flag.key(),
            variable = flag.own().environment_variable,
            switch,
            "the switch of this process"
        );
    }
    loop {
        state.save_flags().await;
        tokio::select! {
            () = state.stopping() => break,
            // An error means that the store is closing; the poll then sees what is left to see.
            Ok(()) = changes.changed() => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
        match follow_once(&state).await {
            Ok(()) if is_away => {
                is_away = false;
                tracing::info!("the flags follow the database again");
            }
            Ok(()) => {}
            Err(error) => {
                if !is_away {
                    tracing::warn!(%error, "the flags cannot be read from the database; the last known ones hold");
                }
                is_away = true;
            }
        }
    }
    state.save_flags().await;
}

async fn follow_once(state: &AppState) -> Result<(), StoreError> {
    state.refresh_flags().await?;
    flag_switch::store_pending_kills(state).await
}

/// Takes over each good edit of the watched file, until the server stops. After a bad one the last good flags stay.
pub(crate) async fn follow_file(state: AppState) {
    let Some(path) = state.config().flags_file.clone() else { return };
    let mut file = match WatchedFile::open(&path) {
        Ok(file) => file,
        Err(error) => {
            tracing::error!(file = %path.display(), %error, "the flags file is not watched; the flags read from it stay until a restart");
            return;
        }
    };
    // What was read at the start may be older than what is watched from here on.
    reload(&state, &path, file.content().to_vec()).await;
    loop {
        let changed = tokio::select! {
            () = state.stopping() => return,
            changed = file.changed() => changed.map(<[u8]>::to_vec),
        };
        match changed {
            Ok(content) => reload(&state, &path, content).await,
            Err(error) => refuse(&state, &path, &[error.to_string()]),
        }
    }
}

async fn reload(state: &AppState, path: &Path, bytes: Vec<u8>) {
    match state.with_flags(move |flags| flags.reload_file(&bytes)).await {
        Some(Ok(is_new)) => {
            state.live_flags().set_file_fault(None);
            if is_new {
                tracing::info!(file = %path.display(), "the flags file is taken over");
            }
        }
        Some(Err(LoadError::Invalid(problems))) => {
            let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
            refuse(state, path, &problems);
        }
        Some(Err(error)) => refuse(state, path, &[error.to_string()]),
        None => {}
    }
}

/// Says what is wrong with the file, in the log and to whoever asks how the service is doing. The last good flags stay.
fn refuse(state: &AppState, path: &Path, problems: &[String]) {
    for problem in problems {
        tracing::error!(file = %path.display(), problem, "the flags file is not taken over; the last good flags stay");
    }
    let fault = format!(
        "the flags file {} is not taken over and the last good flags stay: {}",
        path.display(),
        problems.join("; ")
    );
    state.live_flags().set_file_fault(Some(fault));
}

/// Adds counted evaluations to the stored ones, until the server stops, and once more then.
pub(crate) async fn store_usage(state: AppState) {
    loop {
        tokio::select! {
            () = state.stopping() => break,
            () = tokio::time::sleep(USAGE_INTERVAL) => {}
        }
        flush_usage(&state).await;
    }
    flush_usage(&state).await;
}

async fn flush_usage(state: &AppState) {
    let counted = state.live_flags().usage().drain();
    if counted.is_empty() {
        return;
    }
    let rows = counted.clone();
    let stored = state.store().write(move |tx| rows.iter().try_for_each(|usage| flag_usage::add(tx, usage))).await;
    if let Err(error) = stored {
        tracing::warn!(%error, "the usage of flags cannot be stored now; it is counted with the next");
        state.live_flags().usage().put_back(counted);
    }
}

/// Stores who turned a flag off for themselves, and counts who is new, until the server stops.
pub(crate) async fn note_opt_outs(state: AppState) {
    let Some(mut line) = state.opt_outs().line() else { return };
    while let Some(seen) = next(&state, &mut line).await {
        let note = seen.clone();
        let stored = state
            .store()
            .write(move |tx| flag_opt_outs::note(tx, note.flag, &note.targeting_key, note.opted_out, note.at))
            .await;
        match stored {
            Ok(true) if seen.opted_out && state.opt_outs().counts(&seen) => {
                state.metrics().features.self_disabled(seen.flag);
                tracing::info!(
                    flag = seen.flag,
                    who = seen.targeting_key,
                    "somebody turned the flag off for themselves"
                );
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "an opt-out cannot be stored now; the next request tells again");
                state.opt_outs().forget(&seen);
            }
        }
    }
}

async fn next(state: &AppState, line: &mut mpsc::Receiver<Seen>) -> Option<Seen> {
    tokio::select! {
        () = state.stopping() => None,
        seen = line.recv() => seen,
    }
}
