//! What this process has of a rollout's flag, read back from what it decides by and not from the database.

use flags::Context;
use serde::{Deserialize, Serialize};
use store::rollout_proof::{self, Reading, SampledContext};
use store::rollouts::ObservedRollout;
use store::{RolloutId, StoreError};

use super::evidence::EntryKey;
use super::flag_config::FlagConfig;
use crate::AppState;
use crate::live_flags::Published;

/// A context of the sample: whom a flag is asked about.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sampled {
    targeting_key: String,
}

/// A caller as a context of the sample.
///
/// # Errors
/// `Internal` if it cannot be written as JSON, which a text can.
pub(super) fn context_of(targeting_key: &str) -> Result<String, StoreError> {
    serde_json::to_string(&Sampled { targeting_key: targeting_key.to_owned() })
        .map_err(|error| StoreError::Internal(format!("a sampled context cannot be written: {error}")))
}

/// The variant that a flag's definition gives a sampled context: without kills and wishes, which a rollback does not touch.
pub(super) fn variant_of(set: &flags::FlagSet, flag_key: &str, context: &str, now_s: i64) -> Option<String> {
    let sampled: Sampled = serde_json::from_str(context).ok()?;
    let evaluation = set.evaluate(flag_key, &Context::of(Some(&sampled.targeting_key)), now_s);
    evaluation.result.ok()?.variant.map(str::to_owned)
}

/// Writes down what this process has of the flag of every rollout that asks for it.
///
/// # Errors
/// What the database answers.
pub(crate) async fn read_back(state: &AppState) -> Result<(), StoreError> {
    let published = state.live_flags().switchboard();
    let asking: Vec<ObservedRollout> = published.rollouts().iter().filter(|one| one.reads_back).cloned().collect();
    for observed in asking {
        let id = RolloutId(observed.id);
        let sample = state.store().read(move |tx| rollout_proof::contexts(tx, id)).await?;
        let reading = reading_of(state, &published, &observed, &sample)?;
        state.store().write(move |tx| rollout_proof::keep_reading(tx, id, &reading)).await?;
    }
    Ok(())
}

fn reading_of(
    state: &AppState,
    published: &Published,
    observed: &ObservedRollout,
    sample: &[SampledContext],
) -> Result<Reading, StoreError> {
    let (book, _) = state.live_flags().sources();
    let config = book.as_ref().map(|book| FlagConfig::of(book, &observed.flag_key)).transpose()?.flatten();
    let now = state.shared_now();
    let is_equal = |sampled: &&SampledContext| {
        variant_of(&published.set, &observed.flag_key, &sampled.context, now.as_second()) == sampled.variant
    };
    let (in_flight, first_good_at) = state.evidence().drained(EntryKey::of(observed));
    Ok(Reading {
        replica: state.replica().to_owned(),
        revision: book.as_ref().map_or(0, |book| book.revision),
        config_hash: config.map(|config| config.hash()).unwrap_or_default(),
        contexts_equal: count(sample.iter().filter(is_equal).count()),
        contexts: count(sample.len()),
        in_flight,
        first_good_at,
        read_at: now,
    })
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
