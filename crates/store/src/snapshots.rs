//! Snapshots: every lens of a fund as of a date, from what was known at an instant. A job calculates each; its status
//! only moves forward: pending → calculating → complete or error. One in error can be retried, and is pending again.

use std::time::Duration;

use jiff::{Timestamp, civil::Date};

use crate::{
    FundId, Listing, Page, SnapshotId, StoreError, Transaction, clock_floor, funds,
    jobs::{self, Fate, Lease, Progress},
    row::{Row, params},
    snapshot_results,
    statements::statements,
    words::words,
};

/// The kind of the jobs that calculate snapshots; their subject is the snapshot's id.
pub const JOB_KIND: &str = "snapshot";

words! {
    /// Where a snapshot stands.
    SnapshotStatus {
        /// Waiting for a worker.
        Pending = "pending",
        /// A worker is at it.
        Calculating = "calculating",
        /// The result is stored.
        Complete = "complete",
        /// It failed for good; `error` says why.
        Error = "error",
    }
}

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its id.
    pub id: SnapshotId,
    /// Its fund.
    pub fund_id: FundId,
    /// Its name.
    pub name: String,
    /// The date it shows.
    pub as_of: Date,
    /// It is calculated from what was recorded up to this instant.
    pub known_at: Timestamp,
    /// Where it stands.
    pub status: SnapshotStatus,
    /// How far its calculation has come.
    pub progress: Progress,
    /// Hash of its inputs, as `sha256:…`; none before it is complete.
    pub inputs_hash: Option<String>,
    /// The engine that calculated it; none before it is complete.
    pub engine_version: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// True when the result was there already from the same inputs.
    pub cached: bool,
    /// Raised by every rename; from 1.
    pub version: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What is needed to create a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSnapshot {
    /// A new UUID v7, from [`crate::ids::uuid_v7`].
    pub id: SnapshotId,
    /// Its fund.
    pub fund_id: FundId,
    /// Its name.
    pub name: String,
    /// The date it shows.
    pub as_of: Date,
    /// What was recorded up to this instant counts; none for everything up to now.
    pub known_at: Option<Timestamp>,
}

/// What a worker brings back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Hash of the inputs.
    pub inputs_hash: String,
    /// The engine that calculated.
    pub engine_version: String,
    /// The result document; none when it was found in the cache.
    pub result: Option<String>,
    /// How many companies were calculated.
    pub total: i64,
}

macro_rules! columns {
    () => {
        "id, fund_id, name, as_of, known_at, status, progress_current, progress_total, inputs_hash, engine_version, \
         error, cached, version, created_at, updated_at"
    };
}

statements! { "snapshots";
    INSERT = concat!("INSERT INTO snapshots (", columns!(), ") VALUES ($1, $2, $3, $4, $5, 'pending', 0, 0, NULL, NULL, \
        NULL, 0, 1, $6, $7) RETURNING ", columns!());
    GET = concat!("SELECT ", columns!(), " FROM snapshots WHERE id = $1");
    LIST = concat!("SELECT ", columns!(), " FROM snapshots WHERE fund_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    LIST_BY_STATUS = concat!("SELECT ", columns!(), " FROM snapshots WHERE fund_id = $1 AND status = $2 AND id < $3 \
        ORDER BY id DESC LIMIT $4");
    RENAME = concat!("UPDATE snapshots SET name = $1, version = version + 1, updated_at = $2 \
        WHERE id = $3 AND version = $4 RETURNING ", columns!());
    DELETE = "DELETE FROM snapshots WHERE id = $1";
    START = concat!("UPDATE snapshots SET status = 'calculating', updated_at = $1 \
        WHERE id = $2 AND status IN ('pending', 'calculating') RETURNING ", columns!());
    PROGRESS = "UPDATE snapshots SET progress_current = $1, progress_total = $2, updated_at = $3 \
        WHERE id = $4 AND status = 'calculating'";
    COMPLETE = concat!("UPDATE snapshots SET status = 'complete', progress_current = $1, progress_total = $2, \
        inputs_hash = $3, engine_version = $4, cached = $5, updated_at = $6 \
        WHERE id = $7 AND status = 'calculating' RETURNING ", columns!());
    FAIL = "UPDATE snapshots SET status = 'error', error = $1, updated_at = $2 \
        WHERE id = $3 AND status IN ('pending', 'calculating')";
    RETRY = concat!("UPDATE snapshots SET status = 'pending', error = NULL, progress_current = 0, progress_total = 0, \
        updated_at = $1 WHERE id = $2 AND status = 'error' RETURNING ", columns!());
}

/// Comes after every UUID in the order of text.
const AFTER_EVERY_ID: &str = "~";

/// Creates a pending snapshot and enqueues its job, both or neither.
///
/// # Errors
/// `NotFound` without the fund.
pub fn create(tx: &mut Transaction<'_>, new: &NewSnapshot, now: Timestamp) -> Result<Snapshot, StoreError> {
    let recorded_at = clock_floor::next(tx, now)?;
    funds::get(tx, new.fund_id)?;
    let known_at = new.known_at.unwrap_or(recorded_at);
    let row = tx.one(INSERT, params![new.id, new.fund_id, &new.name, new.as_of, known_at, now, now])?;
    jobs::enqueue(tx, JOB_KIND, &new.id.to_string(), now)?;
    snapshot(&row)
}

/// Reads a snapshot of any fund: the caller decides whether its fund may be seen.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut Transaction<'_>, id: SnapshotId) -> Result<Snapshot, StoreError> {
    match tx.row(GET, params![id])? {
        Some(row) => snapshot(&row),
        None => Err(StoreError::not_found("snapshot", &id)),
    }
}

/// The result document of a snapshot; none before it is complete.
///
/// # Errors
/// What the database answers.
pub fn result(tx: &mut Transaction<'_>, snapshot: &Snapshot) -> Result<Option<String>, StoreError> {
    match (&snapshot.inputs_hash, &snapshot.engine_version) {
        (Some(hash), Some(engine)) => snapshot_results::get(tx, hash, engine),
        _ => Ok(None),
    }
}

/// Lists a fund's snapshots, the newest first, those of one status when it is given.
///
/// # Errors
/// What the database answers.
pub fn list(
    tx: &mut Transaction<'_>,
    fund_id: FundId,
    status: Option<SnapshotStatus>,
    page: &Page,
) -> Result<Listing<Snapshot>, StoreError> {
    let before = page.after.as_ref().map_or(AFTER_EVERY_ID, |cursor| cursor.key());
    let snapshots = match status {
        None => tx.list(LIST, params![fund_id, before, page.fetch()], snapshot)?,
        Some(status) => tx.list(LIST_BY_STATUS, params![fund_id, status.as_str(), before, page.fetch()], snapshot)?,
    };
    Ok(Listing::cut(snapshots, page, |snapshot| snapshot.id.to_string()))
}

/// Renames a snapshot that still has `version`.
///
/// # Errors
/// `NotFound`; `VersionConflict`.
pub fn rename(
    tx: &mut Transaction<'_>,
    id: SnapshotId,
    version: i64,
    name: &str,
    now: Timestamp,
) -> Result<Snapshot, StoreError> {
    match tx.row(RENAME, params![name, now, id, version])? {
        Some(row) => snapshot(&row),
        None => Err(StoreError::VersionConflict { current: get(tx, id)?.version }),
    }
}

/// Deletes a snapshot and its job, if it is of the version that is wanted. Its result stays in the cache; the audit log keeps
/// the trace.
///
/// # Errors
/// `NotFound`; `VersionConflict`.
pub fn delete(tx: &mut Transaction<'_>, id: SnapshotId, wanted: Option<i64>) -> Result<(), StoreError> {
    if let Some(version) = wanted {
        let current = get(tx, id)?.version;
        if current != version {
            return Err(StoreError::VersionConflict { current });
        }
    }
    if tx.execute(DELETE, params![id])? == 0 {
        return Err(StoreError::not_found("snapshot", &id));
    }
    jobs::cancel(tx, JOB_KIND, &id.to_string())
}

/// Puts a snapshot in error back to pending, with a job that has all its attempts again.
///
/// # Errors
/// `NotFound`; `WrongState` when it is not in error.
pub fn retry(tx: &mut Transaction<'_>, id: SnapshotId, now: Timestamp) -> Result<Snapshot, StoreError> {
    let Some(row) = tx.row(RETRY, params![now, id])? else {
        let state = get(tx, id)?.status.to_string();
        let hint = "only one in error can be retried";
        return Err(StoreError::WrongState { what: "snapshot", id: id.to_string(), state, hint });
    };
    let subject = id.to_string();
    if !jobs::revive(tx, JOB_KIND, &subject, now)? {
        jobs::enqueue(tx, JOB_KIND, &subject, now)?;
    }
    snapshot(&row)
}

/// Claims the snapshot that has waited longest and says that it is being calculated; none when none waits.
///
/// # Errors
/// What the database answers.
pub fn claim(
    tx: &mut Transaction<'_>,
    worker: &str,
    lease: Duration,
    now: Timestamp,
) -> Result<Option<(Lease, Snapshot)>, StoreError> {
    while let Some(lease) = jobs::claim(tx, JOB_KIND, worker, lease, now)? {
        let id: SnapshotId = subject(&lease.subject)?;
        match tx.row(START, params![now, id])? {
            Some(row) => return Ok(Some((lease, snapshot(&row)?))),
            // A job without a snapshot to calculate has nothing to do.
            None => jobs::finish(tx, &lease)?,
        }
    }
    Ok(None)
}

/// Renews a worker's lease and stores how far it has come.
///
/// # Errors
/// `LeaseLost`: the worker must stop.
pub fn progress(
    tx: &mut Transaction<'_>,
    lease: &Lease,
    progress: Progress,
    length: Duration,
    now: Timestamp,
) -> Result<(), StoreError> {
    jobs::renew(tx, lease, progress, length, now)?;
    let id: SnapshotId = subject(&lease.subject)?;
    tx.execute(PROGRESS, params![progress.current, progress.total, now, id]).map(|_| ())
}

/// Stores a worker's result and ends its job, both or neither.
///
/// # Errors
/// `LeaseLost` when another worker has the snapshot: nothing is stored.
pub fn complete(
    tx: &mut Transaction<'_>,
    lease: &Lease,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<Snapshot, StoreError> {
    jobs::finish(tx, lease)?;
    let id: SnapshotId = subject(&lease.subject)?;
    let (hash, engine) = (&outcome.inputs_hash, &outcome.engine_version);
    match &outcome.result {
        Some(result) => snapshot_results::put(tx, hash, engine, result, now)?,
        None if snapshot_results::exists(tx, hash, engine)? => {}
        None => return Err(StoreError::Internal(format!("the cache has no result for {hash} of engine {engine}"))),
    }
    let values = params![outcome.total, outcome.total, hash, engine, outcome.result.is_none(), now, id];
    match tx.row(COMPLETE, values)? {
        Some(row) => snapshot(&row),
        None => Err(StoreError::LeaseLost { job: lease.job_id.0, attempt: lease.attempt }),
    }
}

/// Records that an attempt failed: it is tried again after a pause, or, when `again` is false or it was tried often
/// enough, the snapshot is in error.
///
/// # Errors
/// `LeaseLost` when another worker has the snapshot.
pub fn fail(
    tx: &mut Transaction<'_>,
    lease: &Lease,
    error: &str,
    again: bool,
    now: Timestamp,
) -> Result<Fate, StoreError> {
    let fate = jobs::fail(tx, lease, error, again, now)?;
    if fate == Fate::Dead {
        tx.execute(FAIL, params![error, now, &lease.subject])?;
    }
    Ok(fate)
}

/// Gives snapshots whose worker stopped answering to other workers; those tried too often are in error. To be called
/// every second or so; returns how many there were.
///
/// # Errors
/// What the database answers.
pub fn requeue_expired(tx: &mut Transaction<'_>, limit: i64, now: Timestamp) -> Result<usize, StoreError> {
    let expired = jobs::requeue_expired(tx, limit, now)?;
    for job in &expired {
        if job.kind == JOB_KIND && job.fate == Fate::Dead {
            let error = "its calculation was begun several times and never finished; see the log, then retry it";
            tx.execute(FAIL, params![error, now, &job.subject])?;
        }
    }
    Ok(expired.len())
}

fn subject(subject: &str) -> Result<SnapshotId, StoreError> {
    subject.parse().map_err(|_| StoreError::Internal(format!("job for {subject:?}, which is no snapshot id")))
}

fn snapshot(row: &Row) -> Result<Snapshot, StoreError> {
    Ok(Snapshot {
        id: row.parsed(0)?,
        fund_id: FundId(row.integer(1)?),
        name: row.text(2)?,
        as_of: row.date(3)?,
        known_at: row.timestamp(4)?,
        status: row.parsed(5)?,
        progress: Progress { current: row.integer(6)?, total: row.integer(7)? },
        inputs_hash: row.optional_text(8)?,
        engine_version: row.optional_text(9)?,
        error: row.optional_text(10)?,
        cached: row.boolean(11)?,
        version: row.integer(12)?,
        created_at: row.timestamp(13)?,
        updated_at: row.timestamp(14)?,
    })
}
