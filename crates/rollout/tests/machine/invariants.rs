//! What holds for every step from every state.

use jiff::{SignedDuration, Timestamp};
use rollout::{
    Command, Controller, Criterion, Effect, Event, Hold, Numbers, Proof, Source, Stage, State, Step, Tick, Verdict,
    exposure,
};

use crate::world::{Seen, is_live, pages, reason, without_latency};

/// Checks one step: `event` took `before` to `step`.
pub fn hold(controller: &Controller, before: &State, event: &Event, now: Timestamp, step: &Step) {
    let told = || format!("{} from {} to {}", kind(event), before.stage, step.state.stage);
    let after = &step.state;
    exposure_rises_only_on_entering(controller, before, step, &told);
    promotions_have_evidence(controller, before, event, now, step, &told);
    if let Event::Tick(tick) = event {
        missing_data_decides_nothing(tick, step, &told);
    }
    if before.stage.is_end() {
        assert_eq!(&before.stage, &after.stage, "an end is an end: {}", told());
        assert!(step.effects.iter().all(|effect| matches!(effect, Effect::Note { .. })), "{}", told());
    }
    assert!(after.steps_back <= 2, "the controller steps back at most twice: {}", told());
    let has_deadline = after.deadline.is_some()
        || matches!(after.stage, Stage::WarmUp | Stage::Soaking | Stage::GaBake)
        || !(is_live(after) || matches!(after.stage, Stage::RollingBack | Stage::Verifying | Stage::RollbackStuck));
    assert!(has_deadline, "every live state has a deadline: {}", told());
}

/// Checks that a step is made again as it was.
pub fn repeat(controller: &Controller, before: &State, event: &Event, now: Timestamp, step: &Step) {
    let again = controller.step(before.clone(), event, now).ok();
    assert_eq!(
        again.as_ref(),
        Some(step),
        "the same inputs give the same step: {:?} from {}",
        kind(event),
        before.stage
    );
}

/// Checks what must be possible from a state.
pub fn exits(controller: &Controller, state: &State, now: Timestamp) {
    let told = format!("from {}", state.stage);
    let step = |event: &Event| controller.step(state.clone(), event, now);
    if !is_live(state) {
        return;
    }
    let command = Event::Command(Command::RollBack { reason: reason("now") });
    for event in [command, Event::Killed] {
        let rolled_back = step(&event).unwrap();
        assert_eq!(rolled_back.state.stage, Stage::RollingBack, "rollback is one transition away {told}");
        assert!(rolled_back.effects.contains(&Effect::Restore), "{told}");
    }
    // The rollout's own time: a clock that went back stands still until it has caught up.
    let now = now.max(state.since).max(state.last_tick.unwrap_or(now));
    let later = now.checked_add(SignedDuration::from_secs(15)).unwrap();
    let broken =
        controller.step(state.clone(), &Event::Tick(without_latency(Seen::Broken.tick(later))), later).unwrap();
    assert_eq!(broken.state.stage, Stage::RollingBack, "proof rolls back {told}");
    let edited = step(&Event::EditedElsewhere).unwrap();
    assert_eq!(edited.state.stage.hold().map(|(reason, _)| reason), Some(Hold::ExternalEdit), "{told}");
    let aborted = step(&Event::Command(Command::Abort { reason: reason("enough") })).unwrap();
    assert_eq!(aborted.state.stage, Stage::Aborted, "{told}");
    assert!(!aborted.effects.iter().any(|effect| matches!(effect, Effect::Restore | Effect::Enter { .. })), "{told}");
    let superseded = step(&Event::Superseded).unwrap();
    assert_eq!(superseded.state.stage, Stage::Superseded, "{told}");
    never_silent_for_ever(controller, state, now, &told);
}

/// Whatever is not seen, and however long nobody does anything: somebody is called, or the rollout is held.
fn never_silent_for_ever(controller: &Controller, state: &State, now: Timestamp, told: &str) {
    for seen in [Seen::Few, Seen::Nobody, Seen::Error, Seen::Missing] {
        let (mut state, mut now) = (state.clone(), now);
        let is_told = (0..40).any(|_| {
            now = now.checked_add(SignedDuration::from_secs(15)).unwrap();
            let step = controller.step(state.clone(), &Event::Tick(without_latency(seen.tick(now))), now).unwrap();
            let is_told = pages(&step) > 0 || step.decision.is_some();
            state = step.state;
            is_told
        });
        assert!(is_told, "ten minutes of {seen:?} go by unnoticed {told}");
    }
}

fn exposure_rises_only_on_entering(controller: &Controller, before: &State, step: &Step, told: &impl Fn() -> String) {
    let (was, is) = (exposure(controller, before), exposure(controller, &step.state));
    let enters = step.effects.iter().any(|effect| matches!(effect, Effect::Enter { .. } | Effect::Complete));
    assert!(is <= was || enters, "exposure rises from {was} to {is} without entering a phase: {}", told());
    let promotes = step.decision.as_ref().is_some_and(|decision| decision.verdict == Verdict::Promote);
    let starts = before.stage == Stage::AwaitingStart;
    assert!(is <= was || promotes || starts, "exposure rises from {was} to {is} without a promotion: {}", told());
}

fn promotions_have_evidence(
    controller: &Controller,
    before: &State,
    event: &Event,
    now: Timestamp,
    step: &Step,
    told: &impl Fn() -> String,
) {
    let Some(decision) = step.decision.as_ref().filter(|decision| decision.verdict == Verdict::Promote) else { return };
    assert!(matches!(event, Event::Tick(_)), "only evidence promotes: {}", told());
    let phase = controller.phase_of(before).unwrap();
    assert!(decision.numbers.soak_seconds >= phase.min_soak.as_secs(), "the shortest soak is not over: {}", told());
    for criterion in &phase.criteria {
        assert!(is_shown(criterion, before, &decision.numbers, event), "{} is not shown: {}", criterion.name, told());
    }
    for check in &phase.checks {
        assert!(
            before.check(&phase.name, check, now).is_some_and(|check| check.passed),
            "{check} is missing: {}",
            told()
        );
    }
    assert!(!matches!(before.stage, Stage::Entering | Stage::SteppingBack | Stage::WarmUp), "{}", told());
    let is_held = before.stage.hold().map(|(reason, _)| reason);
    let clears_itself = [Hold::NoData, Hold::MetricsError, Hold::SharedIncident];
    assert!(is_held.is_none_or(|reason| clears_itself.contains(&reason)), "{}", told());
}

fn is_shown(criterion: &Criterion, before: &State, numbers: &Numbers, event: &Event) -> bool {
    match criterion.proof {
        // Not every tick measures every level: a snapshot has a duration only when there was one.
        Proof::Level { measure, at_most } => {
            let Event::Tick(tick) = event else { return false };
            let earlier = before.run.as_ref().and_then(|run| run.scores.highest_level(&criterion.name));
            let levels: Vec<f64> = earlier.into_iter().chain(measure.of(&tick.shared)).collect();
            !levels.is_empty() && levels.iter().all(|level| *level <= at_most)
        }
        Proof::Errors { limit, .. } => {
            numbers.log_e_pass["errors"] >= numbers.log_pass["errors"]
                && numbers.estimates.treatment_error_rate.is_some_and(|rate| rate < limit)
        }
        Proof::Latency { .. } => panic!("the policy of the walk has no criterion of latency"),
    }
}

fn missing_data_decides_nothing(tick: &Tick, step: &Step, told: &impl Fn() -> String) {
    let is_silent = tick.source != Source::Ok || tick.treatment.requests == 0;
    let verdict = step.decision.as_ref().map(|decision| decision.verdict);
    let is_action = matches!(verdict, Some(Verdict::Promote | Verdict::RollBack | Verdict::StepBack));
    assert!(!is_silent || !is_action, "silence decides {verdict:?}: {}", told());
}

fn kind(event: &Event) -> String {
    match event {
        Event::Tick(tick) => {
            format!("a tick ({:?}, {} of {})", tick.source, tick.treatment.failures, tick.treatment.requests)
        }
        other => format!("{other:?}"),
    }
}
