//! A rollout in a test: its policy, its clock, and ticks in words.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rollout::{
    ArmCounts, Check, Command, Controller, Effect, Environment, Event, Latencies, Policy, Shared, Source, Stage, State,
    Step, TICK, Tick, bounds,
};

/// A policy whose phases are over in ticks, so that every state is near. The first criterion is a test, the second a level.
pub const POLICY: &str = r#"
name = "walk"
flag = "enableLotLevelMoic"
alpha = 0.02
no_data = "45s"
metrics_error = "45s"
[deadlines]
enter = "1m"
gate = "1m"
held = "1m"
verify = "1m"
[criteria.errors]
metric = "errors"
success = 0.005
limit = 0.01
[criteria.pool]
metric = "poolInUse"
at_most = 0.99
[triggers.worse]
class = "causal"
metric = "errors"
success = 0.005
[triggers.rate]
class = "absolute"
metric = "errors"
success = 0.005
limit = 0.01
[triggers.slower]
class = "causal"
metric = "latency"
slower_by = 0.2
action = "step_back"
[triggers.integrity]
class = "integrity"
[triggers.report]
class = "manual"
[triggers.queue]
class = "shared_resource"
metric = "queueDepth"
above = 100
clear = 20
for = "15s"
recover_within = "1m"
[[phases]]
name = "canary"
environment = "production"
percent = 10
opt_in = true
min_soak = "30s"
max_soak = "1m"
criteria = ["errors", "pool"]
checks = ["feedback"]
triggers = ["worse", "rate", "slower", "integrity", "report", "queue"]
[[phases]]
name = "expanded"
environment = "production"
percent = 50
min_soak = "30s"
max_soak = "1m"
criteria = ["errors", "pool"]
triggers = ["worse", "rate", "slower", "integrity", "report", "queue"]
[general_availability]
holdback = 5
min_soak = "30s"
max_soak = "1m"
criteria = ["errors"]
triggers = ["worse", "rate", "slower", "integrity", "report", "queue"]
"#;

/// 2026-01-01.
pub const START: Timestamp = Timestamp::constant(1_767_225_600, 0);

pub fn controller(policy: &str) -> Controller {
    Controller::new(Arc::new(Policy::from_toml(policy).unwrap()), Environment::Production, None)
}

/// What is seen in a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// Many good requests.
    Good,
    /// A few good requests: they show nothing.
    Few,
    /// The treatment fails, the control does not.
    Failing,
    /// Both arms fail.
    BothFailing,
    /// The treatment is twice as slow.
    Slow,
    /// Good, but the queue is long.
    Queue,
    /// Good, and a snapshot breaks an identity.
    Broken,
    /// Nobody came.
    Nobody,
    /// The source has nothing.
    Missing,
    /// The source failed; whatever else it said does not count.
    Error,
}

impl Seen {
    pub const ALL: [Self; 10] = [
        Self::Good,
        Self::Few,
        Self::Failing,
        Self::BothFailing,
        Self::Slow,
        Self::Queue,
        Self::Broken,
        Self::Nobody,
        Self::Missing,
        Self::Error,
    ];

    pub fn tick(self, at: Timestamp) -> Tick {
        let (requests, treatment_failures, control_failures) = match self {
            Self::Few => (20, 0, 0),
            Self::Failing | Self::Error | Self::Missing => (1_000, 300, 3),
            Self::BothFailing => (1_000, 300, 2_700),
            Self::Nobody => (0, 0, 0),
            Self::Good | Self::Slow | Self::Queue | Self::Broken => (4_000, 4, 4),
        };
        let slowdown = if self == Self::Slow { 2.5 } else { 1.0 };
        let shared = Shared {
            pool_in_use: Some(0.4),
            queue_depth: Some(if self == Self::Queue { 500.0 } else { 3.0 }),
            integrity_violations: Some(u64::from(matches!(self, Self::Broken | Self::Error | Self::Missing))),
            ..Shared::default()
        };
        let source = match self {
            Self::Missing => Source::Missing,
            Self::Error => Source::Error,
            _ => Source::Ok,
        };
        Tick {
            at,
            control: arm(requests * 9, control_failures, 1.0),
            treatment: arm(requests, treatment_failures, slowdown),
            shared,
            source,
        }
    }
}

/// An arm whose requests take 0.1 to 1 seconds, evenly; every tenth is a user's first.
pub fn arm(requests: u64, failures: u64, slowdown: f64) -> ArmCounts {
    let mut latency = Latencies::empty(bounds());
    for request in 0..requests.min(2_000) {
        latency.note((0.1 + 0.9 * (request % 100) as f64 / 100.0) * slowdown);
    }
    let latency = (requests <= 2_000).then_some(latency).or_else(|| scaled(requests, slowdown));
    ArmCounts { requests, failures, users: 0, first_failures: failures.min(requests), latency }
}

/// The tick of a service that does not measure how long requests take.
pub fn without_latency(mut tick: Tick) -> Tick {
    (tick.treatment.latency, tick.control.latency) = (None, None);
    tick
}

/// Many requests of the same shape.
fn scaled(requests: u64, slowdown: f64) -> Option<Latencies> {
    let mut counts = vec![0; bounds().len() + 1];
    for part in 0..100 {
        let seconds = (0.1 + 0.9 * f64::from(part) / 100.0) * slowdown;
        counts[bounds().partition_point(|bound| *bound < seconds)] += requests / 100;
    }
    counts[0] += requests % 100;
    Latencies::new(bounds(), counts)
}

pub fn check(phase: &str, name: &str, passed: bool) -> Check {
    Check {
        name: name.to_owned(),
        phase: phase.to_owned(),
        passed,
        by: "person:7".to_owned(),
        at: START,
        evidence: "https://tracker.example/17".to_owned(),
        expires_at: None,
    }
}

/// A rollout and its clock.
pub struct World<'c> {
    pub controller: &'c Controller,
    pub state: State,
    pub now: Timestamp,
}

impl<'c> World<'c> {
    /// A rollout whose first phase is being entered.
    pub fn started(controller: &'c Controller) -> Self {
        let mut world = Self { controller, state: State::draft(START), now: START };
        for event in [Event::Validated, Event::Scheduled, Event::Started] {
            world.take(&event);
        }
        world
    }

    /// A rollout in its first phase, in force everywhere.
    pub fn in_force(controller: &'c Controller) -> Self {
        let mut world = Self::started(controller);
        world.take(&Event::InForce);
        world
    }

    pub fn take(&mut self, event: &Event) -> Step {
        let step = self.controller.step(self.state.clone(), event, self.now).unwrap();
        self.state = step.state.clone();
        step
    }

    pub fn refused(&self, command: Command) -> String {
        self.controller.step(self.state.clone(), &Event::Command(command), self.now).unwrap_err().to_string()
    }

    pub fn command(&mut self, command: Command) -> Step {
        self.take(&Event::Command(command))
    }

    pub fn see(&mut self, seen: Seen) -> Step {
        self.now = self.now.checked_add(TICK).unwrap();
        self.take(&Event::Tick(seen.tick(self.now)))
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: i64) -> Step {
        self.now = self.now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        self.take(&Event::Clock)
    }

    pub fn stage(&self) -> String {
        self.state.stage.to_string()
    }

    pub fn phase(&self) -> &str {
        &self.controller.phase_of(&self.state).unwrap().name
    }
}

pub fn pages(step: &Step) -> usize {
    step.effects.iter().filter(|effect| matches!(effect, Effect::Page { .. })).count()
}

pub fn reason(text: &str) -> String {
    text.to_owned()
}

pub fn is_live(state: &State) -> bool {
    // Written out, not asked of the code under test.
    !matches!(
        state.stage,
        Stage::Draft
            | Stage::Validated
            | Stage::AwaitingStart
            | Stage::RollingBack
            | Stage::Verifying
            | Stage::RollbackStuck
            | Stage::RolledBack
            | Stage::Completed
            | Stage::Aborted
            | Stage::Superseded
    )
}
