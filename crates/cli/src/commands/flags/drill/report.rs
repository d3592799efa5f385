//! What the drill did and found, step by step, each with its time.

use std::io::{self, Write};
use std::time::Duration;

use flags::ENABLE_LOT_LEVEL_MOIC;
use serde_json::{Value, json};
use server::Clock;

use super::interruption::Interruption;
use super::replica::{Look, Replica};
use crate::failure::{Failure, output_failure};
use crate::system_clock::SystemClock;
use crate::terminal::printable;

/// How long a replica that does not obey yet is left alone before it is asked again.
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// The longest pause between attempts at something that must succeed.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Where in the drill a step belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Before anything is touched.
    Before,
    /// From the kill to the last look at it.
    Killed,
    /// From the restore on.
    Restored,
}

impl Phase {
    fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Killed => "killed",
            Self::Restored => "restored",
        }
    }
}

/// What came of trying something that any of several servers may do.
pub enum Attempt<'r> {
    /// This server did it.
    Done(&'r Replica, String),
    /// Nobody could now.
    Refused(String),
    /// It must not be tried again.
    GivenUp(String),
}

/// The steps so far.
pub struct Report {
    clock: SystemClock,
    as_json: bool,
    phase: Phase,
    phase_began: Duration,
    /// Until the last replica obeyed, from the beginning of the phase.
    kill_took: Option<Duration>,
    restore_took: Option<Duration>,
    steps: Vec<Value>,
    failed: usize,
    /// Why the flag is still killed at the end, if it is, and the server to restore it at.
    still_killed: Option<(String, String)>,
    /// Watched from the moment on that there is something to restore.
    interruption: Option<Interruption>,
    output: io::Result<()>,
}

impl Report {
    /// An empty report.
    pub fn start(as_json: bool) -> Self {
        Self {
            clock: SystemClock::start(),
            as_json,
            phase: Phase::Before,
            phase_began: Duration::ZERO,
            kill_took: None,
            restore_took: None,
            steps: Vec::new(),
            failed: 0,
            still_killed: None,
            interruption: None,
            output: Ok(()),
        }
    }

    /// From now on SIGINT and SIGTERM cut short what is still looked at, and no more.
    pub fn watch_for_interruption(&mut self) -> Result<(), Failure> {
        self.interruption = Some(Interruption::watch()?);
        Ok(())
    }

    fn is_interrupted(&self) -> bool {
        self.interruption.as_ref().is_some_and(Interruption::came)
    }

    /// Whether to go on looking: nothing cuts the restore short.
    pub fn goes_on(&self) -> bool {
        self.phase == Phase::Restored || !self.is_interrupted()
    }

    /// The steps from here on belong to `phase`.
    pub fn begin(&mut self, phase: Phase) {
        self.phase = phase;
        self.phase_began = self.clock.monotonic();
    }

    /// A step without which the drill does not begin; answers what it found.
    pub fn need<T>(
        &mut self,
        replica: &Replica,
        what: &str,
        look: impl FnOnce() -> Result<(String, T), String>,
    ) -> Result<T, Failure> {
        let began = self.clock.monotonic();
        match look() {
            Ok((detail, found)) => {
                self.add(replica, what, began, Ok(detail));
                Ok(found)
            }
            Err(why) => {
                self.add(replica, what, began, Err(why.clone()));
                self.print_json();
                Err(Failure::refused(
                    format!("the drill does not begin: {}: {why}", replica.place()),
                    "nothing was killed; mend this first".to_owned(),
                ))
            }
        }
    }

    /// A step; answers whether it passed.
    pub fn check(&mut self, replica: &Replica, what: &str, check: impl FnOnce() -> Look) -> bool {
        let began = self.clock.monotonic();
        let outcome = check();
        self.add(replica, what, began, outcome)
    }

    /// A step that may need a while until it passes.
    pub fn eventually(&mut self, replica: &Replica, what: &str, patience: Duration, check: &dyn Fn() -> Look) -> bool {
        let began = self.clock.monotonic();
        let outcome = loop {
            let outcome = check();
            let waited = self.clock.monotonic().saturating_sub(began);
            if outcome.is_ok() || waited >= patience || !self.goes_on() {
                break outcome;
            }
            std::thread::sleep(POLL_INTERVAL);
        };
        self.add(replica, what, began, outcome)
    }

    /// A step that is tried with growing pauses until some server has done it; that one stands in the report, otherwise
    /// `asked`. Nothing interrupts it.
    pub fn persist<'r>(
        &mut self,
        what: &str,
        asked: &'r Replica,
        patience: Duration,
        attempt: &dyn Fn() -> Attempt<'r>,
    ) -> Result<(), String> {
        let began = self.clock.monotonic();
        let mut pause = POLL_INTERVAL;
        let why = loop {
            let why = match attempt() {
                Attempt::Done(replica, detail) => {
                    self.add(replica, what, began, Ok(detail));
                    return Ok(());
                }
                Attempt::GivenUp(why) => break why,
                Attempt::Refused(why) => why,
            };
            if self.clock.monotonic().saturating_sub(began) >= patience {
                break why;
            }
            std::thread::sleep(pause);
            pause = pause.saturating_mul(2).min(PAUSE_MAX);
        };
        self.add(asked, what, began, Err(why.clone()));
        Err(why)
    }

    /// The same while every earlier step passed and nobody interrupts; otherwise it is noted as left out.
    pub fn unless_failed(
        &mut self,
        passing: bool,
        replica: &Replica,
        what: &str,
        patience: Duration,
        check: &dyn Fn() -> Look,
    ) -> bool {
        if passing && self.goes_on() {
            return self.eventually(replica, what, patience, check);
        }
        self.skip(replica, what);
        false
    }

    fn skip(&mut self, replica: &Replica, what: &str) {
        if !self.as_json {
            self.say(&format!("-                  {}  {what}: not asked", replica.place()));
        }
        self.steps.push(json!({
            "phase": self.phase.as_str(),
            "server": replica.place(),
            "step": what,
            "passed": null,
            "milliseconds": null,
            "detail": "not asked",
        }));
    }

    /// Notes how long it took until the last replica obeyed, if all did.
    pub fn all_obeyed(&mut self, obeyed: bool) {
        if !obeyed {
            return;
        }
        let took = self.clock.monotonic().saturating_sub(self.phase_began);
        match self.phase {
            Phase::Before => {}
            Phase::Killed => self.kill_took = Some(took),
            Phase::Restored => self.restore_took = Some(took),
        }
    }

    /// The flag is not restored, for this reason, and can be at `replica`.
    pub fn stays_killed(&mut self, why: String, replica: &Replica) {
        self.still_killed = Some((why, replica.place().to_owned()));
    }

    fn add(&mut self, replica: &Replica, what: &str, began: Duration, outcome: Look) -> bool {
        let took = milliseconds(self.clock.monotonic().saturating_sub(began));
        let passed = outcome.is_ok();
        let (Ok(detail) | Err(detail)) = outcome;
        if !passed {
            self.failed += 1;
        }
        if !self.as_json {
            let verdict = if passed { "ok    " } else { "FAILED" };
            let line = format!("{verdict} {took:>8.1} ms  {}  {what}: {}", replica.place(), printable(&detail));
            self.say(&line);
        }
        self.steps.push(json!({
            "phase": self.phase.as_str(),
            "server": replica.place(),
            "step": what,
            "passed": passed,
            "milliseconds": took,
            "detail": detail,
        }));
        passed
    }

    /// Output that nobody reads must not keep the drill from restoring: the error is kept for the end.
    fn say(&mut self, line: &str) {
        if self.output.is_ok() {
            self.output = writeln!(io::stdout().lock(), "{line}");
        }
    }

    fn print_json(&mut self) {
        if self.as_json {
            let took = |took: Option<Duration>| took.map(milliseconds);
            let report = json!({
                "flag": ENABLE_LOT_LEVEL_MOIC.key(),
                "passed": self.failed == 0,
                "killedEverywhereAfterMilliseconds": took(self.kill_took),
                "restoredEverywhereAfterMilliseconds": took(self.restore_took),
                "totalMilliseconds": milliseconds(self.clock.monotonic()),
                "steps": self.steps,
            });
            self.say(&format!("{report:#}"));
        }
    }

    /// Prints the totals; fails if a step did.
    pub fn finish(mut self) -> Result<(), Failure> {
        if self.is_interrupted() {
            self.failed += 1;
        }
        self.print_json();
        if !self.as_json {
            let after =
                |took: Option<Duration>| took.map_or("-".to_owned(), |took| format!("{:.1} ms", milliseconds(took)));
            let (killed, restored) = (after(self.kill_took), after(self.restore_took));
            let total = milliseconds(self.clock.monotonic());
            self.say(&format!(
                "refused everywhere after {killed}, on again everywhere after {restored}; {total:.1} ms in all"
            ));
        }
        if let Some((why, server)) = self.still_killed {
            let key = ENABLE_LOT_LEVEL_MOIC.key();
            return Err(Failure::refused(
                format!("{key} IS STILL KILLED: {why}"),
                format!("when it may be on again: lotwise flags restore {key} --reason TEXT --server {server}"),
            ));
        }
        if self.is_interrupted() {
            return Err(Failure::refused("the drill was interrupted; it has restored what it killed", None));
        }
        if self.failed > 0 {
            let steps = if self.failed == 1 { "step" } else { "steps" };
            return Err(Failure::refused(
                format!("the drill failed: {} {steps} did not pass", self.failed),
                "the lines marked FAILED say what was found; in an emergency it would be the same".to_owned(),
            ));
        }
        self.output.map_err(output_failure)
    }
}

/// Milliseconds, to a tenth.
#[expect(clippy::cast_precision_loss, reason = "a drill takes far less than 2^53 microseconds")]
fn milliseconds(time: Duration) -> f64 {
    (time.as_micros() as f64 / 100.0).round() / 10.0
}
