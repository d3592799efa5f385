//! The rules of rollouts.md §2 and §3, one by one.

use jiff::SignedDuration;
use rollout::{Command, DEFAULT, Effect, Event, Hold, REFERENCE, Stage, Verdict};

use crate::world::{POLICY, Seen, World, check, controller, pages, reason};

/// The good way through every phase.
#[test]
fn a_good_version_goes_through_every_phase_and_completes() {
    let controller = controller(POLICY);
    let mut world = World::started(&controller);
    assert_eq!((world.stage().as_str(), world.phase()), ("Entering", "canary"));
    world.take(&Event::InForce);
    assert_eq!(world.stage(), "WarmUp");
    world.see(Seen::Good);
    assert_eq!(world.stage(), "Soaking");
    world.see(Seen::Good);
    assert_eq!(world.stage(), "GateWait", "the check is missing");
    world.take(&Event::Check(check("canary", "feedback", true)));
    let step = world.see(Seen::Good);
    let decision = step.decision.unwrap();
    assert_eq!((decision.verdict, decision.rule.as_str()), (Verdict::Promote, "criteria"));
    assert_eq!(step.effects, [Effect::Enter { phase: 1 }]);
    assert!(
        decision
            .explanation
            .starts_with("After 45 s every criterion is shown. errors: 0.10 % of 12,000 requests failed"),
        "{}",
        decision.explanation
    );
    assert_eq!((world.stage().as_str(), world.phase(), world.state.entry), ("Entering", "expanded", 2));
    world.take(&Event::InForce);
    world.see(Seen::Good);
    world.see(Seen::Good);
    assert_eq!((world.stage().as_str(), world.phase()), ("Entering", "general-availability"));
    world.take(&Event::InForce);
    assert_eq!(world.stage(), "GaBake");
    world.see(Seen::Good);
    let step = world.see(Seen::Good);
    assert_eq!(step.effects, [Effect::Complete]);
    assert_eq!(world.stage(), "Completed");
}

#[test]
fn everything_is_fresh_at_each_entry() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    world.take(&Event::Check(check("canary", "feedback", true)));
    while world.phase() == "canary" {
        world.see(Seen::Good);
    }
    let run = world.state.run.as_ref().unwrap();
    assert_eq!((run.soak, run.scores.ticks(), run.scores.treatment().requests), (SignedDuration::ZERO, 0, 0));
}

#[test]
fn a_regression_rolls_back_at_once_from_every_stage() {
    let controller = controller(POLICY);
    let mut world = World::started(&controller);
    let step = world.see(Seen::Failing);
    let decision = step.decision.unwrap();
    assert_eq!((decision.verdict, decision.rule.as_str()), (Verdict::RollBack, "worse"));
    assert_eq!(
        decision.explanation,
        "The treatment fails more often than the control. In the last 5 minutes 30.00 % of the treatment's requests failed, 0.03 % of the control's. The evidence is 10^254.8 to 1; 600 to 1 was asked for."
    );
    assert_eq!(step.effects, [Effect::Restore]);
    assert_eq!(world.stage(), "RollingBack");
    world.take(&Event::Restored);
    assert_eq!(world.stage(), "Verifying");
    world.take(&Event::Verified);
    assert_eq!(world.stage(), "RolledBack");

    let mut held = World::in_force(&controller);
    held.command(Command::Hold { reason: reason("lunch") });
    held.see(Seen::Failing);
    assert_eq!(held.stage(), "RollingBack", "a hold does not shield");
    let mut waiting = World::in_force(&controller);
    waiting.see(Seen::Good);
    waiting.see(Seen::Good);
    assert_eq!(waiting.stage(), "GateWait");
    waiting.see(Seen::Failing);
    assert_eq!(waiting.stage(), "RollingBack", "a gate does not shield");
}

#[test]
fn an_incident_in_both_arms_holds_and_ends_by_itself() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    let step = world.see(Seen::BothFailing);
    let decision = step.decision.unwrap();
    assert_eq!((decision.verdict, decision.rule.as_str()), (Verdict::Hold, "rate"));
    assert_eq!(world.stage(), "Held(SharedIncident)");
    let soak = world.state.run.as_ref().unwrap().soak;
    while world.state.run.as_ref().unwrap().scores.recent().control().error_rate().unwrap() >= 0.005 {
        assert_eq!(world.stage(), "Held(SharedIncident)", "5 minutes of the control are not below the success limit");
        assert_eq!(world.state.run.as_ref().unwrap().soak, soak, "time does not count while held");
        world.see(Seen::Good);
    }
    assert_eq!(world.stage(), "Soaking", "the control was calm for 5 minutes");
    let mut worse = World::in_force(&controller);
    worse.see(Seen::BothFailing);
    worse.see(Seen::Failing);
    assert_eq!(worse.stage(), "RollingBack", "the comparison of the arms goes on meanwhile");
}

#[test]
fn silence_and_a_broken_source_stop_the_clock_and_clear_themselves() {
    let controller = controller(&POLICY.replace("max_soak = \"1m\"", "max_soak = \"10m\""));
    for (seen, hold) in
        [(Seen::Nobody, "Held(NoData)"), (Seen::Missing, "Held(NoData)"), (Seen::Error, "Held(MetricsError)")]
    {
        let mut world = World::in_force(&controller);
        world.see(Seen::Few);
        world.see(seen);
        world.see(seen);
        assert_ne!(world.stage(), hold);
        let step = world.see(seen);
        assert_eq!(world.stage(), hold);
        assert_eq!(step.decision.unwrap().verdict, Verdict::Hold);
        world.see(Seen::Few);
        assert!(world.state.stage.hold().is_none(), "{} goes on when there is something to see", world.stage());
    }
}

#[test]
fn a_gap_in_the_ticks_is_time_in_which_nothing_was_seen() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    world.see(Seen::Good);
    let soak = world.state.run.as_ref().unwrap().soak;
    world.wait(30);
    world.see(Seen::Nobody);
    assert_eq!(world.stage(), "Held(NoData)", "45 seconds without a request");
    assert_eq!(
        world.state.run.as_ref().unwrap().soak.as_secs(),
        soak.as_secs() + 15,
        "a tick counts 15 seconds at most"
    );
}

#[test]
fn late_repeated_and_future_ticks_change_nothing() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    world.see(Seen::Good);
    let before = world.state.clone();
    for seconds in [0, -15, 3_600] {
        let at = world.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        let step = world.take(&Event::Tick(Seen::Failing.tick(at)));
        assert_eq!(world.state, before);
        assert!(matches!(step.effects.as_slice(), [Effect::Note { message }] if message.contains("is passed over")));
    }
}

#[test]
fn many_ticks_in_a_moment_do_not_make_a_phase_older() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    world.take(&Event::Check(check("canary", "feedback", true)));
    for _ in 0..14 {
        world.now = world.now.checked_add(SignedDuration::from_secs(1)).unwrap();
        world.take(&Event::Tick(Seen::Good.tick(world.now)));
    }
    assert_eq!(world.phase(), "canary");
    assert!(world.state.run.as_ref().unwrap().soak < SignedDuration::from_secs(30));
}

#[test]
fn an_undecided_phase_is_held_at_its_longest_soak_and_never_promoted() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    for _ in 0..4 {
        world.see(Seen::Few);
    }
    assert_eq!(world.stage(), "Held(Inconclusive)", "the comparison of latencies needs 1,000 requests of the control");
    let mut world = World::in_force(&controller);
    world.see(Seen::Good);
    let step = (0..4).map(|_| world.see(Seen::Few)).find(|step| step.decision.is_some());
    assert!(step.is_none(), "one good tick shows the criterion here, so it waits for the check");
    assert_eq!(world.stage(), "GateWait");

    let strict = POLICY.replace("success = 0.005\nlimit = 0.01", "success = 0.0009\nlimit = 0.001");
    let controller = crate::world::controller(&strict);
    let mut world = World::in_force(&controller);
    let held = (0..4).map(|_| world.see(Seen::Good)).last().unwrap();
    assert_eq!(world.stage(), "Held(Inconclusive)");
    assert_eq!(pages(&held), 1);
    let why = held.decision.unwrap().explanation;
    assert!(why.contains("more requests like these will not show"), "{why}");
    for _ in 0..40 {
        world.see(Seen::Good);
    }
    assert_eq!(world.stage(), "Held(Inconclusive)");
    world.command(Command::Resume { reason: reason("wait on") });
    assert_eq!(world.stage(), "Soaking");
    world.see(Seen::Good);
    assert_eq!(world.stage(), "Soaking", "resumed for the shortest soak");
    world.see(Seen::Good);
    assert_eq!(world.stage(), "Held(Inconclusive)");
}

#[test]
fn a_check_that_does_not_come_holds_pages_and_never_blocks_a_rollback() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    world.see(Seen::Good);
    world.see(Seen::Good);
    world.take(&Event::Check(check("canary", "feedback", false)));
    let step = world.wait(60);
    assert_eq!((world.stage().as_str(), pages(&step)), ("Held(Approval)", 1));
    let again = world.wait(60);
    assert_eq!(pages(&again), 1, "at its deadline a hold pages and re-arms");
    assert_eq!(pages(&world.wait(30)), 0);
    world.take(&Event::Check(check("canary", "feedback", true)));
    assert_eq!(world.stage(), "GateWait");
    world.see(Seen::Good);
    assert_eq!(world.phase(), "expanded");
}

#[test]
fn a_check_expires() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    let expires_at = Some(world.now.checked_add(SignedDuration::from_secs(40)).unwrap());
    world.take(&Event::Check(rollout::Check { expires_at, ..check("canary", "feedback", true) }));
    world.see(Seen::Good);
    world.wait(30);
    world.see(Seen::Good);
    assert_eq!((world.stage().as_str(), world.phase()), ("GateWait", "canary"));
}

#[test]
fn an_edit_from_outside_holds_and_nothing_is_counted_until_it_is_resumed() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    world.take(&Event::EditedElsewhere);
    assert_eq!(world.stage(), "Held(ExternalEdit)");
    world.see(Seen::Failing);
    assert_eq!(world.stage(), "Held(ExternalEdit)", "nobody knows whom these arms are made of");
    assert_eq!(world.state.run.as_ref().unwrap().scores.ticks(), 0);
    let step = world.command(Command::Resume { reason: reason("it was a typo in the description") });
    assert!(step.effects.contains(&Effect::Enter { phase: 0 }), "the phase's audience is put back");
    // What was shown before was shown by another flag.
    assert_eq!((world.stage().as_str(), world.state.entry), ("Entering", 2));
}

#[test]
fn a_hold_by_hand_takes_the_place_of_one_that_ends_by_itself() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    for _ in 0..3 {
        world.see(Seen::Nobody);
    }
    assert_eq!(world.stage(), "Held(NoData)");
    world.command(Command::Hold { reason: reason("until the board has met") });
    world.see(Seen::Good);
    assert_eq!(world.stage(), "Held(Manual)", "requests do not end it");
    let refused = world.refused(Command::Hold { reason: reason("again") });
    assert!(refused.contains("held already"), "{refused}");
}

#[test]
fn a_trigger_that_only_holds_is_not_swallowed_by_a_hold_that_ends_by_itself() {
    let worse = "[triggers.worse]\nclass = \"causal\"\nmetric = \"errors\"\nsuccess = 0.005\n";
    let policy = POLICY
        .replace(worse, &format!("{worse}action = \"hold\"\n"))
        .replace("[triggers.rate]\nclass = \"absolute\"\nmetric = \"errors\"\nsuccess = 0.005\nlimit = 0.01\n", "")
        .replace("\"worse\", \"rate\"", "\"worse\"");
    let controller = controller(&policy);
    let mut world = World::in_force(&controller);
    for _ in 0..3 {
        world.see(Seen::Nobody);
    }
    assert_eq!(world.stage(), "Held(NoData)");
    world.see(Seen::Failing);
    assert_eq!(world.state.stage.hold(), Some((Hold::Manual, "worse")));
    world.command(Command::Resume { reason: reason("a known client") });
    world.see(Seen::Good);
    assert_ne!(world.stage(), "Held(Manual)", "it holds once a run");
}

#[test]
fn a_check_that_comes_just_before_its_deadline_is_not_missing() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    world.see(Seen::Good);
    world.see(Seen::Good);
    assert_eq!(world.stage(), "GateWait");
    world.take(&Event::Check(check("canary", "feedback", true)));
    let step = world.wait(60);
    assert_eq!((world.stage().as_str(), pages(&step)), ("GateWait", 0), "the next tick goes on");
    world.see(Seen::Good);
    assert_eq!(world.phase(), "expanded");
}

#[test]
fn a_resource_that_stays_above_its_level_is_held_at_the_longest_soak() {
    let queue = "metric = \"queueDepth\"\n";
    let controller = controller(&POLICY.replace(queue, &format!("{queue}action = \"notify\"\n")));
    let mut world = World::in_force(&controller);
    world.take(&Event::Check(check("canary", "feedback", true)));
    let steps: Vec<_> = (0..4).map(|_| world.see(Seen::Queue)).collect();
    assert_eq!((world.stage().as_str(), world.phase()), ("Held(Inconclusive)", "canary"));
    assert!(
        steps.last().unwrap().decision.as_ref().unwrap().explanation.contains("a shared resource is above its level")
    );
}

#[test]
fn a_shared_resource_steps_back_as_an_experiment() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    world.take(&Event::Check(check("canary", "feedback", true)));
    while world.phase() == "canary" {
        world.see(Seen::Good);
    }
    world.take(&Event::InForce);
    let step = world.see(Seen::Queue);
    assert_eq!(step.decision.unwrap().verdict, Verdict::StepBack);
    assert_eq!((world.stage().as_str(), world.phase()), ("SteppingBack", "canary"));
    world.see(Seen::Good);
    assert!(world.state.experiment.is_some(), "the lower phase is not in force yet");
    world.take(&Event::InForce);
    let step = world.see(Seen::Good);
    assert!(world.state.experiment.is_none());
    let note = step.effects.iter().find_map(|effect| match effect {
        Effect::Note { message } => Some(message.clone()),
        _ => None,
    });
    assert!(note.unwrap().contains("the feature was to blame"));

    let mut stubborn = World::in_force(&controller);
    stubborn.take(&Event::Check(check("canary", "feedback", true)));
    while stubborn.phase() == "canary" {
        stubborn.see(Seen::Good);
    }
    stubborn.take(&Event::InForce);
    for _ in 0..5 {
        stubborn.see(Seen::Queue);
        stubborn.take(&Event::InForce);
    }
    assert_eq!((stubborn.stage().as_str(), stubborn.phase()), ("Held(SharedIncident)", "canary"));
}

#[test]
fn from_the_first_phase_a_step_back_is_a_rollback() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    world.see(Seen::Queue);
    assert_eq!(world.stage(), "RollingBack");
    let mut world = World::in_force(&controller);
    world.command(Command::StepBack { to: None, reason: reason("too early") });
    assert_eq!(world.stage(), "RollingBack");
}

#[test]
fn the_third_step_back_is_a_rollback_and_for_shared_resources_a_hold() {
    let controller = controller(POLICY);
    for (seen, end) in [(Seen::Slow, "RollingBack"), (Seen::Queue, "Held(SharedIncident)")] {
        let mut world = World::in_force(&controller);
        for _ in 0..3 {
            // From wherever it is to the second phase.
            world.take(&Event::InForce);
            world.take(&Event::Check(check("canary", "feedback", true)));
            while world.phase() == "canary" {
                world.see(Seen::Good);
            }
            world.take(&Event::InForce);
            world.see(Seen::Good);
            while world.state.stage.is_live() && world.phase() == "expanded" && world.state.stage.hold().is_none() {
                world.see(seen);
            }
        }
        assert_eq!((world.stage().as_str(), world.state.steps_back), (end, 2), "{seen:?}");
    }
}

#[test]
fn an_operator_steps_back_to_any_lower_phase_and_to_no_other() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    world.take(&Event::Check(check("canary", "feedback", true)));
    while world.phase() != "general-availability" {
        world.see(Seen::Good);
        world.take(&Event::InForce);
    }
    let refused = world.refused(Command::StepBack { to: Some("general-availability".to_owned()), reason: reason("?") });
    assert_eq!(refused, "\"general-availability\" is no phase below the present one; there are: canary, expanded");
    world.command(Command::StepBack { to: Some("canary".to_owned()), reason: reason("start over") });
    assert_eq!((world.stage().as_str(), world.phase(), world.state.steps_back), ("SteppingBack", "canary", 0));
}

#[test]
fn a_replica_that_does_not_take_the_flag_holds_the_rollout() {
    let controller = controller(POLICY);
    let mut world = World::started(&controller);
    let step = world.wait(60);
    assert_eq!((world.stage().as_str(), pages(&step)), ("Held(NoData)", 1));
    world.see(Seen::Good);
    assert_eq!(world.stage(), "Held(NoData)", "requests alone do not show that every replica has it");
    world.take(&Event::InForce);
    assert_eq!(world.stage(), "WarmUp");
}

#[test]
fn a_rollback_that_cannot_be_proven_pages_and_is_tried_again() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    world.command(Command::RollBack { reason: reason("numbers look wrong") });
    world.take(&Event::Restored);
    let step = world.take(&Event::NotVerified { why: reason("replica b has another hash") });
    assert_eq!((world.stage().as_str(), pages(&step)), ("RollbackStuck", 1));
    let retried = world.wait(60);
    assert_eq!((world.stage().as_str(), retried.effects), ("RollingBack", vec![Effect::Restore]));
    let overdue = world.wait(60);
    assert_eq!((world.stage().as_str(), pages(&overdue)), ("RollbackStuck", 1));
    world.command(Command::RollBack { reason: reason("again") });
    assert_eq!(world.stage(), "RollingBack");
    world.take(&Event::NotVerified { why: reason("still") });
    world.command(Command::Abort { reason: reason("by hand") });
    assert_eq!(world.stage(), "Aborted");
}

#[test]
fn draft_validated_and_awaiting_start_can_only_be_aborted() {
    let controller = controller(POLICY);
    for events in [&[][..], &[Event::Validated], &[Event::Validated, Event::Scheduled]] {
        let mut world = World {
            controller: &controller,
            state: rollout::State::draft(crate::world::START),
            now: crate::world::START,
        };
        for event in events {
            world.take(event);
        }
        for command in [
            Command::Hold { reason: reason("?") },
            Command::Resume { reason: reason("?") },
            Command::StepBack { to: None, reason: reason("?") },
            Command::RollBack { reason: reason("?") },
        ] {
            assert!(world.refused(command).starts_with(&format!("the rollout is {}", world.stage())));
        }
        world.take(&Event::Killed);
        world.command(Command::Abort { reason: reason("not needed") });
        assert_eq!(world.stage(), "Aborted");
    }
}

#[test]
fn a_manual_trigger_acts_as_the_policy_says() {
    let controller = controller(POLICY);
    let mut world = World::in_force(&controller);
    let refused = world.refused(Command::Trip { trigger: "worse".to_owned(), reason: reason("?") });
    assert_eq!(refused, "\"worse\" is no manual trigger of the present phase; there are: report");
    let step = world.command(Command::Trip { trigger: "report".to_owned(), reason: reason("marks are doubled") });
    let decision = step.decision.unwrap();
    assert_eq!((decision.rule.as_str(), decision.verdict), ("report", Verdict::RollBack));
    assert_eq!(decision.explanation, "An operator said so: marks are doubled.");
}

#[test]
fn arms_of_the_wrong_sizes_hold_until_an_operator_has_looked() {
    let controller = controller(REFERENCE);
    let mut world = World::in_force(&controller);
    let mut tick = Seen::Few.tick(world.now.checked_add(rollout::TICK).unwrap());
    (tick.treatment.users, tick.control.users) = (20, 40);
    world.now = tick.at;
    let step = world.take(&Event::Tick(tick));
    assert_eq!(world.state.stage.hold(), Some((Hold::SampleRatioMismatch, "sample-ratio")));
    assert_eq!(pages(&step), 1);
    world.command(Command::Resume { reason: reason("a load test, excluded now") });
    world.see(Seen::Few);
    assert_eq!(world.stage(), "WarmUp");
}

#[test]
fn the_default_policys_production_starts_at_the_canary() {
    let controller = controller(DEFAULT);
    let world = World::started(&controller);
    assert_eq!((world.phase(), world.state.phase, &world.state.stage), ("canary", Some(2), &Stage::Entering));
}
