//! A tick of evidence: what it shows, what trips, what is cleared.

use jiff::SignedDuration;

use super::transition::{later, rule};
use super::{Settled, Turn};
use crate::event::Effect;
use crate::evidence::{Measure, Source, TICK, Tick};
use crate::explanation;
use crate::policy::{Action, Condition, Design, Trigger};
use crate::scores::LN_SAMPLE_RATIO_MISMATCH;
use crate::state::{Hold, Stage};

/// How far the end of a tick may lie in the future: clocks of replicas differ.
const AHEAD_MAX: SignedDuration = SignedDuration::from_secs(30);

impl Turn<'_> {
    pub(super) fn tick(&mut self, tick: &Tick) {
        if !self.state.stage.is_live() || !self.is_in_time(tick) {
            return;
        }
        let step = self.state.last_tick.map_or(TICK, |last| tick.at.duration_since(last));
        self.state.last_tick = Some(tick.at);
        self.count_time(tick, step);
        self.observe(tick);
        let parts: [fn(&mut Self, &Tick) -> Settled; 6] = [
            Self::integrity,
            Self::tests,
            Self::shared_resources,
            Self::experiment,
            Self::clear_hold,
            Self::hold_for_evidence,
        ];
        if parts.into_iter().any(|part| part(self, tick) == Settled::Yes) {
            return;
        }
        self.clock();
        if self.decision.is_none() {
            self.progress(says_something(tick));
        }
    }

    /// Late, repeated and future ticks are passed over, and say so.
    fn is_in_time(&mut self, tick: &Tick) -> bool {
        let fault = match self.state.last_tick {
            Some(last) if tick.at <= last => Some(format!("is not after the last one ({last})")),
            _ if tick.at > later(self.now, AHEAD_MAX) => Some(format!("lies in the future of {}", self.now)),
            _ => None,
        };
        if let Some(fault) = &fault {
            self.effects.push(Effect::Note { message: format!("the tick of {} is passed over: it {fault}", tick.at) });
        }
        fault.is_none()
    }

    /// A tick stands for 15 seconds at most, so neither a jump of the clock nor a gap makes a phase older; a gap is time
    /// in which nothing was seen.
    fn count_time(&mut self, tick: &Tick, step: SignedDuration) {
        // The first tick of an entry may have begun before it.
        let entered = self.state.entered.last().map_or(self.state.since, |entered| entered.at);
        let credit = step.min(TICK).min(tick.at.duration_since(entered)).max(SignedDuration::ZERO);
        let gap = step.saturating_sub(TICK).max(SignedDuration::ZERO);
        let soaks = matches!(self.state.stage, Stage::WarmUp | Stage::Soaking | Stage::GateWait | Stage::GaBake);
        let Some(run) = self.run_mut() else { return };
        let is_seen = tick.source == Source::Ok;
        if soaks && is_seen {
            run.soak = run.soak.saturating_add(credit);
        }
        run.quiet = match tick.source {
            Source::Ok if tick.treatment.requests > 0 => SignedDuration::ZERO,
            Source::Ok | Source::Missing => run.quiet.saturating_add(gap).saturating_add(credit),
            Source::Error => run.quiet.saturating_add(gap),
        };
        run.failing = match tick.source {
            Source::Ok => SignedDuration::ZERO,
            Source::Missing => run.failing,
            Source::Error => run.failing.saturating_add(credit),
        };
    }

    /// While the flag is not what the rollout made it, nobody knows whom the arms are made of: nothing is counted.
    fn is_edited(&self) -> bool {
        matches!(self.state.stage.hold(), Some((Hold::ExternalEdit, _)))
    }

    fn observe(&mut self, tick: &Tick) {
        let is_edited = self.is_edited();
        let Some(phase) = self.phase() else { return };
        let Some(run) = self.run_mut().filter(|_| !is_edited) else { return };
        run.scores.observe(phase, tick);
        if tick.source != Source::Ok {
            return;
        }
        for trigger in &phase.triggers {
            if let Condition::Shared { measure, above, .. } = trigger.condition
                && let Some(level) = measure.of(&tick.shared)
            {
                let over = run.over.entry(trigger.name.clone()).or_default();
                *over = if level > above { over.saturating_add(TICK) } else { SignedDuration::ZERO };
            }
        }
    }

    /// A broken identity is proof, not statistics.
    fn integrity(&mut self, tick: &Tick) -> Settled {
        let count = tick.shared.integrity_violations.filter(|count| *count > 0 && tick.source == Source::Ok);
        let triggers = self.phase().map_or(&[][..], |phase| &phase.triggers);
        let trigger = triggers.iter().find(|trigger| trigger.condition == Condition::Integrity);
        let (Some(count), Some(trigger)) = (count, trigger) else { return Settled::No };
        self.roll_back(&trigger.name, explanation::integrity(count));
        Settled::Yes
    }

    /// Every test that is over its threshold acts, the gravest action first. Silence never does, even though older ticks
    /// fall out of the last five minutes meanwhile.
    fn tests(&mut self, tick: &Tick) -> Settled {
        let speaks = says_something(tick) && !self.is_edited();
        let Some(phase) = self.phase().filter(|_| speaks) else { return Settled::No };
        for action in [Action::Rollback, Action::StepBack, Action::Hold, Action::Notify] {
            for trigger in phase.triggers.iter().filter(|trigger| trigger.action == action) {
                if self.is_tripped(trigger) && self.act(trigger) == Settled::Yes {
                    return Settled::Yes;
                }
            }
        }
        Settled::No
    }

    fn is_tripped(&self, trigger: &Trigger) -> bool {
        let threshold = self.controller.budget_of(&self.state).and_then(|budget| budget.ln_threshold(&trigger.name));
        let (Some(run), Some(threshold)) = (self.run(), threshold) else { return false };
        run.scores.ln_e(&trigger.name).is_some_and(|ln_e| ln_e >= threshold) && run.scores.is_recent(trigger)
    }

    fn act(&mut self, trigger: &Trigger) -> Settled {
        if let Some(settled) = self.shared_incident(trigger) {
            return settled;
        }
        let why = explanation::tripped(trigger, &self.controller.numbers(&self.state));
        match trigger.action {
            Action::Rollback | Action::Promote => self.roll_back(&trigger.name, why),
            Action::StepBack => self.step_back_by(&trigger.name, None, &why),
            Action::Hold => {
                if !self.hold_once(&trigger.name, Hold::Manual, why) {
                    return Settled::No;
                }
            }
            Action::Notify => {
                if self.acknowledge(&trigger.name) {
                    self.page(&why);
                }
                return Settled::No;
            }
        }
        Settled::Yes
    }

    /// Notes that a rule has held the rollout or told somebody in this run; false where it has before.
    fn acknowledge(&mut self, rule: &str) -> bool {
        self.run_mut().is_some_and(|run| run.acknowledged.insert(rule.to_owned()))
    }

    /// Holds once a run: an operator who resumes has seen it. What something else holds now is held for at a later tick.
    fn hold_once(&mut self, rule: &str, reason: Hold, why: String) -> bool {
        let is_acknowledged = self.run().is_some_and(|run| run.acknowledged.contains(rule));
        !is_acknowledged && self.hold(reason, rule, why) && self.acknowledge(rule)
    }

    /// What a limit that is passed in both arms means: nothing about the treatment. Some where that settles it.
    fn shared_incident(&mut self, trigger: &Trigger) -> Option<Settled> {
        let (limit, share) = self.control_share(&trigger.condition)?;
        if matches!(self.state.stage.hold(), Some((Hold::SharedIncident, _))) {
            return Some(Settled::No);
        }
        let share = share.filter(|share| *share > limit)?;
        if self.state.stage.hold().is_some() {
            return Some(Settled::No);
        }
        self.hold(Hold::SharedIncident, &trigger.name, explanation::shared_incident(trigger, share));
        Some(Settled::Yes)
    }

    /// Rollback limit and recent share of the control, for an absolute trigger of a phase with a control arm.
    fn control_share(&self, condition: &Condition) -> Option<(f64, Option<f64>)> {
        let is_controlled = self.phase()?.audience.design().is_controlled();
        let control = self.run().filter(|_| is_controlled)?.scores.recent().control();
        match *condition {
            Condition::Errors { limit, .. } => Some((limit, control.error_rate())),
            Condition::Latency { seconds, limit, .. } => Some((limit, control.share_beyond(seconds))),
            _ => None,
        }
    }

    /// A shared resource belongs to both arms: it steps back, as an experiment.
    fn shared_resources(&mut self, tick: &Tick) -> Settled {
        let Some(phase) = self.phase() else { return Settled::No };
        // The experiment that runs is waited for.
        if self.state.experiment.is_some() || !says_something(tick) {
            return Settled::No;
        }
        for trigger in &phase.triggers {
            let Condition::Shared { measure, above, lasting, recover_within, .. } = trigger.condition else { continue };
            let over = self.run().and_then(|run| run.over.get(&trigger.name)).copied().unwrap_or_default();
            if over < lasting || matches!(self.state.stage.hold(), Some((Hold::SharedIncident, _))) {
                continue;
            }
            let why = explanation::shared_resource(measure, above, over);
            match trigger.action {
                Action::StepBack => self.step_back_by(&trigger.name, Some(recover_within), &why),
                Action::Rollback | Action::Promote => self.roll_back(&trigger.name, why),
                Action::Hold => {
                    if !self.hold_once(&trigger.name, Hold::SharedIncident, why) {
                        continue;
                    }
                }
                Action::Notify => {
                    if self.acknowledge(&trigger.name) {
                        self.page(&why);
                    }
                    continue;
                }
            }
            return Settled::Yes;
        }
        Settled::No
    }

    /// Whether the step back has helped: then the feature was to blame; otherwise somebody has to look.
    fn experiment(&mut self, tick: &Tick) -> Settled {
        let Some(experiment) = self.state.experiment.clone() else { return Settled::No };
        if self.state.stage.unheld().is_moving() {
            // The lower phase is not in force yet: nothing that happens now comes of it.
            return Settled::No;
        }
        let triggers = self.controller.policy.phases.iter().flat_map(|phase| &phase.triggers);
        let condition = triggers.filter(|one| one.name == experiment.trigger).map(|one| one.condition).next();
        let Some(Condition::Shared { measure, clear, lasting, .. }) = condition else { return Settled::No };
        let level = measure.of(&tick.shared).filter(|_| tick.source == Source::Ok);
        let calm = match level {
            Some(level) if level <= clear => experiment.calm.saturating_add(TICK),
            Some(_) => SignedDuration::ZERO,
            None => experiment.calm,
        };
        if let Some(watched) = &mut self.state.experiment {
            watched.calm = calm;
        }
        // As long as it had to be high to be one.
        if calm >= lasting.max(TICK) {
            self.state.experiment = None;
            self.effects.push(Effect::Note { message: explanation::attributed(measure, clear) });
            return Settled::No;
        }
        if self.now < experiment.until {
            return Settled::No;
        }
        self.state.experiment = None;
        let why = explanation::not_attributed(measure, clear);
        self.page(&why);
        self.hold(Hold::SharedIncident, &experiment.trigger, why);
        Settled::Yes
    }

    /// Holds that clear by themselves.
    fn clear_hold(&mut self, tick: &Tick) -> Settled {
        let Stage::Held { reason, from, rule } = self.state.stage.clone() else { return Settled::No };
        let is_seen = tick.source == Source::Ok;
        match reason {
            Hold::NoData if !from.is_moving() && says_something(tick) => {
                self.release("requests of the treatment are seen again");
            }
            Hold::Approval if self.missing_checks().is_empty() => self.release("every check is there"),
            Hold::MetricsError if is_seen => self.release("the evidence can be read again"),
            Hold::SharedIncident if self.is_control_calm(&rule) => {
                self.release("the control has been within its limit for 5 minutes");
            }
            _ => {}
        }
        Settled::No
    }

    fn is_control_calm(&self, trigger: &str) -> bool {
        let triggers = self.phase().map_or(&[][..], |phase| &phase.triggers);
        let Some(condition) = triggers.iter().find(|one| one.name == trigger).map(|one| one.condition) else {
            return false;
        };
        let (Condition::Errors { success, .. } | Condition::Latency { success, .. }) = condition else { return false };
        let share = self.control_share(&condition).and_then(|(_, share)| share);
        share.is_some_and(|share| share < success)
    }

    /// What keeps the evidence from saying anything.
    fn hold_for_evidence(&mut self, _: &Tick) -> Settled {
        if self.state.stage.is_moving() || self.state.stage.hold().is_some() {
            return Settled::No;
        }
        let policy = &self.controller.policy;
        let (no_data, metrics_error) = (policy.no_data, policy.metrics_error);
        let Some(run) = self.run() else { return Settled::No };
        let (quiet, failing, sample_ratio) = (run.quiet, run.failing, run.scores.ln_e_sample_ratio());
        if failing >= metrics_error {
            self.hold(Hold::MetricsError, rule::METRICS_ERROR, explanation::metrics_error(failing));
        } else if quiet >= no_data {
            self.hold(Hold::NoData, rule::NO_DATA, explanation::no_data(quiet));
        } else if sample_ratio.is_some_and(|ln_e| ln_e >= LN_SAMPLE_RATIO_MISMATCH)
            && self.acknowledge(rule::SAMPLE_RATIO)
        {
            let why = self.explain_sample_ratio();
            self.page(&why);
            self.hold(Hold::SampleRatioMismatch, rule::SAMPLE_RATIO, why);
        } else {
            return Settled::No;
        }
        Settled::Yes
    }

    fn explain_sample_ratio(&self) -> String {
        let share = match self.phase().map(|phase| phase.audience.design()) {
            Some(Design::Hashed(share)) => share,
            _ => 1.0,
        };
        let users = self.run().map(|run| (run.scores.treatment().users, run.scores.control().users));
        explanation::sample_ratio(share, users.unwrap_or_default())
    }
}

/// Whether a tick has seen the treatment.
fn says_something(tick: &Tick) -> bool {
    tick.source == Source::Ok && tick.treatment.requests > 0
}

impl Measure {
    /// What it is called in a sentence.
    pub(crate) const fn described(self) -> &'static str {
        match self {
            Self::PoolInUse => "the share of database connections in use",
            Self::QueueDepth => "the number of waiting snapshots",
            Self::SnapshotSeconds => "the longest time to a snapshot, in seconds,",
            Self::WorkerMemoryBytes => "the memory of the process, in bytes,",
            Self::Deadlocks => "the number of deadlocks a tick",
        }
    }
}
