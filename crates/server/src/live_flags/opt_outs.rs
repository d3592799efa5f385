//! Who turned a flag off for themselves. Requests only say it; a worker stores it, and counts who is new.

use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use tokio::sync::mpsc;

/// People and flags that are remembered, so that most requests tell the worker nothing.
const REMEMBERED_MAX: usize = 100_000;
/// Observations that wait for the worker; what comes beyond is said again by the next request.
const WAITING_MAX: usize = 1_000;
/// Somebody who switches to and fro counts once in this time: two browsers of one person must not look like a crowd.
const COUNTED_ONCE_IN: SignedDuration = SignedDuration::from_hours(1);

/// What a request says about somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Key of the flag.
    pub(crate) flag: &'static str,
    /// Who.
    pub(crate) targeting_key: String,
    /// Whether they want out.
    pub(crate) opted_out: bool,
    /// When.
    pub(crate) at: Timestamp,
}

/// What was seen, and the worker's end of the line.
pub(crate) struct OptOuts {
    remembered: Cache<(&'static str, String), bool>,
    counted: Cache<(&'static str, String), Timestamp>,
    told: mpsc::Sender<Seen>,
    /// Taken by the worker when it starts.
    line: std::sync::Mutex<Option<mpsc::Receiver<Seen>>>,
}

impl OptOuts {
    pub(crate) fn new() -> Self {
        let (told, line) = mpsc::channel(WAITING_MAX);
        Self {
            remembered: Cache::new(REMEMBERED_MAX),
            counted: Cache::new(REMEMBERED_MAX),
            told,
            line: std::sync::Mutex::new(Some(line)),
        }
    }

    /// Notes what a request says, if it is news. Never waits.
    pub(crate) fn see(&self, seen: Seen) {
        let person = (seen.flag, seen.targeting_key.clone());
        if self.remembered.get(&person) == Some(seen.opted_out) {
            return;
        }
        let opted_out = seen.opted_out;
        if self.told.try_send(seen).is_ok() {
            self.remembered.insert(person, opted_out);
        }
    }

    /// Whether an opt-out that was stored is to be counted.
    pub(crate) fn counts(&self, seen: &Seen) -> bool {
        let person = (seen.flag, seen.targeting_key.clone());
        let again = self.counted.get(&person).is_some_and(|last| seen.at.duration_since(last) < COUNTED_ONCE_IN);
        if !again {
            self.counted.insert(person, seen.at);
        }
        !again
    }

    /// Forgets what was seen of somebody, so that the next request says it again.
    pub(crate) fn forget(&self, seen: &Seen) {
        self.remembered.remove(&(seen.flag, seen.targeting_key.clone()));
    }

    /// The worker's end; none the second time.
    pub(crate) fn line(&self) -> Option<mpsc::Receiver<Seen>> {
        self.line.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(opted_out: bool, minute: i64) -> Seen {
        let at = Timestamp::from_second(minute * 60).unwrap();
        Seen { flag: "enableLotLevelMoic", targeting_key: "person:1".to_owned(), opted_out, at }
    }

    #[test]
    fn only_news_is_told() {
        let opt_outs = OptOuts::new();
        let mut line = opt_outs.line().unwrap();
        for opted_out in [true, true, false, false, true] {
            opt_outs.see(seen(opted_out, 0));
        }
        let told: Vec<bool> = std::iter::from_fn(|| line.try_recv().ok()).map(|seen| seen.opted_out).collect();
        assert_eq!(told, [true, false, true]);
        assert!(opt_outs.line().is_none());
    }

    #[test]
    fn somebody_who_switches_to_and_fro_counts_once_an_hour() {
        let opt_outs = OptOuts::new();
        let counted: Vec<bool> = [0, 1, 59, 60, 61].map(|minute| opt_outs.counts(&seen(true, minute))).to_vec();
        assert_eq!(counted, [true, false, false, true, false]);
    }
}
