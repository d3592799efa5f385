//! What only the database knows, the same in every process: the queue of snapshots and the live rollouts.

use std::time::Duration;

use rollout::exposure;
use store::jobs::{self, Backlog};
use store::{StoreError, Transaction, rollouts, snapshots};
use tokio::sync::Mutex;

use crate::AppState;
use crate::rollouts::step::controller_of;

/// How old an answer may be: scrapers, of which there can be any number, cost one transaction in this time.
const KEPT: Duration = Duration::from_secs(1);

/// How long the database may take: a scraper waits for 10 s, and has to be told that the database does not answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);

/// Levels at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Levels {
    /// Snapshots that are not done.
    pub(crate) queue: Backlog,
    /// Rollouts that have not ended.
    pub(crate) rollouts: Vec<LiveRollout>,
}

/// Where a rollout is.
#[derive(Debug, Clone)]
pub(crate) struct LiveRollout {
    pub(crate) flag_key: String,
    /// State without the reason of a hold.
    pub(crate) state: &'static str,
    /// From 0 to 100; none where the policy cannot be read any more.
    pub(crate) exposure_percent: Option<f64>,
}

/// The last levels.
#[derive(Debug, Default)]
pub(crate) struct LevelReader {
    last: Mutex<Option<(Duration, Levels)>>,
}

impl LevelReader {
    /// Levels of the last second.
    ///
    /// # Errors
    /// What the database answers; `Unavailable` when it takes longer than 3 s.
    pub(crate) async fn read(&self, state: &AppState) -> Result<Levels, StoreError> {
        let answer = tokio::time::timeout(ANSWERS_WITHIN, self.read_in_turn(state)).await;
        answer.unwrap_or_else(|_| Err(StoreError::Unavailable(format!("it does not answer within {ANSWERS_WITHIN:?}"))))
    }

    async fn read_in_turn(&self, state: &AppState) -> Result<Levels, StoreError> {
        // Held while reading: who asks meanwhile gets this answer.
        let mut last = self.last.lock().await;
        let at = state.clock().monotonic();
        if let Some((_, levels)) = last.as_ref().filter(|(read_at, _)| at.saturating_sub(*read_at) < KEPT) {
            return Ok(levels.clone());
        }
        let now = state.shared_now();
        let read = move |tx: &mut Transaction<'_>| {
            Ok(Levels { queue: jobs::backlog(tx, snapshots::JOB_KIND, now)?, rollouts: live_rollouts(tx)? })
        };
        let levels = state.store().read(read).await?;
        *last = Some((at, levels.clone()));
        Ok(levels)
    }
}

fn live_rollouts(tx: &mut Transaction<'_>) -> Result<Vec<LiveRollout>, StoreError> {
    let mut live = Vec::new();
    for id in rollouts::running(tx)? {
        // One that cannot be read keeps the others, and the queue, from nobody: its controller calls somebody.
        let rollout = match rollouts::get(tx, id) {
            Err(StoreError::Internal(_)) => continue,
            read => read?,
        };
        let controller = controller_of(&rollout).ok();
        live.push(LiveRollout {
            exposure_percent: controller.map(|controller| exposure(&controller, &rollout.state)),
            state: rollout.state.stage.as_str(),
            flag_key: rollout.flag_key,
        });
    }
    Ok(live)
}
