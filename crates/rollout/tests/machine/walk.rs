//! Every state that can be reached, as far as states differ in what they do next; every event from each.

use std::collections::{BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};
use rollout::{Command, Controller, Event, State};

use crate::invariants;
use crate::world::{POLICY, START, Seen, check, controller, reason, without_latency};

/// Events that are tried from every state, each after so many seconds.
fn events(now: Timestamp) -> Vec<(i64, Event)> {
    let after = |seconds: i64| now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
    let ticks = Seen::ALL.iter().filter(|seen| **seen != Seen::Slow);
    let ticks = ticks.map(|seen| (15, Event::Tick(without_latency(seen.tick(after(15))))));
    let said = || reason("said so");
    let commands = [
        Command::Hold { reason: said() },
        Command::Resume { reason: said() },
        Command::StepBack { to: None, reason: said() },
        Command::StepBack { to: Some("canary".to_owned()), reason: said() },
        Command::RollBack { reason: said() },
        Command::Trip { trigger: "report".to_owned(), reason: said() },
        Command::Abort { reason: said() },
    ];
    let others = [
        Event::Validated,
        Event::Scheduled,
        Event::Started,
        Event::InForce,
        Event::Restored,
        Event::Verified,
        Event::NotVerified { why: said() },
        Event::Check(check("canary", "feedback", true)),
        Event::Killed,
        Event::EditedElsewhere,
        Event::Superseded,
    ];
    let commands = commands.into_iter().map(|command| (0, Event::Command(command)));
    // A tick that was taken before, one from the future, and a clock that jumps forth and back.
    let good = |at: Timestamp| Event::Tick(without_latency(Seen::Good.tick(at)));
    let stale = [(0, good(now)), (0, good(after(3_600)))];
    let clocks = [(0, Event::Clock), (61, Event::Clock), (86_400, Event::Clock), (-86_400, Event::Clock)];
    ticks.chain(commands).chain(others.map(|event| (0, event))).chain(stale).chain(clocks).collect()
}

/// What tells states apart: everything that a decision depends on, scores as "over their threshold or not".
fn key(controller: &Controller, state: &State, now: Timestamp) -> String {
    let run = state.run.as_ref().map(|run| {
        let budget = controller.budget_of(state).unwrap();
        let phase = controller.phase_of(state).unwrap();
        let tripped: Vec<bool> = phase
            .triggers
            .iter()
            .map(|trigger| {
                let threshold = budget.ln_threshold(&trigger.name);
                threshold.is_some_and(|threshold| run.scores.ln_e(&trigger.name).unwrap() >= threshold)
            })
            .collect();
        let cap = |duration: SignedDuration| duration.as_secs().min(30);
        let over: Vec<i64> = run.over.values().map(|over| cap(*over)).collect();
        (
            tripped,
            rollout::ready(controller, state),
            run.scores.is_warm(),
            cap(run.soak),
            cap(run.extension),
            cap(run.quiet),
            cap(run.failing),
            over,
            run.acknowledged.clone(),
        )
    });
    let due = state.deadline.map(|deadline| deadline <= now);
    let experiment = state.experiment.as_ref().map(|experiment| experiment.until <= now);
    let checks = state.check("canary", "feedback", now).map(|check| check.passed);
    format!("{:?} {due:?} {:?} {} {experiment:?} {checks:?} {run:?}", state.stage, state.phase, state.steps_back)
}

/// The policy with every time as short as it can be, and without the comparison of latencies: the fewer ticks a state can
/// last, and the fewer scores there are, the fewer states.
fn shortened() -> String {
    POLICY
        .replace(
            "[triggers.slower]\nclass = \"causal\"\nmetric = \"latency\"\nslower_by = 0.2\naction = \"step_back\"\n",
            "",
        )
        .replace("\"slower\", ", "")
        .replace("min_soak = \"30s\"", "min_soak = \"15s\"")
        .replace("max_soak = \"1m\"", "max_soak = \"30s\"")
        .replace("no_data = \"45s\"", "no_data = \"15s\"")
        .replace("metrics_error = \"45s\"", "metrics_error = \"15s\"")
}

#[test]
fn the_invariants_hold_in_every_state_that_can_be_reached() {
    let controller = controller(&shortened());
    let mut seen = BTreeSet::new();
    let mut waiting = VecDeque::from([(State::draft(START), START)]);
    let (mut transitions, mut stages) = (0_u64, BTreeSet::new());
    while let Some((state, now)) = waiting.pop_front() {
        if !seen.insert(key(&controller, &state, now)) {
            continue;
        }
        stages.insert(state.stage.to_string());
        invariants::exits(&controller, &state, now);
        for (seconds, event) in events(now) {
            let then = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
            // A refused command leaves everything as it was.
            let Ok(step) = controller.step(state.clone(), &event, then) else { continue };
            transitions += 1;
            invariants::hold(&controller, &state, &event, then, &step);
            // From the end nothing goes on, and the far past is not walked on from.
            if !step.state.stage.is_end() && seconds >= 0 {
                waiting.push_back((step.state, then));
            }
        }
    }
    println!("{} states, {transitions} transitions", seen.len());
    assert!(seen.len() > 1_000, "only {} states were reached", seen.len());
    for stage in [
        "Draft",
        "Validated",
        "AwaitingStart",
        "Entering",
        "WarmUp",
        "Soaking",
        "GateWait",
        "GaBake",
        "SteppingBack",
        "RollingBack",
        "Verifying",
        "RollbackStuck",
        "Held(Inconclusive)",
        "Held(NoData)",
        "Held(MetricsError)",
        "Held(SharedIncident)",
        "Held(ExternalEdit)",
        "Held(Manual)",
        "Held(Approval)",
    ] {
        assert!(stages.contains(stage), "{stage} was not reached: {stages:?}");
    }
}
