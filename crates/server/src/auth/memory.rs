//! What admission may remember between requests, so that most need no reading of the database before their own.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use jiff::Timestamp;
use quick_cache::sync::Cache;
use store::{DatabaseUrl, FundId};

use super::caller::Caller;
use super::secret::Secret;
use super::subject::Subject;

/// Records whose fund is remembered.
const SUBJECTS_MAX: usize = 10_000;
/// Credentials that are remembered; all are forgotten when there are more.
const CREDENTIALS_MAX: usize = 10_000;

/// Facts about records and credentials that earlier requests have settled.
pub(crate) struct Memory {
    /// The fund a record belongs to: that never changes, on any replica.
    funds: Cache<Subject, FundId>,
    /// Accepted credentials. None where another process can revoke one behind our back: a PostgreSQL database has several,
    /// a SQLite file has one.
    credentials: Option<RwLock<Credentials>>,
}

#[derive(Default)]
struct Credentials {
    /// Raised by every revocation: what was read before one is not remembered after it.
    generation: u64,
    accepted: HashMap<Secret, Accepted>,
}

#[derive(Clone)]
struct Accepted {
    caller: Caller,
    expires_at: Option<Timestamp>,
}

/// Proof that no credential was revoked since it was taken.
#[derive(Clone, Copy)]
pub(crate) struct Generation(u64);

impl Memory {
    pub(crate) fn new(database: &DatabaseUrl) -> Self {
        let credentials = match database {
            DatabaseUrl::Sqlite(_) => Some(RwLock::default()),
            DatabaseUrl::Postgres(_) => None,
        };
        Self { funds: Cache::new(SUBJECTS_MAX), credentials }
    }

    /// The fund of a record, if it is known.
    pub(crate) fn fund_of(&self, subject: &Subject) -> Option<FundId> {
        self.funds.get(subject)
    }

    pub(crate) fn remember_fund(&self, subject: Subject, fund: FundId) {
        self.funds.insert(subject, fund);
    }

    /// The caller of a credential, if it is known and good at `now`.
    pub(crate) fn caller_of(&self, credential: &Secret, now: Timestamp) -> Option<Caller> {
        let credentials = self.credentials.as_ref()?.read().unwrap_or_else(PoisonError::into_inner);
        let accepted = credentials.accepted.get(credential)?;
        accepted.expires_at.is_none_or(|expires_at| now < expires_at).then(|| accepted.caller.clone())
    }

    /// To be taken before a credential is looked up.
    pub(crate) fn generation(&self) -> Generation {
        let lock = self.credentials.as_ref().map(|lock| lock.read().unwrap_or_else(PoisonError::into_inner));
        Generation(lock.map_or(0, |credentials| credentials.generation))
    }

    /// Remembers a credential that was looked up, unless one was revoked meanwhile.
    pub(crate) fn remember_caller(
        &self,
        credential: Secret,
        caller: Caller,
        expires_at: Option<Timestamp>,
        looked_up: Generation,
    ) {
        let Some(lock) = &self.credentials else { return };
        let mut credentials = lock.write().unwrap_or_else(PoisonError::into_inner);
        if credentials.generation != looked_up.0 {
            return;
        }
        if credentials.accepted.len() >= CREDENTIALS_MAX {
            credentials.accepted.clear();
        }
        credentials.accepted.insert(credential, Accepted { caller, expires_at });
    }

    /// To be called once a revocation is stored.
    pub(crate) fn forget_callers(&self) {
        if let Some(lock) = &self.credentials {
            let mut credentials = lock.write().unwrap_or_else(PoisonError::into_inner);
            credentials.generation = credentials.generation.wrapping_add(1);
            credentials.accepted.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite() -> Memory {
        Memory::new(&"sqlite:x.db".parse().unwrap())
    }

    #[test]
    fn a_credential_is_known_until_it_expires_or_one_is_revoked() {
        let (memory, secret, expiry) = (sqlite(), Secret::new("s"), Timestamp::from_second(100).unwrap());
        assert!(memory.caller_of(&secret, Timestamp::UNIX_EPOCH).is_none());
        memory.remember_caller(secret, Caller::administrator(), Some(expiry), memory.generation());
        assert!(memory.caller_of(&secret, Timestamp::from_second(99).unwrap()).is_some());
        assert!(memory.caller_of(&secret, expiry).is_none());
        memory.forget_callers();
        assert!(memory.caller_of(&secret, Timestamp::UNIX_EPOCH).is_none());
    }

    #[test]
    fn what_was_looked_up_before_a_revocation_is_not_remembered_after_it() {
        let (memory, secret) = (sqlite(), Secret::new("s"));
        let before = memory.generation();
        memory.forget_callers();
        memory.remember_caller(secret, Caller::administrator(), None, before);
        assert!(memory.caller_of(&secret, Timestamp::UNIX_EPOCH).is_none());
    }

    #[test]
    fn with_several_processes_no_credential_is_remembered() {
        let memory = Memory::new(&"postgres://localhost/x".parse().unwrap());
        let secret = Secret::new("s");
        memory.remember_caller(secret, Caller::administrator(), None, memory.generation());
        assert!(memory.caller_of(&secret, Timestamp::UNIX_EPOCH).is_none());
    }
}
