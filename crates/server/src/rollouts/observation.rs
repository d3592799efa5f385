//! The layer that sees which arm a request was served in, and what came of it. It stands on the routes of a fund's
//! portfolio: the legacy MOIC, which everyone has, and the lot level. It stands outside the guard, which decides by the
//! same evaluation.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::Response;
use flags::{Decision, DecisionReason, Flag};
use std::sync::Arc;
use store::rollouts::ObservedRollout;

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

/// Serves a request and counts it for the rollout of the flag, if there is one.
pub(crate) async fn observe(
    State(Observed { state, flag }): State<Observed>,
    caller: Caller,
    mut request: Request,
    next: Next,
) -> Response {
    if !state.live_flags().is_observed(flag.key()) && !state.faults().are_on() {
        return next.run(request).await;
    }
    state.catch_up_with_flags().await;
    let (decision, observed) = decide(&state, flag, &caller, request.headers());
    request.extensions_mut().insert(Decided(decision));
    let Some(observed) = observed else {
        return faults::serve(&state, Arm::Elsewhere, next, request).await;
    };
    let (key, arm) = (EntryKey::of(&observed), arm_of(&observed.observes, decision));
    let _in_flight = decision.enabled.then(|| InFlight::begin(&state, key));
    let started = state.clock().monotonic();
    let response = faults::serve(&state, arm, next, request).await;
    if let Some(failed) = failed(&response) {
        let elapsed = state.clock().monotonic().saturating_sub(started);
        state.evidence().note(key, &caller.key(), arm, Served { failed, elapsed, at: state.clock().now() });
    }
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
fn arm_of(observes: &str, decision: Decision) -> Arm {
    match (observes, decision.reason) {
        ("hashed", DecisionReason::Exposed) => Arm::Treatment,
        ("hashed", DecisionReason::NotExposed) => Arm::Control,
        ("opt-in", DecisionReason::OptedIn) => Arm::Treatment,
        ("opt-in", DecisionReason::Default | DecisionReason::NotExposed) => Arm::Control,
        (_, DecisionReason::OptedIn) => Arm::OptedIn,
        (_, DecisionReason::OptedOut) => Arm::OptedOut,
        ("everyone", _) if decision.enabled => Arm::Treatment,
        ("everyone", _) => Arm::Control,
        _ => Arm::Elsewhere,
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
    use super::*;

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
            assert_eq!(arm_of("hashed", decision(reason, enabled)), arm, "{reason:?}");
        }
    }

    #[test]
    fn where_people_choose_their_choice_makes_the_arms() {
        assert_eq!(arm_of("opt-in", decision(DecisionReason::OptedIn, true)), Arm::Treatment);
        assert_eq!(arm_of("opt-in", decision(DecisionReason::Default, false)), Arm::Control);
        assert_eq!(arm_of("opt-in", decision(DecisionReason::OptedOut, false)), Arm::OptedOut);
    }

    #[test]
    fn where_everyone_has_it_whoever_has_not_is_the_control() {
        assert_eq!(arm_of("everyone", decision(DecisionReason::Default, true)), Arm::Treatment);
        assert_eq!(arm_of("everyone", decision(DecisionReason::Default, false)), Arm::Control);
        assert_eq!(arm_of("everyone", decision(DecisionReason::Killed, false)), Arm::Control);
    }
}
