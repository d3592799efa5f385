//! Whether the treatment fails more often than the control.

use serde::{Deserialize, Serialize};

use super::{GRID_POINTS, TICKS_PER_MINUTE, grid, log_space, mixture::Mixture, real};

/// What one tick says about two arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Failures (or first failures, or slow requests) in the treatment.
    pub treatment: u64,
    /// The same in the control.
    pub control: u64,
}

/// The conditional test of two counts: given that something failed, was it in the treatment?
///
/// With `w` the treatment's share (nT/(nT + nC) of the tick's requests, or the design share where users are hashed) and
/// rates that differ by the ratio `L`, a failure is in the treatment with probability `θ(L) = L·w/(L·w + 1 − w)`. Against
/// the tolerated ratio L0, `ln e(L) = xT·ln(θ(L)/θ(L0)) + xC·ln((1 − θ(L))/(1 − θ(L0)))`, over the grid
/// `L = L0·1.3ʲ, j = 1 … 12`. Requests that succeed say nothing, so an incident in both arms cancels.
///
/// Source: M. Lindon and A. Malek, *Anytime-Valid Inference for Multinomial Count Data*, NeurIPS 2022, for two
/// time-inhomogeneous processes; here with a mixture over a grid, and over starts once a minute ([`Mixture`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TreatmentControl {
    tolerance: f64,
    mixture: Mixture,
}

impl TreatmentControl {
    /// A test that tolerates failures at `tolerance` (at least 1) times the control's rate, over at most `minutes_max`.
    #[must_use]
    pub fn new(tolerance: f64, minutes_max: u32) -> Self {
        Self { tolerance, mixture: Mixture::new(GRID_POINTS, minutes_max, TICKS_PER_MINUTE) }
    }

    /// Takes a tick. `share` is the treatment's, above 0 and below 1; none for a tick that says nothing because one of the
    /// arms had no requests.
    pub fn observe(&mut self, failures: Pair, share: Option<f64>) {
        let Some(share) = share else { return self.mixture.observe(None::<fn(usize) -> f64>) };
        let theta = |ratio: f64| ratio * share / (ratio * share + 1.0 - share);
        let (treatment, control) = (real(failures.treatment), real(failures.control));
        let null = theta(self.tolerance);
        let mut factors = [0.0; GRID_POINTS];
        for (factor, ratio) in factors.iter_mut().zip(grid()) {
            let theta = theta(self.tolerance * ratio);
            *factor = log_space::times_ln(treatment, theta / null)
                + log_space::times_ln(control, (1.0 - theta) / (1.0 - null));
        }
        self.mixture.observe(Some(|point: usize| factors.get(point).copied().unwrap_or_default()));
    }

    /// ln E against "the treatment fails at most `tolerance` times as often as the control".
    #[must_use]
    pub fn ln_e(&self) -> f64 {
        self.mixture.ln_e()
    }

    /// By how much ln E grows a second, on average, at this many failures a second in each arm: the best alternative of
    /// the grid. Below 0 where the evidence is against a regression.
    #[must_use]
    pub fn growth(tolerance: f64, share: f64, treatment_per_s: f64, control_per_s: f64) -> f64 {
        let theta = |ratio: f64| ratio * share / (ratio * share + 1.0 - share);
        let null = theta(tolerance);
        let growth = |ratio: f64| {
            let theta = theta(tolerance * ratio);
            log_space::times_ln(treatment_per_s, theta / null)
                + log_space::times_ln(control_per_s, (1.0 - theta) / (1.0 - null))
        };
        grid().map(growth).fold(f64::NEG_INFINITY, f64::max)
    }
}
