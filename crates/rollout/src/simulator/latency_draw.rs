//! How long simulated requests take: log-normal, counted in the service's buckets.

use std::sync::Arc;

use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use statrs::function::erf::erfc;

use super::scenario::{LATENCY_MEDIAN_S, LATENCY_SIGMA};
use super::traffic::binomial;
use crate::latency::{self, Latencies};

/// Up to so many requests are drawn one by one; more by bucket.
const DRAWN_ONE_BY_ONE_MAX: u64 = 500;
/// Places in the table that a drawn number begins its search from.
const GUIDE_PLACES: usize = 1_024;

pub(super) struct LatencyDraw {
    bounds: Arc<[f64]>,
    /// Probability of at most each bound; the last is 1.
    cumulative: Vec<f64>,
    /// The bucket at which the search of a number begins, by its place.
    guide: Vec<usize>,
}

impl LatencyDraw {
    /// Requests that take `slowdown` times as long as usual.
    pub(super) fn new(slowdown: f64) -> Self {
        let (bounds, median_s) = (latency::bounds(), LATENCY_MEDIAN_S * slowdown);
        let at_most = |bound: &f64| 0.5 * erfc(-(bound / median_s).ln() / (LATENCY_SIGMA * std::f64::consts::SQRT_2));
        let cumulative: Vec<f64> = bounds.iter().map(at_most).chain([1.0]).collect();
        let places = f64::from(u32::try_from(GUIDE_PLACES).unwrap_or(u32::MAX));
        let place = |place: u32| cumulative.partition_point(|sum| *sum <= f64::from(place) / places);
        let guide = (0..).take(GUIDE_PLACES).map(place).collect();
        Self { bounds, cumulative, guide }
    }

    /// How long so many requests take.
    pub(super) fn latencies(&self, requests: u64, random: &mut Pcg64Mcg) -> Latencies {
        let mut counts = vec![0; self.cumulative.len()];
        if requests <= DRAWN_ONE_BY_ONE_MAX {
            for _ in 0..requests {
                let bucket = self.bucket(random.random());
                if let Some(count) = counts.get_mut(bucket) {
                    *count += 1;
                }
            }
        } else {
            self.by_bucket(requests, &mut counts, random);
        }
        Latencies::new(Arc::clone(&self.bounds), counts).unwrap_or_else(|| Latencies::empty(Arc::clone(&self.bounds)))
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number from 0 to 1")]
    fn bucket(&self, uniform: f64) -> usize {
        let place = (uniform * GUIDE_PLACES as f64) as usize;
        let start = self.guide.get(place).copied().unwrap_or_default();
        let rest = self.cumulative.iter().skip(start);
        start + rest.take_while(|sum| **sum <= uniform).count()
    }

    /// A multinomial draw: of those left, a binomial number falls into each bucket.
    fn by_bucket(&self, requests: u64, counts: &mut [u64], random: &mut Pcg64Mcg) {
        let (mut left, mut before) = (requests, 0.0);
        for (count, sum) in counts.iter_mut().zip(&self.cumulative) {
            if left == 0 {
                break;
            }
            let probability = ((sum - before) / (1.0 - before)).clamp(0.0, 1.0);
            *count = binomial(left, probability, random);
            left -= *count;
            before = *sum;
        }
    }
}
