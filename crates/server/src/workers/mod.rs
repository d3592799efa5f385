//! Work that goes on behind the requests. Each task can be stopped at any instruction and goes on after a restart.

mod credentials;
mod flags;
mod housekeeping;
mod rollouts;
mod snapshots;

use tokio::task::JoinSet;

use crate::AppState;

/// Starts every worker; they end by themselves once the state is told to stop.
pub(crate) fn start(state: &AppState) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    tasks.spawn(credentials::follow_database(state.clone()));
    tasks.spawn(flags::follow_database(state.clone()));
    tasks.spawn(flags::follow_file(state.clone()));
    tasks.spawn(flags::store_usage(state.clone()));
    tasks.spawn(flags::note_opt_outs(state.clone()));
    tasks.spawn(housekeeping::run(state.clone()));
    tasks.spawn(rollouts::replica::run(state.clone()));
    tasks.spawn(rollouts::evidence::run(state.clone()));
    if state.config().controls_rollouts {
        tasks.spawn(rollouts::controller::run(state.clone()));
        if let Some(server) = state.config().prometheus.clone() {
            tasks.spawn(rollouts::prometheus::run(state.clone(), server));
        }
    }
    for number in 0..state.config().snapshot_workers {
        tasks.spawn(snapshots::run(state.clone(), number));
    }
    if state.config().snapshot_workers > 0 {
        tasks.spawn(snapshots::requeue_expired(state.clone()));
    }
    tasks
}
