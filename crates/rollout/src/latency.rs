//! How long requests took, as counts in buckets.

use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::statistics;

/// Seconds of the lowest bound.
const LOWEST_BOUND_S: f64 = 0.005;
/// Two steps of the bounds are this ratio: "20 % slower" is then a bound, too.
const RATIO_OF_TWO_STEPS: f64 = 1.2;
/// Seconds beyond which no bound lies.
const HIGHEST_BOUND_S: f64 = 60.0;
/// Seconds: the limits of the default policy, which must be bounds.
const LIMITS_S: [f64; 2] = [3.0, 10.0];

static BOUNDS: LazyLock<Arc<[f64]>> = LazyLock::new(|| {
    let steps = (0..).map(|step: i32| LOWEST_BOUND_S * RATIO_OF_TWO_STEPS.powf(f64::from(step) / 2.0));
    let mut bounds: Vec<f64> = steps.take_while(|bound| *bound <= HIGHEST_BOUND_S).chain(LIMITS_S).collect();
    bounds.sort_by(f64::total_cmp);
    bounds.into()
});

/// The bounds of the service's own buckets, in seconds, rising: `0.005·1.2^(j/2)` up to 60, and 3 and 10.
#[must_use]
pub fn bounds() -> Arc<[f64]> {
    Arc::clone(&BOUNDS)
}

/// Requests by how long they took.
#[derive(Debug, Clone, PartialEq)]
pub struct Latencies {
    bounds: Arc<[f64]>,
    /// One more than bounds: the last counts what took longer than the last bound.
    counts: Vec<u64>,
}

impl Latencies {
    /// No requests yet, in buckets with these rising bounds.
    #[must_use]
    pub fn empty(bounds: Arc<[f64]>) -> Self {
        let counts = vec![0; bounds.len() + 1];
        Self { bounds, counts }
    }

    /// Counts by bucket: one more than there are bounds. None where that is not so, or the bounds do not rise.
    #[must_use]
    pub fn new(bounds: Arc<[f64]>, counts: Vec<u64>) -> Option<Self> {
        let rises = bounds.windows(2).all(|pair| matches!(pair, [low, high] if low < high));
        (rises && counts.len() == bounds.len() + 1).then_some(Self { bounds, counts })
    }

    /// The bounds, in seconds.
    #[must_use]
    pub fn bounds(&self) -> &Arc<[f64]> {
        &self.bounds
    }

    /// Requests by bucket, those beyond the last bound last.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Counts a request of so many seconds.
    pub fn note(&mut self, seconds: f64) {
        let bucket = self.bounds.partition_point(|bound| *bound < seconds);
        if let Some(count) = self.counts.get_mut(bucket) {
            *count = count.saturating_add(1);
        }
    }

    /// Adds what others counted in the same buckets. False, and nothing happens, where the buckets differ.
    pub fn add(&mut self, others: &Self) -> bool {
        self.combine(others, u64::saturating_add)
    }

    /// Takes away what was added before.
    pub(crate) fn subtract(&mut self, others: &Self) {
        self.combine(others, u64::saturating_sub);
    }

    fn combine(&mut self, others: &Self, with: fn(u64, u64) -> u64) -> bool {
        if !Arc::ptr_eq(&self.bounds, &others.bounds) && self.bounds != others.bounds {
            return false;
        }
        for (count, other) in self.counts.iter_mut().zip(&others.counts) {
            *count = with(*count, *other);
        }
        true
    }

    /// How many requests there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        sum(&self.counts)
    }

    /// How many took longer than a bound; none where it is no bound of these buckets.
    #[must_use]
    pub fn beyond(&self, bound_s: f64) -> Option<u64> {
        let position = statistics::at_or_above(&self.bounds, bound_s)?;
        let is_bound = statistics::at_or_above(&[bound_s], *self.bounds.get(position)?).is_some();
        is_bound.then(|| sum(self.counts.get(position + 1..).unwrap_or_default()))
    }

    /// The quantile `q` in seconds, linear within its bucket; none without requests.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        statistics::interpolated(&self.bounds, &self.counts, q)
    }
}

fn sum(counts: &[u64]) -> u64 {
    counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
}

/// Bounds that are not the service's own are written out; counts only where they are not 0.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sparse {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bounds: Option<Vec<f64>>,
    counts: Vec<(usize, u64)>,
}

impl Serialize for Latencies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bounds = (*self.bounds != *bounds()).then(|| self.bounds.to_vec());
        let counts = self.counts.iter().copied().enumerate().filter(|(_, count)| *count > 0).collect();
        Sparse { bounds, counts }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Latencies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let sparse = Sparse::deserialize(deserializer)?;
        let bounds = sparse.bounds.map_or_else(bounds, Arc::from);
        let mut latencies = Self::new(Arc::clone(&bounds), vec![0; bounds.len() + 1])
            .ok_or_else(|| D::Error::custom("the bounds must rise"))?;
        for (bucket, count) in sparse.counts {
            let place = latencies.counts.get_mut(bucket).ok_or_else(|| D::Error::custom("no such bucket"))?;
            if std::mem::replace(place, count) > 0 {
                return Err(D::Error::custom("a bucket is given more than once"));
            }
        }
        Ok(latencies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_the_specifications() {
        let bounds = bounds();
        assert_eq!((bounds.len(), bounds.first().copied()), (106, Some(0.005)));
        assert!(bounds.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(bounds.contains(&3.0) && bounds.contains(&10.0) && bounds.last().is_some_and(|last| *last <= 60.0));
    }

    #[test]
    fn a_request_at_a_bound_is_within_it() {
        let mut latencies = Latencies::empty(bounds());
        for seconds in [3.0, 3.000_001, 0.0, 100.0] {
            latencies.note(seconds);
        }
        assert_eq!((latencies.total(), latencies.beyond(3.0), latencies.beyond(10.0)), (4, Some(2), Some(1)));
        assert_eq!(latencies.beyond(2.5), None, "2.5 is no bound");
    }

    #[test]
    fn stored_counts_come_back_as_they_were() {
        let mut own = Latencies::empty(bounds());
        own.note(0.4);
        let mut other = Latencies::empty([0.1, 1.0].into());
        other.note(5.0);
        for latencies in [own, other] {
            let text = serde_json::to_string(&latencies).unwrap();
            assert_eq!(serde_json::from_str::<Latencies>(&text).unwrap(), latencies, "{text}");
        }
        assert!(serde_json::from_str::<Latencies>(r#"{"counts":[[500,1]]}"#).is_err());
    }
}
