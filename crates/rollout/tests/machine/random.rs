//! Random sequences of events, with random counts.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use rollout::{Command, Event, Latencies, Shared, Source, State, Tick, bounds};

use crate::invariants;
use crate::world::{POLICY, START, arm, check, controller, reason};

/// Something that happens after some seconds; backwards, too.
fn happening() -> impl Strategy<Value = (i64, Happening)> {
    let seconds = prop_oneof![8 => Just(15_i64), 1 => -100..100_i64, 1 => 100..200_000_i64];
    let happening = prop_oneof![
        12 => tick(),
        1 => Just(event(Event::Clock)),
        3 => Just(event(Event::InForce)),
        1 => Just(event(Event::Restored)),
        1 => Just(event(Event::Verified)),
        1 => Just(event(Event::EditedElsewhere)),
        2 => Just(event(Event::Check(check("canary", "feedback", true)))),
        1 => command().prop_map(|command| event(Event::Command(command))),
    ];
    (seconds, happening)
}

#[derive(Debug, Clone)]
enum Happening {
    Event(Box<Event>),
    /// A tick; its end is this many seconds from now.
    Tick(Box<Tick>, i64),
}

fn event(event: Event) -> Happening {
    Happening::Event(Box::new(event))
}

fn command() -> impl Strategy<Value = Command> {
    let said = || reason("said so");
    prop_oneof![
        1 => Just(Command::Hold { reason: said() }),
        4 => Just(Command::Resume { reason: said() }),
        1 => Just(Command::StepBack { to: None, reason: said() }),
        1 => Just(Command::StepBack { to: Some("expanded".to_owned()), reason: said() }),
        1 => Just(Command::Trip { trigger: "report".to_owned(), reason: said() }),
    ]
}

fn tick() -> impl Strategy<Value = Happening> {
    let counts = |requests: u64| (0..=requests).prop_flat_map(|requests| (Just(requests), 0..=requests / 20));
    let source = prop_oneof![12 => Just(Source::Ok), 1 => Just(Source::Missing), 1 => Just(Source::Error)];
    let shared = (proptest::option::of(0.0..1.0_f64), proptest::option::of(0.0..150.0_f64));
    let ahead = prop_oneof![10 => Just(0_i64), 1 => -200..10_000_i64];
    (counts(2_000), counts(20_000), 0.5..2.0_f64, shared, source, ahead, any::<bool>()).prop_map(
        |((treated, failed), (controlled, control_failed), slowdown, (pool, queue), source, ahead, has_latency)| {
            let mut tick = Tick {
                at: Timestamp::UNIX_EPOCH,
                control: arm(controlled, control_failed, 1.0),
                treatment: arm(treated, failed, slowdown),
                shared: Shared { pool_in_use: pool, queue_depth: queue, ..Shared::default() },
                source,
            };
            if !has_latency {
                tick.treatment.latency = Some(Latencies::empty(bounds())).filter(|_| treated == 0);
            }
            Happening::Tick(Box::new(tick), ahead)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_invariants_hold_whatever_happens(happenings in proptest::collection::vec(happening(), 1..60)) {
        let controller = controller(POLICY);
        let (mut state, mut now) = (State::draft(START), START);
        for event in [Event::Validated, Event::Scheduled, Event::Started] {
            state = controller.step(state, &event, now).unwrap().state;
        }
        for (seconds, happening) in happenings {
            now = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
            let event = match happening {
                Happening::Event(event) => *event,
                Happening::Tick(mut tick, ahead) => {
                    tick.at = now.checked_add(SignedDuration::from_secs(ahead)).unwrap();
                    Event::Tick(*tick)
                }
            };
            let Ok(step) = controller.step(state.clone(), &event, now) else { continue };
            invariants::hold(&controller, &state, &event, now, &step);
            invariants::repeat(&controller, &state, &event, now, &step);
            // What is stored is what goes on.
            let stored = serde_json::to_string(&step.state).unwrap();
            prop_assert_eq!(&serde_json::from_str::<State>(&stored).unwrap(), &step.state);
            state = step.state;
        }
        invariants::exits(&controller, &state, now);
    }
}
