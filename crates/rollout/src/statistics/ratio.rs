//! How many times as often one arm fails as the other.

use super::{Interval, Pair, log_space};

/// ln of the distance between two points of the grid, as a ratio.
const STEP: f64 = 1.05;
/// Points on each side of 1: from 1/98 to 98.
const POINTS_PER_SIDE: i32 = 94;

/// The confidence sequence of the ratio of two rates of failure: over the grid `Lᵢ = 1.05ⁱ`, i = −94 … 94, with the
/// likelihood of [`TreatmentControl`](super::TreatmentControl), `{Lᵢ : mean over j of exp(ℓ(Lⱼ) − ℓ(Lᵢ)) < 1/α}`.
///
/// Source: M. Lindon and A. Malek, *Anytime-Valid Inference for Multinomial Count Data*, NeurIPS 2022, section on
/// contrasts; here with a prior on a grid.
#[derive(Debug, Clone)]
pub struct RatioSequence {
    ln_likelihood: Vec<f64>,
}

impl Default for RatioSequence {
    fn default() -> Self {
        Self { ln_likelihood: vec![0.0; ratios().count()] }
    }
}

fn ratios() -> impl Iterator<Item = f64> {
    (-POINTS_PER_SIDE..=POINTS_PER_SIDE).map(|power| STEP.powi(power))
}

impl RatioSequence {
    /// The smallest and the largest ratio of the grid: an interval that ends there is not bounded.
    #[must_use]
    pub fn range() -> (f64, f64) {
        (STEP.powi(-POINTS_PER_SIDE), STEP.powi(POINTS_PER_SIDE))
    }

    /// Takes a tick. `share` is the treatment's, above 0 and below 1; none for a tick that says nothing.
    pub fn observe(&mut self, failures: Pair, share: Option<f64>) {
        let Some(share) = share else { return };
        let (treatment, control) = (super::real(failures.treatment), super::real(failures.control));
        for (ln_likelihood, ratio) in self.ln_likelihood.iter_mut().zip(ratios()) {
            let theta = ratio * share / (ratio * share + 1.0 - share);
            *ln_likelihood += log_space::times_ln(treatment, theta) + log_space::times_ln(control, 1.0 - theta);
        }
    }

    /// The interval at confidence 1 − α, to the grid: its ends are the smallest and the largest ratio that is not excluded.
    #[must_use]
    pub fn interval(&self, alpha: f64) -> Interval {
        let points = f64::from(2 * POINTS_PER_SIDE + 1);
        let ln_mean = log_space::sum(self.ln_likelihood.iter().copied()) - points.ln();
        let inside = self.ln_likelihood.iter().zip(ratios()).filter(|(ln, _)| ln_mean - **ln < -alpha.ln());
        // The likeliest point has at least the mean likelihood, so the interval is never empty.
        let interval = Interval { lower: f64::INFINITY, upper: f64::NEG_INFINITY };
        inside.fold(interval, |range, (_, ratio)| Interval {
            lower: range.lower.min(ratio),
            upper: range.upper.max(ratio),
        })
    }
}
