//! What can go wrong in the store, by what the caller can do about it.

use crate::Problem;

/// A failed read or write. Whatever the variant, nothing of the failed transaction is stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no such record, or it belongs to another fund.
    #[error("there is no {what} {id}")]
    NotFound {
        /// The kind of record, as in `lot`.
        what: &'static str,
        /// The id that was asked for.
        id: String,
    },
    /// The record was changed by somebody else since the caller read it.
    #[error("the record has version {current} now: read it again and repeat the change")]
    VersionConflict {
        /// The version that is stored now; 0 where nothing is stored yet.
        current: i64,
    },
    /// The values do not make a valid portfolio; every problem is listed, with paths into the request's body.
    #[error("{}", invalid_summary(.0))]
    Invalid(Vec<Problem>),
    /// The idempotency key was used before, for another request.
    #[error("this idempotency key was used with another body: send a new key for a new request")]
    IdempotencyKeyReused,
    /// The first request with this idempotency key is still running.
    #[error("the first request with this idempotency key is still running: try again in a moment")]
    IdempotencyInProgress,
    /// A constraint of the database refused the write.
    #[error("the database refuses the write by {constraint}: {message}")]
    Conflict {
        /// The constraint's name (PostgreSQL) or its columns (SQLite).
        constraint: String,
        /// The database's own words.
        message: String,
    },
    /// The record is in a state that does not allow the change.
    #[error("{what} {id} is {state}: {hint}")]
    WrongState {
        /// The kind of record.
        what: &'static str,
        /// Its id.
        id: String,
        /// The state it is in.
        state: String,
        /// What to do instead.
        hint: &'static str,
    },
    /// Another worker has taken the job over, so this one must stop and write nothing more.
    #[error("job {job} is no longer held by attempt {attempt}: another worker goes on with it")]
    LeaseLost {
        /// The job.
        job: i64,
        /// The attempt that lost it.
        attempt: i64,
    },
    /// The database cannot be reached or gave no answer in time. Worth trying again.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// The disk, or the space the database may use, is full.
    #[error("the database's disk is full: {0}; free some space, nothing was written")]
    Full(String),
    /// More requests wait than the store accepts, or a lock was not granted in time. Worth trying again.
    #[error("the database is overloaded: {0}")]
    Overloaded(String),
    /// The database cannot be used as it is: a newer or changed schema, a locked file, a wrong path.
    #[error("{0}")]
    Unusable(String),
    /// What is stored breaks a rule of this crate, or a statement is wrong: a defect, not the caller's fault.
    #[error("internal error of the store: {0}")]
    Internal(String),
}

impl StoreError {
    pub(crate) fn not_found(what: &'static str, id: &(impl ToString + ?Sized)) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    pub(crate) fn invalid(path: &str, value: &(impl ToString + ?Sized), message: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem::new(path, value.to_string(), message)])
    }
}

fn invalid_summary(problems: &[Problem]) -> String {
    match problems {
        [] => "the values are invalid".to_owned(),
        [only] => format!("{}: {} (value: {})", only.path, only.message, only.value),
        [first, rest @ ..] => {
            format!("{}: {} (value: {}), and {} more", first.path, first.message, first.value, rest.len())
        }
    }
}
