//! Asks Prometheus for the evidence of rollouts whose policies have queries, once a tick. Only the process that controls asks;
//! what it is answered goes where the replicas' own counts go, so that replays find it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rollout::Queries;
use store::rollout_evidence::Recorded;
use store::{RolloutId, StoreError, Transaction, leases, rollout_evidence, rollouts};
use tokio::task::JoinSet;

use crate::AppState;
use crate::rollouts::LEASE;
use crate::rollouts::prometheus::{self, ASKED, PrometheusServer};
use crate::rollouts::start::tick_before;
use crate::rollouts::step::controller_of;

/// How often it is looked whether a tick is over.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// How long after a tick's end it is asked for: a scrape that is under way then is stored.
const SETTLED_AFTER: SignedDuration = SignedDuration::from_secs(2);

/// Until the server stops.
pub(in crate::workers) async fn run(state: AppState, server: PrometheusServer) {
    let mut asked = None;
    loop {
        tokio::select! {
            () = state.stopping() => return,
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
        let now = state.shared_now();
        let tick = tick_before(now.checked_sub(SETTLED_AFTER).unwrap_or(now));
        if asked.is_some_and(|asked| tick <= asked) {
            continue;
        }
        match ask(&state, &server, tick, now).await {
            // Whoever begins to control in the middle of a tick has its evidence to bring, too.
            Ok(is_controller) => asked = is_controller.then_some(tick),
            Err(error) => tracing::warn!(%error, "Prometheus cannot be asked for rollouts now"),
        }
    }
}

/// A rollout that Prometheus is asked for, and the entry it is in.
struct Asking {
    id: RolloutId,
    entry: i64,
    queries: Queries,
}

/// Asks for the tick of every rollout that wants it, if this process controls them; whether it does.
async fn ask(state: &AppState, server: &PrometheusServer, tick: Timestamp, now: Timestamp) -> Result<bool, StoreError> {
    let replica = state.replica().to_owned();
    let read = move |tx: &mut Transaction<'_>| {
        let is_controller = leases::holder(tx, LEASE, now)?.as_ref() == Some(&replica);
        is_controller.then(|| asking(tx)).transpose()
    };
    let Some(asking) = state.store().read(read).await? else { return Ok(false) };
    let mut asked = JoinSet::new();
    for Asking { id, entry, queries } in asking {
        let server = server.clone();
        asked.spawn_blocking(move || (id, entry, prometheus::ask(&server, &queries, tick)));
    }
    while let Some(answered) = asked.join_next().await {
        let (id, entry, counts) =
            answered.map_err(|error| StoreError::Internal(format!("asking broke off: {error}")))?;
        if let Some(problem) = &counts.problem {
            tracing::warn!(rollout = %id, problem, "Prometheus does not say everything");
        }
        let write = move |tx: &mut Transaction<'_>| rollout_evidence::record(tx, id, entry, tick, ASKED, &counts, &[]);
        match state.store().write(write).await? {
            Recorded::Stored(_) => {}
            late @ (Recorded::Late | Recorded::Over) => {
                tracing::warn!(rollout = %id, ?late, "what Prometheus said of a tick came after it was decided");
            }
        }
    }
    Ok(true)
}

fn asking(tx: &mut Transaction<'_>) -> Result<Vec<Asking>, StoreError> {
    let mut asking = Vec::new();
    for id in rollouts::running(tx)? {
        let rollout = rollouts::get(tx, id)?;
        if !rollout.state.stage.is_live() {
            continue;
        }
        if let Some(queries) = controller_of(&rollout)?.policy().queries.clone() {
            asking.push(Asking { id, entry: rollout.entry, queries });
        }
    }
    Ok(asking)
}
