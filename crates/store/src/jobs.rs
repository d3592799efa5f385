//! Durable jobs. A job is enqueued in the transaction of the write it follows from. A worker claims it with a lease of at
//! most [`LEASE_MAX`] and renews it while it works; a job whose lease has run out goes to another worker. Its `attempt`
//! is the fencing token: every write for a job is refused unless it comes from the attempt that holds it.
//!
//! A finished job is removed, so claiming costs the same however many there were. A job that failed for good stays as a
//! dead letter.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    JobId, StoreError, Transaction,
    row::{Row, params},
    statements::statements,
};

/// The longest lease: a job of a killed worker goes on after this time at the latest.
pub const LEASE_MAX: Duration = Duration::from_secs(10);

/// How often a job is tried before it is a dead letter.
pub const ATTEMPTS_MAX: i64 = 5;

/// A worker's hold on a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job_id: JobId,
    /// Its kind, as in `snapshot`.
    pub kind: String,
    /// What it is about, as in a snapshot's id.
    pub subject: String,
    /// The fencing token: from 1, one more with every claim.
    pub attempt: i64,
    /// Until when it is held unless renewed.
    pub lease_until: Timestamp,
    /// When the job was enqueued.
    pub enqueued_at: Timestamp,
    /// How far an earlier attempt had come.
    pub progress: Progress,
}

/// How far a job has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Steps done.
    pub current: i64,
    /// Steps in all; 0 while unknown.
    pub total: i64,
}

/// What became of a job that failed or whose worker died.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is tried again, not before this instant.
    Requeued(Timestamp),
    /// It is a dead letter: it was tried often enough, or trying again is of no use.
    Dead,
}

/// A job that was taken from a worker whose lease had run out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// The job's kind.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// Whether it is tried again.
    pub fate: Fate,
}

/// Jobs of a kind by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Waiting for a worker.
    pub queued: i64,
    /// Held by a worker.
    pub running: i64,
    /// Given up.
    pub dead: i64,
}

macro_rules! lease {
    () => {
        "id, kind, subject, attempt, lease_until, created_at, progress_current, progress_total"
    };
}

statements! { "jobs";
    ENQUEUE = "INSERT INTO jobs (kind, subject, state, attempt, attempts_max, run_at, progress_current, \
        progress_total, created_at, updated_at) VALUES ($1, $2, 'queued', 0, $3, $4, 0, 0, $5, $6) \
        ON CONFLICT (kind, subject) DO NOTHING RETURNING id";
    NEXT = "SELECT id FROM jobs WHERE kind = $1 AND state = 'queued' AND run_at <= $2 ORDER BY run_at, id LIMIT $3";
    CLAIM = concat!("UPDATE jobs SET state = 'running', attempt = attempt + 1, worker = $1, lease_until = $2, \
        updated_at = $3 WHERE id = $4 AND state = 'queued' RETURNING ", lease!());
    RENEW = "UPDATE jobs SET lease_until = $1, progress_current = $2, progress_total = $3, updated_at = $4 \
        WHERE id = $5 AND attempt = $6 AND state = 'running'";
    FINISH = "DELETE FROM jobs WHERE id = $1 AND attempt = $2 AND state = 'running'";
    EXPIRED = "SELECT id, kind, subject, attempt, attempts_max FROM jobs WHERE state = 'running' \
        AND lease_until <= $1 ORDER BY lease_until LIMIT $2";
    HELD = "SELECT attempts_max FROM jobs WHERE id = $1 AND attempt = $2 AND state = 'running'";
    REQUEUE = "UPDATE jobs SET state = 'queued', run_at = $1, lease_until = NULL, worker = NULL, last_error = $2, \
        updated_at = $3 WHERE id = $4 AND attempt = $5 AND state = 'running'";
    BURY = "UPDATE jobs SET state = 'dead', lease_until = NULL, worker = NULL, last_error = $1, updated_at = $2 \
        WHERE id = $3 AND attempt = $4 AND state = 'running'";
    REVIVE = "UPDATE jobs SET state = 'queued', attempts_max = attempt + $1, run_at = $2, progress_current = 0, \
        updated_at = $3 WHERE kind = $4 AND subject = $5 AND state = 'dead'";
    CANCEL = "DELETE FROM jobs WHERE kind = $1 AND subject = $2";
    OLDEST = "SELECT created_at FROM jobs WHERE kind = $1 AND state <> 'dead' ORDER BY created_at LIMIT 1";
    DEPTH = "SELECT state, COUNT(*) FROM jobs WHERE kind = $1 GROUP BY state";
}

/// Candidates a claim looks at: other workers may take the first ones at the same instant.
const CANDIDATES: i64 = 8;

/// Enqueues a job. There is one job per kind and subject: enqueueing it again changes nothing.
///
/// # Errors
/// What the database answers.
pub fn enqueue(tx: &mut Transaction<'_>, kind: &str, subject: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.rows(ENQUEUE, params![kind, subject, ATTEMPTS_MAX, now, now, now]).map(|_| ())
}

/// Claims the job of `kind` that has waited longest, for `lease` (at most [`LEASE_MAX`]); none when none waits.
///
/// # Errors
/// What the database answers.
pub fn claim(
    tx: &mut Transaction<'_>,
    kind: &str,
    worker: &str,
    lease: Duration,
    now: Timestamp,
) -> Result<Option<Lease>, StoreError> {
    let until = lease_end(lease, now);
    for candidate in tx.rows(NEXT, params![kind, now, CANDIDATES])? {
        if let Some(row) = tx.row(CLAIM, params![worker, until, now, candidate.integer(0)?])? {
            return held(&row).map(Some);
        }
    }
    Ok(None)
}

/// Renews a lease and stores how far the job has come.
///
/// # Errors
/// `LeaseLost` when another attempt holds the job: the worker must stop.
pub fn renew(
    tx: &mut Transaction<'_>,
    lease: &Lease,
    progress: Progress,
    length: Duration,
    now: Timestamp,
) -> Result<(), StoreError> {
    let until = lease_end(length, now);
    let values = params![until, progress.current, progress.total, now, lease.job_id, lease.attempt];
    let changed = tx.execute(RENEW, values)?;
    fenced(lease, changed)
}

/// Removes a job that is done.
///
/// # Errors
/// `LeaseLost` when another attempt holds the job: nothing of the transaction may be stored.
pub fn finish(tx: &mut Transaction<'_>, lease: &Lease) -> Result<(), StoreError> {
    let changed = tx.execute(FINISH, params![lease.job_id, lease.attempt])?;
    fenced(lease, changed)
}

/// Gives a job back after `error`, to be tried again after a growing pause; as a dead letter when it was tried
/// [`ATTEMPTS_MAX`] times or `again` is false.
///
/// # Errors
/// `LeaseLost` when another attempt holds the job.
pub fn fail(
    tx: &mut Transaction<'_>,
    lease: &Lease,
    error: &str,
    again: bool,
    now: Timestamp,
) -> Result<Fate, StoreError> {
    let row = tx.row(HELD, params![lease.job_id, lease.attempt])?;
    let Some(attempts_max) = row.map(|row| row.integer(0)).transpose()? else { return Err(lost(lease)) };
    give_up(tx, lease.job_id, lease.attempt, if again { attempts_max } else { 0 }, error, pause(lease.attempt), now)
}

/// Takes jobs from workers whose lease has run out by `now`: they go on elsewhere at once, or are dead letters.
/// At most `limit` in one call.
///
/// # Errors
/// What the database answers.
pub fn requeue_expired(tx: &mut Transaction<'_>, limit: i64, now: Timestamp) -> Result<Vec<Expired>, StoreError> {
    const REASON: &str = "its worker stopped answering";
    let mut expired = Vec::new();
    for row in tx.rows(EXPIRED, params![now, limit])? {
        let (id, attempt, attempts_max) = (JobId(row.integer(0)?), row.integer(3)?, row.integer(4)?);
        match give_up(tx, id, attempt, attempts_max, REASON, Duration::ZERO, now) {
            Ok(fate) => expired.push(Expired { kind: row.text(1)?, subject: row.text(2)?, fate }),
            // Another replica was quicker.
            Err(StoreError::LeaseLost { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(expired)
}

/// Queues a dead letter again, with [`ATTEMPTS_MAX`] further attempts. False when there is no such dead letter.
///
/// # Errors
/// What the database answers.
pub fn revive(tx: &mut Transaction<'_>, kind: &str, subject: &str, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute(REVIVE, params![ATTEMPTS_MAX, now, now, kind, subject])? > 0)
}

/// Removes a job in whatever state; the worker that holds it loses its lease.
///
/// # Errors
/// What the database answers.
pub fn cancel(tx: &mut Transaction<'_>, kind: &str, subject: &str) -> Result<(), StoreError> {
    tx.execute(CANCEL, params![kind, subject]).map(|_| ())
}

/// What there is to do of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Backlog {
    /// Its jobs by state.
    pub depth: Depth,
    /// Seconds since the job that has waited or run longest was enqueued; 0 without jobs.
    pub oldest_age_seconds: f64,
}

/// What there is to do of a kind at `now`.
///
/// # Errors
/// What the database answers.
pub fn backlog(tx: &mut Transaction<'_>, kind: &str, now: Timestamp) -> Result<Backlog, StoreError> {
    let age = |since: Timestamp| now.duration_since(since).as_secs_f64().max(0.0);
    let oldest_age_seconds = oldest(tx, kind)?.map_or(0.0, age);
    Ok(Backlog { depth: depth(tx, kind)?, oldest_age_seconds })
}

/// When the job of a kind that has waited or run longest was enqueued; none without jobs.
fn oldest(tx: &mut Transaction<'_>, kind: &str) -> Result<Option<Timestamp>, StoreError> {
    tx.row(OLDEST, params![kind])?.map(|row| row.timestamp(0)).transpose()
}

/// How many jobs of a kind there are, by state.
///
/// # Errors
/// What the database answers.
pub fn depth(tx: &mut Transaction<'_>, kind: &str) -> Result<Depth, StoreError> {
    let mut depth = Depth::default();
    for row in tx.rows(DEPTH, params![kind])? {
        let count = row.integer(1)?;
        match row.str(0)? {
            "queued" => depth.queued = count,
            "running" => depth.running = count,
            _ => depth.dead = count,
        }
    }
    Ok(depth)
}

fn give_up(
    tx: &mut Transaction<'_>,
    id: JobId,
    attempt: i64,
    attempts_max: i64,
    error: &str,
    pause: Duration,
    now: Timestamp,
) -> Result<Fate, StoreError> {
    let (changed, fate) = if attempt >= attempts_max {
        (tx.execute(BURY, params![error, now, id, attempt])?, Fate::Dead)
    } else {
        let run_at = later(now, pause);
        (tx.execute(REQUEUE, params![run_at, error, now, id, attempt])?, Fate::Requeued(run_at))
    };
    if changed == 0 { Err(StoreError::LeaseLost { job: id.0, attempt }) } else { Ok(fate) }
}

/// One second, doubled with every attempt, at most a minute.
fn pause(attempt: i64) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(0).min(6);
    Duration::from_secs(1u64 << doublings).min(Duration::from_secs(60))
}

fn lease_end(length: Duration, now: Timestamp) -> Timestamp {
    later(now, length.min(LEASE_MAX))
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

fn fenced(lease: &Lease, changed: u64) -> Result<(), StoreError> {
    if changed == 0 { Err(lost(lease)) } else { Ok(()) }
}

fn lost(lease: &Lease) -> StoreError {
    StoreError::LeaseLost { job: lease.job_id.0, attempt: lease.attempt }
}

fn held(row: &Row) -> Result<Lease, StoreError> {
    Ok(Lease {
        job_id: JobId(row.integer(0)?),
        kind: row.text(1)?,
        subject: row.text(2)?,
        attempt: row.integer(3)?,
        lease_until: row.timestamp(4)?,
        enqueued_at: row.timestamp(5)?,
        progress: Progress { current: row.integer(6)?, total: row.integer(7)? },
    })
}
