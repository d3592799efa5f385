//! What has risen in a tick. Worked out here, series by series: `increase()` extrapolates, so that it gives three and a third
//! requests where there were three.

use std::collections::BTreeMap;
use std::sync::Arc;

use rollout::Latencies;

use super::client::{Series, Unread};

/// How much counters have risen together.
///
/// # Errors
/// [`Unread::NotANumber`] for a counter below 0.
pub(super) fn count(series: &[Series]) -> Result<u64, Unread> {
    let mut sum = 0.0;
    for one in series {
        sum += rise(one)?;
    }
    whole(sum)
}

/// How much the buckets of a histogram have risen together, whose series are cumulative by their label `le`, in seconds.
///
/// # Errors
/// [`Unread::NotANumber`] for a series that is no bucket.
pub(super) fn latencies(series: &[Series]) -> Result<Latencies, Unread> {
    let mut cumulative: BTreeMap<Bound, f64> = BTreeMap::new();
    for one in series {
        let le = one.labels.get("le").map_or("", String::as_str);
        let bound = le.parse().map_err(|_| Unread::NotANumber(format!("no bucket: le is {le:?}")))?;
        *cumulative.entry(Bound(bound)).or_default() += rise(one)?;
    }
    let bounds: Arc<[f64]> = cumulative.keys().map(|bound| bound.0).filter(|bound| bound.is_finite()).collect();
    if cumulative.len() == bounds.len() {
        return Err(Unread::NotANumber("no bucket: le=\"+Inf\" is missing".to_owned()));
    }
    let mut below = 0;
    let mut counts = Vec::with_capacity(cumulative.len());
    for rising in cumulative.into_values() {
        // Buckets are read one after the other by whoever scrapes: one may be behind.
        let so_far = whole(rising)?.max(below);
        counts.push(so_far - below);
        below = so_far;
    }
    Latencies::new(bounds, counts).ok_or_else(|| Unread::NotANumber("no histogram".to_owned()))
}

/// The value of the only series at the end of the tick.
///
/// # Errors
/// [`Unread::NotANumber`] for several, of which none is the level.
pub(super) fn level(series: &[Series]) -> Result<f64, Unread> {
    let mut values = series.iter().filter_map(|one| one.after);
    match (values.next(), values.next()) {
        (None, _) => Err(Unread::Missing),
        (Some(value), None) => Ok(value),
        (Some(_), Some(_)) => Err(Unread::NotANumber("one of several: let the query give max() or sum()".to_owned())),
    }
}

/// A counter that fell has begun anew, with its process. One that is seen for the first time begins to count here: what it
/// stands at may be of long ago.
fn rise(series: &Series) -> Result<f64, Unread> {
    let (Some(before), Some(after)) = (series.before, series.after) else { return Ok(0.0) };
    if before < 0.0 || after < 0.0 {
        return Err(Unread::NotANumber(format!("{} and no count", before.min(after))));
    }
    Ok(if after < before { after } else { after - before })
}

/// Counters are whole numbers that Prometheus keeps as floating point.
fn whole(count: f64) -> Result<u64, Unread> {
    /// Beyond, floating point has no whole numbers.
    const COUNT_MAX: f64 = 9_007_199_254_740_992.0;
    if !(0.0..=COUNT_MAX).contains(&count) {
        return Err(Unread::NotANumber(count.to_string()));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked above")]
    let whole = count.round() as u64;
    Ok(whole)
}

/// A bucket's bound, in the order of numbers.
#[derive(Clone, Copy, PartialEq)]
struct Bound(f64);

impl Eq for Bound {}

impl Ord for Bound {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(labels: &[(&str, &str)], before: Option<f64>, after: Option<f64>) -> Series {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Series { labels, before, after }
    }

    #[test]
    fn every_series_rises_by_itself() {
        let replicas = [
            series(&[("instance", "a")], Some(100.0), Some(107.0)),
            series(&[("instance", "killed and started again")], Some(900.0), Some(3.0)),
            series(&[("instance", "new")], None, Some(5_000.0)),
            series(&[("instance", "gone")], Some(70.0), None),
        ];
        assert_eq!(count(&replicas), Ok(10));
    }

    #[test]
    fn buckets_of_several_replicas_are_added_by_their_bounds() {
        let bucket =
            |instance, le, before, after| series(&[("instance", instance), ("le", le)], Some(before), Some(after));
        let found = latencies(&[
            bucket("a", "0.1", 10.0, 14.0),
            bucket("a", "3.0", 10.0, 15.0),
            bucket("a", "+Inf", 10.0, 16.0),
            bucket("b", "0.1", 0.0, 1.0),
            bucket("b", "3.0", 0.0, 1.0),
            bucket("b", "+Inf", 0.0, 2.0),
        ])
        .unwrap();
        assert_eq!((found.bounds().as_ref(), found.counts()), ([0.1, 3.0].as_slice(), [5, 1, 2].as_slice()));
        let without_the_last = latencies(&[bucket("a", "0.1", 0.0, 1.0)]);
        assert!(matches!(without_the_last, Err(Unread::NotANumber(_))));
        assert!(latencies(&[series(&[], Some(0.0), Some(1.0))]).is_err());
    }

    #[test]
    fn a_level_is_one() {
        assert_eq!(level(&[series(&[], None, Some(0.4))]), Ok(0.4));
        assert_eq!(level(&[series(&[], Some(0.4), None)]), Err(Unread::Missing));
        assert!(level(&[series(&[], None, Some(0.4)), series(&[("a", "b")], None, Some(0.5))]).is_err());
    }

    #[test]
    fn a_counter_below_nothing_is_none() {
        assert!(count(&[series(&[], Some(-1.0), Some(2.0))]).is_err());
    }
}
