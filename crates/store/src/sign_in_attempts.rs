//! Attempts to sign in that failed, counted by who tried from where: whoever guesses waits longer and longer, on every
//! replica, and nobody is kept out by what strangers do from elsewhere.

use jiff::{SignedDuration, Timestamp};

use crate::{StoreError, Transaction, row::params, secret, statements::statements};

/// Attempts that may fail before the next has to wait.
pub const FREE_FAILURES: i64 = 5;
/// What the first wait is; each further failure doubles it.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// What no wait is longer than.
const WAIT_MAX: SignedDuration = SignedDuration::from_mins(15);
/// How long after the last failure all of them are forgotten.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// Whether an attempt may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It may, and counts as failed until [`succeeded`] says otherwise.
    Allowed {
        /// Failures with this one.
        failures: i64,
        /// From when on the next attempt may be made, if it has to wait.
        locked_until: Option<Timestamp>,
    },
    /// Too many have failed.
    Locked {
        /// From when on the next attempt may be made.
        until: Timestamp,
    },
}

statements! { "sign_in_attempts";
    LOCK = "INSERT INTO sign_in_attempts (key, failures, last_at, locked_until) VALUES ($1, 0, $2, 0) \
        ON CONFLICT (key) DO UPDATE SET failures = sign_in_attempts.failures \
        RETURNING failures, last_at, locked_until";
    COUNT = "UPDATE sign_in_attempts SET failures = $1, last_at = $2, locked_until = $3 WHERE key = $4";
    FORGET = "DELETE FROM sign_in_attempts WHERE key = $1";
    PRUNE = "DELETE FROM sign_in_attempts WHERE last_at <= $1";
}

/// Counts an attempt by somebody who calls themselves `name`, from the network `origin`, before it is checked: of many at
/// the same instant no more are let through than of one after the other.
///
/// # Errors
/// What the database answers.
pub fn begin(tx: &mut Transaction<'_>, name: &str, origin: &str, now: Timestamp) -> Result<Attempt, StoreError> {
    let key = key(name, origin);
    let row = tx.one(LOCK, params![&key, now])?;
    let (failures, last_at, until) = (row.integer(0)?, row.timestamp(1)?, row.timestamp(2)?);
    if until > now {
        return Ok(Attempt::Locked { until });
    }
    let failures = if now.duration_since(last_at) > REMEMBERED { 1 } else { failures.saturating_add(1) };
    let locked_until = wait_after(failures).map(|wait| now.checked_add(wait).unwrap_or(Timestamp::MAX));
    tx.execute(COUNT, params![failures, now, locked_until.unwrap_or(Timestamp::UNIX_EPOCH), &key])?;
    Ok(Attempt::Allowed { failures, locked_until })
}

/// Forgets the failures of somebody who has proved who they are.
///
/// # Errors
/// What the database answers.
pub fn succeeded(tx: &mut Transaction<'_>, name: &str, origin: &str) -> Result<(), StoreError> {
    tx.execute(FORGET, params![key(name, origin)]).map(|_| ())
}

/// Forgets failures that count no more; returns how many rows went.
///
/// # Errors
/// What the database answers.
pub fn prune(tx: &mut Transaction<'_>, now: Timestamp) -> Result<u64, StoreError> {
    tx.execute(PRUNE, params![now.checked_sub(REMEMBERED).unwrap_or(Timestamp::MIN)])
}

/// Neither names nor networks are stored: people type passwords where names belong.
fn key(name: &str, origin: &str) -> String {
    secret::hash(&format!("{name}\0{origin}"))
}

fn wait_after(failures: i64) -> Option<SignedDuration> {
    if failures < FREE_FAILURES {
        return None;
    }
    let doublings = u32::try_from(failures.saturating_sub(FREE_FAILURES)).unwrap_or(u32::MAX);
    let factor = 2_i32.checked_pow(doublings).unwrap_or(i32::MAX);
    Some(FIRST_WAIT.checked_mul(factor).unwrap_or(WAIT_MAX).min(WAIT_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_begin_after_five_failures_double_and_end_at_a_quarter_of_an_hour() {
        let seconds = |failures| wait_after(failures).map(|wait| wait.as_secs());
        assert_eq!([1, 4].map(seconds), [None, None]);
        assert_eq!([5, 6, 7, 9, 10].map(seconds), [Some(30), Some(60), Some(120), Some(480), Some(900)]);
        assert_eq!([40, i64::MAX].map(seconds), [Some(900), Some(900)]);
    }
}
