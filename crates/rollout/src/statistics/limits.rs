//! Whether a rate is above, or below, a limit that does not depend on the other arm.

use serde::{Deserialize, Serialize};

use super::{GRID_POINTS, TICKS_PER_CRITERION_START, TICKS_PER_MINUTE, grid, log_space, mixture::Mixture, real};

/// The test of "at most `limit`", for a trigger: alternatives `q = limit·1.3ʲ, j = 1 … 12`, as far as they are below 1;
/// per tick with n requests and x failures `ln e(q) = x·ln(q/limit) + (n − x)·ln((1 − q)/(1 − limit))`.
///
/// Source: A. Wald, *Sequential Tests of Statistical Hypotheses*, 1945, for one alternative; here as a mixture
/// ([`Mixture`]), which is an e-process for every rate up to the limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Above {
    limit: f64,
    mixture: Mixture,
}

impl Above {
    /// A test of a limit above 0 and below 1, over at most `minutes_max`.
    #[must_use]
    pub fn new(limit: f64, minutes_max: u32) -> Self {
        let points = alternatives(limit).count().max(1);
        Self { limit, mixture: Mixture::new(points, minutes_max, TICKS_PER_MINUTE) }
    }

    /// Takes a tick of so many requests, `failures` of them failed.
    pub fn observe(&mut self, requests: u64, failures: u64) {
        let (failures, successes) = (real(failures), real(requests.saturating_sub(failures)));
        let mut factors = [0.0; GRID_POINTS];
        for (factor, rate) in factors.iter_mut().zip(alternatives(self.limit)) {
            *factor = factor_against(self.limit, rate, successes, failures);
        }
        self.mixture.observe(Some(|point: usize| factors.get(point).copied().unwrap_or_default()));
    }

    /// ln E against "at most the limit".
    #[must_use]
    pub fn ln_e(&self) -> f64 {
        self.mixture.ln_e()
    }

    /// By how much ln E grows a request, on average, at this rate of failures: the best alternative of the grid.
    #[must_use]
    pub fn growth(limit: f64, rate: f64) -> f64 {
        alternatives(limit)
            .map(|alternative| factor_against(limit, alternative, 1.0 - rate, rate))
            .fold(f64::NEG_INFINITY, f64::max)
    }
}

fn alternatives(limit: f64) -> impl Iterator<Item = f64> {
    grid().map(move |ratio| limit * ratio).take_while(|rate| *rate < 1.0)
}

/// ln of the likelihood of `rate` over that of `limit`.
fn factor_against(limit: f64, rate: f64, successes: f64, failures: f64) -> f64 {
    log_space::times_ln(failures, rate / limit) + log_space::times_ln(successes, (1.0 - rate) / (1.0 - limit))
}

/// The test of "at least `limit`", for a criterion: with `S = x·ln(p1/p0) + (n − x)·ln((1 − p1)/(1 − p0))`, p0 the success
/// limit and p1 the rollback limit, `E_pass = e⁻ˢ`, with a start every five minutes. A version at or above p1 reaches 1/β
/// with probability at most β. `E_fail = eˢ` says the opposite; it is shown and never acted on.
///
/// Source: A. Wald, *Sequential Tests of Statistical Hypotheses*, 1945.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Below {
    success: f64,
    limit: f64,
    /// S since the first tick.
    s: f64,
    mixture: Mixture,
}

impl Below {
    /// A test of a success limit above 0 against a rollback limit above it and below 1, over at most `minutes_max`.
    #[must_use]
    pub fn new(success: f64, limit: f64, minutes_max: u32) -> Self {
        let starts = minutes_max * TICKS_PER_MINUTE / TICKS_PER_CRITERION_START;
        Self { success, limit, s: 0.0, mixture: Mixture::new(1, starts, TICKS_PER_CRITERION_START) }
    }

    /// Takes a tick of so many requests, `failures` of them failed.
    pub fn observe(&mut self, requests: u64, failures: u64) {
        let (failures, successes) = (real(failures), real(requests.saturating_sub(failures)));
        let s = factor_against(self.success, self.limit, successes, failures);
        self.s += s;
        self.mixture.observe(Some(|_| -s));
    }

    /// ln E_pass.
    #[must_use]
    pub fn ln_e_pass(&self) -> f64 {
        self.mixture.ln_e()
    }

    /// ln E_fail = S.
    #[must_use]
    pub fn ln_e_fail(&self) -> f64 {
        self.s
    }

    /// By how much ln E_pass grows a request, on average, at this rate of failures. Below 0 where the rate is nearer to
    /// the rollback limit than to the success limit.
    #[must_use]
    pub fn growth(success: f64, limit: f64, rate: f64) -> f64 {
        -factor_against(success, limit, 1.0 - rate, rate)
    }
}
