//! The layer that sees which arm a request was served in, and what came of it, for the metrics and for a rollout's evidence. It stands on the routes of a fund's
//! portfolio: the legacy MOIC, which everyone has, and the lot level. It stands outside the guard, which decides by the
//! same evaluation.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use flags::{Decision, DecisionReason, Flag};
use std::sync::Arc;
use std::time::Duration;
use store::rollouts::{ObservedRollout, Observes};

use super::evidence::{Arm, EntryKey, Served};
use super::faults;
use crate::AppState;
use crate::auth::Caller;
use crate::error::ApiError;

/// What [`observe`] is layered with.
#[derive(Clone)]
pub(crate) struct Observed {
    pub(crate) state: AppState,
    pub(crate) flag: Flag<bool>,
}

/// The evaluation that a request is served by.
#[derive(Clone, Copy)]
pub(crate) struct Decided(pub(crate) Decision);

/// Serves a request and counts it, in the metrics and for the rollout of the flag, if there is one.
pub(crate) async fn observe(
    State(Observed { state, flag }): State<Observed>,
    caller: Caller,
    mut request: Request,
    next: Next,
) -> Response {
    state.catch_up_with_flags().await;
    let (decision, observed) = decide(&state, flag, &caller, request.headers());
    request.extensions_mut().insert(Decided(decision));
    let (key, arm) = match &observed {
        Some(observed) => (Some(EntryKey::of(observed)), arm_of(observed.observes, decision)),
        // Without a rollout nobody was drawn: whoever has it is beside whoever has it not.
        None => (None, arm_of(Observes::Everyone, decision)),
    };
    let _in_flight = key.filter(|_| decision.enabled).map(|key| InFlight::begin(&state, key));
    let mut unanswered =
        Unanswered { user: Some(caller.key()), started: state.clock().monotonic(), state: &state, key, arm };
    let faulty_arm = if key.is_some() { arm } else { Arm::Elsewhere };
    let response = faults::serve(&state, faulty_arm, next, request).await;
    unanswered.is_answered(failed(&response));
    response
}

/// The decision, and what is observed, of one and the same moment.
fn decide(
    state: &AppState,
    flag: Flag<bool>,
    caller: &Caller,
    headers: &HeaderMap,
) -> (Decision, Option<ObservedRollout>) {
    let published = state.live_flags().switchboard();
    let decision = state.decide_by(&published, flag, caller, headers);
    (decision, published.observed(flag.key()).cloned())
}

/// Whom a request counts for, by how the arms come about.
fn arm_of(observes: Observes, decision: Decision) -> Arm {
    match (observes, decision.reason) {
        (Observes::Hashed, DecisionReason::Exposed) => Arm::Treatment,
        (Observes::Hashed, DecisionReason::NotExposed) => Arm::Control,
        (Observes::OptIn, DecisionReason::OptedIn) => Arm::Treatment,
        (Observes::OptIn, DecisionReason::Default | DecisionReason::NotExposed) => Arm::Control,
        (_, DecisionReason::OptedIn) => Arm::OptedIn,
        (_, DecisionReason::OptedOut) => Arm::OptedOut,
        (Observes::Everyone, _) if decision.enabled => Arm::Treatment,
        (Observes::Everyone, _) => Arm::Control,
        (Observes::Hashed | Observes::OptIn | Observes::Nothing, _) => Arm::Elsewhere,
    }
}

/// Whether a response is the server's failure; none for one that was not served at all, because the flag is off.
fn failed(response: &Response) -> Option<bool> {
    let error = response.extensions().get::<Arc<ApiError>>();
    match error.map(AsRef::as_ref) {
        Some(ApiError::FeatureDisabled(_)) => None,
        _ => Some(response.status().is_server_error()),
    }
}

/// A request that is not answered yet. Where it never is, because its handler panicked or took longer than it may, that is a
/// failure; where its user has gone away, it took at least as long as they waited.
struct Unanswered<'a> {
    /// None once it is counted.
    user: Option<String>,
    started: Duration,
    state: &'a AppState,
    /// None without a rollout.
    key: Option<EntryKey>,
    arm: Arm,
}

impl Unanswered<'_> {
    /// Counts it. One that was not served at all shows that its user is there, and nothing else.
    fn is_answered(&mut self, failed: Option<bool>) {
        let Some(user) = self.user.take() else { return };
        let elapsed = self.elapsed();
        if let Some(failed) = failed {
            self.state.metrics().lot_level.served(self.arm, failed, elapsed);
        }
        let (Some(key), evidence) = (self.key, self.state.evidence()) else { return };
        match failed {
            Some(failed) => {
                let served = Served { failed, elapsed, at: self.state.shared_now() };
                evidence.note(key, &user, self.arm, served);
            }
            None => evidence.note_user(key, &user, self.arm),
        }
    }

    fn elapsed(&self) -> Duration {
        self.state.clock().monotonic().saturating_sub(self.started)
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        let is_over = self.elapsed() >= self.state.config().handler_timeout;
        self.is_answered(Some(is_over || std::thread::panicking()));
    }
}

/// A request with the treatment, until it is answered or given up.
struct InFlight {
    state: AppState,
    key: EntryKey,
}

impl InFlight {
    fn begin(state: &AppState, key: EntryKey) -> Self {
        state.evidence().begin_treatment(key);
        Self { state: state.clone(), key }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.state.evidence().end_treatment(self.key);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use store::{DatabaseUrl, Store, StoreOptions};
    use uuid::Uuid;

    use super::*;
    use crate::Config;
    use crate::clock::StoppedClock;

    #[tokio::test]
    async fn what_is_never_answered_counts_by_why() {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("test.db"));
        let store = Store::open(&url, &StoreOptions::default()).unwrap();
        let config = Config { handler_timeout: Duration::from_secs(30), ..Config::default() };
        let state = AppState::new(config, store, Arc::new(StoppedClock(Duration::from_secs(60)))).await.unwrap();
        let key = EntryKey { rollout: Uuid::from_u128(7), entry: 1 };
        let asked = |seconds_ago: u64| Unanswered {
            user: Some("person:1".to_owned()),
            started: Duration::from_secs(60 - seconds_ago),
            state: &state,
            key: Some(key),
            arm: Arm::Treatment,
        };
        let counted = || {
            let treatment = state.evidence().drain(&[key]).remove(0).counts.treatment;
            (treatment.requests, treatment.failures)
        };
        drop(asked(2));
        assert_eq!(counted(), (1, 0), "its user has gone away");
        drop(asked(30));
        assert_eq!(counted(), (1, 1), "it took longer than it may");
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _unanswered = asked(0);
            panic!("on purpose");
        }));
        assert!(panicked.is_err());
        assert_eq!(counted(), (1, 1), "its handler panicked");
        asked(0).is_answered(None);
        let batch = state.evidence().drain(&[key]).remove(0);
        assert_eq!(
            (batch.counts.treatment.requests, batch.seen_users().len()),
            (0, 1),
            "it was not served, and is there"
        );
    }

    fn decision(reason: DecisionReason, enabled: bool) -> Decision {
        Decision {
            enabled,
            reason,
            self_selected: matches!(reason, DecisionReason::OptedIn | DecisionReason::OptedOut),
        }
    }

    #[test]
    fn only_the_draw_makes_arms_where_users_are_drawn() {
        for (reason, enabled, arm) in [
            (DecisionReason::Exposed, true, Arm::Treatment),
            (DecisionReason::NotExposed, false, Arm::Control),
            (DecisionReason::OptedIn, true, Arm::OptedIn),
            (DecisionReason::OptedOut, false, Arm::OptedOut),
            (DecisionReason::Targeted, true, Arm::Elsewhere),
            (DecisionReason::Killed, false, Arm::Elsewhere),
        ] {
            assert_eq!(arm_of(Observes::Hashed, decision(reason, enabled)), arm, "{reason:?}");
        }
    }

    #[test]
    fn where_people_choose_their_choice_makes_the_arms() {
        assert_eq!(arm_of(Observes::OptIn, decision(DecisionReason::OptedIn, true)), Arm::Treatment);
        assert_eq!(arm_of(Observes::OptIn, decision(DecisionReason::Default, false)), Arm::Control);
        assert_eq!(arm_of(Observes::OptIn, decision(DecisionReason::OptedOut, false)), Arm::OptedOut);
    }

    #[test]
    fn where_everyone_has_it_whoever_has_not_is_the_control() {
        assert_eq!(arm_of(Observes::Everyone, decision(DecisionReason::Default, true)), Arm::Treatment);
        assert_eq!(arm_of(Observes::Everyone, decision(DecisionReason::Default, false)), Arm::Control);
        assert_eq!(arm_of(Observes::Everyone, decision(DecisionReason::Killed, false)), Arm::Control);
    }
}
