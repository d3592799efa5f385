//! Quantiles of a histogram: where a comparison is cut, and what is shown.

use super::real;

/// Two bounds of buckets closer than this, as a ratio, are one: bounds are computed in doubles, here and elsewhere.
const SAME_BOUND: f64 = 1e-9;

/// The largest bound at or below the quantile `q`: the largest b with F(b) ≤ q·n, where F counts the requests that took
/// at most b. `counts` has one entry more than `bounds`, for what took longer. None where there is no such bound.
#[must_use]
pub fn cut(bounds: &[f64], counts: &[u64], q: f64) -> Option<f64> {
    let at_most = q * real(counts.iter().sum());
    let cumulative = counts.iter().scan(0_u64, |sum, count| {
        *sum = sum.saturating_add(*count);
        Some(*sum)
    });
    let below = bounds.iter().zip(cumulative).take_while(|(_, seen)| real(*seen) <= at_most);
    below.last().map(|(bound, _)| *bound)
}

/// The position of the smallest bound at or above `value`.
#[must_use]
pub fn at_or_above(bounds: &[f64], value: f64) -> Option<usize> {
    bounds.iter().position(|bound| *bound >= value * (1.0 - SAME_BOUND))
}

/// The quantile `q`, in seconds, as Prometheus' `histogram_quantile` has it: linear within its bucket; the last bound for
/// what lies beyond it. None without requests.
#[must_use]
pub fn interpolated(bounds: &[f64], counts: &[u64], q: f64) -> Option<f64> {
    let total: u64 = counts.iter().sum();
    if total == 0 {
        return None;
    }
    let rank = q * real(total);
    let (mut seen, mut lower) = (0_u64, 0.0);
    for (bound, count) in bounds.iter().zip(counts) {
        let before = real(seen);
        seen = seen.saturating_add(*count);
        if *count > 0 && real(seen) >= rank {
            return Some(lower + (bound - lower) * ((rank - before) / real(*count)).clamp(0.0, 1.0));
        }
        lower = *bound;
    }
    bounds.last().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_the_last_bound_before_the_quantile() {
        let bounds = [1.0, 2.0, 3.0];
        assert_eq!(cut(&bounds, &[5, 5, 0, 0], 0.5), Some(1.0));
        assert_eq!(cut(&bounds, &[4, 2, 4, 0], 0.5), Some(1.0));
        assert_eq!(cut(&bounds, &[6, 4, 0, 0], 0.5), None);
        assert_eq!(cut(&bounds, &[0, 0, 0, 9], 0.5), Some(3.0));
    }

    #[test]
    fn bounds_that_differ_by_rounding_are_one() {
        let bounds: Vec<f64> = (0..40).map(|power| 0.005 * 1.2_f64.powf(f64::from(power) / 2.0)).collect();
        for (position, bound) in bounds.iter().enumerate().take(38) {
            assert_eq!(at_or_above(&bounds, 1.2 * bound), Some(position + 2));
        }
        assert_eq!(at_or_above(&bounds, 1e9), None);
    }

    #[test]
    fn a_quantile_lies_within_its_bucket() {
        let bounds = [1.0, 2.0];
        assert_eq!(interpolated(&bounds, &[0, 10, 0], 0.5), Some(1.5));
        assert_eq!(interpolated(&bounds, &[10, 0, 0], 0.1), Some(0.1));
        assert_eq!(interpolated(&bounds, &[0, 0, 3], 0.5), Some(2.0));
        assert_eq!(interpolated(&bounds, &[0, 0, 0], 0.5), None);
    }
}
