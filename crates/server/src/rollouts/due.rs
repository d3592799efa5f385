//! What a rollout has to hear next: everything the controller looks at, read at one moment, and the event that follows.

use jiff::{SignedDuration, Timestamp};
use rollout::{Command, Event, Hold, Source, Stage, Tick};
use store::replicas::{self, Replica};
use store::rollout_evidence::{self, Counts, Period};
use store::rollout_proof::{self, Reading};
use store::rollouts::{self, Rollout};
use store::{RolloutId, StoreError, Transaction, flag_state};

use super::act::Closes;
use super::flag_config::FlagConfig;
use super::prometheus::{self, ASKED};
use super::start::{self, Surroundings, tick_before};
use super::step::controller_of;

/// How long a process that says nothing counts as one that may still serve.
pub(crate) const REPLICA_SILENT_MAX: SignedDuration = SignedDuration::from_secs(15);
/// The same for a proof: a process that was killed must not serve, one that is cut off may.
pub(crate) const REPLICA_GONE: SignedDuration = SignedDuration::from_secs(60);
/// How long a tick is waited for after its end.
const TICK_WAIT_MAX: SignedDuration = SignedDuration::from_secs(10);
/// How long a replica may have something else after a rollback before that is a contradiction.
const READ_BACK_MAX: SignedDuration = SignedDuration::from_secs(10);

/// Everything the controller looks at.
pub(crate) struct View {
    pub(crate) rollout: Rollout,
    is_killed: bool,
    config_hash: Option<String>,
    replicas: Vec<Replica>,
    readings: Vec<Reading>,
    tick: Option<(Timestamp, Vec<Period>)>,
    missing: Vec<String>,
    /// Whether a Prometheus server is asked for the arms of the tick.
    asks_elsewhere: bool,
    now: Timestamp,
}

/// What follows.
pub(crate) enum Due {
    /// Nothing is missing for the start.
    Start,
    /// A tick, with what all replicas counted in it.
    Tick { event: Event, closes: Box<Closes> },
    /// The treatment is gone everywhere.
    Verified { drained_at: Timestamp, recovered_at: Option<Timestamp> },
    /// Anything else.
    Event(Event),
}

/// Reads it.
///
/// # Errors
/// What the database answers.
pub(crate) fn look(
    tx: &mut Transaction<'_>,
    id: RolloutId,
    surroundings: &Surroundings,
    now: Timestamp,
) -> Result<View, StoreError> {
    let rollout = rollouts::get(tx, id)?;
    let before = |lasting| now.checked_sub(lasting).unwrap_or(Timestamp::MIN);
    let missing = if start::is_waiting(&rollout) { start::missing(tx, &rollout, surroundings)? } else { Vec::new() };
    let is_live = rollout.state.stage.is_live();
    let config = if is_live { FlagConfig::stored(tx, &rollout.flag_key)? } else { None };
    let tick = match rollout.closed_tick.filter(|_| is_live) {
        Some(closed) => rollout_evidence::next_tick(tx, id, closed)?
            .map(|at| Ok::<_, StoreError>((at, rollout_evidence::of_tick(tx, id, at)?)))
            .transpose()?,
        None => None,
    };
    Ok(View {
        is_killed: flag_state::get(tx, &rollout.flag_key)?.killed,
        config_hash: config.map(|(config, _)| config.hash()),
        replicas: replicas::since(tx, before(REPLICA_GONE))?,
        readings: if rollout.reads_back { rollout_proof::readings(tx, id)? } else { Vec::new() },
        asks_elsewhere: tick.is_some() && controller_of(&rollout)?.policy().queries.is_some(),
        tick,
        missing,
        rollout,
        now,
    })
}

impl View {
    /// The next event; none while there is nothing to tell.
    pub(crate) fn due(&self) -> Option<Due> {
        match &self.rollout.state.stage {
            // A kill is the end of what has not begun: whoever restores the flag must not start a rollout by it.
            Stage::AwaitingStart if self.is_killed => {
                let reason = "the flag was killed while the rollout waited for its start".to_owned();
                Some(Due::Event(Event::Command(Command::Abort { reason })))
            }
            Stage::AwaitingStart => self.missing.is_empty().then_some(Due::Start),
            Stage::Verifying => self.proof(),
            stage if stage.is_live() => self.of_live(),
            Stage::RollingBack | Stage::RollbackStuck => self.deadline(),
            _ => None,
        }
    }

    fn of_live(&self) -> Option<Due> {
        if self.is_killed {
            return Some(Due::Event(Event::Killed));
        }
        let is_known = matches!(self.rollout.state.stage.hold(), Some((Hold::ExternalEdit, _)));
        if self.config_hash != self.rollout.written_hash && !is_known {
            return Some(Due::Event(Event::EditedElsewhere));
        }
        if self.rollout.state.stage.unheld().is_moving() && self.is_in_force() {
            return Some(Due::Event(Event::InForce));
        }
        self.due_tick().or_else(|| self.deadline())
    }

    fn deadline(&self) -> Option<Due> {
        let is_over = self.rollout.state.deadline.is_some_and(|deadline| deadline <= self.now);
        is_over.then_some(Due::Event(Event::Clock))
    }

    /// The processes that were seen lately.
    fn serving(&self) -> impl Iterator<Item = &Replica> {
        let since = self.now.checked_sub(REPLICA_SILENT_MAX).unwrap_or(Timestamp::MIN);
        self.replicas.iter().filter(move |replica| replica.seen_at > since)
    }

    /// What a process has said since the flag is as the rollout stands.
    fn reading_of(&self, replica: &Replica) -> Option<&Reading> {
        let of_now = self.readings.iter().filter(|reading| has_current(&self.rollout, reading));
        of_now.into_iter().find(|reading| reading.replica == replica.id)
    }

    /// Whether every process that serves has the flag as it was written.
    fn is_in_force(&self) -> bool {
        let has_it = |replica: &Replica| {
            let reading = self.reading_of(replica);
            reading.is_some_and(|reading| Some(&reading.config_hash) == self.rollout.written_hash.as_ref())
        };
        self.serving().next().is_some() && self.serving().all(has_it)
    }

    /// The next tick, once every process that serves has handed in its counts or has had the time to; a tick of nothing
    /// where none has.
    fn due_tick(&self) -> Option<Due> {
        let closed = self.rollout.closed_tick?;
        let overdue = |at: Timestamp| self.now.duration_since(at) >= TICK_WAIT_MAX;
        if let Some((at, periods)) = &self.tick {
            let has_handed_in = |replica: &Replica| {
                replica.started_at >= *at || periods.iter().any(|period| period.replica == replica.id)
            };
            // Not by the clock: where it goes back, ticks end in its future.
            let asked = periods.iter().find(|period| period.replica == ASKED && period.entry == self.rollout.entry);
            let is_answered = asked.is_some() || !self.asks_elsewhere;
            let is_complete = is_answered && self.serving().next().is_some() && self.serving().all(has_handed_in);
            if !is_complete && !overdue(*at) {
                return None;
            }
            let mut counts = Counts::default();
            // Of an entry that is over nothing counts; its rows are not handed in any more.
            let of_replicas = |period: &&Period| period.entry == self.rollout.entry && period.replica != ASKED;
            for period in periods.iter().filter(of_replicas) {
                counts.add(&period.counts);
            }
            if self.asks_elsewhere {
                counts = prometheus::together(&counts, asked.map(|asked| &asked.counts));
            }
            let source = counts.source();
            let Counts { treatment, control, shared, .. } = counts.clone();
            let event = Event::Tick(Tick { at: *at, control, treatment, shared, source });
            let handed_in = i64::try_from(periods.len()).unwrap_or(i64::MAX);
            return Some(Due::Tick { event, closes: Box::new(Closes { at: *at, counts, handed_in }) });
        }
        let latest = tick_before(self.now.checked_sub(TICK_WAIT_MAX).unwrap_or(self.now));
        (latest > closed).then(|| {
            let event = Event::Tick(Tick::unseen(latest, Source::Missing));
            let counts = Counts { is_unseen: true, ..Counts::default() };
            Due::Tick { event, closes: Box::new(Closes { at: latest, counts, handed_in: 0 }) }
        })
    }

    /// Whether every process has the flag of before, gives the sampled callers what they had, and serves nobody with the
    /// treatment any more; what contradicts that; or nothing yet.
    fn proof(&self) -> Option<Due> {
        let since = self.rollout.state.since;
        let is_late = self.now.duration_since(since) >= READ_BACK_MAX;
        let mut drained_at = since;
        for replica in &self.replicas {
            let reading = self.reading_of(replica);
            let fault = match reading {
                None => "has not said what it has".to_owned(),
                Some(reading) => {
                    drained_at = drained_at.max(reading.read_at);
                    match fault_of(reading, self.rollout.written_hash.as_deref()) {
                        None => continue,
                        Some(fault) => fault,
                    }
                }
            };
            // A process that may have been killed is waited for until it is surely gone.
            let is_contradiction = is_late && reading.is_some_and(|reading| reading.contexts_equal < reading.contexts);
            if is_contradiction {
                return Some(Due::Event(Event::NotVerified { why: format!("replica {} {fault}", replica.id) }));
            }
            return self.deadline();
        }
        if self.replicas.is_empty() {
            return self.deadline();
        }
        let recovered_at = self.readings.iter().filter_map(|reading| reading.first_good_at).min();
        Some(Due::Verified { drained_at, recovered_at })
    }
}

/// Whether a process spoke of the flag as it was written last. By the flags' revision, not by the clock: clocks go back.
pub(crate) const fn has_current(rollout: &Rollout, reading: &Reading) -> bool {
    reading.revision >= rollout.written_revision
}

/// What a replica has that it should not have.
fn fault_of(reading: &Reading, target: Option<&str>) -> Option<String> {
    if Some(reading.config_hash.as_str()) != target {
        return Some("has another flag than the one of before".to_owned());
    }
    if reading.contexts_equal < reading.contexts {
        let wrong = reading.contexts - reading.contexts_equal;
        return Some(format!("gives {wrong} of {} sampled callers another variant than before", reading.contexts));
    }
    (reading.in_flight > 0).then(|| format!("still serves {} requests with the treatment", reading.in_flight))
}
