//! Lifting the drill's own kill, for as long as it takes: whichever server can lifts it, and the one that was told to
//! kill must confirm it.

use std::time::Duration;

use super::Situation;
use super::replica::Replica;
use super::report::{Attempt, Report};

/// How long restoring is tried, for example while the database is away, before the drill gives up and says so.
const RESTORE_PATIENCE: Duration = Duration::from_secs(30);

/// Lifts our kill; leaves it where somebody else wants the flag killed. Answers whether the flag is restored.
pub fn restore(replicas: &[Replica], situation: &Situation, report: &mut Report) -> bool {
    let Some(first) = replicas.first() else { return false };
    match report.persist("restore", first, RESTORE_PATIENCE, &|| lift(replicas, first, &situation.reason)) {
        Ok(()) => true,
        Err(why) => {
            report.stays_killed(why, first);
            false
        }
    }
}

fn lift<'r>(replicas: &'r [Replica], first: &Replica, reason: &str) -> Attempt<'r> {
    let mut refusals = Vec::new();
    for replica in replicas {
        // Looked at before each attempt: while the database was away, somebody may have begun to mean it.
        match replica.foreign_kill(reason) {
            Ok(None) => {}
            Ok(Some(foreign)) => return Attempt::GivenUp(foreign),
            Err(why) => {
                refusals.push(format!("{}: {why}", replica.place()));
                continue;
            }
        }
        match replica.restore(reason) {
            Err(why) => refusals.push(format!("{}: {why}", replica.place())),
            Ok(detail) if std::ptr::eq(replica, first) => return Attempt::Done(replica, detail),
            // A kill that waits at the first server for the database would come back once it is stored.
            Ok(_) => match first.is_killed() {
                Ok(false) => {
                    return Attempt::Done(replica, format!("not killed, as {} confirms", first.place()));
                }
                Ok(true) => {
                    let lifted = replica.place();
                    refusals.push(format!("{lifted} has lifted it, and it is still killed at {}", first.place()));
                }
                Err(why) => {
                    let lifted = replica.place();
                    refusals.push(format!("{lifted} has lifted it, and {} does not confirm it: {why}", first.place()));
                }
            },
        }
    }
    Attempt::Refused(refusals.join("; "))
}
