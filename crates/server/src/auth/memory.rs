//! What admission may remember between requests, so that most need no reading of the database before their own.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;
use quick_cache::sync::Cache;
use store::{DatabaseUrl, FundId};

use super::caller::Caller;
use super::secret::Secret;
use super::subject::Subject;

/// Records whose fund is remembered.
const SUBJECTS_MAX: usize = 10_000;
/// Credentials that are remembered; all are forgotten when there are more.
pub(crate) const CREDENTIALS_MAX: usize = 10_000;

/// Facts about records and credentials that earlier requests have settled.
pub(crate) struct Memory {
    /// The fund a record belongs to: that never changes, on any replica.
    funds: Cache<Subject, FundId>,
    credentials: RwLock<Credentials>,
    /// Whether no other process can revoke a credential behind our back: a SQLite file has one, a PostgreSQL database several.
    is_alone: bool,
}

#[derive(Default)]
struct Credentials {
    /// Raised by every revocation: what was read before one is not remembered after it.
    generation: u64,
    /// What is good without asking the database; empty where this process is not alone.
    accepted: HashMap<Secret, Accepted>,
    /// What was good when the database was last asked, for the time when it does not answer.
    last_known: HashMap<Secret, Accepted>,
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
        let is_alone = matches!(database, DatabaseUrl::Sqlite(_));
        Self { funds: Cache::new(SUBJECTS_MAX), credentials: RwLock::default(), is_alone }
    }

    /// The fund of a record, if it is known.
    pub(crate) fn fund_of(&self, subject: &Subject) -> Option<FundId> {
        self.funds.get(subject)
    }

    pub(crate) fn remember_fund(&self, subject: Subject, fund: FundId) {
        self.funds.insert(subject, fund);
    }

    fn credentials(&self) -> RwLockReadGuard<'_, Credentials> {
        self.credentials.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn credentials_mut(&self) -> RwLockWriteGuard<'_, Credentials> {
        self.credentials.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The caller of a credential, if it is known and good at `now`.
    pub(crate) fn caller_of(&self, credential: &Secret, now: Timestamp) -> Option<Caller> {
        if self.is_alone { good_at(now, self.credentials().accepted.get(credential)) } else { None }
    }

    /// The caller of a credential that was good when the database was last asked, and has not expired by `now`. Another
    /// process may have revoked it since: this is for the time when the database does not answer.
    pub(crate) fn last_known_caller_of(&self, credential: &Secret, now: Timestamp) -> Option<Caller> {
        good_at(now, self.credentials().last_known.get(credential))
    }

    /// To be taken before a credential is looked up.
    pub(crate) fn generation(&self) -> Generation {
        Generation(self.credentials().generation)
    }

    /// Remembers a credential that was looked up, unless one was revoked meanwhile.
    pub(crate) fn remember_caller(
        &self,
        credential: Secret,
        caller: Caller,
        expires_at: Option<Timestamp>,
        looked_up: Generation,
    ) {
        if !self.is_alone && self.credentials().last_known.contains_key(&credential) {
            // So it is for nearly every request: they do not wait for each other.
            return;
        }
        let mut credentials = self.credentials_mut();
        if credentials.generation != looked_up.0 {
            return;
        }
        let accepted = Accepted { caller, expires_at };
        if credentials.last_known.len() < CREDENTIALS_MAX {
            // What was read of all of them may be good for longer than until the next look.
            credentials.last_known.entry(credential).or_insert_with(|| accepted.clone());
        }
        if self.is_alone {
            if credentials.accepted.len() >= CREDENTIALS_MAX {
                credentials.accepted.clear();
            }
            credentials.accepted.insert(credential, accepted);
        }
    }

    /// Takes over which credentials are good, each with when it expires, unless one was revoked since they were looked up.
    pub(crate) fn learn_callers(
        &self,
        good: impl Iterator<Item = (Secret, Caller, Option<Timestamp>)>,
        looked_up: Generation,
    ) {
        let known = good.map(|(credential, caller, expires_at)| (credential, Accepted { caller, expires_at }));
        let known: HashMap<_, _> = known.take(CREDENTIALS_MAX).collect();
        let mut credentials = self.credentials_mut();
        if credentials.generation == looked_up.0 {
            credentials.last_known = known;
        }
    }

    /// To be called where the database does not know a credential, which another process may have revoked.
    pub(crate) fn forget_caller(&self, credential: &Secret) {
        if self.credentials().last_known.contains_key(credential) {
            self.credentials_mut().last_known.remove(credential);
        }
    }

    /// To be called once a revocation is stored.
    pub(crate) fn forget_callers(&self) {
        let mut credentials = self.credentials_mut();
        credentials.generation = credentials.generation.wrapping_add(1);
        credentials.accepted.clear();
        credentials.last_known.clear();
    }
}

fn good_at(now: Timestamp, known: Option<&Accepted>) -> Option<Caller> {
    known.filter(|known| known.expires_at.is_none_or(|expires_at| now < expires_at)).map(|known| known.caller.clone())
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
    fn with_several_processes_no_credential_is_good_without_asking_but_the_last_answer_is_kept_for_an_outage() {
        let memory = Memory::new(&"postgres://localhost/x".parse().unwrap());
        let (secret, other, expiry) = (Secret::new("s"), Secret::new("t"), Timestamp::from_second(100).unwrap());
        memory.remember_caller(secret, Caller::administrator(), Some(expiry), memory.generation());
        assert!(memory.caller_of(&secret, Timestamp::UNIX_EPOCH).is_none());
        assert!(memory.last_known_caller_of(&secret, Timestamp::UNIX_EPOCH).is_some());
        assert!(memory.last_known_caller_of(&secret, expiry).is_none());

        memory.learn_callers([(other, Caller::administrator(), None)].into_iter(), memory.generation());
        assert!(memory.last_known_caller_of(&secret, Timestamp::UNIX_EPOCH).is_none(), "the database has it no more");
        assert!(memory.last_known_caller_of(&other, expiry).is_some());
        memory.forget_caller(&other);
        assert!(memory.last_known_caller_of(&other, expiry).is_none(), "the database does not know it any more");
    }

    #[test]
    fn a_revocation_takes_what_was_last_known_along_and_what_was_read_before_it() {
        let (memory, secret) = (sqlite(), Secret::new("s"));
        let before = memory.generation();
        memory.remember_caller(secret, Caller::administrator(), None, before);
        memory.forget_callers();
        assert!(memory.last_known_caller_of(&secret, Timestamp::UNIX_EPOCH).is_none());
        memory.learn_callers([(secret, Caller::administrator(), None)].into_iter(), before);
        assert!(memory.last_known_caller_of(&secret, Timestamp::UNIX_EPOCH).is_none());
    }
}
