//! Simulated requests: Poisson arrivals, and what comes of them.

use jiff::Timestamp;
use rand::RngExt;
use rand_distr::{Binomial, Distribution, Poisson};
use rand_pcg::Pcg64Mcg;

use super::latency_draw::LatencyDraw;
use super::scenario::{FAILING_USER_RATE, FAILING_USERS, Scenario, Span, USERS};
use crate::evidence::{ArmCounts, Shared, Source, TICK, Tick};
use crate::statistics::real;

/// The requests of one run.
pub(super) struct Traffic {
    scenario: Scenario,
    random: Pcg64Mcg,
    incident_start_s: f64,
    /// Requests a tick in both arms together.
    per_tick: f64,
    /// The treatment's share of the users in the present phase.
    share: f64,
    treatment_latency: LatencyDraw,
    control_latency: LatencyDraw,
    crowd: Crowd,
}

/// Who sends the requests.
enum Crowd {
    /// Every request is another user's.
    Strangers,
    /// Few users, of whom some have all failures.
    Regulars(Regulars),
}

struct Regulars {
    treatment: GoodUsers,
    control: GoodUsers,
    failing: Vec<FailingUser>,
}

/// Users of an arm who never fail.
#[derive(Default)]
struct GoodUsers {
    all: u64,
    /// Those who were not seen in this phase yet.
    unseen: u64,
}

struct FailingUser {
    /// Where the draw puts them, from 0 to 1.
    place: f64,
    is_seen: bool,
    has_failed: bool,
}

impl Traffic {
    pub(super) fn new(scenario: Scenario, rps: f64, mut random: Pcg64Mcg) -> Self {
        let incident_start_s = Scenario::incident_start_s(random.random());
        let crowd = match scenario {
            Scenario::ClusteredUsers => Crowd::Regulars(Regulars::new(&mut random)),
            _ => Crowd::Strangers,
        };
        Self {
            scenario,
            random,
            incident_start_s,
            per_tick: rps * TICK.as_secs_f64(),
            share: 0.0,
            treatment_latency: LatencyDraw::new(scenario.slowdown()),
            control_latency: LatencyDraw::new(1.0),
            crowd,
        }
    }

    /// Begins a phase in which the treatment has this share of the users.
    pub(super) fn enter(&mut self, share: f64) {
        self.share = share;
        if let Crowd::Regulars(regulars) = &mut self.crowd {
            regulars.enter(share, &mut self.random);
        }
    }

    /// The tick that ends so many seconds after the start.
    pub(super) fn tick(&mut self, end_s: i64, at: Timestamp) -> Tick {
        let span = Span { start_s: end_s - TICK.as_secs(), end_s };
        let source = self.scenario.source(span);
        if source != Source::Ok || !self.scenario.has_traffic(span) {
            return Tick::unseen(at, source);
        }
        let (treatment, control) = (self.arm(true, span), self.arm(false, span));
        Tick { at, control, treatment, shared: Shared::default(), source }
    }

    fn arm(&mut self, is_treatment: bool, span: Span) -> ArmCounts {
        let mut counts = match &mut self.crowd {
            Crowd::Strangers => {
                let share = if is_treatment { self.share } else { 1.0 - self.share };
                let requests = poisson(self.per_tick * share, &mut self.random);
                let rate = self.scenario.error_rate(is_treatment, span, self.incident_start_s);
                let failures = binomial(requests, rate, &mut self.random);
                ArmCounts { requests, failures, users: requests, first_failures: failures, latency: None }
            }
            Crowd::Regulars(regulars) => {
                regulars.arm(is_treatment, self.share, self.per_tick / f64::from(USERS), &mut self.random)
            }
        };
        let draw = if is_treatment { &self.treatment_latency } else { &self.control_latency };
        counts.latency = Some(draw.latencies(counts.requests, &mut self.random));
        counts
    }
}

impl Regulars {
    fn new(random: &mut Pcg64Mcg) -> Self {
        let user = |_| FailingUser { place: random.random(), is_seen: false, has_failed: false };
        let failing = (0..FAILING_USERS).map(user).collect();
        Self { treatment: GoodUsers::default(), control: GoodUsers::default(), failing }
    }

    fn enter(&mut self, share: f64, random: &mut Pcg64Mcg) {
        let good = u64::from(USERS - FAILING_USERS);
        let treatment = binomial(good, share, random);
        self.treatment = GoodUsers { all: treatment, unseen: treatment };
        self.control = GoodUsers { all: good - treatment, unseen: good - treatment };
        for user in &mut self.failing {
            (user.is_seen, user.has_failed) = (false, false);
        }
    }

    /// A tick of one arm, at so many requests of each user a tick.
    fn arm(&mut self, is_treatment: bool, share: f64, per_user: f64, random: &mut Pcg64Mcg) -> ArmCounts {
        let good = if is_treatment { &mut self.treatment } else { &mut self.control };
        let requests = poisson(real(good.all) * per_user, random);
        let users = binomial(good.unseen, 1.0 - (-per_user).exp(), random).min(requests);
        good.unseen -= users;
        let mut counts = ArmCounts { requests, users, ..ArmCounts::default() };
        for user in self.failing.iter_mut().filter(|user| (user.place < share) == is_treatment) {
            let requests = poisson(per_user, random);
            let failures = binomial(requests, FAILING_USER_RATE, random);
            counts.requests += requests;
            counts.failures += failures;
            counts.users += u64::from(requests > 0 && !user.is_seen);
            counts.first_failures += u64::from(failures > 0 && !user.has_failed);
            user.is_seen |= requests > 0;
            user.has_failed |= failures > 0;
        }
        counts
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a Poisson number is whole and not negative"
)]
fn poisson(mean: f64, random: &mut Pcg64Mcg) -> u64 {
    Poisson::new(mean).map_or(0, |distribution| distribution.sample(random) as u64)
}

pub(super) fn binomial(trials: u64, probability: f64, random: &mut Pcg64Mcg) -> u64 {
    Binomial::new(trials, probability).map_or(0, |distribution| distribution.sample(random))
}
