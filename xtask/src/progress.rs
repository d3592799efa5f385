//! Numbered steps with their durations, and the totals in the end.

use crate::{failure::Failure, tally::Tally};
use std::{process::ExitCode, time::Instant};

/// The steps of one run so far.
pub struct Progress {
    steps: usize,
    begun: usize,
    started: Instant,
    tally: Tally,
}

impl Progress {
    /// A run of so many steps.
    pub fn new(steps: usize) -> Self {
        Self { steps, begun: 0, started: now(), tally: Tally::default() }
    }

    /// Does one step. A step without tests of its own counts as one, and so does a failure that no test runner counted.
    ///
    /// # Errors
    ///
    /// The step's own failure.
    pub fn step(&mut self, name: &str, work: impl FnOnce(&mut Tally) -> Result<(), Failure>) -> Result<(), Failure> {
        self.begun = self.begun.saturating_add(1);
        println!("\n[{}/{}] {name}", self.begun, self.steps);
        let started = now();
        let mut tally = Tally::default();
        let outcome = work(&mut tally);
        if outcome.is_err() && tally.failed == 0 {
            tally.failed = 1;
        } else if tally == Tally::default() {
            tally.passed = 1;
        }
        self.tally += tally;
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("[{}/{}] {name}: {verdict} in {}", self.begun, self.steps, duration(started));
        outcome
    }

    /// Prints the failure, if any, and the totals on the last line. Fails also when a runner counted a failed test and
    /// succeeded nevertheless.
    pub fn finish(self, outcome: &Result<(), Failure>) -> ExitCode {
        let Tally { passed, failed } = self.tally;
        if let Err(failure) = outcome {
            println!("\nFAILED at step {} of {}: {failure}", self.begun, self.steps);
        }
        println!("\n{} steps in {}", self.begun, duration(self.started));
        println!("{passed} passed, {failed} failed");
        if outcome.is_ok() && failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

#[expect(clippy::disallowed_methods, reason = "the person who waits wants to know how long a step took")]
fn now() -> Instant {
    Instant::now()
}

fn duration(since: Instant) -> String {
    let elapsed = since.elapsed();
    let (minutes, seconds) = (elapsed.as_secs() / 60, elapsed.as_secs() % 60);
    if minutes > 0 {
        format!("{minutes} min {seconds} s")
    } else {
        format!("{seconds}.{} s", elapsed.subsec_millis() / 100)
    }
}
