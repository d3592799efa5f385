//! How often flags are asked for, counted in memory and now and then added to what is stored.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};

use jiff::Timestamp;
use store::flag_usage::VariantUsage;

/// The evaluations since the last flush. Counting one takes a shared lock and three atomic operations.
#[derive(Debug, Default)]
pub(crate) struct UsageCounts {
    flags: RwLock<HashMap<String, Vec<Counted>>>,
}

#[derive(Debug)]
struct Counted {
    variant: String,
    evaluations: AtomicI64,
    first_s: AtomicI64,
    last_s: AtomicI64,
}

impl UsageCounts {
    /// Counts an evaluation at `now_s` (seconds since the Unix epoch) that gave this variant, or none. Only for flags
    /// that exist: their number bounds the memory.
    pub(crate) fn note(&self, key: &str, variant: Option<&str>, now_s: i64) {
        let variant = variant.unwrap_or_default();
        let known = {
            let flags = self.flags.read().unwrap_or_else(PoisonError::into_inner);
            flags.get(key).is_some_and(|counts| counts.iter().any(|one| one.counts_as(variant, now_s)))
        };
        if !known {
            let mut flags = self.flags.write().unwrap_or_else(PoisonError::into_inner);
            let counts = flags.entry(key.to_owned()).or_default();
            if !counts.iter().any(|one| one.counts_as(variant, now_s)) {
                counts.push(Counted::first(variant, now_s));
            }
        }
    }

    /// Takes what was counted.
    pub(crate) fn drain(&self) -> Vec<VariantUsage> {
        let flags = std::mem::take(&mut *self.flags.write().unwrap_or_else(PoisonError::into_inner));
        let counted = flags.into_iter().flat_map(|(key, counts)| {
            counts.into_iter().map(move |one| VariantUsage {
                flag_key: key.clone(),
                variant: one.variant,
                first_at: instant(one.first_s.into_inner()),
                last_at: instant(one.last_s.into_inner()),
                evaluations: one.evaluations.into_inner(),
            })
        });
        counted.collect()
    }

    /// Puts back what could not be stored.
    pub(crate) fn put_back(&self, counted: Vec<VariantUsage>) {
        let mut flags = self.flags.write().unwrap_or_else(PoisonError::into_inner);
        for usage in counted {
            let counts = flags.entry(usage.flag_key).or_default();
            let (first_s, last_s) = (usage.first_at.as_second(), usage.last_at.as_second());
            match counts.iter().find(|one| one.variant == usage.variant) {
                Some(one) => {
                    one.evaluations.fetch_add(usage.evaluations, Ordering::Relaxed);
                    one.first_s.fetch_min(first_s, Ordering::Relaxed);
                    one.last_s.fetch_max(last_s, Ordering::Relaxed);
                }
                None => counts.push(Counted {
                    variant: usage.variant,
                    evaluations: AtomicI64::new(usage.evaluations),
                    first_s: AtomicI64::new(first_s),
                    last_s: AtomicI64::new(last_s),
                }),
            }
        }
    }
}

impl Counted {
    fn first(variant: &str, now_s: i64) -> Self {
        Self {
            variant: variant.to_owned(),
            evaluations: AtomicI64::new(1),
            first_s: AtomicI64::new(now_s),
            last_s: AtomicI64::new(now_s),
        }
    }

    /// Counts one more, if it is of this variant.
    fn counts_as(&self, variant: &str, now_s: i64) -> bool {
        let same = self.variant == variant;
        if same {
            self.evaluations.fetch_add(1, Ordering::Relaxed);
            self.last_s.fetch_max(now_s, Ordering::Relaxed);
        }
        same
    }
}

fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(counts: &UsageCounts) -> Vec<(String, String, i64, i64, i64)> {
        let mut drained = counts.drain();
        drained.sort_by(|a, b| (&a.flag_key, &a.variant).cmp(&(&b.flag_key, &b.variant)));
        let row = |one: VariantUsage| {
            (one.flag_key, one.variant, one.evaluations, one.first_at.as_second(), one.last_at.as_second())
        };
        drained.into_iter().map(row).collect()
    }

    #[test]
    fn evaluations_are_counted_by_flag_and_variant_until_they_are_taken() {
        let counts = UsageCounts::default();
        for (key, variant, at) in [("a", Some("on"), 10), ("a", Some("off"), 11), ("a", Some("on"), 12), ("b", None, 9)]
        {
            counts.note(key, variant, at);
        }
        let text = str::to_owned;
        let expected =
            [(text("a"), text("off"), 1, 11, 11), (text("a"), text("on"), 2, 10, 12), (text("b"), text(""), 1, 9, 9)];
        assert_eq!(counted(&counts), expected);
        assert_eq!(counted(&counts), []);
    }

    #[test]
    fn what_could_not_be_stored_is_counted_with_the_next() {
        let counts = UsageCounts::default();
        counts.note("a", Some("on"), 10);
        let taken = counts.drain();
        counts.note("a", Some("on"), 20);
        counts.put_back(taken);
        assert_eq!(counted(&counts), [("a".to_owned(), "on".to_owned(), 2, 10, 20)]);
    }
}
