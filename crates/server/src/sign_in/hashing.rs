//! Argon2id on threads that may block, so many at once that neither memory nor processors run out.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::password::Password;
use crate::error::ApiError;

/// Memory of one hash, passes over it, and lanes: the first choice of OWASP's
/// [Password Storage Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id)
/// for Argon2id, "a minimum configuration of 19 MiB of memory, an iteration count of 2, and 1 degree of parallelism".
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Compared with where there is no hash, so that nobody learns from the time whose password is wrong and who is unknown. The
/// hash of no password that anybody knows.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bG90d2lzZS1ub2JvZHk$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// Hashes made at once: 76 MiB.
const AT_ONCE_MAX: usize = 4;
/// Requests that wait for theirs or have it made; more are told to come back.
const WAITING_MAX: usize = 64;

/// Makes and compares hashes of passwords.
pub(crate) struct Hashing {
    waiting: Semaphore,
    at_once: Arc<Semaphore>,
}

impl Hashing {
    pub(crate) fn new() -> Self {
        Self { waiting: Semaphore::new(WAITING_MAX), at_once: Arc::new(Semaphore::new(AT_ONCE_MAX)) }
    }

    /// A place among those who wait. To be taken before an attempt is counted: whoever is told to come back has not tried.
    ///
    /// # Errors
    /// 503 `overloaded` where too many wait.
    pub(crate) fn place(&self) -> Result<Place<'_>, ApiError> {
        let waiting = self.waiting.try_acquire().map_err(|_| ApiError::Overloaded)?;
        Ok(Place { at_once: &self.at_once, _waiting: waiting })
    }
}

/// A place among those who wait for a hash, or have one made.
pub(crate) struct Place<'h> {
    at_once: &'h Arc<Semaphore>,
    _waiting: SemaphorePermit<'h>,
}

impl Place<'_> {
    /// The hash of a password, as a PHC string.
    ///
    /// # Errors
    /// `Internal` without random bytes.
    pub(crate) async fn hash(self, password: Password) -> Result<String, ApiError> {
        self.blocking(move || hash(&password)).await?
    }

    /// Whether a password is the one of a stored hash; takes as long without one.
    ///
    /// # Errors
    /// `Internal` for a stored hash that is none.
    pub(crate) async fn matches(self, password: Password, stored: Option<String>) -> Result<bool, ApiError> {
        self.blocking(move || {
            let parsed = PasswordHash::new(stored.as_deref().unwrap_or(NOBODYS))
                .map_err(|error| ApiError::Internal(format!("a stored password hash cannot be read: {error}")))?;
            let matches = Argon2::default().verify_password(password.bytes(), &parsed).is_ok();
            Ok(matches && stored.is_some())
        })
        .await?
    }

    /// Runs work of some milliseconds on its own thread, where there is one of the permits.
    ///
    /// # Errors
    /// `Internal` if it panics.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        // Moved to the thread: a request that is given up leaves its hash running.
        let permit = Arc::clone(self.at_once).acquire_owned().await.map_err(|_| ApiError::Overloaded)?;
        let running = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        running.await.map_err(|error| ApiError::Internal(format!("hashing a password broke off: {error}")))
    }
}

fn hash(password: &Password) -> Result<String, ApiError> {
    let broken = |error: &dyn std::fmt::Display| ApiError::Internal(format!("a password cannot be hashed: {error}"));
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| broken(&error))?;
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    hasher.hash_password(password.bytes()).map(|hash| hash.to_string()).map_err(|error| broken(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text).unwrap()
    }

    #[tokio::test]
    async fn a_hash_knows_its_password_and_no_other() {
        let hashing = Hashing::new();
        let hash = hashing.place().unwrap().hash(password("tidal marmot grief ledger")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(
            hash,
            hashing.place().unwrap().hash(password("tidal marmot grief ledger")).await.unwrap(),
            "each has its salt"
        );
        assert!(
            hashing.place().unwrap().matches(password("tidal marmot grief ledger"), Some(hash.clone())).await.unwrap()
        );
        assert!(!hashing.place().unwrap().matches(password("tidal marmot grief ledgers"), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn without_a_hash_nothing_matches_at_the_same_cost() {
        let hashing = Hashing::new();
        assert!(!hashing.place().unwrap().matches(password("tidal marmot grief ledger"), None).await.unwrap());
        let made = hashing.place().unwrap().hash(password("tidal marmot grief ledger")).await.unwrap();
        let cost = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(cost(NOBODYS), cost(&made));
        assert_eq!(PasswordHash::new(NOBODYS).unwrap().hash.unwrap().len(), Params::DEFAULT_OUTPUT_LEN);
    }

    #[tokio::test]
    async fn a_flood_waits_in_a_bounded_queue() {
        let hashing = Hashing::new();
        let _all = hashing.waiting.try_acquire_many(u32::try_from(WAITING_MAX).unwrap()).unwrap();
        assert!(matches!(hashing.place(), Err(ApiError::Overloaded)));
    }
}
