//! Every formula of the rollouts, in one place: tests that stay valid however often they are looked at.
//!
//! Each is an *e-process*: a betting score that starts at 1, is a product of factors whose expectation is at most 1 when
//! nothing is wrong, and so exceeds 1/α with probability at most α, at whatever time one looks (Ville's inequality). No
//! normal approximation, valid at every sample size. Scores are kept and compared as natural logarithms.

mod limits;
mod log_space;
mod mixture;
mod proportion;
mod quantile;
mod ratio;
mod sample_ratio;
mod treatment_control;

pub use limits::{Above, Below};
pub use mixture::Mixture;
pub use proportion::{Interval, proportion, upper_bound};
pub use quantile::{at_or_above, cut, interpolated};
pub use ratio::RatioSequence;
pub use sample_ratio::SampleRatio;
pub use treatment_control::{Pair, TreatmentControl};

/// Ticks of a minute.
pub const TICKS_PER_MINUTE: u32 = 4;
/// Ticks between two starts of the tests of a criterion: 5 minutes.
const TICKS_PER_CRITERION_START: u32 = 5 * TICKS_PER_MINUTE;
/// How far apart two points of a grid of alternatives are, as a ratio.
const GRID_RATIO: f64 = 1.3;
/// Points of a grid of alternatives: up to 1.3¹² ≈ 23 times.
const GRID_POINTS: usize = 12;

/// Ratios 1.3¹ … 1.3¹² of the alternatives.
fn grid() -> impl Iterator<Item = f64> {
    (1..=GRID_POINTS).scan(1.0, |ratio, _| {
        *ratio *= GRID_RATIO;
        Some(*ratio)
    })
}

/// A count as a double. Counts of a rollout are far below 2⁵³, up to which doubles are exact.
#[expect(clippy::cast_precision_loss, reason = "beyond 2⁵³ requests the last digits do not matter")]
pub(crate) fn real(count: u64) -> f64 {
    count as f64
}

/// ln of the mean of e-values given as logarithms; the mean of e-values is an e-value.
#[must_use]
pub fn ln_mean(terms: impl ExactSizeIterator<Item = f64> + Clone) -> f64 {
    let count = u32::try_from(terms.len()).unwrap_or(u32::MAX);
    log_space::sum(terms) - f64::from(count).ln()
}
